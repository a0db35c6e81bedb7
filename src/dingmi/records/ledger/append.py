"""The one way into the log: write an entry in the act's transaction, and give committed entries their place.

SQLite has one writer, so the entry gets its number inside the transaction. On PostgreSQL the entry commits unnumbered
and ``sequence_committed`` numbers what has committed, under an advisory lock (CRYPTO §5).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, Max, OuterRef

from dingmi.base.actor import Actor
from dingmi.base.errors import Unavailable
from dingmi.records.ledger.guard import note_entry, require_act, simulation
from dingmi.records.ledger.models import Entry, Frontier
from dingmi.records.ledger.models import Sequence as Place
from dingmi.records.ledger.rows import row_digest
from dingmi.records.ledger.tree import canonical, grown, leaf_hash

LOCK = 0x64696E67
_WINDOW = 100_000  # an entry commits long before so many later ones; verify reports any that stays unnumbered


@lru_cache(maxsize=4)
def _key_at(path: Path, stamp: int) -> bytes:
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def ledger_key() -> bytes:
    """Return the key of the entries' codes.

    Raises:
        Unavailable: The key file is not there; nothing can be written.
    """
    path = Path(settings.DINGMI_KEYS) / "ledger.key"
    try:
        return _key_at(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise Unavailable("key.missing", (), key="ledger") from error


def keyed_digest(text: str) -> str:
    """Return HMAC-SM3 of ``text`` under the ledger key, for values too easy to guess for a plain digest."""
    return hmac.new(ledger_key(), text.encode("utf-8"), "sm3").hexdigest()


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
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def append(
    actor: Actor,
    act: str,
    *,
    subject: tuple[str, object],
    at: datetime,
    data: Mapping[str, Any] | None = None,
    verdict: Any = None,
    rows: Sequence[models.Model] = (),
    key: str | None = None,
    result: str = "done",
) -> int:
    """Write one entry about ``subject`` (kind, id) in the open act's transaction; return the entry's id.

    Args:
        data: Plain values without text of matters: ids, codes, numbers, dates.
        rows: Records that the act wrote; their digests go into the entry.
    Raises:
        Unavailable: The ledger key is missing.
    """
    require_act()
    kind, subject_id = subject
    stream = f"{kind}:{subject_id}"
    _hold_stream(stream)
    last = Entry.objects.filter(stream=stream).aggregate(last=Max("stream_no"))["last"]
    number = 1 if last is None else last + 1
    content: dict[str, Any] = {
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
        "subject": {"kind": kind, "id": str(subject_id)},
        "stream": stream,
        "stream_no": number,
        "key": key,
        "data": _plain(dict(data or {})),
        "verdict": _verdict_part(verdict),
        "result": result,
        "rows": [row_digest(type(r)._default_manager.get(pk=r.pk)) for r in rows],
    }
    if simulation.get():
        content["simulated"] = True
    body = canonical(content)
    leaf = leaf_hash(body)
    mac = hmac.digest(ledger_key(), leaf, "sm3")
    entry = Entry.objects.create(stream=stream, stream_no=number, act=act, body=body, leaf=leaf, mac=mac, at=at)
    note_entry(entry.pk)
    if connection.vendor == "sqlite":
        _place([(entry.pk, leaf, None if simulation.get() else at)])
    return int(entry.pk)


def _hold_stream(stream: str) -> None:
    """Let one transaction at a time number a stream; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(leaf_hash(stream)[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _place(entries: Sequence[tuple[int, bytes, datetime | None]]) -> None:
    """Give ``entries`` the next places in the tree and move the frontier; the caller holds the lock."""
    frontier, _ = Frontier.objects.select_for_update().get_or_create(pk=1)
    Place.objects.bulk_create([Place(seq=frontier.size + i, entry_id=e[0]) for i, e in enumerate(entries)])
    size, hashes = grown(frontier.size, bytes(frontier.hashes), [bytes(e[1]) for e in entries])
    times = [e[2] for e in entries if e[2] is not None]
    if frontier.high_water is not None:
        times.append(frontier.high_water)
    Frontier.objects.filter(pk=1).update(size=size, hashes=hashes, high_water=max(times, default=None))


def sequence_committed() -> int:
    """Number every committed entry that has no place yet; return how many (PostgreSQL; nothing to do on SQLite)."""
    if connection.vendor == "sqlite":
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        newest = Place.objects.order_by("-seq").values_list("entry_id", flat=True).first() or 0
        placed = Place.objects.filter(entry_id=OuterRef("pk"))
        waiting = Entry.objects.filter(~Exists(placed), pk__gt=newest - _WINDOW).order_by("pk")
        entries = [(e.pk, bytes(e.leaf), None if ',"simulated":true,"stream":' in e.body else e.at) for e in waiting]
        if entries:
            _place(entries)
    return len(entries)
