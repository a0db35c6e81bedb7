"""``verify``: the log against its tree, rows against their latest leaf, accounts against sign-ins, files against rows.

The log is read in stretches of entries, by several processes where asked; a stretch gives back its leaves, the first and
last number of each stream and the latest digest of each row, which are joined in order.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from time import monotonic, sleep
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max, Min

from dingmi.base.errors import Invalid, Tampered, Unavailable
from dingmi.engines.crypto import keyed_sm3
from dingmi.engines.crypto.signing import decision_is_signed, head_is_signed, read_head
from dingmi.queries.reading import everything
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.ledger.coded import ledger_key
from dingmi.records.ledger.models import Checkpoint, Entry, Frontier
from dingmi.records.ledger.models import Sequence as Place
from dingmi.records.ledger.rows import held_digests, rows_named
from dingmi.records.ledger.tree import grown, leaf_hash, root_of
from dingmi.records.matters.models import Decision, Proposal
from dingmi.records.organs.models import Account
from dingmi.records.vault import store
from dingmi.records.vault.models import StoredObject

PATIENCE = 5.0  # seconds within which what was committed a moment ago gets its place
STRETCH = 50_000  # entries one process reads at a time


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not verify."""

    kind: str
    object: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a full verification.

    Attributes:
        loose: Files of the store that no row names: of acts that were broken off, and of objects that were destroyed. No
            fault: nothing opens them, and the daily round removes them.
    """

    ok: bool
    entries: int
    root: str
    findings: tuple[Fault, ...]
    loose: tuple[str, ...] = ()


@dataclass(slots=True)
class Stretch:
    """What a run of entries, in the order of their ids, comes to."""

    leaves: dict[int, bytes] = field(default_factory=dict)  # entry id → leaf recomputed
    streams: dict[str, tuple[int, int]] = field(default_factory=dict)  # stream → first and last number
    rows: dict[tuple[str, str], str] = field(default_factory=dict)  # table and id → digest
    faults: list[Fault] = field(default_factory=list)


def _read(key: bytes, first: int, last: int) -> Stretch:
    """Recompute leaf and code of the entries of the ids [first, last]."""
    made, tag, text = Stretch(), keyed_sm3(key), json.encoder.encode_basestring
    found = Entry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
    for pk, stream, number, body, leaf, mac in found.values_list(
        "pk", "stream", "stream_no", "body", "leaf", "mac"
    ).iterator(chunk_size=5000):
        hashed = made.leaves[pk] = leaf_hash(body)
        if hashed != bytes(leaf):
            made.faults.append(Fault("entry.edited", f"entry:{pk}", "leaf"))
        place = body.rfind(f',"stream":{text(stream)},"stream_no":{number},')
        if place < 0:
            made.faults.append(Fault("entry.edited", f"entry:{pk}", "stream"))
        if not hmac.compare_digest(tag(hashed), bytes(mac)):
            made.faults.append(Fault("entry.code", f"entry:{pk}", "mac"))
        begin, end = made.streams.get(stream, (number, number - 1))
        if number != end + 1:
            made.faults.append(Fault("entry.gap", f"entry:{pk}", stream))
        made.streams[stream] = (begin, number)
        for row, digest, table in rows_named(body, place):
            made.rows[(table, row)] = digest
    return made


def _prepare_process() -> None:
    import django

    django.setup()


def _stretches(key: bytes, workers: int) -> Iterator[Stretch]:
    """Read the whole log, stretch by stretch in order."""
    ends = Entry.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return
    starts = range(ends["first"], ends["last"] + 1, STRETCH)
    if workers < 2 or len(starts) < 2:
        yield from (_read(key, start, start + STRETCH - 1) for start in starts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_prepare_process) as pool:
        yield from pool.map(_read, [key] * len(starts), starts, [start + STRETCH - 1 for start in starts])


def _log(faults: list[Fault], workers: int) -> tuple[int, str, dict[tuple[str, str], str]]:
    """Recompute every leaf, code and the root; return entries, root and the latest digest of each row."""
    key = ledger_key()
    leaves: dict[int, bytes] = {}
    latest: dict[tuple[str, str], str] = {}
    streams: dict[str, int] = {}
    for stretch in _stretches(key, workers):
        leaves |= stretch.leaves
        latest |= stretch.rows
        faults += stretch.faults
        for stream, (begin, end) in stretch.streams.items():
            if begin != streams.get(stream, 0) + 1:
                faults.append(Fault("entry.gap", stream, f"{begin}"))
            streams[stream] = end
    size, root = _tree(leaves, faults)
    return size, root, latest


def _tree(leaves: dict[int, bytes], faults: list[Fault]) -> tuple[int, str]:
    """Grow the tree over the places of the entries and compare it with the frontier; ``leaves`` is used up."""
    ordered = []
    places = Place.objects.order_by("seq").values_list("seq", "entry_id").iterator(chunk_size=5000)
    for expected, (seq, entry) in enumerate(places):
        leaf = leaves.pop(entry, None)
        if seq != expected or leaf is None:
            faults.append(Fault("log.gap", f"entry:{entry}", f"{seq}"))
        if leaf is not None:
            ordered.append(leaf)
    faults += [Fault("entry.unplaced", f"entry:{pk}", "sequence") for pk in leaves]
    size, hashes = _grown_past_checkpoints(ordered, faults)
    frontier = Frontier.objects.filter(pk=1).first()
    if (frontier.size, bytes(frontier.hashes)) != (size, hashes) if frontier else size != 0:
        faults.append(Fault("log.root", "frontier", f"size {size}"))
    return size, root_of(hashes).hex()


def _grown_past_checkpoints(leaves: Sequence[bytes], faults: list[Fault]) -> tuple[int, bytes]:
    """Grow the tree, and compare it with every signed head on the way; return size and frontier."""
    size, hashes = 0, b""
    for kept in Checkpoint.objects.order_by("size", "pk"):
        name = f"checkpoint:{kept.pk}"
        if kept.size > len(leaves):
            faults.append(Fault("log.truncated", name, f"{len(leaves)} of {kept.size}"))
            continue
        size, hashes = grown(size, hashes, leaves[size : kept.size])
        faults += _checkpoint_faults(kept, root_of(hashes), name)
    return grown(size, hashes, leaves[size:])


def _checkpoint_faults(kept: Checkpoint, root: bytes, name: str) -> list[Fault]:
    """Compare one signed head with the root recomputed at its size."""
    try:
        head = read_head(kept.note)
    except Invalid:
        return [Fault("checkpoint.edited", name, "note")]
    found = []
    if not head_is_signed(kept.note, bytes(kept.signature), signing_key().public):
        found.append(Fault("checkpoint.unsigned", name, "signature"))
    if (head.size, head.root) != (kept.size, bytes(kept.root)):
        found.append(Fault("checkpoint.edited", name, "row"))
    if head.root != root:
        found.append(Fault("log.forked", name, f"size {head.size}"))
    return found


def _rows(latest: Mapping[tuple[str, str], str], faults: list[Fault]) -> None:
    """Compare every row that an entry vouches for, a few hundred a query."""
    tables: dict[str, Any] = {m._meta.db_table: m for m in apps.get_models()}
    wanted: dict[str, list[str]] = {}
    for table, row_id in latest:
        wanted.setdefault(table, []).append(row_id)
    for table, ids in wanted.items():
        held = _held(tables[table], ids) if table in tables else {}
        for row_id in ids:
            if row_id not in held:
                faults.append(Fault("row.missing", f"{table}:{row_id}", "row"))
            elif held[row_id] != latest[(table, row_id)]:
                faults.append(Fault("row.edited", f"{table}:{row_id}", "digest"))


_NO_VALUE = (
    ValueError,
    TypeError,
    KeyError,
    ArithmeticError,
    ValidationError,
)  # what reading raises where no value of the kind stands


def _held(model: Any, ids: Sequence[str]) -> dict[str, str]:
    """Return the digests of the rows with ``ids``; one that cannot be read as its kind has the digest of nothing."""
    try:
        return {d["id"]: d["sm3"] for d in held_digests(model, ids)}
    except _NO_VALUE:
        half = len(ids) // 2
        return _held(model, ids[:half]) | _held(model, ids[half:]) if half else {ids[0]: ""}


# Tables that give somebody authority or lift a limit: each of their rows was written with an entry that names it.
_STANDING = (
    "organs_account", "organs_opening", "organs_rolegrant", "organs_roleasked", "organs_clearance", "organs_token",
    "organs_secondasked", "organs_secondfactor", "organs_certificate", "officers_designation", "officers_delegation", "officers_grader",
)  # fmt: skip


def _added(table: str, latest: Mapping[tuple[str, str], str], faults: list[Fault]) -> None:
    """Find rows of standing in ``table`` that no act made: no entry vouches for them."""
    model: Any = next(m for m in apps.get_models() if m._meta.db_table == table)
    ids = model.objects.order_by("pk").values_list("pk", flat=True)
    faults += [Fault("row.unvouched", f"{table}:{pk}", "no entry") for pk in ids if (table, str(pk)) not in latest]


_DOORS = ("access.sign_in", "access.sign_in_failed", "access.unlock", "access.recover")


def _accounts(_: Mapping[tuple[str, str], str], faults: list[Fault]) -> None:
    """Compare running sessions and lock-outs with the sign-ins, failures and unlockings in the log."""
    for account in Account.objects.order_by("pk"):
        session, locked = "", False
        entries = Entry.objects.filter(stream=f"account:{account.pk}", act__in=_DOORS).order_by("stream_no")
        for act, body in entries.values_list("act", "body"):
            data = json.loads(body)["data"]
            session = data["session"] if act == "access.sign_in" else session
            locked = (locked or bool(data.get("locked"))) and act == "access.sign_in_failed"
        if account.session_key and account.session_key[:16] != session:
            faults.append(Fault("session.unknown", f"account:{account.pk}", "session"))
        if locked and account.locked_at is None:
            faults.append(Fault("lock.lifted", f"account:{account.pk}", "locked_at"))


def _signatures(_: Mapping[tuple[str, str], str], faults: list[Fault]) -> None:
    """Check the signature of every proposal and decision that bears one; an emptied one is a row that was edited."""
    public = signing_key().public
    for model, person in ((Proposal, "drafter_id"), (Decision, "officer_id")):
        for pk, who, digest, signature in model.objects.values_list("pk", person, "digest", "signature").iterator():
            if signature and not decision_is_signed(public, str(who or ""), digest, bytes(signature)):
                faults.append(Fault("decision.unsigned", f"{model._meta.db_table}:{pk}", "signature"))


def _files(latest: Mapping[tuple[str, str], str], faults: list[Fault]) -> None:
    """Look at every stored file; one that was destroyed is not missed where an entry vouches for its row."""
    table = StoredObject._meta.db_table
    for stored in StoredObject.objects.iterator():
        if stored.swept_at is None:
            _file(stored, faults)
        elif (table, str(stored.pk)) not in latest:
            faults.append(Fault("file.destroyed", f"stored:{stored.pk}", "no entry"))


def _file(stored: StoredObject, faults: list[Fault]) -> None:
    """Compare a stored file with its row, then open it: only the cipher tells that no byte of its content changed."""
    name = f"stored:{stored.pk}"
    try:
        digest = store.file_digest(stored)
    except Unavailable:
        faults.append(Fault("file.unreadable", name, stored.level))
        return
    if digest is None:
        faults.append(Fault("file.missing", name, "file"))
    elif digest != stored.header_digest:
        faults.append(Fault("file.edited", name, "header"))
    else:
        try:
            store.get(stored)
        except (Tampered, Invalid):
            faults.append(Fault("file.edited", name, "content"))
        except Unavailable:
            faults.append(Fault("file.unreadable", name, stored.level))


def _loose() -> tuple[str, ...]:
    try:
        return store.loose()
    except Unavailable:
        return ()  # every file of that shelf was reported already


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let every read see the database as it stood at the first one, while acts go on beside it.

    Stretches read by other processes are of entries that stood then, and entries do not change.
    """
    if connection.in_atomic_block:  # the caller's own transaction is one moment already
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own blocks begin IMMEDIATE and would stop every writer
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _forgive_placed(faults: list[Fault]) -> None:
    """Leave out the entries that had been committed a moment before and have their place by now (PostgreSQL)."""
    waiting = {int(f.object.removeprefix("entry:")): f for f in faults if f.kind == "entry.unplaced"}
    until = monotonic() + PATIENCE
    while waiting:
        for placed in Place.objects.filter(entry_id__in=list(waiting)).values_list("entry_id", flat=True):
            faults.remove(waiting.pop(placed))
        if connection.vendor == "sqlite" or monotonic() > until:
            break
        sleep(0.05)


def verify_log(workers: int = 1) -> Verified:
    """Verify the log alone: leaves, codes, numbers, places and root."""
    faults: list[Fault] = []
    with _one_moment():
        size, root, _ = _log(faults, workers)
    _forgive_placed(faults)
    return Verified(not faults, size, root, tuple(faults))


_CHECKS: tuple[tuple[str, Callable[[Mapping[tuple[str, str], str], list[Fault]], None]], ...] = (
    *((table, partial(_added, table)) for table in _STANDING),
    ("organs_account", _accounts),
    ("matters_decision", _signatures),
    ("vault_storedobject", _files),
)


def verify(workers: int = 1) -> Verified:
    """Verify everything that is kept, and say what does not hold.

    Args:
        workers: How many processes read the log; one reads it here.
    """
    faults: list[Fault] = []
    with everything("verify"), _one_moment():
        size, root, latest = _log(faults, workers)
        _rows(latest, faults)
        for table, check in _CHECKS:
            try:
                check(latest, faults)
            except _NO_VALUE as error:
                faults.append(Fault("row.unreadable", table, type(error).__name__))
        loose = _loose()
    _forgive_placed(faults)
    return Verified(not faults, size, root, tuple(faults), loose)
