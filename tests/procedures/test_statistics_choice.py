"""Figures of one department, and figures beside those of the same days of the year before."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook

from dingmi.base.errors import NotFound
from dingmi.queries.statistics import report, tables
from dingmi.queries.statistics.cells import BEFORE, NO_UNIT, TOTAL
from dingmi.records.ledger.guard import act_open
from dingmi.records.organs.models import Organ, Person
from tests.procedures.test_statistics import ask, lively
from tests.story import Story

pytestmark = [pytest.mark.db]


def units(story: Story) -> tuple[UUID, UUID]:
    """Let drafter2 and officer2 work in a second department, and one account in none; return it and an empty one."""
    second = story.act("secrecy", "personnel.enter_department", name="水源处").id
    empty = story.act("secrecy", "personnel.enter_department", name="信息中心").id
    with act_open("test"):
        for user, unit in (("drafter2", second), ("officer2", second), ("outsider", None)):
            person = Person.objects.get(pk=story.people[user])
            person.department_id = unit
            person.save()
    return second, empty


@pytest.mark.clause("SEED-36")
def test_the_figures_of_the_departments_add_up_to_those_of_the_organ_in_every_cell(story: Story) -> None:
    second, empty = units(story)
    lively(story)
    assert NO_UNIT not in dict(ask(story, "head", "statistics").departments)
    story.proposed("outsider")
    actor, year = story.actor("head"), story.now.year
    whole = report.frame_for(actor, story.now, year, None)
    parts = [report.frame_for(actor, story.now, year, None, str(u)) for u in (*whole.departments, NO_UNIT)]
    filled, several = 0, 0
    for name in tables.KINDS:
        made = tables.table(name, whole)
        for row in made.rows:
            for column in made.columns:
                counts = [tables.table(name, part).count(row, column) for part in parts]
                assert sum(counts) == made.count(row, column), (name, row, column)
                filled, several = filled + bool(sum(counts)), several + (sum(map(bool, counts)) > 1)
    assert filled > 40 and several > 5
    names = dict(ask(story, "head", "statistics").departments)
    assert str(second) in names and str(empty) in names and NO_UNIT in names
    nothing = ask(story, "head", "statistics", department=str(empty), compare=True)
    assert nothing.department_word == "信息中心" and not nothing.anomalies
    assert [t.count for t in nothing.tiles] == [0] * 6 and not nothing.stock.lines
    assert all(t.percent is None for t in nothing.tiles)


@pytest.mark.clause("SEED-36")
@pytest.mark.one_database
def test_every_cell_of_a_department_and_of_the_year_before_opens_exactly_the_records_that_it_counts(
    story: Story,
) -> None:
    second, _ = units(story)
    lively(story)
    story.on(date(2027, 11, 20))
    story.daily()
    story.approved("drafter2", story.answers("3"))
    filled = 0
    for chosen in ("", str(second)):
        frame = report.frame_for(story.actor("head"), story.now, 2027, None, chosen)
        for then, suffix in ((frame, ""), (frame.before(), BEFORE)):
            for name in ("determined", "changed", "ended", "stock", "months", "reviews", "sampled", "quality"):
                made = tables.table(name, then)
                for row in (*made.rows, TOTAL):
                    for column in (*made.columns, TOTAL):
                        given = {"table": name, "row": row, "column": column + suffix, "department": chosen}
                        opened = ask(story, "head", "statistics.records", year=2027, **given)
                        assert len(opened.matters) + len(opened.others) == opened.count == made.count(row, column)
                        filled += bool(opened.count)
    assert filled > 40
    page = ask(story, "head", "statistics", year=2027, compare=True)
    then = page.before
    assert (then.year, then.last) == (2026, date(2026, 11, 20))
    assert {t.name: t.count for t in then.tiles}["determined"] == 3
    assert {t.name: t.count for t in page.tiles}["determined"] == 1
    assert [line.code for line in page.stock.lines][-1] == TOTAL
    for now, before in ((page.months, then.months), (page.stock, then.stock)):
        assert {x.code for x in now.lines} == {x.code for x in before.lines} and now.columns == before.columns
        for line in before.lines:
            for column, figure in zip(before.columns, line.figures, strict=True):
                given = {"table": before.name, "row": line.code, "column": column + BEFORE}
                assert ask(story, "head", "statistics.records", year=2027, **given).count == figure
    for tile in then.tiles:
        given = {"table": tile.table, "row": tile.row, "column": tile.column + BEFORE}
        assert ask(story, "head", "statistics.records", year=2027, **given).count == tile.count


@pytest.mark.clause("SEED-36")
def test_a_year_before_without_data_is_nothing_and_a_leap_day_meets_the_last_of_february(story: Story) -> None:
    story.approved()
    page = ask(story, "head", "statistics", compare=True)
    assert [t.count for t in page.before.tiles] == [0] * 6 and page.before.tiles[4].percent is None
    assert (
        {sum(x.figures) for x in page.before.months.lines} == {0} == {sum(x.figures) for x in page.before.stock.lines}
    )
    assert ask(story, "head", "statistics").before is None
    story.on(date(2028, 2, 29))
    assert ask(story, "head", "statistics", compare=True).before.last == date(2027, 2, 28)
    assert ask(story, "head", "statistics", year=2027, compare=True).before.last == date(2026, 12, 31)


@pytest.mark.clause("SEED-36")
def test_a_department_that_is_none_of_ours_is_answered_as_one_that_does_not_exist(story: Story) -> None:
    other = Organ.objects.filter(is_home=False).values_list("pk", flat=True)[0]
    theirs = story.act("secrecy", "personnel.enter_department", name="外单位处室", organ=other).id
    asks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("statistics", {}),
        ("statistics.signal", {"name": "wide"}),
        ("statistics.records", {"table": "stock", "year": story.now.year}),
        ("statistics.report", {"name": "work", "year": story.now.year}),
    )
    for name, given in asks:
        told = set()
        for wrong in (str(theirs), str(uuid4()), "管网处", "\u2603"):
            with pytest.raises(NotFound) as caught:
                ask(story, "head", name, department=wrong, **given)
            told.add((caught.value.code, str(caught.value.params)))
        assert len(told) == 1
    with pytest.raises(NotFound):
        story.act("head", "statistics.render", name="work", year=story.now.year, department=str(theirs), format="json")


@pytest.mark.clause("ZX-39.1", "SEED-36")
def test_a_report_of_one_department_says_that_it_is_a_part_and_counts_no_other(story: Story) -> None:
    second, _ = units(story)
    lively(story)
    given = {"name": "classification", "year": story.now.year, "department": str(second)}
    told = json.loads(story.act("head", "statistics.render", format="json", **given).content)
    assert told["department_word"] == "水源处" and told["anomalies"] == []
    counted = {t["name"]: t["lines"][-1]["figures"][-1] for t in told["tables"]}
    assert counted["determined"] == 1
    file = story.act("head", "statistics.render", format="xlsx", **given)
    assert "水源处" in file.filename
    facts = load_workbook(BytesIO(file.content))["说明"]
    assert any("不作为本机关年报报送" in str(row[1].value) for row in facts.iter_rows())
    listed = json.loads(story.act("head", "statistics.render", **{**given, "name": "filing"}, format="json").content)[
        "officers"
    ]
    assert {o["name"] for o in listed} == {Person.objects.get(pk=story.people["officer2"]).name}
