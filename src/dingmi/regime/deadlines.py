"""Named limits: how long, of what kind, since when, by which clause."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from dingmi.base.errors import Invalid, NotFound
from dingmi.regime.calendar import Calendar, official
from dingmi.regime.kernel.periods import Period


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("dingmi.regime").joinpath("deadlines.toml").read_text(encoding="utf-8"))


COUNTED_BY = {
    "hour": ("CC-201",),
    "working_day": ("CC-201",),
    "day": ("CC-201", "CC-203"),
    "month": ("CC-202", "CC-203"),
    "year": ("CC-202",),
}


def carriers() -> dict[str, list[str]]:
    """Return for each clause the limits that rest on it: their own, and those by which their days are counted."""
    found: dict[str, list[str]] = {}
    for name, table in _tables().items():
        for row in table["values"]:
            for clause in (row["clause"], *row.get("also", ()), *COUNTED_BY[row["unit"]]):
                found.setdefault(clause, []).append(name)
    return {clause: sorted(set(names)) for clause, names in found.items()}


def names() -> tuple[str, ...]:
    """Return the names of the limits."""
    return tuple(sorted(_tables()))


def compute(
    name: str,
    start: date | datetime,
    calendar: Calendar | None = None,
    *,
    extended: bool = False,
    pauses: tuple[tuple[date, date], ...] = (),
    count: int | None = None,
) -> dict[str, Any]:
    """Return when the limit ``name`` ends that starts on ``start``, by the rule of the start date.

    Args:
        name: One of ``names()``.
        start: Civil date; an instant for limits in hours.
        extended: The head approved the extension that the limit allows.
        pauses: Stretches that do not count, each from the day sent out to the day back; only where the law excludes them.
        count: The unit's own number, of a limit that is policy; no law's number is changed by it.
    Raises:
        NotFound: There is no such limit.
        Invalid: A limit in hours needs an instant.
        CalendarGap: The holiday notice of a needed year has not been loaded.
    Source: CC-201, CC-202, CC-203; procedures §2, §7.
    """
    if name not in _tables():
        raise NotFound("deadline.unknown", (), name=name[:40])
    day = _civil(start)
    rows = _tables()[name]["values"]
    row = _row(name, day)
    if count is not None and row.get("policy"):
        row = {**row, "count": count}
    found = _limit(name, row, start, calendar or official(), extended, pauses)
    later = next((r for r in rows if day < r["since"] <= _civil(found["due"])), None)
    if later is not None:  # the rule changes while the limit runs: its own rule holds, the new one is told as a note
        other = _limit(name, later, start, calendar or official(), extended, pauses)
        found["note"] = {key: other[key] for key in ("due", "unit", "count", "clause")}
    return found


def rule_on(name: str, day: date) -> str:
    """Return the clause that the limit ``name`` rests on when it starts on ``day``."""
    return str(_row(name, day)["clause"])


def count_on(name: str, day: date) -> int:
    """Return the number of the limit ``name`` when it starts on ``day``, in its own unit."""
    return int(_row(name, day)["count"])


@cache
def policies() -> tuple[str, ...]:
    """Return the names of the limits that no law counts: the unit may set its own number."""
    return tuple(sorted(name for name, table in _tables().items() if table["values"][-1].get("policy")))


def stops(name: str, day: date) -> bool:
    """Tell whether the limit ``name`` that starts on ``day`` stands still while others are asked."""
    return bool(_row(name, day).get("pausable"))


def _row(name: str, day: date) -> dict[str, Any]:
    rows: list[dict[str, Any]] = _tables()[name]["values"]
    return next((row for row in reversed(rows) if row["since"] <= day), rows[0])


def _civil(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _limit(
    name: str,
    row: dict[str, Any],
    start: date | datetime,
    table: Calendar,
    extended: bool,
    pauses: tuple[tuple[date, date], ...],
) -> dict[str, Any]:
    day = _civil(start)
    count, unit = int(row["count"]), str(row["unit"])
    if extended:
        count += _extension(name, row)
    stopped = pauses if row.get("pausable") else ()
    due: date | datetime
    years: set[int]
    if unit == "hour":
        if not isinstance(start, datetime):
            raise Invalid("deadline.needs_instant", (row["clause"],), name=name)
        due = start + timedelta(hours=count)
        years = set()
    elif unit == "working_day":
        count += sum(table.working_days_between(sent, back) for sent, back in stopped)
        due = table.working_days_after(day, count)
        years = set(range(day.year, due.year + 1))
    elif unit == "year":  # decades ahead no calendar is known: the day itself is told
        due = Period(years=count).last_day(day)
        years = set()
    elif unit == "month":
        due = table.roll_forward(Period(months=count).last_day(day))
        years = {due.year}
    else:
        count += sum((back - sent).days for sent, back in stopped)
        due = table.roll_forward(Period(days=count).last_day(day))
        years = {due.year}
    return {
        "due": due,
        "unit": unit,
        "count": count,
        "rule": name,
        "clause": row["clause"],
        "is_policy": bool(row.get("policy")),
        "calendar_years": sorted(years),
    }


def _extension(name: str, row: dict[str, Any]) -> int:
    if "extension" not in row:
        raise Invalid("deadline.not_extendable", (row["clause"],), name=name)
    return int(row["extension"])
