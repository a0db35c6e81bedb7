"""What every table of statistics is made of: a record, the cells that count it, the year that is told of, its quarters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from dingmi.queries.statistics.past import Life, Past

TOTAL = "total"
NO_UNIT = "none"  # what belongs to no department
BEFORE = "_before"  # after a column: the same days of the year before


@dataclass(frozen=True, slots=True)
class Counted:
    """One record that a cell counts: matter, review, correction, referral, challenge, officer or delegation."""

    kind: str
    id: UUID


Count = tuple[str, str, Counted]  # row, column, record


@dataclass(frozen=True, slots=True)
class Frame:
    """What is counted: the past of a day, and the year that is told of; ``last`` is its last day that is known.

    Attributes:
        department: The id of the department that is told of, or ``none`` for what belongs to none; empty for the whole organ.
        until: The last day that is told of, where that is not the end of the year or the day that is known.
    """

    past: Past
    year: int
    departments: Mapping[UUID, str]
    department: str = ""
    until: date | None = None

    @property
    def first(self) -> date:
        """The first day of the year."""
        return date(self.year, 1, 1)

    @property
    def last(self) -> date:
        """The last day of the year, or the day that is known."""
        return self.until or min(date(self.year, 12, 31), self.past.day)

    @property
    def unit(self) -> UUID | None:
        """The department that is told of; nothing for the whole organ, or for what belongs to none."""
        return UUID(self.department) if self.department not in ("", NO_UNIT) else None

    def before(self) -> Frame:
        """Return the same days of the year before, as they are known now."""
        last, year = self.last, self.year - 1
        day = min(last.day, 28) if last.month == 2 else last.day  # no 29 February in two years running
        return replace(self, year=year, until=date(year, last.month, day))

    def named(self, code: str) -> str:
        """Return the name of a department by its id, or nothing."""
        return {str(pk): name for pk, name in self.departments.items()}.get(code, "")


@dataclass(frozen=True, slots=True)
class Table:
    """One table with the records of each cell; ``adds_up``: its rows are parts of one whole, so that a total says something."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    clause: str
    counted: Mapping[tuple[str, str], tuple[Counted, ...]]
    adds_up: bool = True

    def records(self, row: str, column: str) -> tuple[Counted, ...]:
        """Return the records of a cell; ``total`` stands for every row or column."""
        rows = self.rows if row == TOTAL else (row,)
        columns = self.columns if column == TOTAL else (column,)
        return tuple(c for r in rows for k in columns for c in self.counted.get((r, k), ()))

    def count(self, row: str, column: str) -> int:
        """Return the figure of a cell."""
        return len(self.records(row, column))


@dataclass(frozen=True, slots=True)
class Kind:
    """How one table is made: its rows (those found, where none are fixed), columns, clause and records."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    clause: str
    fill: Callable[[Frame], Iterable[Count]]
    order: Callable[[Frame, set[str]], tuple[str, ...]] | None = None
    adds_up: bool = True


def of_matter(life: Life) -> Counted:
    """Return a matter as a record that is counted."""
    return Counted("matter", life.matter)


def quarter(day: date) -> str:
    """Return the quarter of a day: 26Q4."""
    return f"{day.year % 100:02}Q{(day.month + 2) // 3}"


def quarters(last: date, count: int) -> tuple[str, ...]:
    """Return the ``count`` quarters that end with the one of ``last``."""
    number = last.year * 4 + (last.month - 1) // 3
    return tuple(f"{n // 4 % 100:02}Q{n % 4 + 1}" for n in range(number - count + 1, number + 1))
