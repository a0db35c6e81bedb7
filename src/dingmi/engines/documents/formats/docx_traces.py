"""What a docx carries and does not show: told, and taken out; changes that were tracked are accepted."""

from __future__ import annotations

from typing import Any

from dingmi.engines.documents.formats import docx, ooxml_traces
from dingmi.engines.documents.formats.ooxml import WORD, attribute, open_package, split
from dingmi.engines.documents.formats.package_edit import Edit, related_now
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.traces import Trace, Traces

_STORIES = ("header", "footer", "footnotes", "endnotes")
_STRUCK = frozenset({"del", "moveFrom"})
_PUT_IN = frozenset({"ins", "moveTo"})
_FORMERLY = frozenset(ooxml_traces.PARTS["formerly"])
_CHANGES = _STRUCK | _PUT_IN | _FORMERLY | {"cellDel"}
_REMARKS = frozenset({"commentRangeStart", "commentRangeEnd", "commentReference"})
_SETTINGS = {"docVars": "program_data", "rsids": "", "trackRevisions": "", "writeProtection": ""}


def _stories(edit: Edit) -> list[str]:
    """Return the parts that hold text."""
    return [edit.package.main, *(part for kind in _STORIES for part in related_now(edit, kind))]


def _words(root: Any, names: frozenset[str]) -> list[Any]:
    """Return the elements of the document's own vocabulary that bear one of ``names``."""
    return [e for e in root.iter() if split(e.tag)[1] in names and split(e.tag)[0] in WORD]


def traces(data: bytes, limits: Limits) -> tuple[Trace, ...]:
    """Return what the document carries and does not show."""
    reader, _ = docx.read(data, limits)
    edit, found = Edit(open_package, data, limits), Traces()
    ooxml_traces.tell(edit, found)
    for part in _stories(edit):
        for element in _words(edit.root(part), _CHANGES):
            found.add("revisions", attribute(element, "author") or "")
    for words in reader.hidden:
        found.add("hidden_text", words)
    for settings in related_now(edit, "settings"):
        for element in edit.root(settings):
            if (kind := _SETTINGS.get(split(element.tag)[1], "")) != "":
                found.add(kind, " ".join(attribute(e, "name") or "" for e in element))
    return found.found()


def clean(data: bytes, limits: Limits) -> bytes:
    """Return the document as it is shown, with every tracked change accepted."""
    reader, _ = docx.read(data, limits)
    edit = Edit(open_package, data, limits)
    for part in _stories(edit):
        root = edit.root(part)
        _unhide(root, reader)
        _accept(root)
        _unremark(root)
        edit.write(part, root)
    for settings in related_now(edit, "settings"):
        edit.take(settings, lambda e: split(e.tag)[1] in _SETTINGS)
    ooxml_traces.sweep(edit)
    return edit.finished()


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.getparent().remove(element)


def _unhide(root: Any, reader: Any) -> None:
    """Take out the runs that the reader takes for hidden."""
    for paragraph in _words(root, frozenset({"p"})):
        properties = docx._child(paragraph, "pPr")
        style = docx._value(properties, "pStyle") if properties is not None else None
        away = (style or "") in reader.hidden_styles
        for run in _words(paragraph, frozenset({"r"})):
            if away or docx._run_hidden(run, reader):
                _drop(run)


def _accept(root: Any) -> None:
    for name, about, sign in (("tr", "trPr", "del"), ("tc", "tcPr", "cellDel")):
        for element in _words(root, frozenset({name})):
            properties = docx._child(element, about)
            if properties is not None and docx._child(properties, sign) is not None:
                _drop(element)
    joined = [p for p in _words(root, frozenset({"p"})) if _end_is_struck(p)]
    for element in _words(root, _STRUCK | _FORMERLY):
        _drop(element)
    for element in _words(root, _PUT_IN):
        parent, place = element.getparent(), element.getparent().index(element)
        parent[place : place + 1] = list(element)
    for paragraph in reversed(joined):
        _join(paragraph)
    for table in _words(root, frozenset({"tr", "tbl"})):
        if not _words(table, frozenset({"tc"})):
            _drop(table)


def _end_is_struck(paragraph: Any) -> bool:
    properties = docx._child(paragraph, "pPr")
    mark = docx._child(properties, "rPr") if properties is not None else None
    return mark is not None and any(docx._child(mark, name) is not None for name in _STRUCK)


def _join(paragraph: Any) -> None:
    """Let a paragraph whose end was struck run on into the next; the last one of its place stays."""
    following = paragraph.getnext()
    if following is None or split(following.tag)[1] != "p":
        return
    content = [e for e in paragraph if split(e.tag)[1] != "pPr"]
    place = 1 if docx._child(following, "pPr") is not None else 0
    following[place:place] = content
    _drop(paragraph)


def _unremark(root: Any) -> None:
    for element in _words(root, _REMARKS):
        run = element.getparent()
        _drop(element)
        if run is not None and split(run.tag)[1] == "r" and all(split(e.tag)[1] == "rPr" for e in run):
            _drop(run)
