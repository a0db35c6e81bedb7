"""A description and its values put together: what the three painters (page, PDF, Word) draw."""

from __future__ import annotations

from dataclasses import dataclass

from dingmi.engines.documents.forms.model import Cell, Cut, Filled, Form, Printing, Row, Value, Words

GAP = "\u00a0"
PEN_DATE = f"{GAP * 8}年{GAP * 4}月{GAP * 4}日"
SHORT = 4  # digits of a digest group
TALL = 5  # text sizes from which a cell is written in from its top


@dataclass(frozen=True, slots=True)
class LaidCell:
    """One cell with its values; ``lines`` are the rows of a table, its heads first."""

    label: str
    kind: str
    text: str = ""
    ticks: tuple[tuple[str, bool], ...] = ()
    role: str = ""
    by: str = ""
    on: str = ""
    heads: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    high: float = 2.6

    @property
    def is_tall(self) -> bool:
        """Tell whether the cell leaves room to write in, which begins at its top."""
        return self.kind == "opinion" or (self.kind == "text" and self.high >= TALL)


@dataclass(frozen=True, slots=True)
class LaidBlock:
    """A table (``rows``), a paragraph (``text`` in ``style``), or a line to cut along (``text`` is the slip's heading)."""

    kind: str  # table / words / cut
    rows: tuple[tuple[LaidCell, ...], ...] = ()
    text: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Laid:
    """A filled form, ready to be drawn."""

    name: str
    title: str
    letter: bool
    serial: str
    mark: str
    strike: str
    note: str
    number: str
    blocks: tuple[LaidBlock, ...]
    foot: tuple[str, ...]
    code: str
    notice: str


def _text(value: Value | None) -> str:
    return value if isinstance(value, str) else ""


def _cell(cell: Cell, filled: Filled) -> LaidCell:
    value = filled.fields.get(cell.field)
    if cell.kind == "ticks":
        ticks = tuple((str(n), bool(t)) for n, t in value) if isinstance(value, tuple) else ()
        return LaidCell(cell.label, "ticks", ticks=ticks, high=cell.high)
    if cell.kind == "table":
        rows = tuple(tuple(str(c) for c in row) for row in value) if isinstance(value, tuple) else ()
        rows += (("",) * len(cell.heads),) * max(0, cell.blank - len(rows))
        widths = cell.widths or (1,) * len(cell.heads)
        return LaidCell(cell.label, "table", heads=cell.heads, widths=widths, lines=rows, high=cell.high)
    if cell.kind == "opinion":
        by, on = _text(filled.fields.get(f"{cell.field}_by")), _text(filled.fields.get(f"{cell.field}_on"))
        return LaidCell(cell.label, "opinion", text=_text(value), role=cell.role, by=by, on=on, high=cell.high)
    return LaidCell(cell.label, "text", text=_text(value), high=cell.high)


class _Blank(dict[str, str]):
    """A field without a value leaves room for the pen."""

    def __missing__(self, key: str) -> str:
        return GAP * 8


def _said(template: str, filled: Filled) -> str:
    values = {k: v for k, v in filled.fields.items() if isinstance(v, str) and v}
    return template.format_map(_Blank(values))


def grouped(digest: str) -> str:
    """Return a digest as people compare it: ``3f0a 77c2 … 90d1 be44``."""
    if len(digest) <= 4 * SHORT:
        return digest
    return f"{digest[:4]} {digest[4:8]} … {digest[-8:-4]} {digest[-4:]}"


def _foot(form: Form, filled: Filled, printing: Printing | None) -> tuple[str, ...]:
    lines = []
    if filled.ledger_no is not None or filled.digest:
        place = f"该件存证第 {filled.ledger_no:,} 条 · " if filled.ledger_no is not None else ""
        lines.append(f"{place}SM3 {grouped(filled.digest)}" if filled.digest else place.removesuffix(" · "))
    who = f"打印人 {printing.by}，{printing.at}，打印第 {printing.copy} 份。" if printing else ""
    lines.append(f"本表摘要 SM3 {grouped(filled.sheet_sm3)}，扫码或执行“dingmi form verify”可离线核对。")
    lines.append(f"{who}{form.last_line}")
    lines.append(filled.law)
    return tuple(line for line in lines if line)


def laid(form: Form, filled: Filled, printing: Printing | None = None) -> Laid:
    """Return ``form`` with the values of ``filled``."""
    blocks: list[LaidBlock] = []
    for block in form.blocks:
        if isinstance(block, Row):
            row = tuple(_cell(cell, filled) for cell in block.cells)
            if blocks and blocks[-1].kind == "table":
                blocks[-1] = LaidBlock("table", rows=(*blocks[-1].rows, row))
            else:
                blocks.append(LaidBlock("table", rows=(row,)))
        elif isinstance(block, Cut):
            blocks.append(LaidBlock("cut", text=_said(block.title, filled)))
        elif isinstance(block, Words) and (not block.needs or filled.fields.get(block.needs)):
            blocks.append(LaidBlock("words", text=_said(block.text, filled), style=block.style))
    return Laid(
        name=form.name,
        title=_said(form.title, filled),
        letter=form.letter,
        serial=filled.serial,
        mark=filled.mark,
        strike=filled.strike,
        note=filled.note,
        number=f"{form.number_label} {filled.number}" if filled.number else "",
        blocks=tuple(blocks),
        foot=_foot(form, filled, printing),
        code=filled.code,
        notice=filled.notice,
    )
