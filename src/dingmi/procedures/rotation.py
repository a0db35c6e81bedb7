"""密钥更替: a level's files are brought under its new key in the background, batch by batch, wherever it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Tampered, Unavailable
from dingmi.procedures.frame import procedure
from dingmi.queries import access
from dingmi.records.ledger.append import append
from dingmi.records.vault import store
from dingmi.records.vault.models import Rotation, StoredObject

BATCH = 200


@dataclass(frozen=True, slots=True)
class Rotated:
    """How far a rotation has come."""

    level: str
    done: int
    failed: int
    total: int
    is_finished: bool


def begun(level: str, key_id: str, now: datetime) -> Rotation:
    """Return the rotation of a level to its new key, in the act that made the key; one under way goes on to that key."""
    row = Rotation.objects.filter(level=level, finished_at__isnull=True).first()
    row = row or Rotation(level=level, key_id=key_id, total=0, started_at=now)
    row.key_id, row.cursor, row.done, row.failed = key_id, None, 0, 0
    row.total = StoredObject.objects.filter(level=level, swept_at__isnull=True).count()
    row.save()
    return row


def each_tried(files: Iterable[StoredObject], work: Callable[[StoredObject], bool]) -> Iterator[bool | None]:
    """Do ``work`` on each file; yield whether it changed anything, None where the file is missing or altered.

    Raises:
        Unavailable: The keys are closed or a shelf is away: nothing is skipped for that.
    """
    for stored in files:
        try:
            yield work(stored)
        except Tampered:
            yield None
        except Unavailable as error:
            if error.code != "vault.file_missing":
                raise
            yield None


@procedure("keep.rotate", requires=(Role.CLOCK,), internal=True)
def _rotate(*, actor: Actor, now: datetime, rotation: UUID, prepared: dict[str, Any]) -> Rotated:
    """Bring the next files of a level under its latest key. 更替密钥。

    A batch that began before the level got a later key, or that another process did too, is not counted: the row goes on.
    """
    row = Rotation.objects.select_for_update().get(pk=rotation)
    if (row.key_id, row.cursor) == prepared["began"]:
        row.done += prepared["done"]
        row.failed += prepared["failed"]
        row.cursor = prepared["cursor"] or row.cursor
        if prepared["cursor"] is None:
            row.finished_at = now
        row.save()
    is_finished = row.finished_at is not None
    data = {"level": row.level, "key": row.key_id, "done": row.done, "failed": row.failed, "finished": is_finished}
    append(actor, "keep.rotate", subject=("key", row.key_id), at=now, data=data, rows=[row])
    return Rotated(row.level, row.done, row.failed, row.total, is_finished)


@_rotate.prepare
def _rewrapped(*, actor: Actor, now: datetime, rotation: UUID) -> dict[str, Any]:
    """Rewrap one batch. A file that was done before a kill is found done: nothing is counted by what changed."""
    row = Rotation.objects.get(pk=rotation)
    waiting = StoredObject.objects.filter(level=row.level, swept_at__isnull=True).order_by("pk")
    if row.cursor is not None:
        waiting = waiting.filter(pk__gt=row.cursor)
    batch = list(waiting[:BATCH])
    failed = sum(changed is None for changed in each_tried(batch, store.rewrap))
    return {
        "began": (row.key_id, row.cursor),
        "done": len(batch) - failed,
        "failed": failed,
        "cursor": batch[-1].pk if batch else None,
    }


def rotate_some(*, now: datetime) -> Rotated | None:
    """Go on with the oldest rotation by one batch; None when there is nothing to do.

    Raises:
        Unavailable: The keys are closed or the service is away; it goes on another time.
    """
    row = Rotation.objects.filter(finished_at__isnull=True).order_by("started_at", "pk").first()
    if row is None:
        return None
    done: Rotated = _rotate(actor=access.clock_actor(), now=now, rotation=row.pk)
    return done
