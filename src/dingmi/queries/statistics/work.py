"""What officers did over a stretch of days: how much, how fast, how often sent back; counts and shares, never a rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from uuid import UUID

from dingmi.queries import limits, policy
from dingmi.queries.clock import ZONE
from dingmi.queries.statistics.past import Deed, Life, Past

AS_PROPOSED, CHANGED = "determination.approve", "determination.change_and_approve"
SIGNED = (AS_PROPOSED, CHANGED)
HIGH = ("机密", "绝密")
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Work:
    """The decisions of one officer: first determinations, those that passed at once, those changed, returned, the time each took."""

    decided: int
    at_once: int
    changed: int
    returned: int
    in_time: int
    high: int
    mean_days: float | None
    median_seconds: float | None

    @property
    def at_once_share(self) -> int | None:
        """Return how many of a hundred passed without being returned first; nothing without decisions."""
        return round(100 * self.at_once / self.decided) if self.decided else None

    @property
    def in_time_share(self) -> int | None:
        """Return how many of a hundred were decided within the working days that policy asks; nothing without decisions."""
        return round(100 * self.in_time / self.decided) if self.decided else None

    @property
    def high_share(self) -> int | None:
        """Return how many of a hundred were 机密 or above."""
        return round(100 * self.high / self.decided) if self.decided else None

    @property
    def signals(self) -> tuple[str, ...]:
        """Return what asks for a look: hardly used, approved very fast, agreed with everything."""
        found = ["rarely"] if self.decided <= policy.RARELY_A_YEAR else []
        if self.decided >= policy.SEEN_LEAST:
            if self.median_seconds is not None and self.median_seconds < policy.FAST_SECONDS:
                found.append("fast")
            if not self.changed and not self.returned:
                found.append("agrees")
        return tuple(found)


NOTHING = Work(0, 0, 0, 0, 0, 0, None, None)


def decide_by(proposed: datetime) -> date | None:
    """Return the last day on which a proposal is decided in time by policy; nothing while no calendar is loaded."""
    return limits.limit(limits.PROPOSAL, proposed.astimezone(ZONE).date()).due_on


def is_in_time(deed: Deed) -> bool:
    """Tell whether a decision was taken in time by policy; one without a limit always was."""
    limit = decide_by(deed.proposed_at) if deed.proposed_at is not None else None
    return limit is None or deed.day <= limit


def of_officers(past: Past, first: date, last: date) -> Mapping[UUID, Work]:
    """Return what each officer did over [first, last]."""
    deeds: dict[UUID, list[tuple[Life, Deed]]] = {}
    for life, step in past.steps(first, last, "determined", "returned", "not_secret"):
        if step.deed.officer is not None:
            deeds.setdefault(step.deed.officer, []).append((life, step.deed))
    return {officer: _work(done) for officer, done in deeds.items()}


def _work(done: Iterable[tuple[Life, Deed]]) -> Work:
    rows = list(done)
    first = [(life, deed) for life, deed in rows if deed.act in SIGNED]
    spans = [(deed.at - deed.proposed_at).total_seconds() for _, deed in first if deed.proposed_at is not None]
    return Work(
        decided=len(first),
        at_once=sum(1 for life, _ in first if not any(s.what == "returned" for s in life.steps)),
        changed=sum(1 for _, deed in first if deed.act == CHANGED),
        returned=sum(1 for _, deed in rows if deed.act == "determination.return"),
        in_time=sum(1 for _, deed in first if is_in_time(deed)),
        high=sum(1 for _, deed in first if deed.level in HIGH),
        mean_days=round(sum(spans) / len(spans) / DAY_SECONDS, 1) if spans else None,
        median_seconds=median(spans) if spans else None,
    )
