"""What files carry and do not show is told, and is in no part of a copy for the public (SR-81)."""

from __future__ import annotations

import io
import re
import struct
from typing import Any

import docx as python_docx
import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from dingmi.engines import documents
from dingmi.engines.documents.formats import picture_data
from dingmi.engines.documents.registry import FORMATS
from tests.engines import layouts, office, packages
from tests.engines.test_documents_marks import SAMPLES, parts_of

WHO = "李隐名"
SECRET = "底数四十七万"
CORE = (
    "<cp:coreProperties xmlns:cp='urn:x' xmlns:dc='urn:y'><dc:creator>李隐名</dc:creator>"
    "<cp:keywords>底数四十七万</cp:keywords><cp:revision>7</cp:revision></cp:coreProperties>"
)
APP = "<Properties><Company>李隐名公司</Company><Application>Word</Application></Properties>"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xe1\x00\x1bExif\0\0"
    + SECRET.encode()
    + b"!\xff\xda\0\x02\xff\xd9"
)


def told(data: bytes, kind: str) -> dict[str, int]:
    return {t.kind: t.count for t in documents.traces(data, kind)}


def words(data: bytes, kind: str) -> str:
    return " ".join(w for t in documents.traces(data, kind) for w in t.words)


def whole(data: bytes, kind: str) -> bytes:
    """Everything in a file, unpacked."""
    if kind != "pdf":
        return b"\n".join([*(n.encode() for n in parts_of(data)), *parts_of(data).values()])
    reader = PdfReader(io.BytesIO(data))
    values = [
        reader.get_object(number) for number in range(1, len(reader.xref.get(0, {})) + 60) if _is_there(reader, number)
    ]
    streams = [v.get_data() for v in values if hasattr(v, "get_data")]
    return data + b"\n".join([*(str(v).encode() for v in values), *streams])


def _is_there(reader: PdfReader, number: int) -> bool:
    return number in reader.xref.get(0, {}) or number in reader.xref_objStm


def with_parts(data: bytes, *, rels: dict[str, str] | None = None, **parts: str | bytes) -> bytes:
    """Put parts in, by name with ``__`` for ``/``; ``rels`` adds relations to a list of them."""
    held: dict[str, Any] = parts_of(data)
    for name, entries in (rels or {}).items():
        old = held.get(name, office.rels().encode())
        held[name] = old.replace(
            b"</Relationships>", entries.replace("{r}", office.RELS).encode() + b"</Relationships>"
        )
    held |= {name.replace("__", "/"): content for name, content in parts.items()}
    return office.package(held)


def related(ident: str, kind: str, target: str, mode: str = "") -> str:
    more = f" TargetMode='{mode}'" if mode else ""
    return f"<Relationship Id='{ident}' Type='{{r}}/{kind}' Target='{target}'{more}/>"


PROPERTIES = related("cp", "core-properties", "docProps/core.xml") + related(
    "ap", "extended-properties", "docProps/app.xml"
)


# --- docx --------------------------------------------------------------------------------------------------------


def document() -> bytes:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p><w:commentRangeStart w:id='0'/>{run.format('甲')}<w:commentRangeEnd w:id='0'/><w:r><w:commentReference w:id='0'/></w:r>"
        f"<w:ins w:author='{WHO}' w:id='1'>{run.format('乙')}</w:ins><w:del w:author='{WHO}' w:id='2'><w:r><w:delText>{SECRET}</w:delText>"
        f"</w:r></w:del><w:moveFrom w:author='{WHO}' w:id='3'>{run.format(SECRET)}</w:moveFrom></w:p>"
        f"<w:p><w:pPr><w:rPr><w:del w:author='{WHO}' w:id='4'/></w:rPr></w:pPr>{run.format('丙')}</w:p>{office.p('丁')}"
        f"<w:tbl><w:tr><w:trPr><w:del w:author='{WHO}' w:id='5'/></w:trPr><w:tc>{office.p(SECRET)}</w:tc></w:tr>"
        f"<w:tr><w:tc>{office.p('戊')}</w:tc></w:tr></w:tbl>"
        f"<w:p><w:r><w:rPr><w:rPrChange w:author='{WHO}'><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr><w:t>己</w:t></w:r></w:p>"
        f"{office.p(SECRET, rpr='<w:vanish/>')}<w:p><w:drawing r:id='ch'/><w:drawing r:embed='im'/></w:p><w:sectPr/>"
    )
    chart = "<c:chartSpace xmlns:c='urn:c' xmlns:r='{r}'><c:externalData r:id='x'/></c:chartSpace>"
    types = office.content_types().replace("</Types>", "<Default Extension='jpeg' ContentType='image/jpeg'/></Types>")
    data = office.package(office.simple_parts(body, **{"[Content_Types].xml": types}))
    main = (
        related("co", "comments", "comments.xml")
        + related("pe", "people", "people.xml")
        + related("cx", "customXml", "../customXml/item1.xml")
        + related("se", "settings", "settings.xml")
        + related("ch", "chart", "charts/chart1.xml")
        + related("im", "image", "media/image1.jpeg")
        + related("gl", "glossaryDocument", "glossary/document.xml")
        + related("i2", "image", "media/deleted.jpeg")
        + related("h1", "header", "header1.xml")
        + related("l1", "hyperlink", f"mailto:{SECRET}", "External")
    )
    rels = {
        "_rels/.rels": PROPERTIES + related("th", "thumbnail", "docProps/thumbnail.jpeg"),
        "word/_rels/document.xml.rels": main,
        "word/charts/_rels/chart1.xml.rels": related("x", "package", "../embeddings/Book1.xlsx"),
    }
    comment = f"<w:comment w:id='0' w:author='{WHO}'>{office.p(SECRET)}</w:comment>"
    settings = f"<w:trackRevisions/><w:rsids><w:rsid w:val='00A1'/></w:rsids><w:docVars><w:docVar w:name='{SECRET}' w:val='1'/></w:docVars>"
    return with_parts(
        data,
        rels=rels,
        **{
            "docProps/core.xml": CORE,
            "docProps/app.xml": APP,
            "docProps/thumbnail.jpeg": JPEG,
            "word/comments.xml": office.root("comments", comment),
            "word/people.xml": office.root("people", f"<w:person w:author='{WHO}'/>"),
            "word/settings.xml": office.root("settings", settings),
            "word/charts/chart1.xml": chart,
            "word/embeddings/Book1.xlsx": packages.workbook(SECRET),
            "word/media/image1.jpeg": JPEG,
            "word/media/deleted.jpeg": JPEG,
            "word/header1.xml": office.root("hdr", office.p(SECRET)),
            "word/glossary/document.xml": office.root("glossaryDocument", SECRET),
            "customXml/item1.xml": f"<a>{SECRET}</a>",
            "notes/left.txt": SECRET,
        },
    )


def test_a_docx_tells_all_it_hides_and_its_public_copy_holds_none_of_it() -> None:
    data = document()
    assert told(data, "docx") == {
        "properties": 4,
        "comments": 2,
        "revisions": 6,
        "hidden_text": 1,
        "embedded": 1,
        "custom_xml": 1,
        "pictures": 1,
        "program_data": 2,
        "stray_parts": 4,
    }
    assert WHO in words(data, "docx") and SECRET in words(data, "docx")
    clean = documents.public_copy(data, "docx")
    assert told(clean, "docx") == {}
    everything = whole(clean, "docx")
    assert SECRET.encode() not in everything and WHO.encode() not in everything and b"Book1" not in everything
    assert documents.extract(clean, "a.docx").text.split("\n") == ["甲乙", "丙丁", "戊", "己"]
    assert [p.text for p in python_docx.Document(io.BytesIO(clean)).paragraphs][:2] == ["甲乙", "丙丁"]
    assert "word/media/image1.jpeg" in parts_of(clean) and "word/charts/chart1.xml" in parts_of(clean)


def test_what_is_on_no_list_is_told_and_stays_so_that_nobody_takes_it_for_clean() -> None:
    rels = {"word/_rels/document.xml.rels": related("z", "somethingNew", "new.xml")}
    data = with_parts(office.simple("正文"), rels=rels, **{"word/new.xml": f"<a>{SECRET}</a>"})
    assert told(data, "docx") == {"other_parts": 1}
    assert told(documents.public_copy(data, "docx"), "docx") == {"other_parts": 1}


# --- xlsx --------------------------------------------------------------------------------------------------------


def book() -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(packages.workbook("一", "二", more=True)))
    away = made["底稿"]
    away["A2"] = SECRET
    made.create_sheet("后表")["A1"] = "三"
    made.move_sheet("底稿", -1)  # hidden, and in front of what is shown
    sheet = made["供水能力"]
    sheet["A9"], sheet.row_dimensions[9].hidden = SECRET, True
    made.defined_names["旧名"] = openpyxl.workbook.defined_name.DefinedName("旧名", attr_text="底稿!$A$2", hidden=True)
    made["后表"].print_title_rows = "1:1"
    made.active = 2
    made.properties.creator = WHO
    out = io.BytesIO()
    made.save(out)
    held: dict[str, Any] = parts_of(out.getvalue())
    part = "xl/worksheets/sheet2.xml"
    held[part], count = re.subn(rb"<f>B1\+B2</f><v></v>", b"<f>B1+B2</f><v>7</v>", held[part])  # as a program leaves it
    assert count == 1
    main = held["xl/workbook.xml"].decode()
    held["xl/workbook.xml"] = main.replace("<bookViews>", f"<fileSharing userName='{WHO}'/><bookViews>")
    return office.package(held)


def test_a_workbook_tells_all_it_hides_and_its_public_copy_shows_the_same_cells() -> None:
    data = book()
    found = told(data, "xlsx")
    assert (
        found["hidden_sheets"] == 1 and found["hidden_cells"] == 2 and found["formulas"] == 1 and found["comments"] == 1
    )
    assert found["program_data"] == 1 and found["properties"] >= 2
    assert "底稿" in words(data, "xlsx") and SECRET in words(data, "xlsx") and WHO in words(data, "xlsx")
    clean = documents.public_copy(data, "xlsx")
    assert told(clean, "xlsx") == {}
    everything = whole(clean, "xlsx")
    for secret in (SECRET, WHO, "底稿", "旧名", "批注里的修改建议", "隐藏列的内容", packages.HIDDEN_CELL):
        assert secret.encode() not in everything, secret
    read = openpyxl.load_workbook(io.BytesIO(clean))
    assert read.sheetnames == ["供水能力", "后表"] and read["供水能力"]["B3"].value == 7 and read.active.title == "后表"
    assert read["供水能力"].print_title_rows == "$1:$1" and read["后表"].print_title_rows == "$1:$1"
    before = documents.extract(data, "a.xlsx").text.replace("批注里的修改建议\n", "")
    assert documents.extract(clean, "a.xlsx").text == before


def test_a_formula_without_a_value_stays_because_its_cell_would_show_nothing() -> None:
    data = packages.workbook("一", more=True)
    clean = documents.public_copy(data, "xlsx")
    assert told(clean, "xlsx") == {"formulas": 1} and words(clean, "xlsx") == "B1+B2"


# --- pptx --------------------------------------------------------------------------------------------------------


def slides() -> bytes:
    data = packages.presentation("一", "二", more=True)
    held: dict[str, Any] = parts_of(data)
    off = packages._box(8, SECRET).replace("id='8'", "id='8' hidden='1'")
    shown = "ppt/slides/slide1.xml"
    held[shown] = held[shown].replace(b"</p:spTree>", off.encode() + b"</p:spTree>")
    link = "<p:cNvPr id='2' name='框 2'><a:hlinkClick r:id='j'/></p:cNvPr>".encode()
    held[shown] = held[shown].replace("<p:cNvPr id='2' name='框 2'/>".encode(), link)
    main = "ppt/presentation.xml"
    shows = "<p:custShowLst><p:custShow name='放映' id='0'><p:sldLst><p:sld r:id='s3'/></p:sldLst></p:custShow></p:custShowLst>"
    held[main] = held[main].replace(b"<p:sldSz", f"{shows}<p:sldSz".encode())
    authors = f"<p:cmAuthorLst xmlns:p='{packages.P}'><p:cmAuthor id='0' name='{WHO}'/></p:cmAuthorLst>"
    comment = f"<p:cmLst xmlns:p='{packages.P}'><p:cm authorId='0'><p:text>{SECRET}</p:text></p:cm></p:cmLst>"
    rels = {
        "_rels/.rels": PROPERTIES,
        "ppt/_rels/presentation.xml.rels": related("ca", "commentAuthors", "authors.xml"),
        "ppt/slides/_rels/slide1.xml.rels": related("cm", "comments", "../comments.xml")
        + related("j", "slide", "slide3.xml"),
    }
    parts = {
        "ppt/authors.xml": authors,
        "ppt/comments.xml": comment,
        "docProps/core.xml": CORE,
        "docProps/app.xml": APP,
    }
    return with_parts(office.package(held), rels=rels, **parts)


def test_a_presentation_tells_all_it_hides_and_its_public_copy_holds_none_of_it() -> None:
    data = slides()
    assert told(data, "pptx") == {"properties": 3, "comments": 2, "hidden_text": 1, "hidden_slides": 1, "notes": 1}
    clean = documents.public_copy(data, "pptx")
    assert told(clean, "pptx") == {}
    everything = whole(clean, "pptx")
    for secret in (SECRET, WHO, packages.HIDDEN_SLIDE, "备注里的讲稿", "放映"):
        assert secret.encode() not in everything, secret
    assert documents.extract(clean, "a.pptx").pages == 3
    assert "二" in documents.extract(clean, "a.pptx").text


# --- ofd ---------------------------------------------------------------------------------------------------------


def test_an_ofd_tells_all_it_hides_and_its_public_copy_holds_none_of_it() -> None:
    info = f"<ofd:Author>{WHO}</ofd:Author><ofd:Keywords><ofd:Keyword>{SECRET}</ofd:Keyword></ofd:Keywords>"
    data = with_parts(layouts.ofd("正文\n第二行", more=True, info=info), **{"Doc_0/left.bin": SECRET})
    assert told(data, "ofd") == {"properties": 2, "hidden_text": 1, "annotations": 1, "stray_parts": 1}
    clean = documents.public_copy(data, "ofd")
    assert told(clean, "ofd") == {}
    everything = whole(clean, "ofd")
    for secret in (SECRET, WHO, "看不见的一行", "已阅"):
        assert secret.encode() not in everything, secret
    assert documents.extract(clean, "a.ofd").text.split("\n")[1:] == ["正文", "第二行"]


# --- pdf ---------------------------------------------------------------------------------------------------------


def drawn(*, unseen: bool = False) -> bytes:
    """A page with text; with ``unseen`` also text without ink, and text under a white box drawn after it."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setAuthor(WHO)
    canvas.drawString(100, 700, "Shown on the page")
    if unseen:
        canvas.saveState()
        words = canvas.beginText(100, 650)
        words.setTextRenderMode(3)
        words.textLine("Without ink")
        canvas.drawText(words)
        canvas.restoreState()
        canvas.drawString(100, 600, "Under the box")
        canvas.setFillGray(1)
        canvas.rect(90, 590, 200, 30, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(200, 600, "Over the box")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def loaded() -> bytes:
    """A PDF with everything that can be taken out of it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn())))
    page = writer.pages[0]
    note = {"/Type": "/Annot", "/Subtype": "/Text", "/T": WHO, "/Contents": SECRET}
    made = DictionaryObject(
        {NameObject(k): NameObject(v) if v[0] == "/" else TextStringObject(v) for k, v in note.items()}
    )
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link")})
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(made), writer._add_object(link)])
    private = DecodedStreamObject()
    private.set_data(SECRET.encode())
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/X"): writer._add_object(private)})
    writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(private)])
    xmp = (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
        f"xmlns:dc='urn:dc' xmlns:p='urn:p' p:Client='{SECRET}'><dc:creator><rdf:Seq><rdf:li>{WHO}</rdf:li></rdf:Seq></dc:creator>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    held = DecodedStreamObject()
    held.set_data(xmp.encode())
    writer.root_object[NameObject("/Metadata")] = writer._add_object(held)
    out = io.BytesIO()
    writer.write(out)
    later = PdfWriter(io.BytesIO(out.getvalue()), incremental=True)
    later.add_metadata({"/Keywords": SECRET})
    again = io.BytesIO()
    later.write(again)
    return again.getvalue()


def test_a_pdf_tells_all_it_hides_and_its_public_copy_holds_none_of_it() -> None:
    data = loaded()
    found = told(data, "pdf")
    assert {k: found[k] for k in ("annotations", "attachments", "earlier_versions", "program_data")} == {
        "annotations": 1,
        "attachments": 1,
        "earlier_versions": 1,
        "program_data": 1,
    }
    assert found["properties"] >= 4 and f"creator={WHO}" in words(data, "pdf")
    clean = documents.public_copy(data, "pdf")
    assert told(clean, "pdf") == {}
    everything = whole(clean, "pdf")
    for secret in (SECRET, WHO):
        for coded in (secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-be").hex().encode()):
            assert coded not in everything
    reader = PdfReader(io.BytesIO(clean))
    assert len(reader.pages[0]["/Annots"]) == 1 and "Shown on the page" in documents.extract(clean, "a.pdf").text


def test_text_without_ink_and_text_under_a_box_is_told_and_stays_told_in_the_copy() -> None:
    data = drawn(unseen=True)
    left = told(documents.public_copy(data, "pdf"), "pdf")
    assert left == {"hidden_text": 1, "covered_text": 1}
    assert (
        "Without ink" in words(data, "pdf")
        and "Under the box" in words(data, "pdf")
        and "Over" not in words(data, "pdf")
    )
    assert "covered_text" not in told(drawn(), "pdf")


def test_fields_and_layers_that_are_switched_off_are_told_and_stay() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn())))
    field = {"/Subtype": NameObject("/Widget"), "/T": TextStringObject("姓名"), "/V": TextStringObject(WHO)}
    widget = writer._add_object(DictionaryObject({NameObject(k): v for k, v in field.items()}))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([widget])
    layer = writer._add_object(DictionaryObject({NameObject("/Name"): TextStringObject("旧图层")}))
    shown = DictionaryObject({NameObject("/OFF"): ArrayObject([layer])})
    layers = DictionaryObject({NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): shown})
    writer.root_object[NameObject("/OCProperties")] = layers
    out = io.BytesIO()
    writer.write(out)
    left = documents.public_copy(out.getvalue(), "pdf")
    assert told(left, "pdf") == {"form_fields": 1, "layers": 1} and words(left, "pdf") == f"姓名={WHO} 旧图层"


# --- all ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f.name)
def test_our_own_marks_are_no_traces_and_a_clean_copy_stays_as_it_is(fmt: Any) -> None:
    kind = fmt.stamped_kind
    clean = documents.public_copy(SAMPLES[fmt.name], fmt.name)
    before = told(clean, fmt.name)
    marked = documents.watermark(documents.stamp(clean, fmt.name, "机密★10年", {"v": 1, "label_id": "L"}), kind, WHO)
    assert {k: n for k, n in told(marked, kind).items() if k != "properties"} == before  # a PDF tells when it was made
    again = documents.public_copy(marked, kind)
    assert told(again, kind) == before and documents.read_mark(again, kind).label is None
    assert WHO.encode() not in whole(again, kind)


def test_pictures_lose_what_stands_beside_their_points_and_no_point() -> None:
    text = b"Comment\0" + SECRET.encode()
    piece = struct.pack(">I", len(text)) + b"tEXt" + text + b"\0\0\0\0"
    end = struct.pack(">I", 0) + b"IEND" + b"\0\0\0\0"
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + b"IDAT" + b"\0\0\0\0" + piece + end + SECRET.encode()
    for data, names in ((JPEG, ["Exif"]), (png, ["Comment", "data"])):
        clean = picture_data.cleaned(data)
        assert picture_data.told(data) == names and picture_data.told(clean) == [] and SECRET.encode() not in clean
        assert picture_data.cleaned(clean) == clean
    assert picture_data.cleaned(b"GIF89a") == b"GIF89a" and picture_data.cleaned(JPEG[:5]) == JPEG[:5]


def test_a_photograph_keeps_its_points_and_loses_its_small_pictures_and_what_stands_behind_its_end() -> None:
    small, secret = b"\x01\x01\0\0\x01\0\x01\x01\x01abc", b"hidden"
    image = Image.radial_gradient("L").convert("RGB")
    for more in ({}, {"progressive": True}, {"restart_marker_blocks": 1}):
        out = io.BytesIO()
        image.save(out, "JPEG", icc_profile=b"profile", comment="", **more)
        plain = picture_data.cleaned(out.getvalue())
        assert b"ICC_PROFILE" in plain and picture_data.told(plain) == []
        header, rest = plain[:20], plain[20:]
        aside = [b"JFIF\0" + small, b"JFXX\0" + secret, b"Adobe" + secret, b"MPF\0" + secret]
        marks = (0xE0, 0xE0, 0xEE, 0xE2)
        added = [bytes((0xFF, m)) + struct.pack(">H", len(a) + 2) + a for m, a in zip(marks, aside, strict=True)]
        data = header + b"\xff" + b"\xff".join(added) + rest + plain + secret
        assert picture_data.told(data) == ["JFIF", "JFXX", "Adobehidden", "MPF", "data"]
        assert picture_data.cleaned(data) == header + b"\xff" * len(added) + rest
        points = [Image.open(io.BytesIO(one)).tobytes() for one in (out.getvalue(), plain, picture_data.cleaned(data))]
        assert points[0] == points[1] == points[2]
