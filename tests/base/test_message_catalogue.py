"""A finding becomes a sentence with its citation and its remedy, and a hostile parameter stays text."""

from __future__ import annotations

from datetime import date

import pytest

from dingmi.base.errors import Finding
from dingmi.base.messages import LANGUAGES, catalogue, render
from dingmi.regime import cite


def test_a_finding_says_what_is_wrong_and_cites_the_clause_spelled_out() -> None:
    found = Finding("period.over_cap", "block", ("BMF-20.2",), {"level": "秘密", "cap_years": 10, "tail": "15年"})
    shown = render(found, "zh")
    assert "第二十条第二款" in shown.text and "10" in shown.text and shown.remedy
    assert "art. 20(2)" in render(found, "en").text


def test_a_missing_parameter_is_shown_as_a_dash_and_attributes_are_never_followed() -> None:
    text = render(
        Finding("period.over_cap", params={"level": "{level.__class__}", "cap_years": date(2026, 1, 1)}), "zh"
    ).text
    assert "{level.__class__}" in text and "2026-01-01" in text and "class '" not in text


def test_carried_over_and_unseen_clauses_are_labelled() -> None:
    assert cite("ZX-24.4b", "zh", date(2026, 1, 1)).endswith("〔沿用条款待核〕")
    assert not cite("ZX-24.4b", "zh", date(2020, 1, 1)).endswith("〔沿用条款待核〕")
    assert cite("PS-8.2?").endswith("〔条文待核〕")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_a_sentence(language: str) -> None:
    assert [code for code, entry in catalogue(language).items() if not entry.get("text", "").strip()] == []


def test_both_languages_know_the_same_codes() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))
