"""The order of the time-driven acts of one day; each is idempotent, so a second run does nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.db import connection

from dingmi.base.actor import Actor
from dingmi.base.errors import DingmiError
from dingmi.procedures import perform
from dingmi.procedures.keep import watch_anchor, watch_room
from dingmi.procedures.lapse import LAPSE
from dingmi.queries import access, standing

MEASURED = 50_000  # rows of one index that are read to measure it
DUE: tuple[str, ...] = (
    "change.take_effect",
    "succession.take_effect",
    LAPSE,
    "declassification.follow_lapse",
    "guides.follow_editions",
    "grading.lapse",
    "carriers.remark",
    "review.open_annual",
    "review.mark_breaches",
    "notices.compute_deadlines",
    "notices.remind",
    "notices.alert_undelivered",
    "unclear.remind",
    "disclosure.reassess",
    "officers.recognise_principal",
    "officers.follow",
    "training.follow",
    "personnel.follow",
    "travel.follow",
    "secrecy_file.follow",
    "oversight.follow",
    "incident.follow",
    "carriers.follow",
    "archives.remind",
    "exams.collect",
    "assist.follow",
    "assist.index",
    "radar.scan",
    "outlook.follow",
    "keep.reconcile_counts",
    "keep.shred_old_copies",
    "keep.sweep_files",
)


def run(*, now: datetime, today: date | None = None) -> dict[str, dict[str, int]]:
    """Perform every act that is due, batch by batch; return the counts of each.

    An act that is refused does not keep the others from what is due; its error is raised when they are done.

    Args:
        now: The instant that the acts carry.
        today: The civil day to judge by, the date of ``now`` unless given.
    Raises:
        Unavailable: The clock stands behind the ledger (SR-62).
    """
    actor = access.clock_actor()
    day = today or now.date()
    counts: dict[str, dict[str, int]] = {}
    failed: DingmiError | None = None
    for watch in (watch_room, watch_anchor):
        try:
            watch(now)
        except DingmiError as error:
            failed = failed or error
    for name in DUE:
        try:
            counts[name] = until_done(name, actor, now, day)
        except DingmiError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return counts


def at_the_hour(*, now: datetime) -> dict[str, int]:
    """Perform the release of what has come to the hour on its mark since the day began; nothing where nothing has."""
    return until_done(LAPSE, access.clock_actor(), now, now.date()) if standing.has_ended(now) else {}


def refresh_statistics() -> None:
    """Let SQLite measure its indexes anew, so that lists go along the right ones; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit={MEASURED}")
            cursor.execute("ANALYZE")


def until_done(name: str, actor: Actor, now: datetime, day: date) -> dict[str, int]:
    """Perform one act until nothing more is due; return its counts together."""
    total: dict[str, int] = {}
    while True:
        outcome = asdict(perform(name, actor=actor, now=now, params={"today": day.isoformat()}))
        more = outcome.pop("more", False)
        total = {key: total.get(key, 0) + value for key, value in outcome.items()}
        if not more:
            return total
