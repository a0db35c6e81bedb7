"""Signs of quality: shares told from decisions and samples, each opening the records that it counts of those it looks at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import NotFound
from dingmi.procedures.terms import Scope
from dingmi.queries import QUERIES
from dingmi.queries.clock import ZONE
from dingmi.queries.statistics import report, signals, tables
from dingmi.queries.statistics.cells import TOTAL, Counted, Frame
from dingmi.queries.statistics.past import Deed, Life, Past, Step
from dingmi.queries.statistics.signals import BASE, HIT, Case, Sign
from dingmi.records.ledger.guard import act_open
from dingmi.records.organs.models import Organ, Person
from tests.story import Story

in_story = pytest.mark.db
A, B = UUID(int=1), UUID(int=2)


def ask(story: Story, asked: str, user: str = "head", **params: Any) -> Any:
    return QUERIES[asked].run(actor=story.actor(user), now=story.now, params=params)


def told(story: Story, **params: Any) -> dict[str, Any]:
    return {s.name: s for s in ask(story, "statistics", **params).signals}


def inspected(story: Story, *found: tuple[Any, str]) -> None:
    """Hold an inspection that draws everything in force, and find errors in some matters."""
    planned = story.act(
        "head", "oversight.plan", kind="self", title="定密抽查", planned_on=story.now.date(), topics=("classification",)
    )
    story.act("head", "oversight.draw", inspection=planned.id, size=20)
    for matter, error in found:
        story.act(
            "head", "oversight.find", inspection=planned.id, topic="classification", error=error, words="见抽查记录。",
            register_no=story.matter(matter).register_no, responsible=story.people["officer"],
        )  # fmt: skip
    story.act(
        "head", "oversight.hold", inspection=planned.id, participants="三人", conclusion="问题见清单。",
        held_on=story.now.date(),
    )  # fmt: skip


@in_story
@pytest.mark.clause("SEED-12", "SEED-29", "TL-17.3")
def test_each_sign_is_the_share_of_what_it_counts_and_opens_exactly_those_records(story: Story) -> None:
    first = story.approved()
    story.approved("drafter2", story.answers("3"))
    third = story.proposed()
    story.act(
        "officer", "determination.return", matter=third, reason_code="scope", text="范围过宽。",
        expected_version=story.version(third),
    )  # fmt: skip
    assert told(story)["found_high"].this is None, "nothing was drawn"
    inspected(story, (first, "over"), (first, "points"))
    seen = told(story)
    assert {n: (s.this, s.hit, s.base) for n, s in seen.items() if n != "days"} == {
        "returned": (33.3, 1, 3),
        "found_high": (50.0, 1, 2),
        "points_missed": (50.0, 1, 2),
        "longest": (0.0, 0, 2),
        "not_secret": (0.0, 0, 2),
        "wide": (0.0, 0, 2),
    }
    for name, sign in seen.items():
        for column, count in ((HIT, sign.hit), (BASE, sign.base), ("hit_before", 0), ("base_before", 0)):
            opened = ask(story, "statistics.records", table="quality", row=name, column=column, year=story.now.year)
            assert len(opened.matters) == opened.count == count
        page = ask(story, "statistics.signal", name=name)
        for lines in (page.quarters, page.departments):
            assert (sum(x.hit for x in lines), sum(x.base for x in lines)) == (sign.hit, sign.base)
        for line in (*page.quarters, *page.departments):
            opened = ask(
                story, "statistics.records", table=page.table, row=line.code, column=HIT, year=page.year
            )  # fmt: skip
            assert opened.count == line.hit
    tile = next(t for t in ask(story, "statistics").tiles if t.name == "sampled")
    assert (tile.percent, tile.count, dict(tile.parts)) == (50.0, 1, {"drawn": 2, "found_high": 1})


@pytest.mark.clause("BMF-20.1")
@pytest.mark.parametrize(
    ("level", "kind", "last_day", "is_longest"),
    [
        ("秘密", "period", date(2036, 2, 10), True),
        ("秘密", "period", date(2036, 2, 9), False),
        ("秘密", "period", date(2036, 1, 1), False),  # 9 years and some months, in the year of the longest
        ("机密", "period", date(2036, 2, 10), False),
        ("机密", "period", date(2046, 2, 10), True),
        ("秘密", "date", date(2036, 2, 10), False),
        ("秘密", "event", None, False),
    ],
)
def test_a_period_is_the_longest_only_when_it_reaches_the_last_day_that_the_law_allows(
    level: str, kind: str, last_day: date | None, is_longest: bool
) -> None:
    start = date(2026, 2, 10)
    at = datetime(2026, 2, 10, 9, tzinfo=ZONE)
    deed = Deed(A, A, "determination.approve", at, level, kind, last_day, None, None, None, True, start, None)
    known = Past(date(2026, 6, 1), (Life(A, "original", None, (Step("determined", start, deed, None),)),))
    signal = signals.signal_of(signals.BY_NAME["longest"], Frame(known, 2026, {}))
    assert (signal.hit, signal.base) == (int(is_longest), 1)


@in_story
@pytest.mark.clause("BMF-21.1")
@pytest.mark.parametrize(("more", "is_wide"), [(0, 0.0), (1, 100.0)])
def test_a_scope_counts_the_staff_of_a_unit_at_the_time_of_the_decision(
    story: Story, more: int, is_wide: float
) -> None:
    home = Organ.objects.get(is_home=True)
    made = story.act("secrecy", "personnel.enter_department", name="巡查大队")
    with act_open("test"):
        Person.objects.bulk_create(
            Person(organ=home, department_id=made.id, name=f"队员{n}", staff_no=f"X{n}", joined_at=story.now)
            for n in range(50 + more)
        )
    story.approved("drafter", story.answers(scope=Scope(departments=(made.id,))))
    story.later(days=1)
    with act_open("test"):
        Person.objects.create(organ=home, department_id=made.id, name="后来", staff_no="X99", joined_at=story.now)
    assert told(story)["wide"].this == is_wide


@in_story
@pytest.mark.clause("SEED-36")
def test_signs_of_a_past_day_stay_as_they_were_and_the_work_report_carries_them(story: Story) -> None:
    matter = story.approved()
    day = story.now.date()
    before = told(story, as_of=day)
    story.later(days=2)
    inspected(story, (matter, "over"))
    assert told(story, as_of=day) == before
    assert told(story)["found_high"].this == 100.0
    made = ask(story, "statistics.report", name="work", year=2026, as_of=day)
    assert {s.name: s for s in made.signals} == before
    assert ask(story, "statistics.report", name="classification", year=2026).signals == ()


@in_story
@pytest.mark.clause("SEED-36")
def test_a_sign_that_is_none_is_not_found_and_a_table_of_signs_has_no_total(story: Story) -> None:
    with pytest.raises(NotFound):
        ask(story, "statistics.signal", name="luck")
    frame = report.frame_for(story.actor("head"), story.now, story.now.year, None)
    assert not report.shown(tables.table("quality", frame), frame).has_total
    assert TOTAL not in report.shown(tables.table("quality", frame), frame).columns


@pytest.mark.clause("SEED-36")
@pytest.mark.parametrize(
    ("of_a", "hits_a", "of_b", "hits_b", "named"),
    [
        (10, 5, 10, 0, "管网处"),
        (10, 4, 10, 0, ""),  # too few to say anything
        (10, 5, 10, 5, ""),  # spread evenly
        (40, 6, 10, 0, ""),  # no more than its share of the work explains
        (10, 6, 0, 0, ""),  # there is only one department
    ],
)
def test_a_department_is_named_only_when_it_has_more_than_its_share(
    of_a: int, hits_a: int, of_b: int, hits_b: int, named: str
) -> None:
    frame = Frame(Past(date(2026, 6, 1), ()), 2026, {A: "管网处", B: "水源处"})
    on, record = date(2026, 3, 1), Counted("matter", A)
    cases = [
        Case(on, str(unit), record, n < hits) for unit, many, hits in ((A, of_a, hits_a), (B, of_b, hits_b)) for n in range(many)
    ]  # fmt: skip
    sign = Sign("returned", "percent", "less", "SEED-29", lambda *_: cases)
    assert signals.signal_of(sign, frame).uneven == named


@pytest.mark.clause("SEED-29")
@pytest.mark.parametrize(
    ("better", "before", "now", "verdict"),
    [
        ("less", 4, 1, "better"),
        ("less", 1, 4, "worse"),
        ("less", 2, 2, "same"),
        ("", 4, 1, "less"),
        ("", 1, 4, "more"),
    ],
)
def test_a_sign_says_which_way_it_went_against_the_same_days_of_last_year(
    better: str, before: int, now: int, verdict: str
) -> None:
    frame = Frame(Past(date(2026, 6, 1), ()), 2026, {})
    years = ((date(2025, 3, 1), before), (date(2026, 3, 1), now), (date(2025, 9, 1), 10))  # September is not compared
    cases = [Case(on, "none", Counted("matter", A), n < hits) for on, hits in years for n in range(10)]
    assert signals.signal_of(Sign("x", "percent", better, "SEED-29", lambda *_: cases), frame).verdict == verdict
