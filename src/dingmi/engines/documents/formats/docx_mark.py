"""Marks in docx: a locked paragraph at the very top of the body with its font, the label as custom XML part and property."""

from __future__ import annotations

import posixpath
from typing import Any

from lxml import etree

from dingmi.base.errors import Invalid
from dingmi.engines.documents import digest, labels
from dingmi.engines.documents.formats import docx, docx_font
from dingmi.engines.documents.formats.ooxml import (
    LABEL_NS,
    WATERMARK_TAG,
    Package,
    attribute,
    media_digests,
    open_package,
    split,
)
from dingmi.engines.documents.formats.package_edit import Edit, label_of, related_now, remove_label, write_label
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Label, ReadMark

_HALF_POINTS = "32"  # 三号 = 16 pt, GB/T 9704-2012 7.2.2
_V = "urn:schemas-microsoft-com:vml"


def _make(edit: Edit, parent: Any, local: str, **attributes: str) -> Any:
    """Append a WordprocessingML element."""
    element = etree.SubElement(parent, edit.name(local))
    for name, value in attributes.items():
        element.set(edit.name(name), value)
    return element


def _control(edit: Edit, tag: str) -> tuple[Any, Any]:
    sdt = etree.Element(edit.name("sdt"))
    properties = _make(edit, sdt, "sdtPr")
    _make(edit, properties, "tag", val=tag)
    _make(edit, properties, "lock", val="sdtContentLocked")
    return sdt, _make(edit, sdt, "sdtContent")


def _run(edit: Edit, paragraph: Any, text: str, font: str, *, struck: bool = False) -> None:
    run = _make(edit, paragraph, "r")
    properties = _make(edit, run, "rPr")
    _make(edit, properties, "rFonts", ascii=font, hAnsi=font, eastAsia=font, cs=font, hint="eastAsia")
    _make(edit, properties, "b", val="0")
    if struck:
        _make(edit, properties, "strike")
    _make(edit, properties, "color", val="000000")
    _make(edit, properties, "sz", val=_HALF_POINTS)
    _make(edit, properties, "szCs", val=_HALF_POINTS)
    element = _make(edit, run, "t")
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _mark_control(edit: Edit, font: str, mark: str, strike: str | None, note: str | None) -> Any:
    sdt, content = _control(edit, LABEL_NS)
    paragraph = _make(edit, content, "p")
    properties = _make(edit, paragraph, "pPr")
    _make(edit, properties, "keepNext")
    _make(edit, properties, "spacing", before="0", after="0")
    _make(edit, properties, "ind", left="0", right="0", firstLine="0")
    _make(edit, properties, "jc", val="left")
    if strike:
        _run(edit, paragraph, strike, font, struck=True)
        _run(edit, paragraph, " ", font)
    _run(edit, paragraph, mark, font)
    if note:
        _run(edit, paragraph, f"（{note}）", font)
    return sdt


def _body(package: Package) -> Any:
    body = docx._child(package.tree(package.main), "body")
    if body is None:
        raise Invalid("file.damaged")
    return body


def stamp(
    data: bytes, limits: Limits, mark: str, label: Label, strike: str | None = None, note: str | None = None
) -> bytes:
    """Return the document with its mark as the first line of the first page and its label.

    Raises:
        Unavailable: ``mark.not_visible`` when the mark cannot be read back, or does not show when the mark of the finished file
            is drawn with the font in it; ``font.missing_character``.
    """
    text, before = labels.visible_text(mark, strike, note), content_sm3(data, limits)
    edit = Edit(open_package, data, limits)
    body = _body(edit.package)
    for old in [e for e in body if docx.own_control(e) == LABEL_NS]:
        body.remove(old)
    body.insert(0, _mark_control(edit, docx_font.put(edit, text), mark, strike, note))
    edit.write(edit.package.main, edit.package.tree(edit.package.main))
    write_label(edit, labels.bound(label, text, before), text)
    result = edit.finished()
    labels.require_shown(read_mark(result, limits), text, before, content_sm3(result, limits))
    finished = open_package(result, limits)
    docx_font.require_ink(finished, _body(finished)[0], text)
    return result


def unmark(data: bytes, limits: Limits) -> bytes:
    """Return the document without mark, label, property and watermark of ours."""
    edit = Edit(open_package, data, limits)
    body = _body(edit.package)
    for old in [e for e in body if docx.own_control(e) == LABEL_NS]:
        body.remove(old)
    edit.write(edit.package.main, edit.package.tree(edit.package.main))
    for part in related_now(edit, "header"):
        root = edit.root(part)
        for old in [e for e in root if docx.own_control(e) == WATERMARK_TAG]:
            root.remove(old)
        edit.write(part, root)
    docx_font.take(edit)
    remove_label(edit)
    return edit.finished()


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Return visible mark and label; the place is right when the mark is the first thing in the body, flush left, in our font."""
    reader, package = docx.read(data, limits)
    in_place = False
    if reader.own_mark:
        first = _body(package)[0]
        sizes = [e for e in first.iter() if split(e.tag)[1] == "sz"]
        shown = not any(split(e.tag)[1] == "vanish" for e in first.iter())
        colours = {attribute(e, "val") for e in first.iter() if split(e.tag)[1] == "color"}
        in_place = shown and colours <= {"000000"} and {attribute(e, "val") for e in sizes} == {_HALF_POINTS}
        in_place = in_place and docx_font.is_own_type(package, first, reader.own_mark)
    return ReadMark(reader.own_mark, label_of(package), in_place)


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of all text by story, hidden and deleted text, and every picture; without our mark."""
    reader, package = docx.read(data, limits)
    value = reader.builder.build("docx", None)
    pieces = [f"{b.kind} {b.where}\n{value.text[b.start : b.end]}".encode() for b in value.blocks]
    pieces += ["".join(reader.hidden).encode(), "".join(reader.deleted).encode()]
    pieces += media_digests(package.archive)
    return digest.digest_of(pieces)


# --- watermark ---------------------------------------------------------------------------------------------------


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return the document with ``text`` slanted behind every page, through the header of every section."""
    text = labels.printable(text)
    edit = Edit(open_package, data, limits)
    _give_headers(edit)
    for part in related_now(edit, "header"):
        root = edit.root(part)
        for old in [e for e in root if docx.own_control(e) == WATERMARK_TAG]:
            root.remove(old)
        root.insert(0, _watermark_control(edit, text))
        edit.write(part, root)
    return edit.finished()


def _watermark_control(edit: Edit, text: str) -> Any:
    sdt, content = _control(edit, WATERMARK_TAG)
    pict = _make(edit, _make(edit, _make(edit, content, "p"), "r"), "pict")
    width = min(430, 16 * len(text))
    style = (
        f"position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:26pt;rotation:330;z-index:-251658752;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin"
    )
    shape = etree.SubElement(pict, f"{{{_V}}}shape", nsmap={"v": _V}, id="DingmiWatermark", type="#_x0000_t136")
    for name, value in (
        ("style", style),
        ("fillcolor", "#9a9a9a"),
        ("stroked", "f"),
        ("coordsize", "21600,21600"),
        ("path", "m@7,l@8,m@5,21600l@6,21600e"),
    ):
        shape.set(name, value)
    etree.SubElement(shape, f"{{{_V}}}fill", opacity=".4")
    etree.SubElement(shape, f"{{{_V}}}path", textpathok="t")
    etree.SubElement(shape, f"{{{_V}}}textpath", on="t", style="font-family:黑体;font-size:1pt", string=text)
    return sdt


def _give_headers(edit: Edit) -> None:
    """Give every kind of header that a section may show a part of its own where it has none (first section rules)."""
    root = edit.package.tree(edit.package.main)
    r_ns = edit.relations
    body = _body(edit.package)
    sections = [e for e in root.iter() if split(e.tag)[1] == "sectPr" and split(e.tag)[0] == edit.space]
    if not sections:
        sections = [_make(edit, body, "sectPr")]
    first = sections[0]
    present = {attribute(e, "type") or "default" for e in first if split(e.tag)[1] == "headerReference"}
    folder = posixpath.dirname(edit.package.main)
    for kind in ("even", "first", "default"):
        if kind in present:
            continue
        part, ident = posixpath.join(folder, f"headerDingmi{kind}.xml"), f"rIdDingmi{kind}"
        header = etree.Element(edit.name("hdr"), nsmap={"w": edit.space})
        _make(edit, header, "p")
        edit.write(part, header)
        edit.declare(part, "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml")
        edit.relate(edit.package.main, ident, f"{r_ns}/header", posixpath.basename(part))
        reference = etree.Element(edit.name("headerReference"))
        reference.set(edit.name("type"), kind)
        reference.set(f"{{{r_ns}}}id", ident)
        first.insert(0, reference)
    edit.write(edit.package.main, root)
