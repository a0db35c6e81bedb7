"""Every official form: one description, three paintings, one page while it fits, embedded fonts, inert texts, a code that tells."""

from __future__ import annotations

import io
import itertools
import json
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import segno
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Twips
from pypdf import PdfReader

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import fonts, forms
from dingmi.engines.documents.formats import pdf
from dingmi.engines.documents.forms import BY_NAME, FORMS, Filled, Printing, painting
from dingmi.engines.documents.forms import pdf as painter
from dingmi.engines.documents.forms.layout import laid
from dingmi.engines.documents.rendering import wrapped

SAMPLES = Path(__file__).parent / "forms"
PRINTING = Printing("林婉", "2026-11-23 15:02", 2)
LABEL = {"level": "机密"}


def sample(name: str) -> Filled:
    """Return the sample of a form: its legal field values in a JSON file beside the tests."""
    return forms.filled_from(json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8")))


def squeezed(text: str) -> str:
    return "".join(text.replace("\u00a0", "").split())


def pdf_text(data: bytes) -> tuple[int, str]:
    with pypdfium2.PdfDocument(data) as document:
        return len(document), squeezed("".join(pdf.page_text(page) for page in document))


def spoken(filled: Filled) -> list[str]:
    """Return every text that a reader must find on the sheet."""
    texts = [filled.mark, filled.strike, filled.note, filled.number, filled.notice]
    for value in filled.fields.values():
        texts += (
            [value]
            if isinstance(value, str)
            else [str(text) for row in value for text in row if text and text is not True]
        )
    return [squeezed(text) for text in texts if text]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("kind", forms.KINDS)
def test_every_field_of_every_form_is_on_the_sheet_with_its_mark(form, kind):
    filled = sample(form.name)
    assert set(filled.fields) <= form.fields, "the sample fills only what the form shows"
    data = forms.render(filled, kind, PRINTING, LABEL)
    verdict = documents.verify(data, kind)
    assert verdict.word == ("valid" if filled.mark else "unknown")
    text = squeezed(documents.extract(data, f"form.{kind}").text) + squeezed(verdict.mark.visible)
    if kind == "pdf":
        pages, text = pdf_text(data)
        assert pages == 1, "the sample has usual texts, and they fit on one page"
    for words in spoken(filled):
        assert words in text or all(part in text for part in words.split("\n")), words
    assert "打印人林婉，2026-11-2315:02，打印第2份" in text


def golden(form: forms.Form) -> str:
    """Return a form with its sample as lines of text; after a wanted change, write it to ``forms/<name>.txt``."""
    sheet = laid(form, sample(form.name), PRINTING)
    lines = [sheet.title, f"{sheet.strike} {sheet.mark} {sheet.note}".strip(), sheet.number]
    for block in sheet.blocks:
        lines.append(f"[{block.kind} {block.style}] {block.text}".strip())
        for cell in (cell for row in block.rows for cell in row):
            ticks = " ".join(f"{'☑' if t else '□'}{n}" for n, t in cell.ticks)
            table = " / ".join("|".join(line) for line in (cell.heads, *cell.lines) if cell.heads)
            told = "　".join(w for w in (cell.text, ticks, cell.role, cell.by, cell.on, table) if w)
            lines.append(f"{cell.label}：{told}".replace("\n", "⏎"))
    return "\n".join([*lines, *sheet.foot, sheet.code]) + "\n"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_form_matches_its_golden_text(form):
    assert golden(form) == (SAMPLES / f"{form.name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_empty_form_is_a_form_for_the_pen(form):
    pages, text = pdf_text(forms.render(Filled(form.name), "pdf"))
    assert pages == 1 and (form.letter or all(squeezed(c.label) in text for c in cells(form)))
    assert forms.render(Filled(form.name), "docx")[:2] == b"PK"


def cells(form):
    return [cell for block in form.blocks if hasattr(block, "cells") for cell in block.cells]


def test_same_values_give_the_same_bytes_in_both_files():
    filled = sample("approval")
    for kind in forms.KINDS:
        assert forms.render(filled, kind, PRINTING) == forms.render(filled, kind, PRINTING)


def test_every_font_that_draws_is_embedded():
    page = PdfReader(io.BytesIO(painter.paint(laid(BY_NAME["approval"], sample("approval"))))).pages[0]
    used = [f.get_object() for f in page["/Resources"]["/Font"].values()]
    embedded = [f for f in used if "/FontDescriptor" in f and "/FontFile2" in f["/FontDescriptor"]]
    assert len(embedded) >= 2 and {f["/BaseFont"] for f in used if f not in embedded} <= {"/Helvetica"}


def test_long_texts_flow_to_numbered_pages_that_carry_the_mark_and_endless_ones_are_refused():
    filled = sample("approval")
    longest = replace(filled, fields={**filled.fields, "reasons": "公开将损害供水安全。" * 400})
    data = forms.render(longest, "pdf", PRINTING, LABEL)
    with pypdfium2.PdfDocument(data) as document:
        pages = [squeezed(pdf.page_text(page)) for page in document]
    assert len(pages) > 1
    for number, text in enumerate(pages, 1):
        assert f"第{number}页，共{len(pages)}页" in text and "机密★10年" in text and "该件存证第18,978条" in text
    assert "".join(pages).count("损") == 400
    for endless in ("密" * 70_000, "密\n" * 1_600):
        with pytest.raises(Invalid, match=r"form\.too_long"):
            forms.render(replace(filled, fields={**filled.fields, "reasons": endless}), "pdf")


def test_code_on_the_sheet_is_the_code_of_its_values():
    filled = sample("approval")
    data = forms.render(filled, "pdf", PRINTING, LABEL)
    modules = [list(row) for row in segno.make(filled.code, error="m", micro=False).matrix]
    with pypdfium2.PdfDocument(data) as document:
        image = document[0].render(scale=6).to_pil().convert("L")
    step = painter.QR_SIDE / len(modules)
    top = painter.HEIGHT - (painter.BOTTOM - 5 * painter.MM)
    seen = [
        [
            image.getpixel((int((painter.LEFT + (x + 0.5) * step) * 6), int((top + (y + 0.5) * step) * 6))) < 128
            for x in range(len(modules))
        ]
        for y in range(len(modules))
    ]
    assert seen == [[bool(dark) for dark in row] for row in modules]
    changed = replace(filled, fields={**filled.fields, "reasons": "别的理由。"})
    assert changed.code != filled.code and filled.sheet_sm3 in filled.code and filled.digest in filled.code


@pytest.mark.parametrize("kind", forms.KINDS)
def test_form_is_checked_by_itself_and_a_changed_one_is_found_out(kind):
    filled = sample("approval")
    data = forms.render(filled, kind, PRINTING, LABEL)
    found = forms.verify(data, kind)
    assert (found["verdict"], found["sheet_sm3"]) == ("valid", filled.sheet_sm3)
    assert (found["ledger_no"], found["digest"], found["printed_by"], found["copy"]) == (
        18978,
        filled.digest,
        "林婉",
        2,
    )
    other = replace(filled, fields={**filled.fields, "officer_by": "别人"})
    label = documents.read_mark(data, kind).label
    forged = painting.stamped_as(
        painting.PAINTERS[kind](laid(BY_NAME["approval"], other, PRINTING)), kind, filled, label
    )
    assert forms.verify(forged, kind)["verdict"] == "altered-content"
    with pytest.raises(Invalid, match=r"form\.no_values"):
        forms.verify(documents.stamp(b"a text of no form", "txt", "机密★10年", LABEL), "pdf")


PAYLOADS = (
    "=cmd|'/c calc'!A0",
    "<script>alert(1)</script>",
    "<para><font size=90>x</font></para>",
    "{title.__class__}",
    "{0}%s%n",
    "]]><w:p/>&#0;&lt;",
    "\u202e\u200b\u2066x\ufeff",
    "\x00\x07\x1b[31m",
    "a\nb\r\nc\td",
    "/JS (app.alert(1)) >> endobj",
    "机密★10年",
    "〓★☆𠀀𰻞",
)


@pytest.mark.parametrize("kind", forms.KINDS)
def test_texts_that_would_be_code_elsewhere_are_inert_in_every_field(kind):
    filled = sample("approval")
    texts = {name: value for name, value in filled.fields.items() if isinstance(value, str)}
    hostile = dict(zip(texts, itertools.cycle(PAYLOADS), strict=False))
    sheet = replace(
        filled, fields={**filled.fields, **hostile, "changes": (PAYLOADS[:6], PAYLOADS[6:])}, number=PAYLOADS[1]
    )
    data = forms.render(sheet, kind, Printing("<b>", PAYLOADS[2], 1), LABEL)
    assert documents.verify(data, kind).word == "valid" and forms.verify(data, kind)["verdict"] == "valid"
    text = squeezed(documents.extract(data, f"form.{kind}").text)
    assert squeezed(PAYLOADS[0]) in text and squeezed(PAYLOADS[1]) in text and squeezed(PAYLOADS[3]) in text
    assert not any(c in text for c in "\u202e\u200b\u2066\ufeff\x00\x07\x1b")


def test_lines_break_where_a_typesetter_would_break_them() -> None:
    font, _ = fonts.register("一二三四五）》，（《2029年", fonts.REGULAR)

    def broken(text: str, characters: int) -> list[str]:
        return wrapped(text, font, 10, characters * 10)

    assert broken("一二三四五）一二", 5) == ["一二三四五）", "一二"], "one closing mark hangs"
    assert broken("一二三四五）》一", 5) == ["一二三四", "五）》一"], "two do not: what they close goes with them"
    assert broken("一二三四《五一二", 5) == ["一二三四", "《五一二"], "an opening mark ends no line"
    assert broken("一二三四2029年", 5) == ["一二三四", "2029年"], "a number stays whole"
    assert "".join(broken("2029" * 9, 4)) == "2029" * 9, "what fits nowhere is cut"


def wide(table):
    """Return the widths of the columns of a table as its grid says them, in twips."""
    return [int(column.get(qn("w:w"))) for column in table.find(qn("w:tblGrid"))]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_tables_of_a_word_form_keep_within_the_cell_and_the_page_that_hold_them(form):
    made = Document(io.BytesIO(forms.render(sample(form.name), "docx", PRINTING, LABEL)))
    section = made.sections[0]
    page = (section.page_width - section.left_margin - section.right_margin) // Twips(1)
    for table in made.element.body.iter(qn("w:tbl")):
        holder = next((up for up in table.iterancestors(qn("w:tc"))), None)
        if holder is None:
            assert sum(wide(table)) <= page + 200
            continue
        outer = wide(next(table.iterancestors(qn("w:tbl"))))
        assert sum(wide(table)) <= sum(outer[1:]) - 100, "its last column is not cut off"
        assert len(list(holder.iterchildren(qn("w:p")))) == 1, "no empty lines after it"
