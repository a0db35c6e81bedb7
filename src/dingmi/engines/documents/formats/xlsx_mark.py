"""Marks in xlsx: a cover sheet in front with the mark in its first cell, and the mark in the header of every sheet.

No cell of the workbook moves, so no formula changes. The label is the same as in docx.
"""

from __future__ import annotations

import posixpath
from typing import Any

from lxml import etree

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines.documents import digest, labels
from dingmi.engines.documents.formats import xlsx
from dingmi.engines.documents.formats.ooxml import attribute, media_digests, split
from dingmi.engines.documents.formats.package_edit import Edit, label_of, remove_label, write_label
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Label, ReadMark, is_own_mark

_COVER_PART, _COVER_ID = "worksheets/sheetDingmi.xml", "rIdDingmiCover"
_SHEET_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_POINTS = "16"  # 三号, GB/T 9704-2012 7.2.2
_MOST_HEADER = 255  # characters that office programs take
_AFTER_HEADER = frozenset(
    [
        "rowBreaks",
        "colBreaks",
        "customProperties",
        "cellWatches",
        "ignoredErrors",
        "smartTags",
        "drawing",
        "legacyDrawing",
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    ]
)
_ORDER = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")


def _make(edit: Edit, parent: Any, local: str, **attributes: str) -> Any:
    return etree.SubElement(parent, edit.name(local), attrib=attributes)


def _group(root: Any, local: str) -> Any:
    return next((e for e in root if split(e.tag)[1] == local), None)


def _inside(root: Any, local: str) -> list[Any]:
    return [e for group in root if split(group.tag)[1] == local for e in group]


# --- cover -------------------------------------------------------------------------------------------------------


def _words(edit: Edit, parent: Any, text: str, *, points: str = _POINTS, struck: bool = False) -> None:
    run = _make(edit, parent, "r")
    properties = _make(edit, run, "rPr")
    if struck:
        _make(edit, properties, "strike")
    _make(edit, properties, "sz", val=points)
    _make(edit, properties, "color", rgb="FF000000")
    _make(edit, properties, "rFont", val="黑体")
    element = _make(edit, run, "t")
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _line(edit: Edit, rows: Any, number: int) -> Any:
    row = _make(edit, rows, "row", r=str(number), ht="26", customHeight="1")
    return _make(edit, _make(edit, row, "c", r=f"A{number}", t="inlineStr"), "is")


def _cover(edit: Edit, mark: str, strike: str | None, note: str | None) -> Any:
    root = etree.Element(edit.name("worksheet"), nsmap={None: edit.space})
    views = _make(edit, root, "sheetViews")
    _make(edit, views, "sheetView", showGridLines="0", tabSelected="1", workbookViewId="0")
    columns = _make(edit, root, "cols")
    _make(edit, columns, "col", min="1", max="1", width="80", customWidth="1")
    line = _line(edit, _make(edit, root, "sheetData"), 1)
    if strike:
        _words(edit, line, strike, struck=True)
        _words(edit, line, " ")
    _words(edit, line, mark)
    if note:
        _words(edit, line, f"（{note}）")
    return root


def _shift(root: Any, by: int) -> None:
    """Sheets are counted by their place in two corners of a workbook: keep both right when one is put in front."""
    for view in _inside(root, "bookViews"):
        for name in ("activeTab", "firstSheet"):
            old = view.get(name, "0")
            if old.isdigit() and (by > 0 or int(old) > 0):
                view.set(name, str(max(0, int(old) + by)))
    for name in _inside(root, "definedNames"):
        if (name.get("localSheetId") or "").isdigit():
            name.set("localSheetId", str(max(0, int(name.get("localSheetId")) + by)))


def _remove_cover(edit: Edit, workbook: Any) -> None:
    first = xlsx.sheets_of(edit.package)[0]
    if not xlsx.is_cover(edit.package, first):
        return
    sheets = _group(workbook, "sheets")
    sheets.remove(sheets[0])
    _shift(workbook, -1)
    edit.drop(first.part)


def _add_cover(edit: Edit, workbook: Any, cover: Any) -> None:
    part = posixpath.join(posixpath.dirname(edit.package.main), _COVER_PART)
    edit.write(part, cover)
    edit.relate(edit.package.main, _COVER_ID, f"{edit.relations}/worksheet", _COVER_PART)
    edit.declare(part, _SHEET_MEDIA)
    sheets = _group(workbook, "sheets")
    taken = [int(e.get("sheetId", "0")) for e in sheets if e.get("sheetId", "0").isdigit()]
    element = etree.Element(edit.name("sheet"), name=xlsx.COVER_NAME, sheetId=str(max(taken, default=0) + 1))
    element.set(f"{{{edit.relations}}}id", _COVER_ID)
    _shift(workbook, 1)
    for view in _inside(workbook, "bookViews"):
        view.set("activeTab", "0")
        view.set("firstSheet", "0")
    sheets.insert(0, element)


# --- headers -----------------------------------------------------------------------------------------------------


def _text(group: Any, edit: Edit, local: str) -> Any:
    """Return the element of one header or footer, made in its place."""
    found = _group(group, local)
    if found is None:
        found = etree.Element(edit.name(local))
        later = _ORDER[_ORDER.index(local) + 1 :]
        place = next((i for i, e in enumerate(group) if split(e.tag)[1] in later), len(group))
        group.insert(place, found)
    return found


def _header_group(edit: Edit, root: Any) -> Any:
    group = _group(root, "headerFooter")
    if group is None:
        group = etree.Element(edit.name("headerFooter"))
        place = next((i for i, e in enumerate(root) if split(e.tag)[1] in _AFTER_HEADER), len(root))
        root.insert(place, group)
    return group


def _section(text: str, letter: str, piece: str) -> str:
    """Put ``piece`` at the start of one section of a header or footer."""
    if text and not text.startswith("&"):
        text = f"&C{text}"
    start = text.find(f"&{letter}")
    if start < 0:
        return f"&{letter}{piece}{text}" if letter == "L" else f"{text}&{letter}{piece}"
    rest = text[start + 2 :]
    line_end = "\n" if rest and not rest.startswith("&") else ""  # a figure behind a size would be read as part of it
    return text[: start + 2] + piece + line_end + rest


def _strip_headers(root: Any) -> None:
    group = _group(root, "headerFooter")
    for element in list(group) if group is not None else ():
        text = element.text or ""
        local = split(element.tag)[1]
        clean = xlsx.OWN_PIECE.sub("", text) if local in xlsx.HEADERS else xlsx.OWN_FOOT.sub("", text)
        if clean == text:
            continue
        element.text = clean
        if clean in {"&L", "&R"}:
            group.remove(element)
    if group is not None and not len(group) and not group.attrib:
        root.remove(group)


def _mark_header(edit: Edit, root: Any, mark: str, note: str | None) -> None:
    group = _header_group(edit, root)
    for local in xlsx.shown_places(group, xlsx.HEADERS):
        element = _text(group, edit, local)
        for shown in ([f"{mark}（{note}）"] if note else []) + [mark]:
            piece = f'&16&"黑体,常规"{shown.replace("&", "&&")}&"-,常规"&10'
            text = _section(element.text or "", "L", piece)
            if len(text) <= _MOST_HEADER:
                break
        else:
            raise Unavailable("mark.not_visible")
        element.text = text


def stamp(
    data: bytes, limits: Limits, mark: str, label: Label, strike: str | None = None, note: str | None = None
) -> bytes:
    """Return the workbook with a cover that shows its mark, the mark in every header, and its label.

    Raises:
        Invalid: ``mark.cover_taken``: another sheet has the name of the cover, and two of one name no workbook takes.
        Unavailable: ``mark.not_visible`` when the mark cannot be read back.
    """
    text, before = labels.visible_text(mark, strike, note), content_sm3(data, limits)
    edit = Edit(xlsx.open_workbook, data, limits)
    workbook = edit.root(edit.package.main)
    kept = _sheets(edit)
    if any(s.name == xlsx.COVER_NAME for s in kept):
        raise Invalid("mark.cover_taken", name=xlsx.COVER_NAME)
    _remove_cover(edit, workbook)
    for part in [s.part for s in kept]:
        root = edit.root(part)
        _strip_headers(root)
        _mark_header(edit, root, mark, note)
        for view in _inside(root, "sheetViews"):
            view.attrib.pop("tabSelected", None)  # two selected sheets would be edited as one
        edit.write(part, root)
    _add_cover(edit, workbook, _cover(edit, mark, strike, note))
    edit.write(edit.package.main, workbook)
    write_label(edit, labels.bound(label, text, before), text)
    result = edit.finished()
    labels.require_shown(read_mark(result, limits), text, before, content_sm3(result, limits))
    return result


def _sheets(edit: Edit) -> tuple[xlsx.Sheet, ...]:
    """Return the sheets without our cover."""
    found = xlsx.sheets_of(edit.package)
    return found[1:] if xlsx.is_cover(edit.package, found[0]) else found


def unmark(data: bytes, limits: Limits) -> bytes:
    """Return the workbook without cover, header, label, property and watermark of ours."""
    edit = Edit(xlsx.open_workbook, data, limits)
    workbook = edit.root(edit.package.main)
    for part in [s.part for s in _sheets(edit)]:
        root = edit.root(part)
        _strip_headers(root)
        edit.write(part, root)
    _remove_cover(edit, workbook)
    edit.write(edit.package.main, workbook)
    remove_label(edit)
    return edit.finished()


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Return visible mark and label; the place is right when cover and all headers show it, large and black."""
    reader = xlsx.read(data, limits)
    return ReadMark(reader.own_mark, label_of(reader.package), bool(reader.own_mark) and _in_place(reader))


def _in_place(reader: xlsx.Reader) -> bool:
    visible = reader.own_mark
    ends = [visible] + [visible[i + 1 :] for i, c in enumerate(visible) if c == " "]
    allowed = {w for end in ends for w in (end, end.partition("（")[0]) if is_own_mark(w)}
    if reader.bare_headers or not reader.own_headers <= allowed:
        return False
    root = reader.package.tree(reader.sheets[0].part)
    if any(_too_small(e, "ht", _POINTS) or _too_small(e, "width", "1") for e in root.iter()):
        return False
    first = xlsx.cover_words(reader.package, reader.sheets[0])["A1"]
    found = {(split(e.tag)[1], attribute(e, "val") or attribute(e, "rgb")) for e in first.iter() if e.attrib}
    hidden = any(attribute(e, "hidden") in {"1", "true"} for e in root.iter() if e.attrib)
    sizes = {v for n, v in found if n == "sz"}
    return not hidden and sizes == {_POINTS} and {v for n, v in found if n == "color"} == {"FF000000"}


def _too_small(element: Any, name: str, least: str) -> bool:
    """Say whether a height or width is too small for the mark to be seen, or no number."""
    try:
        return not float(element.get(name, least)) >= float(least)
    except ValueError:
        return True


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of all text by place, formulas, hidden text and every picture; without our mark."""
    reader = xlsx.read(data, limits)
    value = reader.builder.build("xlsx", None)
    pieces = [f"{b.kind} {b.where}\n{value.text[b.start : b.end]}".encode() for b in value.blocks]
    pieces += ["\n".join(reader.formulas).encode(), "\n".join(w for w in reader.hidden if w).encode()]
    pieces += media_digests(reader.package.archive)
    return digest.digest_of(pieces)


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return the workbook with ``text`` in the footer of every sheet, and under the mark where there is one."""
    text = labels.printable(text)
    edit = Edit(xlsx.open_workbook, data, limits)
    piece = f'&8&"黑体,常规"{text.replace("&", "&&")}&"-,常规"&11'
    for part in [s.part for s in _sheets(edit)]:
        root = edit.root(part)
        group = _header_group(edit, root)
        for local in xlsx.shown_places(group, xlsx.FOOTERS):
            element = _text(group, edit, local)
            made = _section(xlsx.OWN_FOOT.sub("", element.text or ""), "R", piece)
            if len(made) > _MOST_HEADER:
                raise Unavailable("mark.not_visible")
            element.text = made
        edit.write(part, root)
    first = xlsx.sheets_of(edit.package)[0]
    if xlsx.is_cover(edit.package, first):
        root = edit.root(first.part)
        rows = _group(root, "sheetData")
        for row in list(rows)[1:]:
            rows.remove(row)
        _words(edit, _line(edit, rows, 3), text, points="11")
        edit.write(first.part, root)
    return edit.finished()
