"""Mutants of good files that know their structure: elements, attributes, parts and directories of packages, objects of PDF, encodings."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from dingmi.engines.documents import rendering
from tests.engines import layouts, office, packages

WORDS = "供水应急调度预案"
EXTREMES = (
    b"0",
    b"-1",
    b"1",
    b"255",
    b"65536",
    b"4294967296",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b"",
    b"'",
    b"%00",
)
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-32", "big5", "shift_jis", "latin-1")
NESTED = 300
_TAG = re.compile(rb"<[^<>]{1,400}>")
_VALUE = re.compile(rb'="([^"]*)"')
_PDF_NUMBER = re.compile(rb"(?<![\w.])-?\d+(?![\w.])")
_PDF_NAME = re.compile(rb"/[A-Za-z]+")
_PDF_OBJECT = re.compile(rb"\d+ 0 obj.*?endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)

Chance = random.Random
Mutator = Callable[[bytes, Chance], bytes]


@cache
def seeds() -> dict[str, bytes]:
    """Return a good file of each format, by name."""
    return {
        "a.docx": office.everything(),
        "a.xlsx": packages.workbook(WORDS, more=True),
        "a.pptx": packages.presentation(WORDS, more=True),
        "a.ofd": layouts.ofd(WORDS, more=True),
        "a.pdf": rendering.render_text_pdf(f"{WORDS}正文\n第二段"),
        "a.txt": f"一、{WORDS}\r\n二、取水口阀室\n\tABC，１２３。\n".encode() * 4,
    }


def _put(data: bytes, start: int, end: int, more: bytes) -> bytes:
    return data[:start] + more + data[end:]


# --- bytes -------------------------------------------------------------------------------------------------------


def flipped(data: bytes, chance: Chance) -> bytes:
    """Overwrite a few bytes."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if made:
            made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def cut(data: bytes, chance: Chance) -> bytes:
    """End early, begin late, or lose a stretch in the middle."""
    first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return chance.choice((data[:first], data[first:], data[:first] + data[second:]))


def spliced(data: bytes, chance: Chance) -> bytes:
    """Repeat a stretch somewhere else."""
    start = chance.randrange(len(data) + 1)
    stretch = data[start : start + chance.choice((1, 8, 64, 512))]
    place = chance.randrange(len(data) + 1)
    return _put(data, place, place, stretch * chance.choice((1, 2, 50)))


# --- XML ---------------------------------------------------------------------------------------------------------


def _tag(data: bytes, chance: Chance) -> re.Match[bytes] | None:
    found = list(_TAG.finditer(data))
    return chance.choice(found) if found else None


def without_tag(data: bytes, chance: Chance) -> bytes:
    """Take a tag out."""
    tag = _tag(data, chance)
    return data if tag is None else _put(data, *tag.span(), b"")


def with_tag_again(data: bytes, chance: Chance) -> bytes:
    """Put a tag, or many of it, where another one is."""
    tag, other = _tag(data, chance), _tag(data, chance)
    if tag is None or other is None:
        return data
    return _put(data, other.start(), other.start(), tag.group() * chance.choice((1, 2, NESTED)))


def with_value(data: bytes, chance: Chance) -> bytes:
    """Give an attribute an extreme value, or that of another one."""
    found = list(_VALUE.finditer(data))
    if not found:
        return data
    value = chance.choice(found)
    return _put(
        data,
        *value.span(1),
        chance.choice((*EXTREMES, chance.choice(found).group(1), b"A" * 70_000, b"../../x", b"&e;")),
    )


def nested(data: bytes, chance: Chance) -> bytes:
    """Wrap what follows a tag in many of it."""
    tag = _tag(data, chance)
    if tag is None or tag.group().startswith((b"</", b"<?", b"<!")) or tag.group().endswith(b"/>"):
        return data
    name = re.match(rb"<([\w:.-]+)", tag.group())
    if name is None:
        return data
    return _put(data, *tag.span(), tag.group() * NESTED + (b"</" + name.group(1) + b">") * (NESTED - 1))


def with_declaration(data: bytes, chance: Chance) -> bytes:
    """Declare entities, another encoding, or a style sheet."""
    more = chance.choice(
        (
            b'<!DOCTYPE a [<!ENTITY e "eeeeeeeeee"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">]>',
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
            b'<?xml-stylesheet href="file:///etc/passwd"?>',
            b"<!-- " + b"-" * 500 + b" -->",
            b"<![CDATA[" + b"]" * 500,
        )
    )
    end = data.find(b"?>") + 2
    return _put(data, end, end, more)


XML: tuple[Mutator, ...] = (
    without_tag,
    with_tag_again,
    with_value,
    with_value,
    nested,
    with_declaration,
    flipped,
    cut,
    spliced,
)


# --- packages ----------------------------------------------------------------------------------------------------


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def part(data: bytes, chance: Chance) -> bytes:
    """Mutate inside one to three parts and pack them again."""
    held = _parts(data)
    for name in chance.sample(sorted(held), min(len(held), chance.randint(1, 3))):
        held[name] = chance.choice(XML)(held[name], chance)
    return office.package(held)


def parts(data: bytes, chance: Chance) -> bytes:
    """Lose, rename, swap or double parts."""
    held = _parts(data)
    one, other = chance.choice(sorted(held)), chance.choice(sorted(held))
    kind = chance.randrange(5)
    if kind == 0:
        del held[one]
    elif kind == 1:
        held[chance.choice((one.upper(), f"../{one}", f"/{one}", f"{one}/", f"word/../{one}", "con", "密" * 60))] = (
            held.pop(one)
        )
    elif kind == 2:
        held[one], held[other] = held[other], held[one]
    elif kind == 3:
        held[one] = b""
    else:
        held |= {f"{one}.{number}": held[one] for number in range(chance.choice((1, 20, 200)))}
    return office.package(held)


def directory(data: bytes, chance: Chance) -> bytes:
    """Let the directory of the package lie: sizes, sums, methods, offsets, flags, the number of entries."""
    made, places = bytearray(data), [at for at in range(len(data) - 4) if data[at : at + 2] == b"PK"]
    for _ in range(chance.randint(1, 3)):
        start = chance.choice(places)
        offset, width = chance.choice(((6, "<H"), (8, "<H"), (10, "<H"), (14, "<I"), (18, "<I"), (20, "<I"), (22, "<I"), (24, "<I"), (26, "<H"), (28, "<H"), (42, "<I")))  # fmt: skip
        if start + offset + struct.calcsize(width) <= len(made):
            most = 2 ** (8 * struct.calcsize(width)) - 1
            struct.pack_into(width, made, start + offset, chance.choice((0, 1, 99, most, chance.randint(0, most))))
    return bytes(made)


PACKAGE: tuple[Mutator, ...] = (part, part, part, part, parts, parts, directory, flipped, cut)


# --- PDF ---------------------------------------------------------------------------------------------------------


def with_number(data: bytes, chance: Chance) -> bytes:
    """Change a number outside the streams: sizes, references, lengths, offsets."""
    found = list(_PDF_NUMBER.finditer(data))
    return (
        _put(
            data,
            *chance.choice(found).span(),
            chance.choice((*EXTREMES[:7], b"0.0000001", chance.choice(found).group())),
        )
        if found
        else data
    )


def with_name(data: bytes, chance: Chance) -> bytes:
    """Put a name in the place of another one."""
    found = list(_PDF_NAME.finditer(data))
    more = (
        b"/JavaScript",
        b"/Launch",
        b"/EmbeddedFile",
        b"/ObjStm",
        b"/JBIG2Decode",
        b"/LZWDecode",
        b"/Encrypt",
        b"/Parent",
    )
    return (
        _put(data, *chance.choice(found).span(), chance.choice((*more, chance.choice(found).group())))
        if found
        else data
    )


def with_object(data: bytes, chance: Chance) -> bytes:
    """Lose, double or swap objects."""
    found = list(_PDF_OBJECT.finditer(data))
    if len(found) < 2:
        return data
    one, other = chance.choice(found), chance.choice(found)
    return _put(data, *one.span(), chance.choice((b"", one.group() * 2, other.group())))


def with_stream(data: bytes, chance: Chance) -> bytes:
    """Mutate what a stream holds, packed again where it was packed."""
    found = list(_STREAM.finditer(data))
    if not found:
        return data
    stream = chance.choice(found)
    try:
        held = zlib.decompress(stream.group(1))
    except zlib.error:
        return _put(data, *stream.span(1), flipped(stream.group(1), chance))
    tokens = held.split(b" ")
    place = chance.randrange(len(tokens))
    tokens[place] = chance.choice(
        (*EXTREMES, b"q " * 2000, b"BT", b"ET", b"Do", b"(" * 500, b"[" * 500, tokens[chance.randrange(len(tokens))])
    )
    return _put(data, *stream.span(1), zlib.compress(b" ".join(tokens)))


PDF: tuple[Mutator, ...] = (
    with_number,
    with_number,
    with_name,
    with_object,
    with_stream,
    with_stream,
    flipped,
    cut,
    spliced,
)


# --- text --------------------------------------------------------------------------------------------------------


def encoded(data: bytes, chance: Chance) -> bytes:
    """Write the text in another encoding, or in two."""
    text = data.decode("utf-8", "replace")
    half = chance.randrange(len(text) + 1)
    one = chance.choice(ENCODINGS)
    other = chance.choice((one, one, chance.choice(ENCODINGS)))
    return text[:half].encode(one, "ignore") + text[half:].encode(other, "ignore")


def with_signs(data: bytes, chance: Chance) -> bytes:
    """Put signs in that no text holds: nothing, ends, directions, surrogates, very long lines."""
    sign = chance.choice(
        (
            b"\0",
            b"\x1a",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\xed\xa0\x80",
            b"\xe2\x80\xae",
            b"\x84\x31\xa4\x37",
            b"A" * 100_000,
        )
    )
    place = chance.randrange(len(data) + 1)
    return _put(data, place, place, sign * chance.choice((1, 2, 100)))


TEXT: tuple[Mutator, ...] = (encoded, with_signs, flipped, cut, spliced)


def mutant(name: str, chance: Chance) -> bytes:
    """Return a mutant of the good file ``name``: one to three changes."""
    data = seeds()[name]
    kinds = PDF if name.endswith("pdf") else TEXT if name.endswith("txt") else PACKAGE
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        try:
            data = chance.choice(kinds)(data, chance)
        except (
            IndexError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            ValueError,
            OSError,
            RuntimeError,
        ):
            data = flipped(data, chance)  # the change before left no package to take apart
    return data
