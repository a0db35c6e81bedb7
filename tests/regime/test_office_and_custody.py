"""Authority, officers, staff, carriers, systems and disclosure: one broken fact a row, refused on the ground of its clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from dingmi.base.errors import Invalid
from dingmi.regime import access, judge
from dingmi.regime.prc_state import facts, facts_custody, facts_office, life, marks
from dingmi.regime.prc_state.facts import DelegationFacts, OfficerFacts, OrganFacts, Terms

AT = datetime(2026, 11, 24, 10)
OLD = datetime(2015, 6, 1, 10)
TERMS = Terms("绝密", "20年", persons=("p1",))
LAWFUL: dict[str, Any] = {
    "delegation.apply": facts_office.ApplicationFacts(AT, OrganFacts("other"), "机密", ("SW",), (4, 7, 8)),
    "officers.end": facts_office.ReplacementFacts(AT, "left_post", True),
    "officers.designate": facts_office.DesignationFacts(
        AT, OrganFacts("prefecture"), "机密", ("*",), AT, None, True, False, "机密", datetime(2030, 1, 1)
    ),
    "personnel.clear": facts_office.ClearingFacts(AT, "重要", "机密", True),
    "personnel.grant_clearance": facts_office.ClearanceFacts(AT, is_foreign=False),
    "personnel.leave": facts_office.LeavingFacts(AT, "重要", date(2026, 4, 15), date(2028, 4, 15)),
    "carriers.receive": facts_custody.ReceiptFacts(AT, "绝密"),
    "carriers.transfer": facts_custody.TransferFacts(AT, "绝密", "机要交通", 2),
    "carriers.copy": facts_custody.CopyFacts(AT, "绝密", TERMS, TERMS, has_consent=True),
    "carriers.read": facts.ReadFacts(AT, "绝密"),
    "carriers.store": facts_custody.StorageFacts(AT, "绝密", "p1", True, "绝密"),
    "carriers.destroy": facts_custody.DestructionFacts(AT, "绝密"),
    "system.configure": facts_custody.SystemFacts(AT, "机密", ("秘密", "机密"), 10, 7, "", "a", "b", "c"),
    "cipher.claim": facts_custody.CipherFacts(AT, "机密", "ordinary", True),
    "disclosure.approve": facts_custody.DisclosureApprovalFacts(AT, False, "a", "b", "c"),
    "archives.transfer": facts_custody.ArchiveFacts(AT, True, True),
}


def case(act: str, clause: str, code: str, proves: tuple[str, ...] = (), /, **change: Any) -> Any:
    """Make a row; ``proves`` names further clauses that the row rests on."""
    return pytest.param(act, change, code, clause, id=f"{clause} {code}", marks=pytest.mark.clause(clause, *proves))


CASES = [
    case("delegation.apply", "ZX-9.1", "application.not_frequent", ("ZX-44.4",), originals=(5, 6, 6)),
    case("delegation.apply", "ZX-9.1", "application.has_authority", organ=OrganFacts("prefecture")),
    case("delegation.apply", "ZX-9.3", "application.incomplete", has_basis=False),
    case("officers.end", "ZX-17", "replacement.no_ground", ground="tired"),
    case("officers.end", "ZX-17", "designation.not_by_principal", by_principal=False),
    case("officers.designate", "TL-14.1", "designation.not_by_principal", ("BMF-16.1",), by_principal=False),
    case("officers.designate", "BMF10-12.1", "designation.not_by_principal", at=datetime(2013, 5, 1),
         since=datetime(2013, 5, 1), by_principal=False),
    case("officers.designate", "ZX-14.1", "designation.no_matters", matters=()),
    case("officers.designate", "QA-9", "designation.not_nominated", ("QA-2",), was_nominated=False),
    case("officers.designate", "SEED-3", "designation.untrained", trained_until=None),
    case("officers.designate", "GD-4", "designation.over_authority", max_level="绝密", clearance="绝密"),
    case("personnel.clear", "BMF-43.1", "staff.category", category="普通"),
    case("personnel.clear", "SEED-31", "staff.category_level", level="绝密"),
    case("personnel.clear", "TL-50.1", "staff.not_vetted", ("BMF-43.2",), vetting_passed=False),
    case("personnel.clear", "BMF-43.3", "staff.untrained", is_trained=False),
    case("personnel.clear", "BMF-43.3", "staff.no_undertaking", has_undertaking=False),
    case("personnel.grant_clearance", "TL-44", "clearance.foreign", ("BMF-37",), is_foreign=True),
    case("personnel.leave", "TL-53", "leaving.talk", ("BMF-46",), had_talk=False),
    case("personnel.leave", "TL-53", "leaving.outstanding", ("BMF-46",), carriers_outstanding=1),
    case("personnel.leave", "TL-53", "leaving.access", access_revoked=False),
    case("personnel.leave", "TL-53", "leaving.no_cooling_off", cooling_until=None),
    case("personnel.leave", "CS-41", "leaving.cooling_off_short", cooling_until=date(2028, 4, 14)),
    case("carriers.receive", "TL-27.2", "receipt.count", counted=1),
    case("carriers.receive", "TL-29.1", "receipt.no_named_person", ("BMF-26.2c",), by_named_person=False),
    case("carriers.transfer", "TL-27.3", "transfer.channel", ("BMF-28",), channel="快递"),
    case("carriers.transfer", "BMF-29", "transfer.open_network", channel="互联网"),
    case("carriers.transfer", "TL-29.2", "transfer.couriers", couriers=1),
    case("carriers.transfer", "TL-29.2", "transfer.unpacked", is_packed=False),
    case("carriers.transfer", "TL-29.5", "transfer.export", ("BMF-28",), leaves_the_country=True),
    case("carriers.copy", "TL-27.5", "copy.not_approved", is_approved=False),
    case("carriers.copy", "TL-27.5", "copy.elements_changed", copy=replace(TERMS, tail="10年")),
    case("carriers.copy", "TL-27.5", "copy.not_stamped", is_stamped=False),
    case("carriers.copy", "TL-29.4", "carrier.top_secret_consent", ("BMF-26.2b",), has_consent=False),
    case("carriers.copy", "TL14-21", "carrier.top_secret_consent", at=OLD, has_consent=False),
    case("carriers.read", "TL-29.4", "carrier.top_secret_consent", ("BMF-26.2b",), excerpt=True),
    case("carriers.read", "TL-29.3", "read.not_in_designated_place", in_designated_place=False),
    case("carriers.store", "BMF-26.2a", "storage.no_custodian", custodian=""),
    case("carriers.store", "BMF-26.2a", "storage.place", place_meets_standard=False),
    case("carriers.store", "BMF-31.1.3", "storage.system_grade", ("TL-41",), system_grade="秘密"),
    case("system.configure", "CS-78", "system.work_secrets", grade="", levels_stored=("内部",)),
    case("carriers.store", "SEED-18", "storage.other_level", store_level="机密"),
    case("carriers.destroy", "TL-28.2", "destruction.not_approved", ("BMF-28",), is_approved=False),
    case("carriers.destroy", "TL-28.2", "destruction.not_registered", is_counted=False),
    case("carriers.destroy", "TL-28.2", "destruction.facility", at_designated_facility=False),
    case("carriers.destroy", "TL-28.2", "destruction.witnesses", witnesses=1),
    case("carriers.destroy", "CS-58", "destruction.record", record_is_permanent=False),
    case("system.configure", "TL-32", "system.grade", ("BMF-31.1.3", "BMF10-21.1"), levels_stored=("绝密",)),
    case("system.configure", "CS-68", "system.passwords", password_days=30),
    case("system.configure", "TL-34", "system.administrators", ("CS-85",), audit_admin=""),
    case("system.configure", "CS-85x", "system.auditor", audit_admin="b"),
    case("system.configure", "BJ-18.2", "system.administrators_unfit", are_trained=False),
    case("system.configure", "BMF-31.1.4", "system.controls", ("CS-85",), changes_controls=True),
    case("cipher.claim", "MM-7", "cipher.class", ("SEED-16",), level="绝密"),
    case("cipher.claim", "MM-14", "cipher.no_lawful_claim", ("SEED-16",), cipher_class="commercial"),
    case("cipher.claim", "MM-8", "cipher.commercial", cipher_class="commercial", claims_lawful_protection=False),
    case("disclosure.approve", "CS-122", "disclosure.chain_incomplete", ("BMF-35",), reviewed_by=""),
    case("disclosure.approve", "CS-122", "disclosure.one_hand", approved_by="a"),
    case("disclosure.approve", "TL-5", "disclosure.still_secret", ("TL14-5",), is_secret=True),
    case("disclosure.approve", "TL-5", "disclosure.must_be_public", must_be_public=True, is_refused=True),
    case("disclosure.approve", "TL-43.3", "disclosure.aggregate", ("BMF-36.3",), aggregate_checked=False),
    case("archives.transfer", "JM-4.2", "archive.not_reviewed", ("ZX-37.1", "DA-20"), was_reviewed=False),
    case("archives.transfer", "ZX-37.1", "archive.not_reviewed", at=OLD, was_reviewed=False),
]  # fmt: skip


def values(act: str, given: Any) -> dict[str, Any]:
    """Return what the law decides."""
    return dict(judge("prc_state", act, given, given.on if hasattr(given, "on") else given.at.date()).values)


@pytest.mark.parametrize("act", LAWFUL)
def test_the_lawful_case_is_allowed_without_a_word(act: str) -> None:
    assert judge("prc_state", act, LAWFUL[act], AT.date()).findings == ()


@pytest.mark.parametrize(("act", "change", "code", "clause"), CASES)
def test_one_broken_fact_is_told_on_the_ground_of_its_clause(
    act: str, change: dict[str, Any], code: str, clause: str
) -> None:
    broken = replace(LAWFUL[act], **change)
    found = {f.code: f.clauses for f in judge("prc_state", act, broken, broken.at.date()).findings}
    assert found[code][0] == clause


@pytest.mark.clause("CS-42", "CS-41")
def test_e33_cooling_off_starts_with_the_approval_to_leave() -> None:
    found = values("personnel.leave", LAWFUL["personnel.leave"])
    assert found == {
        "cooling_from": date(2026, 4, 15),
        "cooling_until_earliest": date(2028, 4, 15),
        "cooling_until_latest": date(2029, 4, 15),
    }


@pytest.mark.clause("ZX-44.4", "ZX-9.1")
def test_e32_frequently_means_six_a_year_over_three_years() -> None:
    given = LAWFUL["delegation.apply"]
    for originals, frequent in (((4, 7, 8), True), ((5, 6, 6), False), ((9, 0, 0, 18), True), ((6, 6, 6), True)):
        found = values("delegation.apply", replace(given, originals=originals))
        assert (found["is_frequent"], found["may_apply"]) == (frequent, frequent)


@pytest.mark.parametrize(
    ("grade", "length", "days", "factor", "fits"),
    [
        ("秘密", 8, 30, "", True), ("秘密", 7, 30, "", False), ("秘密", 8, 31, "", False), ("秘密", 8, 0, "", False),
        ("机密", 10, 7, "", True), ("机密", 9, 7, "", False), ("机密", 4, 0, "token", True), ("机密", 3, 0, "token", False),
        ("绝密", 20, 1, "", False), ("绝密", 6, 0, "token", True), ("绝密", 5, 0, "token", False),
        ("绝密", 0, 0, "biometric", True), ("机密", 0, 0, "biometric", False),
    ],
)  # fmt: skip
@pytest.mark.clause("CS-68")
def test_passwords_by_grade(grade: str, length: int, days: int, factor: str, fits: bool) -> None:
    given = facts_custody.SystemFacts(AT, grade, (), length, days, factor, "a", "b", "c")
    found = {f.code for f in judge("prc_state", "system.configure", given, AT.date()).blocking}
    assert found == (set() if fits else {"system.passwords"})


@pytest.mark.parametrize(
    ("tier", "at", "clause", "level"),
    [
        ("central", AT, "BMF-17.2a", "绝密"), ("provincial", AT, "BMF-17.2a", "绝密"),
        ("prefecture", AT, "BMF-17.2b", "机密"), ("security", AT, "BMF-17.4", "机密"), ("other", AT, "ZX-44.1", ""),
        ("provincial", OLD, "BMF10-13.2", "绝密"), ("prefecture", OLD, "BMF10-13.2", "机密"),
    ],
)  # fmt: skip
@pytest.mark.clause("BMF-17.2a", "BMF-17.2b", "BMF-17.4", "BMF10-13.2", "ZX-44.1")
def test_inherent_authority_by_tier_and_by_the_clause_of_the_day(
    tier: str, at: datetime, clause: str, level: str
) -> None:
    organ = OrganFacts(tier, own_authority="机密" if tier == "security" else "")
    verdict = judge("prc_state", "authority.of", facts_office.AuthorityFacts(at, organ), at.date())
    assert verdict.values["inherent_authority"] == level
    assert f"inherent_authority {clause}" in verdict.trace


@pytest.mark.clause("QA-3", "ZX-14.1")
def test_the_principal_has_the_organs_authority_and_a_designee_what_the_instrument_gives_within_it() -> None:
    held = DelegationFacts("授1", "机密", ("SW",), datetime(2026, 1, 1), datetime(2031, 1, 1))
    asked = facts_office.AuthorityFacts(AT, OrganFacts("other", (held,)), OfficerFacts("p", "statutory"), "SW")
    assert values("authority.of", asked)["officer_authority"] == "机密"
    for given, expected in (("秘密", "秘密"), ("绝密", "机密"), ("", "")):
        officer = OfficerFacts("p", "designated", max_level=given)
        assert values("authority.of", replace(asked, officer=officer))["officer_authority"] == expected
    assert values("authority.of", replace(asked, matter_code="XX"))["officer_authority"] == ""


@pytest.mark.clause("ZX-9.2")
def test_an_application_goes_to_the_line_superior_first() -> None:
    given = LAWFUL["delegation.apply"]
    assert values("delegation.apply", given)["apply_to"] == "line_superior"
    assert values("delegation.apply", replace(given, has_line_superior=False))["apply_to"] == "superior"


@pytest.mark.clause("TL-32")
def test_a_systems_grade_is_the_highest_level_that_it_stores() -> None:
    assert values("system.configure", LAWFUL["system.configure"])["system_grade"] == "机密"


@pytest.mark.clause("GD-2.2", "SEED-3")
def test_origin_is_one_of_two_and_a_designee_holds_a_commission() -> None:
    officer = OfficerFacts("p2", "designated", "main", "机密", ("*",), datetime(2020, 1, 1), has_commission=False,
                           trained_until=datetime(2040, 1, 1), clearance="机密")  # fmt: skip
    made = facts.ApprovalFacts(AT, "p1", officer, OrganFacts("prefecture"), Terms("机密", "10年", persons=("p1",)),
                               facts.ItemFacts("x", "机密", "10年"), "borrowed")  # fmt: skip
    found = {f.code: f.clauses[0] for f in judge("prc_state", "determination.approve", made, AT.date()).blocking}
    assert found == {"origin.unknown": "GD-2.2", "officer.no_commission": "SEED-3"}


@pytest.mark.parametrize(
    ("change", "whose", "clause"),
    [
        ({}, "own", "BMF-17.1"),
        ({"issued_by_superior": True, "is_joint": True}, "issuer", "QA-5"),
        ({"of_temporary_body": True, "is_joint": True}, "organ_of_daily_work", "ZX-25.2"),
        ({"is_joint": True}, "lead_organ", "ZX-25.1"),
    ],
)
@pytest.mark.clause("QA-5", "ZX-25.2", "ZX-25.1")
def test_whose_matter_it_is(change: dict[str, bool], whose: str, clause: str) -> None:
    verdict = judge("prc_state", "determination.originate", facts_custody.OriginFacts(AT, **change), AT.date())
    assert (verdict.values["originator"], f"originator {clause}" in verdict.trace) == (whose, True)


@pytest.mark.clause("QA-8")
def test_a_holder_may_take_it_for_released_when_no_extension_came_in_time() -> None:
    def released(on: date, came: date | None, published: datetime | None = None) -> bool:
        given = facts_custody.HoldingFacts(on, date(2026, 4, 1), came, published)
        return bool(values("holding.state", given)["treated_as_released"])

    assert not released(date(2026, 4, 1), None)
    assert released(date(2026, 4, 2), None)
    assert not released(date(2026, 4, 2), date(2026, 4, 1))
    assert released(date(2026, 4, 2), date(2026, 4, 2))
    assert released(date(2025, 1, 2), None, datetime(2025, 1, 1, 9))


@pytest.mark.clause("TL-19.2a", "TL-19.2b", "ZX-24.4b")
def test_a_mark_found_starts_with_its_issue_or_its_notice_and_a_missing_tail_is_supplied() -> None:
    found = values("marks.read", facts_custody.MarkFacts(AT.date(), "绝密", False, date(1996, 5, 20)))
    assert found == {"starts_on": date(1996, 5, 20), "supplied_tail": "30年"}
    noted = facts_custody.MarkFacts(AT.date(), "秘密", False, None, date(2023, 7, 1))
    assert values("marks.read", noted) == {"starts_on": date(2023, 7, 1), "supplied_tail": ""}


@pytest.mark.clause("TL-73.2")
def test_a_work_secret_is_read_by_those_who_need_to_know_it_only() -> None:
    target = access.Object("内部", "active", "p1", persons=frozenset({"p2"}))
    read = {who: access.decide(access.Subject(who, frozenset(), ""), "content", target) for who in ("p1", "p2", "p3")}
    assert {who: bool(found) for who, found in read.items()} == {"p1": True, "p2": True, "p3": False}
    assert {found.clauses for found in read.values()} == {("TL-73.2",)}


@pytest.mark.parametrize("text", ["商业秘密★3年", "核心商密★3年", "内部★10年"])
@pytest.mark.clause("BMF-22.3")
def test_e35_the_star_is_kept_for_state_secrets(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        marks.parse(text, issued=date(2026, 1, 1))
    assert (refused.value.code, refused.value.clauses) == ("mark.star_reserved", ("BMF-22.3",))


@pytest.mark.clause("BMF-26.2b", "TL-29.4")
def test_e39_a_print_of_top_secret_needs_consent_and_one_of_a_lower_level_does_not() -> None:
    def refused(level: str, consent: bool) -> set[str]:
        elements = replace(TERMS, level=level)
        made = facts_custody.CopyFacts(AT, level, elements, elements, has_consent=consent)
        return {f.code for f in judge("prc_state", "carriers.copy", made, AT.date()).blocking}

    assert refused("绝密", False) == {"carrier.top_secret_consent"}
    assert refused("绝密", True) == refused("机密", False) == set()


@pytest.mark.clause("BMF-24.1")
def test_e40_a_determination_of_the_last_quarter_counts_as_the_review_of_its_year() -> None:
    assert life.review_due(2026) == date(2026, 12, 31)
    days = (date(2025, 12, 20), date(2025, 10, 1), date(2025, 9, 30), date(2024, 12, 20))
    assert [life.counts_as_reviewed(day, 2025) for day in days] == [True, True, False, False]
