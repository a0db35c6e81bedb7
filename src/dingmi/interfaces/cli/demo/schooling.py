"""What the demo organ does with its people: courses, a session held and one to come, an examination sat, an appraisal open.

Also the papers of its secrecy file, a personal event reported, a rule of post allowance, inspections and a leak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.errors import Conflict
from dingmi.interfaces.cli.demo import organ
from dingmi.procedures import (
    allowance,
    exams,
    incident,
    officers,
    oversight,
    performance,
    rectification,
    secrecy_file,
    staff,
    staff_reports,
    training,
)
from dingmi.queries import access
from dingmi.queries import exams as asked
from dingmi.queries import incident as incidents
from dingmi.queries import oversight as inspections
from dingmi.queries import training as roll
from dingmi.queries.clock import ZONE
from dingmi.queries.legacy import Registry
from dingmi.regime import exercise

OFFICERS, DRAFTERS = ("officer2", "officer3", "officer4"), ("drafter2", "drafter3", "drafter4")
PAPERS: tuple[tuple[str, str, str, int, dict[str, str]], ...] = (
    ("rules", "定密工作管理办法", "清水密〔2025〕2号", 200, {"topic": "定密管理", "answerable": "保密办公室"}),
    (
        "organisation", "保密委员会及定密工作机构设置", "清水密〔2025〕3号", 300,
        {"office": "保密办公室", "principal": "高向东", "deputy": "分管副局长", "staff": "各处室负责人对本处室负责"},
    ),
    ("people", "涉密人员管理规定", "清水密〔2024〕8号", 25, {"category": "全部", "answerable": "人事处"}),
    (
        "emergency", "失泄密事件应急处置预案", "清水密〔2025〕5号", 150,
        {"answerable": "沈雅琴", "reports_to": "清江市保密局、某省水利厅", "drilled_on": "2026-03-18"},
    ),
    (
        "places", "供水调度中心机房", "清密认〔2025〕11号", 260,
        {"kind": "要害部位", "answerable": "唐思远", "protection": "门禁、视频监控、防盗报警、电磁屏蔽",
         "confirmed_by": "清江市保密局", "confirmed_on": "2025-10-20"},
    ),
    (
        "systems", "供水调度涉密网", "清密审〔2025〕4号", 20,
        {"grade": "机密", "tested_on": "2025-08-12", "approved_by": "清江市保密局", "approved_on": "2025-09-02"},
    ),
)  # fmt: skip
SITTING = ("officer2", "drafter2", "drafter3")
WRONG = {"drafter3": 4}  # of how many questions one goes wrong, so that somebody does not pass


def _staff_no(user: str) -> str:
    return str(Registry().people[user].staff_no)


def _person(user: str, at: datetime) -> UUID:
    return UUID(access.actor_for_account(user, at).person_id)


class School:
    """The steps of the demo organ, each by an act; what one makes the next goes on with."""

    def __init__(self, end: date) -> None:
        self.end = end
        self.made: dict[str, Any] = {}

    def open_courses(self, at: datetime) -> None:
        """Open the courses and plan the session that is held."""
        office = organ.as_account("secrecy", at)
        for code, title, audience, minutes, topics in (
            ("DM-01", "定密责任人业务培训", "officers", 240, ("situation", "law", "cases")),
            ("DM-02", "承办人定密实务", "drafters", 180, ("law", "technical", "cases")),
        ):
            self.made[code] = training.open_course(
                actor=office, now=at, code=code, title=title, audience=audience, minutes=minutes, valid_months=14,
                outline="法律、事项范围、密级和期限、知悉范围、案例讨论。", topics=topics,
            ).id  # fmt: skip
        self.made["held"] = training.plan_session(
            actor=office, now=at, course=self.made["DM-02"], starts_at=at + timedelta(days=10), place="三楼会议室",
            seats=30, teacher="省保密学院（虚构）",
        ).id  # fmt: skip

    def vet(self, at: datetime) -> None:
        """Vet cleared people and keep their undertakings; those of two are still owed."""
        office = organ.as_account("secrecy", at)
        for number, user in enumerate(("officer", *OFFICERS, "drafter", *DRAFTERS), start=1):
            person = _person(user, at)
            staff.vet(actor=office, now=at, person=person, passed=True, opinion="政治审查、社会关系审查合格。")
            if user != DRAFTERS[-1]:
                staff.sign_undertaking(
                    actor=office, now=at, person=person, kind="post", number=f"清水密承〔2026〕{number}号",
                    through=self.end + timedelta(days=20 if number == 2 else 400),
                )  # fmt: skip

    def hold(self, at: datetime) -> None:
        """Take the roll."""
        come = tuple(_staff_no(user) for user in DRAFTERS)
        office, held = organ.as_account("secrecy", at), self.made["held"]
        seen = roll.training_session(actor=office, now=at, session=held).version
        training.take_roll(actor=office, now=at, session=held, walk_ins=come, expected_version=seen)

    def set_up(self, at: datetime) -> None:
        """Set up an examination."""
        office = organ.as_account("secrecy", at)
        edition = UUID(asked.exams(actor=office, now=at).editions[0][0])
        self.made["exam"] = exams.set_up(
            actor=office, now=at, title="定密业务考试", editions=(edition,), count=12, minutes=60, opens_at=at,
            closes_at=at + timedelta(days=5), grade="机密", staff_nos=tuple(_staff_no(u) for u in SITTING),
        ).id  # fmt: skip

    def sit(self, at: datetime) -> None:
        """Sit it: two pass and one does not."""
        for user in SITTING:
            actor = organ.as_account(user, at)
            paper = exams.start(actor=actor, now=at, exam=self.made["exam"]).paper
            answers = _answers(paper, WRONG.get(user, 0), at.date())
            exams.submit(actor=actor, now=at, paper=paper, answers=answers)
            if user == SITTING[0]:
                self.made["paper"] = paper

    def certify(self, at: datetime) -> None:
        """Give one certificate."""
        exams.certify(actor=organ.as_account("secrecy", at), now=at, paper=self.made["paper"])

    def near_its_end(self, at: datetime) -> None:
        """Record a certificate that soon ends."""
        officers.record_qualification(
            actor=organ.as_account("secrecy", at), now=at, person=_person("officer2", at), grade="秘密",
            certificate="DMZG-岗前-02", since=at, until=datetime.combine(self.end + timedelta(days=21), time(0), ZONE),
        )  # fmt: skip

    def appraise(self, at: datetime) -> None:
        """Give notice of an appraisal, and object to it."""
        review = performance.notify(
            actor=organ.as_account("secrecy", at), now=at, person=_person("officer", at), year=at.year - 1
        ).id
        performance.object_(
            actor=organ.as_account("officer", at), now=at, review=review, reasons="培训学时有一次没有登记，请核对。"
        )

    def plan_next(self, at: datetime) -> None:
        """Plan the session to come."""
        office = organ.as_account("secrecy", at)
        session = training.plan_session(
            actor=office, now=at, course=self.made["DM-01"], place="二楼报告厅", seats=20, teacher="沈雅琴",
            starts_at=datetime.combine(self.end + timedelta(days=12), time(9), ZONE),
        ).id  # fmt: skip
        come = tuple(_staff_no(user) for user in OFFICERS)
        training.enrol(actor=office, now=at, session=session, staff_nos=come)

    def keep_file(self, at: datetime) -> None:
        """Enter the papers of the secrecy file and a rule of allowance."""
        for part, title, number, days, details in PAPERS:
            secrecy_file.enter(
                actor=organ.as_account("secrecy", at), now=at, part=part, title=title, number=number,
                details=details, review_by=self.end + timedelta(days=days),
            )  # fmt: skip
        allowance.set_allowance(
            actor=organ.as_account("head", at), now=at, tier="main", max_level="机密", yuan=600,
            instrument="清水人〔2026〕4号",
        )  # fmt: skip

    def report(self, at: datetime) -> None:
        """Report a personal event."""
        staff_reports.report_event(
            actor=organ.as_account("drafter2", at), now=at, kind="abroad", on=self.end + timedelta(days=9),
            words="拟因私赴境外旅游五天，已向部门负责人报告。",
        )  # fmt: skip


class Watch:
    """What the demo organ inspects: a self-inspection held with its findings, a round that is late, a leak that proved to be none."""

    def __init__(self, end: date) -> None:
        self.end = end
        self.made: dict[str, Any] = {}

    def plan(self, at: datetime) -> None:
        """Plan a self-inspection every half year, a round of an officer and a drill."""
        office = organ.as_account("secrecy", at)
        first = oversight.plan(
            actor=office, now=at, kind="self", title="定密工作自查自评", repeats=6,
            planned_on=self.end - timedelta(days=45), lead=_person("secrecy", at),
        )  # fmt: skip
        self.made["self"] = first.id
        oversight.plan(
            actor=organ.as_account("officer2", at), now=at, kind="round", title="涉密文件管理巡查",
            topics=("classification", "carriers"), planned_on=self.end - timedelta(days=3),
        )  # fmt: skip
        oversight.plan(
            actor=office, now=at, kind="drill", title="失泄密应急处置演练", topics=("other",),
            planned_on=self.end + timedelta(days=18), lead=_person("secrecy", at),
        )  # fmt: skip

    def hold(self, at: datetime) -> None:
        """Draw, look, and put down what was found."""
        inspector = organ.as_account("inspector", at)
        with suppress(Conflict):  # of few matters none may be in force to be drawn
            oversight.draw(actor=inspector, now=at, inspection=self.made["self"], size=12)
        for name, user, topic, words, days in (
            ("rolls", "officer3", "education", "两场培训没有签到表，请补齐并归档。", 12),
            ("loans", "officer2", "carriers", "借阅登记有三份没有归还日期，请逐份核对清退。", 40),
            ("late", "drafter3", "systems", "一台涉密计算机的端口封签破损，请更换并登记。", 35),
        ):
            self.made[name] = rectification.find(
                actor=inspector, now=at, inspection=self.made["self"], topic=topic, words=words,
                responsible=_person(user, at), due_on=at.date() + timedelta(days=days),
            ).id  # fmt: skip
        oversight.hold(
            actor=inspector, now=at, inspection=self.made["self"], held_on=at.date(),
            participants="督察员、保密办公室二人", conclusion="定密程序总体规范；培训签到、借阅登记、端口管理各有一处问题。",
        )  # fmt: skip

    def rectify(self, at: datetime) -> None:
        """Put one finding right and close it; report another."""
        proof = "补签并附讲义，已归入培训档案。"
        rectification.rectify(**_finding("officer3", at, self.made["rolls"]), proof=proof)
        rectification.close(**_finding("inspector", at, self.made["rolls"]), opinion="已核对原件。")
        rectification.rectify(**_finding("officer2", at, self.made["loans"]), proof="三份均已清退，登记补全。")

    def leak(self, at: datetime) -> None:
        """Report what may be a leak, remedy it, report it within its hours."""
        made = incident.discover(
            actor=organ.as_account("drafter2", at), now=at, certain=False, discovered_at=at - timedelta(hours=1),
            level="秘密", leaked="会议材料一份，纸质。", discovery="会后清点少一份。",
        )  # fmt: skip
        head = {"actor": organ.as_account("head", at), "now": at, "incident": made.id}
        version = incidents.one(**head).version
        incident.fill(
            expected_version=version,
            persons="会务人员一人。", course="当日下午，三楼会议室。", harm="未发现外传。", handling="正在查明去向。",
            remedies="已封存其余各份，逐人核对。", **head,
        )  # fmt: skip
        incident.note(step="measure", words="封存其余各份，调取会议室出入记录。", **head)
        for to in ("administration", "superior"):
            incident.note(step="report", to=to, document_no="清水密报〔2026〕1号", words="按七项内容书面报告。", **head)


def _finding(user: str, at: datetime, finding: UUID) -> dict[str, Any]:
    """Return what an act on a finding is called with, as its account sees the finding now."""
    actor = organ.as_account(user, at)
    rows = inspections.findings(actor=actor, now=at).rows
    version = next(row.version for row in rows if row.id == finding)
    return {"actor": actor, "now": at, "finding": finding, "expected_version": version}


def steps(end: date) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """Yield what is done when, counted back from the last day of the story."""
    school, watch = School(end), Watch(end)
    days = (
        (70, school.open_courses),
        (64, school.keep_file),
        (63, watch.plan),
        (62, school.vet),
        (59, school.hold),
        (44, watch.hold),
        (40, school.set_up),
        (39, school.sit),
        (37, school.certify),
        (30, school.near_its_end),
        (20, school.plan_next),
        (12, watch.rectify),
        (9, watch.leak),
        (8, school.report),
        (2, school.appraise),
    )
    for back, step in days:
        yield datetime.combine(end - timedelta(days=back), time(15), ZONE), step


def _answers(paper: UUID, wrong: int, day: date) -> dict[str, list[str]]:
    """Return answers to a paper: right ones, but for the first ``wrong``."""
    found = {}
    for number, question in enumerate(asked.questions_in(paper), start=1):
        good = exercise.accepted(question, day)
        bad = [choice.letter for choice in question.choices if choice.letter not in good][:1]
        found[str(number)] = bad if number <= wrong else list(good)
    return found
