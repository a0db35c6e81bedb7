"""文件库迁移: stored files go from the folders of this machine to the buckets of their levels, or back, wherever it was broken off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Refused
from dingmi.procedures.frame import procedure
from dingmi.procedures.rotation import each_tried
from dingmi.records.ledger.append import append
from dingmi.records.vault import shelves, store
from dingmi.records.vault.models import StoredObject

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many files were moved, how many could not be, and how many there are."""

    moved: int
    failed: int
    total: int


@procedure("keep.move_files", requires=Role.SYSTEM_ADMIN, internal=True)
def _move(*, actor: Actor, now: datetime, home: bool, progress: Progress, prepared: dict[str, Any]) -> Moved:
    """Move every stored file to the buckets of the levels, or home to folders; no key and no content is touched. 迁移文件库。

    Raises:
        Refused: ``vault.nothing_to_move``: no object store is configured.
    """
    done: Moved = prepared["done"]
    data = {"home": home, "moved": done.moved, "failed": done.failed, "total": done.total}
    append(actor, "keep.move_files", subject=("vault", "all"), at=now, data=data)
    return done


@_move.prepare
def _moving(*, actor: Actor, now: datetime, home: bool, progress: Progress) -> dict[str, Any]:
    here, there = shelves.folders(), shelves.shelf()
    if isinstance(there, shelves.Folders):
        raise Refused("vault.nothing_to_move")
    source, target = (there, here) if home else (here, there)
    waiting = StoredObject.objects.filter(swept_at__isnull=True).order_by("pk")
    total, moved, failed = waiting.count(), 0, 0
    with store.held_still():
        tried = each_tried(waiting.iterator(), partial(store.move, source=source, target=target))
        for number, done in enumerate(tried, start=1):
            moved += done is True
            failed += done is None
            progress(number, total)
    return {"done": Moved(moved, failed, total)}


def move_files(*, actor: Actor, now: datetime, home: bool, progress: Progress) -> Moved:
    """Move every stored file; one that is there already is left, one that is missing or altered is counted and stays.

    Args:
        home: From the buckets to the folders of this machine.
    """
    done: Moved = _move(actor=actor, now=now, home=home, progress=progress)
    return done
