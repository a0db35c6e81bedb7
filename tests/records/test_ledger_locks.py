"""What keeps two processes apart in the log of PostgreSQL, and what an entry vouches for beside the rows of its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dingmi.records.ledger import append as log
from dingmi.records.ledger import checkpoint, guard, rows
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from tests.records.test_ledger_entries import (
    ACTOR,
    NOW,
    another_process,
    appended,
    is_placed,
    keyed,
    organ_and_two,
    write,
)

__all__ = ["keyed"]  # a fixture
LINES = [log.Line(("matter", number)) for number in range(2)]


@contextmanager
def held_by_another(*numbers: int) -> Iterator[None]:
    """Let another process hold what is asked for by these numbers, and either wait for a fifth of a second at most."""
    with another_process() as other:
        other.execute("SET lock_timeout = '200ms'")
        for number in numbers:
            other.execute("SELECT pg_advisory_lock(%s)", [number])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def waits(work: Callable[[], object]) -> None:
    with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        work()


def many() -> list[int]:
    with guard.act_open("test.act"):
        return log.append_lines(ACTOR, "test.act", LINES, at=NOW)


@pytest.mark.postgres
@pytest.mark.parametrize("number", [0, 1])
def test_an_entry_waits_for_whoever_numbers_its_object(keyed: bytes, number: int) -> None:
    streams = [log._number_of(line.subject[0] + f":{line.subject[1]}") for line in LINES]
    assert len(set(streams)) == 2 and all(-(2**63) <= stream < 2**63 for stream in streams)
    with held_by_another(streams[number]):
        waits(lambda: appended(number))
        waits(many)
        appended(1 - number)
    many()
    found = Entry.objects.filter(stream=f"matter:{1 - number}").order_by("pk")
    assert list(found.values_list("stream_no", flat=True)) == [1, 2]


@pytest.mark.postgres
def test_heads_are_signed_one_after_the_other(keyed: bytes) -> None:
    write(log.Line(("a", 1)))
    with held_by_another(checkpoint.LOCK):
        waits(lambda: checkpoint.take_checkpoint(NOW))
    assert checkpoint.take_checkpoint(NOW) is not None


@pytest.mark.postgres
def test_only_who_needs_every_place_waits_for_another_that_numbers(keyed: bytes) -> None:
    ident = appended(1)
    with held_by_another(log.LOCK):
        assert log._sequenced(wait=False) is None and log.sequence_committed() == 0
        waits(lambda: log.sequence_committed(wait=True))
        assert not is_placed(ident)
    assert log._sequenced(wait=False) == 1 and is_placed(ident)


class Outside:
    """The connection as it is where no transaction is open: rows that are never altered allow no test without one."""

    in_atomic_block = False

    def __getattr__(self, name: str) -> Any:
        return getattr(connection, name)


@pytest.mark.postgres
def test_places_need_not_be_on_disk_at_once_and_what_an_act_writes_has_to_be(keyed: bytes, monkeypatch: Any) -> None:
    def asked() -> int:
        appended(1)
        with CaptureQueriesContext(connection) as told:
            assert log.sequence_committed(wait=True) == 1
        return sum("set_config('synchronous_commit', 'off', true)" in query["sql"] for query in told.captured_queries)

    assert asked() == 0
    monkeypatch.setattr(log, "connection", Outside())
    assert asked() == 1


@pytest.mark.db
def test_outside_an_act_no_entry_is_written(keyed: bytes) -> None:
    with pytest.raises(guard.WriteOutsideAct):
        log.append(ACTOR, "test.act", subject=("matter", 1), at=NOW)
    assert not Entry.objects.exists()


@pytest.mark.db
def test_two_objects_go_on_from_where_each_of_them_ended(keyed: bytes) -> None:
    for lines in (LINES[:1], LINES[1:], LINES[1:], LINES):
        write(*lines)
    numbers = {number: [] for number in range(2)}  # type: dict[int, list[int]]
    for number, found in numbers.items():
        found += Entry.objects.filter(stream=f"matter:{number}").order_by("pk").values_list("stream_no", flat=True)
    assert numbers == {0: [1, 2], 1: [1, 2, 3]}


@pytest.fixture
def people(keyed: bytes) -> tuple[Any, ...]:
    """An organ and two people of it."""
    with guard.act_open("test.act"):
        return organ_and_two()


@pytest.mark.db
def test_the_first_entry_vouches_for_what_the_act_owes_beside_what_the_lines_name(keyed: bytes, people: Any) -> None:
    organ, first, second = people

    def told(ident: int) -> list[str]:
        body = json.loads(Entry.objects.get(pk=ident).body)
        return [body["subject"]["id"], body["result"], *(row["id"] for row in body["rows"])]

    with guard.act_open("test.act"):
        guard.owe(first, organ, first)
        assert log.append_lines(ACTOR, "test.act", [], at=NOW) == [] and guard.is_owing()
        lines = [log.Line(("p", 1), rows=[second]), log.Line(("p", 2), rows=[organ]), log.Line(("p", 3))]
        ids = log.append_lines(ACTOR, "test.act", lines, at=NOW)
        assert not guard.is_owing()
    assert [told(ident) for ident in ids] == [
        ["1", "done", str(second.pk), str(first.pk)], ["2", "done", str(organ.pk)], ["3", "done"],
    ]  # fmt: skip
    with guard.act_open("test.act"):
        assert told(log.append(ACTOR, "test.act", subject=("p", 4), at=NOW)) == ["4", "done"]


@pytest.mark.db
def test_what_was_read_of_a_row_is_not_asked_for_again(
    people: Any, django_assert_num_queries: Callable[[int], Any]
) -> None:
    organ, person, _ = people
    with guard.act_open("test.act"):
        matter = Matter(organ=organ, drafter=person, level="机密", title_ct=b"", created_at=NOW, changed_at=NOW)
        matter.save()
        entries = Matter._meta.get_field("scope_entries").related_model
        held = entries(matter=matter, person=person, since=NOW)
        held.save()
    none: dict[str, Any] = dict.fromkeys(Matter.COVERED, ())
    asked = rows.row_digest(matter)
    with django_assert_num_queries(0):
        assert rows.row_digest(matter, **{**none, "scope_entries": [held]}) == asked
        assert rows.row_digest(matter, **none)["sm3"] != asked["sm3"]
