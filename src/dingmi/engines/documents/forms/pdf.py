"""A laid form as PDF: A4, embedded font, one page while the texts fit, numbered pages when they do not."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

import segno
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle
from reportlab.platypus.doctemplate import LayoutError

from dingmi.base.errors import Invalid
from dingmi.engines.documents import fonts
from dingmi.engines.documents.forms.layout import GAP, PEN_DATE, Laid, LaidBlock, LaidCell
from dingmi.engines.documents.rendering import wrapped

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT = RIGHT = 17 * MM
TOP, NEXT_TOP, BOTTOM = 45 * MM, 34 * MM, 42 * MM
COLUMNS = (25 * MM, 65 * MM, 25 * MM, 61 * MM)
SIZES = (10.5, 9.5, 8.5)  # tried for one page, largest first
FLOWING = 9.5  # over several pages
LETTER_SIZES = (16.0, 14.0, 12.0)  # 三号 and below
MOST_PAGES = 30
QR_SIDE = 21 * MM
WIDE = WIDTH - LEFT - RIGHT
RULE, PADDING = 0.9, 6  # points; 6 is what reportlab leaves beside a cell's text
WHOLE_LINES, PIECE_LINES = 14, 6  # a text of more lines may be broken by a page, every so many lines
TICKED, OPEN = "■", "□"


class _Setter:
    """The fonts of one form, and paragraphs set with them."""

    def __init__(self, laid: Laid) -> None:
        text = _all_text(laid) + f"第页，共{OPEN}{TICKED}（签名）：年月日0123456789〓编号✂…" + GAP
        self.regular, shown = fonts.register(text, fonts.REGULAR)
        self.bold, _ = fonts.register(text, fonts.BOLD)
        self._gaps = {ord(a): b for a, b in zip(text, shown, strict=True) if a != b and a not in "\n\t"}

    def plain(self, text: str) -> str:
        """Return ``text`` with characters that the font lacks as gaps."""
        return text.translate(self._gaps)

    def paragraph(self, text: str, size: float, align: int = 0, **style: Any) -> Paragraph:
        """Return text as a paragraph; line breaks stay."""
        return self.marked_up("<br/>".join(escape(self.plain(line)) for line in text.split("\n")), size, align, **style)

    def marked_up(self, markup: str, size: float, align: int = 0, **style: Any) -> Paragraph:
        """Return a paragraph of markup whose texts have been escaped."""
        made = ParagraphStyle(
            "c",
            fontName=self.regular,
            fontSize=size,
            leading=size * style.pop("lead", 1.5),
            alignment=align,
            wordWrap="CJK",
            **style,
        )
        return Paragraph(markup, made)


def _all_text(laid: Laid) -> str:
    parts = [laid.title, laid.serial, laid.mark, laid.strike, laid.note, laid.number, laid.notice, *laid.foot]
    for block in laid.blocks:
        parts.append(block.text)
        for cell in (c for row in block.rows for c in row):
            parts += [cell.label, cell.text, cell.role, cell.by, cell.on, *cell.heads]
            parts += [name for name, _ in cell.ticks]
            parts += [text for line in cell.lines for text in line]
    return "".join(parts)


# --- blocks ------------------------------------------------------------------------------------------------------


def _ticks(setter: _Setter, cell: LaidCell, size: float, width: float) -> Paragraph:
    """Return choices with their boxes; a line ends between two of them."""
    lines = [""]
    for name, ticked in cell.ticks:
        words = f"{TICKED if ticked else OPEN} {name}"
        longer = f"{lines[-1]}　{words}" if lines[-1] else words
        fits = stringWidth(setter.plain(longer), setter.regular, size) <= width - 2 * PADDING
        lines = [*lines[:-1], longer] if fits or not lines[-1] else [*lines, words]
    return setter.paragraph("\n".join(lines) if cell.ticks else GAP, size)


def _opinion(setter: _Setter, cell: LaidCell, size: float) -> list[Any]:
    name = escape(setter.plain(cell.by)) if cell.by else GAP * 12
    day = escape(setter.plain(cell.on)) if cell.on else PEN_DATE
    role = escape(setter.plain(cell.role))
    line = f"{role}（签名）：<u>{GAP * 6}{name}{GAP * 6}</u>{GAP * 4}{day}"
    return [setter.paragraph(cell.text or GAP, size), Spacer(1, size * 1.4), setter.marked_up(line, size, 2)]


def _inner(setter: _Setter, cell: LaidCell, lines: Sequence[Sequence[str]], size: float, width: float) -> Table:
    """Return some lines of a cell's table as a table of their own."""
    shares = [width * w / sum(cell.widths) for w in cell.widths]
    cells = [[setter.paragraph(text or GAP, size * 0.92, 1) for text in line] for line in lines]
    table = Table(cells, colWidths=shares, minRowHeights=[size * 2] * len(lines))
    table.setStyle(
        TableStyle(
            [
                ("INNERGRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def _broken(setter: _Setter, text: str, size: float, width: float) -> list[str]:
    """Break a text into pieces of a few lines when it is long, so that a page can end between them."""
    shown = [setter.plain(line) for line in text.split("\n")]
    lines = [piece for line in shown for piece in wrapped(line, setter.regular, size, width - 2 * PADDING - size)]
    if len(lines) <= WHOLE_LINES:
        return [text]
    return ["\n".join(lines[at : at + PIECE_LINES]) for at in range(0, len(lines), PIECE_LINES)]


def _pieces(setter: _Setter, cell: LaidCell, size: float, width: float) -> list[Any]:
    """Return what stands in a cell, in pieces between which a page may end."""
    if cell.kind == "ticks":
        return [_ticks(setter, cell, size, width)]
    if cell.kind == "table":
        lines = [cell.heads, *cell.lines]
        starts = range(0, len(lines), PIECE_LINES)
        return [_inner(setter, cell, lines[at : at + PIECE_LINES], size, width) for at in starts]
    *before, last = _broken(setter, cell.text, size, width)
    made: list[Any] = [setter.paragraph(text, size) for text in before]
    if cell.kind == "opinion":
        return [*made, _opinion(setter, replace(cell, text=last), size)]
    return [*made, setter.paragraph(last or GAP, size)]


class _Ruled(Table):  # type: ignore[misc]  # reportlab has no types
    """A table whose parts on every page are closed with a rule."""

    def split(self, width: float, height: float) -> list[Any]:
        """Split as tables do, and draw a box round every part."""
        parts: list[Any] = super().split(width, height)
        for part in parts:
            part.setStyle([("BOX", (0, 0), (-1, -1), RULE, colors.black)])
        return parts


class _Grid:
    """The rows of the form's table as they come, with the lines between them."""

    def __init__(self, setter: _Setter, size: float) -> None:
        self.setter, self.size = setter, size
        self.rows: list[list[Any]] = []
        self.heights: list[float] = []
        self.style: list[tuple[Any, ...]] = []

    def add(self, row: tuple[LaidCell, ...]) -> None:
        """Add a row of two short cells, or one wide cell in as many pieces as it needs."""
        if len(row) == 1:
            self._wide(row[0])
            return
        cells: list[Any] = []
        for cell in row:
            label = self.setter.paragraph(cell.label, self.size, 1)
            cells += [label, _pieces(self.setter, cell, self.size, COLUMNS[1])]
        self._line(cells, max(cell.high for cell in row), end=True)

    def _wide(self, cell: LaidCell) -> None:
        column = 1 if cell.label else 0
        pieces = _pieces(self.setter, cell, self.size, sum(COLUMNS[column:]))
        for number, piece in enumerate(pieces):
            at, last = len(self.rows), number == len(pieces) - 1
            self.style.append(("SPAN", (column, at), (3, at)))
            label = [self.setter.paragraph(cell.label if not number else GAP, self.size, 1)] if column else []
            self._line([*label, piece], cell.high if len(pieces) == 1 else 1, end=last)
            if cell.kind == "table":
                edges = ((f"{side}PADDING", (column, at), (3, at), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM"))
                self.style += [*edges, *([] if last else [("LINEBELOW", (column, at), (3, at), 0.4, colors.grey)])]
            elif len(pieces) > 1:
                self.style.append(("VALIGN", (0, at), (3, at), "TOP"))
                self.style += [] if last else [("BOTTOMPADDING", (1, at), (3, at), 0)]
                self.style += [("TOPPADDING", (1, at), (3, at), 0)] if number else []
            elif cell.is_tall:
                self.style.append(("VALIGN", (column, at), (3, at), "TOP"))

    def _line(self, cells: list[Any], high: float, *, end: bool) -> None:
        at = len(self.rows)
        self.rows.append(cells + [""] * (4 - len(cells)))
        self.heights.append(self.size * high)
        if end:
            self.style.append(("LINEBELOW", (0, at), (-1, at), RULE, colors.black))

    def table(self) -> Table:
        """Return the table; where a page ends inside it, both halves are closed with a rule."""
        made = _Ruled(self.rows, colWidths=COLUMNS, minRowHeights=self.heights)
        rules = [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("BOX", (0, 0), (-1, -1), RULE, colors.black),
            ("LINEBEFORE", (0, 0), (-1, -1), RULE, colors.black),
        ]
        made.setStyle(TableStyle([*rules, *self.style]))
        return made


def _table(setter: _Setter, block: LaidBlock, size: float) -> Table:
    grid = _Grid(setter, size)
    for row in block.rows:
        grid.add(row)
    return grid.table()


def _words(setter: _Setter, block: LaidBlock, size: float) -> Paragraph:
    if block.style == "note":
        return setter.paragraph(block.text, size * 0.75, spaceBefore=size * 0.4)
    align = 2 if block.style == "right" else 0
    shown = setter.plain(f"　　{block.text}" if block.style == "body" else block.text)
    lines = [piece for line in shown.split("\n") for piece in wrapped(line, setter.regular, size, WIDE - size)]
    indent = size * 2 if block.style == "body" else 0
    lines[0] = lines[0].lstrip("　")
    return setter.paragraph("\n".join(lines), size, align, lead=1.7, firstLineIndent=indent, spaceAfter=size * 0.2)


def _cut(setter: _Setter, block: LaidBlock, size: float) -> list[Any]:
    line = Table([[""]], colWidths=[sum(COLUMNS)], rowHeights=[size * 1.6])
    line.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.6, colors.black, None, (4, 3))]))
    return [line, setter.paragraph(block.text, size * 1.2, 1, spaceBefore=size * 0.8, spaceAfter=size * 0.6)]


def _flow(setter: _Setter, laid: Laid, size: float) -> list[Any]:
    made: list[Any] = []
    for block in laid.blocks:
        if block.kind == "table":
            made.append(_table(setter, block, min(size, SIZES[0])))
        elif block.kind == "cut":
            made += _cut(setter, block, min(size, SIZES[0]))
        else:
            made.append(_words(setter, block, size))
    return made


# --- pages -------------------------------------------------------------------------------------------------------


def _head(canvas: Canvas, setter: _Setter, laid: Laid, page: int, pages: int) -> None:
    canvas.setFont(setter.bold, 14)
    canvas.drawString(LEFT, HEIGHT - 21 * MM, setter.plain(laid.serial))
    canvas.setFont(setter.regular, 9.5)
    canvas.drawRightString(WIDTH - RIGHT, HEIGHT - 21 * MM, setter.plain(laid.number))
    canvas.drawRightString(WIDTH - RIGHT, HEIGHT - 26 * MM, f"第 {page} 页，共 {pages} 页")
    if page > 1:  # on the first page the mark is stamped
        canvas.setFont(setter.bold, 16)
        canvas.drawString(LEFT, HEIGHT - 28 * MM, setter.plain(laid.mark))


def _title(canvas: Canvas, setter: _Setter, laid: Laid) -> None:
    size = 20.0
    while size > 11 and canvas.stringWidth(laid.title, setter.bold, size) > WIDTH - LEFT - RIGHT:
        size -= 0.5
    canvas.setFont(setter.bold, size)
    canvas.drawCentredString(WIDTH / 2, HEIGHT - 40 * MM, setter.plain(laid.title))


def _code(canvas: Canvas, laid: Laid, top: float) -> None:
    modules = [list(row) for row in segno.make(laid.code, error="m", micro=False).matrix]
    step = QR_SIDE / len(modules)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                canvas.rect(LEFT + x * step, top - (y + 1) * step, step, step, stroke=0, fill=1)


def _foot(canvas: Canvas, setter: _Setter, laid: Laid) -> None:
    top = BOTTOM - 5 * MM
    _code(canvas, laid, top)
    width = WIDTH - LEFT - RIGHT - QR_SIDE - 4 * MM
    y = top - 3.2 * MM
    for line in laid.foot:
        drawn = setter.paragraph(line, 8, lead=1.35)
        _, height = drawn.wrap(width, BOTTOM)
        drawn.drawOn(canvas, LEFT + QR_SIDE + 4 * MM, y - height + 8)
        y -= height + 1.2
    canvas.setFont(setter.regular, 8)
    canvas.drawCentredString(WIDTH / 2, 10 * MM, setter.plain(laid.notice))


class _LongerError(Exception):
    """The texts need more pages than were allowed; reportlab rewrites what an error says that passes through it."""


def _built(setter: _Setter, laid: Laid, size: float, pages: int, most: int = MOST_PAGES) -> tuple[bytes, int]:
    """Return the PDF that says it has ``pages`` pages, and how many it has.

    Raises:
        _LongerError: It would have more than ``most``.
        LayoutError: A piece of it is higher than a page.
    """
    out, count = io.BytesIO(), 0

    def around(canvas: Canvas, _: Any) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise _LongerError
        canvas.saveState()
        _head(canvas, setter, laid, count, pages)
        if count == 1:
            _title(canvas, setter, laid)
        _foot(canvas, setter, laid)
        canvas.restoreState()

    document = BaseDocTemplate(out, pagesize=(WIDTH, HEIGHT), title=laid.title, author="", creator="", invariant=1)
    document.addPageTemplates([_template("first", TOP, "next", around), _template("next", NEXT_TOP, None, around)])
    document.build(_flow(setter, laid, size))
    return out.getvalue(), count


def _template(name: str, top: float, following: str | None, around: Callable[[Canvas, Any], None]) -> PageTemplate:
    frame = Frame(
        LEFT,
        BOTTOM,
        WIDTH - LEFT - RIGHT,
        HEIGHT - top - BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    return PageTemplate(name, [frame], onPage=around, autoNextPageTemplate=following)


def paint(laid: Laid) -> bytes:
    """Return the form as PDF, its mark not yet stamped: texts shrink a little to stay on one page, else they flow on.

    Raises:
        Invalid: ``form.too_long`` past ``MOST_PAGES`` pages.
    """
    setter = _Setter(laid)
    sizes = LETTER_SIZES if laid.letter else SIZES
    for size in sizes:
        with suppress(_LongerError, LayoutError):
            return _built(setter, laid, size, 1, most=1)[0]
    size = LETTER_SIZES[0] if laid.letter else FLOWING
    try:
        _, count = _built(setter, laid, size, 1)
        return _built(setter, laid, size, count)[0]
    except (_LongerError, LayoutError):
        raise Invalid("form.too_long") from None
