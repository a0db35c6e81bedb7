"""Marks in docx: a locked paragraph at the very top of the body, the label as custom XML part and document property."""

from __future__ import annotations

import posixpath
from typing import Any

from lxml import etree

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines.documents import digest, labels
from dingmi.engines.documents.archive import Archive, parse_xml, write_archive
from dingmi.engines.documents.formats import docx
from dingmi.engines.documents.formats.ooxml import (
    LABEL_NS,
    PACKAGE_RELS,
    WATERMARK_TAG,
    Package,
    attribute,
    open_package,
    read_relations,
    rels_name,
    split,
)
from dingmi.engines.documents.limits import DEFAULT, Limits
from dingmi.engines.documents.model import Label, ReadMark

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CUSTOM = f"{_OFFICE}/custom-properties"
_VT = f"{_OFFICE}/docPropsVTypes"
_LABEL_PART = "customXml/itemDingmi.xml"
_PROPS_PART = "docProps/custom.xml"
_PROPS_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PROPERTY = "DingmiMark"
_FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_HALF_POINTS = "32"  # 三号 = 16 pt, GB/T 9704-2012 7.2.2
_V = "urn:schemas-microsoft-com:vml"


def _bytes(root: Any) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


class _Edit:
    """A package being changed: all parts, in order."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.package = open_package(data, limits)
        fresh = open_package(data, limits).archive
        self.parts = {name: fresh.read(name) for name in fresh.names}
        self._limits = limits
        self.word = split(self.package.tree(self.package.main).tag)[0]

    def w(self, local: str) -> str:
        """Return a qualified WordprocessingML name in the document's own flavour."""
        return f"{{{self.word}}}{local}"

    def make(self, parent: Any, local: str, **attributes: str) -> Any:
        """Append a WordprocessingML element."""
        element = etree.SubElement(parent, self.w(local))
        for name, value in attributes.items():
            element.set(self.w(name), value)
        return element

    def root(self, name: str, fallback: bytes) -> Any:
        """Return a part parsed, or a fresh one."""
        return parse_xml(self.parts.get(name, fallback), self._limits)

    def relate(self, source: str, ident: str, kind: str, target: str) -> None:
        """Set one relation of ``source`` (empty: of the package), replacing the one of the same id."""
        name = rels_name(source)
        root = self.root(name, f'<Relationships xmlns="{PACKAGE_RELS}"/>'.encode())
        for old in [e for e in root if e.get("Id") == ident]:
            root.remove(old)
        etree.SubElement(root, f"{{{PACKAGE_RELS}}}Relationship", Id=ident, Type=kind, Target=target)
        self.parts[name] = _bytes(root)

    def declare(self, part: str, media: str) -> None:
        """Give ``part`` its content type."""
        root = self.root("[Content_Types].xml", f'<Types xmlns="{_TYPES}"/>'.encode())
        for old in [e for e in root if e.get("PartName") == f"/{part}"]:
            root.remove(old)
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=f"/{part}", ContentType=media)
        self.parts["[Content_Types].xml"] = _bytes(root)


def _control(edit: _Edit, tag: str) -> tuple[Any, Any]:
    sdt = etree.Element(edit.w("sdt"))
    properties = edit.make(sdt, "sdtPr")
    edit.make(properties, "tag", val=tag)
    edit.make(properties, "lock", val="sdtContentLocked")
    return sdt, edit.make(sdt, "sdtContent")


def _run(edit: _Edit, paragraph: Any, text: str, *, struck: bool = False) -> None:
    run = edit.make(paragraph, "r")
    properties = edit.make(run, "rPr")
    edit.make(properties, "rFonts", ascii="黑体", hAnsi="黑体", eastAsia="黑体", cs="黑体", hint="eastAsia")
    edit.make(properties, "b", val="0")
    if struck:
        edit.make(properties, "strike")
    edit.make(properties, "color", val="000000")
    edit.make(properties, "sz", val=_HALF_POINTS)
    edit.make(properties, "szCs", val=_HALF_POINTS)
    element = edit.make(run, "t")
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _mark_control(edit: _Edit, mark: str, strike: str | None, note: str | None) -> Any:
    sdt, content = _control(edit, LABEL_NS)
    paragraph = edit.make(content, "p")
    properties = edit.make(paragraph, "pPr")
    edit.make(properties, "keepNext")
    edit.make(properties, "spacing", before="0", after="0")
    edit.make(properties, "ind", left="0", right="0", firstLine="0")
    edit.make(properties, "jc", val="left")
    if strike:
        _run(edit, paragraph, strike, struck=True)
        _run(edit, paragraph, " ")
    _run(edit, paragraph, mark)
    if note:
        _run(edit, paragraph, f"（{note}）")
    return sdt


def _body(edit: _Edit) -> Any:
    body = docx._child(edit.package.tree(edit.package.main), "body")
    if body is None:
        raise Invalid("file.damaged")
    return body


def _write_label(edit: _Edit, label: Label) -> None:
    text = labels.encode(label)
    root = etree.Element(f"{{{LABEL_NS}}}label", nsmap={None: LABEL_NS})
    root.text = text
    edit.parts[_LABEL_PART] = _bytes(root)
    folder = posixpath.dirname(edit.package.main)
    target = posixpath.relpath(_LABEL_PART, folder) if folder else _LABEL_PART
    edit.relate(edit.package.main, "rIdDingmiLabel", f"{_OFFICE}/relationships/customXml", target)
    edit.declare(_LABEL_PART, "application/xml")


def _write_property(edit: _Edit, mark: str) -> None:
    fresh = f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VT}"/>'.encode()
    root = edit.root(_PROPS_PART, fresh)
    for old in [e for e in root if e.get("name") == _PROPERTY]:
        root.remove(old)
    numbers = [int(e.get("pid", "1")) for e in root if e.get("pid", "1").isdigit()]
    element = etree.SubElement(root, f"{{{_CUSTOM}}}property", fmtid=_FMTID, pid=str(max([1, *numbers]) + 1))
    element.set("name", _PROPERTY)
    etree.SubElement(element, f"{{{_VT}}}lpwstr").text = mark
    existed = _PROPS_PART in edit.parts
    edit.parts[_PROPS_PART] = _bytes(root)
    edit.declare(_PROPS_PART, _PROPS_TYPE)
    if not existed:
        edit.relate("", "rIdDingmiProps", f"{_OFFICE}/relationships/custom-properties", _PROPS_PART)


def stamp(
    data: bytes, limits: Limits, mark: str, label: Label, strike: str | None = None, note: str | None = None
) -> bytes:
    """Return the document with its mark as the first line of the first page and its label.

    Raises:
        Unavailable: ``mark.not_visible`` when the mark cannot be read back.
    """
    text, before = labels.visible_text(mark, strike, note), content_sm3(data, limits)
    edit = _Edit(data, limits)
    body = _body(edit)
    for old in [e for e in body if docx.own_control(e) == LABEL_NS]:
        body.remove(old)
    body.insert(0, _mark_control(edit, mark, strike, note))
    edit.parts[edit.package.main] = _bytes(edit.package.tree(edit.package.main))
    _write_label(edit, labels.bound(label, text, before))
    _write_property(edit, text)
    result = write_archive(edit.parts)
    found = read_mark(result, limits)
    if found.visible != text or not found.place_ok or content_sm3(result, limits) != before:
        raise Unavailable("mark.not_visible")
    return result


def unmark(data: bytes, limits: Limits) -> bytes:
    """Return the document without mark, label, property and watermark of ours."""
    edit = _Edit(data, limits)
    body = _body(edit)
    for old in [e for e in body if docx.own_control(e) == LABEL_NS]:
        body.remove(old)
    edit.parts[edit.package.main] = _bytes(edit.package.tree(edit.package.main))
    for part in _header_parts(edit):
        root = parse_xml(edit.parts[part], limits)
        for old in [e for e in root if docx.own_control(e) == WATERMARK_TAG]:
            root.remove(old)
        edit.parts[part] = _bytes(root)
    if _PROPS_PART in edit.parts:
        root = edit.root(_PROPS_PART, b"")
        for old in [e for e in root if e.get("name") == _PROPERTY]:
            root.remove(old)
        edit.parts[_PROPS_PART] = _bytes(root)
    for part in edit.package.related("customXml"):
        if edit.package.tree(part).tag == f"{{{LABEL_NS}}}label":
            _drop(edit, part)
    return write_archive(edit.parts)


def _drop(edit: _Edit, part: str) -> None:
    """Remove a part with its relation and its content type."""
    edit.parts.pop(part, None)
    for name, attribute_, value in (
        (rels_name(edit.package.main), "Target", posixpath.basename(part)),
        ("[Content_Types].xml", "PartName", f"/{part}"),
    ):
        root = edit.root(name, b"")
        for old in [e for e in root if (e.get(attribute_) or "").endswith(value)]:
            root.remove(old)
        edit.parts[name] = _bytes(root)


def _label_of(package: Package) -> Label | None:
    found = []
    for part in package.related("customXml"):
        try:
            root = package.tree(part)
        except Invalid:
            continue
        if root.tag == f"{{{LABEL_NS}}}label":
            found.append(root.text)
    return labels.decode(found[0]) if len(found) == 1 else None


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Return visible mark and label; the place is right when the mark is the first thing in the body, flush left."""
    reader, package = docx.read(data, limits)
    in_place = False
    if reader.own_mark:
        first = _body_of(package)[0]
        sizes = [e for e in first.iter() if split(e.tag)[1] == "sz"]
        shown = not any(split(e.tag)[1] == "vanish" for e in first.iter())
        colours = {attribute(e, "val") for e in first.iter() if split(e.tag)[1] == "color"}
        in_place = shown and colours <= {"000000"} and {attribute(e, "val") for e in sizes} == {_HALF_POINTS}
    return ReadMark(reader.own_mark, _label_of(package), in_place)


def _body_of(package: Package) -> Any:
    return docx._child(package.tree(package.main), "body")


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of all text by story, hidden and deleted text, and every picture; without our mark."""
    reader, package = docx.read(data, limits)
    value = reader.builder.build("docx", None)
    pieces = [f"{b.kind} {b.where}\n{value.text[b.start : b.end]}".encode() for b in value.blocks]
    pieces += ["".join(reader.hidden).encode(), "".join(reader.deleted).encode()]
    media = [n for n in package.archive.names if "/media/" in n or "/embeddings/" in n]
    pieces += sorted(digest.sm3(package.archive.read(n)) for n in media)
    return digest.digest_of(pieces)


# --- watermark ---------------------------------------------------------------------------------------------------


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return the document with ``text`` slanted behind every page, through the header of every section."""
    text = "".join(c if c.isprintable() else " " for c in text)[: labels.MAX_MARK]
    edit = _Edit(data, limits)
    _give_headers(edit)
    for part in _header_parts(edit):
        root = parse_xml(edit.parts[part], limits)
        for old in [e for e in root if docx.own_control(e) == WATERMARK_TAG]:
            root.remove(old)
        root.insert(0, _watermark_control(edit, text))
        edit.parts[part] = _bytes(root)
    return write_archive(edit.parts)


def _watermark_control(edit: _Edit, text: str) -> Any:
    sdt, content = _control(edit, WATERMARK_TAG)
    pict = edit.make(edit.make(edit.make(content, "p"), "r"), "pict")
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


def _header_parts(edit: _Edit) -> list[str]:
    archive = Archive(write_archive(edit.parts), DEFAULT)
    found = [r.target for r in read_relations(archive, edit.package.main) if r.type == "header" and not r.external]
    return [t for t in dict.fromkeys(found) if t in edit.parts]


def _give_headers(edit: _Edit) -> None:
    """Give every kind of header that a section may show a part of its own where it has none (first section rules)."""
    root = edit.package.tree(edit.package.main)
    strict = "purl.oclc.org" in edit.word
    r_ns = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else f"{_OFFICE}/relationships"
    body = _body(edit)
    sections = [e for e in root.iter() if split(e.tag)[1] == "sectPr" and split(e.tag)[0] == edit.word]
    if not sections:
        sections = [edit.make(body, "sectPr")]
    first = sections[0]
    present = {attribute(e, "type") or "default" for e in first if split(e.tag)[1] == "headerReference"}
    folder = posixpath.dirname(edit.package.main)
    for kind in ("even", "first", "default"):
        if kind in present:
            continue
        part, ident = posixpath.join(folder, f"headerDingmi{kind}.xml"), f"rIdDingmi{kind}"
        header = etree.Element(edit.w("hdr"), nsmap={"w": edit.word})
        edit.make(header, "p")
        edit.parts[part] = _bytes(header)
        edit.declare(part, "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml")
        edit.relate(edit.package.main, ident, f"{r_ns}/header", posixpath.basename(part))
        reference = etree.Element(edit.w("headerReference"))
        reference.set(edit.w("type"), kind)
        reference.set(f"{{{r_ns}}}id", ident)
        first.insert(0, reference)
    edit.parts[edit.package.main] = _bytes(root)
