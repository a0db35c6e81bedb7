"""The register of officers and an officer's file: who sees what, problems first, and figures that open what they count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.engines import documents
from dingmi.queries import QUERIES, officers, standing
from dingmi.queries.statistics import work
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.officers.models import Designation, Officer
from dingmi.records.organs.models import Organ, Person
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db]


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


@pytest.mark.clause("SEED-6", "SEED-7")
def test_officers_with_a_problem_come_first_and_each_problem_is_named(story: Story) -> None:
    story.act("secrecy", "officers.suspend", person=story.people["officer2"], ground="出国")
    story.later(days=60)
    found = ask(story, "secrecy", "officers")
    problems = {r.name: r.problems for r in found.rows}
    assert "suspended" in problems["冯立群"] and "training_lapsed" in problems["唐思远"]
    flags = [bool(r.problems) for r in found.rows]
    assert flags == sorted(flags, reverse=True) and found.troubled == sum(flags)
    assert {r.name for r in ask(story, "secrecy", "officers", state="suspended").rows} == {"冯立群"}
    assert [r.name for r in ask(story, "secrecy", "officers", text="周启明").rows] == ["周启明"]
    assert ask(story, "secrecy", "officers", text="没有这个人").rows == ()
    for wrong in ({"state": "all"}, {"page": 0}, {"text": "长" * 61}):
        with pytest.raises(Invalid):
            ask(story, "secrecy", "officers", **wrong)


@pytest.mark.clause("SEED-1", "SEED-7")
def test_a_grade_that_lapsed_is_too_low_or_ends_soon_is_told_in_the_register_and_the_file(story: Story) -> None:
    person = story.people["officer2"]

    def told(user: str = "secrecy") -> tuple[str, ...]:
        (row,) = ask(story, user, "officers", text="冯立群").rows
        return tuple(p for p in row.problems if p.startswith("grade"))

    def qualify(grade: str, days: int) -> None:
        story.act(
            "secrecy", "officers.record_qualification", person=person, grade=grade, certificate=f"资格 {grade}{days}",
            since=story.now, until=story.now + timedelta(days=days),
        )  # fmt: skip

    assert told() == (), "a house that grades nobody misses no grade"
    qualify("秘密", 300)
    assert told() == ("grade_below",) and ask(story, "secrecy", "officers").rows[0].name == "冯立群"
    qualify("机密", 50)
    assert told("officer") == ("grade_ends",)
    file = ask(story, "officer2", "officers.profile", person=person)
    (note,) = (n for n in file.notes if n.code == "grade_ends")
    assert (file.row.grade, file.row.grade_until, note.day) == (
        "机密",
        note.day,
        (story.now + timedelta(days=50)).date(),
    )
    story.later(days=51)
    assert told() == ("grade_below",)
    story.later(days=250)
    assert told() == ("grade_lapsed",)


@pytest.mark.clause("SEED-7", "ZX-14.1", "ZX-15")
def test_a_term_is_told_by_its_last_day_in_the_register_the_file_the_workbench_and_the_list_that_is_filed(
    story: Story,
) -> None:
    last = date(2026, 6, 30)  # through: the term ends with this day
    end = datetime(2026, 7, 1, tzinfo=ZONE)
    person = story.people["officer"]
    story.act("head", "officers.adjust", person=person, instrument="调整 1", reasons="任期调整。", until=end)
    story.act(
        "secrecy", "officers.record_training", person=person, course="培训", minutes=90, completed_at=story.now,
        valid_until=datetime(2090, 7, 1, tzinfo=ZONE),
    )  # fmt: skip
    (row,) = ask(story, "head", "officers", text="周启明").rows
    assert (row.until, row.trained_until) == (last, date(2090, 6, 30))
    file = ask(story, "officer", "officers.profile", person=person)
    assert file.commissions[0].until == last and file.courses[0].valid_until == date(2090, 6, 30)
    assert ask(story, "officer", "workbench").authority.until == last
    asked = {"name": "filing", "year": 2026}
    filed = QUERIES["statistics.report"].run(actor=story.actor("head"), now=story.now, params=asked)
    assert [o.until for o in filed.officers if o.name == "周启明" and o.until] == [last]


@pytest.mark.clause("SEED-7")
def test_the_standing_of_many_equals_the_standing_of_each(story: Story) -> None:
    story.act("secrecy", "officers.suspend", person=story.people["officer2"], ground="出国")
    rows = Officer.objects.order_by("pk")
    at = story.now + timedelta(days=40)
    assert standing.roll(rows, at) == tuple(standing.officer(r.person_id, at) for r in rows)
    assert standing.officer(uuid4(), at) is None


@pytest.mark.clause("SEED-7", "SEED-10")
def test_another_officer_sees_the_published_list_and_never_the_work(story: Story) -> None:
    story.approved()
    rows = {r.name: r for r in ask(story, "officer2", "officers").rows}
    assert rows["周启明"].decided is None and rows["周启明"].hours is None and rows["冯立群"].decided == 0
    file = ask(story, "officer2", "officers.profile", person=story.people["officer"])
    assert file.deeds is None and not file.notes and not file.courses and file.commissions
    with pytest.raises(Forbidden, match=r"officers\.work_of_others"):
        ask(story, "officer2", "officers.records", person=story.people["officer"], figure="year")
    for user in ("drafter", "officer2"):
        with pytest.raises(Forbidden):
            ask(story, user, "officers.balance")
    with pytest.raises(NotFound):
        ask(story, "secrecy", "officers.profile", person=story.people["drafter"])


@pytest.mark.clause("SEED-7")
def test_each_figure_of_a_file_opens_exactly_the_records_that_it_counts(story: Story) -> None:
    story.approved()
    returned = story.proposed("drafter2")
    story.act(
        "officer", "determination.return", matter=returned, reason_code="scope", text="范围过宽。",
        expected_version=story.version(returned),
    )  # fmt: skip
    story.propose(returned, "drafter2")
    story.later(days=1)
    story.approve(returned)
    person = story.people["officer"]
    for reader in ("head", "officer"):
        deeds = ask(story, reader, "officers.profile", person=person).deeds
        wanted = {
            "year": deeds.year.decided,
            "term": deeds.term.decided,
            "at_once": deeds.year.at_once,
            "changed": deeds.year.changed,
            "returned": deeds.year.returned,
            "in_time": deeds.year.in_time,
            "errors": deeds.errors,
            "points": 0,
        }
        assert list(wanted.values()) == [2, 2, 1, 0, 1, 2, 0, 0]
        for figure, count in wanted.items():
            opened = ask(story, reader, "officers.records", person=person, figure=figure)
            assert len(opened.rows) == opened.count == count
        assert sum(sum(m.levels) for m in deeds.months) == 2 and sum(m.returned for m in deeds.months) == 1
    blind = ask(story, "secrecy", "officers.profile", person=person).deeds
    assert blind.year.decided == 0, "without a clearance nobody counts 机密 matters (SR-28)"
    with pytest.raises(Invalid):
        ask(story, "secrecy", "officers.records", person=person, figure="everything")


@pytest.mark.clause("SEED-7", "TL-15.1")
def test_an_officer_signs_a_statement_of_the_own_work_and_nobody_learns_of_that_of_another(story: Story) -> None:
    story.approved()
    story.proposed("drafter2")
    person = story.people["officer"]
    shown = story.act("officer", "forms.show", form="officer_statement", case=person)
    said = {c.label: c.text for block in shown.sheet.blocks for row in block.rows for c in row}
    assert said["姓名"] == "周启明" and said["本年履职"].startswith("审定 1 件，一次通过 1 件")
    assert said["待办"].startswith("待审核 1 件") and said["履职考核"] == "尚未送达考核结果"
    head = story.act("head", "forms.show", form="officer_statement", case=person)
    assert {c.label: c.text for b in head.sheet.blocks for row in b.rows for c in row}["待办"] == ""
    with pytest.raises(NotFound):
        story.act("officer2", "forms.show", form="officer_statement", case=person)
    with pytest.raises(Forbidden):
        story.act("drafter", "officers.sign_statement", words="属实。")
    with pytest.raises(Invalid):
        story.act("officer", "officers.sign_statement", words=" ")
    made = story.act("officer", "officers.sign_statement", words="以上属实。", kind="docx")
    text = documents.extract(made.content, "x.docx").text
    assert made.filename == "履职情况说明-周启明.docx" and "以上属实。" in text
    (entry,) = Entry.objects.filter(act="officers.sign_statement")
    data = json.loads(entry.body)["data"]
    assert f"SM3 {data['digest'][:4]} {data['digest'][4:8]}" in text
    assert len(bytes.fromhex(data["signature"])) == 64


@pytest.mark.clause("SEED-29")
def test_the_workbench_tells_an_officer_what_was_decided_in_time_and_each_figure_opens_its_records(
    story: Story,
) -> None:
    late = story.proposed("drafter2")
    story.later(days=12)
    story.approve(late)
    prompt = story.approved()
    planned = story.act("head", "oversight.plan", kind="self", title="抽查", planned_on=story.now.date(), topics=("classification",))  # fmt: skip
    story.act(
        "head", "oversight.find", inspection=planned.id, topic="classification", error="points", words="漏标一处。",
        register_no=story.matter(prompt).register_no, responsible=story.people["officer"],
    )  # fmt: skip
    figures = ask(story, "officer", "workbench").figures
    own = figures.own
    assert (own.year.decided, own.year.in_time, own.year.in_time_share, own.points) == (2, 1, 50, 1)
    for figure, count in (("year", 2), ("in_time", 1), ("returned", 0), ("errors", own.errors), ("points", 1)):
        opened = ask(story, "officer", "officers.records", person=figures.person, figure=figure)
        assert len(opened.rows) == opened.count == count
    assert ask(story, "drafter", "workbench").figures.own is None
    assert ask(story, "drafter", "workbench").figures.drafted == 1


@pytest.mark.clause("SEED-29", "SEED-37")
def test_seats_hardly_used_are_told_to_those_who_oversee_after_a_year(story: Story) -> None:
    assert ask(story, "head", "officers.balance").signals == ()
    story.later(days=400)
    found = ask(story, "head", "officers.balance")
    assert {s.name for s in found.signals} >= {"周启明", "冯立群"}
    assert [s.name for s in found.signals] == sorted(s.name for s in found.signals)
    assert all(s.codes == ("rarely",) for s in found.signals) and found.beyond == 0
    blind = ask(story, "secrecy", "officers.balance")  # without a clearance
    assert (blind.officers, blind.signals) == (0, ()), "what one may not know is not called little"
    assert blind.beyond == found.officers
    file = ask(story, "secrecy", "officers.profile", person=story.people["officer"])
    assert "rarely" not in {n.code for n in file.notes}


def _deeds(count: int, seconds: float, changed: int) -> Iterator[work.Work]:
    yield work.Work(count, count, changed, 0, count, 0, None, seconds)


@pytest.mark.clause("SEED-29")
@pytest.mark.parametrize(
    ("count", "seconds", "changed", "signals"),
    [
        (2, 5, 0, ("rarely",)),
        (3, 5, 0, ()),
        (19, 5, 0, ()),
        (20, 119, 0, ("fast", "agrees")),
        (20, 120, 0, ("agrees",)),
        (20, 120, 1, ()),
    ],
)
def test_speed_and_agreement_say_something_only_from_twenty_decisions(
    count: int, seconds: float, changed: int, signals: tuple[str, ...]
) -> None:
    (one,) = _deeds(count, seconds, changed)
    assert one.signals == signals


@pytest.mark.clause("SEED-7")
def test_a_register_of_hundreds_is_paged_and_takes_the_same_queries_as_a_small_one(
    story: Story, django_assert_max_num_queries: Any
) -> None:
    home = Organ.objects.get(is_home=True)
    with act_open("test"):
        people = [
            Person(organ=home, name=f"责任人{n:04}", staff_no=f"T{n:05}", joined_at=story.now) for n in range(300)
        ]
        Person.objects.bulk_create(people)
        made = [Officer(person=p, kind="designated") for p in people]
        Officer.objects.bulk_create(made)
        Designation.objects.bulk_create(
            Designation(
                officer=o, instrument="文", max_level="秘密", matters=["*"], since=story.now, designated_by=uuid4()
            )
            for o in made
        )
    actor = story.actor("secrecy")
    with django_assert_max_num_queries(17):
        found = officers.officers(actor=actor, now=story.now, page=2)
    assert found.pages >= 25 and len(found.rows) == officers.PAGE and found.found >= 300
