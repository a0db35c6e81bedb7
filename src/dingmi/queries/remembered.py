"""Counts remembered for their reader while nothing has changed. The log is the witness: no record changes without an entry.

What a reader may see depends on the records, on the reader and on the time. The frontier of the log keeps the root of the
tree as it was when records changed last, so equal roots are equal records, whatever process or installation asks; the reader
is part of the key; and an answer holds only until the next moment at which a scope or a designation begins or ends. Numbers
and names of the reader and the keys of a first page are kept this way, text of matters never. On PostgreSQL entries get their
place after the commit: while one has none, nothing is remembered, so that a reader who was taken out of a scope is not shown
in that moment what was listed before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Exists, Min, Value

from dingmi.base.actor import Actor
from dingmi.records.ledger.guard import is_act_open
from dingmi.records.ledger.models import AT_WORK, Frontier, unplaced
from dingmi.records.ledger.worded import Worded
from dingmi.records.matters.models import ScopeEntry
from dingmi.records.officers.models import Designation

T = TypeVar("T")
MOST = 10_000  # answers held at once: beyond that all are forgotten
TURNS: tuple[tuple[Any, str], ...] = (
    (ScopeEntry, "since"),
    (ScopeEntry, "until"),
    (Designation, "since"),
    (Designation, "until"),
    (Designation, "ended_at"),
)


@dataclass(frozen=True, slots=True)
class Still:
    """A stretch of time [since, until) in which neither records nor what time does to them change, and what was answered."""

    root: bytes
    since: datetime
    until: datetime | None
    answers: dict[Hashable, Any] = field(default_factory=dict)

    def holds(self, root: bytes, now: datetime) -> bool:
        """Tell whether what was answered is the answer at ``now``."""
        return self.root == root and self.since <= now and (self.until is None or now < self.until)


_latest: list[Still] = []


@cache
def _changed() -> Worded:
    """Return the words that ask for the root and, of the same moment, whether an entry still has no place."""
    waits = Exists(unplaced(AT_WORK)) if connection.vendor == "postgresql" else Value(False)
    return Worded(Frontier.objects.filter(pk=1).annotate(waits=waits).values_list("changed", "waits"))


def _turn(now: datetime) -> datetime | None:
    """Return the next moment at which time alone changes what someone may see."""
    found = (
        model.objects.filter(**{f"{column}__gt": now}).aggregate(next=Min(column))["next"] for model, column in TURNS
    )
    return min((moment for moment in found if moment is not None), default=None)


def _still(now: datetime) -> Still | None:
    """Return what holds now; None while an act runs, and before the log has begun."""
    if is_act_open():
        return None
    rows = _changed().rows()
    root, waits = (bytes(rows[0][0] or b""), rows[0][1]) if rows else (b"", False)
    if waits or not root:
        return None
    held = next(iter(_latest), None)
    if held is None or not held.holds(root, now) or len(held.answers) >= MOST:
        held = Still(root, now, _turn(now))
        _latest[:] = [held]
    return held


def remembered(actor: Actor, now: datetime, name: Hashable, answer: Callable[[], T]) -> T:
    """Return ``answer()``, or what it was for this reader and day if nothing has changed since.

    Args:
        name: What is asked, with everything that the answer depends on beside the reader and the day.
    """
    still = _still(now)
    if still is None:
        return answer()
    reader = (actor.account_id, actor.person_id, actor.organ_id, actor.department_ids, actor.roles, actor.clearance)
    key = (name, now.date(), reader)
    if key not in still.answers:
        still.answers[key] = answer()
    return cast(T, still.answers[key])
