"""What a day's time-driven acts ask and read grows with what is due and not with what is kept (SR-95)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.db.models.sql import compiler
from django.test.utils import CaptureQueriesContext

from dingmi.procedures import daily
from dingmi.queries import access
from dingmi.records.matters.models import Matter, ReviewTask
from dingmi.records.notices.models import Notice
from tests.queries.test_scale import fill, scans
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
LAPSE = "declassification.lapse"
RECONCILE = "keep.reconcile_counts"  # compares every row with its count, along an index alone


@dataclass
class Read:
    """How many statements were asked and rows came back, and the statements that selected."""

    statements: int = 0
    rows: int = 0
    selects: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def reading() -> Iterator[Read]:
    """Count what is read meanwhile: every statement, and every row that comes back from one."""
    read, whole = Read(), compiler.cursor_iter

    def counted(*given: Any, **named: Any) -> Iterator[Any]:
        for rows in whole(*given, **named):
            read.rows += len(rows)
            yield rows

    def asked(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        read.statements += 1
        if sql.startswith("SELECT") and not many:
            read.selects.append((sql, params))
        return execute(sql, params, many, context)

    compiler.cursor_iter = counted
    try:
        with connection.execute_wrapper(asked):
            yield read
    finally:
        compiler.cursor_iter = whole


def measured(story: Story, names: tuple[str, ...] = daily.DUE) -> dict[str, Read]:
    """Perform the acts of the day one by one; return what each read."""
    found = {}
    for name in names:
        with reading() as read:
            daily.until_done(name, access.clock_actor(), story.now, story.now.date())
        found[name] = read
    return found


def quiet(story: Story) -> dict[str, Read]:
    """Return what the acts of a day read on which nothing is due."""
    for _ in range(2):
        story.daily()
        story.later(days=1)
    return measured(story)


def test_on_a_quiet_day_no_act_reads_more_because_more_is_kept(story: Story) -> None:
    fill(story, 30)
    small = quiet(story)
    fill(story, 120, seed=6)
    kept, large = Matter.objects.count(), quiet(story)
    assert kept == 150
    for name in daily.DUE:
        asked = (small[name].statements, small[name].rows), (large[name].statements, large[name].rows)
        assert asked[1][0] <= asked[0][0] and asked[1][1] <= asked[0][1] + (9 if name == RECONCILE else 0), name
        assert large[name].rows < kept / 2, name


def test_on_a_quiet_day_no_act_goes_through_a_whole_table_but_to_compare_counts(story: Story) -> None:
    fill(story, 60)
    for name, read in quiet(story).items():
        for sql, params in read.selects if name != RECONCILE else ():
            assert scans(sql, params) == [], (name, sql)


def ending(story: Story, day: date, count: int) -> None:
    """Register ``count`` earlier matters whose last protected day is ``day``, known to two people each."""
    told = {"mark": "机密★1年", "issued_on": day.replace(year=day.year - 1).isoformat(), "drafter": "drafter2"}
    told |= {"basis": "原目录", "persons": ["drafter", "officer"]}
    rows = tuple({**told, "title": f"到期旧档{number}"} for number in range(count))
    story.act("secrecy", "keep.import_legacy", basis="旧台账", rows=rows)


FEW, MANY = 10, 30


@pytest.fixture
def ended(story: Story) -> dict[int, dict[str, Read]]:
    """Return what the acts of two days read, on one of which three times as much has ended as on the other."""
    fill(story, 40)
    days = {FEW: date(2026, 1, 19), MANY: date(2026, 1, 21)}
    for count, day in days.items():
        ending(story, day, count)
    story.on(date(2026, 1, 18))
    story.daily()
    found = {}
    for count, day in days.items():
        story.on(day)
        story.daily()
        story.on(day + timedelta(days=1))
        before = Matter.objects.filter(state="declassified").count()
        found[count] = measured(story)
        assert Matter.objects.filter(state="declassified").count() - before == count
    return found


def test_with_three_times_as_much_due_no_more_is_asked_and_three_times_as_much_is_read(
    ended: dict[int, dict[str, Read]],
) -> None:
    few, many = ended[FEW], ended[MANY]
    for name in daily.DUE:
        assert many[name].statements <= few[name].statements, f"{name}: asked by the row and not by the batch"
        assert many[name].rows <= 3 * few[name].rows, name
    assert many[LAPSE].rows > 2 * few[LAPSE].rows > MANY


def test_what_was_done_is_due_no_more_and_a_second_run_writes_no_record(story: Story) -> None:
    ending(story, date(2026, 1, 19), 8)
    story.on(date(2026, 1, 20))
    done = story.daily()
    assert done[LAPSE]["lapsed"] == 8
    rows = list(Matter.objects.order_by("pk").values())
    tasks, told = list(ReviewTask.objects.order_by("pk").values()), Notice.objects.count()
    assert not any(any(counts.values()) for counts in story.daily().values())
    assert list(Matter.objects.order_by("pk").values()) == rows and Notice.objects.count() == told
    assert list(ReviewTask.objects.order_by("pk").values()) == tasks


def test_reviews_are_kept_in_narrow_rows_and_opening_or_missing_one_writes_no_matter(story: Story) -> None:
    wide = {models.TextField, models.JSONField, models.BinaryField}
    fields = ReviewTask._meta.concrete_fields
    assert len(fields) <= 10 and not {type(f) for f in fields} & wide
    assert all(f.max_length <= 12 for f in fields if isinstance(f, models.CharField))
    fill(story, 12)
    story.on(date(2027, 1, 4))
    with CaptureQueriesContext(connection) as asked:
        opened = daily.until_done("review.open_annual", access.clock_actor(), story.now, story.now.date())
        missed = daily.until_done("review.mark_breaches", access.clock_actor(), story.now, story.now.date())
    assert opened["opened"] > 5 and missed["breaches"] > 5
    assert not [q["sql"] for q in asked.captured_queries if q["sql"].startswith('UPDATE "matters_matter"')]
