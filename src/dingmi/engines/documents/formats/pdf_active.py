"""What a PDF may not hold: scripts, programs, media, files inside, and what is fetched from outside (SR-77).

Every object is judged by itself, wherever it hangs and whether or not anything leads to it: an action may follow another
one, stand at a field, a bookmark, a page or the document, and programs do not agree on which objects a file has.
"""

from __future__ import annotations

import re
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
_TREES = frozenset(["/JavaScript", "/EmbeddedFiles"])  # of names
_KEYS = frozenset(["/JS", "/XFA", "/EF", "/AA", "/Ref"])
_WORDS = frozenset({*_ACTIONS, *_MEDIA, *_TREES, *_KEYS, "/EmbeddedFile"})
_TELLING = frozenset({*_KEYS, "/S", "/Subtype", "/Type", "/Names", "/F"})  # keys that are looked at
_ENDS = rb"\s/<>\[\]()%\0"  # what ends a name
_FAR = (  # what follows the key of a file: a name, a specification, a remark, an object
    rb"/F\s*(?:\((?:[ -~]{4}|\xfe\xff)|<(?:<|[0-9A-Fa-f\s]{4})|%|\d+(?:\s+\d+)?\s*%|\d+\s+\d+\s+R)"
)
_TELLTALE = re.compile(rb"(?:%s)(?=[%s]|$)|%s" % (b"|".join(sorted(word.encode() for word in _WORDS)), _ENDS, _FAR))
_ESCAPED = re.compile(rb"/[^#%s]{0,40}#[^%s]{1,120}" % (_ENDS, _ENDS))


def refuse(reader: PdfReader, data: bytes, limits: Limits) -> None:
    """Judge every object, unless no name in the whole file could make one act.

    Raises:
        Invalid: ``file.active_content``, ``file.external_content``, ``file.bomb`` for too many objects.
    """
    if not _is_suspect(reader, data):
        return
    for held in _dictionaries(reader, limits.elements):
        if _TELLING.isdisjoint(held):
            continue
        if _acts(held):
            raise Invalid("file.active_content")
        if _fetches(held):
            raise Invalid("file.external_content")


def _is_suspect(reader: PdfReader, data: bytes) -> bool:
    """Say whether a telltale name stands in the file or in one of its packed objects: names cannot be packed otherwise."""
    if _tells(data):
        return True
    for number in {stream for stream, _ in reader.xref_objStm.values()}:
        held = IndirectObject(number, 0, reader).get_object()
        if not isinstance(held, StreamObject) or _tells(held.get_data()):
            return True
    return False


def _tells(data: bytes) -> bool:
    if _TELLTALE.search(data):
        return True
    names = (re.sub(rb"#([0-9A-Fa-f]{2})", lambda x: bytes([int(x[1], 16)]), m[0]) for m in _ESCAPED.finditer(data))
    return any(_TELLTALE.match(name) or name == b"/F" for name in names)


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
