"""The worked examples of the domain procedures."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import DingmiError, Invalid
from dingmi.regime import deadlines, judge
from dingmi.regime.kernel.register import clauses
from dingmi.regime.prc_state import facts, marks
from dingmi.regime.prc_state.facts import ItemFacts, OfficerFacts, OrganFacts, SourceFacts, Terms

TABLE = tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))
AT = datetime(2026, 11, 24, 10, 0)
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
ITEM = ItemFacts("SW#7", "机密", "10年", "SW-NET")
TERMS = Terms("机密", "10年", persons=("p1",))
DRAFTER = facts.DrafterFacts("p1", trained_until=datetime(2027, 1, 1), clearance="机密")
OFFICER = OfficerFacts(
    "p2", "designated", "main", "机密", ("*",), datetime(2024, 1, 1), None, False, True, datetime(2027, 1, 1), "机密"
)
ORGAN = OrganFacts(
    "other", (facts.DelegationFacts("授〔2025〕6号", "机密", ("*",), datetime(2025, 6, 20), datetime(2030, 6, 30)),)
)
PROPOSAL = facts.ProposalFacts(AT, DRAFTER, TERMS, ITEM, True, BARS)
APPROVAL = facts.ApprovalFacts(AT, "p1", OFFICER, ORGAN, TERMS, ITEM, bars=BARS)
EXTENSION = facts.ExtensionFacts(
    datetime(2026, 3, 20), "p1", replace(OFFICER, max_level="机密"), ORGAN, "active",
    Terms("秘密", "5年", persons=("p1",)), Terms("秘密", "10年", persons=("p1",)),
    date(2021, 4, 1), date(2026, 4, 1), ItemFacts("SW#3", "秘密", "10年", "SW-RSK"),
)  # fmt: skip


def codes(act: str, given: Any, on: date | None = None) -> set[str]:
    """Return the codes of the findings that block."""
    at = on or (given.on if hasattr(given, "on") else given.at.date())
    return {f.code for f in judge("prc_state", act, given, at).blocking}


@pytest.mark.parametrize("row", TABLE["mark"], ids=lambda r: r["id"])
@pytest.mark.clause("TL-19.2a")
@pytest.mark.clause("TL-19.2b")
@pytest.mark.clause("ZX-24.1")
@pytest.mark.clause("ZX-24.4b")
def test_mark_runs_from_its_start_to_its_last_protected_day(row: dict[str, Any]) -> None:
    parsed = marks.parse(row["text"], issued=row.get("issued"), notified=row.get("notified"))
    assert (parsed.window.last_protected_day, parsed.window.declassified_from) == (row["last"], row["from"])
    assert set(row["clauses"]) <= set(clauses())


@pytest.mark.parametrize("row", TABLE["deadline"], ids=lambda r: r["id"])
def test_deadline_follows_the_rule_of_its_start_date(row: dict[str, Any]) -> None:
    start = datetime.fromisoformat(row["from"]) if "T" in row["from"] else date.fromisoformat(row["from"])
    found = deadlines.compute(row["name"], start)
    assert (found["due"].isoformat(), found["clause"]) == (row["due"], row["clause"])


def test_deadline_in_a_year_that_is_not_loaded_says_so() -> None:
    with pytest.raises(DingmiError) as refused:
        deadlines.compute("unclear_matter_report", date(2026, 12, 28))
    assert (refused.value.kind, refused.value.code) == ("Unavailable", "calendar.not_loaded")


@pytest.mark.clause("ZX-32")
@pytest.mark.clause("ZX-22.1")
def test_e9_condition_releases_when_an_officer_confirms_it() -> None:
    assert marks.parse("绝密★启用前", issued=date(2026, 1, 1)).window.declassified_from is None
    event = facts.EventFacts(
        datetime(2026, 6, 7, 10),
        datetime(2026, 6, 7, 9),
        replace(OFFICER, max_level="绝密"),
        "p1",
        "active",
        "event",
        True,
    )
    assert codes("declassification.confirm_event", event) == set()
    assert codes("declassification.confirm_event", replace(event, has_evidence=False)) == {"event.no_evidence"}


@pytest.mark.clause("ZX-22.2")
def test_e10_indefinite_is_refused_where_the_item_has_a_period() -> None:
    item = replace(ITEM, tail="20年")
    given = replace(PROPOSAL, item=item, terms=replace(TERMS, tail="长期"))
    assert "tail.indefinite" in codes("determination.propose", given)
    assert "tail.indefinite" not in codes("determination.propose", replace(given, item=replace(item, tail="长期")))


@pytest.mark.clause("FW-9.1")
@pytest.mark.clause("BMF-20.3")
def test_e11_period_above_the_items_is_refused_though_below_the_law() -> None:
    assert codes("determination.propose", replace(PROPOSAL, terms=replace(TERMS, tail="15年"))) == {"period.over_item"}


@pytest.mark.clause("FW-9.1")
@pytest.mark.clause("BMF-19")
def test_e12_level_other_than_the_items_is_refused() -> None:
    assert codes("determination.propose", replace(PROPOSAL, terms=replace(TERMS, level="秘密"))) == {
        "level.not_the_items"
    }


@pytest.mark.clause("ZX-44.1")
@pytest.mark.clause("GD-11.2")
@pytest.mark.clause("BMF-17.3")
@pytest.mark.clause("TL-17.2")
def test_e13_provincial_department_refers_a_top_secret_item_and_protects_it() -> None:
    given = facts.ReferralFacts(
        AT, OrganFacts("prefecture"), Terms("绝密", "20年", persons=("p1",)), replace(ITEM, level="绝密", tail="20年")
    )
    verdict = judge("prc_state", "referral.refer", given, AT.date())
    assert verdict.allowed
    assert (verdict.values["referral_kind"], verdict.values["protected_as"]) == ("insufficient", "绝密")
    assert verdict.values["organ_authority"] == "机密"
    assert codes("referral.refer", replace(given, terms=TERMS, item=ITEM)) == {"referral.within_authority"}


@pytest.mark.clause("TL-18.1")
@pytest.mark.clause("GD-11.3")
@pytest.mark.clause("TL-29.4")
@pytest.mark.clause("BMF-26.2b")
def test_e14_county_office_derives_top_secret_with_consent_only() -> None:
    source = SourceFacts("s1", "绝密", "20年", date(2040, 1, 1), has_consent=True, persons=("p1",))
    terms = Terms("绝密", "2040年1月2日", persons=("p1",))
    given = facts.DerivationFacts(AT, replace(DRAFTER, clearance="绝密"), terms, (source,), "identical")
    assert codes("derivation.propose", given) == set()
    assert codes("derivation.propose", replace(given, sources=(replace(source, has_consent=False),))) == {
        "derivation.consent_missing"
    }
    officer = replace(OFFICER, max_level="绝密", clearance="绝密")
    approval = facts.ApprovalFacts(AT, "p1", officer, OrganFacts("other"), terms, None, "derivative", {}, (source,))
    verdict = judge("prc_state", "determination.approve", approval, AT.date())
    assert verdict.allowed and verdict.values["authority_applies"] is False


@pytest.mark.clause("TL-18")
def test_e15_derived_matter_ends_with_its_source_by_an_absolute_date() -> None:
    source = SourceFacts("s1", "机密", "20年", date(2035, 6, 1), persons=("p1",))
    given = facts.DerivationFacts(
        datetime(2025, 3, 1, 9), DRAFTER, Terms("机密", "2035年6月2日", persons=("p1",)), (source,), "rework"
    )
    verdict = judge("prc_state", "derivation.propose", given, date(2025, 3, 1))
    assert verdict.allowed and verdict.values["derived_tail"] == "2035年6月2日"
    assert codes("derivation.propose", replace(given, terms=replace(given.terms, tail="20年"))) == {
        "derivation.tail_differs"
    }


@pytest.mark.clause("PS-8")
def test_e16_only_the_points_used_hand_on_their_level() -> None:
    source = SourceFacts(
        "s1",
        "绝密",
        "20年",
        date(2035, 6, 1),
        marks_points=True,
        point_levels=("秘密",),
        has_consent=True,
        persons=("p1",),
    )
    given = facts.DerivationFacts(AT, DRAFTER, Terms("秘密", "2035年6月2日", persons=("p1",)), (source,), "point")
    assert codes("derivation.propose", given) == set()


@pytest.mark.clause("PS-8")
def test_e17_two_sources_give_the_highest_level_the_latest_end_and_a_change_task() -> None:
    one = SourceFacts("s1", "机密", "20年", date(2030, 5, 1), persons=("p1", "p2"))
    two = SourceFacts("s2", "秘密", "10年", date(2034, 1, 1), persons=("p1", "p3"))
    given = facts.DerivationFacts(AT, DRAFTER, Terms("机密", "2034年1月2日", persons=("p1",)), (one, two), "rework")
    verdict = judge("prc_state", "derivation.propose", given, AT.date())
    assert verdict.allowed
    assert verdict.values["derived_persons"] == ["p1"]
    assert verdict.values["change_tasks"] == [{"on": date(2030, 5, 2), "from_level": "机密", "to_level": "秘密"}]
    assert codes("derivation.propose", replace(given, terms=replace(given.terms, persons=("p1", "p2")))) == {
        "derivation.scope_wider"
    }


@pytest.mark.clause("BMF-24.2c")
def test_e24_extension_counts_from_the_original_start() -> None:
    verdict = judge("prc_state", "change.extend", EXTENSION, date(2026, 3, 20))
    assert verdict.allowed
    assert verdict.values["last_protected_day"] == date(2031, 4, 1)
    assert verdict.values["notice_due_by"] == date(2026, 4, 1)


@pytest.mark.clause("ZX-27.2")
def test_e25_extension_beyond_the_item_needs_central_approval() -> None:
    given = replace(EXTENSION, terms=replace(EXTENSION.terms, tail="12年"))
    assert codes("change.extend", given) == {"extension.needs_central_approval"}
    assert codes("change.extend", replace(given, has_central_approval=True)) == set()


@pytest.mark.clause("BMF-24.2c")
@pytest.mark.clause("BMF-24.2a")
def test_e26_extension_on_the_last_day_is_accepted_and_on_the_next_refused() -> None:
    assert codes("change.extend", replace(EXTENSION, at=datetime(2026, 4, 1, 17))) == set()
    assert codes("change.extend", replace(EXTENSION, at=datetime(2026, 4, 2, 9))) == {"extension.too_late"}
    lapse = facts.LapseFacts(date(2026, 4, 2), "active", "period", date(2026, 4, 2))
    assert judge("prc_state", "declassification.lapse", lapse, lapse.on).values["lapses"] is True


@pytest.mark.clause("ZX-26.1")
@pytest.mark.clause("BMF-23.1")
def test_e27_downgrade_is_counted_from_the_original_start() -> None:
    given = facts.ChangeFacts(
        datetime(2026, 8, 15, 9), "p1", OFFICER, ORGAN, "active", Terms("机密", "20年", persons=("p1",)),
        Terms("秘密", "10年", persons=("p1",)), date(2020, 5, 10), "damage_changed", replace(ITEM, level="秘密"),
    )  # fmt: skip
    verdict = judge("prc_state", "change.change", given, date(2026, 8, 15))
    assert verdict.allowed and verdict.values["last_protected_day"] == date(2030, 5, 10)
    assert codes("change.change", replace(given, ground="")) == {"change.no_ground"}


@pytest.mark.clause("BMF-20.4")
@pytest.mark.clause("ZX-35")
def test_e28_publication_releases_at_that_instant_without_notice() -> None:
    given = facts.LapseFacts(date(2024, 6, 1), "active", "period", date(2028, 1, 2), datetime(2024, 6, 1, 10))
    verdict = judge("prc_state", "declassification.lapse", given, given.on)
    assert verdict.values["lapses"] is True and verdict.values["released_at"] == datetime(2024, 6, 1, 10)
    assert verdict.values["notice_needed"] is False


@pytest.mark.clause("ZX-36.1")
@pytest.mark.clause("CS-124")
def test_e29_release_is_not_publication() -> None:
    given = facts.PublicationFacts(datetime(2025, 3, 12, 9), "declassified")
    assert codes("disclosure.publish", given) == {"publication.not_reviewed"}
    assert codes("disclosure.publish", replace(given, disclosure_reviewed=True)) == set()


@pytest.mark.clause("ZX-14.1")
@pytest.mark.clause("SEED-1")
def test_e36_officer_with_a_lower_instrument_is_refused_even_for_a_derivative() -> None:
    source = SourceFacts("s1", "绝密", "20年", date(2040, 1, 1), has_consent=True, persons=("p1",))
    given = facts.ApprovalFacts(
        AT, "p1", OFFICER, ORGAN, Terms("绝密", "2040年1月2日", persons=("p1",)), None, "derivative", {}, (source,)
    )
    assert "officer.over_level" in codes("determination.approve", given)


@pytest.mark.clause("TL-20")
@pytest.mark.clause("ZX-28.4")
def test_e38_knowledge_is_recorded_from_jimi_up_and_for_admissions_at_every_level() -> None:
    def row(level: str, admitted: bool) -> bool:
        given = facts.ReadFacts(AT, level, admitted)
        return bool(judge("prc_state", "carriers.read", given, AT.date()).values["knowledge_row"])

    assert [row("机密", False), row("秘密", False), row("秘密", True)] == [True, False, True]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"officer": replace(OFFICER, person="p1")}, "officer.is_the_drafter"),
        ({"officer": replace(OFFICER, kind="")}, "officer.not_appointed"),
        ({"officer": replace(OFFICER, until=AT)}, "officer.term_ended"),
        ({"officer": replace(OFFICER, tier="assistant")}, "officer.assistant"),
        ({"officer": replace(OFFICER, is_suspended=True)}, "officer.suspended"),
        ({"officer": replace(OFFICER, trained_until=AT)}, "officer.training_lapsed"),
        ({"officer": replace(OFFICER, trained_until=None)}, "officer.untrained"),
        ({"officer": replace(OFFICER, max_level="秘密")}, "officer.over_level"),
        ({"officer": replace(OFFICER, matters=("SW-FLD",))}, "officer.outside_matters"),
        ({"officer": replace(OFFICER, clearance="秘密")}, "officer.clearance"),
        ({"officer": replace(OFFICER, qualification="秘密")}, "officer.qualification"),
        ({"organ": OrganFacts("other")}, "authority.none"),
        ({"terms": replace(TERMS, persons=())}, "element.scope_missing"),
        ({"terms": replace(TERMS, level="")}, "element.level_missing"),
        ({"terms": replace(TERMS, tail="")}, "element.tail_missing"),
        ({"item": None}, "basis.missing"),
        ({"item": replace(ITEM, until=date(2026, 1, 1))}, "basis.item_not_in_force"),
        ({"terms": replace(TERMS, tail="条件成熟时")}, "tail.vague_event"),
        ({"terms": replace(TERMS, tail="★★")}, "tail.malformed"),
        ({"bars": {**BARS, "public_needed": True}}, "bar.public_needed"),
        ({"bars": {**BARS, "other_secret": True}}, "bar.other_secret"),
        ({"bars": {**BARS, "already_public": True}}, "bar.already_public"),
        ({"bars": {**BARS, "statute_public": True}}, "bar.statute_public"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.clause("BMF-16.2")
@pytest.mark.clause("BMF-17.1")
@pytest.mark.clause("TL-14.2")
@pytest.mark.clause("ZX-14.2")
@pytest.mark.clause("GD-6.1")
@pytest.mark.clause("ZX-19.1")
@pytest.mark.clause("ZX-19.2")
@pytest.mark.clause("ZX-19.3")
@pytest.mark.clause("BMF-4.2")
def test_one_broken_element_is_refused_with_its_code(change: dict[str, Any], code: str) -> None:
    assert codes("determination.approve", APPROVAL) == set()
    assert code in codes("determination.approve", replace(APPROVAL, **change))


@pytest.mark.clause("BMF-20.2")
@pytest.mark.parametrize(("level", "cap"), [("秘密", 10), ("机密", 20), ("绝密", 30)])
def test_period_above_the_statutory_cap_is_refused(level: str, cap: int) -> None:
    item = ItemFacts("x", level, f"{cap}年")
    lawful = replace(PROPOSAL, item=item, terms=replace(TERMS, level=level, tail=f"{cap}年"))
    assert codes("determination.propose", lawful) == set()
    above = replace(lawful, terms=replace(lawful.terms, tail=f"{cap}年1个月"))
    assert "period.over_cap" in codes("determination.propose", above)
    allowed = replace(above, item=replace(item, tail="长期", allows_over_cap=True))
    assert codes("determination.propose", allowed) == set()


def test_every_fault_is_told_at_once() -> None:
    broken = replace(
        PROPOSAL, terms=Terms(), item=None, bars={}, has_reasons=False, drafter=replace(DRAFTER, trained_until=None)
    )
    assert codes("determination.propose", broken) >= {
        "element.level_missing", "element.tail_missing", "element.scope_missing", "basis.missing",
        "bar.unanswered", "reasons.missing", "drafter.untrained",
    }  # fmt: skip


def test_rule_of_an_older_edition_cites_the_clause_of_its_day() -> None:
    given = replace(
        APPROVAL, at=datetime(2020, 5, 1, 9), officer=replace(OFFICER, person="p1", since=datetime(2019, 1, 1))
    )
    found = judge("prc_state", "determination.approve", given, date(2020, 5, 1))
    cited = {f.code: f.clauses for f in found.blocking}
    assert cited["officer.is_the_drafter"] == ("BMF10-12.2",)


def test_same_facts_rulebook_and_date_give_the_same_verdict() -> None:
    one, two = (judge("prc_state", "determination.approve", APPROVAL, AT.date()) for _ in range(2))
    assert one.payload() == two.payload()


@pytest.mark.parametrize(
    "text",
    ["", "★10年", "公开★10年", "机密10年", "机密★0年", "机密★2026年2月30日", "机密★★", "机密★10年机密", "x" * 300],
)
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        marks.parse(text, issued=date(2026, 1, 1))
