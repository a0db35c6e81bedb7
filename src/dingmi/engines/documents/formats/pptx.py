"""Text of pptx as people see it: slides with their boxes, tables, charts and diagrams, notes, comments; hidden slides apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats.ooxml import (
    DRAWING,
    LABEL_NS,
    MC,
    SLIDE,
    WATERMARK_TAG,
    Package,
    carried,
    chosen,
    drawn_paragraphs,
    drawn_text,
    open_package,
    pictures_of,
    split,
)
from dingmi.engines.documents.formats.pictures import Pictures, Recognise
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import LONGEST_OWN, Extracted, TextBuilder, is_own_mark
from dingmi.engines.documents.progress import came

_TITLES = frozenset({"title", "ctrTitle"})
_SHAPES = frozenset({"sp", "grpSp", "graphicFrame", "pic", "cxnSp"})


@dataclass(slots=True)
class Reader:
    """One walk through a presentation."""

    package: Package
    builder: TextBuilder
    slides: tuple[str, ...] = ()
    hidden: list[str] = field(default_factory=list)
    own_marks: dict[str, str] = field(default_factory=dict)  # by slide
    rows: int = 0
    pictures: Pictures | None = None  # only where pictures are asked for


def open_presentation(data: bytes, limits: Limits) -> Package:
    """Open a pptx; raises as :func:`open_package`."""
    return open_package(data, limits, SLIDE, "presentation")


def slides_of(package: Package) -> tuple[str, ...]:
    """Return the parts of the slides in their order."""
    targets = {r.id: r.target for r in package.relations if not r.external}
    found = []
    for group in package.tree(package.main):
        for element in group if split(group.tag)[1] == "sldIdLst" else ():
            part = targets.get(_relation(element), "")
            if part not in package.archive:
                raise Invalid("file.damaged")
            found.append(part)
    return tuple(found)


def _relation(element: Any) -> str:
    """Return the relation of a slide, which has a plain ``id`` beside it."""
    return next((str(v) for k, v in element.attrib.items() if split(k)[0] and split(k)[1] == "id"), "")


def tree_of(slide: Any) -> Any:
    """Return the shape tree of a slide, layout or master."""
    for data in slide:
        for child in data if split(data.tag)[1] == "cSld" else ():
            if split(child.tag)[1] == "spTree":
                return child
    raise Invalid("file.damaged")


def shapes_of(tree: Any) -> Iterator[Any]:
    """Yield the shapes of a tree in their order, those of groups too, each alternative once."""
    for child in tree:
        namespace, local = split(child.tag)
        if (namespace, local) == (MC, "AlternateContent"):
            branch = chosen(child)
            yield from shapes_of(branch) if branch is not None else ()
        elif namespace in SLIDE and local == "grpSp":
            yield from shapes_of(child)
        elif namespace in SLIDE and local in _SHAPES:
            yield child


def name_of(shape: Any) -> str:
    """Return the name of a shape."""
    return next((e.get("name", "") for e in shape.iter() if split(e.tag)[1] == "cNvPr"), "")


def is_own(shape: Any) -> bool:
    """Say whether a shape is our mark or watermark and holds nothing that could hide there."""
    name, local = name_of(shape), split(shape.tag)[1]
    if local != "sp" or name not in {LABEL_NS, WATERMARK_TAG}:
        return False
    text = "".join(drawn_paragraphs(shape))
    return is_own_mark(text) if name == LABEL_NS else len(text) <= LONGEST_OWN


def _placeholder(shape: Any) -> str | None:
    """Return the kind of placeholder that a shape is; None for none."""
    found = next((e for e in shape.iter() if split(e.tag)[1] == "ph"), None)
    return None if found is None else (found.get("type") or "body")


def _invisible(shape: Any) -> bool:
    return any(split(e.tag)[1] == "cNvPr" and e.get("hidden") in {"1", "true"} for e in shape.iter())


def _shape(shape: Any, page: int, reader: Reader, put: Any) -> None:
    kind = "heading" if _placeholder(shape) in _TITLES else "textbox"
    for table in [e for e in shape.iter() if split(e.tag)[1] == "tbl" and split(e.tag)[0] in DRAWING]:
        for row in [e for e in table if split(e.tag)[1] == "tr"]:
            reader.rows += 1
            for paragraph in [e for e in row.iter() if split(e.tag)[1] == "p" and split(e.tag)[0] in DRAWING]:
                put(drawn_text(paragraph), "table", page, f"row.{reader.rows}")
        return
    for text in drawn_paragraphs(shape):
        put(text, kind, page, "body" if kind == "heading" else "textbox.body")


def _pictures(part: str, element: Any, page: int | None, reader: Reader) -> None:
    """Read the pictures that are shown in an element of a slide, layout or master."""
    pictures = reader.pictures
    if pictures is None:
        return
    for name in pictures_of(reader.package, part, element):
        where, lines = pictures.in_part(reader.package.archive, name)
        for line in lines:
            reader.builder.add(line, "textbox", page=page, where=where)


def _slide(part: str, page: int, reader: Reader) -> None:
    package = reader.package
    root = package.tree(part)
    shown = root.get("show") not in {"0", "false"}

    def put(text: str, kind: str, page: int, where: str, *, visible: bool = True) -> None:
        if shown and visible:
            reader.builder.add(text, kind, page=page, where=where)
        elif text.strip():
            reader.hidden.append(text)

    for shape in shapes_of(tree_of(root)):
        if is_own(shape):
            if name_of(shape) == LABEL_NS:
                reader.own_marks[part] = "".join(drawn_paragraphs(shape))
        else:
            away = _invisible(shape)
            _shape(shape, page, reader, lambda t, k, p, w, away=away: put(t, k, p, w, visible=not away))
            if shown and not away:
                _pictures(part, shape, page, reader)
    for kind in ("chart", "diagramData"):
        for other in package.related(kind, part):
            for text in drawn_paragraphs(package.tree(other)):
                put(text, "textbox", page, kind)
    for other in package.related("notesSlide", part):
        for shape in shapes_of(tree_of(package.tree(other))):
            if _placeholder(shape) in {"body", None}:
                for text in drawn_paragraphs(shape):
                    put(text, "footnote", page, "notes")
    for other in package.related("comments", part):
        for text in _comments(package.tree(other)):
            put(text, "comment", page, "comment")


def _comments(root: Any) -> list[str]:
    """Return the comments of a slide, old kind and new."""
    found = []
    for element in root.iter():
        if split(element.tag)[1] == "text" and split(element.tag)[0] in SLIDE:
            found.append(element.text or "")
        elif split(element.tag)[1] == "txBody":
            found += drawn_paragraphs(element)
    return found


def _backgrounds(reader: Reader) -> None:
    """What masters and layouts that are in use show on every slide; places for text are not shown."""
    package, seen = reader.package, dict[str, None]()
    for slide in reader.slides:
        for layout in package.related("slideLayout", slide):
            seen.update(dict.fromkeys([*package.related("slideMaster", layout), layout]))
    for part in seen:
        for shape in shapes_of(tree_of(package.tree(part))):
            if _placeholder(shape) is None:
                for text in drawn_paragraphs(shape):
                    reader.builder.add(text, "header", where="master")
                _pictures(part, shape, None, reader)


def read(data: bytes, limits: Limits, pictures: Pictures | None = None) -> Reader:
    """Walk the whole presentation once, with its pictures where these are asked for."""
    package = open_presentation(data, limits)
    reader = Reader(package, TextBuilder(limits.text_characters), slides_of(package), pictures=pictures)
    if len(reader.slides) > limits.pages:
        raise Invalid("file.too_many_pages", limit=limits.pages)
    _backgrounds(reader)
    for page, part in enumerate(reader.slides, 1):
        _slide(part, page, reader)
        came(page, len(reader.slides))
    if reader.builder.truncated:
        raise Invalid("file.bomb")
    return reader


def own_mark(reader: Reader) -> str:
    """Return the mark on the first slide; empty without one."""
    return reader.own_marks.get(reader.slides[0], "") if reader.slides else ""


def extract(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Extracted:
    """Return visible text with slide numbers, that of pictures behind their shape; what hidden slides and shapes hold apart.

    Args:
        recognise: Gives the lines of a picture; without it pictures have no text.
    Raises:
        Invalid: ``file.pictures_only``: there is no text but perhaps in pictures.
    """
    pictures = Pictures(limits, recognise)
    reader = read(data, limits, pictures)
    warnings = [*pictures.warnings, *(["hidden_text"] if reader.hidden else []), *carried(reader.package)]
    pictures.refuse_alone(reader.builder.text)
    return reader.builder.build(
        "pptx",
        len(reader.slides),
        hidden=" ".join(reader.hidden),
        warnings=tuple(warnings),
        own_mark=own_mark(reader),
    )
