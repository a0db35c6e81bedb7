"""国家秘密确定审批表: one A4 page from a plain record."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, TypedDict
from xml.sax.saxutils import escape

import segno
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from dingmi.base.errors import Invalid
from dingmi.engines.documents import fonts

MM = 72 / 25.4
_WIDTH, _HEIGHT = 210 * MM, 297 * MM
_LEFT, _RIGHT, _TOP, _BOTTOM = 17 * MM, 17 * MM, 46 * MM, 42 * MM
_COLUMNS = (25 * MM, 65 * MM, 25 * MM, 61 * MM)
_SIZES = (10.5, 9.5, 8.5, 7.5, 6.5)
_CHANGE_HEADS = ("日期", "事项", "密级", "期限", "依据", "责任人")
_LEVELS = ("绝密", "机密", "秘密")
_MAX_TEXT = 20_000


class Fields(TypedDict, total=False):
    """What the form shows; every value is text as it is to be printed."""

    serial: str  # 份号
    mark: str
    number: str  # 审批编号
    title: str
    unit: str
    doc_number: str
    kinds: list[tuple[str, bool]]  # (原始定密, ticked)
    carriers: str
    basis: str
    level: str  # 绝密, 机密 or 秘密; empty ticks nothing
    period: str
    points: str
    scope: str
    reasons: str
    drafter_opinion: str
    drafter: str
    drafted_on: str
    officer_opinion: str
    officer: str
    decided_on: str
    authority: str
    changes: list[tuple[str, str, str, str, str, str]]
    evidence: list[str]  # lines beside the QR code
    qr: str
    note: str


def _texts(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(_texts(v) for v in value) if isinstance(value, list | tuple) else ""


def _tick(choices: list[tuple[str, bool]]) -> str:
    return "　".join(f"{'■' if ticked else '□'} {name}" for name, ticked in choices)


class _Setter:
    """Fonts for one record and paragraphs set with them."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        fixed = (
            "国家秘密确定审批表事项名称产生单位文号定密类型载体与份数依据密级保密期限点知悉范围理由承办人意见责任审核权限"
            "变更与解密记录日期绝密机秘（签名）：■□　审批编号第1页，共0123456789〓年月\u00a0"
        )
        text = fixed + _texts(list(record.values()))
        if len(text) > _MAX_TEXT:
            raise Invalid("form.too_long")
        self.regular, shown = fonts.register(text, fonts.REGULAR)
        self.bold, _ = fonts.register(text, fonts.BOLD)
        self._gaps = {ord(a): b for a, b in zip(text, shown, strict=True) if a != b and a not in "\n\t"}

    def plain(self, text: str) -> str:
        """Return ``text`` with unknown characters as gaps."""
        return text.translate(self._gaps)

    def paragraph(self, text: str, size: float, align: int = 0) -> Paragraph:
        """Return one cell's text; line breaks stay."""
        return self.marked_up("<br/>".join(escape(self.plain(line)) for line in text.split("\n")), size, align)

    def marked_up(self, markup: str, size: float, align: int = 0) -> Paragraph:
        """Return a paragraph of reportlab markup whose texts have been escaped."""
        style = ParagraphStyle(
            "c", fontName=self.regular, fontSize=size, leading=size * 1.5, alignment=align, wordWrap="CJK"
        )
        return Paragraph(markup, style)


def _signed(setter: _Setter, opinion: str, role: str, name: str, day: str, size: float) -> list[Any]:
    gap = "\u00a0"
    signature = escape(setter.plain(name)) if name else gap * 12
    date = escape(setter.plain(day)) if day else f"{gap * 8}年{gap * 4}月{gap * 4}日"
    line = f"{role}（签名）：<u>{gap * 6}{signature}{gap * 6}</u>{gap * 4}{date}"
    return [setter.paragraph(opinion or gap, size), setter.paragraph(gap, size), setter.marked_up(line, size, 2)]


def _changes(setter: _Setter, rows: list[Any], size: float) -> Table:
    width = sum(_COLUMNS[1:]) / len(_CHANGE_HEADS)
    body = [list(_CHANGE_HEADS), *[list(r) for r in rows][:6]]
    body += [[""] * len(_CHANGE_HEADS)] * (4 - len(body))
    cells = [[setter.paragraph(str(c), size * 0.92, 1) for c in row] for row in body]
    table = Table(cells, colWidths=[width] * len(_CHANGE_HEADS), rowHeights=None, minRowHeights=[size * 2] * len(cells))
    table.setStyle(
        TableStyle([("INNERGRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    )
    return table


def _table(setter: _Setter, r: Mapping[str, Any], size: float) -> Table:
    def cell(key: str) -> Paragraph:
        return setter.paragraph(str(r.get(key, "")), size)

    def head(text: str) -> Paragraph:
        return setter.paragraph(text, size, 1)

    kinds = [(str(n), bool(t)) for n, t in r.get("kinds", [])]
    levels = _tick([(name, name == r.get("level")) for name in _LEVELS])
    drafter = _signed(
        setter, r.get("drafter_opinion", ""), "承办人", r.get("drafter", ""), r.get("drafted_on", ""), size
    )
    officer = _signed(
        setter, r.get("officer_opinion", ""), "定密责任人", r.get("officer", ""), r.get("decided_on", ""), size
    )
    rows: list[tuple[list[Any], float]] = [
        ([head("事项名称"), cell("title"), "", ""], 2.6),
        ([head("产生单位"), cell("unit"), head("文号"), cell("doc_number")], 2.6),
        ([head("定密类型"), setter.paragraph(_tick(kinds), size), head("载体与份数"), cell("carriers")], 2.6),
        ([head("定密依据"), cell("basis"), "", ""], 4),
        ([head("密级"), setter.paragraph(levels, size), head("保密期限"), cell("period")], 2.6),
        ([head("密点"), cell("points"), "", ""], 2.6),
        ([head("知悉范围"), cell("scope"), "", ""], 2.6),
        ([head("定密理由"), cell("reasons"), "", ""], 6),
        ([head("承办人\n意见"), drafter, "", ""], 8),
        ([head("定密责任人\n审核意见"), officer, "", ""], 8),
        ([head("定密权限"), cell("authority"), "", ""], 4),
        ([head("变更与解密\n记录"), _changes(setter, list(r.get("changes", [])), size), "", ""], 8),
    ]
    table = Table([c for c, _ in rows], colWidths=_COLUMNS, minRowHeights=[size * h for _, h in rows])
    wide = [("SPAN", (1, i), (3, i)) for i, (c, _) in enumerate(rows) if c[2] == ""]
    table.setStyle(
        TableStyle(
            [
                *wide,
                ("GRID", (0, 0), (-1, -1), 0.9, colors.black),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (1, 11), (3, 11), 0),
                ("RIGHTPADDING", (1, 11), (3, 11), 0),
                ("TOPPADDING", (1, 11), (3, 11), 0),
                ("BOTTOMPADDING", (1, 11), (3, 11), 0),
            ]
        )
    )
    return table


def _head(canvas: Canvas, setter: _Setter, r: Mapping[str, Any]) -> None:
    canvas.setFont(setter.bold, 14)
    canvas.drawString(_LEFT, _HEIGHT - 21 * MM, setter.plain(str(r.get("serial", ""))))
    canvas.setFont(setter.bold, 16)  # 三号, GB/T 9704-2012 7.2.2
    canvas.drawString(_LEFT, _HEIGHT - 28 * MM, setter.plain(str(r.get("mark", ""))))
    canvas.setFont(setter.regular, 9.5)
    if r.get("number"):
        canvas.drawRightString(_WIDTH - _RIGHT, _HEIGHT - 21 * MM, setter.plain(f"审批编号 {r['number']}"))
    canvas.drawRightString(_WIDTH - _RIGHT, _HEIGHT - 26 * MM, "第 1 页，共 1 页")
    canvas.setFont(setter.bold, 20)
    canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 40 * MM, "国家秘密确定审批表")


def _foot(canvas: Canvas, setter: _Setter, r: Mapping[str, Any], top: float) -> None:
    left = _LEFT
    if r.get("qr"):
        modules = [list(row) for row in segno.make(str(r["qr"]), error="m", micro=False).matrix]
        step = 21 * MM / len(modules)
        for y, row in enumerate(modules):
            for x, dark in enumerate(row):
                if dark:
                    canvas.rect(_LEFT + x * step, top - (y + 1) * step, step, step, stroke=0, fill=1)
        left += 25 * MM
    canvas.setFont(setter.regular, 8.5)
    for number, line in enumerate(list(r.get("evidence", []))[:4]):
        canvas.drawString(left, top - 5 * MM - number * 5 * MM, setter.plain(str(line))[:90])
    canvas.setFont(setter.regular, 8)
    canvas.drawCentredString(_WIDTH / 2, 10 * MM, setter.plain(str(r.get("note", ""))))


def render(record: Mapping[str, Any]) -> bytes:
    """Return the form; texts shrink together until the page holds them.

    Raises:
        Invalid: ``form.too_long`` when even the smallest size does not fit.
    """
    setter, out = _Setter(record), io.BytesIO()
    canvas = Canvas(out, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle("国家秘密确定审批表")
    room = _HEIGHT - _TOP - _BOTTOM
    for size in _SIZES:
        table = _table(setter, record, size)
        _, height = table.wrapOn(canvas, sum(_COLUMNS), room)
        if height <= room:
            break
    else:
        raise Invalid("form.too_long")
    _head(canvas, setter, record)
    table.drawOn(canvas, _LEFT, _HEIGHT - _TOP - height)
    _foot(canvas, setter, record, _HEIGHT - _TOP - height - 4 * MM)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
