"""What an Office package may not hold: what runs, objects of other programs, and what is fetched from outside (SR-77)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats.ooxml import (
    SHEET,
    Package,
    Relation,
    attribute,
    open_package,
    relations_in,
    source_of,
    split,
)

_REFUSED = {  # types of relations, in small letters
    "oleobject": "file.embedded_object",
    "afchunk": "file.embedded_object",
    "control": "file.embedded_object",
    "subdocument": "file.embedded_object",
    "vbaproject": "file.macro",
    "xlmacrosheet": "file.macro",
    "xlintlmacrosheet": "file.macro",
    "connections": "file.external_content",
    "externallink": "file.external_content",
}
_CODED = frozenset(  # parts with fields, formulas or actions
    [
        "officedocument",
        "header",
        "footer",
        "footnotes",
        "endnotes",
        "comments",
        "glossarydocument",
        "settings",
        "worksheet",
        "table",
        "slide",
        "slidelayout",
        "slidemaster",
        "notesslide",
    ]
)
_FIELDS = frozenset(["DDE", "DDEAUTO", "INCLUDE", "INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK", "DATABASE", "RD"])
_INNER = "\0"  # stands in a field code for a field inside it
_ACTIONS = ("ppaction://program", "ppaction://macro", "ppaction://ole")
_QUOTED = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\]""")
_FETCHING = re.compile(r"[|\0]|(?<![\w.])(?:_xl\w+\.)*(?:WEBSERVICE|IMAGE|RTD|DDE|CALL|REGISTER(?:\.ID)?)\s*\(", re.I)
_OUTSIDE = re.compile(r"\s*(?:(?:https?|ftp|file|smb)\s*:|\\\\|//)", re.I)


def refuse(package: Package) -> None:
    """Look through every relation of a package, and through the parts in which something can be told to act.

    Raises:
        Invalid: ``file.macro``, ``file.embedded_object``, ``file.external_template``, ``file.external_content``,
            ``file.external_field``, ``file.active_content``.
    """
    parts = {name.casefold(): name for name in package.archive.names}  # names of parts know no case
    coded = {package.main: None}
    for source, relation in _relations(package):
        kind, part = relation.type.strip().casefold(), parts.get(_unescaped(relation.target).casefold(), "")
        if relation.external and kind != "hyperlink":
            raise Invalid("file.external_template" if kind == "attachedtemplate" else "file.external_content")
        if kind in _REFUSED:
            raise Invalid(_REFUSED[kind])
        if kind == "package" and part:
            _refuse_embedded(package, parts.get(source.casefold(), ""), part)
        elif kind in _CODED and part:
            coded[part] = None
    for part in coded:
        root = package.tree(part)
        _refuse_fields(root)
        _refuse_formulas(root)
        _refuse_links(root)


def _unescaped(target: str) -> str:
    return re.sub("%([0-7][0-9A-Fa-f])", lambda found: chr(int(found[1], 16)), target)


def _relations(package: Package) -> Iterator[tuple[str, Relation]]:
    """Yield the relations of every part, whether or not anything leads to it."""
    for name in package.archive.names:
        if name.casefold().endswith(".rels"):
            source = source_of(name)
            for relation in relations_in(package.archive, name, source):
                yield source, relation


def _refuse_embedded(package: Package, source: str, target: str) -> None:
    """Refuse all but the numbers of a chart: a workbook that itself holds nothing of the kind."""
    if not source or split(package.tree(source).tag)[1] != "chartSpace":
        raise Invalid("file.embedded_object")
    try:
        open_package(package.archive.read(target), package.limits, SHEET, "workbook")
    except Invalid as refused:
        raise Invalid("file.embedded_object" if refused.code == "file.damaged" else refused.code) from None


@dataclass(slots=True)
class _Field:
    """A field that was begun: its code so far, and whether what it shows has begun."""

    code: str = ""
    shows: bool = False


def _refuse_fields(root: Any) -> None:
    """Judge the code of every field; it may be spread over runs and paragraphs, and hold other fields."""
    begun: list[_Field] = []
    for element in root.iter("{*}fldChar", "{*}instrText", "{*}delInstrText", "{*}t", "{*}fldSimple"):
        local = split(element.tag)[1]
        if local == "fldSimple":
            _judge_field(attribute(element, "instr") or "")
        elif local == "fldChar":
            _turn(begun, attribute(element, "fldCharType") or "")
        elif begun and not begun[-1].shows:
            begun[-1].code += element.text or ""
        elif local != "t":
            _judge_field(element.text or "")
    for field in begun:
        _judge_field(field.code)


def _turn(begun: list[_Field], kind: str) -> None:
    if kind == "begin":
        if begun and not begun[-1].shows:
            begun[-1].code += _INNER
        begun.append(_Field())
    elif begun and kind == "separate":
        begun[-1].shows = True
    elif begun and kind == "end":
        _judge_field(begun.pop().code)


def _judge_field(code: str) -> None:
    word = re.split(r"[\s\"\\]", code.lstrip('" \t\r\n'), maxsplit=1)[0].upper()
    if word in _FIELDS:
        raise Invalid("file.external_field", field=word)
    if _INNER in word:  # a field that makes up what the outer one is
        raise Invalid("file.external_field", field="…")


def _refuse_formulas(root: Any) -> None:
    names = ("f", "definedName", "formula", "formula1", "formula2", "calculatedColumnFormula")
    for element in root.iter(*(f"{{*}}{name}" for name in names)):
        if element.text and _FETCHING.search(_QUOTED.sub(_unquoted, element.text)):
            raise Invalid("file.external_content")


def _unquoted(found: re.Match[str]) -> str:
    """Leave nothing of a text or a name; a sheet whose name is a path lies in another file."""
    text = found[0]
    return "\0" if text[0] == "'" and ("/" in text or "\\" in text) else ""


def _refuse_links(root: Any) -> None:
    for element in root.iter("{*}hlinkClick", "{*}hlinkHover", "{*}hlinkMouseOver"):
        if element.get("action", "").strip().casefold().startswith(_ACTIONS):
            raise Invalid("file.active_content")
    for element in root.iter("{*}imagedata", "{*}fill", "{*}stroke"):
        if any(_OUTSIDE.match(attribute(element, name) or "") for name in ("src", "href")):
            raise Invalid("file.external_content")
    for element in root.iter("{*}connectString", "{*}udl"):  # of a source of letters in series
        if attribute(element, "val"):
            raise Invalid("file.external_content")
