"""Working days of the State Council calendar, as data a year; a year that is not loaded is said, never guessed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from dingmi.base.errors import Unavailable


class CalendarGap(Unavailable):
    """The holiday notice of a needed year has not been loaded."""


@dataclass(frozen=True)
class Calendar:
    """Holidays on weekdays and make-up working days at weekends, by year."""

    holidays: dict[int, frozenset[date]]
    make_up: dict[int, frozenset[date]]

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on ``day``.

        Raises:
            CalendarGap: The year of ``day`` is not loaded.
        """
        if day.year not in self.holidays:
            raise CalendarGap("calendar.not_loaded", ("CC-203",), year=day.year)
        if day.weekday() >= 5:
            return day in self.make_up[day.year]
        return day not in self.holidays[day.year]

    def working_days_after(self, start: date, count: int) -> date:
        """Return the last day of a limit of ``count`` working days that starts the day after ``start``.

        Args:
            count: Whole working days, at least 1; make-up working days count, holidays do not.
        Raises:
            CalendarGap: The holiday notice for a needed year has not been loaded.
        Source: CC-201 (start day excluded), TL-25.1d.
        """
        day = start
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def roll_forward(self, day: date) -> date:
        """Return ``day``, or the next working day when it is a holiday.

        Raises:
            CalendarGap: The holiday notice for a needed year has not been loaded.
        Source: CC-203.
        """
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after ``start`` up to and with ``end``; negative when ``end`` is past."""
        if end < start:
            return -self.working_days_between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.is_working_day(day) for day in days)


@cache
def official() -> Calendar:
    """Return the calendar of the years loaded."""
    text = files("dingmi.regime.calendar").joinpath("years.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Calendar(
        {int(year): frozenset(row["holidays"]) for year, row in table.items()},
        {int(year): frozenset(row["make_up"]) for year, row in table.items()},
    )
