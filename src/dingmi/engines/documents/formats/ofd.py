"""Text of OFD (GB/T 33190) as people see it: pages, page templates and annotations, in reading order.

Names of elements are compared without their namespace, and paths without regard to case: producers differ in both.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents.archive import Archive
from dingmi.engines.documents.formats import pdf
from dingmi.engines.documents.formats.ooxml import split
from dingmi.engines.documents.formats.pictures import Pictures, Recognise
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import LONGEST_OWN, Extracted, TextBuilder, is_own_mark
from dingmi.engines.documents.progress import came

MARK_FONT, WATERMARK_FONT = "DingmiMark", "DingmiWatermark"
OWN_RES = "DingmiRes.xml"
_ACTIVE = frozenset({"GotoA", "Sound", "Movie"})
_NO_CHARACTER = frozenset("¤\ufffd\u25a1")  # what producers write where a glyph has no character
_THICKEST_STROKE = 2.0  # mm


@dataclass(slots=True)
class Package:
    """An opened OFD: its parts, and those of them that were parsed."""

    archive: Archive
    limits: Limits
    trees: dict[str, Any] = field(default_factory=dict)

    def part(self, base: str, target: str) -> str:
        """Return the part that ``target`` names, seen from ``base``; empty where there is none."""
        target = target.strip()
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(base), target)
        wanted = posixpath.normpath(path).casefold()
        return next((n for n in self.archive.names if n.casefold() == wanted), "")

    def tree(self, name: str) -> Any:
        """Return the parsed part, parsed once.

        Raises:
            Invalid: ``file.damaged``: there is no such part.
        """
        if name not in self.trees:
            if not name:
                raise Invalid("file.damaged")
            self.trees[name] = self.archive.xml(name)
        return self.trees[name]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its id, its part, and the part of its document."""

    id: str
    part: str
    document: str


def local(element: Any) -> str:
    """Return the name of an element without its namespace."""
    return split(element.tag)[1]


def child(element: Any, *path: str) -> Any:
    """Return the first child along a path of names, or None."""
    for name in path:
        element = next((e for e in element if local(e) == name), None) if element is not None else None
    return element


def children(element: Any, name: str) -> list[Any]:
    """Return the children of one name."""
    return [e for e in element if local(e) == name] if element is not None else []


def numbers(text: str | None) -> list[float]:
    """Return the numbers of a box or matrix.

    Raises:
        Invalid: ``file.damaged``: something else stands there.
    """
    try:
        return [float(v) for v in (text or "").split()]
    except ValueError:
        raise Invalid("file.damaged") from None


def open_ofd(data: bytes, limits: Limits) -> Package:
    """Open an OFD.

    Raises:
        Invalid: damaged, encrypted, or with attachments and actions that reach out (SR-77).
    """
    package = Package(Archive(data, limits), limits)
    root = package.tree(package.part("", "OFD.xml"))
    bodies = children(root, "DocBody")
    if local(root) != "OFD" or not bodies:
        raise Invalid("file.damaged")
    if child(root, "Encryptions") is not None or any(
        n.lower().endswith("encryptions.xml") for n in package.archive.names
    ):
        raise Invalid("file.encrypted")
    for document in documents_of(package):
        held = child(package.tree(document), "Attachments")
        listed = package.part(document, held.text or "") if held is not None else ""
        if listed and children(package.tree(listed), "Attachment"):
            raise Invalid("file.embedded_object")
        if any(local(e) in _ACTIVE for e in package.tree(document).iter()):
            raise Invalid("file.active_content")
    return package


def documents_of(package: Package) -> tuple[str, ...]:
    """Return the document parts in their order."""
    name = package.part("", "OFD.xml")
    found = []
    for body in children(package.tree(name), "DocBody"):
        held = child(body, "DocRoot")
        found.append(package.part(name, (held.text or "") if held is not None else ""))
    if not all(found):
        raise Invalid("file.damaged")
    return tuple(found)


def pages_of(package: Package) -> tuple[Page, ...]:
    """Return the pages of all documents.

    Raises:
        Invalid: ``file.too_many_pages``, or ``file.damaged`` without any.
    """
    found = []
    for document in documents_of(package):
        for element in children(child(package.tree(document), "Pages"), "Page"):
            found.append(Page(element.get("ID", ""), package.part(document, element.get("BaseLoc", "")), document))
    if not found or not all(p.part for p in found):
        raise Invalid("file.damaged")
    if len(found) > package.limits.pages:
        raise Invalid("file.too_many_pages", limit=package.limits.pages)
    return tuple(found)


def own_fonts(package: Package, document: str) -> dict[str, str]:
    """Return the ids of the fonts that we put in, with their names."""
    part = package.part(document, OWN_RES)
    fonts = child(package.tree(part), "Fonts") if part else None
    return {f.get("ID", ""): f.get("FontName", "") for f in children(fonts, "Font")}


def words_of(element: Any) -> str:
    """Return the text of one text object."""
    return "".join(e.text or "" for e in element.iter() if local(e) == "TextCode")


def own_kind(layer: Any, fonts: dict[str, str]) -> str:
    """Return whose layer it is, by our font, when it holds nothing that could hide there; else an empty string."""
    texts = [e for e in layer if local(e) == "TextObject"]
    others = [e for e in layer if local(e) != "TextObject"]
    kinds = {fonts.get(e.get("Font", ""), "") for e in texts}
    if local(layer) != "Layer" or len(kinds) != 1 or not kinds <= {MARK_FONT, WATERMARK_FONT}:
        return ""
    strokes = all(local(e) == "PathObject" and _is_stroke(e) for e in others) and len(others) <= 1
    words, kind = [words_of(e) for e in texts], kinds.pop()
    if kind == MARK_FONT:
        return kind if strokes and len(words) == 1 and is_own_mark(words[0]) else ""
    return kind if not others and len(set(words)) == 1 and len(words[0]) <= LONGEST_OWN else ""


def _is_stroke(element: Any) -> bool:
    box = numbers(element.get("Boundary"))
    return len(box) == 4 and box[3] <= _THICKEST_STROKE


def layers_of(page: Any) -> list[Any]:
    """Return the layers of a page or template."""
    return children(child(page, "Content"), "Layer")


def own_layers(page: Any, fonts: dict[str, str]) -> dict[Any, str]:
    """Return our layers on a page with their kind."""
    found = {layer: own_kind(layer, fonts) for layer in layers_of(page)}
    return {layer: kind for layer, kind in found.items() if kind}


def page_box(package: Package, page: Page) -> list[float]:
    """Return left, top, width and height of a page in millimetres."""
    own = child(package.tree(page.part), "Area", "PhysicalBox")
    common = child(package.tree(page.document), "CommonData", "PageArea", "PhysicalBox")
    box = numbers(own.text if own is not None else common.text if common is not None else "0 0 210 297")
    longest = package.limits.page_points / 72 * 25.4
    if len(box) != 4 or not (0 < box[2] <= longest and 0 < box[3] <= longest):
        raise Invalid("file.damaged")
    return box


# --- text --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Reader:
    """One walk through all pages."""

    package: Package
    builder: TextBuilder
    pages: tuple[Page, ...] = ()
    hidden: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    drawn: bool = False
    own_mark: str = ""
    pictures: Pictures | None = None  # only where pictures are asked for
    seen: set[str] = field(default_factory=set)  # pictures beside text met before
    media: dict[str, dict[str, str]] = field(default_factory=dict)  # by part of resources


_Piece = tuple[float, float, float, str]  # baseline, left edge, size, words


def _pieces(root: Any, skip: set[Any], reader: Reader) -> list[_Piece]:
    """Return the visible pieces of text under ``root``; what is switched off goes to the hidden text."""
    found: list[_Piece] = []
    for element in root.iter():
        if local(element) != "TextObject" or any(a in skip for a in element.iterancestors()):
            continue
        reader.drawn = True
        box = [*numbers(element.get("Boundary")), 0.0, 0.0, 0.0, 0.0]
        matrix = numbers(element.get("CTM")) or [1.0]
        size = (numbers(element.get("Size")) or [3.0])[0] * (abs(matrix[0]) or 1.0)
        away = element.get("Visible") == "false" or any(a.get("Visible") == "false" for a in element.iterancestors())
        x = y = 0.0
        for code in [e for e in element.iter() if local(e) == "TextCode"]:
            x, y = (numbers(code.get("X")) or [x])[0], (numbers(code.get("Y")) or [y])[0]
            text = "".join(c for c in code.text or "" if c not in _NO_CHARACTER)
            if away:
                reader.hidden.append(text)
            elif text.strip():
                found.append((box[1] + y * (abs(matrix[0]) or 1.0), box[0] + x, size, text))
    return found


def lines_of(pieces: list[_Piece]) -> list[str]:
    """Return pieces of text as lines from top to bottom, each from left to right; a wide gap becomes a blank."""
    lines: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p[0], p[1])):
        if lines and abs(lines[-1][0][0] - piece[0]) < 0.5 * max(piece[2], 0.1):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    found = []
    for line in lines:
        text, end = "", None
        for _, x, size, words in sorted(line, key=lambda p: p[1]):
            text += " " + words if end is not None and x - end > size else words
            end = x + size * sum(1.0 if ord(c) > 255 else 0.5 for c in words)
        found.append(text)
    return found


def _annotated(package: Package, page: Page) -> list[Any]:
    """Return the annotations of a page."""
    held = child(package.tree(page.document), "Annotations")
    listed = package.part(page.document, held.text or "") if held is not None else ""
    found = []
    for element in children(package.tree(listed), "Page") if listed else ():
        place = child(element, "FileLoc")
        part = package.part(listed, (place.text or "") if place is not None else "")
        if element.get("PageID") == page.id and part:
            found += children(package.tree(part), "Annot")
    return found


def _templates(reader: Reader) -> None:
    """Text of page templates, each template once."""
    for document in documents_of(reader.package):
        for element in children(child(reader.package.tree(document), "CommonData"), "TemplatePage"):
            part = reader.package.part(document, element.get("BaseLoc", ""))
            for line in lines_of(_pieces(reader.package.tree(part), set(), reader)):
                reader.builder.add(line, "header", where="template")
                reader.raw.append(line)


def _listed(reader: Reader, resource: str) -> dict[str, str]:
    """Return where the pictures listed in a part of resources stand, by id, read once."""
    if resource not in reader.media:
        tree = reader.package.tree(resource)
        folder = posixpath.join(tree.get("BaseLoc", ""), "")
        held = [(e.get("ID", ""), child(e, "MediaFile")) for e in children(child(tree, "MultiMedias"), "MultiMedia")]
        reader.media[resource] = {ident: folder + (f.text or "").strip() for ident, f in held if f is not None}
    return reader.media[resource]


def _picture_part(reader: Reader, page: Page, ident: str) -> str:
    """Return the part of the picture that a page names by an id; empty where there is none."""
    package = reader.package
    common = child(package.tree(page.document), "CommonData")
    named = [(page.part, e) for e in children(package.tree(page.part), "PageRes")]
    named += [(page.document, e) for kind in ("PublicRes", "DocumentRes") for e in children(common, kind)]
    for base, element in named:
        resource = package.part(base, element.text or "")
        place = _listed(reader, resource).get(ident) if resource else None
        if place is not None:
            return package.part(resource, place)
    return ""


def _pictures_on(root: Any, skip: set[Any], page: Page, reader: Reader) -> list[str]:
    """Return the parts of the pictures that a page shows, from top to bottom; empty for one that is not there."""
    shown = [e for e in root.iter() if local(e) == "ImageObject" and not any(a in skip for a in e.iterancestors())]
    shown = [e for e in shown if not any(a.get("Visible") == "false" for a in (e, *e.iterancestors()))]
    shown.sort(key=lambda e: ([*numbers(e.get("Boundary")), 0.0, 0.0])[1])
    return [_picture_part(reader, page, e.get("ResourceID", "")) for e in shown]


def _scanned(parts: list[str], number: int, reader: Reader, pictures: Pictures) -> list[str]:
    """Return the lines of a page that is pictures."""
    lines: list[str] = []
    for part in parts:
        data = reader.package.archive.read(part) if part else b""
        lines += pictures.page(number, partial(pictures.points, data))
    return lines


def _beside(parts: list[str], number: int, reader: Reader, pictures: Pictures) -> None:
    """Read the pictures beside the text of a page, each once."""
    for part in parts:
        data = reader.package.archive.read(part) if part and part not in reader.seen else b""
        reader.seen.add(part)
        if data and pictures.may_hold_text(data):
            place, lines = pictures.beside(partial(pictures.points, data))
            for line in lines:
                reader.builder.add(line, "textbox", page=number, where=f"picture.{place}")


def _page(page: Page, number: int, reader: Reader) -> None:
    """Read one page; a page without text that shows pictures is a scan."""
    root = reader.package.tree(page.part)
    own = own_layers(root, own_fonts(reader.package, page.document))
    if number == 1:
        reader.own_mark = next((words_of(layer) for layer, kind in own.items() if kind == MARK_FONT), "")
    lines = lines_of(_pieces(root, set(own), reader))
    asked, is_scan = reader.pictures, not lines
    pictures = _pictures_on(root, set(own), page, reader) if asked else []
    if asked and is_scan:
        lines = _scanned(pictures, number, reader, asked)
    for paragraph in pdf.joined_lines(lines):
        reader.builder.add(paragraph, "paragraph", page=number)
    if asked and not is_scan:
        _beside(pictures, number, reader, asked)
    reader.raw += lines
    for annotation in _annotated(reader.package, page):
        for line in lines_of(_pieces(annotation, set(), reader)):
            reader.builder.add(line, "comment", page=number, where="annotation")
            reader.raw.append(line)


def read(data: bytes, limits: Limits, pictures: Pictures | None = None) -> Reader:
    """Walk all pages once, with their pictures where these are asked for."""
    package = open_ofd(data, limits)
    reader = Reader(package, TextBuilder(limits.text_characters), pages_of(package), pictures=pictures)
    _templates(reader)
    for number, page in enumerate(reader.pages, 1):
        _page(page, number, reader)
        came(number, len(reader.pages))
    if reader.builder.truncated:
        raise Invalid("file.bomb")
    return reader


def extract(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Extracted:
    """Return the text page by page, that of pictures too.

    Args:
        recognise: Gives the lines of a picture; without it pictures have no text.
    Raises:
        Invalid: ``file.scan_only`` without text, ``file.unreadable_text`` where glyphs have no characters,
            ``file.too_many_scans``.
    """
    pictures = Pictures(limits, recognise)
    reader = read(data, limits, pictures)
    pdf.judge_readable("".join(reader.raw), len(reader.pages), pictures.unread_pages, reader.drawn)
    warnings = list(pictures.warnings)
    if any(w.strip() for w in reader.hidden):
        warnings.append("hidden_text")
    return reader.builder.build(
        "ofd",
        len(reader.pages),
        hidden=" ".join(reader.hidden),
        warnings=tuple(warnings),
        own_mark=reader.own_mark,
    )
