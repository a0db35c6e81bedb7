"""无权事项报请函: the letter that refers a matter above the organ's authority, as a Word file that can be edited and sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

HEITI = "黑体"
FANGSONG = "仿宋"
TITLE_SIZE = Pt(22)
BODY_SIZE = Pt(16)  # size 3


@dataclass(frozen=True, slots=True)
class ReferralLetter:
    """What the letter says; procedures §5 lists its fields."""

    mark: str
    addressee: str
    sender: str
    title: str
    doc_number: str
    level: str
    tail: str
    guide: str
    item: str
    reasons: str
    opinion: str
    on: date


def _write(paragraph: Any, text: str, font: str, size: Pt) -> None:
    run = paragraph.add_run(text)
    run.font.size = size
    run.font.name = font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def render(letter: ReferralLetter) -> bytes:
    """Return the letter as a docx file; its mark is provisional and stands at the top left of the first page.

    Source: BMF-17.3, GD-11.2; fields of procedures §5; no official blank form is known.
    """
    made = Document()
    _write(made.add_paragraph(), f"{letter.mark}（拟定）", HEITI, BODY_SIZE)
    heading = made.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(heading, f"{letter.sender}关于报请确定国家秘密事项的函", HEITI, TITLE_SIZE)
    lines = [
        f"{letter.addressee or '有定密权限的上级机关、单位'}：",
        f"我单位在工作中产生《{letter.title}》{f'（{letter.doc_number}）' if letter.doc_number else ''}。"
        f"经比对《{letter.guide}》{letter.item}，拟定密级为{letter.level}，保密期限为{letter.tail}，超出我单位定密权限。"
        "现已先行采取保密措施，按照拟定密级管理。",
        f"定密理由：{letter.reasons}",
        *([f"审核意见：{letter.opinion}"] if letter.opinion else []),
        "依据《中华人民共和国保守国家秘密法》第十七条第三款，特此报请确定。",
    ]
    for number, line in enumerate(lines):
        paragraph = made.add_paragraph()
        if number:
            paragraph.paragraph_format.first_line_indent = Pt(32)
        _write(paragraph, line, FANGSONG, BODY_SIZE)
    for line in (letter.sender, _chinese_date(letter.on)):
        paragraph = made.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _write(paragraph, line, FANGSONG, BODY_SIZE)
    out = BytesIO()
    made.save(out)
    return out.getvalue()
