"""Scans: refused with what to do where the extra for recognition is missing; with it, read offline and said to be so."""

from __future__ import annotations

import io
import zipfile
from difflib import SequenceMatcher

import pytest
from docx import Document
from openpyxl import Workbook
from openpyxl.drawing.image import Image as Figure
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import fonts, recognition
from dingmi.engines.documents.formats import docx, ofd, pdf, pptx, xlsx
from dingmi.engines.documents.limits import DEFAULT, RECOGNITION
from tests.engines import layouts, office, packages

LINES = (
    "清江市城区供水管网关键节点切换方案",
    "一、关键节点共三处，节点坐标见附表，阀室编号为甲一至甲三。",
    "二、切换时序按照先主后备的原则安排，控制参数由调度中心掌握。",
    "三、遇突发情况时，由管网处负责人决定切换。",
)
EXTRA = pytest.mark.skipif(
    not recognition.available(),
    reason="the extra for recognition (dingmi[ocr]) is not installed: scans are not read here",
)


def picture(*lines: str) -> Image.Image:
    """An A4 page at 150 dots an inch with lines of text, a little grey."""
    page = Image.new("L", (1240, 1754), 245)
    face, _ = fonts.static_subset("".join(lines), fonts.REGULAR, "Scan")
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(io.BytesIO(face), 30)
    for number, line in enumerate(lines):
        draw.text((130, 160 + 60 * number), line, font=font, fill=40)
    return page


def as_pdf(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return out.getvalue()


def mixed(scan: bytes) -> bytes:
    """A page of text, then the pages of a scan."""
    writer = PdfWriter()
    writer.append(io.BytesIO(documents.render_text_pdf("供水安排如下，请各单位遵照执行。\n" * 8, "通知")))
    writer.append(io.BytesIO(scan))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def as_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(150, 150))
    return out.getvalue()


def written(*pictures: bytes, text: str = "附图如下，请核对后执行。") -> bytes:
    """A docx with a paragraph before each picture."""
    document, out = Document(), io.BytesIO()
    for data in pictures:
        if text:
            document.add_paragraph(text)
        document.add_picture(io.BytesIO(data))
    document.save(out)
    return out.getvalue()


def recall(text: str) -> float:
    """The share of the characters of ``LINES`` that stand in ``text`` in their order."""
    wanted, got = "".join(LINES), "".join(text.split())
    blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


SMALL = (picture(*LINES).crop((100, 130, 1200, 420)), Image.new("L", (1240, 400), 245), Image.new("L", (90, 90), 90))


def test_pages_that_are_pictures_are_named_and_only_they_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = mixed(as_pdf(picture(), picture()))
    asked: list[int] = []

    def lines(points: object) -> list[str]:
        asked.append(1)
        return list(LINES) if len(asked) == 1 else []

    plain = pdf.extract(scan, DEFAULT)
    assert plain.warnings == ("pages_without_text:2,3",)
    read = pdf.extract(scan, DEFAULT, lines)
    assert read.warnings == ("pages_without_text:3", "recognised_pages:2") and LINES[1] in read.text
    assert [b.page for b in read.blocks if "关键节点共三处" in read.text[b.start : b.end]] == [2]
    assert len(asked) == 2
    monkeypatch.setitem(RECOGNITION, "pages", 0)
    with pytest.raises(Invalid, match="too_many_scans"):
        pdf.extract(scan, DEFAULT, lines)


def test_without_the_extra_a_scan_is_refused_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "available", lambda: False)
    with pytest.raises(Invalid) as caught:
        documents.extract(as_pdf(picture(*LINES)), "scan.pdf")
    assert (caught.value.code, caught.value.params) == ("file.scan_only", {"pages": 1})


def test_what_stands_side_by_side_is_one_row_and_rows_go_down() -> None:
    def box(left: float, top: float) -> list[list[float]]:
        return [[left, top], [left + 80, top], [left + 80, top + 20], [left, top + 20]]

    found = [(box(300, 52), "右"), (box(0, 100), "下"), (box(0, 50), "左")]
    assert recognition._in_rows(found) == ["左 右", "下"]


@EXTRA
def test_a_generated_scan_is_read_offline_with_little_lost() -> None:
    read = documents.extract(as_pdf(picture(*LINES)), "scan.pdf")
    assert read.warnings == ("recognised_pages:1",)
    assert recall(read.text) >= 0.95, read.text
    with pytest.raises(Invalid, match="scan_only"):
        documents.extract(as_pdf(picture()), "leer.pdf")


def test_pictures_in_a_docx_stand_behind_their_paragraph_and_are_numbered_without_ornaments() -> None:
    made = written(*map(as_png, SMALL), as_png(SMALL[0]))
    plain = docx.extract(made, DEFAULT)
    assert plain.warnings == ("pictures_without_text:1,2",)  # an ornament is none, and one shown again is the same
    seen: list[tuple[int, ...]] = []

    def lines(points: object) -> list[str]:
        seen.append(points.shape)
        return list(LINES) if len(seen) == 1 else []

    read = docx.extract(made, DEFAULT, lines)
    assert read.warnings == ("pictures_without_text:2", "recognised_pictures:1")
    assert seen == [(290, 1100, 3), (400, 1240, 3)]
    told = read.text.split("\n")
    assert told[: 1 + len(LINES)] == ["附图如下，请核对后执行。", *LINES]
    assert [b.kind for b in read.blocks if b.where == "picture.1"] == ["textbox"] * len(LINES)
    assert [(n.code, n.params) for n in documents.notes(read.warnings)] == [
        ("file.pictures_without_text", {"numbers": "2"}),
        ("file.recognised_pictures", {"numbers": "1"}),
    ]


def test_a_docx_of_pictures_alone_is_refused_where_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = written(as_png(SMALL[0]), text="")
    monkeypatch.setattr(recognition, "available", lambda: False)
    with pytest.raises(Invalid) as caught:
        documents.extract(made, "scan.docx")
    assert (caught.value.code, caught.value.params) == ("file.pictures_only", {"pictures": 1})
    assert docx.extract(made, DEFAULT, lambda _: list(LINES)).text == "\n".join(LINES)
    assert docx.extract(office.simple(), DEFAULT).text == ""


def test_pictures_that_are_broken_or_of_no_kind_that_opens_are_told_as_not_read() -> None:
    body = "<w:p><w:r><w:drawing><a:blip xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' r:embed='p1'/></w:drawing></w:r></w:p>"
    for data in (b"\x01\0\0\0 EMF of some kind", as_png(SMALL[0])[:300]):
        parts = office.simple_parts(office.p("说明") + body.replace("r:embed", f"xmlns:r='{office.RELS}' r:embed"))
        parts["word/_rels/document.xml.rels"] = office.rels(("p1", "image", "media/image1.emf"))
        parts["word/media/image1.emf"] = data
        read = docx.extract(office.package(parts), DEFAULT, lambda _: pytest.fail("there is nothing to read"))
        assert (read.text, read.warnings) == ("说明", ("pictures_without_text:1",))


def test_pages_of_an_ofd_that_are_pictures_and_pictures_beside_text_are_told_apart() -> None:
    words = "供水安排如下，请各单位遵照执行，并于三日内报回执。"
    made = layouts.ofd(words, "", pictures={0: [as_png(SMALL[0])], 1: [as_png(SMALL[1])]})
    plain = ofd.extract(made, DEFAULT)
    assert plain.warnings == ("pages_without_text:2", "pictures_without_text:1")
    read = ofd.extract(made, DEFAULT, lambda points: [f"宽{points.shape[1]}的图"])
    assert read.warnings == ("recognised_pages:2", "recognised_pictures:1")
    where = {read.text[b.start : b.end]: (b.page, b.where) for b in read.blocks}
    assert where["宽1100的图"] == (1, "picture.1") and where["宽1240的图"] == (2, "body")
    with pytest.raises(Invalid, match="scan_only"):
        ofd.extract(layouts.ofd("", pictures={0: [as_png(SMALL[0])]}), DEFAULT)


def test_no_more_pictures_of_one_file_are_recognised_than_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECOGNITION, "pages", 1)
    read = docx.extract(written(*map(as_png, SMALL[:2])), DEFAULT, lambda _: ["读到的一行"])
    assert read.warnings == ("pictures_without_text:2", "recognised_pictures:1")


def slides(*hidden: bool) -> bytes:
    """A presentation with a line and two pictures, an ornament and a figure, on each slide."""
    out, data = io.BytesIO(), {"o": as_png(SMALL[2]), "f": as_png(SMALL[0])}
    pictures = "".join(
        f"<p:pic><p:nvPicPr><p:cNvPr id='{n}' name='图'/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>"
        f"<p:blipFill><a:blip r:embed='{name}'/></p:blipFill><p:spPr/></p:pic>"
        for n, name in enumerate(data, 20)
    )
    relations = "".join(
        f"<Relationship Id='{name}' Type='{office.RELS}/image' Target='../media/{name}.png'/>" for name in data
    )
    made = packages.presentation(*["附图如下，请核对后执行。"] * len(hidden))
    with zipfile.ZipFile(io.BytesIO(made)) as was, zipfile.ZipFile(out, "w") as now:
        for name in was.namelist():
            part, slide = was.read(name).decode(), name.partition("slides/slide")[2]
            if slide and hidden[int(slide.removesuffix(".xml"))]:
                part = part.replace("<p:sld ", "<p:sld show='0' ")
            if slide:
                part = part.replace("</p:spTree>", f"{pictures}</p:spTree>")
            elif "slides/_rels" in name:
                part = part.replace("</Relationships>", f"{relations}</Relationships>")
            now.writestr(name, part)
        for name, picture_data in data.items():
            now.writestr(f"ppt/media/{name}.png", picture_data)
    return out.getvalue()


def sheets(*states: str) -> bytes:
    """A workbook with a line and a picture of its own on each sheet."""
    book, out = Workbook(), io.BytesIO()
    for number, state in enumerate(states):
        sheet = book.create_sheet(f"表{number}")
        sheet["A1"], sheet.sheet_state = "附图如下，请核对后执行。", state
        sheet.add_image(Figure(io.BytesIO(as_png(SMALL[0].crop((0, 0, 1000 + number, 290))))))
    del book["Sheet"]
    book.save(out)
    return out.getvalue()


def test_pictures_on_slides_that_are_shown_are_read_once_with_their_slide() -> None:
    made = slides(False, True, False)
    assert pptx.extract(made, DEFAULT).warnings[0] == "pictures_without_text:1"
    read = pptx.extract(made, DEFAULT, lambda points: [f"宽{points.shape[1]}的图"])
    assert read.warnings[0] == "recognised_pictures:1" and read.text.count("宽1100的图") == 1
    assert [(b.page, b.kind) for b in read.blocks if b.where == "picture.1"] == [(1, "textbox")]
    assert pptx.extract(slides(True), DEFAULT).warnings == ("hidden_text",)


def test_pictures_on_sheets_that_are_shown_are_read() -> None:
    made = sheets("visible", "hidden", "visible")
    assert xlsx.extract(made, DEFAULT).warnings == ("pictures_without_text:1,2", "hidden_text")
    read = xlsx.extract(made, DEFAULT, lambda points: [f"宽{points.shape[1]}的图"])
    assert read.warnings == ("recognised_pictures:1,2", "hidden_text")
    assert [n for n in ("宽1000的图", "宽1001的图", "宽1002的图") if n in read.text] == ["宽1000的图", "宽1002的图"]


def drawn(*pictures: Image.Image, over: bool = False, text: str = "供水安排如下，请各单位遵照执行。") -> bytes:
    """PDF pages with a line at the top and a picture each: below the line, or under it over the whole page."""
    face, _ = fonts.static_subset(text, fonts.REGULAR, "Drawn")
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(595, 842))
    pdfmetrics.registerFont(TTFont("Drawn", io.BytesIO(face)))
    for one in pictures:
        place = (0, 0, 595, 842) if over else (60, 400, 400, 120)
        sheet.drawImage(ImageReader(one.convert("RGB")), *place)
        sheet.setFont("Drawn", 14)
        sheet.drawString(60, 780, text)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def test_pictures_beside_the_text_of_a_pdf_are_read_and_the_ground_of_a_scan_with_text_is_not() -> None:
    made = drawn(SMALL[0], SMALL[0], SMALL[2], SMALL[1])
    assert pdf.extract(made, DEFAULT).warnings == ("pictures_without_text:1,2",)
    read = pdf.extract(made, DEFAULT, lambda points: [f"宽{points.shape[1]}的图"] if points.shape[1] > 1150 else [])
    assert read.warnings == ("pictures_without_text:1", "recognised_pictures:2")
    assert [(b.page, b.where) for b in read.blocks if b.kind == "textbox"] == [(4, "picture.2")]
    layered = drawn(picture(*LINES), over=True)
    assert pdf.extract(layered, DEFAULT, lambda _: pytest.fail("it has its text")).warnings == ()


@EXTRA
@pytest.mark.parametrize("kind", ["docx", "ofd"])
def test_pictures_in_files_of_text_and_scans_are_read_offline_with_little_lost(kind: str) -> None:
    data = as_png(SMALL[0])
    made = (
        written(data)
        if kind == "docx"
        else layouts.ofd("附图如下，请核对后执行。", "", pictures={0: [data], 1: [data]})
    )
    read = documents.extract(made, f"figure.{kind}")
    assert read.text.startswith("附图如下") and recall(read.text) >= 0.95, read.text
    scanned = ("recognised_pages:2",) if kind == "ofd" else ()
    assert read.warnings == (*scanned, "recognised_pictures:1")
