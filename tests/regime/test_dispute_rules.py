"""不明确事项、异议、争议、鉴定: one broken fact a row, the routes, and the clocks of the worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dingmi.base.errors import Invalid
from dingmi.regime import deadlines, judge
from dingmi.regime.prc_state import dispute_facts as asked
from dingmi.regime.prc_state.disputes import longest
from dingmi.regime.prc_state.facts import DrafterFacts, ItemFacts, OfficerFacts, Terms

AT = datetime(2026, 3, 4, 10)
OLD = datetime(2015, 6, 1, 10)  # the law of 2010 and the regulation of 2014
DAY = AT.date()
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
DRAFTER = DrafterFacts("p1", datetime(2040, 1, 1), "机密")
UNCLEAR = asked.UnclearFacts(AT, DRAFTER, "other", Terms("机密", "10年", persons=("p1",)), "economy", True, bars=BARS)
SEND = asked.SendFacts(AT, "p1", "p2", date(2026, 2, 27), date(2026, 3, 13), DAY)
RULING = asked.RulingFacts(AT, "provincial", "provincial", "sent", DAY, "机密")
CHALLENGE = asked.ChallengeFacts(AT, "active", "秘密", "秘密", "level", "机密")
OFFICER = OfficerFacts(
    "p2", "statutory", "main", "", ("*",), datetime(2010, 1, 1), None, False, True, datetime(2040, 1, 1), "绝密"
)
ANSWER = asked.AnswerFacts(AT, "p1", OFFICER, Terms("秘密", "5年", ("p1",)), "challenged", "keep")
DISPUTE = asked.DisputeFacts(AT, "answered", "秘密", "other", ("机密", "绝密"), ("10年", "30年"))
SENT = replace(DISPUTE, state="reviewed", reviewed_by="p2", approved_by="p3")
APPEAL = replace(DISPUTE, state="decided", ruled_by="provincial")
CASE = asked.AppraisalFacts(AT, "investigation", "local")
LAWFUL: dict[str, Any] = {
    "unclear.refer": UNCLEAR,
    "unclear.send": SEND,
    "unclear.answer": RULING,
    "challenge.raise": CHALLENGE,
    "challenge.answer": ANSWER,
    "challenge.dispute": DISPUTE,
    "challenge.send": SENT,
    "challenge.register_dispute": DISPUTE,
    "challenge.register_decision": replace(RULING, state="disputed"),
    "challenge.appeal": APPEAL,
    "challenge.settle": DISPUTE,
    "appraisal.apply": CASE,
    "appraisal.receive": CASE,
}


def case(act: str, clause: str, code: str, proves: tuple[str, ...] = (), /, **change: Any) -> Any:
    """Make a row; ``proves`` names further clauses that the row rests on."""
    return pytest.param(act, change, code, clause, id=f"{act} {code}", marks=pytest.mark.clause(clause, *proves))


CASES = [
    case("unclear.refer", "TL-25.1", "unclear.test_not_met", ("BMF-13.1",), category=""),
    case("unclear.refer", "TL14-19", "unclear.test_not_met", at=OLD, does_damage=False),
    case("unclear.refer", "TL-25.1", "unclear.item_fits", item=ItemFacts("SW#7", "机密", "10年")),
    case("unclear.refer", "TL-25.1", "reasons.missing", has_reasons=False),
    case("unclear.refer", "BMF-14.1", "level.not_one_of_three", terms=Terms("商密", "10年", persons=("p1",))),
    case("unclear.refer", "BMF-19", "element.scope_missing", terms=Terms("机密", "10年")),
    case("unclear.refer", "BMF-20.2", "period.over_cap", terms=Terms("机密", "25年", persons=("p1",))),
    case("unclear.refer", "ZX-19.3", "bar.already_public", bars={**BARS, "already_public": True}),
    case("unclear.refer", "TL-14.2", "drafter.untrained", drafter=DrafterFacts("p1")),
    case("unclear.send", "TL-15.4", "unclear.sender_is_the_drafter", sender="p1"),
    case("unclear.send", "TL-25.1", "unclear.already_sent", is_sent=True),
    case("unclear.send", "TL-25.1", "unclear.sent_before_set", sent_on=date(2026, 2, 26)),
    case("unclear.send", "TL-25.1d", "unclear.sent_late", due_on=date(2026, 3, 3)),
    case("unclear.answer", "BMF-25", "ruling.not_an_administration", ruled_by="superior"),
    case("unclear.answer", "BMF10-20", "ruling.not_an_administration", at=OLD, ruled_by="superior"),
    case("unclear.answer", "BMF-25", "ruling.wrong_administration", route="national"),
    case("unclear.answer", "SEED-2", "ruling.special_qualification", ruled_by="special_qualification"),
    case("unclear.answer", "BMF-25", "ruling.no_document", has_document=False),
    case("unclear.answer", "TL-25.1", "unclear.not_sent", state="referred"),
    case("challenge.raise", "TL-26.1", "challenge.not_determined", state="proposed"),
    case("challenge.raise", "TL14-20", "challenge.not_determined", at=OLD, state="declassified"),
    case("challenge.raise", "TL-26.1", "challenge.no_position", position=""),
    case("challenge.raise", "TL-26.1", "challenge.no_level", asserted_level=""),
    case("challenge.raise", "TL-26.1", "challenge.two_positions", position="not_secret"),
    case("challenge.raise", "TL-26.1", "challenge.same_as_determined", asserted_level="秘密"),
    case("challenge.raise", "TL-26.1", "challenge.own_matter", challenger_is_originator=True),
    case("challenge.raise", "BMF-14.1", "level.not_one_of_three", asserted_level="核心商密"),
    case("challenge.answer", "TL-26.1", "challenge.not_waiting", state="disputed"),
    case("challenge.answer", "TL-26.1", "challenge.no_outcome", outcome="later"),
    case("challenge.answer", "BMF-16.2", "officer.is_the_drafter", drafter="p2"),
    case("challenge.dispute", "TL-26.2", "dispute.wrong_state", state="decided"),
    case("challenge.dispute", "TL14-20", "dispute.wrong_state", at=OLD, state="decided"),
    case("challenge.dispute", "TL-26.2", "dispute.early", state="challenged", answer_due_on=date(2026, 3, 20)),
    case("challenge.send", "QA-6", "dispute.not_reviewed", state="answered"),
    case("challenge.send", "QA-6", "dispute.not_the_head", approver_is_head=False),
    case("challenge.send", "QA-6", "dispute.same_person", approved_by="p2"),
    case("challenge.register_dispute", "TL-26.2", "dispute.wrong_state", state="settled"),
    case("challenge.register_decision", "TL-26.2", "dispute.not_pending", state="answered"),
    case("challenge.appeal", "TL-26.2", "dispute.not_appealable", ruled_by="national"),
    case("challenge.settle", "TL-26.3", "challenge.undecided", state="challenged"),
    case("challenge.settle", "TL-26.3", "dispute.undecided", state="disputed"),
    case("challenge.settle", "TL-26.3", "challenge.over", state="final"),
    case("challenge.settle", "TL-26.3", "challenge.change_outstanding", change_outstanding=True),
    case("appraisal.receive", "JD-5.1", "appraisal.not_an_applicant", applicant_kind="newspaper"),
]  # fmt: skip


@pytest.mark.parametrize("act", LAWFUL)
def test_the_lawful_case_is_allowed_without_a_word(act: str) -> None:
    assert judge("prc_state", act, LAWFUL[act], DAY).findings == ()


@pytest.mark.parametrize(("act", "change", "code", "clause"), CASES)
def test_one_broken_fact_is_told_on_the_ground_of_its_clause(
    act: str, change: dict[str, Any], code: str, clause: str
) -> None:
    broken = replace(LAWFUL[act], **change)
    found = {f.code: f.clauses for f in judge("prc_state", act, broken, broken.at.date()).findings}
    assert found.get(code, ())[:1] == (clause,)


@pytest.mark.clause("BMF-13.1", "BMF-13.2")
@pytest.mark.parametrize(
    ("category", "damage", "met"),
    [("defence", True, True), ("party", True, True), ("party", False, False), ("economy", False, False), ("?", True, False)],
)  # fmt: skip
def test_a_matter_is_secret_by_category_and_damage_together(category: str, damage: bool, met: bool) -> None:
    given = replace(UNCLEAR, category=category, does_damage=damage)
    assert judge("prc_state", "unclear.refer", given, DAY).values["meets_the_test"] is met


@pytest.mark.clause("TL-25.1r", "TL14-19")
@pytest.mark.parametrize("at", [AT, OLD])
@pytest.mark.parametrize(
    ("level", "tier", "route"),
    [("绝密", "other", "national"), ("秘密", "central", "national"), ("秘密", "prefecture", "provincial")],
)
def test_e22_an_unclear_matter_goes_by_level_and_tier(at: datetime, level: str, tier: str, route: str) -> None:
    given = replace(UNCLEAR, at=at, organ_tier=tier, terms=replace(UNCLEAR.terms, level=level))
    assert judge("prc_state", "unclear.refer", given, at.date()).values["route"] == route


@pytest.mark.clause("TL-26.2", "TL14-20")
@pytest.mark.parametrize("at", [AT, OLD])
@pytest.mark.parametrize(
    ("determined", "tier", "route"),
    [("绝密", "other", "national"), ("机密", "central", "national"), ("秘密", "other", "provincial")],
)
def test_a_dispute_goes_by_the_level_determined_and_not_by_the_one_asserted(
    at: datetime, determined: str, tier: str, route: str
) -> None:
    given = replace(DISPUTE, at=at, determined_level=determined, originator_tier=tier, asserted_levels=("绝密",))
    assert judge("prc_state", "challenge.dispute", given, at.date()).values["route"] == route


@pytest.mark.clause("TL-26.3")
def test_e23_the_highest_asserted_level_is_in_force_and_a_lower_one_lowers_nothing() -> None:
    first = judge("prc_state", "challenge.raise", CHALLENGE, DAY).values["effective_level"]
    higher = replace(CHALLENGE, effective_level=first, asserted_level="绝密")
    second = judge("prc_state", "challenge.raise", higher, DAY).values["effective_level"]
    lower = replace(CHALLENGE, determined_level="机密", effective_level=second, asserted_level="秘密")
    assert (first, second) == ("机密", "绝密")
    assert judge("prc_state", "challenge.raise", lower, DAY).values["effective_level"] == "绝密"


@pytest.mark.clause("QA-6")
def test_the_dispute_report_takes_the_highest_level_and_the_longest_period() -> None:
    values = judge("prc_state", "challenge.dispute", DISPUTE, DAY).values
    assert (values["packet_level"], values["packet_tail"]) == ("绝密", "30年")
    assert longest(("6个月", "200日")) == "200日"
    assert longest(("30年", "正式公布前")) == "正式公布前"
    assert longest(("长期", "启用前")) == "长期"
    assert longest(()) == ""


@pytest.mark.clause("JM-7.2")
@pytest.mark.parametrize(
    ("gone", "successor", "who"),
    [(False, False, "originator"), (True, True, "successor"), (True, False, "superior_or_designated")],
)
def test_a_challenge_goes_to_whoever_answers_for_the_originator(gone: bool, successor: bool, who: str) -> None:
    given = replace(CHALLENGE, originator_is_gone=gone, has_successor=successor)
    assert judge("prc_state", "challenge.raise", given, DAY).values["answering_organ"] == who


@pytest.mark.clause("QA-5")
def test_what_is_issued_in_the_name_of_a_superior_is_the_superiors_matter() -> None:
    facts = asked.ReferralAnswerFacts(AT, "administration")
    named = replace(facts, issued_in_the_name_of="superior")
    assert judge("prc_state", "referral.answer", facts, DAY).values["originator_of_record"] == "administration"
    assert judge("prc_state", "referral.answer", named, DAY).values["originator_of_record"] == "superior"


@pytest.mark.parametrize("at", [AT, datetime(2022, 1, 1), OLD])
@pytest.mark.clause("TL-63.1", "JD-8", "BMF10-46")
def test_an_appraisal_is_asked_of_the_administration_of_ones_rank(at: datetime) -> None:
    local, central = replace(CASE, at=at), replace(CASE, at=at, applicant_rank="central")
    routes = [judge("prc_state", "appraisal.apply", c, at.date()).values["appraisal_route"] for c in (local, central)]
    assert routes == ["provincial", "national"]


@pytest.mark.clause("JD-7")
def test_five_kinds_of_matter_may_not_be_appraised_as_secret() -> None:
    every = asked.ConclusionFacts(DAY, bars={**dict.fromkeys(BARS, True)}, does_no_damage=True)
    none = asked.ConclusionFacts(DAY, bars=BARS)
    assert judge("prc_state", "appraisal.conclude", every, DAY).values["not_appraisable"] == [*BARS, "no_damage"]
    assert judge("prc_state", "appraisal.conclude", none, DAY).values["not_appraisable"] == []


EXPERTS = (asked.Pause(date(2026, 3, 10), date(2026, 3, 20)),)


@pytest.mark.parametrize(
    ("start", "extended", "pauses", "due"),
    [
        (date(2026, 3, 2), False, (), date(2026, 4, 1)),
        (date(2026, 3, 2), True, (), date(2026, 5, 6)),
        (date(2026, 3, 2), False, EXPERTS, date(2026, 4, 13)),
        (date(2024, 3, 4), True, (asked.Pause(date(2024, 3, 10), date(2024, 3, 20)),), date(2024, 5, 6)),
    ],
)
@pytest.mark.clause("TL-63.2", "TL14-37")
def test_e31_an_appraisal_is_due_in_thirty_days_and_its_pauses_count_only_since_2024(
    start: date, extended: bool, pauses: tuple[asked.Pause, ...], due: date
) -> None:
    given = asked.ConclusionFacts(start, extended, pauses)
    assert judge("prc_state", "appraisal.conclude", given, start).values["due_on"] == due


@pytest.mark.clause("XX-33.3")
def test_e34_a_reply_may_be_extended_and_consultation_does_not_count() -> None:
    plain = asked.ConclusionFacts(date(2026, 1, 5))
    asked_others = replace(plain, pauses=(asked.Pause(date(2026, 1, 12), date(2026, 1, 14)),))
    due = [
        judge("prc_state", "disclosure.reply", given, date(2026, 1, 5)).values["due_on"]
        for given in (plain, replace(plain, is_extended=True), asked_others)
    ]
    assert due == [date(2026, 2, 2), date(2026, 3, 6), date(2026, 2, 4)]


@pytest.mark.clause("TL14-19")
def test_e20_the_newer_rule_is_shown_as_a_note_only() -> None:
    note = deadlines.compute("unclear_matter_report", date(2024, 8, 28))["note"]
    assert (note["due"], note["clause"]) == (date(2024, 9, 11), "TL-25.1d")
    assert "note" not in deadlines.compute("unclear_matter_report", date(2025, 9, 24))


def test_a_limit_without_extension_is_not_extended() -> None:
    with pytest.raises(Invalid, match="not_extendable"):
        deadlines.compute("unclear_matter_report", date(2026, 3, 2), extended=True)


@pytest.mark.clause("ZX-18")
def test_the_guide_comes_first_and_the_test_of_the_law_where_it_is_silent() -> None:
    paths = {
        judge("prc_state", "unclear.refer", given, DAY).values["path"]
        for given in (UNCLEAR, replace(UNCLEAR, item=ItemFacts("SW#7", "机密", "10年")))
    }
    assert paths == {"test_of_the_law", "guide"}
    assert judge("prc_state", "unclear.refer", UNCLEAR, DAY).values["path"] == "test_of_the_law"


COURSE = asked.CourseFacts(
    at=datetime(2026, 11, 24, 9), step="concluded", on=DAY, route="provincial", before=("accepted",)
)


def course_codes(**changes: object) -> list[str]:
    return [f.code for f in judge("prc_state", "appraisal.note", replace(COURSE, **changes), DAY).findings]


@pytest.mark.clause("JD-s1")
@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"step": "accepted", "before": ()}, []),
        ({"step": "accepted", "before": (), "lacks": True}, ["appraisal.incomplete"]),
        ({"step": "completed", "before": (), "lacks": True}, []),
        ({"step": "completed", "before": ()}, ["appraisal.not_returned"]),
        ({"step": "accepted"}, ["appraisal.accepted_already"]),
        ({"step": "returned"}, ["appraisal.accepted_already"]),
    ],
)
def test_an_appraisal_is_accepted_once_its_file_is_complete(changes: dict[str, object], codes: list[str]) -> None:
    assert course_codes(**changes) == codes


@pytest.mark.clause("JD-s3")
@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"due_on": DAY}, []),
        ({"due_on": DAY - timedelta(days=1)}, ["appraisal.concluded_late"]),
        ({"before": ()}, ["appraisal.not_accepted"]),
        ({"before": ("accepted", "concluded")}, ["appraisal.concluded_already"]),
        ({"step": "extended", "head_agrees": True, "due_on": DAY}, []),
        ({"step": "extended", "due_on": DAY}, ["appraisal.extended_once_by_the_head"]),
        (
            {"step": "extended", "head_agrees": True, "before": ("accepted", "extended")},
            ["appraisal.extended_once_by_the_head"],
        ),
        ({"step": "extended", "head_agrees": True, "due_on": DAY - timedelta(days=1)}, ["appraisal.extended_late"]),
        ({"step": "experts_back"}, ["appraisal.no_experts"]),
        ({"step": "experts_back", "before": ("accepted", "experts")}, []),
        ({"step": "experts"}, []),
        ({"step": "experts", "before": ("accepted", "experts")}, ["appraisal.experts_out"]),
        ({"step": "experts", "before": ("accepted", "experts", "experts_back")}, []),
    ],
)
def test_a_conclusion_has_its_limit_and_is_extended_once_by_the_head(
    changes: dict[str, object], codes: list[str]
) -> None:
    assert course_codes(**changes) == codes


@pytest.mark.clause("JD-16", "JD-s4")
def test_the_administrations_consult_each_other_and_the_national_one_reviews() -> None:
    assert course_codes(step="consulted", organ="national") == []
    assert course_codes(step="consulted", organ="provincial") == ["appraisal.consults_itself"]
    reviewed = {"step": "reviewed", "before": ("accepted", "concluded"), "organ": "national"}
    assert course_codes(**reviewed, copied=True) == []
    assert course_codes(**reviewed) == ["appraisal.not_copied"]
    assert course_codes(**{**reviewed, "organ": "provincial"}, copied=True) == ["appraisal.reviewer"]
    assert course_codes(**{**reviewed, "before": ("accepted",)}, copied=True) == ["appraisal.not_concluded"]
