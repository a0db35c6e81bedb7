"""Text of docx and dotx as people see it: every story, every box, each alternative once (STACK 7, "Real files")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats.ooxml import (
    LABEL_NS,
    MC,
    PICTURE,
    WATERMARK_TAG,
    WORD,
    Package,
    attribute,
    carried,
    chosen,
    open_package,
    read_relations,
    split,
)
from dingmi.engines.documents.formats.pictures import Pictures, Recognise
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import LONGEST_OWN, Extracted, TextBuilder
from dingmi.engines.documents.model import is_own_mark as is_own_mark_text
from dingmi.engines.documents.progress import came

_FALSE = frozenset({"0", "false", "off", "none"})
_SKIP = frozenset({"instrText", "delInstrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "tblPr", "trPr", "tcPr", "fldData"})
_STRUCK = frozenset({"del", "moveFrom"})


@dataclass(slots=True)
class _Paragraph:
    """Text of one paragraph, the boxes anchored in it, and the relations of its pictures."""

    visible: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    package: Package
    builder: TextBuilder
    hidden: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    hidden_styles: frozenset[str] = frozenset()
    headings: frozenset[str] = frozenset()
    own_mark: str = ""
    own_watermarks: int = 0
    rows: int = 0
    body: Any = None  # its paragraphs and tables are counted as they are read
    part: str = ""  # that is being read: pictures are named by its relations
    pictures: Pictures | None = None  # only where pictures are asked for


def _on(properties: Any, local: str) -> bool:
    for child in properties if properties is not None else ():
        namespace, name = split(child.tag)
        if namespace in WORD and name == local:
            return (attribute(child, "val") or "1").lower() not in _FALSE
    return False


def _child(element: Any, local: str) -> Any:
    for child in element:
        namespace, name = split(child.tag)
        if namespace in WORD and name == local:
            return child
    return None


def _value(element: Any, *path: str) -> str | None:
    for local in path:
        element = _child(element, local) if element is not None else None
    return attribute(element, "val") if element is not None else None


def _styles(package: Package) -> tuple[frozenset[str], frozenset[str]]:
    """Return ids of styles that hide text and of styles that are headings, through ``basedOn``."""
    hidden: set[str] = set()
    headings: set[str] = set()
    parents: dict[str, str] = {}
    for part in package.related("styles"):
        for style in package.tree(part):
            if split(style.tag)[1] != "style":
                continue
            name, ident = (_value(style, "name") or "").lower(), attribute(style, "styleId") or ""
            parents[ident] = _value(style, "basedOn") or ""
            if _on(_child(style, "rPr"), "vanish"):
                hidden.add(ident)
            level = _value(style, "pPr", "outlineLvl")
            if name.startswith(("heading", "标题", "title")) or (level or "9") != "9":
                headings.add(ident)
    for ident in parents:
        chain, seen = ident, set()
        while chain and chain not in seen:
            seen.add(chain)
            if chain in hidden:
                hidden.add(ident)
            if chain in headings:
                headings.add(ident)
            chain = parents.get(chain, "")
    return frozenset(hidden), frozenset(headings)


def _gather(element: Any, out: _Paragraph, reader: _Reader, hidden: bool, struck: bool) -> None:
    """Walk inline content in reading order."""
    for child in element:
        namespace, local = split(child.tag)
        if (namespace, local) == (MC, "AlternateContent"):
            branch = chosen(child)
            if branch is not None:
                _gather(branch, out, reader, hidden, struck)
        elif local == "txbxContent" and namespace in WORD:
            out.boxes.append(child)
        elif local in PICTURE and not (hidden or struck):
            out.pictures.append(attribute(child, PICTURE[local]) or "")
        elif local == "textpath":
            out.boxes.append(attribute(child, "string") or "")
        elif local in _SKIP and (namespace in WORD):
            continue
        elif local in _STRUCK and namespace in WORD:
            _gather(child, out, reader, hidden, True)
        elif local == "r" and namespace in WORD:
            _gather(child, out, reader, hidden or _run_hidden(child, reader), struck)
        else:
            _leaf(child, namespace, local, out, reader, hidden, struck)


def _run_hidden(run: Any, reader: _Reader) -> bool:
    properties = _child(run, "rPr")
    if properties is None:
        return False
    if _child(properties, "vanish") is not None:
        return _on(properties, "vanish")
    return (_value(properties, "rStyle") or "") in reader.hidden_styles


def _leaf(child: Any, namespace: str, local: str, out: _Paragraph, reader: _Reader, hidden: bool, struck: bool) -> None:
    text = ""
    if local in {"t", "delText"} and (namespace in WORD or "drawingml" in namespace or namespace.endswith("math")):
        text = child.text or ""
        struck = struck or local == "delText"
    elif namespace in WORD and local in {"tab", "ptab", "br", "cr"}:
        text = " "
    elif namespace in WORD and local == "noBreakHyphen":
        text = "-"
    elif len(child):
        _gather(child, out, reader, hidden, struck)
    if not text:
        return
    target = reader.deleted if struck else reader.hidden if hidden else out.visible
    target.append(text)


def _paragraph(element: Any, reader: _Reader, kind: str, where: str) -> None:
    properties = _child(element, "pPr")
    style = _value(properties, "pStyle") if properties is not None else None
    out = _Paragraph()
    _gather(element, out, reader, (style or "") in reader.hidden_styles, False)
    if kind == "paragraph":
        level = _value(properties, "outlineLvl") if properties is not None else None
        if (style or "") in reader.headings or (level or "9") != "9":
            kind = "heading"
    reader.builder.add("".join(out.visible), kind, where=where)
    for box in out.boxes:
        if isinstance(box, str):
            reader.builder.add(box, "textbox", where=f"textbox.{where}")
        else:
            _blocks(box, reader, "textbox", f"textbox.{where}")
    for relation in out.pictures:
        _picture(relation, reader)


def _picture(relation: str, reader: _Reader) -> None:
    """Read a picture once, however often it is shown."""
    if reader.pictures is None:
        return
    targets = {r.id: r.target for r in read_relations(reader.package.archive, reader.part) if not r.external}
    where, lines = reader.pictures.in_part(reader.package.archive, targets.get(relation, ""))
    for line in lines:
        reader.builder.add(line, "textbox", where=where)


def own_control(element: Any) -> str:
    """Return the tag of a content control made by this software, else an empty string."""
    namespace, local = split(element.tag)
    if local != "sdt" or namespace not in WORD:
        return ""
    tag = _value(element, "sdtPr", "tag") or ""
    return tag if tag in {LABEL_NS, WATERMARK_TAG} else ""


def plain_text(element: Any) -> str:
    """Return all the run text under ``element``."""
    return "".join(e.text or "" for e in element.iter() if split(e.tag)[1] == "t" and split(e.tag)[0] in WORD)


def is_own_mark(element: Any) -> bool:
    """Say whether ``element`` is our mark and nothing but a mark, so that no text can hide behind the tag."""
    if own_control(element) != LABEL_NS:
        return False
    return is_own_mark_text(plain_text(element)) and not any(
        split(e.tag)[1] in {"drawing", "pict", "tbl", "object"} for e in element.iter()
    )


def _is_own_watermark(element: Any, where: str) -> bool:
    if own_control(element) != WATERMARK_TAG or not where.startswith("header"):
        return False
    paths = [e for e in element.iter() if split(e.tag)[1] == "textpath"]
    return len(paths) == 1 and not plain_text(element) and len(attribute(paths[0], "string") or "") <= LONGEST_OWN


def _blocks(element: Any, reader: _Reader, kind: str, where: str) -> None:
    """Walk block content: paragraphs, tables (nested too), content controls, custom XML."""
    for index, child in enumerate(element):
        if element is reader.body:
            came(index + 1, len(element), "paragraph")
        namespace, local = split(child.tag)
        if (namespace, local) == (MC, "AlternateContent"):
            branch = chosen(child)
            if branch is not None:
                _blocks(branch, reader, kind, where)
        elif namespace not in WORD or local in _SKIP:
            continue
        elif local == "p":
            _paragraph(child, reader, kind, where)
        elif local == "tbl":
            _blocks(child, reader, "table" if kind in {"paragraph", "table"} else kind, where)
        elif local == "tr":
            reader.rows += 1
            _blocks(child, reader, kind, f"row.{reader.rows}" if where == "body" or where.startswith("row.") else where)
        elif local == "sdt" and index == 0 and where == "body" and not reader.own_mark and is_own_mark(child):
            reader.own_mark = plain_text(child)
        elif local == "sdt" and _is_own_watermark(child, where):
            reader.own_watermarks += 1
        elif local not in {"sectPr", "sdtPr"}:
            _blocks(child, reader, kind, where)


def _stories(package: Package) -> Iterator[tuple[str, str, str]]:
    """Yield (part, kind, where) of headers, footers and notes, each part once."""
    wheres: dict[str, tuple[str, str]] = {}
    targets = {r.id: r.target for r in package.relations if not r.external}
    for element in package.tree(package.main).iter():
        namespace, local = split(element.tag)
        if namespace in WORD and local in {"headerReference", "footerReference"}:
            kind, which = local.removesuffix("Reference"), attribute(element, "type") or "default"
            part = targets.get(attribute(element, "id") or "", "")
            if part in package.archive:
                wheres.setdefault(part, (kind, f"{kind}.{which}"))
    for part, (kind, where) in wheres.items():
        yield part, kind, where
    for kind in ("footnote", "endnote", "comment"):
        for part in package.related(f"{kind}s"):
            yield part, kind, kind


def _notes(root: Any, reader: _Reader, kind: str) -> None:
    for note in root:
        if (attribute(note, "type") or "normal") == "normal":
            _blocks(note, reader, kind, kind)


def _drawings(reader: _Reader) -> None:
    """Text of diagrams and charts lives in parts of its own."""
    for short_type in ("diagramData", "chart"):
        for part in reader.package.related(short_type):
            for element in reader.package.tree(part).iter():
                namespace, local = split(element.tag)
                if local == "p" and "drawingml" in namespace:
                    text = "".join(e.text or "" for e in element.iter() if split(e.tag)[1] == "t")
                    reader.builder.add(text, "textbox", where=short_type)


def read(data: bytes, limits: Limits, pictures: Pictures | None = None) -> tuple[_Reader, Package]:
    """Walk the whole document once, with its pictures where these are asked for."""
    package = open_package(data, limits)
    reader = _Reader(package, TextBuilder(limits.text_characters), part=package.main, pictures=pictures)
    reader.hidden_styles, reader.headings = _styles(package)
    reader.body = body = _child(package.tree(package.main), "body")
    if body is None:
        raise Invalid("file.damaged")
    _blocks(body, reader, "paragraph", "body")
    for part, kind, where in _stories(package):
        root, reader.part = package.tree(part), part
        if kind in {"header", "footer"}:
            _blocks(root, reader, kind, where)
        else:
            _notes(root, reader, kind)
    _drawings(reader)
    if reader.builder.truncated:
        raise Invalid("file.bomb")
    return reader, package


def extract(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Extracted:
    """Return visible text with positions, that of pictures behind their paragraph; hidden and deleted text apart.

    Args:
        recognise: Gives the lines of a picture; without it pictures have no text.
    Raises:
        Invalid: ``file.pictures_only``: there is no text but perhaps in pictures; ``file.too_many_scans``.
    """
    pictures = Pictures(limits, recognise)
    reader, package = read(data, limits, pictures)
    warnings = [*pictures.warnings, *carried(package)]
    if reader.hidden:
        warnings.append("hidden_text")
    if reader.deleted:
        warnings.append("deleted_text")
    pictures.refuse_alone(reader.builder.text)
    return reader.builder.build(
        "docx",
        None,
        hidden="".join(reader.hidden),
        deleted="".join(reader.deleted),
        warnings=tuple(warnings),
        own_mark=reader.own_mark,
    )
