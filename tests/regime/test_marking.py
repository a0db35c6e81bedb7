"""Marks on carriers: shown, in place, bound, in arabic figures, numbered, told where they cannot be; none for the public."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from dingmi.regime import judge
from dingmi.regime.prc_state.facts_marks import CarrierMarkFacts, PublicCopyFacts

AT = datetime(2026, 11, 24, 10)
LAWFUL = CarrierMarkFacts(AT, "机密", "机密★10年", "机密★10年", is_official_document=True)


def codes(facts: object, act: str = "carriers.mark", at: datetime = AT) -> dict[str, str]:
    return {f.code: f.severity for f in judge("prc_state", act, facts, at.date()).findings}


def clauses(facts: object, act: str = "carriers.mark") -> set[str]:
    return {c for f in judge("prc_state", act, facts, AT.date()).findings for c in f.clauses}


def test_marked_copy_with_all_of_it_is_lawful():
    assert codes(LAWFUL) == {}


@pytest.mark.clause("TL-21.1a", "BMF-22.1", "GW-9.2")
@pytest.mark.parametrize("visible", ["", "机密", "秘密★10年"])
def test_carrier_must_show_its_level_and_period(visible):
    assert codes(replace(LAWFUL, visible=visible))["mark.not_shown"] == "block"


@pytest.mark.clause("BMF-22.2", "ZX-24.3")
def test_electronic_mark_must_be_bound_to_its_file():
    assert codes(replace(LAWFUL, is_bound=False)) == {"mark.not_bound": "block"}


@pytest.mark.clause("ZX-24.2")
def test_mark_out_of_place_is_refused_and_the_rule_goes_on_as_carried_over():
    broken = replace(LAWFUL, is_in_place=False)
    assert codes(broken) == {"mark.misplaced": "block"}
    assert "ZX-24.2" in clauses(broken)


@pytest.mark.clause("GB-7.2.2")
def test_period_in_chinese_figures_is_refused():
    assert codes(replace(LAWFUL, visible="机密★十年", expected="机密★十年")) == {"mark.chinese_figures": "block"}


@pytest.mark.clause("GW-9.1")
def test_official_document_needs_a_copy_number():
    assert codes(replace(LAWFUL, copy_number=0)) == {"mark.no_copy_number": "block"}
    assert codes(replace(LAWFUL, copy_number=0, is_official_document=False)) == {}


@pytest.mark.clause("GB-7.2.1?")
def test_copy_number_of_seven_figures_warns_since_the_standard_was_not_seen():
    assert codes(replace(LAWFUL, copy_number=999_999)) == {}
    assert codes(replace(LAWFUL, copy_number=1_000_000)) == {"mark.copy_number_long": "warn"}


@pytest.mark.clause("TL-21.2")
def test_what_cannot_be_marked_must_be_told_in_writing():
    unmarkable = replace(LAWFUL, visible="", is_markable=False)
    assert codes(unmarkable) == {"mark.not_told": "block"}
    assert codes(replace(unmarkable, is_told_in_writing=True)) == {}


@pytest.mark.clause("ZX-36.3")
@pytest.mark.parametrize(("marks", "label"), [(("机密★10年",), False), ((), True)])
def test_public_copy_with_a_mark_or_machine_mark_is_refused(marks, label):
    assert codes(PublicCopyFacts(AT, marks=marks, has_label=label), "carriers.public_copy") == {
        "public_copy.mark_left": "block"
    }
    assert codes(PublicCopyFacts(AT), "carriers.public_copy") == {}


@pytest.mark.clause("ZX-36.3", "BMF-35", "CS-124")
def test_public_copy_of_a_part_with_words_of_the_rest_or_unreadable_pictures_is_refused():
    assert codes(PublicCopyFacts(AT, still_secret=(2, 5)), "carriers.public_copy") == {
        "public_copy.still_secret": "block"
    }
    assert codes(PublicCopyFacts(AT, unread=1), "carriers.public_copy") == {"public_copy.unread": "block"}


@pytest.mark.clause("ZX-36.1", "BMF-24.2b")
def test_public_copy_is_of_what_was_released_and_of_a_part_only_where_its_paragraphs_are_on_record():
    for state in ("active", "proposed", "not_classified"):
        assert codes(PublicCopyFacts(AT, state), "carriers.public_copy") == {"public_copy.not_released": "block"}
    part = PublicCopyFacts(AT, "active", is_parted=True)
    assert codes(part, "carriers.public_copy") == {}
    assert codes(replace(part, names_paragraphs=False), "carriers.public_copy") == {
        "public_copy.no_paragraphs": "block"
    }
