"""The secrecy file, personal events of cleared staff, posts held, and post allowances."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures import perform
from dingmi.queries import QUERIES, access
from dingmi.queries.lists import LISTS
from dingmi.records.notices.models import Notice
from dingmi.records.oversight.secrecy_file import FileEntry
from dingmi.regime.secrecy_file import parts
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PARTS = ("rules", "organisation", "people", "emergency")
RULES = {"part": "rules", "details": {"topic": "定密管理"}}
PLAN = {"part": "emergency", "details": {"answerable": "沈雅琴", "reports_to": "市保密局、上级主管部门"}}
SYSTEM = {"grade": "机密", "tested_on": "2025-10-09", "approved_by": "市保密局", "approved_on": "2025-11-03"}


def ask(story: Story, user: str, name: str, **params: object) -> object:
    """Answer a query as a user."""
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def follow(story: Story) -> None:
    """Let the clock look at the secrecy file."""
    perform(
        "secrecy_file.follow", actor=access.clock_actor(), now=story.now, params={"today": story.now.date().isoformat()}
    )


def told(code: str) -> int:
    """Return how many notices of a code were sent."""
    return int(Notice.objects.filter(code=code).count())


@pytest.mark.clause("SEED-22")
def test_a_paper_of_the_secrecy_file_is_reviewed_by_its_day_and_the_office_is_reminded_once_a_step(
    story: Story,
) -> None:
    first = story.act(
        "secrecy", "secrecy_file.enter", **RULES, title="定密管理办法", number="水密〔2026〕1号",
        review_by=date(2026, 3, 31),
    ).id  # fmt: skip
    page = ask(story, "head", "secrecy_file")
    assert page.missing == PARTS[1:] and [p.state for p in page.rows] == ["kept"]
    counts = []
    for day in (date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 24), date(2026, 4, 2)):
        story.on(day)
        follow(story)
        counts.append(told("secrecy_file.due"))
    assert counts == [0, 1, 1, 2, 3]
    assert told("secrecy_file.empty") == 3 * 3  # three parts, each month once
    assert ask(story, "head", "secrecy_file").rows[0].state == "overdue"
    story.act(
        "secrecy",
        "secrecy_file.review",
        entry=first,
        expected_version=story.seen(FileEntry, first),
        words="与现行规定一致，继续施行",
    )
    kept = ask(story, "head", "secrecy_file").rows[0]
    assert kept.state == "kept" and kept.review_by == date(2027, 4, 2)


@pytest.mark.clause("SEED-22")
def test_a_paper_that_takes_the_place_of_another_ends_it_and_what_has_ended_is_left_alone(story: Story) -> None:
    old = story.act("secrecy", "secrecy_file.enter", **PLAN, title="应急预案", number="一号").id
    new = story.act("secrecy", "secrecy_file.enter", **PLAN, title="应急预案", number="二号", replaces=old).id
    page = ask(story, "secrecy", "secrecy_file")
    assert [p.number for p in page.rows] == ["二号"] and [p.number for p in page.ended] == ["一号"]
    with pytest.raises(Conflict, match=r"secrecy_file\.ended"):
        story.act(
            "secrecy", "secrecy_file.review", entry=old, expected_version=story.seen(FileEntry, old), words="再看一次"
        )
    with pytest.raises(Invalid):
        story.act("secrecy", "secrecy_file.enter", **RULES, title="办法", number="三号", replaces=new)
    with pytest.raises(Invalid):
        story.act("secrecy", "secrecy_file.enter", **RULES, title="办法", number="三号", review_by=date(2026, 1, 5))
    with pytest.raises(Forbidden):
        story.act("drafter", "secrecy_file.enter", **RULES, title="办法", number="三号")
    story.act(
        "secrecy", "secrecy_file.review", entry=new, expected_version=story.seen(FileEntry, new), words="继续施行"
    )
    story.act("secrecy", "secrecy_file.end", entry=new, expected_version=story.seen(FileEntry, new), words="职能划出")
    ended = {p.number: p for p in ask(story, "secrecy", "secrecy_file").ended}
    assert (ended["二号"].review_words, ended["二号"].ended_words) == ("继续施行", "职能划出")
    said = dict(zip(ended, LISTS["secrecy_file.ended"].texts(list(ended.values())), strict=True))
    assert said["二号"][-1] == "职能划出" and said["一号"][-1] == ""
    assert "emergency" in ask(story, "secrecy", "secrecy_file").missing


@pytest.mark.clause("SEED-40")
def test_rules_and_plans_wait_for_the_principal_and_are_approved_once(story: Story) -> None:
    rule = story.act("secrecy", "secrecy_file.enter", **RULES, title="定密工作方案", number="水密〔2026〕1号").id
    story.act(
        "secrecy",
        "secrecy_file.enter",
        part="people",
        details={"category": "全部"},
        title="名册",
        number="水密〔2026〕2号",
    )
    assert told("secrecy_file.to_approve") == 1
    assert {p.title: p.approval for p in ask(story, "head", "secrecy_file").rows} == {
        "定密工作方案": "wanted",
        "名册": "",
    }
    with pytest.raises(Forbidden):
        story.act("secrecy", "secrecy_file.approve", entry=rule, expected_version=story.seen(FileEntry, rule))
    story.act("head", "secrecy_file.approve", entry=rule, expected_version=story.seen(FileEntry, rule))
    paper = next(p for p in ask(story, "secrecy", "secrecy_file").rows if p.id == rule)
    assert (paper.approval, paper.approved_on) == ("approved", story.now.date())
    with pytest.raises(Conflict, match=r"secrecy_file\.approved"):
        story.act("head", "secrecy_file.approve", entry=rule, expected_version=story.seen(FileEntry, rule))


@pytest.mark.clause("CS-45")
def test_cleared_staff_report_personal_events_and_the_office_answers_but_never_its_own(story: Story) -> None:
    mine = {"kind": "abroad", "on": date(2026, 2, 10), "words": "春节期间赴境外探亲"}
    made = story.act("drafter", "personnel.report_event", **mine).id
    assert told("personnel.event_reported") == 1
    assert [r.name for r in ask(story, "drafter", "personnel.reports").rows] == ["林晓雯"]
    assert ask(story, "drafter2", "personnel.reports").rows == ()
    assert ask(story, "secrecy", "personnel.reports").waiting == 1
    with pytest.raises(Forbidden):
        story.act("officer", "personnel.answer_event", report=made, answer="知悉")
    with pytest.raises(Forbidden, match=r"report\.of_another"):
        story.act("drafter2", "personnel.report_event", person=story.people["drafter"], **mine)
    with pytest.raises(Invalid):
        story.act("drafter", "personnel.report_event", **{**mine, "kind": "weather"})
    story.act("secrecy", "personnel.answer_event", report=made, answer="已核查，准予出行，返回后谈话")
    with pytest.raises(Conflict, match=r"report\.answered"):
        story.act("secrecy", "personnel.answer_event", report=made, answer="再答复一次")
    assert ask(story, "drafter", "personnel.reports").rows[0].answer.startswith("已核查")
    with pytest.raises(NotFound):
        story.act("secrecy", "personnel.answer_event", report=story.people["drafter"], answer="无此报告")


@pytest.mark.clause("TL-54", "BMF-51.2")
def test_a_breach_of_cleared_staff_is_told_to_the_administration_in_writing_and_the_office_is_reminded_weekly(
    story: Story,
) -> None:
    who = story.people["drafter"]
    case = {"person": who, "kind": "breach", "on": date(2026, 1, 4), "words": "违规使用非涉密设备处理文件"}
    made = story.act("secrecy", "personnel.enter_conduct", **case).id
    for wrong in ({"kind": "late"}, {"on": date(2026, 1, 6)}):
        with pytest.raises(Invalid):
            story.act("secrecy", "personnel.enter_conduct", **{**case, **wrong})
    with pytest.raises(Forbidden):
        story.act("drafter", "personnel.enter_conduct", **case)
    counts = []
    for day in (date(2026, 1, 5), date(2026, 1, 11), date(2026, 1, 12)):
        perform("oversight.follow", actor=access.clock_actor(), now=story.on(day).now, params={"today": str(day)})
        counts.append(told("conduct.owed"))
    assert counts == [1, 1, 2] and ask(story, "head", "personnel.conduct").waiting == 1
    with pytest.raises(Invalid):
        story.act("secrecy", "personnel.tell_conduct", conduct=made, document_no="", words="已报")
    sent = {"conduct": made, "document_no": "清水密〔2026〕5号", "words": "已报市保密行政管理部门"}
    story.act("secrecy", "personnel.tell_conduct", **sent)
    with pytest.raises(Conflict, match=r"conduct\.told"):
        story.act("secrecy", "personnel.tell_conduct", **sent)
    (row,) = ask(story, "head", "personnel.conduct").rows
    assert row.document_no == "清水密〔2026〕5号" and ask(story, "head", "personnel.conduct").waiting == 0
    advised = {**case, "kind": "removal_advised", "words": "建议调离涉密岗位"}
    assert story.act("head", "personnel.enter_conduct", **advised).id
    with pytest.raises(Forbidden):
        ask(story, "drafter", "personnel.conduct")


@pytest.mark.clause("TL-50.1")
def test_posts_held_stay_on_record_when_the_next_one_begins(story: Story) -> None:
    who = story.people["outsider"]
    story.act("secrecy", "personnel.vet", person=who, passed=True, opinion="符合条件")
    story.act("secrecy", "personnel.sign_undertaking", person=who, kind="post", number="承〔2026〕7号")
    story.act("secrecy", "personnel.take_post", person=who, category="一般", post="档案员")
    story.later(days=30)
    story.act("secrecy", "personnel.take_post", person=who, category="重要", post="机要员")
    posts = ask(story, "head", "personnel.file", person=who).posts
    assert [(p.category, p.post, p.until is None) for p in posts] == [
        ("重要", "机要员", True),
        ("一般", "档案员", False),
    ]
    assert posts[1].until == posts[0].since


@pytest.mark.clause("SEED-9")
def test_an_allowance_is_paid_by_tier_and_level_for_the_days_in_office_and_none_while_suspended(story: Story) -> None:
    given = {"tier": "main", "max_level": "机密", "instrument": "水人〔2026〕5号"}
    for wrong in ({"yuan": -1}, {"yuan": 600, "since": date(2025, 12, 1)}, {"yuan": 600, "tier": "chief"}):
        with pytest.raises(Invalid):
            story.act("head", "officers.set_allowance", **{**given, **wrong})
    story.act("head", "officers.set_allowance", yuan=600, since=date(2026, 2, 1), **given)
    story.on(date(2026, 2, 15))
    until = story.now + timedelta(days=5)
    story.act("head", "officers.suspend", person=story.people["officer2"], ground="inquiry", until=until)
    story.on(date(2026, 3, 2))
    page = ask(story, "secrecy", "officers.allowances", month="2026-02")
    due = {row.name: (row.days, row.suspended, row.yuan) for row in page.rows}
    assert due["周启明"] == (28, 0, "600.00")
    days, suspended, yuan = due["冯立群"]
    assert days == 28 and suspended == 5 and yuan == f"{60000 * 23 / 28 / 100:.2f}"
    story.act("head", "officers.set_allowance", yuan=0, **given)
    rules = ask(story, "head", "officers.allowances").rules
    assert [(r.until, r.is_over) for r in rules] == [(None, False), (date(2026, 3, 1), True)]
    story.act("head", "officers.set_allowance", yuan=700, since=date(2026, 4, 1), **given)
    rules = ask(story, "head", "officers.allowances").rules
    assert [r.until for r in rules] == [None, date(2026, 3, 31), date(2026, 3, 1)]
    gone = LISTS["officers.allowance_rules"].gone
    assert gone is not None and [gone(r) for r in rules] == [False, False, True], "in force up to its last day"
    with pytest.raises(Forbidden):
        ask(story, "officer", "officers.allowances")
    with pytest.raises(Invalid):
        ask(story, "head", "officers.allowances", month="2027-01")


@pytest.mark.clause("BMF-30.1", "BMF-30.3", "TL-33.1", "TL-35.3", "BMF-39", "TL-31", "SEED-34")
def test_registers_say_what_the_law_asks_remind_of_their_day_and_are_owed_by_nobody_without_them(story: Story) -> None:
    given = {"part": "systems", "title": "调度专网", "number": "清密审〔2026〕7号", "review_by": date(2027, 1, 4)}
    wrong = {
        "grade": ("", "text.missing", "BMF-30.1"), "tested_on": ("去年", "date.malformed", "TL-33.1"),
        "approved_on": ("2026-02-01", "date.in_future", "TL-33.1"), "approved_by": ("局" * 201, "text.too_long", "TL-33.1"),
        "colour": ("红", "choice.unknown", ""),
    }  # fmt: skip
    for code, (text, fault, clause) in wrong.items():
        with pytest.raises(Invalid) as refused:
            story.act("secrecy", "secrecy_file.enter", details={**SYSTEM, code: text}, **given)
        assert refused.value.params["fields"] == {f"details.{code}": fault}
        assert refused.value.clauses == ((clause,) if clause else ())
    system = story.act("secrecy", "secrecy_file.enter", details={**SYSTEM, "assessed_on": ""}, **given).id
    assert FileEntry.objects.get(pk=system).details == SYSTEM, "what was left blank is not kept"
    held = LISTS["secrecy_file.systems"]
    (said,) = held.texts(held.of(ask(story, "head", "secrecy_file")))
    cells = dict(zip((c.word for c in held.columns), said, strict=True))
    assert (cells["保护等级"], cells["检测评估日期"], cells["最近风险评估日期"]) == ("机密", "2025-10-09", "")
    page = ask(story, "head", "secrecy_file")
    assert page.missing == PARTS and [p.part for p in page.rows] == ["systems"]
    asked = {p.code: p for p in page.parts}
    assert "TL-33.1" in asked["systems"].clauses and "风险评估" in asked["systems"].asks
    assert asked["places"].clauses == ("BMF-39", "TL-31", "SEED-34")
    story.on(date(2026, 12, 10))
    follow(story)
    assert told("secrecy_file.due") == 1
    story.act(
        "secrecy",
        "secrecy_file.end",
        entry=system,
        expected_version=story.seen(FileEntry, system),
        words="系统停用，介质已清除，已备案。",
    )
    assert ask(story, "head", "secrecy_file").ended[0].ended_words.startswith("系统停用")


@pytest.mark.clause("TL-35.1")
def test_the_risk_of_a_system_is_assessed_again_within_the_years_of_its_grade(story: Story) -> None:
    def enter(grade: str, review_by: date, **details: str) -> object:
        return story.act(
            "secrecy", "secrecy_file.enter", part="systems", title="调度专网", number="清密审〔2026〕8号",
            details={**SYSTEM, "grade": grade, **details}, review_by=review_by,
        )  # fmt: skip

    today = story.now.date()
    for grade, years in (("绝密", 1), ("机密", 2), ("秘密", 2)):
        last = today.replace(year=today.year + years) - timedelta(days=1)
        assert enter(grade, last).id
        with pytest.raises(Refused, match=r"secrecy_file\.assessment_late") as late:
            enter(grade, last + timedelta(days=2))
        assert late.value.params["years"] == years
    with pytest.raises(Refused, match=r"secrecy_file\.assessment_late"):
        enter("绝密", today + timedelta(days=300), assessed_on=(today - timedelta(days=100)).isoformat())


def test_each_column_of_the_secrecy_file_stands_on_a_clause_of_its_part_and_says_what_it_holds() -> None:
    for part in parts().values():
        assert part.columns
        for one in part.columns:
            assert one.clause in part.clauses and one.kind in ("text", "day", "level", "choice"), (part.code, one.code)
            assert bool(one.choices) == (one.kind == "choice")
