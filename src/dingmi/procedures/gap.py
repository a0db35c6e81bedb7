"""A silent ledger: noted before the first act that follows it, so that its date is confirmed by a person (SR-63)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from dingmi.base.actor import Actor
from dingmi.queries import clock, policy
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import act_open
from dingmi.records.oversight.models import DateGap

NOTED = "keep.gap_noted"


def note(actor: Actor, now: datetime) -> None:
    """Keep the gap that ends with this act, if the ledger was silent too long before it; in a transaction of its own."""
    if clock.silence(now) is None:
        return
    with transaction.atomic(), act_open(NOTED):
        silence = clock.silence(now)
        if silence is None or clock.unconfirmed() is not None:
            return
        since, span = silence
        needed = 2 if span > timedelta(days=policy.number("long_gap_days", now.date())) else 1
        row = DateGap(since=since, found_at=now, needed=needed)
        row.save()
        append(
            actor,
            NOTED,
            subject=("gap", row.pk),
            at=now,
            data={"since": since, "hours": int(span.total_seconds() // 3600), "needed": needed},
            rows=[row],
        )
