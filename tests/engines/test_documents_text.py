"""What people see in docx, PDF and text is read; what cannot be read is said."""

from __future__ import annotations

import io
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date

import docx
import pytest
from lxml import etree
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import limits, progress, rendering, tables
from dingmi.engines.documents.formats import docx as docx_format
from dingmi.engines.documents.formats import ooxml, txt
from dingmi.engines.documents.registry import FORMATS
from tests.engines import layouts, office, packages


def recall(expected: str, found: str) -> float:
    want, have = Counter(expected), Counter(found)
    return sum(min(n, have[c]) for c, n in want.items()) / sum(want.values())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("every.docx", office.everything()),
        ("strict.docx", office.everything(strict=True)),
        ("form.dotx", office.everything(template=True)),
    ],
)
def test_docx_text_is_read_from_every_construct_once(name, data):
    found = documents.extract(data, name)
    assert recall("".join(office.SHOWN.values()), found.text) >= 0.97
    missing = [k for k, v in office.SHOWN.items() if found.text.count(v) != 1]
    assert missing == []
    assert found.deleted_text == office.DELETED
    assert found.hidden_text == "".join(office.HIDDEN)
    assert set(found.warnings) == {"hidden_text", "deleted_text"}


def test_workbook_is_read_as_people_see_it_and_what_is_hidden_is_kept_apart():
    found = documents.extract(packages.workbook("水厂日供水量", "备用水源", more=True), "a.xlsx")
    places = {found.text[b.start : b.end]: (b.kind, b.where) for b in found.blocks}
    assert places["供水能力"] == ("heading", "sheet") and places["水厂日供水量"] == ("table", "row.1")
    assert places["备用水源"] == ("table", "row.2") and places["批注里的修改建议"] == ("comment", "comment")
    assert places["2026年度 清江市水务局"] == ("header", "header.odd") and places["第 页"] == ("footer", "footer.odd")
    assert packages.HIDDEN_CELL in found.hidden_text and "隐藏列的内容" in found.hidden_text
    assert packages.HIDDEN_CELL not in found.text and "隐藏列的内容" not in found.text
    assert found.warnings == ("hidden_text",)


def test_shared_strings_are_read_and_how_to_pronounce_them_is_not():
    plain = packages.workbook("供水", "排水")
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    for number, text in enumerate(("供水", "排水")):
        inline, place = f't="inlineStr"><is><t>{text}</t></is></c>'.encode(), f't="s"><v>{number}</v></c>'.encode()
        if inline in parts[sheet]:
            parts[sheet] = parts[sheet].replace(inline, place)
    parts["xl/sharedStrings.xml"] = (
        "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><r><t>供</t></r><r><t>水</t></r>"
        "<rPh sb='0' eb='1'><t>gong</t></rPh></si><si><t>排水</t></si></sst>"
    ).encode()
    if b"sharedStrings" not in parts["xl/_rels/workbook.xml.rels"]:
        entry = (
            f"<Relationship Id='rIdS' Type='{office.RELS}/sharedStrings' Target='sharedStrings.xml'/></Relationships>"
        )
        rels = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", entry.encode())
        parts["xl/_rels/workbook.xml.rels"] = rels
    assert documents.extract(office.package(parts), "a.xlsx").text == "供水能力\n供水\n排水"


def test_dates_of_a_workbook_are_read_as_dates():
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append([date(2026, 11, 23), 46000, 0.5, True])
    book.save(out)
    assert documents.extract(out.getvalue(), "a.xlsx").text.split("\n")[1:] == ["2026-11-23", "46000", "0.5", "TRUE"]


def test_slides_are_read_with_notes_tables_and_masters_and_hidden_slides_are_kept_apart():
    found = documents.extract(packages.presentation("供水应急\n切换顺序", "第二页", more=True), "a.pptx")
    places = {found.text[b.start : b.end]: (b.kind, b.where, b.page) for b in found.blocks}
    assert places["供水应急"] == ("heading", "body", 1) and places["切换顺序"] == ("textbox", "textbox.body", 1)
    assert places["表格里的阀门编号"] == ("table", "row.1", 3) and places["备注里的讲稿"] == ("footnote", "notes", 1)
    assert places["清江市水务局"] == ("header", "master", None) and "单击此处编辑标题" not in found.text
    assert found.hidden_text == packages.HIDDEN_SLIDE and found.pages == 4


def test_ofd_is_read_in_reading_order_with_templates_and_annotations_and_without_regard_to_case():
    found = documents.extract(layouts.ofd("供水应急调度预案\n切换顺序", "第二页正文", more=True), "a.ofd")
    places = {found.text[b.start : b.end]: (b.kind, b.where, b.page) for b in found.blocks}
    assert places["供水应急调度预案"] == ("paragraph", "body", 1) and places["切换顺序"] == ("paragraph", "body", 1)
    assert places["第二页正文"] == ("paragraph", "body", 2) and places["清江市水务局文件"] == (
        "header",
        "template",
        None,
    )
    assert places["已阅"] == ("comment", "annotation", 1) and found.hidden_text.strip() == "看不见的一行"
    assert found.pages == 2 and found.warnings == ("hidden_text",)


def test_ofd_without_characters_is_said_to_be_unreadable():
    with pytest.raises(Invalid, match="unreadable_text"):
        documents.extract(layouts.ofd("¤¤¤¤"), "a.ofd")


def test_blocks_cover_the_text_and_name_their_place():
    found = documents.extract(office.everything(), "a.docx")
    lines = [found.text[b.start : b.end] for b in found.blocks]
    assert "\n".join(lines) == found.text
    places = {found.text[b.start : b.end]: (b.kind, b.where) for b in found.blocks}
    shown = office.SHOWN
    assert places[shown["heading"]] == ("heading", "body")
    assert places[shown["nested"]] == ("table", "row.2")
    assert places[shown["header_first"]] == ("header", "header.first")
    assert places[shown["header_even"]] == ("header", "header.even")
    assert places[shown["header_box"]] == ("textbox", "textbox.header.default")
    assert places[shown["footnote"]] == ("footnote", "footnote")
    assert places[shown["comment"]] == ("comment", "comment")


def test_marks_are_found_where_letterheads_put_them():
    box = f"<w:p><w:r><w:pict><v:textbox><w:txbxContent>{office.p('机密★10年')}</w:txbxContent></v:textbox></w:pict></w:r></w:p>"
    data = office.package(office.simple_parts(box + office.p("关于机密工作的说明") + office.p("秘 密")))
    found = documents.extract(data, "a.docx")
    assert [(m.text, m.where) for m in found.marks_found] == [("机密★10年", "textbox.body"), ("秘 密", "body")]


SENTENCE = "定密责任人应当在职责范围内承担有关国家秘密的确定、变更和解除工作。\n第二行文字，供水应急调度。"
TRADITIONAL = "國家秘密的確定、變更和解除，應當由定密責任人負責。\n第二行文字，供水應急調度。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SENTENCE, "utf-8"),
        (SENTENCE, "utf-8-sig"),
        (SENTENCE, "gb18030"),
        (SENTENCE, "gbk"),
        (SENTENCE + "\n㐀𠀀四字节", "gb18030"),
        (TRADITIONAL, "big5"),
        (SENTENCE, "utf-16"),
        (SENTENCE, "utf-16-le"),
        (SENTENCE, "utf-16-be"),
        (SENTENCE, "utf-32"),
        (SENTENCE, "utf-32-le"),
        (SENTENCE, "utf-32-be"),
        ("plain ascii text\nsecond", "ascii"),
    ],
)
def test_text_is_read_in_every_usual_encoding(text, encoding):
    assert txt.decode(text.encode(encoding)) == text


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03" * 20, bytes(range(256)) * 4, b"\x80\x81\xff" * 30])
def test_noise_is_not_text(data):
    with pytest.raises(Invalid, match="unreadable_text"):
        txt.decode(data)


def test_pdf_text_has_pages_and_joined_paragraphs():
    long_line = "青龙山水厂设计供水能力每日四十万立方米并由东湖水厂承担备用供水任务直至主干管网恢复正常运行为止。"
    data = rendering.render_text_pdf("\n".join([long_line] * 20))
    found = documents.extract(data, "a.pdf")
    assert found.pages == 2
    assert found.text.split("\n").count(long_line) >= 18
    assert recall(long_line * 20, found.text) >= 0.97
    assert {b.page for b in found.blocks} == {1, 2}


def test_whoever_waits_is_told_when_a_file_is_read_and_may_stop_it():
    data, told = rendering.render_text_pdf("\n".join(["供水管网"] * 60)), []
    with documents.watched(told.append):
        found = documents.extract(data, "a.pdf")
    assert told[-1] == documents.READ
    assert all(come.total == found.pages and 1 <= come.done <= come.total for come in told[:-1])

    def refuse(come):
        raise Invalid("upload.stopped")

    with documents.watched(refuse), pytest.raises(Invalid, match=r"upload\.stopped"):
        documents.extract(data, "a.pdf")


def test_a_job_writes_its_pages_at_most_about_fifty_times(monkeypatch, tmp_path):
    file, seen = tmp_path / "progress", []
    assert progress.read(file) is None
    monkeypatch.setattr(progress, "_written", [file])
    for page in range(1, 301):
        file.unlink(missing_ok=True)
        progress.came(page, 300)
        seen.append(progress.read(file))
    assert seen[-1] == documents.Come(300, 300)
    assert len([come for come in seen if come]) <= 51


def test_a_docx_has_no_pages_yet_and_tells_its_paragraphs(monkeypatch, tmp_path):
    made, file, told = docx.Document(), tmp_path / "progress", []
    for number in range(120):
        made.add_paragraph(f"第{number}段")
    made.add_table(rows=2, cols=2)
    out = io.BytesIO()
    made.save(out)
    monkeypatch.setattr(progress, "_written", [file])
    honest = progress.came
    monkeypatch.setattr(docx_format, "came", lambda *given: (honest(*given), told.append(progress.read(file))))
    docx_format.extract(out.getvalue(), limits.DEFAULT)
    told = [come for come in told if come]
    assert {come.unit for come in told} == {"paragraph"} and told[-1] == documents.Come(122, 122, "paragraph")
    assert [come.done for come in told] == sorted(come.done for come in told)


def scan(pages: int = 2) -> bytes:
    images = [Image.new("L", (300, 400), 200) for _ in range(pages)]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:])
    return out.getvalue()


def test_pdf_of_scans_is_refused_with_what_to_do():
    with pytest.raises(Invalid) as caught:
        documents.extract(scan(), "scan.pdf")
    assert (caught.value.code, caught.value.params) == ("file.scan_only", {"pages": 2})


def test_pdf_without_anything_is_refused():
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.showPage()
    canvas.save()
    with pytest.raises(Invalid, match="no_text"):
        documents.extract(out.getvalue(), "blank.pdf")


def test_pdf_whose_font_names_no_characters_is_not_read_as_noise():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(rendering.render_text_pdf("供水应急调度"))))
    fonts = writer.pages[0]["/Resources"]["/Font"]
    for name, reference in list(fonts.items()):
        font = reference.get_object()
        if font["/Subtype"] != "/TrueType":
            del fonts[name]
            continue
        font.pop("/ToUnicode", None)
        descriptor = font.pop("/FontDescriptor")
        font.update(fonts_as_cid(writer, descriptor))
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Invalid, match="unreadable_text"):
        documents.extract(out.getvalue(), "cid.pdf")


def fonts_as_cid(writer, descriptor):
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

    system = DictionaryObject(
        {
            NameObject("/Registry"): TextStringObject("Adobe"),
            NameObject("/Ordering"): TextStringObject("Identity"),
            NameObject("/Supplement"): NumberObject(0),
        }
    )
    cid = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType2"),
            NameObject("/BaseFont"): NameObject("/X"),
            NameObject("/CIDSystemInfo"): system,
            NameObject("/FontDescriptor"): descriptor,
        }
    )
    return {
        NameObject("/Subtype"): NameObject("/Type0"),
        NameObject("/Encoding"): NameObject("/Identity-H"),
        NameObject("/DescendantFonts"): ArrayObject([writer._add_object(cid)]),
    }


def test_every_accepted_type_has_its_limits_as_data():
    assert set(limits.EXTENSIONS.values()) == set(limits.MEDIA) == {f.name for f in FORMATS}
    assert limits.DEFAULT.memory_bytes <= 512 * 1024 * 1024 and limits.DEFAULT.cpu_seconds <= 10


def test_words_of_a_slide_that_only_the_fallback_of_an_alternative_holds_are_read_once():
    with zipfile.ZipFile(io.BytesIO(packages.presentation("供水能力\n正文"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    slide = "ppt/slides/slide0.xml"
    box = b"<p:sp><p:nvSpPr><p:cNvPr id='7' name='b'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>%s</p:sp>"
    words = b"<p:txBody><a:bodyPr/><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:txBody>"
    made = b"<mc:AlternateContent xmlns:mc='%s'><mc:Choice Requires='x'>%s</mc:Choice><mc:Fallback>%s</mc:Fallback></mc:AlternateContent>"
    space, only, both = ooxml.MC.encode(), words % "只在备用里".encode(), words % "两处都有".encode()
    inner = made % (space, box % b"", box % only) + made % (space, box % both, box % both)
    parts[slide] = parts[slide].replace(b"</p:spTree>", inner + b"</p:spTree>")
    text = documents.extract(office.package(parts), "a.pptx").text
    assert text.count("只在备用里") == text.count("两处都有") == 1


def test_words_of_a_drawing_that_only_the_fallback_of_an_alternative_holds_are_read():
    space = next(iter(ooxml.DRAWING))
    drawing = etree.fromstring(
        f"<x xmlns:a='{space}' xmlns:mc='{ooxml.MC}'><mc:AlternateContent><mc:Choice Requires='x'><a:p/></mc:Choice>"
        "<mc:Fallback><a:p><a:r><a:t>只在备用里</a:t></a:r></a:p></mc:Fallback></mc:AlternateContent></x>"
    )
    assert ooxml.drawn_paragraphs(drawing) == ["只在备用里"]


@pytest.mark.parametrize(
    "made",
    [
        lambda: tables.write("xlsx", "机密", ("字号", "数"), [("一", "=1+1")], "周启明 2026-11-25"),
        lambda: tables.workbook([tables.Sheet("台账", ("字号", "数"), (("一", 1),))]),
    ],
    ids=["a list", "figures"],
)
def test_a_workbook_tells_nothing_of_when_it_was_written(made: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch):
    first = made()
    monkeypatch.setattr(zipfile.time, "localtime", lambda *_: time.struct_time((2031, 5, 6, 7, 8, 9, 0, 126, 0)))
    assert made() == first
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in package.read("docProps/core.xml")
