"""What ``dingmi bench`` asks and writes: its floors, and the matters that it goes on with. Nothing here leaves the measurement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter, process_time
from typing import Any
from unittest import mock

from django.db import connection, transaction

from dingmi.base.actor import Actor
from dingmi.engines.suggest import SourceIndex, SuggestSource
from dingmi.procedures import frame
from dingmi.queries import access, content, remembered, suggestions
from dingmi.queries.reading import everything
from dingmi.records.ledger import append as log
from dingmi.records.ledger.guard import act_open, note_entry, take_owed
from dingmi.records.matters import row_security
from dingmi.records.matters.models import Matter, MatterText, ScopeEntry
from dingmi.records.officers.models import Designation, Officer
from dingmi.records.organs.models import Account

ENTRY = 971  # bytes of an entry on average
BATCH = 500  # matters vouched for at once


def bare_page(count: int) -> list[Matter]:
    """Return the latest ``count`` matters by the ORM alone, neither filtered for a reader nor decrypted."""
    with everything("bench"):
        return list(Matter.objects.select_related("department", "officer").order_by("-changed_at", "-pk")[:count])


def bare_officers() -> tuple[list[Officer], list[Designation]]:
    """Return the officers with their people, and the designations, by the ORM alone: nothing is judged."""
    return list(Officer.objects.select_related("person__department")), list(Designation.objects.order_by("since", "pk"))


def latest_of(state: str, count: int) -> list[tuple[str, int]]:
    """Return id and version of the latest ``count`` matters in ``state``."""
    found = Matter.objects.filter(state=state).order_by("-created_at", "-pk").values_list("pk", "version")[:count]
    with everything("bench"):
        return [(str(pk), version) for pk, version in found]


def size() -> int:
    """Return how many matters there are."""
    with everything("bench"):
        return int(Matter.objects.count())


def give_texts(person: str, write: Callable[[int], str], now: datetime) -> int:
    """Give every matter in force that has no text one, which ``person`` may read; return how many characters they have."""
    with everything("bench"), transaction.atomic(), act_open("bench"):
        rows = list(Matter.objects.filter(state="active", body__isnull=True).order_by("pk"))
        bodies = []
        for number, row in enumerate(rows):
            text = write(number)
            body = MatterText(matter=row, characters=len(text))
            body.text_ct = content.sealed(body, "text_ct", row.level, text)
            body.blocks_ct = content.sealed(body, "blocks_ct", row.level, "[]")
            bodies.append(body)
        MatterText.objects.bulk_create(bodies, batch_size=500)
        held = [ScopeEntry(matter=row, person_id=person, basis="bench", since=now) for row in rows]
        ScopeEntry.objects.bulk_create(held, batch_size=500)
        for start in range(0, len(rows), BATCH):
            lines = [log.Line(("matter", row.pk), rows=[row]) for row in rows[start : start + BATCH]]
            log.append_lines(access.clock_actor(), "bench", lines, at=now)
    return sum(body.characters for body in bodies)


def indexed_text_by_text(actor: Actor, now: datetime) -> int:
    """Index what ``actor`` may read as it was done before imprints were kept: each text asked for, opened and hashed."""
    index = SourceIndex(b"a bench needs no secret")
    for row in access.visible(actor, now).filter(state="active"):
        text, _ = content.body(row)
        index.add(SuggestSource(str(row.pk), content.title(row), text))
    return index.weight


def first_answer(actor: Actor, now: datetime, draft: str) -> dict[str, Any]:
    """Answer as after a start: no index is in memory."""
    suggestions._sources.clear()
    return suggestions.suggest(actor, now, draft, ()).payload


def bare_commit(username: str) -> None:
    """Write one column of one row and commit it, by SQL alone: an act with neither frame nor ledger."""
    table = connection.ops.quote_name(Account._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET language = %s WHERE username = %s", ["zh", username])


def bare_transaction(username: str) -> None:
    """Do what ``bare_commit`` does in a transaction that takes the write lock first, as that of an act does."""
    with transaction.atomic():
        bare_commit(username)


@dataclass(frozen=True, slots=True)
class Held:
    """How long one transaction held the write lock of SQLite, in milliseconds: by the wall, and of this processor."""

    wall: float
    busy: float


@contextmanager
def held_locks() -> Iterator[list[Held]]:
    """Collect how long each transaction of this process held the write lock."""
    spans: list[Held] = []
    taken = (0.0, 0.0)
    door: Any = connection
    begin, commit, rollback = door._start_transaction_under_autocommit, door._commit, door._rollback

    def begun() -> None:
        nonlocal taken
        begin()
        taken = (perf_counter(), process_time())

    def ended(end: Callable[[], None]) -> Callable[[], None]:
        def until_free() -> None:
            end()
            spans.append(Held((perf_counter() - taken[0]) * 1000, (process_time() - taken[1]) * 1000))

        return until_free

    with (
        mock.patch.object(door, "_start_transaction_under_autocommit", begun),
        mock.patch.object(door, "_commit", ended(commit)),
        mock.patch.object(door, "_rollback", ended(rollback)),
    ):
        yield spans


def bare_table() -> None:
    """Make the table of ``bare_entry``."""
    number = "INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "BIGSERIAL PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS bench_row (id {number}, body TEXT)")


def bare_entry() -> None:
    """Insert a row as long as an entry of the log, by SQL alone: no code, no place in a tree."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (body) VALUES (%s)", ["x" * ENTRY])


def changed_with(username: str, more: Callable[[], object]) -> None:
    """Write one column of one row, and ``more``, in one transaction in which entries may be written."""
    with transaction.atomic(), act_open("bench"):
        bare_commit(username)
        more()


def usernames() -> list[str]:
    """Return the names of the accounts."""
    return list(Account.objects.order_by("pk").values_list("username", flat=True))


def forget() -> None:
    """Forget what is remembered for readers."""
    remembered._latest.clear()


@contextmanager
def without_row_security() -> Iterator[None]:
    """Let PostgreSQL show every row to everybody, in a cluster that is thrown away afterwards."""

    def turn(force: str, able: str) -> None:
        with connection.cursor() as cursor:
            for table in row_security.GUARDED:
                cursor.execute(f"ALTER TABLE {table} {force} ROW LEVEL SECURITY")
                cursor.execute(f"ALTER TABLE {table} {able} ROW LEVEL SECURITY")

    turn("NO FORCE", "DISABLE")
    try:
        yield
    finally:
        turn("FORCE", "ENABLE")


def without_entries(act: Callable[[], object]) -> None:
    """Perform an act that is measured without its entries: nothing is put into the log, and nobody numbers it.

    What is remembered until the log moves is forgotten, as the entries would have it.
    """

    def left_out(_actor: Actor, _act: str, lines: Sequence[Any], **_: object) -> list[int]:
        take_owed()
        note_entry(0)
        return [0] * len(lines)

    with mock.patch.object(log, "append_lines", left_out), mock.patch.object(frame, "sequence_committed", int):
        act()
    forget()


def durable(on: bool) -> None:
    """Let this process wait for the disk at each commit, or not, which a simulation of years and preparing need not."""
    statement = f"PRAGMA synchronous={'FULL' if on else 'OFF'}"
    if connection.vendor == "postgresql":
        statement = f"SET synchronous_commit TO {'on' if on else 'off'}"
    with connection.cursor() as cursor:
        cursor.execute(statement)
