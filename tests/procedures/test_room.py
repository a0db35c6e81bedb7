"""A store of the ledger that fills: told at 80 per cent, at 95 nothing new is done, and reading and proof go on (SR-46)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from dingmi.base import messages
from dingmi.base.errors import Unavailable
from dingmi.interfaces.cli import health
from dingmi.procedures import ACTS, full, keep, passwords
from dingmi.procedures.frame import AUDITOR_MAY, INTERNAL
from dingmi.queries import clock, room
from dingmi.queries.system import status
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def grant(settings: Any, share: float, at: datetime) -> None:
    """Let the database of this test be ``share`` of what it was granted."""
    settings.CONFIG = {**settings.CONFIG, "store": {"gigabytes": 1}}
    found = room.room(at)
    assert found is not None and found.used > 10_000
    settings.CONFIG = {**settings.CONFIG, "store": {"gigabytes": found.used / share / room.GIGABYTE}}


def tells(story: Story, code: str) -> list[str]:
    told = Notice.objects.filter(code=code).values_list("person__account__username", flat=True)
    return sorted(told)


@pytest.mark.parametrize(
    ("share", "step"), [(0.795, ""), (0.805, room.WARNED), (0.945, room.WARNED), (0.955, room.STOPPED)]
)
def test_the_marks_are_those_of_the_dated_table(story: Story, settings: Any, share: float, step: str) -> None:
    grant(settings, share, story.now)
    found = room.room(story.now)
    assert found is not None and found.step(story.now.date()) == step


def test_a_unit_may_be_stricter_and_never_laxer(story: Story, settings: Any) -> None:
    grant(settings, 0.955, story.now)
    found = room.room(story.now)
    assert found is not None
    settings.CONFIG = {**settings.CONFIG, "numbers": {"store_stopped_percent": 99, "store_warned_percent": 99}}
    assert found.step(story.now.date()) == room.STOPPED
    settings.CONFIG = {**settings.CONFIG, "numbers": {"store_stopped_percent": 50, "store_warned_percent": 20}}
    assert room.Room(used=51, room=100).step(story.now.date()) == room.STOPPED
    assert room.Room(used=21, room=100).step(story.now.date()) == room.WARNED


def test_at_80_per_cent_the_three_are_told_once_and_work_goes_on(story: Story, settings: Any) -> None:
    grant(settings, 0.85, story.now)
    story.daily()
    keep.watch_room(story.now)
    assert tells(story, room.WARNED) == ["auditor", "secadmin", "sysadmin"]
    assert Entry.objects.filter(act="keep.note_room").count() == 1
    assert story.approve(story.proposed())
    grant(settings, 0.96, story.now)
    for _ in range(2):
        keep.watch_room(story.now)
    assert tells(story, room.STOPPED) == ["auditor", "secadmin", "sysadmin"]
    grant(settings, 0.5, story.now)
    for _ in range(2):
        keep.watch_room(story.now)
    assert [
        Entry.objects.filter(act="keep.note_room").count(),
        Notice.objects.filter(code__startswith="store.").count(),
    ] == [3, 6]


def test_at_95_per_cent_nothing_new_is_done_and_nothing_is_written(story: Story, settings: Any) -> None:
    matter = story.proposed()
    grant(settings, 0.96, story.now)
    kept = Entry.objects.count()
    for attempt in (lambda: story.approve(matter), story.proposed):
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.code == room.STOPPED and caught.value.exit_code == 7
    assert Entry.objects.count() == kept and Matter.objects.get(pk=matter).state == "proposed"
    said = messages.render(caught.value.findings[0], "zh")
    assert "95%" in said.text and "SR-46" in said.text and "系统管理员" in said.remedy
    grant(settings, 0.5, story.now)
    assert story.approve(matter)


def test_every_act_but_those_that_read_prove_or_keep_the_installation_is_refused(story: Story, settings: Any) -> None:
    grant(settings, 0.96, story.now)
    reader, refused = story.actor("officer"), set()
    for name in {**ACTS, **INTERNAL}:
        try:
            full.require_room(name, reader, story.now)
        except Unavailable:
            refused.add(name)
    going = (set(ACTS) | set(INTERNAL)) - refused
    assert refused >= {
        "determination.draft",
        "determination.approve",
        "change.propose",
        "keep.seal_file",
        "keep.seal",
        "grading.propose",
    }
    assert going >= AUDITOR_MAY | full.READING | {"keep.backup", "keep.evidence", "access.sign_in", "access.unlock"}
    assert len(refused) > 200 and set(ACTS) | set(INTERNAL) >= full.READING | full.NEW


def test_reading_signing_in_proof_and_what_the_day_brings_go_on(story: Story, settings: Any) -> None:
    matter: UUID = story.proposed()
    story.approve(matter)
    grant(settings, 0.96, story.now)
    assert story.act("officer", "carriers.read", matter=matter)
    assert story.act("auditor", "keep.evidence", matter=str(matter)).content
    assert story.act("sysadmin", "access.disable", account=Account.objects.get(username="drafter").pk)
    assert story.daily()["notices.compute_deadlines"] is not None


def test_pages_of_the_administrators_say_so_and_the_refusal_of_others_says_why(
    story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    story.act("sysadmin", "access.change_password", password=PASSWORD)
    admin, drafter = Client(), Client()
    for client, user in ((admin, "sysadmin"), (drafter, "drafter")):
        passwords.THROTTLE.clear()
        assert client.post("/sign-in", {"username": user, "password": PASSWORD}).status_code == 302
    assert "store-fills" not in admin.get("/admin/system").content.decode()
    grant(settings, 0.96, story.now)
    page = admin.get("/admin/system").content.decode()
    assert "store-fills" in page and "须处理" in page
    assert "store-fills" not in drafter.get("/workbench").content.decode()
    answer = drafter.post("/draft/new", {"file": SimpleUploadedFile("1.txt", "水库调度方案".encode())})
    assert answer.status_code == 503 and "SR-46" in answer.content.decode()


def test_status_and_check_tell_how_full_it_is_and_when_nobody_can(story: Story, settings: Any) -> None:
    admin = story.actor("sysadmin")
    assert status(actor=admin, now=story.now).room is None
    assert [f.code for f in health._store()] == ["check.store_unknown"]
    grant(settings, 0.85, story.now)
    told = status(actor=admin, now=story.now)
    assert told.room is not None and told.room_step == room.WARNED
    assert [f.code for f in room.findings(story.now)] == [room.WARNED]
    for wrong in (
        {"gigabytes": 0},
        {"gigabytes": "9"},
        {"gigabytes": True},
        {"megabytes": 9},
        {"gigabytes": float("nan")},
        9,
    ):
        settings.CONFIG = {**settings.CONFIG, "store": wrong}
        assert [f.code for f in room.findings(story.now)] == ["check.store"] and room.room(story.now) is None


@pytest.mark.one_database
def test_a_file_of_sqlite_fills_no_more_than_its_disk_has(
    story: Story, settings: Any, monkeypatch: Any, tmp_path: Any
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("looks at the disk of a SQLite file")
    used = room._used(room._SQLITE, story.now)
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "ledger")
    (tmp_path / "ledger").write_bytes(b"")
    found = room.room(story.now)
    assert found is not None and found.used == used < found.room
    settings.CONFIG = {**settings.CONFIG, "store": {"gigabytes": 10**8}}
    assert room.room(story.now).room < 10**8 * room.GIGABYTE  # type: ignore[union-attr]
