"""The conformance suite over FORMATS: stamp, read back, twice is once, body unchanged, every verdict."""

from __future__ import annotations

import io
import zipfile
from collections import Counter

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject, NumberObject

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import fonts, labels, rendering
from dingmi.engines.documents.formats import docx_mark, pdf, pdf_mark
from dingmi.engines.documents.limits import DEFAULT
from dingmi.engines.documents.registry import FORMATS
from tests.engines import office

MARK = "机密★10年"
LABEL = {"v": 1, "label_id": "L1", "level": "机密", "mark": MARK, "org": "清江市水务局"}
BODY = "青龙山水厂设计供水能力每日四十万立方米。"
SAMPLES = {
    "docx": office.simple(BODY, "第二段。"),
    "pdf": rendering.render_text_pdf(f"{BODY}\n第二段。"),
    "txt": f"{BODY}\n第二段。".encode("gb18030"),
}


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
    if fmt.name == "docx":
        assert twice == once
    else:
        with pypdfium2.PdfDocument(twice) as document:
            assert pdf.page_text(document[0]).count("★") == 1


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f.name)
def test_file_that_is_not_of_the_format_is_refused(fmt):
    for data in (b"\x00\x01\x02" * 50, SAMPLES["docx"][:200]):
        with pytest.raises(Invalid) as caught:
            documents.stamp(data, fmt.name, MARK, LABEL)
        assert caught.value.code.startswith("file.")


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_changed_mark_shows_the_old_one_struck(kind):
    data = documents.stamp(
        stamped(kind), kind, "秘密★10年", LABEL, strike=MARK, note="2026年8月15日变更，清水务密〔2026〕27号"
    )
    found = documents.verify(data, kind)
    assert found.word == "valid"
    assert found.mark.visible == "机密★10年 秘密★10年（2026年8月15日变更，清水务密〔2026〕27号）"


@pytest.mark.parametrize("kind", ["docx", "pdf"])
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
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode())
    return office.package(parts)


def test_altered_docx_is_named_for_what_was_altered():
    data = stamped("docx")
    looks = register("docx", data)
    main, label = "word/document.xml", "customXml/itemDingmi.xml"
    assert documents.verify(edited(data, main, "四十万", "五十万"), "docx", *looks).word == "altered-content"
    assert documents.verify(edited(data, main, "机密★10年", "秘密★10年"), "docx", *looks).word == "altered-mark"
    assert documents.verify(edited(data, label, "清江市", "浊江市"), "docx", *looks).word == "altered-mark"
    small = edited(data, main, '<w:sz w:val="32"/>', '<w:sz w:val="2"/>')
    assert documents.verify(small, "docx", *looks).word == "altered-mark"
    pale = edited(data, main, '<w:color w:val="000000"/>', '<w:color w:val="FFFFFF"/>')
    assert documents.verify(pale, "docx", *looks).word == "altered-mark"


def test_label_moved_to_another_body_is_found():
    other = documents.stamp(office.simple("另一份文件的正文。"), "docx", MARK, {**LABEL, "label_id": "L2"})
    looks = register("docx", stamped("docx"))
    with zipfile.ZipFile(io.BytesIO(stamped("docx"))) as archive:
        stolen = archive.read("customXml/itemDingmi.xml")
    with zipfile.ZipFile(io.BytesIO(other)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts["customXml/itemDingmi.xml"] = stolen
    assert documents.verify(office.package(parts), "docx", *looks).word == "altered-content"


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


@pytest.mark.parametrize("kind", ["docx", "pdf"])
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
        with zipfile.ZipFile(io.BytesIO(again)) as archive:
            headers = [archive.read(n).decode() for n in archive.namelist() if "header" in n and "rels" not in n]
        assert len(headers) == 3 and all("周启明" in h and "林婉" not in h for h in headers)


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
        assert docx_mark._LABEL_PART in archive.namelist()
