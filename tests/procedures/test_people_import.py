"""People and training from a spreadsheet: with one fault nothing lands, and every fault is told by row and column."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from django.db import IntegrityError, transaction

from dingmi.base.errors import Forbidden, Invalid, Refused
from dingmi.queries import access, standing
from dingmi.queries.verify import verify
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.officers.models import Officer
from dingmi.records.organs.models import Person
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
WRONG = (
    {"name": ""},
    {"staff_no": "0011"},
    {"department": "没有的处"},
    {"post_category": "绝密"},
    {"name": "=HYPERLINK(1)"},
    {"is_foreign": "不详"},
)


def people(count: int, wrong: int = 0) -> tuple[dict[str, str], ...]:
    """Return rows of people, the first ``wrong`` of every 200 with a fault each."""
    rows = [{"name": f"张{n}", "staff_no": f"9{n:05}", "department": "管网处", "post": "科员"} for n in range(count)]
    for n in range(wrong):
        rows[n * 200] |= WRONG[n % len(WRONG)]
    return tuple(rows)


@pytest.mark.clause("SEED-7")
@pytest.mark.parametrize(("count", "wrong"), [(2_700, 10), pytest.param(10_000, 37, marks=pytest.mark.deep)])
def test_of_thousands_of_rows_the_few_wrong_ones_are_each_named_and_nothing_lands(
    story: Story, count: int, wrong: int
) -> None:
    before = Person.objects.count()
    rows = people(count, wrong)
    told = story.act("secrecy", "personnel.import_rows", kind="people", rows=rows)
    assert (told.rows, told.entered, len(told.faults)) == (count, 0, wrong)
    assert [f.row for f in told.faults] == [n * 200 + 2 for n in range(wrong)]
    assert {f.code for f in told.faults} == {
        "text.missing", "staff_no.taken", "department.unknown", "category.unknown", "cell.formula",
        "truth.unknown",
    }  # fmt: skip
    with pytest.raises(Invalid, match=r"rows\.faulty") as refused:
        story.act("secrecy", "personnel.import_rows", kind="people", rows=rows, dry_run=False)
    assert refused.value.params["count"] == wrong
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
    said = [json.loads(e.body)["data"] for e in Entry.objects.filter(act="personnel.import_rows").order_by("pk")]
    assert [s["kind"] for s in said] == ["people", "people", "training", "training"]


def staff(story: Story, count: int) -> None:
    """Enter people who are cleared to 秘密 and trained, all from spreadsheets."""
    story.act("secrecy", "personnel.import_rows", kind="people", rows=people(count), dry_run=False)
    numbers = [f"9{n:05}" for n in range(count)]
    cleared = tuple({"staff_no": n, "level": "秘密", "instrument": "水密〔2026〕9号", "through": ""} for n in numbers)
    clear(story, cleared)


def clear(story: Story, rows: tuple[dict[str, str], ...]) -> None:
    """Let the secrecy office ask for the clearances of a spreadsheet, and another person agree."""
    made = story.act("secrecy", "personnel.import_clearances", rows=rows, dry_run=False)
    assert made.entered == 0 and made.request is not None
    story.agreed_to(made.request, "secrecy")


def terms(count: int) -> list[dict[str, str]]:
    """Return one row of a designation for each of the people."""
    return [
        {"staff_no": f"9{n:05}", "instrument": "水任〔2025〕3号", "max_level": "秘密", "matters": "", "since": ""}
        | {"through": "2028-12-31"}
        for n in range(count)
    ]


@pytest.mark.clause("TL-14.1", "ZX-14.1", "SEED-7")
def test_officers_in_office_are_entered_from_a_spreadsheet_and_each_is_judged(story: Story) -> None:
    staff(story, 40)
    bad = terms(40)
    bad[3] |= {"staff_no": "nobody"}
    bad[7] |= {"max_level": "绝密"}
    bad[11] |= {"since": "2020-01-01"}
    bad[15] |= {"through": "2025-01-01"}
    bad[19] |= {"staff_no": "900018"}
    bad[23] |= {"instrument": "=1+1"}
    bad[27] |= {"max_level": "机密"}
    told = story.act("head", "officers.import_rows", rows=tuple(bad))
    named = {(f.row, f.column): f.code for f in told.faults}
    assert named[5, "staff_no"] == "person.unknown" and named[21, "staff_no"] == "row.twice"
    assert named[9, "max_level"] == "designation.clearance"
    assert named[13, "since"] == "designation.backdated" and named[17, "through"] == "designation.empty_term"
    assert named[25, "instrument"] == "cell.formula" and named[29, "max_level"] == "designation.clearance"
    assert {row for row, _ in named} == {5, 9, 13, 17, 21, 25, 29} and told.entered == 0
    with pytest.raises(Invalid, match=r"rows\.faulty"):
        story.act("head", "officers.import_rows", rows=tuple(bad), dry_run=False)
    assert not Officer.objects.filter(person__staff_no__startswith="9").exists()
    done = story.act("head", "officers.import_rows", rows=tuple(terms(40)), dry_run=False)
    person = Person.objects.get(staff_no="900031")
    held = standing.officer(person.pk, story.now)
    assert done.entered == 40 and held is not None
    assert (held.max_level, held.matters, held.instrument) == ("秘密", ("*",), "水任〔2025〕3号")
    assert Entry.objects.filter(act="officers.import_rows", stream=f"person:{person.pk}").count() == 1
    again = story.act("head", "officers.import_rows", rows=tuple(terms(2)))
    assert [f.code for f in again.faults] == ["officer.in_office", "officer.in_office"]
    with pytest.raises(Forbidden):
        story.act("secrecy", "officers.import_rows", rows=tuple(terms(1)))


@pytest.mark.clause("TL-14.1")
def test_long_after_the_founding_officers_are_appointed_one_by_one(story: Story) -> None:
    staff(story, 1)
    story.later(days=200)
    told = story.act("head", "officers.import_rows", rows=tuple(terms(1)))
    assert [f.code for f in told.faults] == ["designation.not_nominated"]


@pytest.mark.clause("SEED-7")
def test_clearances_of_a_spreadsheet_are_refused_row_by_row_and_nobody_clears_himself(story: Story) -> None:
    own = Person.objects.get(pk=story.people["secrecy"]).staff_no
    row = {"staff_no": own, "level": "机密", "instrument": "水密〔2026〕9号", "through": ""}
    other = Person.objects.get(pk=story.people["outsider"]).staff_no
    rows = (
        row,
        {**row, "staff_no": other, "level": "公开"},
        {**row, "staff_no": other, "through": "2020-01-01"},
        {**row, "staff_no": "?"},
    )
    told = story.act("secrecy", "personnel.import_clearances", rows=rows)
    assert [(f.row, f.column, f.code) for f in told.faults] == [
        (2, "staff_no", "clearance.own"),
        (3, "level", "level.unknown"),
        (4, "through", "interval.empty"),
        (4, "staff_no", "row.twice"),
        (5, "staff_no", "person.unknown"),
    ]
    assert standing.clearance(story.people["outsider"], story.now) == "秘密"
    good = ({**row, "staff_no": other},)
    story.later(minutes=1)
    clear(story, good)
    story.later(minutes=1)
    assert standing.clearance(story.people["outsider"], story.now) == "机密"
    lower = ({**row, "staff_no": other, "level": "秘密"},)
    story.act("secrecy", "personnel.import_clearances", rows=lower, dry_run=False)
    assert access.clearance_of(story.people["outsider"], story.now) == "秘密", "as the act for one person does"
    assert verify().ok


def test_a_staff_number_is_one_person_s_for_good(story: Story) -> None:
    """SR-01: refused by the act, by the import and, whatever an act forgot, by the database."""
    first = story.act("secrecy", "personnel.enter_person", name="苏明", staff_no="9001")
    with pytest.raises(Refused, match=r"staff_no\.taken"):
        story.act("sysadmin", "personnel.enter_person", name="苏明明", staff_no=" 9001 ")
    assert Person.objects.get(staff_no="9001").pk == first.id
    home = Person.objects.get(pk=first.id).organ
    with pytest.raises(IntegrityError), transaction.atomic(), act_open("test"):
        Person(organ=home, name="苏明明", staff_no="9001", joined_at=story.now).save()


@pytest.mark.clause("TL-44", "SEED-7")
def test_who_a_sheet_says_is_from_abroad_is_entered_so_told_in_the_list_and_cannot_be_cleared(story: Story) -> None:
    row = {"name": "张外", "staff_no": "800001", "department": "管网处", "post": "顾问", "is_foreign": "是"}
    rows = (row, {**row, "staff_no": "800002", "is_foreign": "否"}, {**row, "staff_no": "800003", "is_foreign": ""})
    story.act("secrecy", "personnel.import_rows", kind="people", rows=rows, dry_run=False)
    held = dict(Person.objects.filter(staff_no__startswith="80000").values_list("staff_no", "is_foreign"))
    assert held == {"800001": True, "800002": False, "800003": False}
    cleared = [{"staff_no": n, "level": "秘密", "instrument": "水密〔2026〕9号", "through": ""} for n in sorted(held)]
    told = story.act("secrecy", "personnel.import_clearances", rows=tuple(cleared))
    assert [(f.row, f.column, f.code) for f in told.faults] == [(2, "staff_no", "clearance.foreign")]
    sheet = story.act("secrecy", "lists.export", name="people", format="csv").content.decode("utf-8-sig")
    head, *lines = list(csv.reader(StringIO(sheet)))[1:]
    said = {line[head.index("工号")]: line[head.index("境外人员")] for line in lines}
    assert said["800001"] == "是" and said["800002"] == said["800003"] == "否"
