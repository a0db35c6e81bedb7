"""The order of the time-driven acts of one day; each is idempotent, so a second run does nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from dingmi.procedures import perform
from dingmi.queries import access

DUE: tuple[str, ...] = (
    "declassification.lapse",
    "review.open_annual",
    "review.mark_breaches",
    "notices.remind",
)


def run(*, now: datetime, today: date | None = None) -> dict[str, dict[str, int]]:
    """Perform every act that is due; return the counts of each.

    Args:
        now: The instant that the acts carry.
        today: The civil day to judge by, the date of ``now`` unless given.
    Raises:
        Unavailable: The clock stands behind the ledger (SR-62).
    """
    actor = access.clock_actor()
    day = today or now.date()
    counts: dict[str, dict[str, int]] = {}
    for name in DUE:
        outcome = perform(name, actor=actor, now=now, params={"today": day.isoformat()})
        counts[name] = {key: value for key, value in asdict(outcome).items() if isinstance(value, int)}
    return counts
