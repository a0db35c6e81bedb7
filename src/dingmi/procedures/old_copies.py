"""Copies that a change of level left behind: their secrets are destroyed, then their files. 销毁换密级后留下的旧副本。

A change of level seals a file anew, and what it was sealed as dies with its secret (CRYPTO §2): under the key of a lower level
it would be within reach of people whom the level now keeps out. Nothing is destroyed that a row still names, so originals and
marked copies that a later mark superseded stay (procedures §3.4 keeps the old mark on the original); and nothing but what
stands, byte for byte, under the level that its matter has now.

The row loses its secret here and its file in ``keep.sweep_files``: killed in between, a file is left that nothing opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Tampered, Unavailable
from dingmi.procedures import sweep
from dingmi.procedures.frame import procedure
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.matters.models import MatterFile
from dingmi.records.oversight.models import Sweep
from dingmi.records.vault import store
from dingmi.records.vault.models import StoredObject

SHRED = "keep.shred_old_copies"
BATCH = 50  # files that are opened between two transactions


@dataclass(frozen=True, slots=True)
class Shredded:
    """How many copies were destroyed, and how many wait because what they are a copy of was not found whole."""

    destroyed: int
    waiting: int
    more: bool


@procedure(SHRED, requires=Role.CLOCK, clauses=("TL-28.1",))
def shred_old_copies(*, actor: Actor, now: datetime, today: date, prepared: dict[str, Any]) -> Shredded:
    """Destroy a batch of the sealed copies that a change of level left behind. 销毁换密级后留下的旧副本。"""
    sweep.alone()
    copies: dict[UUID, MatterFile] = prepared["copies"]
    seen: list[UUID] = prepared["seen"]
    rows = list(unnamed().select_for_update().filter(pk__in=copies).order_by("pk"))
    store.shred(*rows)
    for row in rows:
        row.swept_at = now
    StoredObject.objects.bulk_update(rows, ["shred", "swept_at"])
    if seen or prepared["began"]:
        mark = sweep.place(SHRED, "")
        mark.cursor = seen[-1] if seen else None
        mark.save()
    append_lines(actor, SHRED, [_line(row, copies[row.pk]) for row in rows], at=now)
    waiting = len(seen) - len(copies)
    data = {"today": today, "destroyed": len(rows), "waiting": waiting}
    append(actor, SHRED, subject=("sweep", SHRED), at=now, data=data)
    return Shredded(len(rows), waiting, bool(seen))


def _line(row: StoredObject, kept: MatterFile) -> Line:
    """Say of one copy what it was and what is kept instead, by the digests of their headers."""
    data = {
        "matter": kept.matter_id,
        "level": row.level,
        "header": row.header_digest,
        "kept_level": kept.stored.level,
        "kept_header": kept.stored.header_digest,
    }
    return Line(("stored", row.pk), data, [row])


@shred_old_copies.prepare
def _found(*, actor: Actor, now: datetime, today: date) -> dict[str, Any]:
    """Open the next copies that no row names, and look for the same bytes under the level of their matter.

    Raises:
        Unavailable: The keys are closed.
    """
    began = Sweep.objects.filter(act=SHRED, period="").values_list("cursor", flat=True).first()
    waiting = unnamed().order_by("pk")
    batch = list((waiting.filter(pk__gt=began) if began else waiting)[:BATCH])
    found = {row.pk: kept for row in batch if (kept := _kept(row)) is not None}
    return {"began": began, "seen": [row.pk for row in batch], "copies": found}


def unnamed() -> QuerySet[StoredObject]:
    """Return the stored objects that no row of any table names."""
    found = StoredObject.objects.filter(swept_at__isnull=True)
    for relation in StoredObject._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            naming = relation.field  # type: ignore[union-attr]
            found = found.filter(~Exists(naming.model._default_manager.filter(**{naming.name: OuterRef("pk")})))
    return found


def _kept(row: StoredObject) -> MatterFile | None:
    """Return the file of a matter with the very bytes of ``row`` under the matter's level; None where either is damaged."""
    data = _content(row)
    if data is None:
        return None
    files = MatterFile.objects.filter(matter__level=F("stored__level")).exclude(stored=row).select_related("stored")
    for level in sorted(set(files.values_list("stored__level", flat=True))):
        same = files.filter(stored__level=level, stored__fingerprint=store.fingerprint(level, data)).order_by("pk")
        file: MatterFile
        for file in same:
            if _content(file.stored) == data:
                return file
    return None


def _content(stored: StoredObject) -> bytes | None:
    try:
        return store.get(stored)
    except Tampered:
        return None
    except Unavailable as error:
        if error.code != "vault.file_missing":
            raise
        return None
