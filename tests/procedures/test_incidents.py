"""Leaks: reported at once by anyone, told within their hours, known to those admitted alone, answered for, closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.queries import QUERIES, performance
from dingmi.queries.facts import REGIME
from dingmi.queries.forms import incident as papers
from dingmi.records.notices.models import Notice
from dingmi.records.officers.performance import PerformanceFact
from dingmi.records.oversight.incidents import Incident
from dingmi.regime import deadlines, judge
from dingmi.regime import oversight as book
from dingmi.regime.prc_state.incident import IncidentFacts
from tests.story import ZONE, Story

in_story = pytest.mark.db
FOUND_AT = datetime(2026, 10, 1, 16, 20, tzinfo=ZONE)  # a holiday (E30)
ITEMS = {
    "persons": "管网处工作人员一人。", "course": "十月一日下午，管网处办公室。", "harm": "节点坐标可能外泄。",
    "handling": "正在查明。", "remedies": "已断网封存。",
}  # fmt: skip
DONE = IncidentFacts(
    at=FOUND_AT + timedelta(days=40),
    has_measures=True,
    written_to=("administration", "superior"),
    reported_at=FOUND_AT + timedelta(hours=3),
    due_at=FOUND_AT + timedelta(hours=24),
    outcome_told=True,
)


@pytest.fixture
def story(story: Story) -> Story:
    """The bureau, with a cleared office and an inspector."""
    story.grant("drafter2", "inspector")
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    return story


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def discovered(story: Story, user: str = "drafter", **more: Any) -> UUID:
    given = {
        "certain": False, "discovered_at": story.now, "level": "秘密", "leaked": "切换方案一份。", "discovery": "清点发现少一份。",
    }  # fmt: skip
    return UUID(str(story.act(user, "incident.discover", **{**given, **more}).id))


def test_a_number_tells_nobody_of_incidents_that_he_may_not_know(story: Story) -> None:
    discovered(story, "drafter2")
    mine = story.act(
        "drafter", "incident.discover",
        certain=False, discovered_at=story.now, level="秘密", leaked="切换方案一份。", discovery="清点发现少一份。",
    )  # fmt: skip
    (row,) = QUERIES["incidents"].run(actor=story.actor("drafter"), now=story.now, params={}).rows
    assert mine.number == row.number == f"泄-{str(mine.id)[:8]}"
    seen = QUERIES["incidents"].run(actor=story.actor("head"), now=story.now, params={}).rows
    assert {r.number for r in seen} == {"泄〔2026〕1号", "泄〔2026〕2号"}


def note(story: Story, incident: UUID, step: str, user: str = "secrecy", **more: Any) -> Any:
    return story.act(user, "incident.note", incident=incident, step=step, **{"words": "情况属实。", **more})


def told(code: str) -> set[UUID]:
    return set(Notice.objects.filter(code=code).values_list("person", flat=True))


@pytest.mark.clause("BMF-47", "BMF10-40", "TL-61.1")
@pytest.mark.parametrize(
    ("at", "clause"), [(FOUND_AT, "TL-61.1"), (datetime(2016, 5, 1, 8, 0, tzinfo=ZONE), "TL14-34")]
)
def test_the_hours_run_from_the_minute_of_discovery_holidays_or_not(at: datetime, clause: str) -> None:
    found = deadlines.compute("leak_report", at)
    assert (found["due"], found["clause"]) == (at + timedelta(hours=24), clause)
    assert "leak_report" in deadlines.carriers()["BMF-47"] and "leak_report" in deadlines.carriers()["BMF10-40"]


@pytest.mark.parametrize(
    ("change", "code", "on"),
    [
        pytest.param({"has_measures": False}, "incident.no_measures", None, marks=pytest.mark.clause("BMF-47")),
        pytest.param({"has_measures": False}, "incident.no_measures", 2016, marks=pytest.mark.clause("BMF10-40")),
        pytest.param(
            {"written_to": ("superior",)}, "incident.not_told_administration", None, marks=pytest.mark.clause("TL-61.1")
        ),
        pytest.param(
            {"written_to": ("administration",)}, "incident.not_told_superior", 2016, marks=pytest.mark.clause("TL14-34")
        ),
        pytest.param({"outcome_told": False}, "incident.outcome_not_told", None, marks=pytest.mark.clause("TL-60")),
        pytest.param(
            {"reported_at": FOUND_AT + timedelta(hours=25)},
            "incident.reported_late",
            None,
            marks=pytest.mark.clause("TL-61.1"),
        ),
    ],
)
def test_what_is_wanting_stands_against_closing(change: dict[str, Any], code: str, on: int | None) -> None:
    day = DONE.at.date().replace(year=on or DONE.at.year)
    assert judge(REGIME, "incident.close", DONE, day).findings == ()
    found = judge(REGIME, "incident.close", replace(DONE, **change), day)
    assert [f.code for f in found.findings] == [code]
    assert bool(found.blocking) == (code != "incident.reported_late")


def test_an_organ_without_a_superior_tells_the_administration_alone() -> None:
    given = replace(DONE, has_superior=False, written_to=("administration",))
    assert judge(REGIME, "incident.close", given, DONE.at.date()).findings == ()


@pytest.mark.clause("TL-67.2", "TL-67.8")
def test_the_grounds_of_liability_are_data_by_their_clause() -> None:
    assert {"TL-67.2", "TL-67.8"} <= set(book.liability())
    assert all(row["zh"] and row["en"] for row in book.liability().values())


@in_story
@pytest.mark.clause("BMF-47", "TL-61.3", "BW-4")
def test_anyone_reports_a_leak_its_words_are_for_those_admitted_and_nobody_sees_who_reported(story: Story) -> None:
    number = story.matter(story.approved()).register_no
    made = discovered(story, register_nos=(number,))
    row = Incident.objects.get()
    assert row.level == "机密", "the highest of what is concerned"
    assert "切换方案".encode() not in bytes(row.items_ct)
    assert told("incident.discovered") == {story.people["head"], story.people["secrecy"]}
    office = ask(story, "secrecy", "incidents.one", incident=made)
    assert {i.code: i.words for i in office.items}["leaked"] == "切换方案一份。" and office.matters[0].number == number
    for user in ("drafter2", "drafter"):  # the inspector, and who reported: that it is there, and no word of it
        page = ask(story, user, "incidents.one", incident=made)
        assert (page.items, page.steps, page.readers, page.may_act) == ((), (), (), False)
        assert page.row.state == "reporting" and page.row.hours_left == 24
        with pytest.raises(Forbidden, match=r"incident\.not_admitted"):
            story.act(user, "incident.fill", incident=made, expected_version=story.seen(Incident, made), harm="无")
    assert "林晓雯" not in str(replace(office, people=())) and ask(story, "outsider", "incidents").rows == ()
    with pytest.raises(NotFound):
        ask(story, "outsider", "incidents.one", incident=made)
    for wrong in ({"level": "内部"}, {"discovered_at": story.now + timedelta(hours=1)}, {"register_nos": ("无此号",)}):
        with pytest.raises(Invalid):
            discovered(story, **wrong)


@in_story
@pytest.mark.clause("BMF-47", "TL-61.3")
def test_who_is_not_admitted_sees_nobody_who_is_and_a_printed_report_marks_no_matter_that_its_reader_may_not_know(
    story: Story,
) -> None:
    secret = story.matter(story.approved(answers=story.answers(scope=story.scope("drafter", "officer"))))
    made = discovered(story, register_nos=(secret.register_no,))
    uncleared = replace(story.actor("head"), clearance="秘密")
    page = QUERIES["incidents.one"].run(actor=uncleared, now=story.now, params={"incident": made})
    assert (page.readers, page.people, page.may_act, page.may_admit) == ((), (), False, False)
    story.act("head", "incident.admit", incident=made, person=story.people["officer2"])
    known = papers.fill_report(story.actor("head"), story.now, made).filled
    hidden = papers.fill_report(story.actor("officer2"), story.now, made).filled
    assert known.mark == "机密★10年" and known.fields["matters"] == secret.register_no
    assert hidden.mark == "" and "matters" not in hidden.fields


@in_story
@pytest.mark.clause("BMF-47")
def test_a_longer_list_of_incidents_asks_the_database_no_more_often(story: Story) -> None:
    counts = []
    for _ in range(2):
        discovered(story)
        actor = story.actor("head")
        with CaptureQueriesContext(connection) as asked:
            QUERIES["incidents"].run(actor=actor, now=story.now, params={})
        counts.append(len(asked))
    assert counts[0] == counts[1]


@in_story
@pytest.mark.clause("TL-61.1", "TL-60", "BW-4", "BMF-47", "TL-67.2")
def test_a_leak_goes_from_its_report_to_its_outcome_and_is_closed_when_nothing_is_wanting(story: Story) -> None:
    made = discovered(story)
    story.later(hours=1)
    note(story, made, "measure")
    note(story, made, "oral", to="administration")
    with pytest.raises(Invalid, match=r"incident\.items_missing"):
        note(story, made, "report", to="administration", document_no="清水密报〔2026〕1号")
    story.act("secrecy", "incident.fill", incident=made, expected_version=story.seen(Incident, made), **ITEMS)
    for to in ("administration", "superior"):
        with pytest.raises(Invalid):
            note(story, made, "report", to=to)
        note(story, made, "report", to=to, document_no="清水密报〔2026〕1号")
    page = ask(story, "head", "incidents.one", incident=made)
    assert page.row.state == "open" and page.row.told == ("administration", "superior")
    assert page.row.outcome_due is not None and page.lacking == ("incident.outcome_not_told",)
    with pytest.raises(Refused, match=r"incident\.outcome_not_told"):
        story.act("head", "incident.close", incident=made, expected_version=story.seen(Incident, made))
    liable = {"incident": made, "person": story.people["officer"], "basis": "TL-67.2", "sanction": "警告"}
    with pytest.raises(Forbidden):
        story.act("secrecy", "incident.hold_liable", **liable, document_no="清水人〔2026〕3号")
    with pytest.raises(Invalid):
        story.act("head", "incident.hold_liable", **{**liable, "basis": "TL-1"}, document_no="清水人〔2026〕3号")
    story.act("head", "incident.hold_liable", **liable, document_no="清水人〔2026〕3号")
    assert "leak" in [e.rule for e in performance.events(story.people["officer"], 2026, story.now)]
    assert PerformanceFact.objects.get().evidence == f"泄-{str(made)[:8]} 清水人〔2026〕3号", (
        "the officer sees it: no running number"
    )
    note(story, made, "outcome", to="administration", document_no="清水密报〔2026〕4号")
    story.act("head", "incident.close", incident=made, expected_version=story.seen(Incident, made))
    assert ask(story, "head", "incidents", state="closed").rows[0].state == "closed"
    with pytest.raises(Conflict, match=r"incident\.closed"):
        note(story, made, "measure")


@in_story
@pytest.mark.clause("TL-61.3")
def test_the_head_admits_who_is_cleared_and_ends_that_someone_knows(story: Story) -> None:
    made = discovered(story, level="机密")
    with pytest.raises(Forbidden, match=r"incident\.not_cleared"):
        story.act("head", "incident.admit", incident=made, person=story.people["outsider"])
    story.act("head", "incident.admit", incident=made, person=story.people["officer"])
    with pytest.raises(Conflict, match=r"incident\.admitted"):
        story.act("head", "incident.admit", incident=made, person=story.people["officer"])
    assert ask(story, "officer", "incidents.one", incident=made).may_act
    story.later(minutes=1)
    story.act("head", "incident.exclude", incident=made, person=story.people["secrecy"])
    story.later(minutes=1)
    assert not ask(story, "secrecy", "incidents").rows[0].is_readable
    with pytest.raises(Forbidden, match=r"incident\.last_reader"):
        story.act("head", "incident.exclude", incident=made, person=story.people["head"])


@in_story
@pytest.mark.clause("TL-61.1", "BMF-47", "TL-60")
def test_what_is_not_reported_is_told_of_daily_and_the_outcome_as_its_day_comes(story: Story) -> None:
    made = discovered(story)
    story.later(hours=3).daily()
    assert told("incident.report_due") and not told("incident.report_late")
    story.later(hours=23).daily()
    story.later(hours=1).daily()
    assert Notice.objects.filter(code="incident.report_late").count() == 2, "both readers, once a day"
    assert ask(story, "secrecy", "incidents").late == 1
    note(story, made, "oral", to="administration")
    note(story, made, "oral", to="superior")
    story.daily()
    due = ask(story, "secrecy", "incidents").rows[0].outcome_due
    assert due is not None and not told("incident.outcome_owed")
    story.on(due - timedelta(days=10)).daily()
    assert Notice.objects.filter(code="incident.outcome_owed").count() == 2
    note(story, made, "progress", to="administration", document_no="清水密报〔2026〕2号")
    story.on(due).daily()
    assert Notice.objects.filter(code="incident.outcome_owed").count() == 2, "progress gives another three months"
