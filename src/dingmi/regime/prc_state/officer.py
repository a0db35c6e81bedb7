"""定密责任人: an approval is valid only if, at the instant of signing, everything about the officer holds."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE, PROPOSE, REDECIDE
from dingmi.regime.prc_state.cases import is_derived, officer_is_designated, officer_is_graded
from dingmi.regime.prc_state.levels import covers

SIGNED = (
    *DECIDE,
    *REDECIDE,
    "declassification.release",
    "declassification.confirm_event",
    "review.decide",
    "correction.decide",
    "challenge.answer",
)
LEVELLED = (*DECIDE, *REDECIDE, "challenge.answer")


@BOOK.rule(SIGNED, "BMF-16.2", "TL-15.1", "BMF10-12.2", "TL14-10", "ZX-29.1", "JM-16?")
def approver_is_not_the_drafter(facts: Any, law: Law) -> Found:
    """承办人提出具体意见，定密责任人审核批准：two people."""
    if facts.officer.person == facts.drafter:
        yield "officer.is_the_drafter", {}


@BOOK.rule(SIGNED, "BMF-16.2", "BMF10-12.2", "TL-14.1")
def officer_is_appointed(facts: Any, law: Law) -> Found:
    """由法定或者指定的定密责任人审核批准；助理不得审批。"""
    officer = facts.officer
    if not officer.kind or officer.since is None or facts.at < officer.since:
        yield "officer.not_appointed", {}
    elif officer.until is not None and facts.at >= officer.until:
        yield "officer.term_ended", {"until": officer.until}
    if officer.tier == "assistant":
        yield "officer.assistant", {}
    if officer.is_suspended:
        yield "officer.suspended", {}


def _owes_training(role: str, who: Any, law: Law) -> bool:
    """Tell whether the law of the day asks training of someone in ``role``; of dedicated staff it always did."""
    roles = law.value("trained_roles")
    return role in roles or (who.is_dedicated and "dedicated" in roles)


@BOOK.rule(SIGNED, "TL-14.2", "TL14-9")
def officer_is_trained(facts: Any, law: Law) -> Found:
    """定密责任人应当接受定密培训。"""
    if not _owes_training("officer", facts.officer, law):
        return
    until = facts.officer.trained_until
    if until is None:
        yield "officer.untrained", {}
    elif facts.at >= until:
        yield "officer.training_lapsed", {"until": until}


@BOOK.rule(PROPOSE, "TL-14.2", "TL14-9")
def drafter_is_trained(facts: Any, law: Law) -> Found:
    """承办人应当接受定密培训。"""
    if not _owes_training("drafter", facts.drafter, law):
        return
    until = facts.drafter.trained_until
    if until is None or facts.at >= until:
        yield "drafter.untrained", {"until": until}


@BOOK.rule(LEVELLED, "ZX-14.1", "BMF-17.1", "BMF10-13.1", concerns=officer_is_designated)
def level_within_the_designation(facts: Any, law: Law) -> Found:
    """指定定密责任人应当在被指定的权限内履行职责。"""
    officer, level = facts.officer, facts.terms.level
    if level and officer.kind == "designated" and not covers(officer.max_level, level):
        yield "officer.over_level", {"level": level, "max_level": officer.max_level or "无"}


@BOOK.rule(LEVELLED, "ZX-14.1", "BMF-17.1", concerns=officer_is_designated)
def matter_within_the_designation(facts: Any, law: Law) -> Found:
    """Matters of the instrument cover the item. 事项在指定的范围内。"""
    officer, item = facts.officer, facts.item
    if item is None or officer.kind != "designated" or "*" in officer.matters or not item.matter_code:
        return
    if item.matter_code not in officer.matters:
        yield "officer.outside_matters", {"matter_code": item.matter_code}


@BOOK.rule(LEVELLED, "BMF-43.3", "ZX-14.2")
def officer_is_cleared(facts: Any, law: Law) -> Found:
    """符合涉密岗位条件，涉密等级覆盖该密级。"""
    if facts.terms.level and not covers(facts.officer.clearance, facts.terms.level):
        yield "officer.clearance", {"level": facts.terms.level, "clearance": facts.officer.clearance or "无"}


@BOOK.rule(SIGNED, "SEED-3", concerns=officer_is_designated)
def officer_holds_a_commission(facts: Any, law: Law) -> Found:
    """由单位下达定密委托书方可行权（本单位制度）。"""
    if facts.officer.kind == "designated" and not facts.officer.has_commission:
        yield "officer.no_commission", {}


@BOOK.rule(LEVELLED, "SEED-1", concerns=officer_is_graded)
def officer_is_qualified(facts: Any, law: Law) -> Found:
    """资格等级不低于密级（本单位制度）。"""
    grade = facts.officer.qualification
    if grade is not None and facts.terms.level and not covers(grade, facts.terms.level):
        yield "officer.qualification", {"level": facts.terms.level, "grade": grade or "无"}


@BOOK.rule(DECIDE, "PS-6", concerns=is_derived)
def officer_may_derive(facts: Any, law: Law) -> Found:
    """派生定密由机关负责人及其指定的人员审核。"""
    if facts.origin == "derivative" and not facts.officer.may_derive:
        yield "officer.may_not_derive", {}
