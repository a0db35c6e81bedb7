"""What the pages that take a spreadsheet share: its faults row by row, and the empty sheet to fill in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from dingmi.base.errors import Finding
from dingmi.engines.documents import tables
from dingmi.interfaces.web.door import Told, told
from dingmi.interfaces.web.files import attachment

FAULTS_SHOWN = 200
BLANKS = {"element": "", "state": "", "level": ""}  # what only a row could fill in is left out


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its row as the sheet numbers it (0 for the whole sheet), its column, and what is said of it."""

    row: int
    column: str
    said: Told


def faults(found: Iterable[tuple[int, str, Any]], language: str) -> list[Fault]:
    """Return the first faults of a report in words, given as row, column, and a code or a finding of the law."""
    shown = list(found)[:FAULTS_SHOWN]
    return [Fault(row, column, told(_finding(what), language)) for row, column, what in shown]


def _finding(what: Any) -> Finding:
    if isinstance(what, str):
        return Finding(what, "block", (), BLANKS)
    return Finding(what.code, "block", what.clauses, {**BLANKS, **what.params})


def blank(filename: str, name: str, headings: Iterable[str]) -> HttpResponse:
    """Return a workbook that has the headings and no row."""
    return attachment(filename, "xlsx", tables.workbook([tables.Sheet(name, tuple(headings), ())]))
