"""The law of a matter's later life: one broken fact a row is refused on the ground of its clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from dingmi.regime import judge
from dingmi.regime.prc_state import facts, facts_custody, facts_life
from dingmi.regime.prc_state.facts import ItemFacts, OfficerFacts, OrganFacts, Terms

AT = datetime(2026, 11, 24, 10)
OLD = datetime(2015, 6, 1, 10)
TERMS = Terms("机密", "10年", persons=("p3",))
ITEM = ItemFacts("SW#7", "机密", "10年", "SW-NET")
OFFICER = OfficerFacts(
    "p2", "statutory", "main", "", ("*",), datetime(2010, 1, 1), None, False, True, datetime(2040, 1, 1), "绝密"
)
CHANGE = facts.ChangeFacts(
    AT, "p1", OFFICER, OrganFacts("prefecture"), "active", TERMS, replace(TERMS, tail="8年"), date(2022, 1, 1),
    "basis_changed", ITEM,
)  # fmt: skip
APPROVAL = facts.ApprovalFacts(
    AT, "p1", OFFICER, OrganFacts("prefecture", (), "home"), TERMS, ITEM,
    bars={"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False},
)  # fmt: skip
SOURCE = facts.SourceFacts("s1", "机密", "10年", date(2034, 12, 31), persons=("p3",))
TOP = replace(SOURCE, level="绝密")
LAWFUL: dict[str, Any] = {
    "review.decide": facts.ReviewFacts(
        AT, "p1", OFFICER, "active", 2026, terms=TERMS, starts_on=date(2024, 12, 31), sources=(SOURCE,)
    ),
    "determination.not_secret": facts.NotSecretFacts(AT, "derivative", (replace(SOURCE, part_answer="agrees"),)),
    "change.change": CHANGE,
    "determination.approve": APPROVAL,
    "change.register_external": facts_life.ExternalFacts(AT, "change", "active", True, False, AT.date()),
    "succession.hand_over": facts_life.HandoverFacts(AT, 2, 2, AT.date(), AT.date()),
    "succession.assign": facts_life.SuccessionFacts(AT, "abolished", "o2", function_taker="o2"),
    "reception.register_notice": facts_life.OriginatorNoticeFacts(AT, "extended", AT.date(), date(2026, 12, 31)),
    "disclosure.publish": facts.PublicationFacts(AT, "declassified", True),
    "disclosure.approve": facts_custody.DisclosureApprovalFacts(AT, False, "a", "b", "c", is_refused=True),
    "correction.decide": facts_life.CorrectionFacts(AT, "wrong", "void", "p1", OFFICER),
    "correction.close": facts_life.ClosingFacts(AT, "change", True),
}


def case(act: str, clause: str, code: str, proves: tuple[str, ...] = (), /, **change: Any) -> Any:
    """Make a row; ``proves`` names further clauses that the row rests on."""
    return pytest.param(act, change, code, clause, id=f"{clause} {code}", marks=pytest.mark.clause(clause, *proves))


RAISED = {"terms": replace(TERMS, level="绝密"), "item": replace(ITEM, level="绝密", tail="20年")}
CASES = [
    case("change.change", "ZX-26.1", "change.no_ground", ("GD-s4?",), ground="need_changed"),
    case("change.change", "FW-9.1", "level.not_the_items", terms=replace(TERMS, level="秘密", tail="8年")),
    case("change.change", "BMF-23.1", "change.nothing", terms=TERMS),
    case("change.change", "BMF-23.1", "change.backdated", effective_on=date(2026, 11, 23)),
    case("change.change", "BMF-23.1", "change.raise_waits", **RAISED, effective_on=date(2026, 12, 1)),
    case("change.change", "BMF-17.1", "authority.insufficient", **RAISED),
    case("change.change", "ZX-21", "reasons.missing", ("ZX-29.1", "JM-16?"), has_reasons=False),
    case("change.change", "BMF-24.2b", "release.no_ground", ("JM-13?",), released_parts=1),
    case("change.change", "BMF-24.2b", "release.nothing_left", ("ZX-31.1",), released_parts=2, releases_all=True,
         ground="harmless"),
    case("change.change", "BMF-24.2a", "change.already_over", terms=replace(TERMS, tail="4年")),
    case("change.change", "BMF-24.2a", "change.already_over", terms=replace(TERMS, tail="5年"), effective_on=date(2027, 1, 2)),
    case("change.change", "BMF-24.2a", "change.effect_after_end", effective_on=date(2032, 1, 2)),
    case("change.change", "BMF-23.1", "matter.not_ours", ("JM-7.1",), is_ours=False),
    case("change.change", "TL-18", "derivation.undercuts_level", ("PS-13?",), sources=(TOP,)),
    case("change.change", "TL-18", "derivation.ends_before", sources=(SOURCE,)),
    case("change.change", "TL-18", "derivation.outlives", origin="derivative",
         sources=(replace(SOURCE, last_protected_day=AT.date()),)),
    case("change.change", "TL-18", "derivation.sources_over", origin="derivative",
         sources=(replace(SOURCE, is_released=True),)),
    case("change.change", "TL-18", "derivation.departure_unexplained", sources=(SOURCE,), has_opinion=False),
    case("review.decide", "TL-18", "derivation.outlives", origin="derivative",
         sources=(replace(SOURCE, last_protected_day=AT.date()),)),
    case("determination.approve", "BMF-36.3", "level.aggregated",
         aggregates=(facts.AggregateFacts("SW#9", "9", "绝密", ("7", "8")),)),
    case("determination.approve", "TL-18", "derivation.originator_not_answered", ("JD-15",),
         sources=(replace(SOURCE, use_answer="waits"),)),
    case("determination.approve", "TL-18", "derivation.use_refused", sources=(replace(SOURCE, use_answer="objects"),)),
    case("determination.approve", "TL-18", "derivation.part_is_no_secret", origin="derivative",
         terms=replace(TERMS, tail="2035年1月1日"), sources=(replace(SOURCE, part_answer="agrees"),)),
    case("determination.approve", "TL-29.4", "derivation.consent_missing", sources=(TOP,)),
    case("determination.not_secret", "TL-18", "derivation.originator_not_asked", ("JD-15",), sources=(SOURCE,)),
    case("determination.not_secret", "TL-18", "derivation.part_is_secret",
         sources=(replace(SOURCE, part_answer="objects"),)),
    case("determination.not_secret", "TL-18", "derivation.originator_not_answered",
         sources=(replace(SOURCE, part_answer="waits"),)),
    case("change.register_external", "ZX-26.2", "external.not_superior", ("TL-24", "ZX-40.2"), is_superior=False),
    case("change.register_external", "ZX-26.2", "external.no_document", has_document=False),
    case("change.register_external", "ZX-26.2", "external.in_the_future", decided_on=date(2026, 11, 25)),
    case("determination.approve", "ZX-25.1", "joint.not_consulted", co_organs=2, co_organs_consulted=1),
    case("determination.approve", "QA-5", "issuer.decides", ("BJ-15",), issuer="o9"),
    case("determination.approve", "QA-5", "issuer.decides", ("ZX-25.2",), issuer="o9", issuer_run_by="o8"),
    case("succession.hand_over", "CS-60", "handover.count_differs", counted=1),
    case("succession.hand_over", "CS-60", "handover.not_signed", has_receiver=False),
    case("succession.hand_over", "CS-60", "handover.before_succession", since=date(2026, 11, 25)),
    case("succession.assign", "TL-23", "succession.not_a_candidate", ("JM-7.2",), chosen="o3"),
    case("succession.assign", "TL-23", "succession.taker_comes_first", chosen="o3", superior="o3"),
    case("succession.assign", "TL-23", "succession.no_instrument", has_instrument=False),
    case("succession.assign", "TL14-17", "succession.no_split", at=OLD, situation="split"),
    case("reception.register_notice", "ZX-30.2", "reception.late_extension", arrived_on=date(2027, 1, 1)),
    case("reception.register_notice", "BMF-23.2", "reception.ours", is_ours=True),
    case("disclosure.publish", "ZX-36.1", "publication.not_reviewed", ("BMF-35", "XX-17.2", "GD-s7?"),
         disclosure_reviewed=False),
    case("disclosure.publish", "ZX-36.1", "publication.still_secret", ("CS-124",), state="active"),
    case("disclosure.publish", "ZX-36.2", "publication.originator_consent", is_ours=False),
    case("disclosure.publish", "BMF-36.3", "publication.aggregated", aggregates_to="秘密"),
    case("disclosure.approve", "XX-14", "disclosure.no_record", ground="state_secret", has_record=False),
    case("disclosure.approve", "XX-14", "disclosure.not_exempt", ("XX-15",), ground="privacy",
         third_party_consents=True),
    case("disclosure.approve", "XX-14", "disclosure.no_ground", ground=""),
    case("correction.decide", "ZX-42", "correction.remedy", ("TL-24", "GD-s8?"), kind="unmarked"),
    case("correction.decide", "TL-24", "matter.not_ours", is_ours=False),
    case("correction.decide", "BMF-16.2", "officer.is_the_drafter", drafter="p2"),
    case("correction.decide", "TL14-18", "matter.not_in_force", at=OLD, state="declassified"),
    case("correction.close", "TL-24", "correction.undecided", remedy="", is_done=False),
    case("correction.close", "TL-24", "correction.not_done", is_done=False),
    case("correction.close", "TL-24", "correction.not_done", is_done=False, has_reason=True),
    case("correction.close", "TL-24", "correction.overtaken", is_done=False, state="declassified"),
    case("correction.close", "TL-24", "correction.reply_missing", ("ZX-40.2",), is_notified=True),
    case("correction.close", "TL14-18", "correction.not_done", at=OLD, is_done=False),
]  # fmt: skip


@pytest.mark.parametrize("act", LAWFUL)
def test_the_lawful_case_is_allowed_without_a_word(act: str) -> None:
    assert judge("prc_state", act, LAWFUL[act], AT.date()).findings == ()


@pytest.mark.parametrize(("act", "change", "code", "clause"), CASES)
def test_one_broken_fact_is_told_on_the_ground_of_its_clause(
    act: str, change: dict[str, Any], code: str, clause: str
) -> None:
    broken = replace(LAWFUL[act], **change)
    found = {f.code: f.clauses for f in judge("prc_state", act, broken, broken.at.date()).findings}
    assert found.get(code, ())[:1] == (clause,)


@pytest.mark.clause("BMF-17.1")
def test_a_level_that_falls_asks_for_no_authority() -> None:
    current = replace(TERMS, level="绝密", tail="20年")
    down = replace(CHANGE, current=current, terms=replace(TERMS, level="机密", tail="8年"), organ=OrganFacts("other"))
    assert judge("prc_state", "change.change", down, AT.date()).allowed


@pytest.mark.clause("BMF-21.1")
def test_scope_alone_changes_with_the_need() -> None:
    narrower = replace(CHANGE, terms=replace(TERMS, persons=("p4",)), ground="need_changed")
    assert judge("prc_state", "change.change", narrower, AT.date()).allowed


@pytest.mark.clause("TL-21.1b", "TL14-15")
@pytest.mark.parametrize(("at", "clause"), [(AT, "TL-21.1b"), (datetime(2020, 1, 6, 9), "TL14-15")])
def test_every_change_of_the_mark_is_a_task_for_its_carriers(at: datetime, clause: str) -> None:
    verdict = judge("prc_state", "change.change", replace(CHANGE, at=at, starts_on=date(2019, 1, 1)), at.date())
    assert verdict.values["remark_due"] is True
    assert f"remark_due {clause}" in verdict.trace


@pytest.mark.clause("TL-23", "JM-7.2")
def test_e37_the_taker_of_the_function_answers_and_the_archive_goes_to_another_organ() -> None:
    for taker in ("x", "y"):
        given = replace(LAWFUL["succession.assign"], at=datetime(2025, 6, 30), chosen=taker, function_taker=taker)
        assert judge("prc_state", "succession.assign", given, date(2025, 6, 30)).values["responsible_organ"] == taker
    nobody = replace(LAWFUL["succession.assign"], chosen="s", function_taker="", superior="s")
    assert judge("prc_state", "succession.assign", nobody, AT.date()).values["responsible_organ"] == "s"


@pytest.mark.clause("TL14-17", "BJ-15")
def test_before_2024_the_three_stood_beside_each_other_and_a_body_goes_to_the_taker() -> None:
    given = facts_life.SuccessionFacts(OLD, "merged", "s", function_taker="x", superior="s")
    verdict = judge("prc_state", "succession.assign", given, OLD.date())
    assert verdict.allowed and verdict.values["responsible_organ"] == "s"
    body = facts_life.SuccessionFacts(AT, "body_dissolved", "n", named="n")
    assert judge("prc_state", "succession.assign", body, AT.date()).values["responsible_organ"] == "n"


@pytest.mark.clause("BMF-20.4", "ZX-31.2", "ZX-35")
@pytest.mark.parametrize("owner", [{"is_ours": True}, {"is_ours": False, "is_subordinates": True}])
def test_e28_publishing_what_is_in_force_releases_it_at_that_instant(owner: dict[str, bool]) -> None:
    noon = datetime(2026, 11, 24, 12)
    given = facts.PublicationFacts(AT, "active", True, declassification_reviewed=True, published_at=noon, **owner)
    verdict = judge("prc_state", "disclosure.publish", given, AT.date())
    assert verdict.allowed
    assert (verdict.values["released_at"], verdict.values["notice_needed"]) == (noon, False)


@pytest.mark.clause("XX-14", "XX-15", "XX-16")
@pytest.mark.parametrize(
    ("ground", "more", "exempt"),
    [
        ("state_secret", {}, True),
        ("state_secret", {"has_record": False}, False),
        ("trade_secret", {}, True),
        ("privacy", {"public_interest": True}, False),
        ("process", {}, True),
    ],
)
def test_what_may_be_withheld_depends_on_the_ground(ground: str, more: dict[str, bool], exempt: bool) -> None:
    given = replace(LAWFUL["disclosure.approve"], ground=ground, **more)
    assert judge("prc_state", "disclosure.approve", given, AT.date()).values["is_exempt"] is exempt


@pytest.mark.clause("GD-s6?", "JM-12?", "JM-13?")
def test_what_ended_by_itself_says_how_and_since_when() -> None:
    lapse = facts.LapseFacts(date(2026, 4, 2), "active", "period", date(2026, 4, 2))
    values = judge("prc_state", "declassification.lapse", lapse, lapse.on).values
    assert (values["released_by"], values["released_on"]) == ("period", date(2026, 4, 2))
    early = facts.ReleaseFacts(AT, "p1", OFFICER, "active", "harmless", effective_on=date(2026, 12, 1))
    assert judge("prc_state", "declassification.release", early, AT.date()).values["released_from"] == date(2026, 12, 1)


@pytest.mark.clause("GD-s5?")
def test_an_extension_beyond_the_item_needs_the_organ_that_issued_the_guide() -> None:
    given = facts.ExtensionFacts(
        AT, "p1", OFFICER, OrganFacts("prefecture"), "active", TERMS, replace(TERMS, tail="12年"),
        date(2022, 1, 1), date(2032, 1, 1), ITEM,
    )  # fmt: skip
    found = judge("prc_state", "change.extend", given, AT.date()).findings
    assert [f.code for f in found] == ["extension.needs_central_approval"]
    assert judge("prc_state", "change.extend", replace(given, has_central_approval=True), AT.date()).findings == ()
