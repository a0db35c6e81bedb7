"""The font of the mark, carried in the document: obfuscated, named in the font table, and drawn from there again.

ECMA-376 part 1, 17.8.1: the first 32 bytes of an embedded font are combined with the key in the font table. Word, WPS and
LibreOffice use it where they have it; elsewhere the table names 黑体 in its place. The font is Noto Sans SC (OFL 1.1, which
allows embedding), cut down to the characters of the mark and named after them, so that no two marks share a name.
"""

from __future__ import annotations

import io
import posixpath
from functools import partial
from typing import Any
from uuid import UUID

from lxml import etree
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from dingmi.base.errors import Unavailable
from dingmi.engines.documents import fonts
from dingmi.engines.documents.digest import sm3
from dingmi.engines.documents.formats import pdf, pdf_mark
from dingmi.engines.documents.formats.ooxml import Package, attribute, read_relations, rels_name, split
from dingmi.engines.documents.formats.package_edit import Edit, related_now

ALIKE = "黑体"  # GB/T 9704-2012 7.2.2
SIZE = pdf_mark.MARK_SIZE
_PREFIX, _PART, _TABLE, _SETTINGS = "DingmiMark-", "fonts/DingmiMark.odttf", "fontTableDingmi.xml", "settingsDingmi.xml"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OBFUSCATED = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
_SUFFIX = ".odttf"
_HEAD = 32  # bytes that the key is combined with
_EMBED, _SUBSET = "embedTrueTypeFonts", "saveSubsetFonts"
_BEFORE = (  # what stands before them in the settings (CT_Settings)
    "writeProtection view zoom removePersonalInformation removeDateAndTime doNotDisplayPageBoundaries displayBackgroundShape "
    f"printPostScriptOverText printFractionalCharacterWidth printFormsData {_EMBED} embedSystemFonts"
).split()
_FACES = ("embedRegular", "embedBold", "embedItalic", "embedBoldItalic")


def name_of(text: str) -> str:
    """Return the name of the font for the characters of ``text``."""
    return _PREFIX + sm3("".join(sorted(set(text))).encode()).hex()[:8]


def obfuscated(data: bytes, key: UUID) -> bytes:
    """Return a font with its head combined with ``key``: applied again it is plain."""
    turned = key.bytes[::-1]
    return bytes(b ^ turned[i % 16] for i, b in enumerate(data[:_HEAD])) + data[_HEAD:]


# --- putting it in and taking it out -----------------------------------------------------------------------------


def put(edit: Edit, text: str) -> str:
    """Embed the font for ``text`` in place of one of ours; return its name.

    Raises:
        Unavailable: ``font.missing_character``.
    """
    take(edit)
    name = name_of(text)
    data, missing = fonts.static_subset(text, fonts.BOLD, name)
    if missing:
        raise Unavailable("font.missing_character")
    key = UUID(bytes=sm3(data)[:16])
    table = _part(edit, "fontTable", _TABLE, "fonts")
    part = posixpath.join(posixpath.dirname(table), _PART)
    edit.parts[part] = obfuscated(data, key)
    edit.declare(part, _OBFUSCATED)
    edit.relate(table, "rIdDingmiFont", f"{edit.relations}/font", _PART)
    root = edit.root(table)
    font = _made(edit, root, "font", name=name)
    for local, value in (("altName", ALIKE), ("charset", "86"), ("family", "auto"), ("pitch", "variable")):
        _made(edit, font, local, val=value)
    face = _made(edit, font, "embedRegular", fontKey=f"{{{str(key).upper()}}}", subsetted="1")
    face.set(f"{{{edit.relations}}}id", "rIdDingmiFont")
    edit.write(table, root)
    _embedding(edit)
    return name


def take(edit: Edit) -> None:
    """Take our font out again, and what was put in for it alone."""
    for table in related_now(edit, "fontTable"):
        root = edit.root(table)
        own = [e for e in root if _is_own(e)]
        if not own:
            continue
        ids = {attribute(face, "id") for e in own for face in e if split(face.tag)[1] in _FACES}
        parts = [r.target for r in read_relations(edit, table) if r.id in ids and r.target.endswith(_SUFFIX)]
        for element in own:
            root.remove(element)
        edit.write(table, root)
        for part in parts:
            edit.drop(part)
        if rels_name(table) in edit.parts:
            edit.take(rels_name(table), partial(_is_one, ids))
            if not len(edit.root(rels_name(table))):
                edit.parts.pop(rels_name(table))
        if not any(split(e.tag)[1] in _FACES for e in root.iter()):
            _no_embedding(edit)
        if not len(root) and posixpath.basename(table) == _TABLE:
            edit.drop(table)


def _is_one(ids: set[str | None], element: Any) -> bool:
    return element.get("Id") in ids


def _is_own(element: Any) -> bool:
    return split(element.tag)[1] == "font" and (attribute(element, "name") or "").startswith(_PREFIX)


def _made(edit: Edit, parent: Any, local: str, **attributes: str) -> Any:
    element = etree.SubElement(parent, edit.name(local))
    for name, value in attributes.items():
        element.set(edit.name(name), value)
    return element


def _part(edit: Edit, kind: str, fallback: str, root: str) -> str:
    """Return the part that the document relates to as ``kind``, made where there is none."""
    found = related_now(edit, kind)
    if found:
        return found[0]
    part = posixpath.join(posixpath.dirname(edit.package.main), fallback)
    edit.write(part, etree.Element(edit.name(root), nsmap={"w": edit.space}))
    edit.declare(part, f"{_WORD}.{kind}+xml")
    edit.relate(edit.package.main, f"rIdDingmi{kind}", f"{edit.relations}/{kind}", fallback)
    return part


def _embedding(edit: Edit) -> None:
    """Let whoever saves the document again keep the font in it."""
    part = _part(edit, "settings", _SETTINGS, "settings")
    root = edit.root(part)
    for local in (_EMBED, _SUBSET):
        held = [e for e in root if split(e.tag)[1] == local]
        for element in held:
            if attribute(element, "val") in {"0", "false", "off"}:
                root.remove(element)
        if not any(e.getparent() is root for e in held):
            place = max((i + 1 for i, e in enumerate(root) if split(e.tag)[1] in _BEFORE), default=0)
            root.insert(place, etree.Element(edit.name(local)))
    edit.write(part, root)


def _no_embedding(edit: Edit) -> None:
    for part in related_now(edit, "settings"):
        edit.take(part, lambda e: split(e.tag)[1] in (_EMBED, _SUBSET))
        if not len(edit.root(part)) and posixpath.basename(part) == _SETTINGS:
            edit.drop(part)


# --- what the finished file carries ------------------------------------------------------------------------------


def embedded(package: Package, name: str) -> bytes | None:
    """Return the font that the document carries under ``name``, plain; None where it carries none.

    Raises:
        ValueError: It carries one that cannot be read.
    """
    for table in package.related("fontTable"):
        targets = {r.id: r.target for r in read_relations(package.archive, table) if not r.external}
        for font in package.tree(table):
            if split(font.tag)[1] != "font" or attribute(font, "name") != name:
                continue
            for face in font:
                if split(face.tag)[1] in _FACES:
                    part, key = targets.get(attribute(face, "id") or "", ""), attribute(face, "fontKey") or ""
                    if part not in package.archive:
                        raise ValueError("no such font")
                    return obfuscated(package.archive.read(part), UUID(key))
    return None


def is_own_type(package: Package, mark: Any, text: str) -> bool:
    """Say whether the characters of a mark look as they are called: set in our font, as we made it where it is embedded."""
    faces = [e for e in mark.iter() if split(e.tag)[1] == "rFonts"]
    named = {value for e in faces for key, value in e.attrib.items() if split(key)[1] != "hint"}
    odd = any(split(key)[1] not in {"ascii", "hAnsi", "eastAsia", "cs", "hint"} for e in faces for key in e.attrib)
    if odd or len(named) != 1 or not named <= {name_of(text), ALIKE}:
        return False
    try:
        held = embedded(package, named.pop())
        if held is None:
            return True
        made = fonts.shapes(fonts.static_subset(text, fonts.BOLD, name_of(text))[0], text)
        found = fonts.shapes(held, text)
        return all(found[key] == made[key] for key in {"unit", *text})
    except ValueError:
        return False


def require_ink(package: Package, mark: Any, text: str) -> None:
    """Draw the mark of the finished file with the font that it carries; it must be there as text and as ink.

    Args:
        mark: The paragraph of the mark, as it stands in the file.
    Raises:
        Unavailable: ``mark.not_visible``.
    """
    try:
        data = embedded(package, name_of(text))
        drawing, places = _drawn(data or b"", mark)
    except (ValueError, TTFError):
        raise Unavailable("mark.not_visible") from None
    with pdf.open_pdfium(drawing) as document:
        shown = "".join(pdf.page_text(document[0]).split())
        image = document[0].render(scale=2).to_pil().convert("L")
    dark = [
        sum(image.crop((int(x * 2), 0, int((x + width) * 2), image.height)).histogram()[:128]) for x, width in places
    ]
    if shown != "".join(text.split()) or not all(dark) or sum(dark) < 0.02 * image.width * image.height:
        raise Unavailable("mark.not_visible")


def _drawn(data: bytes, mark: Any) -> tuple[bytes, list[tuple[float, float]]]:
    """Return a drawing of the runs of a mark, and where each character that is no blank stands: left edge and width."""
    name = f"{_PREFIX}{sm3(data).hex()[:16]}"  # of these bytes: no other font was ever drawn under it
    pdfmetrics.registerFont(TTFont(name, io.BytesIO(fonts.named(data, name))))
    runs = [e for e in mark.iter() if split(e.tag)[1] == "r"]
    words = [("".join(t.text or "" for t in r.iter() if split(t.tag)[1] == "t"), _is_struck(r)) for r in runs]
    total = sum(pdfmetrics.stringWidth(text, name, SIZE) for text, _ in words)
    out, left, places = io.BytesIO(), 0.0, []
    canvas = Canvas(out, pagesize=(total + 1, SIZE * 1.4), invariant=1)
    canvas.setFont(name, SIZE)
    for text, struck in words:
        canvas.drawString(left, SIZE * 0.35, text)
        begun = left
        for character in text:
            width = pdfmetrics.stringWidth(character, name, SIZE)
            if not character.isspace():
                places.append((left, width))
            left += width
        if struck:
            canvas.setLineWidth(SIZE / 14)
            canvas.line(begun, SIZE * 0.72, left, SIZE * 0.72)
    canvas.showPage()
    canvas.save()
    return out.getvalue(), places


def _is_struck(run: Any) -> bool:
    return any(split(e.tag)[1] == "strike" for e in run.iter())
