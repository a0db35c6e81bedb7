"""Hostile texts at the gates: refused in words or kept whole, and inert in spreadsheets and official papers (SR-68)."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import forms, tables
from dingmi.engines.documents.forms import Printing
from dingmi.procedures import paper
from tests.engines.test_documents_forms import sample, squeezed
from tests.payloads import PAYLOADS

NAMED = {"text.too_long", "text.hidden_characters", "text.missing"}
REFUSED = {"hidden", "control", "broken", "huge"}  # kinds that a line of text never keeps as they are


def lines() -> list[str]:
    """Return the payloads as lines of text keep them."""
    kept = []
    for payload in PAYLOADS:
        try:
            kept.append(paper.line(payload.text, "field", 200))
        except Invalid as refused:
            assert refused.code in NAMED
    return kept


def blocks() -> list[str]:
    kept = []
    for payload in PAYLOADS:
        try:
            kept.append(paper.block_of_text(payload.text, "field", 2000))
        except Invalid as refused:
            assert refused.code in NAMED
    return kept


def test_there_are_three_hundred_and_each_is_its_own() -> None:
    assert len(PAYLOADS) >= 300 and len({p.text for p in PAYLOADS}) == len(PAYLOADS)


def test_what_a_field_keeps_hides_nothing_reorders_nothing_and_is_text() -> None:
    for text in (*lines(), *blocks()):
        odd = [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c not in "\r\n\t"]
        assert not odd and not any(ord(c) & 0xFFFE == 0xFFFE for c in text)
    assert len(lines()) > 150, "markup, formulas and the like are words, and are kept as such"


@pytest.mark.parametrize("payload", [p for p in PAYLOADS if p.kind in ("hidden", "broken")], ids=repr)
def test_what_hides_or_is_no_character_is_refused_in_words(payload) -> None:
    for gate in (paper.line, paper.block_of_text):
        with pytest.raises(Invalid, match=r"text\.hidden_characters"):
            gate(payload.text, "field", 300)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_a_list_that_is_taken_out_can_run(kind: str) -> None:
    cells = [*lines(), *blocks()]
    data = tables.write(kind, "机密", ("列", "列"), [(cell, "1") for cell in cells], "林婉 =1+1")
    if kind == "csv":
        read = [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))][2:]
    else:
        sheet = load_workbook(io.BytesIO(data)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
        read = [sheet.cell(number, 1).value or "" for number in range(3, len(cells) + 3)]
    for text, cell in zip(cells, read, strict=True):
        assert not cell.lstrip().startswith(tables.RUNS) and not cell.startswith(tables.BREAKS), text
        assert cell.replace("\r\n", "\n").removeprefix("'") == text.replace("\r\n", "\n").removeprefix("'")


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_official_papers_show_them_as_words(kind: str) -> None:
    filled = sample("approval")
    field = next(name for name, value in filled.fields.items() if isinstance(value, str) and len(value) > 10)
    shown = [text for text in lines() if "<" in text or text.startswith(tables.RUNS)]
    paper_of = replace(filled, fields={**filled.fields, field: "\n".join(shown)})
    data = forms.render(paper_of, kind, Printing("林婉", "2026-11-23 15:02", 2), {"level": "机密"})
    text = squeezed(documents.extract(data, f"form.{kind}").text)
    missing = [line for line in shown if line.isascii() and squeezed(line) not in text]
    assert (
        missing == [] if kind == "docx" else len(missing) < len(shown) / 10
    )  # a PDF breaks a line where the page ends
