"""The conformance suite over FORMATS: stamp, read back, twice is once, body unchanged, every verdict."""

from __future__ import annotations

import io
import zipfile
from collections import Counter

import openpyxl
import pypdfium2
import pytest
from fontTools.ttLib import TTFont as FontFile
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject, NumberObject

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import fonts, labels, rendering
from dingmi.engines.documents.formats import docx_mark, package_edit, pdf, pdf_mark
from dingmi.engines.documents.limits import DEFAULT
from dingmi.engines.documents.registry import FORMATS
from tests.engines import layouts, office, packages

MARK = "机密★10年"
LABEL = {"v": 1, "label_id": "L1", "level": "机密", "mark": MARK, "org": "清江市水务局"}
BODY = "青龙山水厂设计供水能力每日四十万立方米。"
SAMPLES = {
    "docx": office.simple(BODY, "第二段。"),
    "xlsx": packages.workbook(BODY, "第二段。", more=True),
    "pptx": packages.presentation(f"供水能力\n{BODY}", "第二段。", more=True),
    "ofd": layouts.ofd(f"{BODY}\n第二段。", "第二页。", more=True),
    "pdf": rendering.render_text_pdf(f"{BODY}\n第二段。"),
    "txt": f"{BODY}\n第二段。".encode("gb18030"),
}


MARKED = [f.name for f in FORMATS if f.name == f.stamped_kind]


WATERMARKED = {"docx": 3, "xlsx": 3, "pptx": 4, "ofd": 2}  # parts that show the reader: headers, sheets, slides, pages


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def stamped(kind: str, **more) -> bytes:
    return documents.stamp(SAMPLES[kind], kind, MARK, LABEL, **more)


def register(kind: str, data: bytes, **changes):
    """The two look-ups over a register that holds one stamped file."""
    found, digest = documents.read_mark(data, kind), documents.content_sm3(data, kind)
    record = {"label": LABEL, "content_sm3": digest, "mark": found.visible, "superseded": False, **changes}
    return (lambda d: record if d == digest else None), (lambda i: record if i == "L1" else None)


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f.name)
def test_mark_survives_the_round_trip_and_the_body_stays(fmt):
    data = stamped(fmt.name)
    found = documents.read_mark(data, fmt.stamped_kind)
    assert (found.visible, found.place_ok) == (MARK, True)
    assert labels.unbound(found.label) == LABEL
    before = documents.extract(SAMPLES[fmt.name], f"a.{fmt.name}")
    after = documents.extract(data, f"a.{fmt.stamped_kind}")
    assert after.text == before.text and after.own_mark == MARK and before.own_mark == ""


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f.name)
def test_stamping_twice_is_stamping_once(fmt):
    once = stamped(fmt.name)
    twice = documents.stamp(once, fmt.stamped_kind, MARK, LABEL)
    assert documents.read_mark(twice, fmt.stamped_kind) == documents.read_mark(once, fmt.stamped_kind)
    assert abs(len(twice) - len(once)) < 100
    if fmt.stamped_kind in {"docx", "xlsx", "pptx"}:
        assert twice == once
    elif fmt.stamped_kind == "ofd":  # every object has an id of its own, and none is given twice
        assert {n: len(d) for n, d in parts_of(twice).items()} == {n: len(d) for n, d in parts_of(once).items()}
    else:
        with pypdfium2.PdfDocument(twice) as document:
            assert pdf.page_text(document[0]).count("★") == 1


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f.name)
def test_file_that_is_not_of_the_format_is_refused(fmt):
    for data in (b"\x00\x01\x02" * 50, SAMPLES["docx"][:200]):
        with pytest.raises(Invalid) as caught:
            documents.stamp(data, fmt.name, MARK, LABEL)
        assert caught.value.code.startswith("file.")


@pytest.mark.parametrize("kind", MARKED)
def test_changed_mark_shows_the_old_one_struck(kind):
    data = documents.stamp(
        stamped(kind), kind, "秘密★10年", LABEL, strike=MARK, note="2026年8月15日变更，清水务密〔2026〕27号"
    )
    found = documents.verify(data, kind)
    assert found.word == "valid"
    assert found.mark.visible == "机密★10年 秘密★10年（2026年8月15日变更，清水务密〔2026〕27号）"


@pytest.mark.parametrize("kind", MARKED)
def test_verdict_valid_superseded_unknown_and_stripped(kind):
    data = stamped(kind)
    lookup, by_label = register(kind, data)
    assert documents.verify(data, kind, lookup, by_label).word == "valid"
    assert documents.verify(data, kind).word == "valid"
    assert documents.verify(data, kind, *register(kind, data, superseded=True)).word == "superseded"
    assert documents.verify(data, kind, lambda d: None, lambda i: None).word == "unknown"
    assert documents.verify(SAMPLES[kind], kind, lookup, by_label).word == "stripped-known"
    assert documents.verify(SAMPLES[kind], kind, lambda d: None, by_label).word == "unknown"


def edited(data: bytes, name: str, old: str, new: str) -> bytes:
    parts = parts_of(data)
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode())
    return office.package(parts)


def test_label_moved_to_another_body_is_found():
    other = documents.stamp(office.simple("另一份文件的正文。"), "docx", MARK, {**LABEL, "label_id": "L2"})
    looks = register("docx", stamped("docx"))
    parts = parts_of(other)
    parts["customXml/itemDingmi.xml"] = parts_of(stamped("docx"))["customXml/itemDingmi.xml"]
    assert documents.verify(office.package(parts), "docx", *looks).word == "altered-content"


TEXT, ITEM = "word/document.xml", "customXml/itemDingmi.xml"
SHEET, COVER = "xl/worksheets/sheet1.xml", "xl/worksheets/sheetDingmi.xml"
SLIDE, NEXT_SLIDE = "ppt/slides/slide0.xml", "ppt/slides/slide1.xml"
PAGE, NEXT_PAGE = "DOC_0/Pages/Page_0/Content.xml", "DOC_0/Pages/Page_1/Content.xml"
RESOURCES = "Doc_0/DingmiRes.xml"
ALTERED = {
    "docx": {
        (TEXT, "四十万", "五十万"): "altered-content",
        (TEXT, "机密★10年", "秘密★10年"): "altered-mark",
        (TEXT, '<w:sz w:val="32"/>', '<w:sz w:val="2"/>'): "altered-mark",
        (TEXT, '<w:color w:val="000000"/>', '<w:color w:val="FFFFFF"/>'): "altered-mark",
        (ITEM, "清江市", "浊江市"): "altered-mark",
    },
    "xlsx": {
        (SHEET, "四十万", "五十万"): "altered-content",
        (SHEET, "B1+B2", "B1*B2"): "altered-content",
        (COVER, "机密★10年", "秘密★10年"): "altered-mark",
        (COVER, 'val="16"', 'val="2"'): "altered-mark",
        (COVER, "FF000000", "FFFFFFFF"): "altered-mark",
        (COVER, 'ht="26"', 'ht="0"'): "altered-mark",
        (COVER, 'width="80"', 'width="0"'): "altered-mark",
        (SHEET, "机密★10年", "秘密★10年"): "altered-mark",
        (SHEET, "机密★10年", "无关的话"): "altered-content",
        (ITEM, "清江市", "浊江市"): "altered-mark",
    },
    "pptx": {
        (SLIDE, "四十万", "五十万"): "altered-content",
        ("ppt/notes.xml", "讲稿", "原稿"): "altered-content",
        (SLIDE, "机密★10年", "秘密★10年"): "altered-mark",
        (NEXT_SLIDE, "机密★10年", "秘密★10年"): "altered-mark",
        (NEXT_SLIDE, "机密★10年", "无关的话"): "altered-content",
        (NEXT_SLIDE, 'sz="1600"', 'sz="100"'): "altered-mark",
        (SLIDE, "000000", "FFFFFF"): "altered-mark",
        (SLIDE, '<a:off x="177800"', '<a:off x="99177800"'): "altered-mark",
    },
    "ofd": {
        (PAGE, "青龙山", "青虎山"): "altered-content",
        (NEXT_PAGE, "第", "苐"): "altered-content",
        ("Doc_0/Annots/Page_0/Annotation.xml", "已阅", "未阅"): "altered-content",
        ("Doc_0/PublicRes.xml", "SimSun", "SimHei"): "altered-content",
        (PAGE, "机密★10年", "秘密★10年"): "altered-mark",
        (PAGE, 'Size="5.644"', 'Size="0.100"'): "altered-mark",
        (PAGE, 'Value="0 0 0"', 'Value="255 255 255"'): "altered-mark",
        (PAGE, 'Boundary="28.000 ', 'Boundary="300.000 '): "altered-mark",
        (PAGE, "机密★10年", "无关的话"): "altered-content",
        (RESOURCES, "DingmiMark", "OtherFont"): "altered-content",
        (RESOURCES, 'Type="RGB"', 'Type="CMYK"'): "altered-mark",
        (RESOURCES, "DingmiMark.ttf", "DingmiWatermark.ttf"): "altered-mark",
        ("OFD.xml", "清江市", "浊江市"): "altered-mark",
    },
}


@pytest.mark.parametrize("kind", ALTERED)
def test_altered_file_is_named_for_what_was_altered(kind):
    data = stamped(kind)
    looks = register(kind, data)
    for change, word in ALTERED[kind].items():
        assert documents.verify(edited(data, *change), kind, *looks).word == word, change


def test_ofd_whose_font_draws_other_characters_for_those_of_the_mark_is_altered():
    data = stamped("ofd")
    part = "Doc_0/DingmiRes/DingmiMark.ttf"
    parts = parts_of(data)
    other = FontFile(io.BytesIO(parts[part]))
    glyphs, names = other["glyf"], other.getBestCmap()
    glyphs[names[ord("机")]] = glyphs[names[ord("年")]]  # reads as the mark, looks like another
    out = io.BytesIO()
    other.save(out)
    for font in (out.getvalue(), b"no font", parts[part][:500]):
        swapped = office.package({**parts, part: font})
        assert documents.verify(swapped, "ofd", *register("ofd", data)).word == "altered-mark"
    same = FontFile(io.BytesIO(parts[part]))
    same["head"].modified += 60
    out = io.BytesIO()
    same.save(out)
    resaved = office.package({**parts, part: out.getvalue()})
    assert out.getvalue() != parts[part] and documents.verify(resaved, "ofd", *register("ofd", data)).word == "valid"


def test_mark_in_ofd_stands_in_its_place_on_a_page_that_does_not_begin_at_nought():
    parts = parts_of(layouts.ofd(BODY))
    main = parts["Doc_0/Document.xml"]
    assert b"0 0 210 297" in main
    parts["Doc_0/Document.xml"] = main.replace(b"0 0 210 297", b"10 5 100 140")
    note = "2026年8月15日变更，清水务密〔2026〕27号"
    data = documents.stamp(office.package(parts), "ofd", "秘密★10年", LABEL, strike=MARK, note=note)
    assert documents.verify(data, "ofd").word == "valid"


def with_shared_strings(data: bytes) -> bytes:
    """A marked workbook as office programs write it again: the words of its cover stand in the shared strings."""
    parts = parts_of(data)
    cover, main = "xl/worksheets/sheetDingmi.xml", "xl/_rels/workbook.xml.rels"
    words = parts[cover].partition(b"<is>")[2].partition(b"</is>")[0]
    parts[cover] = parts[cover].replace(b"<is>" + words + b"</is>", b"<v>1</v>").replace(b'"inlineStr"', b'"s"')
    parts["xl/sharedStrings.xml"] = (
        b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t/></si><si>"
        + words
        + b"</si></sst>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="rStrings" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    parts[main] = parts[main].replace(b"</Relationships>", relation.encode())
    return office.package(parts)


def test_cover_of_a_workbook_is_known_when_its_words_stand_among_the_shared_strings():
    data = stamped("xlsx")
    shared, looks = with_shared_strings(data), register("xlsx", data)
    assert documents.verify(shared, "xlsx", *looks).word == "valid"
    assert documents.extract(shared, "a.xlsx").text == documents.extract(data, "a.xlsx").text
    twice = documents.stamp(shared, "xlsx", MARK, LABEL)
    assert openpyxl.load_workbook(io.BytesIO(twice)).sheetnames == ["标志", "供水能力", "底稿"]
    pale = edited(shared, "xl/sharedStrings.xml", "FF000000", "FFFFFFFF")
    assert documents.verify(pale, "xlsx", *looks).word == "altered-mark"


def test_workbook_with_a_sheet_of_its_own_that_is_called_as_the_cover_is_refused():
    book = openpyxl.load_workbook(io.BytesIO(SAMPLES["xlsx"]))
    book.create_sheet("标志")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Invalid, match=r"mark\.cover_taken"):
        documents.stamp(out.getvalue(), "xlsx", MARK, LABEL)


def test_taking_the_label_out_leaves_a_part_whose_name_ends_alike():
    parts = parts_of(stamped("docx"))
    main, own = "word/_rels/document.xml.rels", "customXml/_rels/itemDingmi.xml.rels"
    foreign = (
        '<Relationship Id="rOld" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"'
    )
    parts[main] = parts[main].replace(
        b"</Relationships>", f'{foreign} Target="../customXml/olditemDingmi.xml"/></Relationships>'.encode()
    )
    parts["customXml/olditemDingmi.xml"] = b"<foreign/>"
    parts[own] = office.rels().encode()
    bare = parts_of(docx_mark.unmark(office.package(parts), DEFAULT))
    assert b"olditemDingmi.xml" in bare[main] and b"/itemDingmi.xml" not in bare[main]
    assert "customXml/olditemDingmi.xml" in bare and own not in bare


def test_mark_in_ofd_is_set_in_an_embedded_font_with_the_width_of_every_character():
    page = parts_of(stamped("ofd"))["DOC_0/Pages/Page_0/Content.xml"].decode()
    parts = parts_of(stamped("ofd"))
    assert parts["Doc_0/DingmiRes/DingmiMark.ttf"].startswith(b"\x00\x01\x00\x00")
    assert (
        b"DingmiMark.ttf" in parts["Doc_0/DingmiRes.xml"]
        and b"<ofd:DocumentRes>DingmiRes.xml" in parts["Doc_0/Document.xml"]
    )
    own = page[page.rindex("<ofd:Layer") :]
    assert own.count("DeltaX") == 1 and len(own.split('DeltaX="')[1].split('"')[0].split()) == len(MARK) - 1


def test_mark_in_ofd_keeps_clear_of_what_stands_at_its_place():
    crowded = layouts.ofd("")
    line = layouts.text_object(50, 28, 24, "发文机关标志")
    parts = parts_of(crowded)
    parts["DOC_0/Pages/Page_0/Content.xml"] = parts["DOC_0/Pages/Page_0/Content.xml"].replace(
        b"</ofd:Layer>", line.encode() + b"</ofd:Layer>"
    )
    data = documents.stamp(office.package(parts), "ofd", MARK, LABEL)
    assert 'Boundary="28.000 16.000' in parts_of(data)["DOC_0/Pages/Page_0/Content.xml"].decode()
    assert documents.read_mark(data, "ofd").place_ok


def test_signed_ofd_is_not_rewritten():
    signed = layouts.ofd(BODY, body="<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>")
    with pytest.raises(Invalid, match="signed"):
        documents.stamp(signed, "ofd", MARK, LABEL)


def test_marked_workbook_opens_with_another_reader_and_keeps_formulas_sheets_and_print_titles():
    book = openpyxl.load_workbook(io.BytesIO(stamped("xlsx")))
    assert book.sheetnames == ["标志", "供水能力", "底稿"]
    cover, sheet = book.worksheets[:2]
    assert (cover["A1"].value, sheet["B3"].value, sheet.print_title_rows) == (MARK, "=B1+B2", "$1:$1")
    header = parts_of(stamped("xlsx"))["xl/worksheets/sheet1.xml"].decode().partition("<oddHeader>")[2]
    assert (
        header.startswith(f'&amp;L&amp;16&amp;"黑体,常规"{MARK}&amp;"-,常规"&amp;10\n2026年度&amp;C清江市水务局')
        and book["底稿"].sheet_state == "hidden"
    )


def test_workbook_that_is_printed_with_other_first_and_even_pages_shows_the_mark_on_them():
    book = openpyxl.load_workbook(io.BytesIO(SAMPLES["xlsx"]))
    book.worksheets[0].HeaderFooter.differentFirst = book.worksheets[0].HeaderFooter.differentOddEven = True
    out = io.BytesIO()
    book.save(out)
    data = documents.stamp(out.getvalue(), "xlsx", MARK, LABEL)
    assert parts_of(data)["xl/worksheets/sheet1.xml"].decode().count(MARK) == 3
    with_bare_first = edited(data, "xl/worksheets/sheet1.xml", "firstHeader>", "firstFooter>")
    assert documents.verify(with_bare_first, "xlsx").word != "valid"


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx", "ofd"])
def test_public_copy_carries_neither_mark_nor_label_nor_watermark(kind):
    data = documents.watermark(stamped(kind), kind, "林婉 2026-11-23 15:02")
    bare = documents.public_copy(data, kind)
    assert documents.read_mark(bare, kind) == documents.ReadMark("", None, False)
    assert documents.content_sm3(bare, kind) == documents.content_sm3(documents.public_copy(SAMPLES[kind], kind), kind)
    everything = "".join(d.decode(errors="ignore") for d in parts_of(bare).values())
    assert "★" not in everything and "林婉 2026" not in everything


def test_no_text_hides_behind_our_own_tag():
    data = stamped("docx")
    hidden = edited(data, "word/document.xml", "机密★10年</w:t>", "泄露的供水数据</w:t>")
    assert "泄露的供水数据" in documents.extract(hidden, "a.docx").text
    assert documents.verify(hidden, "docx", *register("docx", data)).word != "valid"


def rewritten(data: bytes, change) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_altered_pdf_is_named_for_what_was_altered():
    data = stamped("pdf")
    looks = register("pdf", data)

    def body(writer):
        contents = writer.pages[0]["/Contents"]
        for index, item in enumerate(contents):
            if pdf_mark.OWN not in item.get_object():
                new = DecodedStreamObject()
                new.set_data(item.get_object().get_data() + b"\n0 0 10 10 re f")
                contents[index] = writer._add_object(new)

    def moved(writer):
        stream = writer.pages[0]["/Contents"][-1].get_object()
        stream.set_data(b"Q q 1.0 0.0 0.0 1.0 300.0 20.0 cm /DingmiMark Do Q")

    def smuggled(writer):
        stream = writer.pages[0]["/Contents"][-1].get_object()
        stream.set_data(stream.get_data() + b" 0 0 500 500 re f")

    def other_label(writer):
        metadata = writer.root_object["/Metadata"].get_object()
        metadata.set_data(metadata.get_data().replace("清江市".encode(), "浊江市".encode()))

    assert documents.verify(rewritten(data, lambda w: None), "pdf", *looks).word == "valid"
    assert documents.verify(rewritten(data, body), "pdf", *looks).word == "altered-content"
    assert documents.verify(rewritten(data, moved), "pdf", *looks).word == "altered-mark"
    assert documents.verify(rewritten(data, smuggled), "pdf", *looks).word == "altered-content"
    assert documents.verify(rewritten(data, other_label), "pdf", *looks).word == "altered-mark"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_mark_is_top_left_as_shown_on_turned_pages(turn):
    def rotate(writer):
        writer.pages[0][NameObject("/Rotate")] = NumberObject(turn)

    data = pdf_mark.stamp(rewritten(SAMPLES["pdf"], rotate), DEFAULT, MARK, LABEL)
    assert pdf_mark.read_mark(data, DEFAULT).place_ok
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        width, height = page.get_size()
        image = page.render(scale=1).to_pil().convert("L")
    corner = image.crop((0, 0, int(width * 0.45), int(height * 0.13)))
    assert sum(corner.histogram()[:128]) > 60


def test_mark_is_embedded_and_inked_and_place_is_type_area_left():
    data = stamped("pdf")
    form = PdfReader(io.BytesIO(data)).pages[0]["/Resources"]["/XObject"][pdf_mark.MARK]
    embedded = [f.get_object() for f in form["/Resources"]["/Font"].values()]
    assert any("/FontFile2" in f["/FontDescriptor"] for f in embedded if "/FontDescriptor" in f)
    with pypdfium2.PdfDocument(data) as document:
        image = document[0].render(scale=2).to_pil().convert("L").point(lambda v: 255 * (v < 128))
        left, top = image.getbbox()[:2]
    assert abs(left / 2 - pdf_mark.LEFT) < 4 and top / 2 < 37 * pdf_mark.MM


@pytest.mark.parametrize("kind", MARKED)
def test_watermark_names_the_reader_and_keeps_mark_and_content(kind):
    data = stamped(kind)
    shown = documents.watermark(data, kind, "林婉 2026-11-23 15:02")
    assert documents.verify(shown, kind, *register(kind, data)).word == "valid"
    again = documents.watermark(shown, kind, "周启明 2026-11-24 09:00")
    assert documents.verify(again, kind, *register(kind, data)).word == "valid"
    assert documents.extract(again, f"a.{kind}").text == documents.extract(data, f"a.{kind}").text
    if kind == "pdf":
        with pypdfium2.PdfDocument(again) as document:
            text = pdf.page_text(document[0])
        assert "周启明" in text and "林婉" not in text and "★" in text
    else:
        parts = [data.decode() for name, data in parts_of(again).items() if name.endswith(".xml")]
        assert sum("周启明" in part for part in parts) == WATERMARKED[kind] and not any(
            "林婉" in part for part in parts
        )


def test_printed_copy_of_a_signed_mark_carries_the_statement_as_a_code_that_can_be_scanned():
    import segno

    label = {**LABEL, "key_id": "k" * 16, "signature": "c2ln"}
    data = documents.watermark(documents.stamp(SAMPLES["pdf"], "pdf", MARK, label), "pdf", "林婉")
    stated = documents.stated(documents.read_mark(data, "pdf").label)
    assert (stated.visible, stated.key_id) == (MARK, "k" * 16) and documents.read_code(stated.code) == stated
    modules = [list(row) for row in segno.make(stated.code, error="m", micro=False).matrix]
    with pypdfium2.PdfDocument(data) as document:
        width, height = document[0].get_size()
        image = document[0].render(scale=4).to_pil().convert("L")
    step = pdf_mark.CODE_SIDE / len(modules)
    left, top = width - pdf_mark.CODE_SIDE - pdf_mark.CODE_EDGE, height - pdf_mark.CODE_EDGE - pdf_mark.CODE_SIDE
    seen = [
        [
            image.getpixel((int(4 * (left + (c + 0.5) * step)), int(4 * (top + (r + 0.5) * step)))) < 128
            for c in range(len(row))
        ]
        for r, row in enumerate(modules)
    ]
    assert seen == [[bool(dark) for dark in row] for row in modules]
    assert documents.read_code("随便什么文字") is None


def test_docx_with_existing_headers_keeps_them_under_the_watermark():
    data = office.everything()
    shown = documents.watermark(data, "docx", "林婉")
    want, have = (Counter(documents.extract(d, "a.docx").text) for d in (data, shown))
    assert want == have


def test_stamped_docx_opens_with_another_reader():
    import docx
    from docx.oxml.ns import qn

    first = docx.Document(io.BytesIO(stamped("docx"))).element.body[0]
    assert [t.text for t in first.iter(qn("w:t"))] == [MARK]


@pytest.mark.parametrize("mark", ["", "  ", "机密★10年\u202e", "机" * 300, "机密\n★"])
def test_mark_that_cannot_be_shown_is_refused(mark):
    with pytest.raises(Invalid, match="malformed"):
        labels.visible_text(mark, None, None)


def test_mark_is_shown_above_content_that_fills_the_page():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(rendering.render_text_pdf("字" * 900))))
    page = writer.pages[0]
    page.cropbox.upper_right = (float(page.cropbox.right), 297 * pdf_mark.MM - 20 * pdf_mark.MM)
    out = io.BytesIO()
    writer.write(out)
    assert pdf_mark.read_mark(pdf_mark.stamp(out.getvalue(), DEFAULT, MARK, LABEL), DEFAULT).place_ok


def test_page_preview_is_a_picture_within_limits():
    assert documents.page_png(SAMPLES["pdf"], 1, 0.5).startswith(b"\x89PNG")
    for page, scale in ((2, 1), (0, 1), (1, 100)):
        with pytest.raises(Invalid, match=r"page_(range|scale)"):
            pdf.page_png(SAMPLES["pdf"], DEFAULT, page, scale)


def test_file_helpers_of_the_command_line():
    data, media = documents.stamp_file(SAMPLES["txt"], "a.txt", MARK, {"v": 1})
    assert media == "application/pdf"
    assert documents.verify_file(data, "a.pdf")["verdict"] == "valid"
    assert documents.verify_file(SAMPLES["docx"], "a.docx")["verdict"] == "unknown"


def test_signed_pdf_is_not_rewritten():
    from pypdf.generic import DictionaryObject

    def sign(writer):
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/SigFlags"): NumberObject(3)})

    with pytest.raises(Invalid, match="signed"):
        pdf_mark.stamp(rewritten(SAMPLES["pdf"], sign), DEFAULT, MARK, LABEL)


def test_character_missing_from_the_font_is_shown_as_a_gap_not_dropped():
    assert fonts.register("水\U000f0000", fonts.REGULAR)[1] == "水 "
    assert fonts.register("水\u1e9e\U00012000", fonts.REGULAR)[1].endswith("〓")


def test_custom_property_carries_the_visible_mark():
    with zipfile.ZipFile(io.BytesIO(stamped("docx"))) as archive:
        assert MARK in archive.read("docProps/custom.xml").decode()
        assert package_edit.LABEL_PART in archive.namelist()
