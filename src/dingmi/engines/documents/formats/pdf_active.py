"""What a PDF may not hold: scripts, programs, media, files inside, and what is fetched from outside (SR-77).

Every object is judged by itself, wherever it hangs and whether or not anything leads to it: an action may follow another
one, stand at a field, a bookmark, a page or the document, and programs do not agree on which objects a file has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from dingmi.base.errors import Invalid
from dingmi.engines.documents.limits import Limits

PARSER_ERRORS = (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, OSError)
_ACTIONS = frozenset(
    [
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/GoToE",
        "/GoToR",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    ]
)
_MEDIA = frozenset(["/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"])  # of annotations
_FILE = frozenset(["/F", "/UF", "/DOS", "/Mac", "/Unix"])  # where a file specification keeps the file
_TELLING = frozenset(
    ["/S", "/Subtype", "/Type", "/JS", "/XFA", "/EF", "/Names", "/AA", "/F", "/Ref"]
)  # keys that are looked at
_TREES = ("/JavaScript", "/EmbeddedFiles")  # of names


def refuse(reader: PdfReader, limits: Limits) -> None:
    """Judge every object.

    Raises:
        Invalid: ``file.active_content``, ``file.external_content``, ``file.bomb`` for too many objects.
    """
    for held in _dictionaries(reader, limits.elements):
        if _TELLING.isdisjoint(held):
            continue
        if _acts(held):
            raise Invalid("file.active_content")
        if _fetches(held):
            raise Invalid("file.external_content")


def _dictionaries(reader: PdfReader, most: int) -> Iterator[DictionaryObject]:
    """Yield every dictionary: what the file's end leads to, then what nothing leads to, as far as it can be read."""
    seen: set[tuple[int, int]] = set()
    yield from _below(reader.trailer, seen, most)
    listed = [(number, generation) for generation, numbers in reader.xref.items() for number in numbers]
    for number, generation in [*listed, *((number, 0) for number in reader.xref_objStm)]:
        with suppress(*PARSER_ERRORS):
            yield from _below(IndirectObject(number, generation, reader), seen, most)


def _below(start: Any, seen: set[tuple[int, int]], most: int) -> Iterator[DictionaryObject]:
    waiting = [start]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            key = (value.idnum, value.generation)
            if key in seen:
                continue
            seen.add(key)
            value = value.get_object()
        if len(seen) > most or len(waiting) > most * 4:
            raise Invalid("file.bomb")
        if isinstance(value, DictionaryObject):
            yield value
            waiting += [value.raw_get(key) for key in value]
        elif isinstance(value, ArrayObject):
            waiting += list(value)


def _value(held: DictionaryObject, name: str) -> Any:
    value = held.get(name)
    return value.get_object() if isinstance(value, IndirectObject) else value


def _acts(held: DictionaryObject) -> bool:
    action, subtype, kind = (str(_value(held, name)) for name in ("/S", "/Subtype", "/Type"))
    if action in _ACTIONS or subtype in _MEDIA or kind == "/EmbeddedFile":
        return True
    if isinstance(_value(held, "/JS"), str | bytes | StreamObject):
        return True
    if isinstance(_value(held, "/XFA"), ArrayObject | StreamObject):
        return True
    files, names, more = (_value(held, name) for name in ("/EF", "/Names", "/AA"))
    if isinstance(files, DictionaryObject) and _FILE & set(files):
        return True
    if isinstance(names, DictionaryObject) and any(tree in names for tree in _TREES):
        return True
    if not isinstance(more, DictionaryObject):
        return False
    return any(
        isinstance(action, DictionaryObject) and "/S" in action for action in (_value(more, key) for key in more)
    )


def _fetches(held: DictionaryObject) -> bool:
    """Say whether what is drawn lies in another file: the data of a stream, or the page that a form stands for."""
    page = _value(held, "/Ref")
    return (isinstance(held, StreamObject) and "/F" in held) or (isinstance(page, DictionaryObject) and "/F" in page)
