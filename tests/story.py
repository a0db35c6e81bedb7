"""A story is a sequence of acts: every state in a test is one that the law can reach.

It founds a municipal water bureau without authority of its own, and a provincial department that delegates to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model
from docx import Document

from dingmi.base.actor import Actor
from dingmi.procedures import ACTS, daily, keep
from dingmi.procedures.terms import Answers, Approved, Proposed, Scope, SourceIn, Upload
from dingmi.queries import access, clock
from dingmi.queries.row_version import version_of
from dingmi.queries.seats import SEATED
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Account, ClearanceAsked, Organ, RoleAsked

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=ZONE)
NOON = datetime(2026, 2, 2, 12, 0, tzinfo=ZONE)  # when the training of ``lapsed`` ends
PASSWORD = "Chunfeng-2026-qingjiang"
NO_BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
TEXT = (
    "清江市城区供水管网关键节点切换方案\n"
    "一、关键节点共三处，节点坐标见附表，阀室编号为甲一至甲三。\n"
    "二、切换时序按照先主后备的原则安排，控制参数由调度中心掌握。\n"
    "三、遇突发情况时，由管网处负责人决定切换。\n"
)
ITEMS = (
    ("1", "城市供水水源地安全防护部署方案及重要点位坐标", "机密", "10年", "SW-SRC"),
    ("3", "供水系统综合风险评估结论及薄弱环节分析", "秘密", "5年", "SW-RSK"),
    ("5", "防汛抗旱重大决策过程中未公布的分洪、蓄滞洪区启用方案", "机密", "正式公布前", "SW-FLD"),
    ("7", "供水管网关键节点、切换方案及控制参数", "机密", "10年", "SW-NET"),
    ("11", "涉及国家安全的重点单位专用供水保障方案", "绝密", "20年", "SW-VIP"),
)
STAFF = (  # user, name, post category, clearance, level that the officer may decide
    ("officer", "周启明", "重要", "机密", "机密"),
    ("officer2", "冯立群", "重要", "机密", "机密"),
    ("lapsed", "唐思远", "重要", "机密", "机密"),
    ("drafter", "林晓雯", "重要", "机密", ""),
    ("drafter2", "何志远", "重要", "机密", ""),
    ("outsider", "孙若梅", "一般", "秘密", ""),
)


def docx_of(text: str) -> bytes:
    """Return a Word file with one paragraph a line."""
    made, out = Document(), BytesIO()
    for line in text.splitlines():
        made.add_paragraph(line)
    made.save(out)
    return out.getvalue()


class Story:
    """The bureau and what has happened there; ``now`` moves only by ``on`` and ``later``."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self.now = now
        self.people: dict[str, UUID] = {}
        keep.found(
            actor=access.anonymous("story"),
            now=now,
            name="清江市水务局",
            short_name="市水务局",
            unit_code="QJSW",
            tier="other",
            line="水利",
            head="高向东",
            secrecy_officer="沈雅琴",
        )
        self.home = Organ.objects.get(is_home=True)
        for user in ("head", "secrecy"):
            self.people[user] = UUID(self.actor(user).person_id)
        self._authority()
        self._staff()
        self._guide()

    # time

    def on(self, day: date, hour: int = 9) -> Story:
        """Move to an hour of a civil day."""
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        self.confirm_date()
        return self

    def later(self, **span: float) -> Story:
        """Move forward by ``timedelta(**span)``."""
        self.now += timedelta(**span)
        self.confirm_date()
        return self

    def confirm_date(self) -> None:
        """Confirm the day where the story leaps so far that people must (SR-63)."""
        if clock.silence(self.now) is not None:
            for user in ("secadmin", "secrecy"):
                if user == "secadmin" or clock.unconfirmed() is not None:
                    self.act(user, "keep.confirm_date", on=self.now.date())

    def daily(self) -> dict[str, dict[str, int]]:
        """Perform the time-driven acts of this day."""
        return daily.run(now=self.now)

    # people

    def actor(self, user: str) -> Actor:
        """Return the actor of an account, with the password just given again."""
        return replace(access.actor_for_account(user, self.now), stepped_up=True)

    def act(self, user: str, name: str, /, *, key: str | None = None, **params: Any) -> Any:
        """Perform the act ``name`` as ``user``."""
        return ACTS[name](actor=self.actor(user), now=self.now, key=key, **params)

    def _authority(self) -> None:
        made = self.act("secrecy", "personnel.enter_organ", name="某省水利厅", tier="prefecture", line="水利")
        self.province = Organ.objects.get(pk=made.id)
        self.delegate()
        made = self.act("secrecy", "personnel.enter_department", name="管网处")
        self.department = UUID(str(made.id))

    def delegate(self) -> None:
        """Register that the provincial department delegates to the bureau, for five years from now on."""
        self.delegation = self.act(
            "secrecy",
            "delegation.register",
            grantor=self.province.pk,
            grantee=self.home.pk,
            instrument=f"某水授〔{self.now.year}〕1号",
            max_level="机密",
            matters=("SW-SRC", "SW-RSK", "SW-FLD", "SW-NET"),
            since=self.now,
            until=self.now + timedelta(days=5 * 365),
            filed_on=self.now.date(),
        )

    def _staff(self) -> None:
        self.clear("head", "绝密")
        self.train("head")
        for number, (user, name, category, clearance, limit) in enumerate(STAFF, start=11):
            made = self.act(
                "secrecy",
                "personnel.enter_person",
                name=name,
                staff_no=f"{number:04}",
                department=self.department,
                post="工程师",
                post_category=category,
            )
            self.people[user] = UUID(str(made.id))
            self.account(user)
            self.clear(user, clearance)
            self.train(user, NOON if user == "lapsed" else None)
            if limit:
                self.designate(user, limit)

    def account(self, user: str, roles: tuple[str, ...] = ("drafter",)) -> str:
        """Open the account of a person and confirm it; return the code beside the first password, empty in a demo."""
        given = {"person": self.people[user], "username": user, "password": PASSWORD, "roles": roles}
        made = self.act("sysadmin", "access.create_account", **given)
        return str(self.act("secadmin", "access.confirm_account", account=made.account).code)

    def grant(self, user: str, role: str, until: datetime | None = None) -> None:
        """Let the security administrator ask for a role of an account, and the head agree."""
        account = Account.objects.get(username=user).pk
        made = self.act("secadmin", "access.grant_role", account=account, role=role, until=until)
        seen = self.seen(RoleAsked, made.request)
        self.act("head", "access.agree_role", request=made.request, expected_version=seen)

    def clear(self, user: str, level: str) -> None:
        """Grant a clearance."""
        self.cleared("secrecy", person=self.people[user], level=level, instrument="涉密人员审查表")

    def cleared(self, by: str, **given: Any) -> None:
        """Let somebody ask for a clearance, and another of those who may agree, where it does not hold at once."""
        made = self.act(by, "personnel.grant_clearance", **given)
        if made.request is not None:
            self.agreed_to(made.request, by, made.person)

    def agreed_to(self, request: UUID, by: str, owner: UUID | None = None) -> None:
        """Let another of those who may agree to clearances than who asked, and than whose they are."""
        actors = {user: self.actor(user) for user in ("head", "secrecy", "secadmin") if user != by}
        other = next(user for user, one in actors.items() if one.holds(*SEATED) and one.person_id != str(owner))
        seen = self.seen(ClearanceAsked, request)
        self.act(other, "personnel.agree_clearance", clearances=request, expected_version=seen)

    def train(self, user: str, until: datetime | None = None) -> None:
        """Record training that counts until ``until``; by default past every test."""
        self.act(
            "secrecy",
            "officers.record_training",
            person=self.people[user],
            course="定密培训",
            minutes=480,
            completed_at=self.now - timedelta(days=30),
            valid_until=until or self.now + timedelta(days=40 * 365),
        )

    def designate(self, user: str, level: str) -> None:
        """Designate an officer."""
        self.act(
            "head",
            "officers.designate",
            person=self.people[user],
            instrument=f"定密委托书 {user}",
            max_level=level,
            matters=("*",),
        )

    def _guide(self) -> None:
        rows = tuple(
            {
                "guide": "SW-2021",
                "title": "水务工作国家秘密范围目录（示例）",
                "owner": "国家水行政主管部门（虚构）",
                "edition": "2021",
                "since": "2021-01-01",
                "no": number,
                "item": text,
                "level": level,
                "period": tail,
                "matter_code": code,
            }
            for number, text, level, tail, code in ITEMS
        )
        self.act("secrecy", "guides.import_edition", rows=rows)

    # matters

    @staticmethod
    def item(number: str = "7") -> GuideItem:
        """Return a guide item by its number."""
        return GuideItem.objects.get(number=number)

    @staticmethod
    def matter(matter: UUID) -> Matter:
        """Return the row of a matter as it is now."""
        return Matter.objects.get(pk=matter)

    def version(self, matter: UUID) -> int:
        """Return the version to expect of a matter."""
        return self.matter(matter).version

    def seen(self, model: type[Model], pk: UUID) -> str:
        """Return the version to expect of a row that counts none of its own."""
        return version_of(model._default_manager.get(pk=pk))

    def scope(self, *users: str) -> Scope:
        """Return a scope of persons; the drafters and officers when none is named."""
        named = users or ("drafter", "officer", "officer2")
        return Scope(persons=tuple(self.people[u] for u in named))

    def answers(self, item: str = "7", **changes: Any) -> Answers:
        """Return complete answers that follow a guide item."""
        row = self.item(item)
        complete = Answers(
            item=row.pk,
            level=row.level,
            tail=row.tail,
            scope=self.scope(),
            reasons="泄露后会使供水设施安全受到严重损害。",
            bars=dict(NO_BARS),
            longer_reason="本件涉及在用设施，敏感期长于以往同类事项。",
            confirmed=("item", "reuse", "terms", "scope"),
        )
        return replace(complete, **changes)

    def drafted(self, user: str = "drafter", title: str = "城区供水管网关键节点切换方案", **params: Any) -> UUID:
        """Draft a text file; return the matter."""
        upload = params.pop("upload", Upload("切换方案.docx", docx_of(TEXT)))
        return UUID(str(self.act(user, "determination.draft", upload=upload, title=title, **params).matter))

    def filled(self, user: str = "drafter", answers: Answers | None = None) -> UUID:
        """Draft and fill in."""
        matter = self.drafted(user)
        self.fill(matter, answers, user)
        return matter

    def fill(self, matter: UUID, answers: Answers | None = None, user: str = "drafter") -> None:
        """Save answers on a draft."""
        self.act(
            user,
            "determination.fill",
            matter=matter,
            answers=answers or self.answers(),
            expected_version=self.version(matter),
        )

    def propose(self, matter: UUID, user: str = "drafter") -> Proposed:
        """Sign the proposal."""
        return self.act(user, "determination.propose", matter=matter, expected_version=self.version(matter))

    def proposed(self, user: str = "drafter", answers: Answers | None = None) -> UUID:
        """Draft, fill in and propose."""
        matter = self.filled(user, answers)
        self.propose(matter, user)
        return matter

    def approve(self, matter: UUID, user: str = "officer", **params: Any) -> Approved:
        """Approve a proposal."""
        params.setdefault("issued_on", self.now.date())
        return self.act(user, "determination.approve", matter=matter, expected_version=self.version(matter), **params)

    def approved(self, user: str = "drafter", answers: Answers | None = None, **params: Any) -> UUID:
        """Draft, fill in, propose and approve."""
        matter = self.proposed(user, answers)
        self.approve(matter, **params)
        return matter

    def derive(self, sources: tuple[SourceIn, ...], user: str = "drafter", **params: Any) -> UUID:
        """Draft, and propose as a derivative of ``sources``."""
        matter = self.drafted(user, "引用来源内容的工作通知")
        params = {"trigger": "rework", "scope": Scope(), "reasons": "引用来源中的节点坐标。", **params}
        self.act(
            user, "derivation.propose", matter=matter, sources=sources, expected_version=self.version(matter), **params
        )
        return matter

    def review(self, matter: UUID, outcome: str, user: str = "drafter", **params: Any) -> Proposed:
        """Propose what becomes of a matter in force."""
        params.setdefault("reason", "经审核提出此意见。")
        return self.act(
            user,
            "review.propose",
            matter=matter,
            outcome=outcome,
            expected_version=self.version(matter),
            **params,
        )

    def extend(self, matter: UUID, tail: str, user: str = "officer") -> Approved:
        """Propose and decide an extension."""
        self.review(matter, "extend", tail=tail)
        return self.act(
            user, "change.extend", matter=matter, reason="仍需保护。", expected_version=self.version(matter)
        )
