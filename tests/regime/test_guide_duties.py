"""What a new edition changes, and what it means for one matter; and the duties around guide and table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dingmi.regime import judge
from dingmi.regime.prc_state.guide_change import Cited, ItemText, compare, outcome
from dingmi.regime.prc_state.guides import CatalogueFacts, GuideItemFacts, GuideReadFacts, GuideTextFacts

DAY = date(2026, 11, 24)
ITEM = ItemText("a", "9", "SW-RSK", "供水风险评估结论", "秘密", "5年", "评估单位", "市级以上")
MATTER = Cited("秘密", "5年", date(2024, 3, 1), date(2029, 3, 1))


def change(**new: str):
    """Return the change of one item."""
    return compare([ITEM], [replace(ITEM, id="b", **new)])[0]


@pytest.mark.parametrize(
    ("new", "elements", "found"),
    [
        ({}, set(), ""),
        ({"number": "4"}, set(), ""),
        ({"level": "机密"}, {"level"}, "level"),
        ({"tail": "3年"}, {"tail"}, "shorten"),
        ({"tail": "5年"}, set(), ""),
        ({"tail": "8年"}, {"tail"}, ""),
        ({"tail": "合同签订前"}, {"tail"}, "condition"),
        ({"text": "供水风险评估结论中可推断薄弱点的部分"}, {"text"}, "recheck"),
        ({"exceptions": "已公开的"}, {"exceptions"}, "recheck"),
        ({"text": "另一事项", "level": "机密"}, {"text", "level"}, "level"),
        ({"scope": "承担单位"}, {"scope"}, "scope"),
        ({"tier": "省级"}, {"tier"}, ""),
        ({"tail": "8年", "scope": "承担单位"}, {"tail", "scope"}, "scope"),
    ],
)
@pytest.mark.clause("TL-13c")
def test_each_element_that_changes_asks_for_its_own_review(new: dict[str, str], elements: set[str], found: str) -> None:
    made = change(**new)
    assert set(made.elements) == elements
    assert outcome(made, MATTER) == found


def test_a_shorter_period_touches_only_what_runs_past_it() -> None:
    shorter = change(tail="3年")
    assert outcome(shorter, replace(MATTER, last_protected_day=date(2027, 3, 1))) == ""
    assert outcome(shorter, replace(MATTER, last_protected_day=date(2027, 3, 2))) == "shorten"
    assert outcome(shorter, replace(MATTER, last_protected_day=None)) == "shorten"


def test_items_are_paired_by_code_then_by_number_and_what_is_gone_comes_last() -> None:
    twins = [replace(ITEM, id="1", number="1", code="X"), replace(ITEM, id="2", number="2", code="X")]
    moved = replace(ITEM, id="n", number="12")
    found = compare([ITEM, *twins], [replace(twins[1], id="m"), moved])
    assert [(c.kind, c.old.id if c.old else "", c.new.id if c.new else "") for c in found] == [
        ("same", "2", "m"),
        ("same", "a", "n"),
        ("removed", "1", ""),
    ]
    assert outcome(found[2], MATTER) == "release"
    assert compare([], [ITEM])[0].kind == "added"


@pytest.mark.clause("TL-12.1")
def test_since_september_2024_an_item_states_five_elements() -> None:
    silent = GuideItemFacts(tier=False, scope=False)
    found = judge("prc_state", "guides.import_edition", silent, date(2024, 9, 1)).blocking
    assert [(f.code, f.params["element"]) for f in found] == [
        ("guide.element_missing", "scope"),
        ("guide.element_missing", "tier"),
    ]
    assert judge("prc_state", "guides.import_edition", silent, date(2024, 8, 31)).findings == ()


@pytest.mark.clause("TL-13a")
def test_an_organ_with_authority_has_a_table_that_is_approved_and_not_stale() -> None:
    for state, due in (("", True), ("draft", True), ("stale", True), ("approved", False), ("filed", False)):
        assert bool(judge("prc_state", "guides.keep_catalogue", CatalogueFacts(True, state), DAY).blocking) is due
    assert judge("prc_state", "guides.keep_catalogue", CatalogueFacts(False), DAY).findings == ()


@pytest.mark.clause("GD-10.2")
def test_a_table_is_filed_only_once_the_head_approved_it() -> None:
    draft = CatalogueFacts(True, "draft", is_filing=True)
    assert judge("prc_state", "guides.file_catalogue", draft, DAY).blocking[0].clauses == ("GD-10.2",)
    approved = replace(draft, state="approved", approved_by_principal=True)
    assert judge("prc_state", "guides.file_catalogue", approved, DAY).findings == ()


@pytest.mark.clause("GD-8.2")
def test_a_classified_guide_is_read_within_clearance_only() -> None:
    for level, clearance, allowed in (
        ("", "", True),
        ("机密", "机密", True),
        ("机密", "秘密", False),
        ("秘密", "", False),
    ):
        assert judge("prc_state", "guides.read", GuideReadFacts(level, clearance), DAY).allowed is allowed


NAMED = GuideTextFacts("水务工作国家秘密范围的规定", effective_on=date(2026, 1, 1), since=date(2026, 1, 1))


def text_findings(on: date = DAY, **changes: object) -> list[tuple[str, str, tuple[str, ...]]]:
    verdict = judge("prc_state", "guides.enter_text", replace(NAMED, **changes), on)
    return [(f.code, f.severity, f.clauses) for f in verdict.findings]


@pytest.mark.clause("FW-6", "FW-7")
def test_a_main_text_names_its_guide_and_states_five_things_of_the_day_of_its_catalogue() -> None:
    assert text_findings() == []
    assert text_findings(title="水务密级具体范围") == [("guide.title_other", "warn", ("FW-6",))]
    for name in ("basis", "basic_scope", "relations", "interpreter", "effective_on"):
        missing = {name: None if name == "effective_on" else False}
        assert text_findings(**missing) == [("guide.text_incomplete", "block", ("FW-7",))]
    assert [code for code, _, _ in text_findings(since=date(2026, 1, 2))] == ["guide.text_other_day"]


@pytest.mark.clause("GD-6.2")
def test_a_joint_guide_is_signed_by_the_principals_of_all_who_made_it_from_may_2025_on() -> None:
    both, others = ("国家保密局", "水利部"), ("国家保密局", "交通运输部")
    lacking = [("guide.not_cosigned", "block", ("GD-6.2",))]
    assert text_findings(issuers=both, signatories=(*reversed(both),)) == []
    assert text_findings(issuers=both, signatories=both[:1]) == lacking
    assert text_findings(issuers=both, signatories=others) == lacking, "as many, but not the same"
    assert text_findings(issuers=both[:1]) == [], "one body alone signs as it issues"
    assert text_findings(date(2025, 4, 30), issuers=both, signatories=both[:1]) == []


@pytest.mark.clause("BMF-15.2")
def test_a_military_guide_comes_from_the_central_military_commission() -> None:
    assert text_findings(is_military=True, issuers=("中央军委",)) == []
    assert text_findings(is_military=True, issuers=("中央军事委员会办公厅",)) == []
    assert text_findings(is_military=True, issuers=("水利部",)) == [("guide.military_issuer", "block", ("BMF-15.2",))]
