"""Marks in OFD: a layer of its own on the first page, set in an embedded font, and the label in the document's own data.

The page's other layers stay as they are. A signed file is never rewritten.
"""

from __future__ import annotations

import copy
import io
import math
import posixpath
from typing import Any

from fontTools.ttLib import TTFont
from lxml import etree

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines.documents import digest, fonts, labels
from dingmi.engines.documents.archive import write_archive
from dingmi.engines.documents.formats import ofd
from dingmi.engines.documents.formats.ooxml import split
from dingmi.engines.documents.formats.package_edit import xml_bytes
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Label, ReadMark

SIZE = 16 * 25.4 / 72  # 三号 in millimetres, GB/T 9704-2012 7.2.2
LEFT, TOPS = 28.0, (24.0, 16.0, 9.0, 30.0)
LABEL_NAME = "DingmiLabel"
_FOLDER = "DingmiRes"
_BLACK = "0 0 0"


class _Edit:
    """An OFD being changed: all parts, in order, and the next free id."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.package = ofd.open_ofd(data, limits)
        fresh = ofd.open_ofd(data, limits).archive
        self.parts = {name: fresh.read(name) for name in fresh.names}
        self.main = self.package.part("", "OFD.xml")
        root = self.package.tree(self.main)
        self.space = split(root.tag)[0]
        bodies = ofd.children(root, "DocBody")
        if any((e.text or "").strip() for b in bodies for e in ofd.children(b, "Signatures")):
            raise Invalid("file.signed")
        self.body = bodies[0]
        self.document = ofd.documents_of(self.package)[0]
        self.pages = [p for p in ofd.pages_of(self.package) if p.document == self.document]
        self.top = ofd.child(self.package.tree(self.document), "CommonData", "MaxUnitID")
        if self.top is None or not (self.top.text or "").strip().isdigit():
            raise Invalid("file.damaged")

    def name(self, local: str) -> str:
        """Return a qualified name in the file's own namespace."""
        return f"{{{self.space}}}{local}" if self.space else local

    def make(self, parent: Any, local: str, text: str | None = None, **attributes: str) -> Any:
        """Append an element."""
        element = etree.SubElement(parent, self.name(local), attrib=attributes)
        element.text = text
        return element

    def next_id(self) -> str:
        """Return an id that nothing in the document has."""
        self.top.text = str(int(self.top.text) + 1)
        return str(self.top.text)

    def write(self, part: str) -> None:
        """Put a parsed part back."""
        self.parts[part] = xml_bytes(self.package.tree(part))

    def finished(self) -> bytes:
        """Return the file as it is now."""
        self.write(self.main)
        self.write(self.document)
        return write_archive(self.parts)


# --- our font and layers -----------------------------------------------------------------------------------------


def _resources(edit: _Edit) -> Any:
    """Return the root of our resources, made and named in the document where it is missing."""
    part = posixpath.join(posixpath.dirname(edit.document), ofd.OWN_RES)
    if part not in edit.package.trees:
        if part in edit.parts:
            edit.package.tree(part)
        else:
            root = etree.Element(edit.name("Res"), nsmap={"ofd": edit.space} if edit.space else None)
            root.set("BaseLoc", _FOLDER)
            spaces = edit.make(root, "ColorSpaces")
            edit.make(spaces, "ColorSpace", ID=edit.next_id(), Type="RGB", BitsPerComponent="8")
            edit.make(root, "Fonts")
            edit.package.trees[part] = root
            common = ofd.child(edit.package.tree(edit.document), "CommonData")
            element = etree.Element(edit.name("DocumentRes"))
            element.text = ofd.OWN_RES
            before = ("MaxUnitID", "PageArea", "PublicRes", "DocumentRes")
            common.insert(sum(ofd.local(e) in before for e in common), element)
    return edit.package.tree(part)


def _font(edit: _Edit, name: str, text: str, weight: int) -> tuple[str, str, list[float]]:
    """Embed the characters of ``text``; return the ids of font and colours, and the width of each character at size 1."""
    data, missing = fonts.static_subset(text, weight, name)
    if missing:
        raise Unavailable("font.missing_character")
    root = _resources(edit)
    listed = ofd.child(root, "Fonts")
    for old in [e for e in listed if e.get("FontName") == name]:
        listed.remove(old)
    ident = edit.next_id()
    font = edit.make(listed, "Font", ID=ident, FontName=name, FamilyName=name)
    edit.make(font, "FontFile", f"{name}.ttf")
    folder = posixpath.dirname(edit.document)
    edit.parts[posixpath.join(folder, _FOLDER, f"{name}.ttf")] = data
    edit.parts[posixpath.join(folder, ofd.OWN_RES)] = xml_bytes(root)
    face = TTFont(io.BytesIO(data), lazy=True)
    names, metrics, unit = face.getBestCmap(), face["hmtx"], face["head"].unitsPerEm
    widths = [metrics[names.get(ord(c), ".notdef")][0] / unit for c in text]
    return ident, ofd.child(root, "ColorSpaces")[0].get("ID", ""), widths


def _strip(edit: _Edit, kinds: frozenset[str]) -> None:
    """Take our layers of ``kinds`` off every page."""
    own = ofd.own_fonts(edit.package, edit.document)
    for page in edit.pages:
        root = edit.package.tree(page.part)
        gone = [layer for layer, kind in ofd.own_layers(root, own).items() if kind in kinds]
        for layer in gone:
            layer.getparent().remove(layer)
        if gone:
            edit.write(page.part)


def _layer(edit: _Edit, page: ofd.Page) -> Any:
    """Return a new layer above all others of a page."""
    root = edit.package.tree(page.part)
    content = ofd.child(root, "Content")
    if content is None:
        content = etree.Element(edit.name("Content"))
        after = ("Template", "PageRes", "Area")
        root.insert(sum(ofd.local(e) in after for e in root), content)
    return edit.make(content, "Layer", ID=edit.next_id(), Type="Foreground")


def _words(
    edit: _Edit, layer: Any, text: str, font: str, box: str, size: float, widths: list[float], **more: str
) -> Any:
    element = edit.make(layer, "TextObject", ID=edit.next_id(), Boundary=box, Font=font, Size=f"{size:.3f}", **more)
    colour = edit.make(element, "FillColor", Value=_BLACK)
    steps = " ".join(f"{w * size:.3f}" for w in widths[:-1])
    code = edit.make(element, "TextCode", text, X="0", Y=f"{size * 0.95:.3f}")
    if steps:
        code.set("DeltaX", steps)
    return colour


def _places(box: list[float]) -> tuple[float, float, list[float]]:
    """Return the left edge of the mark, its greatest width and its possible tops, smaller on a small page."""
    margin = min(LEFT, box[2] * LEFT / 210)
    return box[0] + margin, box[2] - 2 * margin, [box[1] + min(t, box[3] * t / 297) for t in TOPS]


def _covered(page: Any, place: tuple[float, float, float, float], area: float) -> int:
    """Return how many objects of a page a box would touch; what fills most of the page is its ground."""
    x, y, w, h = place
    count = 0
    for element in page.iter():
        if ofd.local(element) not in {"TextObject", "ImageObject", "PathObject"}:
            continue
        found = ofd.numbers(element.get("Boundary"))
        if len(found) == 4 and found[2] * found[3] < area / 2:
            left, top, width, height = found
            count += left < x + w and x < left + width and top < y + h and y < top + height
    return count


def stamp(
    data: bytes, limits: Limits, mark: str, label: Label, strike: str | None = None, note: str | None = None
) -> bytes:
    """Return the file with its mark on the first page, top left, and its label.

    Raises:
        Invalid: ``file.signed``: a signed file must not be rewritten.
        Unavailable: ``mark.not_visible`` when the mark cannot be read back.
    """
    text, before = labels.visible_text(mark, strike, note), content_sm3(data, limits)
    edit = _Edit(data, limits)
    _strip(edit, frozenset({ofd.MARK_FONT}))
    font, space, widths = _font(edit, ofd.MARK_FONT, text, fonts.BOLD)
    page = edit.pages[0]
    box, root = ofd.page_box(edit.package, page), edit.package.tree(page.part)
    left, room, tops = _places(box)
    size = min(SIZE, room / max(sum(widths), 1.0))
    width, height = sum(widths) * size, size * 1.3
    top = min(tops, key=lambda t: _covered(root, (left, t, width, height), box[2] * box[3]))
    layer = _layer(edit, page)
    place = f"{left:.3f} {top:.3f} {width:.3f} {height:.3f}"
    _words(edit, layer, text, font, place, size, widths).set("ColorSpace", space)
    if strike:
        struck = sum(widths[: len(strike)]) * size
        line = edit.make(
            layer,
            "PathObject",
            ID=edit.next_id(),
            Boundary=f"{left:.3f} {top + size * 0.6:.3f} {struck:.3f} 0.5",
            LineWidth="0.4",
        )
        edit.make(line, "StrokeColor", Value=_BLACK, ColorSpace=space)
        edit.make(line, "AbbreviatedData", f"M 0 0.25 L {struck:.3f} 0.25")
    edit.write(page.part)
    _write_label(edit, labels.encode(labels.bound(label, text, before)))
    result = edit.finished()
    labels.require_shown(read_mark(result, limits), text, before, content_sm3(result, limits))
    return result


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return the file with ``text``, grey and slanted, over every page."""
    text = labels.printable(text)
    edit = _Edit(data, limits)
    _strip(edit, frozenset({ofd.WATERMARK_FONT}))
    font, space, widths = _font(edit, ofd.WATERMARK_FONT, text, fonts.REGULAR)
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    for page in edit.pages:
        box = ofd.page_box(edit.package, page)
        size = max(3.0, min(7.0, box[2] * 0.7 / max(sum(widths), 1.0)))
        half, layer = sum(widths) * size / 2, _layer(edit, page)
        for share in (0.2, 0.5, 0.8):
            matrix = (cos, -sin, sin, cos, box[2] / 2 - cos * half, box[3] * share + sin * half)
            turned = " ".join(f"{v:.4f}" for v in matrix)
            place = " ".join(f"{v:.3f}" for v in box)
            colour = _words(edit, layer, text, font, place, size, widths, CTM=turned)
            for name, value in (("Value", "90 90 90"), ("ColorSpace", space), ("Alpha", "45")):
                colour.set(name, value)
        edit.write(page.part)
    return edit.finished()


def unmark(data: bytes, limits: Limits) -> bytes:
    """Return the file without mark, label and watermark of ours."""
    edit = _Edit(data, limits)
    _strip(edit, frozenset({ofd.MARK_FONT, ofd.WATERMARK_FONT}))
    folder = posixpath.dirname(edit.document)
    for name in list(edit.parts):
        if name.startswith((posixpath.join(folder, ofd.OWN_RES), posixpath.join(folder, _FOLDER) + "/")):
            del edit.parts[name]
    common = ofd.child(edit.package.tree(edit.document), "CommonData")
    for element in [e for e in common if _is_own_resource(e)]:
        common.remove(element)
    _write_label(edit, None)
    return edit.finished()


# --- label -------------------------------------------------------------------------------------------------------


def _write_label(edit: _Edit, text: str | None) -> None:
    """Put the label among the custom data of the first document; None takes it out."""
    info = ofd.child(edit.body, "DocInfo")
    if info is None:
        info = etree.Element(edit.name("DocInfo"))
        edit.body.insert(0, info)
    held = ofd.child(info, "CustomDatas")
    for old in [e for e in ofd.children(held, "CustomData") if e.get("Name") == LABEL_NAME]:
        held.remove(old)
    if text is None:
        if held is not None and not len(held):
            info.remove(held)
        return
    if held is None:
        held = edit.make(info, "CustomDatas")
    edit.make(held, "CustomData", text, Name=LABEL_NAME)


def _label_of(package: ofd.Package) -> Label | None:
    body = ofd.children(package.tree(package.part("", "OFD.xml")), "DocBody")[0]
    held = ofd.child(body, "DocInfo", "CustomDatas")
    found = [e.text for e in ofd.children(held, "CustomData") if e.get("Name") == LABEL_NAME]
    return labels.decode(found[0]) if len(found) == 1 else None


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Return visible mark and label; the place is right when the mark is black, large, top left and above all else."""
    package = ofd.open_ofd(data, limits)
    page = ofd.pages_of(package)[0]
    own = ofd.own_layers(package.tree(page.part), ofd.own_fonts(package, page.document))
    marks = [layer for layer, kind in own.items() if kind == ofd.MARK_FONT]
    visible = ofd.words_of(marks[0]) if len(marks) == 1 else ""
    return ReadMark(visible, _label_of(package), bool(visible) and _in_place(package, page, marks[0], own))


def _in_place(package: ofd.Package, page: ofd.Page, mark: Any, own: dict[Any, str]) -> bool:
    layers = ofd.layers_of(package.tree(page.part))
    if any(layer not in own for layer in layers[layers.index(mark) + 1 :]):
        return False
    words = next(e for e in mark if ofd.local(e) == "TextObject")
    if not _is_own_type(package, page.document, ofd.words_of(words)):
        return False
    allowed = {"ID", "Boundary", "Font", "Size"}
    colour = ofd.child(words, "FillColor")
    if set(words.attrib) != allowed or set(mark.attrib) != {"ID", "Type"} or colour is None:
        return False
    if colour.get("Value") != _BLACK or set(colour.attrib) != {"Value", "ColorSpace"}:
        return False
    box, size = ofd.numbers(words.get("Boundary")), ofd.numbers(words.get("Size"))[0]
    left, room, tops = _places(ofd.page_box(package, page))
    large = abs(size - SIZE) < 0.01 or abs(box[2] - room) < 0.5
    return large and abs(box[0] - left) < 0.1 and any(abs(box[1] - t) < 0.1 for t in tops)


def _is_own_type(package: ofd.Package, document: str, text: str) -> bool:
    """Say whether resource and font of the mark are as we write them, so that its characters look as they are called."""
    root = package.tree(package.part(document, ofd.OWN_RES))
    fonts_listed = ofd.children(ofd.child(root, "Fonts"), "Font")
    named = [f for f in fonts_listed if f.get("FontName") == ofd.MARK_FONT]
    file = ofd.child(named[0], "FontFile") if len(named) == 1 else None
    spaces = [dict(e.attrib) for e in ofd.child(root, "ColorSpaces") or ()]
    plain = [{k: v for k, v in s.items() if k != "ID"} for s in spaces] == [{"Type": "RGB", "BitsPerComponent": "8"}]
    part = package.part(document, f"{_FOLDER}/{ofd.MARK_FONT}.ttf")
    if file is None or file.text != f"{ofd.MARK_FONT}.ttf" or root.get("BaseLoc") != _FOLDER or not plain or not part:
        return False
    made, _ = fonts.static_subset(text, fonts.BOLD, ofd.MARK_FONT)
    held = package.archive.read(part)
    try:
        return held == made or fonts.shapes(held, text) == fonts.shapes(made, text)
    except ValueError:
        return False


# --- digest ------------------------------------------------------------------------------------------------------


def _is_own_resource(element: Any) -> bool:
    return ofd.local(element) == "DocumentRes" and (element.text or "").strip() == ofd.OWN_RES


def _canonical(root: Any) -> bytes:
    """Return XML without what only sets it out."""
    for element in root.iter():
        if len(element) and not (element.text or "").strip():
            element.text = None
        element.tail = None if not (element.tail or "").strip() else element.tail
    return bytes(etree.tostring(root, method="c14n"))


def _without_own(package: ofd.Package, name: str, pages: set[str]) -> bytes:
    """Return a part that we may have changed as it is without us."""
    root = copy.deepcopy(package.tree(name))
    documents = ofd.documents_of(package)
    removed: list[Any] = []
    if name in documents:
        common = ofd.child(root, "CommonData")
        removed = (
            [e for e in common if _is_own_resource(e) or ofd.local(e) == "MaxUnitID"] if common is not None else []
        )
    elif name in pages:
        own_fonts = {k: v for d in documents for k, v in ofd.own_fonts(package, d).items()}
        removed = list(ofd.own_layers(root, own_fonts))
    else:  # the entry of the file: everything but the words about the document
        removed = [e for body in ofd.children(root, "DocBody") for e in ofd.children(body, "DocInfo")]
    for element in removed:
        element.getparent().remove(element)
    content = ofd.child(root, "Content")
    if content is not None and not len(content):
        root.remove(content)
    return _canonical(root)


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of every part without our layers, font, label and watermark, and without words about the document."""
    package = ofd.open_ofd(data, limits)
    fresh = ofd.open_ofd(data, limits).archive
    pages, documents = {p.part for p in ofd.pages_of(package)}, ofd.documents_of(package)
    changed = pages | set(documents) | {package.part("", "OFD.xml")}
    own = {package.part(d, ofd.OWN_RES) for d in documents}
    own |= {package.part(d, f"{_FOLDER}/{n}.ttf") for d in documents for n in (ofd.MARK_FONT, ofd.WATERMARK_FONT)}
    pieces = []
    for name in sorted(set(package.archive.names) - own):
        if name in changed:
            pieces += [name.encode(), _without_own(package, name, pages)]
        else:
            pieces += [name.encode(), fresh.read(name)]
    return digest.digest_of(pieces)
