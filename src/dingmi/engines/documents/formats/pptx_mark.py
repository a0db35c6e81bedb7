"""Marks in pptx: a box in the top left corner of every slide, above all else, black on white; the label is the same as in docx."""

from __future__ import annotations

from typing import Any

from lxml import etree

from dingmi.base.errors import Invalid
from dingmi.engines.documents import digest, labels
from dingmi.engines.documents.formats import pptx
from dingmi.engines.documents.formats.ooxml import DRAWING, LABEL_NS, WATERMARK_TAG, media_digests, split
from dingmi.engines.documents.formats.package_edit import Edit, label_of, remove_label, write_label
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Label, ReadMark

_EMU = 12_700  # in a point
_LEFT, _TOP, _HEIGHT = 14 * _EMU, 10 * _EMU, 26 * _EMU
_SIZE = "1600"  # hundredths of a point: 三号, GB/T 9704-2012 7.2.2
_TURN = "-1800000"  # 30 degrees, in 60,000ths


class _Shapes:
    """Makes shapes in the flavour of one presentation."""

    def __init__(self, edit: Edit) -> None:
        self._p = edit.space
        self._a = next(a for a in DRAWING if ("purl.oclc.org" in a) == ("purl.oclc.org" in edit.space))

    def p(self, parent: Any, local: str, **attributes: str) -> Any:
        """Append a PresentationML element."""
        return etree.SubElement(parent, f"{{{self._p}}}{local}", attrib=attributes)

    def a(self, parent: Any, local: str, **attributes: str) -> Any:
        """Append a DrawingML element."""
        return etree.SubElement(parent, f"{{{self._a}}}{local}", attrib=attributes)

    def fill(self, parent: Any, colour: str, alpha: str = "") -> None:
        """Append a plain fill."""
        value = self.a(self.a(parent, "solidFill"), "srgbClr", val=colour)
        if alpha:
            self.a(value, "alpha", val=alpha)

    def box(self, tree: Any, name: str, place: tuple[int, int, int, int], turn: str = "") -> tuple[Any, Any]:
        """Append an empty locked box; return its properties and its only paragraph."""
        numbers = [
            int(e.get("id", "0")) for e in tree.iter() if split(e.tag)[1] == "cNvPr" and e.get("id", "").isdigit()
        ]
        shape = etree.Element(f"{{{self._p}}}sp", nsmap={"p": self._p, "a": self._a})
        last = next((i for i, e in enumerate(tree) if split(e.tag)[1] == "extLst"), len(tree))
        tree.insert(last, shape)
        about = self.p(shape, "nvSpPr")
        self.p(about, "cNvPr", id=str(max([1, *numbers]) + 1), name=name)
        locks = {k: "1" for k in ("noGrp", "noSelect", "noRot", "noMove", "noResize", "noTextEdit")}
        self.a(self.p(about, "cNvSpPr", txBox="1"), "spLocks", **locks)
        self.p(about, "nvPr")
        properties = self.p(shape, "spPr")
        x, y, width, height = place
        moved = self.a(properties, "xfrm", **({"rot": turn} if turn else {}))
        self.a(moved, "off", x=str(x), y=str(y))
        self.a(moved, "ext", cx=str(width), cy=str(height))
        self.a(self.a(properties, "prstGeom", prst="rect"), "avLst")
        body = self.p(shape, "txBody")
        margins = {k: "36000" for k in ("lIns", "tIns", "rIns", "bIns")}
        self.a(body, "bodyPr", wrap="square", anchor="ctr", **margins)
        self.a(body, "lstStyle")
        return properties, self.a(body, "p")

    def run(self, paragraph: Any, text: str, size: str, colour: str, *, struck: bool = False, alpha: str = "") -> None:
        """Append words to a paragraph."""
        run = self.a(paragraph, "r")
        strike = {"strike": "sngStrike"} if struck else {}
        properties = self.a(run, "rPr", lang="zh-CN", sz=size, b="0", **strike)
        self.fill(properties, colour, alpha)
        self.a(properties, "latin", typeface="黑体")
        self.a(properties, "ea", typeface="黑体")
        self.a(run, "t").text = text


def _slide_size(edit: Edit) -> tuple[int, int]:
    for element in edit.package.tree(edit.package.main):
        if split(element.tag)[1] == "sldSz" and element.get("cx", "").isdigit() and element.get("cy", "").isdigit():
            return int(element.get("cx")), int(element.get("cy"))
    return 9_144_000, 6_858_000


def _remove(tree: Any, names: frozenset[str]) -> None:
    for shape in [e for e in tree.iter() if split(e.tag)[1] == "sp" and pptx.is_own(e) and pptx.name_of(e) in names]:
        shape.getparent().remove(shape)


def _mark_box(shapes: _Shapes, tree: Any, room: int, mark: str, strike: str | None, note: str | None) -> None:
    text = labels.visible_text(mark, strike, note)
    wide = sum(16 if ord(c) > 255 else 9 for c in text) * _EMU + 20 * _EMU
    width = min(wide, room - 2 * _LEFT)
    height = _HEIGHT * (1 + wide // max(width, 1) if wide > width else 1)
    properties, paragraph = shapes.box(tree, LABEL_NS, (_LEFT, _TOP, width, height))
    shapes.fill(properties, "FFFFFF")
    if strike:
        shapes.run(paragraph, strike, _SIZE, "000000", struck=True)
        shapes.run(paragraph, " ", _SIZE, "000000")
    shapes.run(paragraph, mark, _SIZE, "000000")
    if note:
        shapes.run(paragraph, f"（{note}）", _SIZE, "000000")


def stamp(
    data: bytes, limits: Limits, mark: str, label: Label, strike: str | None = None, note: str | None = None
) -> bytes:
    """Return the presentation with its mark on every slide, and its label.

    Raises:
        Invalid: ``file.damaged`` for a presentation without slides.
        Unavailable: ``mark.not_visible`` when the mark cannot be read back.
    """
    text, before = labels.visible_text(mark, strike, note), content_sm3(data, limits)
    edit = Edit(pptx.open_presentation, data, limits)
    shapes, slides = _Shapes(edit), pptx.slides_of(edit.package)
    if not slides:
        raise Invalid("file.damaged")
    for part in slides:
        root = edit.root(part)
        tree = pptx.tree_of(root)
        _remove(tree, frozenset({LABEL_NS}))
        _mark_box(shapes, tree, _slide_size(edit)[0], mark, strike, note)
        edit.write(part, root)
    write_label(edit, labels.bound(label, text, before), text)
    result = edit.finished()
    labels.require_shown(read_mark(result, limits), text, before, content_sm3(result, limits))
    return result


def unmark(data: bytes, limits: Limits) -> bytes:
    """Return the presentation without boxes, label, property and watermark of ours."""
    edit = Edit(pptx.open_presentation, data, limits)
    for part in pptx.slides_of(edit.package):
        root = edit.root(part)
        _remove(pptx.tree_of(root), frozenset({LABEL_NS, WATERMARK_TAG}))
        edit.write(part, root)
    remove_label(edit)
    return edit.finished()


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Return visible mark and label; the place is right when every slide shows the mark in its corner, above all else."""
    reader = pptx.read(data, limits)
    visible = pptx.own_mark(reader)
    same = (
        bool(visible)
        and set(reader.own_marks.values()) == {visible}
        and len(reader.own_marks) == len(set(reader.slides))
    )
    return ReadMark(visible, label_of(reader.package), same and all(_in_place(reader, part) for part in reader.slides))


def _in_place(reader: pptx.Reader, part: str) -> bool:
    shapes = list(pptx.shapes_of(pptx.tree_of(reader.package.tree(part))))
    place = next(i for i, s in enumerate(shapes) if pptx.is_own(s) and pptx.name_of(s) == LABEL_NS)
    own = shapes[place]
    if any(not pptx.is_own(s) for s in shapes[place + 1 :]):
        return False
    found = {(split(e.tag)[1], k, v) for e in own.iter() for k, v in e.attrib.items()}
    colours = {v for n, k, v in found if n == "srgbClr"}
    sizes = {v for n, k, v in found if n == "rPr" and k == "sz"}
    corner = ("off", "x", str(_LEFT)) in found and ("off", "y", str(_TOP)) in found
    away = any(n == "cNvPr" and k == "hidden" for n, k, _ in found) or any(n == "alpha" for n, _, _ in found)
    return corner and not away and colours == {"FFFFFF", "000000"} and sizes == {_SIZE}


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of all text by slide and place, hidden text and every picture and medium; without our mark."""
    reader = pptx.read(data, limits)
    value = reader.builder.build("pptx", None)
    pieces = [f"{b.kind} {b.where} {b.page}\n{value.text[b.start : b.end]}".encode() for b in value.blocks]
    pieces.append("\n".join(reader.hidden).encode())
    pieces += media_digests(reader.package.archive)
    return digest.digest_of(pieces)


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return the presentation with ``text`` slanted over every slide, under the mark."""
    text = labels.printable(text)
    edit = Edit(pptx.open_presentation, data, limits)
    shapes = _Shapes(edit)
    wide, high = _slide_size(edit)
    for part in pptx.slides_of(edit.package):
        root = edit.root(part)
        tree = pptx.tree_of(root)
        _remove(tree, frozenset({WATERMARK_TAG}))
        height = 40 * _EMU
        _, paragraph = shapes.box(tree, WATERMARK_TAG, (wide // 10, (high - height) // 2, wide * 4 // 5, height), _TURN)
        shapes.a(paragraph, "pPr", algn="ctr")
        shapes.run(paragraph, text, "2000", "808080", alpha="35000")
        edit.write(part, root)
    return edit.finished()
