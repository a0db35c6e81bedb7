"""定密责任人的产生: nominated, vetted, trained, commissioned in writing, published and filed; only then in office."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.authority import authority
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.granting import frequency
from dingmi.regime.prc_state.levels import covers, is_level

SELECT = "selection.decide"
NOMINATE, VET, COMMISSION = "officers.nominate", "officers.vet", "officers.commission"
ADJUST, ACTIVATE, SUPERVISE = "officers.adjust", "officers.activate", "delegation.supervise"
APPOINT = (COMMISSION, ADJUST)
TIERS = ("main", "managing", "assistant")
EVERYTHING = "*"


@BOOK.rule(NOMINATE, "QA-9", "QA-2")
def nomination_is_by_another(facts: Any, law: Law) -> Found:
    """业务部门提名：nobody nominates himself, and one case at a time is open for a person."""
    if facts.nominator == facts.nominee:
        yield "nomination.self", {}
    if facts.has_open_case:
        yield "nomination.open_already", {}


@BOOK.rule(NOMINATE, "ZX-14.1")
def nomination_names_the_authority(facts: Any, law: Law) -> Found:
    """明确相应的定密权限：level, matters, tier and reasons."""
    there = (is_level(facts.max_level), bool(facts.matters), facts.tier in TIERS, facts.has_reasons)
    if not all(there):
        yield "nomination.incomplete", {"count": there.count(False)}


@BOOK.rule(SELECT, "SEED-26")
def selection_is_fair(facts: Any, law: Law) -> Found:
    """岗位发布、公开招聘、保密考核、公正：decided after it has closed, by the principal, with reasons, on the examination."""
    if facts.at < facts.closes_at:
        yield "selection.not_closed", {"closes": facts.closes_at}
    if not facts.by_principal:
        yield "selection.not_by_principal", {}
    if facts.needs_exam and not facts.passed_exam:
        yield "selection.exam_not_passed", {}
    if not facts.has_reasons:
        yield "selection.no_reasons", {}


@BOOK.rule(VET, "SEED-5")
def vetting_is_by_another(facts: Any, law: Law) -> Found:
    """任前考察由组织人事部门负责：nobody vets himself."""
    if facts.vetter == facts.nominee:
        yield "vetting.own", {}


@BOOK.rule(VET, "SEED-4")
def vetting_answers_every_criterion(facts: Any, law: Law) -> Found:
    """政治可靠、业务权威、保密经验、品德、信息技术知识 (the organ's own conditions)."""
    if facts.passed and facts.criteria_met < 5:
        yield "vetting.criteria", {"count": 5 - facts.criteria_met}


@BOOK.rule(VET, "ZX-14.2", "BMF-43.3")
def nominee_is_fit_for_a_secret_post(facts: Any, law: Law) -> Found:
    """符合在涉密岗位工作的基本条件：in a secret post, and cleared for the level."""
    if facts.passed and (not facts.post_category or not covers(facts.clearance, facts.max_level)):
        yield "vetting.unfit", {"level": facts.max_level, "clearance": facts.clearance or "无"}


@BOOK.rule(COMMISSION, "SEED-3", "TL-14.2")
def certificate_comes_before_the_commission(facts: Any, law: Law) -> Found:
    """培训合格取得资格，由单位下达定密委托书，方可行权；certificates are judged as they stand at the signature."""
    if not facts.was_vetted:
        yield "commission.not_vetted", {}
    if not facts.was_trained or facts.trained_until is None or facts.trained_until <= max(facts.at, facts.since):
        yield "commission.untrained", {"until": facts.trained_until.date() if facts.trained_until else "无"}


@BOOK.rule(COMMISSION, "SEED-1")
def grade_reaches_the_commission(facts: Any, law: Law) -> Found:
    """资格等级高可兼低，低不得定高。"""
    if not covers(facts.qualification, facts.max_level):
        yield "commission.qualification", {"level": facts.max_level, "grade": facts.qualification or "无"}


@BOOK.rule(COMMISSION, "QA-9", "QA-2")
def commission_follows_the_nomination(facts: Any, law: Law) -> Found:
    """The principal may give less than was nominated and vetted, never more."""
    if facts.was_nominated and _widens(facts):
        yield "commission.over_nomination", {"level": facts.granted_level}


@BOOK.rule(ADJUST, "QA-9", "QA-2")
def adjustment_only_narrows(facts: Any, law: Law) -> Found:
    """An adjustment takes away; more authority takes a new nomination."""
    longer = facts.granted_until is not None and (facts.until is None or facts.until > facts.granted_until)
    if _widens(facts) or longer:
        yield "adjustment.widens", {"level": facts.granted_level}


def _widens(facts: Any) -> bool:
    every = EVERYTHING in facts.granted_matters
    beyond = not every and (EVERYTHING in facts.matters or set(facts.matters) - set(facts.granted_matters))
    return bool(facts.granted_level) and (not covers(facts.granted_level, facts.max_level) or bool(beyond))


@BOOK.rule(APPOINT, "BMF-17.1", "ZX-14.1", "BMF10-13.1")
def commission_within_the_organs_authority(facts: Any, law: Law) -> Found:
    """不得超出本机关、本单位的定密权限；a commission for derivation alone is not bound to it (GD-11.3)."""
    held = authority(facts.organ, max(facts.at, facts.since))
    if not facts.derives_only and not covers(held, facts.max_level):
        yield "commission.over_authority", {"level": facts.max_level, "held": held or "无"}


@BOOK.rule(COMMISSION, "ZX-14.1")
def terms_join_without_overlap_or_gap(facts: Any, law: Law) -> Found:
    """明确任期：one term at a time; a renewal starts the instant that the running term ends."""
    since, until = facts.since, facts.until
    for start, end in facts.other_terms:
        if (until is None or start < until) and (end is None or since < end):
            yield "commission.overlap", {"since": start.date(), "until": end.date() if end else "长期"}
            return
    ends = [end for start, end in facts.other_terms if end is not None and start <= facts.at < end]
    if ends and since > max(ends):
        yield "commission.gap", {"until": max(ends).date(), "since": since.date()}


@BOOK.rule(ACTIVATE, "ZX-15")
def list_is_published_and_filed(facts: Any, law: Law) -> Found:
    """在机关、单位内部公布定密责任人名单及其定密权限，并报同级保密行政管理部门备案。"""
    if facts.published_on is None:
        yield "activation.not_published", {}
    if facts.filed_on is None or not facts.has_receipt:
        yield "activation.not_filed", {}


@BOOK.rule(SUPERVISE, "ZX-12.1", "ZX-11", severity="warn")
def delegation_is_still_needed(facts: Any, law: Law) -> Found:
    """不再经常产生，或者事项不再属于国家秘密的，应当及时撤销授权。"""
    rule = law.value("frequency")
    if frequency(facts, law) < int(rule["per_year"]):
        yield "supervision.not_frequent", {"per_year": rule["per_year"], "years": rule["years"]}
    if not facts.matters_still_secret:
        yield "supervision.no_longer_secret", {}


@BOOK.rule(SUPERVISE, "ZX-12.2", severity="warn")
def delegation_follows_the_guide(facts: Any, law: Law) -> Found:
    """事项密级因范围调整发生变化的，重新授权。"""
    if not facts.level_unchanged:
        yield "supervision.regrant", {}
