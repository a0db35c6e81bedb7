"""What every time-driven act shares: one node at a time, small batches, and a place to go on from.

Each act handles at most ``BATCH`` rows in its transaction and says whether more are due, so no writer waits long, and a
run that is killed has done whole batches and goes on with the rest. Rows that are done are no longer due: running late,
twice or on two nodes changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from dingmi.records.oversight.models import Sweep

BATCH = 200
_LOCK = 0x73776570


def alone() -> None:
    """Let one node at a time sweep until its transaction ends; on SQLite the transaction is the only writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def place(act: str, period: str) -> Sweep:
    """Return how far ``act`` has come in ``period``."""
    found: Sweep = Sweep.objects.select_for_update().get_or_create(act=act, period=period)[0]
    return found


def move(sweep: Sweep, cursor: UUID | None, now: datetime) -> None:
    """Keep that everything up to ``cursor`` is handled; None: the period is done."""
    sweep.cursor = cursor if cursor is not None else sweep.cursor
    sweep.done_at = now if cursor is None else None
    sweep.save()
