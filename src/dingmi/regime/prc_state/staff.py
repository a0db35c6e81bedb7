"""涉密人员: three categories, vetted before the post, and let go in order."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingmi.regime.kernel.periods import Period
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import covers

CLEAR, LEAVE, GRANT = "personnel.clear", "personnel.leave", "personnel.grant_clearance"
APPROVE_TRAVEL, REFUSE_TRAVEL, BRIEF = "travel.approve", "travel.refuse", "travel.brief"


@BOOK.rule((CLEAR, LEAVE), "BMF-43.1", "CS-41")
def category_is_one_of_three(facts: Any, law: Law) -> Found:
    """涉密人员按照涉密程度分为核心、重要和一般涉密人员。"""
    if facts.category not in law.value("cleared_categories"):
        yield "staff.category", {"category": facts.category[:20]}


@BOOK.rule(CLEAR, "SEED-31", "BMF-43.1")
def category_reaches_the_level(facts: Any, law: Law) -> Found:
    """默认：一般至秘密，重要至机密，核心至绝密（本单位制度）。"""
    reach = law.value("cleared_categories").get(facts.category)
    if reach and facts.level and not covers(reach, facts.level):
        yield "staff.category_level", {"category": facts.category, "level": facts.level}


@BOOK.rule(CLEAR, "TL-50.1", "BMF-43.2", "CS-41")
def vetted_before_the_post(facts: Any, law: Law) -> Found:
    """任用、聘用涉密人员应当进行审查，未通过的不得任用到涉密岗位。"""
    if not facts.vetting_passed:
        yield "staff.not_vetted", {}


@BOOK.rule(CLEAR, "BMF-43.3", "CS-41")
def trained_and_bound_before_the_post(facts: Any, law: Law) -> Found:
    """经过保密教育培训，签订保密承诺书，方可上岗。"""
    if not facts.is_trained:
        yield "staff.untrained", {}
    if not facts.has_undertaking:
        yield "staff.no_undertaking", {}


@BOOK.rule(GRANT, "TL-44", "BMF-37")
def nobody_from_abroad_is_cleared_by_the_unit_alone(facts: Any, law: Law) -> Found:
    """境外人员知悉国家秘密的，经审查评估、签订协议，报有关主管部门，本单位不能自行确定其涉密等级。"""
    if facts.is_foreign:
        yield "clearance.foreign", {}


@BOOK.rule(LEAVE, "TL-53", "BMF-46", "CS-41")
def leaving_is_complete(facts: Any, law: Law) -> Found:
    """离岗离职：提醒谈话、签订承诺书、清退载体和设备、取消权限、确定脱密期。"""
    if not (facts.had_talk and facts.has_undertaking):
        yield "leaving.talk", {}
    if facts.carriers_outstanding or facts.devices_outstanding:
        yield "leaving.outstanding", {"count": facts.carriers_outstanding + facts.devices_outstanding}
    if not facts.access_revoked:
        yield "leaving.access", {}
    if facts.cooling_until is None:
        yield "leaving.no_cooling_off", {}


def _bounds(facts: Any, law: Law) -> tuple[date, date] | None:
    years = law.value("cooling_off").get(facts.category)
    if years is None:
        return None
    first, last = (Period(years=n).last_day(facts.approved_on) for n in years)
    return first, last


BOOK.decision("cooling_from", LEAVE, "CS-42", lambda f, law: f.approved_on)
BOOK.decision("cooling_until_earliest", LEAVE, "CS-41", lambda f, law: (_bounds(f, law) or (None, None))[0])
BOOK.decision("cooling_until_latest", LEAVE, "CS-41", lambda f, law: (_bounds(f, law) or (None, None))[1])


@BOOK.rule(LEAVE, "CS-41")
def cooling_off_is_long_enough(facts: Any, law: Law) -> Found:
    """脱密期：核心三至五年，重要二至三年，一般一至二年，自批准离岗之日起；特殊情况可以更长。"""
    bounds = _bounds(facts, law)
    if bounds and facts.cooling_until is not None and facts.cooling_until < bounds[0]:
        yield "leaving.cooling_off_short", {"earliest": bounds[0], "latest": bounds[1]}


@BOOK.rule((APPROVE_TRAVEL, REFUSE_TRAVEL), "TL-52.2")
def opinions_before_the_decision(facts: Any, law: Law) -> Found:
    """涉密人员出境，由组织人事部门和保密工作机构提出意见，按照人事、外事审批权限审批。"""
    if not facts.has_opinions:
        yield "travel.no_opinions", {}


@BOOK.rule(BRIEF, "BMF-45")
def approved_before_leaving(facts: Any, law: Law) -> Found:
    """涉密人员出境应当经有关部门批准。"""
    if not facts.is_approved:
        yield "travel.not_approved", {}


@BOOK.rule((APPROVE_TRAVEL, BRIEF), "BMF-45", "TL-52.2")
def decided_and_briefed_before_leaving(facts: Any, law: Law) -> Found:
    """出境前批准，并进行行前保密教育；事后不补批。"""
    if facts.on > facts.starts_on:
        yield "travel.begun", {"starts_on": facts.starts_on}
