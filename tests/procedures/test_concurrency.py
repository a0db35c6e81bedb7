"""Two at once: real threads with connections of their own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from dingmi.base.actor import Role
from dingmi.base.errors import Conflict, DingmiError, Refused
from dingmi.procedures import passwords, shelf
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Upload
from dingmi.queries import numbers, suggestions
from dingmi.queries.verify import verify
from dingmi.records.ledger.append import append
from dingmi.records.ledger.models import Entry, Receipt, Sequence
from dingmi.records.matters.models import Decision, Matter, Series
from dingmi.records.matters.row_security import everything
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import RoleAsked, SecondAsked
from dingmi.records.vault.models import KeyEpoch
from tests.story import TEXT, Story, docx_of

pytestmark = [pytest.mark.db]


def _copied(folder: Path) -> str:
    """Copy the empty test database, and return the name of the copy: a file on SQLite, a database on PostgreSQL."""
    if connection.vendor == "sqlite":
        file = str(folder / "shared.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [file])
        return file
    original = connection.settings_dict["NAME"]
    copy = f"{original}_shared"  # the tests' processes share one server
    connection.close()  # a template may have no users
    _on_server(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    return copy


def _on_server(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def _dropped(copy: str) -> None:
    """Drop the copy: our own sessions are ended; one that vacuums it is not ours to end, and the server ends that itself."""
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND datname = "
    _on_server(f"{ours} '{copy}'")
    _on_server(f'DROP DATABASE "{copy}"')


@pytest.fixture
def db(django_db_setup: None) -> None:
    """The empty test database, with no transaction around the test; pytest-django makes one only where a test asks for ``db``."""


@pytest.fixture
def shared(db: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A database that several connections share as an installation's do; what they commit goes with the copy.

    The test database itself could not be emptied afterwards: its log is append-only.
    """
    with django_db_blocker.unblock():
        original, name = connections["default"], connections.settings["default"]["NAME"]
        copy = _copied(tmp_path)
        connections.settings["default"]["NAME"] = copy
        connections["default"] = connections.create_connection("default")
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = original
            connections.settings["default"]["NAME"] = name
            if connection.vendor == "postgresql":
                _dropped(copy)


@pytest.fixture
def city(shared: None, settings: Any, tmp_path: Path) -> Iterator[Story]:
    """A story whose work is committed, so that other connections see it."""
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = tmp_path / "keys", tmp_path / "vault"
    settings.DINGMI_PROFILE = "demo"
    passwords.THROTTLE.clear()
    yield Story()


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work(0) … work(count - 1)`` in threads that start together; return results, or the errors raised."""
    gate, results = threading.Barrier(count), [None] * count

    def one(number: int) -> None:
        try:
            gate.wait()
            results[number] = work(number)
        except DingmiError as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_officers_who_approve_at_once_one_decides_and_the_other_is_told(city: Story) -> None:
    matter = city.proposed()
    version, users = city.version(matter), ("officer", "officer2")

    def approve(number: int) -> Any:
        return city.act(users[number], "determination.approve", matter=matter, expected_version=version)

    results = at_once(2, approve)
    refused = [r for r in results if isinstance(r, DingmiError)]
    assert len(refused) == 1, results
    assert refused[0].code in ("version.stale", "matter.undecided", "matter.determined", "object.not_found")
    assert Decision.objects.filter(matter=matter).count() == 1 and city.matter(matter).state == "active"
    assert verify().ok


@pytest.mark.parametrize("turn", range(4))
def test_of_one_who_agrees_and_one_who_withdraws_at_once_exactly_one_wins(city: Story, turn: int) -> None:
    made = city.act("secadmin", "access.grant_role", account=city.actor("outsider").account_id, role="inspector")
    seen, asked = city.seen(RoleAsked, made.request), SecondAsked.objects.get(agreed_at__isnull=True).pk
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("head", "access.agree_role", {"request": made.request, "expected_version": seen}),
        ("secadmin", "access.withdraw_asked", {"asked": asked}),
    )
    first = turn % 2

    def one(number: int) -> Any:
        user, act, given = acts[(number + first) % 2]
        return city.act(user, act, **given)

    results = at_once(2, one)
    (refused,) = [r for r in results if isinstance(r, DingmiError)]
    is_agreed = refused.code == "second.agreed"
    assert is_agreed or refused.code in ("second.withdrawn", "object.not_found"), refused
    row = SecondAsked.objects.get(pk=asked)
    assert (row.agreed_at is not None, row.withdrawn_at is None) == (is_agreed, is_agreed)
    assert city.actor("outsider").holds(Role.INSPECTOR) is is_agreed
    assert not Notice.objects.filter(code="role.waits", acknowledged_at__isnull=True).exists() and verify().ok


def test_of_one_who_agrees_to_a_key_and_one_who_withdraws_at_once_exactly_one_wins(city: Story) -> None:
    city.act("secadmin", "keep.new_key", level="机密")
    asked = SecondAsked.objects.get(agreed_at__isnull=True).pk

    def one(number: int) -> Any:
        if number:
            return city.act("secadmin", "access.withdraw_asked", asked=asked)
        return city.act("head", "keep.new_key", level="机密")

    made, withdrawn = at_once(2, one)
    is_agreed = isinstance(withdrawn, DingmiError)
    assert made.is_made is is_agreed, "or the other person now asks"
    assert not is_agreed or withdrawn.code == "second.agreed"
    assert KeyEpoch.objects.filter(made_at__isnull=False).exists() is is_agreed and verify().ok


def test_the_same_key_a_hundred_times_at_once_has_one_effect_and_one_answer(city: Story) -> None:
    def enter(number: int) -> Any:
        return city.act("secrecy", "personnel.enter_department", key="once", name="新设处")

    results = at_once(100, enter)  # SR-54
    assert len({r.id for r in results}) == 1, results[:3]
    assert Receipt.objects.filter(key="once").count() == 1
    entries = [e for e in Entry.objects.filter(act="personnel.enter_department") if '"key":"once"' in e.body]
    assert len(entries) == 1 and verify().ok


def test_the_same_key_for_two_different_requests_at_once_conflicts_once(city: Story) -> None:
    def enter(number: int) -> Any:
        return city.act("secrecy", "personnel.enter_department", key="two", name=f"处{number}")

    results = at_once(2, enter)
    assert sorted(isinstance(r, Conflict) for r in results) == [False, True]


@procedure("test.number", internal=True)
def take_number(*, actor: Any, now: Any, matter: Any, refuse: bool = False) -> str:
    """Take the next register number of a matter, and leave an entry about it; or be refused when it was taken."""
    row = Matter.objects.get(pk=matter)
    number = shelf.next_number(row, "机密", now.year)
    append(actor, "test.number", subject=("number", number), at=now)
    if refuse:
        raise Refused("matter.not_proposed", ("BMF-16.2",), state="draft")
    return number


def test_thirty_two_workers_take_numbers_without_a_gap_or_a_double_also_where_acts_are_refused(city: Story) -> None:
    matter, actor = city.drafted(), city.actor("drafter")

    def take(number: int) -> list[str]:
        if number % 4 == 0:
            with pytest.raises(Refused):
                take_number(actor=actor, now=city.now, matter=matter, refuse=True)
        return [take_number(actor=actor, now=city.now, matter=matter) for _ in range(4)]

    results = at_once(32, take)
    assert not [r for r in results if isinstance(r, DingmiError)]
    given = sorted(int(n.rpartition("-")[2]) for row in results for n in row)
    assert given == list(range(1, 129))
    assert Series.objects.get(letter=numbers.letter("机密"), year=city.now.year).last == 128
    reasons = Entry.objects.filter(act="test.number").values_list("stream", flat=True)
    assert sorted(reasons) == sorted(f"number:{n}" for row in results for n in row), "each number has its entry (SR-57)"
    assert Entry.objects.filter(act="attempt", body__contains="test.number").count() == 8


@procedure("test.entry", internal=True)
def leave_entry(*, actor: Any, now: Any, stream: str) -> int:
    """Leave one entry in a stream."""
    return append(actor, "test.entry", subject=("test", stream), at=now)


def test_eight_workers_leave_entries_and_each_gets_one_place(city: Story) -> None:
    actor = city.actor("drafter")

    def work(number: int) -> None:
        for step in range(25):
            leave_entry(actor=actor, now=city.now + timedelta(seconds=step), stream=str(step % 3))

    assert at_once(8, work) == [None] * 8
    places = list(Sequence.objects.order_by("seq").values_list("seq", "entry_id"))
    assert [seq for seq, _ in places] == list(range(len(places)))
    assert len({entry for _, entry in places}) == len(places) == Entry.objects.count()
    for stream in range(3):
        held = Entry.objects.filter(stream=f"test:{stream}").order_by("stream_no").values_list("stream_no", flat=True)
        assert list(held) == list(range(1, len(held) + 1))
    assert verify().ok


def test_two_nodes_that_sweep_at_once_release_each_matter_once(city: Story) -> None:
    matters = [city.approved(answers=city.answers(tail="1年")) for _ in range(3)]
    city.now = city.now.replace(year=2027, month=1, day=6)
    city.confirm_date()
    results = at_once(2, lambda number: city.daily())
    assert sum(r["declassification.lapse"]["lapsed"] for r in results) == 3, results
    leaves = Entry.objects.filter(act="declassification.lapse", stream__in=[f"matter:{m}" for m in matters])
    assert leaves.count() == 3 and verify().ok


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL gives entries their place after they commit")
def test_verifying_beside_acts_raises_no_false_alarm(city: Story) -> None:
    matters = [city.filled() for _ in range(3)]
    done = threading.Event()

    def work(number: int) -> Any:
        if number:
            faults = [f for _ in range(200) if not done.is_set() for f in verify().findings]
            return faults + list(verify().findings)
        for matter in matters:
            city.propose(matter)
            city.approve(matter)
        done.set()
        return []

    assert at_once(2, work) == [[], []]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the transaction mode of SQLite")
def test_sqlite_takes_its_one_writer_at_the_start_of_a_transaction() -> None:
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def sources_found(story: Story) -> list[tuple[str, float]]:
    with everything("test"):  # each connection is told anew who reads
        found = suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()).payload["reuse"]
    return [(one["source"], one["similarity"]) for one in found]


def test_uploads_of_one_person_at_once_all_find_what_one_alone_finds(city: Story) -> None:
    lines = TEXT.splitlines(keepends=True)
    for number in range(6):
        other = f"第{number}号泵站检修安排：阀门逐一试压，电缆沟排水，夜间由值班人员复核读数。\n" * (number + 1)
        matter = city.drafted(upload=Upload("稿.docx", docx_of(lines[1 + number % 3] + other)))
        city.fill(matter)
        city.propose(matter)
        city.approve(matter)
    alone, before = sources_found(city), sys.getswitchinterval()
    assert alone
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(8):
            suggestions._sources.clear()
            assert at_once(4, lambda _: sources_found(city)) == [alone] * 4
    finally:
        sys.setswitchinterval(before)
