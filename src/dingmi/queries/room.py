"""How full the store of the ledger is, and from where on that is told and nothing new is done (SR-46, ADR 0070).

What may be filled is what ``[store] gigabytes`` of ``dingmi.toml`` grants, and on SQLite no more than the file and the
free space of its disk; where neither says anything, nothing is known. The two marks are dated numbers (``policy.toml``).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from dingmi.base.errors import Finding
from dingmi.queries import policy
from dingmi.records.ledger.models import Entry

GIGABYTE = 10**9
WARNED, STOPPED = "store.filling", "store.no_room"
_SQLITE = (
    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
_POSTGRESQL = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True, slots=True)
class Room:
    """What the database of this installation fills, and what it may fill, in bytes."""

    used: int
    room: int

    @property
    def percent(self) -> int:
        """The share that is filled, in whole per cent; more than 100 where more is filled than was granted."""
        return self.used * 100 // self.room

    def step(self, on: date) -> str:
        """Return the code of what this share means on ``on``: nothing, ``store.filling`` or ``store.no_room``."""
        if self.percent >= policy.number("store_stopped_percent", on):
            return STOPPED
        return WARNED if self.percent >= policy.number("store_warned_percent", on) else ""

    def told(self, on: date) -> dict[str, str | int]:
        """Return what the words of both codes say of it."""
        stop = policy.number("store_stopped_percent", on)
        sizes = {"used": f"{self.used / GIGABYTE:.2f}", "room": f"{self.room / GIGABYTE:.2f}"}
        return {"percent": self.percent, "stop": stop, **sizes}


def room(now: datetime) -> Room | None:
    """Return how full the store of the ledger is; None where nothing says how much it may hold."""
    granted, free = _granted(), _free()
    if granted is None and free is None:
        return None
    is_file = connection.vendor == "sqlite"
    used = _used(_SQLITE, now) if is_file else _used(_POSTGRESQL, now.replace(second=0, microsecond=0))
    rooms = [most for most in (granted, None if free is None else used + free) if most is not None]
    return Room(used, max(1, min(rooms)))


def last_told() -> str:
    """Return the mark that the administrators were last told of; empty where the store was below both since."""
    entry = Entry.objects.filter(act="keep.note_room").order_by("-pk").first()
    return "" if entry is None else str(json.loads(entry.body)["data"]["step"])


def findings(now: datetime) -> tuple[Finding, ...]:
    """Return what ``dingmi check`` says of the store: a grant that is none, one that lacks, a store that fills."""
    if _gigabytes() == 0:
        return (Finding("check.store", "block"),)
    found = room(now)
    if found is None:
        return (Finding("check.store_unknown", "warn"),)
    step = found.step(now.date())
    return (Finding(step, "warn", (), found.told(now.date())),) if step else ()


def _gigabytes() -> float | None:
    """Return what ``[store]`` grants: nothing where it is left out, zero where what it says is no grant."""
    asked = settings.CONFIG.get("store", {})
    if asked == {}:
        return None
    size = asked.get("gigabytes") if isinstance(asked, dict) and set(asked) == {"gigabytes"} else None
    return size if isinstance(size, int | float) and type(size) is not bool and 0 < size < GIGABYTE else 0.0


def _granted() -> int | None:
    """Return what was granted, in bytes; what is no grant grants nothing, and ``dingmi check`` names it."""
    size = _gigabytes()
    return int(size * GIGABYTE) if size else None


def _free() -> int | None:
    """Return the free bytes of the disk on which the SQLite file lies; None for a database elsewhere or in memory."""
    file = Path(str(connection.settings_dict["NAME"]))
    return shutil.disk_usage(file.parent).free if connection.vendor == "sqlite" and file.is_file() else None


@lru_cache(maxsize=1)
def _used(statement: str, at: datetime) -> int:
    """Return the bytes that the database fills, as asked at ``at``; PostgreSQL looks at every file for it: once a minute."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
