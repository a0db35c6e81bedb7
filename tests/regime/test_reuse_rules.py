"""An original determination that uses the words of a secret: the item grounds it, its sources bound it from below."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from dingmi.regime import judge
from dingmi.regime.prc_state import facts
from dingmi.regime.prc_state.facts import SourceFacts

AT = datetime(2026, 11, 24, 10)
TERMS = facts.Terms("机密", "10年", persons=("p3",))
ITEM = facts.ItemFacts("SW#7", "机密", "10年", "SW-NET")
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
SOURCE = SourceFacts("s1", "机密", "10年", date(2035, 6, 1), has_consent=True, persons=("p3", "p4"))
PROPOSAL = facts.ProposalFacts(
    AT, facts.DrafterFacts("p1", datetime(2040, 1, 1), "绝密"), TERMS, ITEM, bars=BARS, sources=(SOURCE,)
)
OFFICER = facts.OfficerFacts("p2", "statutory", "main", matters=("*",), since=datetime(2010, 1, 1),
                             trained_until=datetime(2040, 1, 1), clearance="绝密")  # fmt: skip
APPROVAL = facts.ApprovalFacts(
    AT, "p1", OFFICER, facts.OrganFacts("provincial"), TERMS, ITEM, bars=BARS, sources=(SOURCE,)
)
ACTS = {"determination.propose": PROPOSAL, "determination.approve": APPROVAL}


def told(act: str, **change: Any) -> dict[str, str]:
    """Return the codes that the law tells about a lawful act with one fact changed, each with its severity."""
    return {f.code: f.severity for f in judge("prc_state", act, replace(ACTS[act], **change), AT.date()).findings}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.clause("TL-18", "BMF-18", "FW-9.1")
def test_an_item_may_protect_for_longer_than_the_source_and_at_a_higher_level(act: str) -> None:
    assert told(act) == {}
    assert told(act, sources=(replace(SOURCE, level="秘密"),)) == {}
    assert told(act, sources=(replace(SOURCE, last_protected_day=date(2036, 11, 24)),)) == {}  # the very same last day


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("source", "code"),
    [
        (replace(SOURCE, level="绝密"), "reuse.below_source"),
        (replace(SOURCE, last_protected_day=date(2036, 11, 25)), "reuse.ends_before"),
        (replace(SOURCE, tail="长期", last_protected_day=None), "reuse.source_open"),
        (replace(SOURCE, tail="启用前", last_protected_day=None), "reuse.source_open"),
    ],
)
@pytest.mark.clause("TL-18", "BMF-18")
def test_what_is_lower_or_ends_before_a_source_is_refused(act: str, source: SourceFacts, code: str) -> None:
    assert told(act, sources=(SOURCE, source)) == {code: "block"}
    assert told(act, sources=(replace(source, is_released=True),)).get(code) is None  # what is released binds nobody


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.clause("TL-18", "ZX-22.1")
def test_a_condition_that_may_come_before_the_source_ends_is_told(act: str) -> None:
    by_event = {"terms": replace(TERMS, tail="启用前"), "item": replace(ITEM, tail="启用前")}
    assert told(act, **by_event) == {"reuse.condition_first": "warn"}
    same = replace(SOURCE, tail="启用前", last_protected_day=None)
    assert told(act, **by_event, sources=(same,)) == {}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.clause("TL-18", "PS-10?")
def test_who_is_outside_the_scope_of_a_source_is_told(act: str) -> None:
    assert told(act, terms=replace(TERMS, persons=("p3", "p9"))) == {"reuse.scope_wider": "warn"}
    unnamed = replace(SOURCE, persons=())  # a paper received without its scope narrows nobody
    assert told(act, terms=replace(TERMS, persons=("p3", "p9")), sources=(unnamed,)) == {}


@pytest.mark.clause("TL-18", "PS-7")
def test_a_released_source_is_no_basis_of_a_proposal_but_does_not_stop_a_decision_by_the_item() -> None:
    over = (replace(SOURCE, is_released=True),)
    assert told("determination.propose", sources=over) == {"derivation.source_released": "block"}
    assert told("determination.approve", sources=over) == {}
    derived = {"origin": "derivative", "item": None, "terms": replace(TERMS, tail="2035年6月2日")}
    assert "derivation.source_released" in told("determination.approve", sources=over, **derived)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_descendant": True}, "derivation.cyclic"),
        ({"drafter_may_know": False}, "derivation.source_unknown"),
    ],
)
@pytest.mark.clause("TL-18", "BMF-18")
def test_a_source_must_be_known_and_earlier(change: dict[str, bool], code: str) -> None:
    assert told("determination.propose", sources=(replace(SOURCE, **change),)) == {code: "block"}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.clause("TL-29.4", "BMF-26.2b")
def test_words_of_a_top_secret_need_consent(act: str) -> None:
    top = {"sources": (replace(SOURCE, level="绝密", has_consent=False),)}
    terms = {"terms": replace(TERMS, level="绝密"), "item": replace(ITEM, level="绝密")}
    assert told(act, **top, **terms) == {"derivation.consent_missing": "block"}


@pytest.mark.clause("ZX-22.2", "FW-9.1")
def test_a_source_without_end_does_not_make_an_original_endless() -> None:
    endless = (replace(SOURCE, tail="长期", last_protected_day=None),)
    assert "tail.indefinite" in told("determination.propose", terms=replace(TERMS, tail="长期"), sources=endless)


@pytest.mark.clause("TL-18", "PS-13?")
def test_in_later_life_an_original_departs_only_by_level_or_an_earlier_end() -> None:
    kept = facts.ReviewFacts(AT, "p1", OFFICER, "active", 2026, terms=TERMS, starts_on=date(2025, 6, 1))

    def departs(source: SourceFacts, origin: str = "original") -> set[str]:
        asked = replace(kept, sources=(source,), origin=origin, has_opinion=False)
        return {f.code for f in judge("prc_state", "review.decide", asked, AT.date()).findings}

    longer, over = replace(SOURCE, last_protected_day=date(2030, 1, 1)), replace(SOURCE, is_released=True)
    why = "derivation.departure_unexplained"
    assert departs(longer) == departs(over) == set()
    assert departs(longer, "derivative") == {"derivation.outlives", why}
    assert departs(over, "derivative") == {"derivation.sources_over", why}
    assert departs(replace(SOURCE, level="绝密")) == {"derivation.undercuts_level", why}
    assert departs(replace(SOURCE, last_protected_day=date(2035, 6, 2))) == {"derivation.ends_before", why}
