"""Hostile and broken files, made here from nothing: bombs, lies, paths, entities, wrong types, one function each.

``corpus()`` gives them by name; the office packages and OFD share their attacks on the archive and on its main part.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

Parts: TypeAlias = dict[str, bytes]
Made: TypeAlias = Callable[[], bytes]

MANY = 2_500  # entries of one archive
DEEP = 60_000  # elements inside one another
HUGE = 300 * 1024 * 1024
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = {
    "docx": ("word/document.xml", "wordprocessingml.document.main"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main"),
    "ofd": ("OFD.xml", ""),
}
SPACES = {
    "docx": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "xlsx": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "pptx": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "ofd": "http://www.ofdspec.org/2016",
}
ROOTS = {"docx": "document", "xlsx": "workbook", "pptx": "presentation", "ofd": "OFD"}


def document(kind: str, inner: str = "", before: str = "") -> bytes:
    """Return the main part of a package with something inside its root."""
    name = ROOTS[kind]
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<{name} xmlns="{SPACES[kind]}">{inner}</{name}>'.encode()


def parts(kind: str, main: bytes | None = None, **more: bytes) -> Parts:
    """Return the parts of a small package."""
    path, media = TYPES[kind]
    body = document(kind) if main is None else main
    if kind == "ofd":
        return {path: body, "Doc_0/Document.xml": b"<Document/>", **more}
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{path}" ContentType="application/vnd.openxmlformats-officedocument.{media}+xml"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="{path}"/>'
        "</Relationships>"
    )
    return {"[Content_Types].xml": types.encode(), "_rels/.rels": relations.encode(), path: body, **more}


def zipped(held: Parts | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        for name, content in held.items() if isinstance(held, dict) else held:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


# --- attacks on the archive -------------------------------------------------------------------------------------------


def blown_up(kind: str, path: str = "") -> bytes:
    """A part that inflates to 300 MiB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts(kind).items():
            if name != (path or TYPES[kind][0]):
                archive.writestr(name, content)
        with archive.open(path or TYPES[kind][0], "w") as part:
            for _ in range(HUGE // 4_194_304):
                part.write(bytes(4_194_304))
    return out.getvalue()


def lying(kind: str) -> bytes:
    """The directory says 100 bytes of a part that holds 40 MiB."""
    data = bytearray(zipped({**parts(kind), "zz.xml": b" " * 40_000_000}))
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", data, data.rfind(signature, 0, data.rfind(b"zz.xml")) + at, 100)
    return bytes(data)


def many(kind: str) -> bytes:
    return zipped({**parts(kind), **{f"x/{number}.xml": b"" for number in range(MANY)}})


def named(kind: str, name: str) -> bytes:
    return zipped([*parts(kind).items(), (name, b"<x/>")])


def linked(kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts(kind).items():
            archive.writestr(name, content)
        link = zipfile.ZipInfo("word/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def twice(kind: str) -> bytes:
    held = parts(kind)
    return zipped([*held.items(), (TYPES[kind][0], held[TYPES[kind][0]] + b"<!-- second -->")])


def flagged(kind: str, at: int, value: int) -> bytes:
    """Change one field of the main part's entry in the directory and in front of the part."""
    data = bytearray(zipped(parts(kind)))
    name = TYPES[kind][0].encode()
    for signature, shift in ((b"PK\x01\x02", 2), (b"PK\x03\x04", 0)):
        place = data.rfind(signature, 0, data.rfind(name) if shift else data.find(name))
        struct.pack_into("<H", data, place + at + shift, value)
    return bytes(data)


def cut(kind: str, share: float) -> bytes:
    data = zipped(parts(kind))
    return data[: int(len(data) * share)]


def checked_wrong(kind: str) -> bytes:
    data = bytearray(zipped(parts(kind), zipfile.ZIP_STORED))
    at = data.find(b"<?xml")
    data[at + 2] ^= 1
    return bytes(data)


def inside_itself(kind: str) -> bytes:
    held = zipped(parts(kind))
    for _ in range(12):
        held = zipped({**parts(kind), "word/embeddings/a.docx": held})
    return held


def prefixed(kind: str) -> bytes:
    return b"MZ" + bytes(600) + zipped(parts(kind))


def no_end(kind: str) -> bytes:
    return zipped(parts(kind)).replace(b"PK\x05\x06", b"PK\x05\x07")


def comment(kind: str) -> bytes:
    return zipped(parts(kind))[:-2] + struct.pack("<H", 65_535) + b"x" * 65_535


# --- attacks on the main part -----------------------------------------------------------------------------------------


def nested(kind: str) -> bytes:
    return zipped(parts(kind, document(kind, "<a>" * DEEP + "</a>" * DEEP)))


def laughing(kind: str) -> bytes:
    told = "".join(f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9))
    return zipped(parts(kind, document(kind, "&j;", f"<!DOCTYPE x [<!ENTITY a 'ha'>{told}]>")))


def outside(kind: str) -> bytes:
    return zipped(parts(kind, document(kind, "&a;", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>")))


def parameter_entity(kind: str) -> bytes:
    told = "<!DOCTYPE x [<!ENTITY % a SYSTEM 'http://127.0.0.1:9/x.dtd'> %a;]>"
    return zipped(parts(kind, document(kind, "", told)))


def in_sixteen_bits(kind: str) -> bytes:
    text = document(kind, "&a;", "<!DOCTYPE x [<!ENTITY a 'b'>]>").decode().replace("UTF-8", "UTF-16")
    return zipped(parts(kind, text.encode("utf-16")))


def attributes(kind: str) -> bytes:
    return zipped(parts(kind, document(kind, "<a " + " ".join(f'b{n}="1"' for n in range(200_000)) + "/>")))


def elements(kind: str) -> bytes:
    return zipped(parts(kind, document(kind, "<a/>" * 1_500_000)))


def no_text(kind: str) -> bytes:
    return zipped(parts(kind, b"\xff\xfe\x00broken\x00" * 50))


def not_closed(kind: str) -> bytes:
    return zipped(parts(kind, document(kind)[:-3]))


def empty_part(kind: str) -> bytes:
    return zipped(parts(kind, b""))


def long_word(kind: str) -> bytes:
    return zipped(parts(kind, document(kind, f"<t>{'字' * 6_000_000}</t>")))


def far_away(kind: str) -> bytes:
    path, name = TYPES[kind][0].rpartition("/")[::2]
    relations = (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/image" TargetMode="External" '
        'Target="http://127.0.0.1:9/x.png"/></Relationships>'
    )
    return zipped(parts(kind, **{f"{path}/_rels/{name}.rels": relations.encode()}))


def macro(kind: str) -> bytes:
    return zipped(parts(kind, **{f"{TYPES[kind][0].rpartition('/')[0]}/vbaProject.bin": b"\xd0\xcf\x11\xe0"}))


ARCHIVE: dict[str, Callable[[str], bytes]] = {
    "main part of 300 MiB": blown_up,
    "picture of 300 MiB": partial(blown_up, path="media/a.png"),
    "size that lies": lying,
    "thousands of parts": many,
    "path upwards": partial(named, name="../../etc/cron.d/x"),
    "path from the root": partial(named, name="/etc/cron.d/x"),
    "path of another system": partial(named, name="..\\..\\windows\\x.xml"),
    "name of a device": partial(named, name="word/CON"),
    "link": linked,
    "main part twice": twice,
    "encrypted entry": partial(flagged, at=6, value=1),
    "unknown compression": partial(flagged, at=8, value=99),
    "half of it": partial(cut, share=0.5),
    "end cut": partial(cut, share=0.97),
    "wrong sum": checked_wrong,
    "twelve packages inside": inside_itself,
    "program in front": prefixed,
    "no directory": no_end,
    "longest comment": comment,
    "elements in elements": nested,
    "billion laughs": laughing,
    "entity of a file": outside,
    "entity of parameters": parameter_entity,
    "entity in sixteen bits": in_sixteen_bits,
    "attributes without end": attributes,
    "elements without end": elements,
    "no text": no_text,
    "not closed": not_closed,
    "empty main part": empty_part,
    "one long word": long_word,
    "picture far away": far_away,
    "macro": macro,
}


# --- pdf, text, mail and others ---------------------------------------------------------------------------------------


def pdf(*objects: bytes, trailer: bytes = b"<</Root 1 0 R>>") -> bytes:
    """Return a PDF of these objects, numbered from 1, with one empty page unless they say otherwise, and a table of them."""
    given = objects or (b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE)
    data, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, held in enumerate(given, start=1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj%s endobj\n" % (number, held)
    ending = trailer.replace(b"<<", b"<</Size %d" % (len(given) + 1), 1)
    found = b"xref\n0 %d\n%strailer%s\nstartxref\n%d\n%%%%EOF" % (len(given) + 1, table, ending, len(data))
    return data + found


PAGES, PAGE = (
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
)
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (more, len(data), data)


def packed(*objects: bytes) -> bytes:
    """Return a PDF whose further objects, numbered from 6, lie packed in its object 5."""
    places, held = b"", b""
    for number, one in enumerate(objects, start=6):
        places += b"%d %d " % (number, len(held))
        held += one + b" "
    inside = b"/Type/ObjStm/Filter/FlateDecode/N %d/First %d" % (len(objects), len(places))
    count = len(objects) + 7
    data, table = b"%PDF-1.5\n", struct.pack(">BIB", 0, 0, 255)
    made = (CATALOG, PAGES, PAGE, stream(b""), stream(zlib.compress(places + held), inside))
    for number, one in enumerate(made, start=1):
        table += struct.pack(">BIB", 1, len(data), 0)
        data += b"%d 0 obj%s endobj\n" % (number, one)
    table += b"".join(struct.pack(">BIB", 2, 5, at) for at in range(len(objects)))
    table += struct.pack(">BIB", 1, len(data), 0)
    end = stream(table, b"/Type/XRef/W[1 4 1]/Root 1 0 R/Size %d" % count)
    return data + b"%d 0 obj%s endobj\nstartxref\n%d\n%%%%EOF" % (count - 1, end, len(data))


def inflated(times: int) -> bytes:
    data = b"0 " * 60_000_000
    for _ in range(times):
        data = zlib.compress(data, 1)
    return pdf(CATALOG, PAGES, PAGE, stream(data, b"/Filter[" + b"/FlateDecode" * times + b"]"))


PDF: dict[str, Made] = {
    "pages in a circle": partial(pdf, CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "parent of itself": partial(pdf, CATALOG, PAGES, b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>"),
    "a billion pages": partial(pdf, CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", PAGE),
    "page as wide as a town": partial(pdf, CATALOG, PAGES, PAGE.replace(b"200 200", b"9999999 9999999")),
    "page turned inside out": partial(pdf, CATALOG, PAGES, PAGE.replace(b"0 0 200 200", b"200 200 0 0")),
    "inflated": partial(inflated, 1),
    "inflated twice": partial(inflated, 2),
    "length that lies": partial(pdf, CATALOG, PAGES, PAGE, b"<</Length 999999999>>stream\nBT ET\nendstream"),
    "negative length": partial(pdf, CATALOG, PAGES, PAGE, b"<</Length -5>>stream\nBT ET\nendstream"),
    "length of itself": partial(pdf, CATALOG, PAGES, PAGE, b"<</Length 4 0 R>>stream\nBT ET\nendstream"),
    "arrays in arrays": partial(pdf, CATALOG, PAGES, PAGE.replace(b"/Contents", b"/X " + b"[" * 50_000 + b"/Contents")),
    "no root": partial(pdf, trailer=b"<<>>"),
    "root that is not there": partial(pdf, trailer=b"<</Root 99 0 R>>"),
    "script on opening": partial(
        pdf, CATALOG.replace(b">>", b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"), PAGES, PAGE, stream(b"")
    ),
    "program on opening": partial(
        pdf, CATALOG.replace(b">>", b"/OpenAction<</S/Launch/F(cmd.exe)>>>>"), PAGES, PAGE, stream(b"")
    ),
    "file inside": partial(
        pdf, CATALOG.replace(b">>", b"/Names<</EmbeddedFiles<</Names[(a)5 0 R]>>>>>>"), PAGES, PAGE, stream(b""),
        b"<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>", stream(b"MZ"),
    ),
    "encryption nobody knows": partial(pdf, trailer=b"<</Root 1 0 R/Encrypt<</Filter/Own/V 99>>>>"),
    "table that points at itself": lambda: pdf().replace(b"%%EOF", b"startxref\n0\n%%EOF"),
    "only its head": lambda: b"%PDF-1.7\n",
    "a page behind a program": lambda: b"MZ" + bytes(900) + pdf(),
}  # fmt: skip
TEXT: dict[str, Made] = {
    "zeros": lambda: bytes(4096),
    "one line of ten million": lambda: b"a" * 10_000_000,
    "only line ends": lambda: b"\n" * 1_000_000,
    "cut letter": lambda: "机密".encode()[:-1],
    "two encodings": lambda: "机密".encode() + "机密".encode("gb18030"),
    "marks of direction": lambda: ("\u202e\u2066\u200b" * 1000 + "机密").encode(),
    "letters on one another": lambda: ("字" + "\u0301" * 200_000).encode(),
    "escapes of a terminal": lambda: b"\x1b]0;x\x07\x1b[2J" * 500,
    "sixteen bits cut": lambda: "机密".encode("utf-16")[:-1],
}
OTHER: dict[str, tuple[str, Made]] = {
    "mail": ("eml", lambda: b"From: a\r\nTo: b\r\nSubject: c\r\n\r\nd"),
    "mail in mail": ("eml", lambda: b"Content-Type: message/rfc822\r\n\r\n" * 20_000),
    "mail with a bomb": (
        "eml",
        lambda: b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n\r\n" * 100_000,
    ),
    "zip": ("zip", lambda: zipped({"a.txt": b"a"})),
    "zip of a bomb": ("zip", lambda: blown_up("docx")),
    "program": ("docx", lambda: b"\x7fELF" + bytes(4096)),
    "old office": ("xls", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096)),
    "picture": ("pdf", lambda: b"\x89PNG\r\n\x1a\n" + bytes(4096)),
    "page of the web": ("docx", lambda: b"<html><script>alert(1)</script></html>"),
    "nothing": ("pdf", lambda: b""),
}


def corpus(*, whole: bool) -> Iterator[tuple[str, str, Made]]:
    """Yield a name, a file name and how to make the bytes of every file; each attack on a package twice unless ``whole``."""
    kinds = list(TYPES)
    for number, (name, attack) in enumerate(ARCHIVE.items()):
        for kind in kinds if whole else (kinds[number % 4], kinds[(number + 1) % 4]):
            yield f"{kind}: {name}", f"a.{kind}", partial(attack, kind)
    for kind, made in (("pdf", PDF), ("txt", TEXT)):
        yield from ((f"{kind}: {name}", f"a.{kind}", one) for name, one in made.items())
    yield from ((name, f"a.{extension}", one) for name, (extension, one) in OTHER.items())
