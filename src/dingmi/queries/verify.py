"""``verify``: the log against its tree, rows against their latest leaf, stored files against their rows."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from dingmi.base.errors import Invalid, Tampered, Unavailable
from dingmi.records.ledger.models import Entry, Frontier, Sequence
from dingmi.records.ledger.rows import row_digest
from dingmi.records.ledger.tree import grown, leaf_hash, root_of
from dingmi.records.vault import store
from dingmi.records.vault.models import StoredObject


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not verify."""

    kind: str
    object: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a full verification."""

    ok: bool
    entries: int
    root: str
    findings: tuple[Fault, ...]


def _log(faults: list[Fault]) -> tuple[int, str, dict[tuple[str, str], str]]:
    """Recompute every leaf, code and the root; return entries, root and the latest digest of each row."""
    key = bytes.fromhex((Path(settings.DINGMI_KEYS) / "ledger.key").read_text(encoding="ascii").strip())
    places = dict(Sequence.objects.values_list("entry_id", "seq"))
    leaves: dict[int, bytes] = {}
    latest: dict[tuple[str, str], str] = {}
    streams: dict[str, int] = {}
    for entry in Entry.objects.order_by("pk").iterator(chunk_size=2000):
        leaf, name = leaf_hash(entry.body), f"entry:{entry.pk}"
        if leaf != bytes(entry.leaf):
            faults.append(Fault("entry.edited", name, "leaf"))
        if not hmac.compare_digest(hmac.digest(key, leaf, "sm3"), bytes(entry.mac)):
            faults.append(Fault("entry.code", name, "mac"))
        if entry.stream_no != streams.get(entry.stream, 0) + 1:
            faults.append(Fault("entry.gap", name, entry.stream))
        streams[entry.stream] = entry.stream_no
        if entry.pk not in places:
            faults.append(Fault("entry.unplaced", name, "sequence"))
        else:
            leaves[places[entry.pk]] = leaf
        for row in json.loads(entry.body).get("rows", ()):
            latest[(row["table"], row["id"])] = row["sm3"]
    if sorted(leaves) != list(range(len(places))):
        faults.append(Fault("log.gap", "sequence", f"{len(leaves)} of {len(places)}"))
    size, hashes = grown(0, b"", [leaves[i] for i in sorted(leaves)])
    frontier = Frontier.objects.filter(pk=1).first()
    if (frontier.size, bytes(frontier.hashes)) != (size, hashes) if frontier else size != 0:
        faults.append(Fault("log.root", "frontier", f"size {size}"))
    return size, root_of(hashes).hex(), latest


def _rows(latest: dict[tuple[str, str], str], faults: list[Fault]) -> None:
    tables: dict[str, Any] = {m._meta.db_table: m for m in apps.get_models()}
    for (table, row_id), digest in latest.items():
        record = tables[table]._default_manager.filter(pk=row_id).first() if table in tables else None
        if record is None:
            faults.append(Fault("row.missing", f"{table}:{row_id}", "row"))
        elif row_digest(record)["sm3"] != digest:
            faults.append(Fault("row.edited", f"{table}:{row_id}", "digest"))


def _file(stored: StoredObject, faults: list[Fault]) -> None:
    """Compare a stored file with its row, then open it: only the cipher tells that no byte of its content changed."""
    name, digest = f"stored:{stored.pk}", store.file_digest(stored)
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


def verify() -> Verified:
    """Verify everything that is kept, and say what does not hold."""
    faults: list[Fault] = []
    size, root, latest = _log(faults)
    _rows(latest, faults)
    for stored in StoredObject.objects.filter(swept_at__isnull=True).iterator():
        _file(stored, faults)
    return Verified(not faults, size, root, tuple(faults))
