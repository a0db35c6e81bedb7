"""The one way into the log: write an entry in the act's transaction, and give committed entries their place.

SQLite has one writer, so the entry gets its number inside the transaction. On PostgreSQL the entry commits unnumbered
and ``sequence_committed`` numbers what has committed, under an advisory lock (CRYPTO §5): one process does so in the
background (``lead``), and where none does, each act does once it has committed (ADR 0058).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from time import monotonic
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, models, transaction
from django.db.models import Max

from dingmi.base.actor import Actor
from dingmi.records.ledger.coded import code_of
from dingmi.records.ledger.guard import note_entry, request_key, require_act, simulation, take_owed
from dingmi.records.ledger.models import AT_WORK, Entry, Frontier, unplaced
from dingmi.records.ledger.rows import row_digests
from dingmi.records.ledger.tree import canonical, grown, leaf_hash, root_of

LOCK = 0x64696E67
LEAD = 0x64696E69  # held while a process numbers in the background
PACE = 0.03  # seconds from one round of it to the next
TRUSTED = 1.0  # seconds for which an act that saw it does not look again
_seen_led = -TRUSTED
ROUNDS = 20  # how often one act looks again for what others committed meanwhile; what is left, the next act finds
LOOKING = frozenset({"access.looked", "attempt"})  # entries of these acts stand alone: no record changed with them


def _verdict_part(verdict: Any) -> dict[str, Any] | None:
    """Return what of a verdict belongs in an entry: codes, clauses, rulebook; no text."""
    if verdict is None:
        return None
    findings = tuple(getattr(verdict, "findings", ()))
    clauses = {c for f in findings for c in f.clauses}
    return {
        "codes": sorted({f.code for f in findings}),
        "clauses": sorted(clauses),
        "rulebook": str(getattr(verdict, "rulebook", "")),
    }


def _plain(value: Any) -> Any:
    """Return ``value`` as canonical JSON values; dates as ISO text, floats refused later."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(v) for v in value)
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry to come: its subject (kind, id), plain values without text of matters, and the rows it vouches for."""

    subject: tuple[str, object]
    data: Mapping[str, Any] | None = None
    rows: Sequence[models.Model] = ()
    verdict: Any = None


def append(
    actor: Actor,
    act: str,
    *,
    subject: tuple[str, object],
    at: datetime,
    data: Mapping[str, Any] | None = None,
    verdict: Any = None,
    rows: Sequence[models.Model] = (),
    result: str = "done",
) -> int:
    """Write one entry about ``subject`` (kind, id) in the open act's transaction; return the entry's id.

    Args:
        data: Plain values without text of matters: ids, codes, numbers, dates.
        rows: Records that the act wrote; their digests go into the entry.
    Raises:
        Unavailable: The ledger key is missing.
    """
    return append_lines(actor, act, [Line(subject, data, rows, verdict)], at=at, result=result)[0]


def append_lines(actor: Actor, act: str, lines: Sequence[Line], *, at: datetime, result: str = "done") -> list[int]:
    """Write one entry for each of ``lines`` in the open act's transaction, set-based; return their ids in order.

    An act over many objects leaves one leaf an object, so that each object's history stays whole.

    Raises:
        Unavailable: The ledger key is missing.
    """
    require_act()
    lines = _with_owed(lines)
    streams = [f"{line.subject[0]}:{line.subject[1]}" for line in lines]
    numbers = _next_numbers(streams)
    digests = row_digests([row for line in lines for row in line.rows])
    common = _common(actor, act, at, result)
    made = []
    for line, stream, number in zip(lines, streams, numbers, strict=True):
        content = common | {
            "subject": {"kind": line.subject[0], "id": str(line.subject[1])},
            "stream": stream,
            "stream_no": number,
            "data": _plain(dict(line.data or {})),
            "verdict": _verdict_part(line.verdict),
            "rows": [digests[(r._meta.db_table, str(r.pk))] for r in line.rows],
        }
        body = canonical(content)
        leaf = leaf_hash(body)
        made.append(Entry(stream=stream, stream_no=number, act=act, body=body, leaf=leaf, mac=code_of(leaf), at=at))
    entries = _inserted(made)
    for entry in entries:
        note_entry(entry.pk)
    if connection.vendor == "sqlite":
        _place([(e.pk, e.leaf, None if simulation.get() else at) for e in entries], changed=act not in LOOKING)
    return [int(e.pk) for e in entries]


def _inserted(made: list[Entry]) -> list[Entry]:
    """Insert entries; of one alone, which most acts write, in words that the ORM need not find anew."""
    if len(made) != 1:
        return Entry.objects.bulk_create(made, batch_size=500)
    (entry,) = made
    columns = [field for field in Entry._meta.local_concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(getattr(entry, field.attname), connection) for field in columns]
    names = ", ".join(field.column for field in columns)
    blanks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO ledger_entry ({names}) VALUES ({blanks}) RETURNING id", values)
        (entry.pk,) = cursor.fetchone()
    return made


def _with_owed(lines: Sequence[Line]) -> Sequence[Line]:
    """Let the first line vouch for what the act still owes (``guard.owe``), besides what the lines name themselves."""
    if not lines:
        return lines
    named = {(row._meta.db_table, row.pk) for line in lines for row in line.rows}
    owed = {(row._meta.db_table, row.pk): row for row in take_owed()}
    more = [row for place, row in owed.items() if place not in named]
    return [replace(lines[0], rows=[*lines[0].rows, *more]), *lines[1:]] if more else lines


def _common(actor: Actor, act: str, at: datetime, result: str) -> dict[str, Any]:
    """Return what the entries of one act share."""
    shared: dict[str, Any] = {
        "v": 1,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "act": act,
        "actor": {
            "account": actor.account_id,
            "person": actor.person_id,
            "roles": sorted(str(r) for r in actor.roles),
            "session": actor.session,
            "terminal": actor.terminal,
        },
        "key": request_key(),
        "result": result,
    }
    return shared | {"simulated": True} if simulation.get() else shared


def _next_numbers(streams: Sequence[str]) -> list[int]:
    """Return the number of each coming entry in its stream; until the transaction ends, no other numbers these streams."""
    wanted = list(dict.fromkeys(streams))
    last = _last_of_one(wanted[0]) if len(wanted) == 1 else _last_numbers(wanted)
    numbers = []
    for stream in streams:
        last[stream] = last.get(stream, 0) + 1
        numbers.append(last[stream])
    return numbers


def _last_of_one(stream: str) -> dict[str, int]:
    """Look up the end of a stream, however long it is; one message asks for its lock and then, as a statement of its own, for it."""
    asked = "SELECT stream, stream_no FROM ledger_entry WHERE stream = %s ORDER BY stream_no DESC LIMIT 1"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT pg_advisory_xact_lock(%s); {asked}", [_number_of(stream), stream])
            cursor.nextset()
        else:
            cursor.execute(asked, [stream])
        return dict(cursor.fetchall())


def _last_numbers(streams: Sequence[str]) -> dict[str, int]:
    _hold_streams(streams)
    last = dict[str, int]()
    for start in range(0, len(streams), 500):
        held = Entry.objects.filter(stream__in=streams[start : start + 500]).values_list("stream")
        last |= dict(held.annotate(last=Max("stream_no")))
    return last


def _hold_streams(streams: Sequence[str]) -> None:
    """Let one transaction at a time number each stream, taken in one order; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(n) FROM (SELECT unnest(%s::bigint[]) AS n ORDER BY 1) AS held",
                [sorted({_number_of(stream) for stream in streams})],
            )


def _number_of(stream: str) -> int:
    """Return the number under which PostgreSQL holds a stream."""
    return int.from_bytes(leaf_hash(stream)[:8], "big", signed=True)


def _place(entries: Sequence[tuple[int, bytes, datetime | None]], *, changed: bool) -> None:
    """Give ``entries`` the next places in the tree and move the frontier; the caller holds the lock.

    Args:
        changed: Records changed with these entries, so nothing that was counted before holds (``queries.remembered``).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, hashes FROM ledger_frontier WHERE id = 1")
        size, hashes = cursor.fetchone() or _begun()
        cursor.executemany(
            "INSERT INTO ledger_seq (seq, entry_id) VALUES (%s, %s)", [(size + i, e[0]) for i, e in enumerate(entries)]
        )
        size, hashes = grown(size, bytes(hashes), [bytes(e[1]) for e in entries])
        told: dict[str, Any] = {"size": size, "hashes": hashes}
        if changed:
            told["changed"] = root_of(hashes)
        columns = ", ".join(f"{name} = %s" for name in told)
        latest = max((e[2] for e in entries if e[2] is not None), default=None)
        moment = connection.ops.adapt_datetimefield_value(latest)
        later = ", high_water = CASE WHEN high_water > %s THEN high_water ELSE %s END" if latest is not None else ""
        params = [*told.values(), *([moment, moment] if latest is not None else [])]
        cursor.execute(f"UPDATE ledger_frontier SET {columns}{later} WHERE id = 1", params)


def _begun() -> tuple[int, bytes]:
    """Begin the tree; return its size and frontier."""
    Frontier.objects.create(pk=1)
    return 0, b""


def sequence_committed(*, wait: bool = False) -> int:
    """Number every committed entry that has no place yet; return how many (PostgreSQL; nothing to do on SQLite).

    One process at a time numbers; another that comes meanwhile goes on with its work, and so does every one while a
    process leads (``lead``). Whoever numbers looks once more when done, so that what the others committed gets its place
    too. Places need not be on disk when this returns: what a power cut takes of them is numbered again, and whatever is
    signed over them waits for the disk, and for them with it.

    Args:
        wait: Wait for another process that numbers: when this returns, everything committed before has its place.
    """
    if connection.vendor == "sqlite" or not (wait or _is_ours()):
        return 0
    total = 0
    for _ in range(ROUNDS):
        count = _sequenced(wait=wait)
        if count is None:
            break
        total += count
        if not unplaced(AT_WORK).exists():
            break
    return total


def _is_ours() -> bool:
    """Tell whether nobody leads, which is asked for again after ``TRUSTED`` seconds, and nobody numbers at this moment."""
    global _seen_led
    if monotonic() - _seen_led < TRUSTED:
        return False
    with connection.cursor() as cursor:  # outside a transaction, what is got is let go of at once
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s), pg_try_advisory_xact_lock(%s)", [LEAD, LOCK])
        is_unled, is_free = cursor.fetchone()
    if not is_unled:
        _seen_led = monotonic()
    return bool(is_unled and is_free)


def lead(stop: Event) -> None:
    """Number what commits, a round every ``PACE`` seconds, until asked to stop; acts leave it to who does (PostgreSQL).

    One process leads; another waits for it to end. The lead hangs on the connection: where that breaks, acts number
    themselves again, until it is taken anew.
    """
    while connection.vendor == "postgresql" and not stop.is_set():
        try:
            _led(stop)
        except (DatabaseError, InterfaceError):
            connection.close()
        stop.wait(TRUSTED)


def _led(stop: Event) -> None:
    """Lead until asked to stop, unless another does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEAD])
        if not cursor.fetchone()[0]:
            return
        while not stop.wait(PACE):
            if unplaced(AT_WORK).exists():
                _sequenced(wait=True)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LEAD])


def _sequenced(*, wait: bool) -> int | None:
    """Number what waits; None where another process is at it."""
    taken = "pg_advisory_xact_lock(%s) IS NOT NULL" if wait else "pg_try_advisory_xact_lock(%s)"
    if not connection.in_atomic_block:  # an act's own transaction always waits for the disk
        taken += ", set_config('synchronous_commit', 'off', true)"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {taken}", [LOCK])
            if not cursor.fetchone()[0]:
                return None
        waiting = unplaced()
        entries = [(e.pk, bytes(e.leaf), None if ',"simulated":true,"stream":' in e.body else e.at) for e in waiting]
        if entries:
            _place(entries, changed=any(e.act not in LOOKING for e in waiting))
    return len(entries)
