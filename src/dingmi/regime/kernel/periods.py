"""Period arithmetic: the start day is not counted, the last day corresponds to it or is the month's end."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


def add_months(start: date, months: int) -> date:
    """Return the corresponding day ``months`` later, clamped to the month's end.

    Args:
        months: Whole months, at least 0.
    Source: CC-202.
    """
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A length of time: years, then months, then days; added in that order and clamped once (procedures §3.3)."""

    years: int = 0
    months: int = 0
    days: int = 0

    def last_day(self, start: date) -> date:
        """Return the last protected day of a period that starts on ``start`` (the start day is not counted).

        Source: CC-201, CC-202.
        """
        return add_months(start, self.years * 12 + self.months) + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Window:
    """When protection runs: both ends inclusive; ``None`` where it is not known or never ends."""

    starts_on: date | None
    last_protected_day: date | None
    declassified_from: date | None
