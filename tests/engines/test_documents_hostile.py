"""Hostile, broken and mislabelled files: one typed refusal each, quickly, and nobody else is affected (SR-71 to SR-77)."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import time
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines import documents
from dingmi.engines.documents import child, rendering
from dingmi.engines.documents.limits import KINDS
from tests.engines import office

PDF = rendering.render_text_pdf("供水应急调度预案正文")
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def changed_pdf(change) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(PDF)))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_part(**more) -> bytes:
    return office.package(office.simple_parts(office.p("正文"), **more))


def with_document(xml: str) -> bytes:
    return office.package({**office.simple_parts(""), "word/document.xml": xml})


def bomb(size: int = 2 * 1024**3) -> bytes:
    """A docx whose main part really inflates to 2 GiB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in office.simple_parts("").items():
            if name != "word/document.xml":
                archive.writestr(name, content)
        block = b" " * (16 * 1024 * 1024)
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(size // len(block)):
                part.write(block)
    return out.getvalue()


def empty_paragraphs() -> bytes:
    return with_document(office.root("document", "<w:body>" + "<w:p/>" * 3_000_000 + "</w:body>"))


def overlapping() -> bytes:
    data = bytearray(office.simple("一"))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    struct.pack_into("<I", data, second + 42, struct.unpack_from("<I", data, first + 42)[0] + 1)
    return bytes(data)


def renamed(new: bytes) -> bytes:
    data = with_part(**{"word/zzzzzzzzzzz.xml": "<x/>"})
    assert len(new) == len(b"word/zzzzzzzzzzz.xml")
    return data.replace(b"word/zzzzzzzzzzz.xml", new)


def external(kind: str) -> bytes:
    entry = office.rels(external=(("x", kind, "file:///x"),))
    return with_part(**{"word/_rels/settings.xml.rels": entry, "word/settings.xml": office.root("settings", "")})


LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9))
    + "]>"
    + office.root("document", "<w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body>")
)
XXE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>" + office.root(
    "document", "<w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body>"
)


def javascript(writer):
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def launch(writer):
    action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("x")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


CASES = {
    "empty": (b"", "a.docx", "file.empty"),
    "exe as docx": (b"MZ" + bytes(500), "a.docx", "file.mislabelled"),
    "docx as pdf": (office.simple("一"), "a.pdf", "file.mislabelled"),
    "pdf as txt": (PDF, "a.txt", "file.mislabelled"),
    "text as docx": (b"just text here", "a.docx", "file.mislabelled"),
    "exe": (b"MZ" + bytes(500), "a.exe", "file.type_not_accepted"),
    "old doc": (OLE, "a.doc", "file.type_not_accepted"),
    "other zip": (office.package({"a.txt": "x"}), "a.zip", "file.type_not_accepted"),
    "encrypted docx": (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "file.encrypted"),
    "encrypted pdf": (changed_pdf(lambda w: w.encrypt("x", algorithm="RC4-128")), "a.pdf", "file.encrypted"),
    "truncated docx": (office.everything()[:900], "a.docx", "file.damaged"),
    "truncated pdf": (PDF[:300], "a.pdf", "file.damaged"),
    "broken xml": (with_document("<w:document"), "a.docx", "file.damaged"),
    "macro part": (with_part(**{"word/vbaProject.bin": b"x"}), "a.docx", "file.macro"),
    "macro type": (
        office.package(
            {
                **office.simple_parts(""),
                "[Content_Types].xml": "<T>wordprocessingml application/vnd.ms-word.document.macroEnabled.main+xml</T>",
            }
        ),
        "a.docx",
        "file.macro",
    ),
    "external template": (external("attachedTemplate"), "a.docx", "file.external_template"),
    "external image": (external("image"), "a.docx", "file.external_content"),
    "ole object": (
        with_part(**{"word/_rels/document.xml.rels": office.rels(("o", "oleObject", "embeddings/o.bin"))}),
        "a.docx",
        "file.embedded_object",
    ),
    "billion laughs": (with_document(LAUGHS), "a.docx", "file.xml_dtd"),
    "xxe": (with_document(XXE), "a.docx", "file.xml_dtd"),
    "path traversal": (renamed(b"../../etc/cron.d/xml"), "a.docx", "file.unsafe_path"),
    "absolute path": (renamed(b"/etc/cron.d/xxxx.xml"), "a.docx", "file.unsafe_path"),
    "case variant": (with_part(**{"Word/Document.xml": "<x/>"}), "a.docx", "file.damaged"),
    "overlap": (overlapping(), "a.docx", "file.bomb"),
    "lying zip": (office.lying_zip(), "a.docx", "file.damaged"),
    "two gibibytes": (bomb, "a.docx", "file.bomb"),
    "empty paragraphs": (
        empty_paragraphs,
        "a.docx",
        "file.bomb",
    ),
    "many parts": (with_part(**{f"x/{i}.xml": "" for i in range(2100)}), "a.docx", "file.bomb"),
    "pdf javascript": (changed_pdf(javascript), "a.pdf", "file.active_content"),
    "pdf launch": (changed_pdf(launch), "a.pdf", "file.active_content"),
    "pdf attachment": (changed_pdf(lambda w: w.add_attachment("x.txt", b"x")), "a.pdf", "file.active_content"),
}


@pytest.mark.parametrize("case", CASES)
def test_hostile_file_gets_its_own_refusal_quickly(case):
    data, name, code = CASES[case]
    data = data() if callable(data) else data
    began = time.perf_counter()
    with pytest.raises(Invalid) as caught:
        documents.extract(data, name)
    assert caught.value.code == code
    assert time.perf_counter() - began < 25


def huge_page_pdf() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 999999 999999]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )


def nested_forms_pdf(depth: int = 40) -> bytes:
    """Each form draws the next one twice."""
    parts = [
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    ]
    parts.append(
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</XObject<</X 5 0 R>>>>/Contents 4 0 R>>endobj\n"
    )
    parts.append(b"4 0 obj<</Length 5>>stream\n/X Do\nendstream endobj\n")
    for i in range(depth):
        parts.append(
            b"%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>/Length 11>>stream\n"
            b"/X Do /X Do\nendstream endobj\n" % (5 + i, 6 + i)
        )
    return b"".join(parts) + b"trailer<</Root 1 0 R>>\n"


def flate_bomb_pdf() -> bytes:
    import zlib

    body = zlib.compress(zlib.compress(b"0 " * 100_000_000, 1), 9)
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length "
        + str(len(body)).encode()
        + b">>stream\n"
        + body
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )


@pytest.mark.parametrize("make", [huge_page_pdf, nested_forms_pdf, flate_bomb_pdf])
def test_small_pdf_that_wants_the_machine_dies_alone(make):
    data = make()
    began = time.perf_counter()
    with pytest.raises(Invalid) as caught:
        documents.extract(data, "a.pdf")
    assert caught.value.code.startswith("file.")
    assert time.perf_counter() - began < 25


def test_mutated_files_end_in_text_or_in_one_typed_refusal():
    """Structure-aware mutants, in this process for speed; the worker turns every other exception into a refusal."""
    from dataclasses import asdict

    from dingmi.engines.documents import jobs
    from dingmi.engines.documents.limits import DEFAULT

    chance, seeds, crashes = random.Random(7), [(office.everything(), "a.docx"), (PDF, "a.pdf")], []
    for round_number in range(120):
        data, name = seeds[round_number % 2]
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        try:
            jobs.run("extract", bytes(mutant), {"filename": name}, asdict(DEFAULT))
        except Invalid as error:
            assert error.code.startswith("file.")
        except Exception as error:
            crashes.append(type(error).__name__)
    assert len(crashes) <= 2, crashes


def test_too_large_is_refused_before_a_process_starts(monkeypatch):
    monkeypatch.setattr(child, "run", lambda *a: pytest.fail("started"))
    with pytest.raises(Invalid) as caught:
        documents.extract(b"x" * 101, "a.txt", replace(documents.DEFAULT, **{f"{kind}_bytes": 100 for kind in KINDS}))
    assert caught.value.code == "file.too_large"


def test_slow_job_is_killed_on_the_wall_limit():
    with pytest.raises(Invalid, match="too_slow"):
        documents.extract(office.simple("一"), "a.docx", replace(documents.DEFAULT, wall_seconds=0))


def test_worker_that_dies_is_one_refusal():
    with pytest.raises(Invalid, match="parser_died"):
        documents.extract(office.simple("一"), "a.docx", replace(documents.DEFAULT, output_bytes=3))


def test_parsers_that_die_are_loaded_again_and_their_absence_is_said(monkeypatch):
    documents.extract(office.simple("一"), "a.docx")
    child._nursery.process.kill()
    child._nursery.process.wait()
    assert documents.extract(office.simple("二"), "a.docx").text == "二"
    child._close()
    for program in ("/bin/false", "/nonexistent"):
        monkeypatch.setattr(child.sys, "executable", program)
        with pytest.raises(Unavailable, match="worker_unavailable"):
            documents.extract(office.simple("一"), "a.docx")


def test_jobs_side_by_side_have_their_own_children_and_answers():
    words = [f"第{number}件" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        read = pool.map(lambda word: documents.extract(office.simple(word), "a.docx").text, words)
    assert list(read) == words


def test_worker_sees_no_secrets_of_its_parent(monkeypatch):
    monkeypatch.setenv("DINGMI_SECRET", "s3cret")
    child._close()
    documents.extract(office.simple("一"), "a.docx")
    process = child._nursery.process.pid
    assert b"s3cret" not in Path(f"/proc/{process}/environ").read_bytes()
    open_files = {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()}
    assert all(file == "/dev/null" or file.startswith("socket:") for file in open_files)


def test_a_child_with_its_limits_on_opens_no_connection_and_goes_on():
    asking = (
        "import json, socket, sys; from dataclasses import asdict\n"
        "from dingmi.engines.documents import limits, worker\n"
        "ready = socket.socket()\n"
        "worker._limit({'limits': asdict(limits.DEFAULT)})\n"
        "def refused(act, *given):\n"
        "    try: act(*given)\n"
        "    except PermissionError: return True\n"
        "told = [refused(socket.socket, kind) for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)]\n"
        "told += [refused(ready.connect, ('127.0.0.1', 9)), refused(ready.bind, ('127.0.0.1', 0)), open(sys.executable, 'rb').read(4) == b'\\x7fELF']\n"
        "print(json.dumps(told))"
    )
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, timeout=120)
    assert told.stdout.strip() == str([True] * 6).lower(), told.stderr


def test_parsers_end_with_the_process_that_asked_for_them():
    asking = "from dingmi.engines import documents as d; from dingmi.engines.documents import child\n"
    asking += "d.recognise(b'text', 'a.txt'); print(child._nursery.process.pid, flush=True); import os; os._exit(9)"
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, timeout=120)
    started = Path(f"/proc/{int(told.stdout)}")
    for _ in range(200):
        if not started.exists() or "\nState:\tZ" in (started / "status").read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("still there")


def test_every_refusal_speaks_both_languages():
    import pathlib
    import re

    import dingmi

    base = pathlib.Path(next(iter(dingmi.__path__)))
    source = "".join(f.read_text() for f in (base / "engines").rglob("*.py"))
    codes = set(re.findall(r'"((?:file|mark|font|cipher|crypto|key|canonical)\.[a-z_]+)"', source))
    for lang in ("zh", "en"):
        known: dict[str, dict[str, str]] = {}
        for topic in ("documents", "crypto"):
            known |= tomllib.loads(
                (resources.files("dingmi.base.messages") / lang / f"{topic}.toml").read_text("utf-8")
            )
        assert codes - set(known) == set()
        assert all(entry["text"] and entry["remedy"] for entry in known.values())
