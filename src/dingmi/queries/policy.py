"""Lead times and limits that are the product's policy and not law (procedures §2); shown to people as policy.

How long before its day something is told of is the unit's to say, in ``[leads]`` of ``dingmi.toml``: for each name of
``LEADS`` a list of days before the day, as ``expiry = [180, 90, 30]``. Its other numbers stand in a dated table
(``regime/policy.toml``); the unit says its own in ``[numbers]``, as ``officer_hours = 20``.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings

from dingmi.base.errors import Finding
from dingmi.regime.kernel.parameters import Parameters

LEADS: dict[str, tuple[int, ...]] = {
    "expiry": (180, 90, 30),  # before the last protected day; the first opens the review before the end
    "limit": (3,),  # before a running limit ends
    "grade": (30,),  # before a trade secret ends, its drafter and approver are told, and it stands on their workbench
    "delivery": (5,),  # before an extension notice must have reached everyone, who it has not is named
    "officer": (60, 30, 7),  # before a term, a training or a certificate ends
    "staff": (60, 30, 7),  # before a vetting is due again or an undertaking ends
    "travel": (7, 3, 0),  # before a journey abroad that is not yet approved or briefed for
    "file": (30, 7, 0),  # before a paper of the secrecy file is to be looked at again
    "inspection": (14, 3, 0),  # before the day on which an inspection is planned
    "rectify": (14, 3, 0),  # before a finding is to be put right; later everyone concerned is told once a week
    "carrier": (7, 1, 0),  # before a copy is to be back, or back at its issuer; later once a week
    "delegation": (90, 30, 7),  # before a delegation of authority ends
}
ONE_ONLY = ("limit", "grade", "delivery")
MOST_LEADS, LONGEST_LEAD = 6, 3650


def lead(name: str) -> tuple[int, ...]:
    """Return the days before the day on which is told of what ``LEADS`` names, the longest first: the unit's own or ours."""
    own = _own().get(name, LEADS[name])
    return tuple(sorted(own, reverse=True)) if _is_lead(name, own) else LEADS[name]


def lead_faults() -> tuple[Finding, ...]:
    """Return what is wrong in ``[leads]``; where something is, our own days hold."""
    wrong = [name for name, days in _own().items() if name not in LEADS or not _is_lead(name, days)]
    if not isinstance(settings.CONFIG.get("leads", {}), dict):
        wrong = ["leads"]
    known = {"names": "、".join(LEADS), "most": MOST_LEADS, "longest": LONGEST_LEAD}
    return tuple(Finding("check.leads", "block", (), {"name": name[:40], **known}) for name in wrong)


def _own() -> dict[str, Any]:
    own = settings.CONFIG.get("leads", {})
    return own if isinstance(own, dict) else {}


def _is_lead(name: str, days: Any) -> bool:
    most = 1 if name in ONE_ONLY else MOST_LEADS
    if not isinstance(days, list) or not 1 <= len(days) <= most or len(set(map(str, days))) < len(days):
        return False
    return all(type(day) is int and 0 <= day <= LONGEST_LEAD for day in days)


@cache
def _table() -> Parameters:
    return Parameters(files("dingmi.regime").joinpath("policy.toml").read_text(encoding="utf-8"))


@cache
def bounds() -> dict[str, int]:
    """Return the most that each number of the table may be; the least is 1."""
    return {name: int(table["most"]) for name, table in tomllib.loads(_table().text).items()}


def number(name: str, on: date) -> int:
    """Return the number of the table in force on ``on``: the unit's own where it set one, else ours."""
    own = _numbers().get(name)
    return own if isinstance(own, int) and _is_number(name, own) else int(_table().value(name, on))


def number_faults() -> tuple[Finding, ...]:
    """Return what is wrong in ``[numbers]``; where something is, our own number holds."""
    wrong = [name for name, own in _numbers().items() if not _is_number(name, own)]
    if not isinstance(settings.CONFIG.get("numbers", {}), dict):
        wrong = ["numbers"]
    known = "、".join(f"{name} ≤ {most}" for name, most in bounds().items())
    return tuple(Finding("check.numbers", "block", (), {"name": name[:40], "names": known}) for name in wrong)


def _numbers() -> dict[str, Any]:
    own = settings.CONFIG.get("numbers", {})
    return own if isinstance(own, dict) else {}


def _is_number(name: str, own: Any) -> bool:
    return type(own) is int and 1 <= own <= bounds().get(name, 0)


EXPIRY_LEAD_DAYS = lead("expiry")
RARELY_A_YEAR = 2  # an officer who decided no more than this in twelve months is told of: a seat may be one too many
FAST_SECONDS = 120  # half of an officer's approvals within this after the proposal: is it read at all?
SEEN_LEAST = 20  # decisions below which neither speed nor agreement says anything
CONCENTRATED = 0.5  # share of an organ's determinations with one officer that is told of
UNEVEN_LEAST = 5  # cases of a sign of quality below which it says nothing of a department
UNEVEN_TIMES = 1.5  # … and how many times its share of all a department has of them before it is named
LIMIT_LEAD_DAYS = lead("limit")[0]
GRADE_LEAD_DAYS = lead("grade")[0]
DELIVERY_ALERT_DAYS = lead("delivery")[0]
OFFICER_LEAD_DAYS = lead("officer")
STAFF_LEAD_DAYS = lead("staff")
TRAVEL_LEAD_DAYS = lead("travel")
FILE_LEAD_DAYS = lead("file")
INSPECTION_LEAD_DAYS = lead("inspection")
RECTIFY_LEAD_DAYS = lead("rectify")
CARRIER_LEAD_DAYS = lead("carrier")
DELEGATION_LEAD_DAYS = lead("delegation")
READING_SECONDS = (
    60  # an officer reads this long before the drafter's opinion is laid beside the rules, unless asked for
)


def first_reminder(kind: str, opened_on: date, due_on: date) -> date | None:
    """Return when people are first reminded of a review task."""
    if kind == "annual":
        return max(opened_on, date(due_on.year, number("annual_reminded_from_month", opened_on), 1))
    if kind == "source":
        return due_on if due_on > opened_on else None  # one that is due at once is told at once
    return opened_on


def next_reminder(kind: str, due_on: date, today: date) -> date | None:
    """Return the next reminder after one of ``today``; None when it was the last."""
    if kind == "annual":
        following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        return following if following <= due_on else None
    if kind == "source":
        return None
    steps = (due_on - timedelta(days=lead) for lead in sorted(EXPIRY_LEAD_DAYS, reverse=True))
    return next((step for step in steps if step > today), None)
