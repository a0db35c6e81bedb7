"""Lists taken out: the rows and filters of the page, for whoever may see it, with cells that cannot run, and on record."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.queries.lists import LISTS
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.organs.models import Person
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
READERS = ("secrecy", "head", "officer", "drafter", "auditor", "secadmin")
OF_ONE = {"officers.case", "training.session", "exams.papers", "exams.kinds", "personnel.vettings"}
OF_ONE |= {
    "personnel.undertakings",
    "personnel.posts",
    "archives.batch",
}  # ask for one case, session, examination, person, batch


def lines(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV file."""
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


@pytest.mark.clause("ZX-15", "SEED-7")
def test_the_register_of_officers_leaves_with_cells_that_cannot_run_and_stands_in_the_ledger(story: Story) -> None:
    with act_open("test"):
        Person.objects.filter(pk=story.people["officer"]).update(post="=cmd|' /C calc'!A0")
    made = story.act("secrecy", "lists.export", name="officers")
    sheet = load_workbook(BytesIO(made.content)).active
    cells = [c.value for row in sheet.iter_rows() for c in row if c.value]
    assert "周启明" in cells and not any(str(c).startswith(("=", "+", "@")) for c in cells)
    assert sheet["A1"].value.startswith("沈雅琴")  # who took it
    text = lines(story.act("head", "lists.export", name="officers", format="csv").content)
    assert text[1][0] == "姓名" and "唐思远" in {row[0] for row in text}
    kept = [json.loads(e.body)["data"] for e in Entry.objects.filter(act="lists.export").order_by("pk")]
    assert [(k["list"], k["format"], k["rows"]) for k in kept] == [
        ("officers", "xlsx", len(text) - 2),
        ("officers", "csv", len(text) - 2),
    ]
    assert kept[0]["digest"] == kept[1]["digest"]
    with pytest.raises(Forbidden):
        story.act("drafter", "lists.export", name="officers")


@pytest.mark.clause("SEED-7")
def test_a_list_leaves_with_the_filters_of_its_page(story: Story) -> None:
    story.daily()
    every = lines(story.act("head", "lists.export", name="officers", format="csv").content)[2:]
    one = lines(story.act("head", "lists.export", name="officers", filters={"text": "唐"}, format="csv").content)[2:]
    assert len(every) > 1 and [row[0] for row in one] == ["唐思远"]
    for filters in ({"state": "nonsense"}, {"colour": "red"}):
        with pytest.raises(Invalid):
            story.act("head", "lists.export", name="officers", filters=filters)
    with pytest.raises(Invalid):
        story.act("head", "lists.export", name="officers", format="exe")
    with pytest.raises(NotFound):
        story.act("head", "lists.export", name="passwords")


@pytest.mark.clause("CS-37", "SEED-7")
def test_training_hours_of_a_year_leave_by_person(story: Story) -> None:
    text = lines(
        story.act("secrecy", "lists.export", name="training.hours", filters={"year": "2026"}, format="csv").content
    )
    assert text[1][:3] == ["姓名", "工号", "部门职务"] and "林晓雯" in {row[0] for row in text[2:]}
    with pytest.raises(Forbidden):
        story.act("drafter", "lists.export", name="training.hours")


def test_every_list_leaves_for_those_who_may_see_it_and_says_no_title_of_a_matter(story: Story) -> None:
    story.approved()
    title = "城区供水管网关键节点切换方案"
    taken = set()
    for name in sorted(set(LISTS) - OF_ONE):
        filters = {"year": "2026"} if name == "performance.of_year" else {}
        for user in READERS:
            try:
                made = story.act(user, "lists.export", name=name, filters=filters, format="csv")
            except Forbidden:
                continue
            taken.add(name)
            assert title not in made.content.decode("utf-8-sig")
    assert taken == set(LISTS) - OF_ONE
