"""Rows as a spreadsheet or as CSV to hand out: every cell is text and none can run, and each page names its reader."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dingmi.engines.documents.archive import write_archive

RUNS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
)  # how a cell begins that a spreadsheet would calculate, blanks apart
BREAKS = ("\t", "\r", "\n")
MADE = datetime(2000, 1, 1)  # a workbook of figures says nothing of its own about time
NAME_MOST = 31  # characters of a sheet's name
WIDTHS = (18, 44, 20, 14, 12, 12, 8, 12, 14)


def inert(text: str) -> str:
    """Return a cell that a spreadsheet shows and never calculates."""
    return f"'{text}" if text.startswith(BREAKS) or text.lstrip().startswith(RUNS) else text


def write(kind: str, level: str, heading: Sequence[str], rows: Sequence[Sequence[str]], reader: str) -> bytes:
    """Return the rows as a file of ``kind`` (``xlsx`` or ``csv``).

    Args:
        level: The highest level among the rows; it stands first in the file and on every printed page.
        reader: Who takes them out and when: the watermark, in the first line and on every printed page.
    """
    first = tuple(part for part in (level, reader) if part)
    if kind == "csv":
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerows([[inert(cell) for cell in row] for row in (first, heading, *rows)])
        return stream.getvalue().encode("utf-8-sig")
    return _workbook(level, first, heading, rows, reader)


def _workbook(
    level: str, first: Sequence[str], heading: Sequence[str], rows: Sequence[Sequence[str]], reader: str
) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    page = book.active
    bold = Font(bold=True)
    for number, row in enumerate((first, heading, *rows), 1):
        for column, text in enumerate(row, 1):
            cell = page.cell(number, column)
            cell.value, cell.data_type = inert(text), "s"
            if number <= 2:
                cell.font = bold
    for letter, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A3"
    page.print_title_rows = "1:2"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    said = reader.replace("&", "&&")
    page.oddHeader.left.text, page.oddHeader.right.text = level, said
    page.oddFooter.left.text, page.oddFooter.right.text = said, "&P / &N"
    return _saved(book)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, a heading, rows of texts and whole numbers."""

    name: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as a workbook: texts inert, figures as numbers, the same bytes for the same sheets."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    bold = Font(bold=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:NAME_MOST])
        for number, row in enumerate((sheet.heading, *sheet.rows), 1):
            for column, value in enumerate(row, 1):
                cell = page.cell(number, column)
                if isinstance(value, int):
                    cell.value = value
                else:
                    cell.value, cell.data_type = inert(value), "s"
                if number == 1:
                    cell.font = bold
        for column in range(1, len(sheet.heading) + 1):
            page.column_dimensions[page.cell(1, column).column_letter].width = 28 if column == 1 else 14
        page.freeze_panes = "B2"
        page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    return _saved(book)


def _saved(book: Any) -> bytes:
    """Return a workbook's file, the same bytes for the same cells: it says nothing of when it was written."""
    book.properties.created = book.properties.modified = MADE
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as made:  # our own, so no limits of what comes in
        return write_archive({name: _timeless(name, made.read(name)) for name in made.namelist()})


def _timeless(name: str, part: bytes) -> bytes:
    """Return a part without the instant at which it was written."""
    if name != "docProps/core.xml":
        return part
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", part)
