"""Text of xlsx as people see it: cells, sheet names, headers and footers, comments, boxes; hidden sheets, rows and columns apart.

Formulas count by their last value; nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import from_excel

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats.ooxml import (
    SHEET,
    Package,
    attribute,
    drawn_paragraphs,
    open_package,
    pictures_of,
    split,
)
from dingmi.engines.documents.formats.pictures import Pictures, Recognise
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import LONGEST_OWN, Extracted, TextBuilder, is_own_mark

COVER_NAME = "标志"  # the sheet that carries our mark, in front of all others
HEADERS = ("oddHeader", "evenHeader", "firstHeader")
FOOTERS = ("oddFooter", "evenFooter", "firstFooter")
SWITCHES = {  # without its switch such a header or footer is never shown
    "evenHeader": "differentOddEven",
    "evenFooter": "differentOddEven",
    "firstHeader": "differentFirst",
    "firstFooter": "differentFirst",
}
# What we write into a header or footer: a section, our type, the text, and the type that follows it.
OWN_PIECE = re.compile(r'&16&"黑体,常规"((?:[^&]|&&|&S)*)&"-,常规"&10\n?')
OWN_FOOT = re.compile(r'&8&"黑体,常规"((?:[^&]|&&)*)&"-,常规"&11\n?')
_CODES = re.compile(r'&(?:"[^"]*"|[0-9]{1,3}|K[0-9A-Fa-f+\-]{6,8}|[LCRPNDTZFAGSXYBIUEOH]|(&))')
_COLUMN = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook in its order."""

    name: str
    part: str
    shown: bool


@dataclass(slots=True)
class Reader:
    """One walk through a workbook."""

    package: Package
    builder: TextBuilder
    strings: list[str] = field(default_factory=list)
    dates: frozenset[int] = frozenset()
    sheets: tuple[Sheet, ...] = ()
    hidden: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    own_mark: str = ""
    own_headers: set[str] = field(default_factory=set)
    pictures: Pictures | None = None  # only where pictures are asked for
    bare_headers: int = 0  # headers that are shown and do not carry our mark
    rows: int = 0


def text_of(element: Any) -> str:
    """Return the text of a shared string, an inline string or a comment; how to pronounce it is left out."""
    found = []
    for child in element:
        local = split(child.tag)[1]
        if local == "t":
            found.append(child.text or "")
        elif local in {"r", "text", "is"}:
            found.append(text_of(child))
    return "".join(found)


def _shared(package: Package) -> list[Any]:
    parts = package.related("sharedStrings")
    return [e for e in package.tree(parts[0]) if split(e.tag)[1] == "si"] if parts else []


def _date_styles(package: Package) -> frozenset[int]:
    """Return the numbers of the cell styles that show a number as a date."""
    parts = package.related("styles")
    if not parts:
        return frozenset()
    custom: dict[str, str] = {}
    dates = set()
    for group in package.tree(parts[0]):
        local = split(group.tag)[1]
        if local == "numFmts":
            custom = {e.get("numFmtId", ""): e.get("formatCode", "") for e in group}
        elif local == "cellXfs":
            for index, style in enumerate(group):
                number = style.get("numFmtId", "0")
                code = custom.get(number) or BUILTIN_FORMATS.get(int(number) if number.isdigit() else 0, "")
                if is_date_format(code) or number in {"27", "28", "30", "31", "36", "50", "52", "53", "57", "58"}:
                    dates.add(index)
    return frozenset(dates)


def sheets_of(package: Package) -> tuple[Sheet, ...]:
    """Return the sheets in their order."""
    targets = {r.id: r.target for r in package.relations if not r.external}
    found = []
    for group in package.tree(package.main):
        for element in group if split(group.tag)[1] == "sheets" else ():
            part = targets.get(attribute(element, "id") or "", "")
            if part not in package.archive:
                raise Invalid("file.damaged")
            shown = element.get("state", "visible") == "visible"
            found.append(Sheet(element.get("name", ""), part, shown))
    if not found:
        raise Invalid("file.damaged")
    return tuple(found)


def _value(cell: Any, reader: Reader) -> str:
    kind, value = cell.get("t", "n"), ""
    for child in cell:
        local = split(child.tag)[1]
        if local == "v":
            value = child.text or ""
        elif local == "is":
            value = text_of(child)
    if kind == "s":
        return reader.strings[int(value)] if value.isdigit() and int(value) < len(reader.strings) else ""
    style = cell.get("s", "0")
    if kind == "n" and value and style.isdigit() and int(style) in reader.dates:
        return _date(value)
    return {"1": "TRUE", "0": "FALSE"}.get(value, value) if kind == "b" else value


def _date(value: str) -> str:
    try:
        found = from_excel(float(value))
    except (ValueError, OverflowError):
        return value
    text = found.isoformat(" ") if found is not None else value
    return str(text).removesuffix(" 00:00:00")


def _column(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


def _hidden_columns(root: Any) -> list[range]:
    found = []
    for group in root:
        for column in group if split(group.tag)[1] == "cols" else ():
            if (
                column.get("hidden") in {"1", "true"}
                and column.get("min", "").isdigit()
                and column.get("max", "").isdigit()
            ):
                found.append(range(int(column.get("min")), int(column.get("max")) + 1))
    return found


def cells_of(root: Any) -> Iterator[tuple[Any, Any, int]]:
    """Yield (row, cell, column number) of every cell of a sheet."""
    for group in root:
        for row in group if split(group.tag)[1] == "sheetData" else ():
            column = 0
            for cell in row:
                if split(cell.tag)[1] == "c":
                    place = _COLUMN.match(cell.get("r", ""))
                    column = _column(place[1]) if place else column + 1
                    yield row, cell, column


def _cells(root: Any, sheet: Sheet, reader: Reader) -> None:
    hidden_columns, last = _hidden_columns(root), None
    for row, cell, column in cells_of(root):
        if row is not last:
            reader.rows, last = reader.rows + 1, row
        for child in cell:
            if split(child.tag)[1] == "f" and (child.text or child.get("si")):
                reader.formulas.append(f"{sheet.name}!{cell.get('r', '')}={child.text or child.get('si')}")
        value = _value(cell, reader)
        if not value.strip():
            continue
        covered = row.get("hidden") in {"1", "true"} or any(column in r for r in hidden_columns)
        if covered or not sheet.shown:
            reader.hidden.append(value)
        else:
            reader.builder.add(value, "table", where=f"row.{reader.rows}")


def shown_codes(text: str) -> str:
    """Return a header or footer without its codes; sections are set apart by a blank."""
    return " ".join(_CODES.sub(lambda m: "&" if m[1] else " " if m[0] in {"&L", "&C", "&R"} else "", text).split())


def shown_places(group: Any, places: tuple[str, ...]) -> list[str]:
    """Return those of ``places`` that the switches of a headerFooter element show."""
    switched = {k for k, v in SWITCHES.items() if group is not None and group.get(v) in {"1", "true"}}
    return [p for p in places if p not in SWITCHES or p in switched]


def _headers(root: Any, sheet: Sheet, reader: Reader) -> None:
    group = next((e for e in root if split(e.tag)[1] == "headerFooter"), None)
    bare = set(shown_places(group, HEADERS))
    for element in group if group is not None else ():
        local, text = split(element.tag)[1], element.text or ""
        piece = OWN_PIECE.search(text) if local in HEADERS else None
        if piece is not None and is_own_mark(shown_codes(piece[1])):
            reader.own_headers.add(shown_codes(piece[1]))
            bare.discard(local)
            text = text.replace(piece[0], "")
        if local in FOOTERS:
            text = OWN_FOOT.sub("", text)
        kind = "header" if local in HEADERS else "footer"
        if sheet.shown:
            reader.builder.add(shown_codes(text), kind, where=f"{kind}.{local.removesuffix(kind.title())}")
        else:
            reader.hidden.append(shown_codes(text))
    reader.bare_headers += len(bare)


def _beside(sheet: Sheet, reader: Reader) -> None:
    """Comments, boxes, charts and diagrams of a sheet, which live in parts of their own."""
    package = reader.package
    found: list[tuple[str, str]] = []
    threads = package.related("threadedComment", sheet.part)
    for part in threads or package.related("comments", sheet.part):
        for element in package.tree(part).iter():
            if split(element.tag)[1] in {"comment", "threadedComment"}:
                found.append((text_of(element) or "".join(e.text or "" for e in element), "comment"))
    for drawing in package.related("drawing", sheet.part):
        found += [(text, "textbox") for text in drawn_paragraphs(package.tree(drawing))]
        for kind in ("chart", "diagramData"):
            for part in package.related(kind, drawing):
                found += [(text, "textbox") for text in drawn_paragraphs(package.tree(part))]
    for text, kind in found:
        if sheet.shown:
            reader.builder.add(text, kind, where=kind)
        else:
            reader.hidden.append(text)
    if sheet.shown and reader.pictures is not None:
        for drawing in package.related("drawing", sheet.part):
            for name in pictures_of(package, drawing, package.tree(drawing)):
                where, lines = reader.pictures.in_part(package.archive, name)
                for line in lines:
                    reader.builder.add(line, "textbox", where=where)


def is_cover(package: Package, sheet: Sheet) -> bool:
    """Say whether a sheet is our cover: named so, and in it a mark and at most one line more, in the first column."""
    return sheet.name == COVER_NAME and sheet.shown and bool(cover_mark(package, sheet))


def cover_words(package: Package, sheet: Sheet) -> dict[str, Any]:
    """Return by cell what holds the words of a cover: the cell, or the shared string that an office program made of them."""
    shared, found = _shared(package), {}
    for _, cell, _ in cells_of(package.tree(sheet.part)):
        number = next((e.text or "" for e in cell if split(e.tag)[1] == "v"), "") if cell.get("t") == "s" else ""
        if len(cell):
            found[cell.get("r", "")] = shared[int(number)] if number.isdigit() and int(number) < len(shared) else cell
    return found


def cover_mark(package: Package, sheet: Sheet) -> str:
    """Return the mark on a cover of ours; empty where it holds anything else."""
    root = package.tree(sheet.part)
    if any(split(e.tag)[1] in {"drawing", "legacyDrawing", "tableParts", "oleObjects"} for e in root):
        return ""
    cells = {place: text_of(held) for place, held in cover_words(package, sheet).items()}
    mark = cells.get("A1", "")
    return mark if set(cells) <= {"A1", "A3"} and is_own_mark(mark) and len(cells.get("A3", "")) <= LONGEST_OWN else ""


def open_workbook(data: bytes, limits: Limits) -> Package:
    """Open an xlsx; raises as :func:`open_package`."""
    return open_package(data, limits, SHEET, "workbook")


def read(data: bytes, limits: Limits, pictures: Pictures | None = None) -> Reader:
    """Walk the whole workbook once, with its pictures where these are asked for."""
    package = open_workbook(data, limits)
    reader = Reader(package, TextBuilder(limits.text_characters), pictures=pictures)
    reader.strings, reader.dates = [text_of(e) for e in _shared(package)], _date_styles(package)
    reader.sheets = sheets_of(package)
    for index, sheet in enumerate(reader.sheets):
        if index == 0 and is_cover(package, sheet):
            reader.own_mark = cover_mark(package, sheet)
            continue
        root = package.tree(sheet.part)
        if sheet.shown:
            reader.builder.add(sheet.name, "heading", where="sheet")
        _cells(root, sheet, reader)
        _headers(root, sheet, reader)
        _beside(sheet, reader)
        del package.trees[sheet.part]
    if reader.builder.truncated:
        raise Invalid("file.bomb")
    return reader


def extract(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Extracted:
    """Return visible text with positions, that of pictures behind their sheet; what stands in hidden sheets, rows and columns apart.

    Args:
        recognise: Gives the lines of a picture; without it pictures have no text.
    """
    pictures = Pictures(limits, recognise)
    reader = read(data, limits, pictures)
    warnings = list(pictures.warnings)
    if reader.hidden:
        warnings.append("hidden_text")
    hidden = " ".join(reader.hidden)
    return reader.builder.build("xlsx", None, hidden=hidden, warnings=tuple(warnings), own_mark=reader.own_mark)
