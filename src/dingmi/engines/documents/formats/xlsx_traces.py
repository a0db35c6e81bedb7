"""What a workbook carries and does not show: told, and taken out. Where something is taken out, formulas become their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dingmi.engines.documents.formats import ooxml_traces, xlsx
from dingmi.engines.documents.formats.ooxml import MC, attribute, read_relations, split
from dingmi.engines.documents.formats.package_edit import Edit, related_now
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.traces import Trace, Traces

_ON = frozenset({"1", "true"})
_OF_SHEETS = frozenset({"_xlnm.Print_Area", "_xlnm.Print_Titles"})  # names that say how a sheet prints
_OF_PEOPLE = frozenset({"fileSharing", "customWorkbookViews", "revisionPtr"})
_COUNTED = ("definedNames", "sheets")


def _hidden_cells(root: Any) -> Iterator[Any]:
    """Yield the cells of hidden rows and columns."""
    columns = xlsx._hidden_columns(root)
    for row, cell, column in xlsx.cells_of(root):
        if row.get("hidden") in _ON or any(column in r for r in columns):
            yield cell


def _named(root: Any, *names: str) -> list[Any]:
    return [e for e in root.iter() if split(e.tag)[1] in names]


def _says(cell: Any, strings: list[str]) -> str:
    value = next((e.text or "" for e in cell if split(e.tag)[1] == "v"), "") or xlsx.text_of(cell)
    if cell.get("t") == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    return value


def _shared(edit: Edit) -> list[str]:
    return related_now(edit, "sharedStrings")[:1]


def _strings(edit: Edit) -> list[Any]:
    return [e for part in _shared(edit) for e in edit.root(part) if split(e.tag)[1] == "si"]


def _used(edit: Edit) -> set[int]:
    """Return the numbers of the shared strings that a cell shows."""
    used = set()
    for sheet in _sheets(edit):
        for _, cell, _ in xlsx.cells_of(edit.root(sheet.part)):
            value = next((e.text or "" for e in cell if split(e.tag)[1] == "v"), "")
            if cell.get("t") == "s" and value.isdigit():
                used.add(int(value))
    return used


def _sheets(edit: Edit) -> list[xlsx.Sheet]:
    """Return the sheets as the workbook is now."""
    targets = {r.id: r.target for r in read_relations(edit, edit.package.main) if not r.external}
    return [
        xlsx.Sheet(e.get("name", ""), targets[attribute(e, "id") or ""], e.get("state", "visible") == "visible")
        for e in _named(edit.root(edit.package.main), "sheet")
        if targets.get(attribute(e, "id") or "", "") in edit.parts
    ]


def traces(data: bytes, limits: Limits) -> tuple[Trace, ...]:
    """Return what the workbook carries and does not show."""
    edit, found = Edit(xlsx.open_workbook, data, limits), Traces()
    ooxml_traces.tell(edit, found)
    strings = [xlsx.text_of(e) for e in _strings(edit)]
    for sheet in _sheets(edit):
        root = edit.root(sheet.part)
        if not sheet.shown:
            found.add("hidden_sheets", sheet.name)
            continue
        for cell in _hidden_cells(root):
            if (words := _says(cell, strings)).strip() or len(cell):
                found.add("hidden_cells", words)
        for formula in _named(root, "f"):
            found.add("formulas", formula.text or "")
    used = _used(edit)
    for number, words in enumerate(strings):
        if number not in used and words:
            found.add("hidden_cells", words)
    workbook = edit.root(edit.package.main)
    for name in _named(workbook, "definedName"):
        if name.get("hidden") in _ON and name.get("name") not in _OF_SHEETS:
            found.add("program_data", f"{name.get('name')}={name.text or ''}")
    for element in _named(workbook, "absPath", *_OF_PEOPLE):
        found.add("properties", " ".join(v for k, v in element.attrib.items() if split(k)[1] in {"url", "userName"}))
    return found.found()


def clean(data: bytes, limits: Limits) -> bytes:
    """Return the workbook with what it shows: no hidden sheet, row or column, values for formulas, no comments."""
    edit = Edit(xlsx.open_workbook, data, limits)
    kept = [sheet.shown for sheet in _sheets(edit)]
    away = {sheet.part for sheet in _sheets(edit) if not sheet.shown}
    ooxml_traces.unrelate(edit, lambda _, r: r.target in away or r.type == "calcChain")
    for sheet in _sheets(edit):
        root = edit.root(sheet.part)
        _clean_sheet(edit, sheet.part, root)
        edit.write(sheet.part, root)
    workbook = edit.root(edit.package.main)
    _clean_workbook(workbook, kept)
    edit.write(edit.package.main, workbook)
    for part in {r.target for _, r in ooxml_traces.walk(edit) if r.type == "table"}:
        root = edit.root(part)
        for element in _named(root, "calculatedColumnFormula", "totalsRowFormula"):
            element.getparent().remove(element)
        edit.write(part, root)
    _forget_strings(edit)
    ooxml_traces.sweep(edit)
    return edit.finished()


def _clean_sheet(edit: Edit, part: str, root: Any) -> None:
    for cell in list(_hidden_cells(root)):
        cell.getparent().remove(cell)
    for element in _named(root, "f"):
        if any(
            split(e.tag)[1] == "v" and e.text for e in element.getparent()
        ):  # without a value the cell would show none
            element.getparent().remove(element)
    for group in [e for e in root if split(e.tag)[1] in {"dataValidations", "conditionalFormatting", "extLst"}]:
        root.remove(group)  # they bear formulas, which may name what is gone
    if any(r.type in {"comments", "threadedComment"} for r in read_relations(edit, part)):
        boxes = {attribute(e, "id") for e in root if split(e.tag)[1] == "legacyDrawing"}
        for element in [e for e in root if split(e.tag)[1] == "legacyDrawing"]:
            root.remove(element)
        edit.write(part, root)
        ooxml_traces.unrelate(edit, lambda source, r: source == part and r.id in boxes)


def _clean_workbook(root: Any, kept: list[bool]) -> None:
    """Take out the names that are for formulas, and count the sheets anew in what refers to them by number."""
    numbers = {old: sum(kept[:old]) for old, stays in enumerate(kept) if stays}
    for name in _named(root, "definedName"):
        place = name.get("localSheetId") or ""
        if name.get("name") in _OF_SHEETS and place.isdigit() and int(place) in numbers:
            name.set("localSheetId", str(numbers[int(place)]))
        else:
            name.getparent().remove(name)
    for view in _named(root, "workbookView"):
        for attr in ("activeTab", "firstSheet"):
            if attr in view.attrib:
                view.set(attr, str(numbers.get(int(view.get(attr)) if view.get(attr).isdigit() else 0, 0)))
    paths = [e for e in root if split(e.tag) == (MC, "AlternateContent") and _named(e, "absPath")]
    for element in [*paths, *_named(root, *_OF_PEOPLE), *(e for e in _named(root, "definedNames") if not len(e))]:
        element.getparent().remove(element)


def _forget_strings(edit: Edit) -> None:
    """Empty the shared strings that no cell shows any more; the others keep their number."""
    used = _used(edit)
    for part in _shared(edit):
        root = edit.root(part)
        for number, string in enumerate(e for e in root if split(e.tag)[1] == "si"):
            if number not in used:
                string[:] = []
                string.text = None
        edit.write(part, root)
