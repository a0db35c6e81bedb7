"""Lists taken out: the rows and filters of the page, for whoever may see it, with cells that cannot run, and on record."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.procedures import lists
from dingmi.queries import QUERIES, inbox
from dingmi.queries.lists import LISTS
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Person
from tests.procedures.test_exams import set_up
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
READERS = ("secrecy", "head", "officer", "drafter", "auditor", "secadmin")
OF_YEAR = {"performance.of_year"}
OF_ONE = {  # ask for one case, session, examination, person, batch
    name
    for name, held in LISTS.items()
    if any(field.is_required() for field in QUERIES[held.query].model.model_fields.values())
} - OF_YEAR


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
        filters = {"year": "2026"} if name in OF_YEAR else {}
        for user in READERS:
            try:
                made = story.act(user, "lists.export", name=name, filters=filters, format="csv")
            except Forbidden:
                continue
            taken.add(name)
            assert title not in made.content.decode("utf-8-sig")
    assert taken == set(LISTS) - OF_ONE


@pytest.mark.clause("SEED-7")
def test_a_log_longer_than_one_file_says_that_it_was_cut(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.approved()
    whole = lines(story.act("auditor", "lists.export", name="admin.log", format="csv").content)
    assert "其余未导出" not in whole[0][0]
    assert len(whole) - 2 == Entry.objects.count() - 1 > 30  # all but its own entry
    monkeypatch.setattr(lists, "MOST", 30)
    cut = lines(story.act("auditor", "lists.export", name="admin.log", format="csv").content)
    assert cut[0][0].endswith("仅列前 30 行，其余未导出") and len(cut) == 32
    assert cut[3:] == whole[2:31]  # the newest, after the entry of the first file
    kept = json.loads(Entry.objects.filter(act="lists.export").latest("pk").body)["data"]
    assert kept["rows"] == 30


def test_an_examination_leaves_with_the_hours_of_our_zone(story: Story) -> None:
    opens = story.now.replace(hour=9, minute=0) + timedelta(days=1)
    set_up(story, opens_at=opens, closes_at=opens + timedelta(hours=8))
    text = lines(story.act("secrecy", "lists.export", name="exams", format="csv").content)
    row = dict(zip(text[1], text[2], strict=True))
    assert row["开放时间"] == f"{opens:%Y-%m-%d} 09:00 – {opens:%m-%d} 17:00"


@pytest.mark.clause("SEED-7")
def test_what_waits_for_an_officer_leaves_from_the_queue_and_the_workbench(story: Story) -> None:
    story.proposed()
    queue = lines(story.act("officer", "lists.export", name="review.queue", format="csv").content)[1:]
    assert queue[0] == ["编号", "拟定标志", "承办人", "部门", "类型", "意见", "提交时间", "办理时限"]
    assert [row[1:5] for row in queue[1:]] == [["机密★10年", "林晓雯", "管网处", "原始"]]
    tasks = lines(story.act("officer", "lists.export", name="workbench", format="csv").content)[2:]
    assert [row[0] for row in tasks] == ["审核"]
    with pytest.raises(Forbidden):
        story.act("drafter", "lists.export", name="review.queue")


def test_what_was_returned_waits_for_its_drafter_in_the_queue_the_desk_and_the_count_alike(story: Story) -> None:
    first, second = story.proposed(), story.proposed()
    story.act(
        "officer",
        "determination.return",
        matter=first,
        reason_code="basis",
        text="请补充。",
        expected_version=story.version(first),
    )
    asked = {"actor": story.actor("officer"), "now": story.now}
    assert [row.matter for row in QUERIES["review.queue"].run(**asked, params={})] == [second]
    bench = QUERIES["workbench"].run(**asked, params={})
    assert [t.about for t in (*bench.today_due, *bench.this_week, *bench.later)] == [second]
    assert QUERIES["shell"].run(**asked, params={}).to_review == 1


@pytest.mark.clause("SEED-7")
def test_every_notice_to_oneself_leaves_and_only_those_asked_for(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SHOWN", 2)
    for day in (5, 6, 7):
        story.on(date(2026, 1, day)).approved()
    reader = story.actor("drafter")
    first = inbox.inbox(actor=reader, now=story.now)
    pages = [inbox.inbox(actor=reader, now=story.now, page=n) for n in range(1, first.pages + 1)]
    assert (
        len(first.groups) == 2 < len(first.groups) * first.pages and sum(len(p.notices) for p in pages) == first.found
    )
    story.act("drafter", "notices.acknowledge", notice=first.notices[0].id)
    unread = inbox.inbox(actor=reader, now=story.now, only="unread")
    assert unread.found == unread.unread == first.found - 1
    assert first.notices[0].id not in {n.id for n in unread.notices}
    for filters, count in (({}, first.found), ({"only": "unread"}, first.found - 1)):
        made = story.act("drafter", "lists.export", name="inbox", filters=filters, format="csv")
        assert len(lines(made.content)) - 2 == count
    for filters in ({"only": "nonsense"}, {"page": "0"}):
        with pytest.raises(Invalid):
            story.act("drafter", "lists.export", name="inbox", filters=filters)


@pytest.mark.clause("TL-21.1b")
def test_what_is_told_of_one_kind_on_one_day_is_one_group_and_taken_note_of_together(story: Story) -> None:
    reader = story.actor("officer")

    def reads() -> int:
        with CaptureQueriesContext(connection) as caught:
            inbox.inbox(actor=reader, now=story.now)
        return len(caught)

    story.on(date(2026, 1, 5)).approved()
    few = reads()
    for day in (5, 6):
        story.on(date(2026, 1, day)).approved()
    assert reads() == few, "however many groups are shown"

    def groups() -> dict[tuple[str, int], Any]:
        return {(g.code, g.day.day): g for g in inbox.inbox(actor=reader, now=story.now).groups}

    told = groups()
    first = told["proposal.waiting", 5]
    assert (first.count, first.unread, first.together) == (2, 2, 2) and len(first.notices) == 2
    assert told["proposal.waiting", 6].count == 1 and told["matter.admitted", 5].together == 0, "signed for one by one"
    done = story.act("officer", "notices.acknowledge_all", until=first.until, code=first.code, on=first.day)
    assert done.count == 2
    left = groups()
    assert left["proposal.waiting", 5].unread == 0 and left["proposal.waiting", 6].unread == 1
    assert left["matter.admitted", 5].unread == told["matter.admitted", 5].unread > 0


@pytest.mark.clause("TL-21.1b")
def test_notices_are_taken_note_of_together_but_for_those_signed_for_and_those_that_came_later(story: Story) -> None:
    story.approved()
    told = Notice.objects.filter(person_id=story.people["drafter"])
    with act_open("test"):
        Notice(person_id=story.people["drafter"], code="officers.removed", params={}, created_at=story.now).save()
    seen = story.now
    story.later(minutes=1)
    with act_open("test"):
        Notice(person_id=story.people["drafter"], code="officers.removed", params={}, created_at=story.now).save()
    signed_for = set(told.filter(must_acknowledge=True).values_list("pk", flat=True))
    others = told.filter(must_acknowledge=False, created_at__lte=seen).count()
    assert signed_for and others
    assert story.act("drafter", "notices.acknowledge_all", until=seen).count == others
    left = told.filter(acknowledged_at__isnull=True)
    assert set(left.filter(created_at__lte=seen).values_list("pk", flat=True)) == signed_for
    assert left.filter(created_at__gt=seen).count() == 1
    assert not told.filter(acknowledged_at__isnull=False, delivered_at__isnull=True).exists()
    assert story.act("drafter", "notices.acknowledge_all", until=seen).count == 0
