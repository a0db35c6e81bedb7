"""People and training from a spreadsheet: with one fault nothing lands, and every fault is told by row and column."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from dingmi.base.errors import Forbidden, Invalid
from dingmi.queries import standing
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.organs.models import Person
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
WRONG = (
    {"name": ""},
    {"staff_no": "0011"},
    {"department": "没有的处"},
    {"post_category": "绝密"},
    {"name": "=HYPERLINK(1)"},
)


def people(count: int, wrong: int = 0) -> tuple[dict[str, str], ...]:
    """Return rows of people, the first ``wrong`` of every 200 with a fault each."""
    rows = [{"name": f"张{n}", "staff_no": f"9{n:05}", "department": "管网处", "post": "科员"} for n in range(count)]
    for n in range(wrong):
        rows[n * 200] |= WRONG[n % len(WRONG)]
    return tuple(rows)


@pytest.mark.clause("SEED-7")
def test_of_ten_thousand_rows_thirty_seven_wrong_ones_are_each_named_and_nothing_lands(story: Story) -> None:
    before = Person.objects.count()
    rows = people(10_000, 37)
    told = story.act("secrecy", "personnel.import_rows", kind="people", rows=rows)
    assert (told.rows, told.entered, len(told.faults)) == (10_000, 0, 37)
    assert [f.row for f in told.faults] == [n * 200 + 2 for n in range(37)]
    assert {f.code for f in told.faults} == {
        "text.missing", "staff_no.taken", "department.unknown", "category.unknown", "cell.formula",
    }  # fmt: skip
    with pytest.raises(Invalid, match=r"rows\.faulty") as refused:
        story.act("secrecy", "personnel.import_rows", kind="people", rows=rows, dry_run=False)
    assert refused.value.params["count"] == 37
    assert Person.objects.count() == before


@pytest.mark.clause("SEED-7", "TL-14.2")
def test_people_then_their_training_are_entered_and_count(story: Story) -> None:
    done = story.act("secrecy", "personnel.import_rows", kind="people", rows=people(30), dry_run=False)
    assert done.entered == 30
    twice = story.act("secrecy", "personnel.import_rows", kind="people", rows=people(30))
    assert {f.code for f in twice.faults} == {"staff_no.taken"} and len(twice.faults) == 30
    row = {
        "staff_no": "900007", "course": "定密培训", "minutes": "480", "completed_on": "2025-12-01",
        "valid_through": "2026-11-30",
    }  # fmt: skip
    bad = (
        {**row, "minutes": "-3"},
        {**row, "completed_on": "昨天"},
        {**row, "staff_no": "x"},
        {**row, "valid_through": "2020-01-01"},
    )
    told = story.act("secrecy", "personnel.import_rows", kind="training", rows=bad)
    assert [(f.row, f.column) for f in told.faults] == [
        (2, "minutes"), (3, "completed_on"), (4, "staff_no"), (5, "valid_through"),
    ]  # fmt: skip
    story.act("secrecy", "personnel.import_rows", kind="training", rows=(row,), dry_run=False)
    person = Person.objects.get(staff_no="900007")
    until = standing.trained_until(person.pk, story.now)
    assert until is not None and until.astimezone(ZONE).date().isoformat() == "2026-12-01"
    assert Entry.objects.filter(act="personnel.import_rows").count() == 4


@pytest.mark.clause("ZX-15", "SEED-7")
def test_the_register_of_officers_is_handed_out_with_cells_that_cannot_run(story: Story) -> None:
    with act_open("test"):
        Person.objects.filter(pk=story.people["officer"]).update(post="=cmd|' /C calc'!A0")
    made = story.act("secrecy", "officers.export")
    cells = [c.value for row in load_workbook(BytesIO(made.content)).active.iter_rows() for c in row if c.value]
    assert "周启明" in cells and not any(str(c).startswith(("=", "+", "@")) for c in cells)
    text = story.act("head", "officers.export", format="csv").content.decode("utf-8-sig")
    assert "唐思远" in text and ",=" not in text
    assert Entry.objects.filter(act="officers.export").count() == 2
    with pytest.raises(Forbidden):
        story.act("drafter", "officers.export")
