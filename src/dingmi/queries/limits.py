"""期限：the last day of a limit as it stood when it began; what is policy and not law the unit may set for itself.

The limits and their dates are the regime's (``deadlines.toml``). Of those that no law counts (``policy = true``) the unit
says its own number in ``[limits]`` of ``dingmi.toml``, as ``proposal = 3``; a limit that runs keeps its day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from dingmi.base.errors import Finding
from dingmi.regime import deadlines
from dingmi.regime.calendar import CalendarGap

PROPOSAL, CHANGE, CHALLENGE, OBJECTION = "proposal", "change_proposal", "challenge_answer", "performance_objection"
WORK, TRADE, REFERRAL = "work_secret_proposal", "trade_secret_proposal", "referral_at_once"
RECTIFICATION, DIFFERENCE = "rectification", "difference_ruling"
LONGEST = 366
# the limit by which what was proposed is decided: by the law of the matter and what is proposed
PROPOSED: dict[tuple[str, str], str] = {
    ("prc_state", "determination.propose"): PROPOSAL,
    ("prc_state", "derivation.propose"): PROPOSAL,
    ("prc_state", "change.change"): CHANGE,
    ("prc_state", "change.extend"): CHANGE,
    ("prc_state", "declassification.release"): CHANGE,
    ("prc_state", "review.keep"): CHANGE,
    ("prc_state", "review.lapse"): CHANGE,
    ("work_secret", "grading.propose"): WORK,
    ("work_secret", "grading.revise"): WORK,
    ("trade_secret", "grading.propose"): TRADE,
    ("trade_secret", "grading.revise"): TRADE,
}
WAITING = tuple(dict.fromkeys(PROPOSED.values()))
CHANGES = tuple(act for (_, act), name in PROPOSED.items() if name == CHANGE)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it stood when it began: its last day, or None while the calendar of a year is not loaded."""

    due_on: date | None
    clause: str


def limit(name: str, start: date) -> Limit:
    """Return the limit ``name`` that starts on ``start``, by the rule of that day, or by the unit's own where it may set it."""
    try:
        found = deadlines.compute(name, start, count=_own(name))
    except CalendarGap:
        return Limit(None, deadlines.rule_on(name, start))
    return Limit(found["due"], str(found["clause"]))


def count(name: str, on: date) -> int:
    """Return how many days, of the kind that it counts in, the limit ``name`` has that starts on ``on``."""
    own = _own(name)
    return own if own is not None else deadlines.count_on(name, on)


def days_after(name: str, start: date) -> date:
    """Return the last day of a limit in plain days: one that nobody has to keep on a working day."""
    return start + timedelta(days=count(name, start))


def limit_faults() -> tuple[Finding, ...]:
    """Return what is wrong in ``[limits]``; where something is, the regime's own number holds."""
    own = settings.CONFIG.get("limits", {})
    if not isinstance(own, dict):
        return (_fault("limits"),)
    return tuple(
        _fault(name) for name, number in own.items() if name not in deadlines.policies() or not _is_count(number)
    )


def _fault(name: str) -> Finding:
    known = {"names": "、".join(deadlines.policies()), "longest": LONGEST}
    return Finding("check.limits", "block", (), {"name": name[:40], **known})


def _own(name: str) -> int | None:
    own: Any = settings.CONFIG.get("limits", {})
    number = own.get(name) if isinstance(own, dict) and name in deadlines.policies() else None
    return number if _is_count(number) else None


def _is_count(number: Any) -> bool:
    return type(number) is int and 1 <= number <= LONGEST
