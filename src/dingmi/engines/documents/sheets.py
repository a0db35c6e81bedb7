"""The cells of a spreadsheet's first sheet as text; formulas are taken by their last value, nothing is run."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from dingmi.base.errors import Invalid
from dingmi.engines.documents.archive import Archive
from dingmi.engines.documents.limits import Limits

MOST_ROWS, MOST_COLUMNS = 10_000, 60


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def cells(data: bytes, limits: Limits) -> list[list[str]]:
    """Return the rows of the first sheet, empty ones too, each as long as its last filled cell.

    Raises:
        Invalid: ``file.type_not_accepted`` for anything but a workbook, and what guards every package: ``file.bomb``, ``file.damaged``.
    """
    package = Archive(data, limits)
    if "xl/workbook.xml" not in package:
        raise Invalid("file.type_not_accepted")
    for name in package.names:
        if name.endswith((".xml", ".rels")):
            package.xml(name)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    made = []
    for row in book.worksheets[0].iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True):
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        made.append(texts)
    return made
