"""A laid form as a Word file: the same rows, words and foot as the PDF, to be edited and sent on.

Its fonts are named and not embedded: official papers are set in 黑体, 宋体 and 仿宋, which every office has, and a subset that
holds the words of today lacks those that somebody types tomorrow. What must look the same everywhere is the PDF, whose font
is embedded.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import segno
from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from dingmi.engines.documents.archive import Archive, write_archive
from dingmi.engines.documents.forms.layout import GAP, PEN_DATE, Laid, LaidBlock, LaidCell
from dingmi.engines.documents.limits import DEFAULT

HEITI, SONG, FANG = "黑体", "宋体", "仿宋"
COLUMNS = (25, 65, 25, 61)  # mm
MARGIN = 17  # mm, left and right
BESIDE, ABOVE = 1.9, 0.7  # mm of air in a cell: left and right, above and below
TEXT, SMALL, LETTER = 10.5, 8, 16
TICKED, OPEN = "☑", "□"
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
MADE = datetime(2000, 1, 1)  # the file says nothing of its own about time: the foot does


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _write(
    paragraph: Any, text: str, size: float = TEXT, font: str = SONG, *, bold: bool = False, under: bool = False
) -> None:
    run = paragraph.add_run(_plain(text))
    run.font.size, run.font.name, run.bold, run.underline = Pt(size), font, bold, under
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _tight(paragraph: Any, align: Any = None) -> Any:
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    if align is not None:
        paragraph.alignment = align
    return paragraph


def _field(paragraph: Any, code: str) -> None:
    """Add a page number that Word counts itself."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


# --- cells -------------------------------------------------------------------------------------------------------


def _ruled(table: Any, widths: Sequence[float]) -> None:
    """Rule a table in columns of ``widths`` mm, with air in its cells: some programs go by its grid, others by its cells."""
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    air = OxmlElement("w:tblCellMar")
    for side, width in (("top", ABOVE), ("left", BESIDE), ("bottom", ABOVE), ("right", BESIDE)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(width).twips))
        margin.set(qn("w:type"), "dxa")
        air.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    table._tbl.tblPr.append(air) if look is None else look.addprevious(air)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)


def _opinion(cell: Any, laid: LaidCell) -> None:
    _write(_tight(cell.paragraphs[0]), laid.text or GAP)
    _tight(cell.add_paragraph())
    line = _tight(cell.add_paragraph(), RIGHT)
    _write(line, f"{laid.role}（签名）：")
    _write(line, f"{GAP * 6}{laid.by or GAP * 12}{GAP * 6}", under=True)
    _write(line, f"{GAP * 4}{laid.on or PEN_DATE}")


def _inner(cell: Any, laid: LaidCell, width: float) -> None:
    table = cell.add_table(rows=0, cols=len(laid.heads))
    _ruled(table, [(width - 2 * BESIDE) * w / sum(laid.widths) for w in laid.widths])
    for line in (laid.heads, *laid.lines):
        for place, text in zip(table.add_row().cells, line, strict=True):
            _write(_tight(place.paragraphs[0], CENTRE), text or GAP, TEXT - 1)
    cell._element.remove(cell.paragraphs[0]._element)
    _tight(cell.paragraphs[-1]).paragraph_format.line_spacing = Pt(1)  # a cell ends with a paragraph


def _fill(cell: Any, laid: LaidCell, width: float) -> None:
    if laid.kind == "opinion":
        _opinion(cell, laid)
    elif laid.kind == "table":
        _inner(cell, laid, width)
    elif laid.kind == "ticks":
        words = "　".join(f"{TICKED if ticked else OPEN} {name}" for name, ticked in laid.ticks)
        _write(_tight(cell.paragraphs[0]), words or GAP)
    else:
        for number, line in enumerate(laid.text.split("\n")):
            _write(_tight(cell.add_paragraph() if number else cell.paragraphs[0]), line or GAP)


def _label(cell: Any, text: str) -> None:
    for number, line in enumerate(text.split("\n")):
        _write(_tight(cell.add_paragraph() if number else cell.paragraphs[0], CENTRE), line)


def _table(made: Any, block: LaidBlock) -> None:
    table = made.add_table(rows=0, cols=len(COLUMNS))
    _ruled(table, COLUMNS)
    for laid in block.rows:
        row = table.add_row()
        row.height = Pt(
            TEXT * max(0 if cell.kind == "table" else cell.high for cell in laid)
        )  # a table is as high as it is
        for place in row.cells:
            place.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        cells = list(row.cells)
        if len(laid) == 1:
            cells[1] = cells[1].merge(cells[3])
        for number, cell in enumerate(laid):
            _label(cells[number * 2], cell.label)
            if cell.is_tall:
                cells[number * 2 + 1].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.TOP
            _fill(cells[number * 2 + 1], cell, sum(COLUMNS[1:]) if len(laid) == 1 else COLUMNS[1])


def _words(made: Any, block: LaidBlock, size: float) -> None:
    paragraph = _tight(made.add_paragraph(), RIGHT if block.style == "right" else None)
    if block.style == "body":
        paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    _write(paragraph, block.text, size * 0.75 if block.style == "note" else size, FANG)


def _cut(made: Any, block: LaidBlock) -> None:
    line = _tight(made.add_paragraph())
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "dashed"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    line._p.get_or_add_pPr().append(borders)
    heading = made.add_paragraph()
    heading.alignment = CENTRE
    _write(heading, block.text, TEXT + 2, HEITI)


# --- page --------------------------------------------------------------------------------------------------------


def _head(header: Any, laid: Laid, mark: str) -> None:
    first, second = _tight(header.paragraphs[0]), _tight(header.add_paragraph())
    stop = Mm(210 - 2 * MARGIN)
    for line in (first, second):
        line.paragraph_format.tab_stops.clear_all()
        line.paragraph_format.tab_stops.add_tab_stop(stop, alignment=2)
    _write(first, laid.serial, 14, HEITI)
    first.add_run("\t")
    _write(first, laid.number, 9.5)
    _write(second, mark, 16, HEITI)
    second.add_run("\t")
    _write(second, "第 ", 9.5)
    _field(second, "PAGE")
    _write(second, " 页，共 ", 9.5)
    _field(second, "NUMPAGES")
    _write(second, " 页", 9.5)


def _foot(footer: Any, laid: Laid) -> None:
    table = footer.add_table(rows=1, cols=2, width=Mm(210 - 2 * MARGIN))
    table.autofit = False
    for column, width in zip(table.columns, (24, 210 - 2 * MARGIN - 24), strict=True):
        column.width = Mm(width)
    left, right = table.rows[0].cells
    picture = io.BytesIO()
    segno.make(laid.code, error="m", micro=False).save(picture, kind="png", scale=6, border=1)
    picture.seek(0)
    _tight(left.paragraphs[0]).add_run().add_picture(picture, width=Mm(21))
    for number, line in enumerate(laid.foot):
        _write(_tight(right.add_paragraph() if number else right.paragraphs[0]), line, SMALL)
    _write(_tight(footer.paragraphs[0], CENTRE), laid.notice or GAP, SMALL)
    footer._element.append(footer.paragraphs[0]._element)


def paint(laid: Laid) -> bytes:
    """Return the form as docx, without its mark."""
    made = Document()
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(MARGIN)
    section.top_margin, section.bottom_margin = Mm(30), Mm(36)
    section.header_distance, section.footer_distance = Mm(14), Mm(8)
    section.different_first_page_header_footer = True
    _head(section.first_page_header, laid, "")
    _head(section.header, laid, laid.mark)
    _foot(section.first_page_footer, laid)
    _foot(section.footer, laid)
    heading = made.add_paragraph()
    heading.alignment = CENTRE
    heading.paragraph_format.space_after = Pt(8)
    _write(heading, laid.title, 20, HEITI)
    for block in laid.blocks:
        if block.kind == "table":
            _table(made, block)
        elif block.kind == "cut":
            _cut(made, block)
        else:
            _words(made, block, LETTER if laid.letter else TEXT)
    core = made.core_properties
    core.title, core.author, core.created, core.modified = laid.title[:200], "", MADE, MADE
    out = io.BytesIO()
    made.save(out)
    archive = Archive(out.getvalue(), DEFAULT)
    return write_archive({name: archive.read(name) for name in archive.names})
