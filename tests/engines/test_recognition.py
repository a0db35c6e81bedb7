"""Scans: refused with what to do where the extra for recognition is missing; with it, read offline and said to be so."""

from __future__ import annotations

import io
from difflib import SequenceMatcher

import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import fonts, recognition
from dingmi.engines.documents.formats import pdf
from dingmi.engines.documents.limits import DEFAULT, RECOGNITION

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


def test_pages_that_are_pictures_are_named_and_only_they_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = mixed(as_pdf(picture(), picture()))
    asked: list[int] = []

    def lines(page: object, limits: object) -> list[str]:
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
    wanted, got = "".join(LINES), "".join(read.text.split())
    found = sum(block.size for block in SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks())
    assert found / len(wanted) >= 0.95, got
    with pytest.raises(Invalid, match="scan_only"):
        documents.extract(as_pdf(picture()), "leer.pdf")
