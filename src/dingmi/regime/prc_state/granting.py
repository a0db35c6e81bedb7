"""定密授权与定密责任人的指定: who may grant, ask for, appoint and replace, and in what form."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.authority import authority
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import covers, is_level

GRANT, DESIGNATE = "delegation.register", "officers.designate"
APPOINT = (DESIGNATE, "officers.commission", "officers.adjust")
GROUNDS = ("misclassification", "left_post", "administration_advice", "unsuitable")


@BOOK.rule(GRANT, "TL-16.3a", "ZX-10.2", "TL14-11")
def delegation_is_written(facts: Any, law: Law) -> Found:
    """授权应当以书面形式作出。"""
    if not facts.has_instrument:
        yield "delegation.no_instrument", {}


@BOOK.rule(GRANT, "ZX-10.2", "TL14-11")
def instrument_is_complete(facts: Any, law: Law) -> Found:
    """定密授权决定写明被授权单位的名称、具体定密权限、定密范围、授权期限。"""
    missing = [
        name
        for name, there in (
            ("level", is_level(facts.max_level)),
            ("matters", bool(facts.matters)),
            ("term", facts.until > facts.since),
        )
        if not there
    ]
    if "term" in missing:
        yield "delegation.empty_term", {}
    if set(missing) - {"term"}:
        yield "delegation.incomplete", {"count": len(set(missing) - {"term"})}


@BOOK.rule(GRANT, "GD-13.2", "ZX-7.2", "ZX-7.1", "TL14-11")
def delegation_within_the_grantors_authority(facts: Any, law: Law) -> Found:
    """授权不得超出授权机关的定密权限。"""
    if facts.grantor_kind == "administration":
        return
    limit = str(law.value("delegable_levels").get(facts.grantor.tier, ""))
    if is_level(facts.max_level) and not covers(limit, facts.max_level):
        yield "delegation.over_authority", {"level": facts.max_level, "held": limit or "无"}


@BOOK.rule(GRANT, "TL-16.3c", "ZX-7.2")
def no_sub_delegation(facts: Any, law: Law) -> Found:
    """被授权机关、单位不得再授权。"""
    if not facts.grantor_may_delegate:
        yield "delegation.sub_delegation", {}


@BOOK.rule(GRANT, "BMF-17.2c", "TL14-11", "ZX-7.1", "BMF10-13.2")
def grantor_is_entitled(facts: Any, law: Law) -> Found:
    """中央国家机关、省级机关、设区的市级机关可以授权；2024年起，特殊情况下可以由保密行政管理部门授权。"""
    if facts.grantor_kind not in law.value("grantors"):
        yield "delegation.grantor", {}


@BOOK.rule(GRANT, "GD-s1?", severity="warn")
def delegation_norm(facts: Any, law: Law) -> Found:
    """定密授权期限一般不超过五年。"""
    years = law.value("delegation_norm")
    if (facts.until - facts.since).days > years * 366:
        yield "delegation.long_term", {"years": years}


def frequency(facts: Any, law: Law) -> float:
    """Return the yearly average of originals over the years counted; a year without a figure counts none."""
    years = int(law.value("frequency")["years"])
    return float(sum(facts.originals[-years:]) / years)


def _is_frequent(facts: Any, law: Law) -> bool:
    return frequency(facts, law) >= int(law.value("frequency")["per_year"])


BOOK.decision("is_frequent", "delegation.apply", "ZX-44.4", _is_frequent)
BOOK.decision(
    "may_apply",
    "delegation.apply",
    "ZX-9.1",
    lambda f, law: _is_frequent(f, law) and not covers(authority(f.organ, f.at), f.level),
)
BOOK.decision(
    "apply_to",
    "delegation.apply",
    "ZX-9.2",
    lambda f, law: "line_superior" if f.has_line_superior else "superior",
)


@BOOK.rule("delegation.apply", "ZX-9.1", "ZX-44.4")
def applicant_needs_it(facts: Any, law: Law) -> Found:
    """没有定密权限但经常产生国家秘密事项，或者有权限但经常产生超出权限的事项，可以申请授权。"""
    if not _is_frequent(facts, law):
        rule = law.value("frequency")
        yield "application.not_frequent", {"per_year": rule["per_year"], "years": rule["years"]}
    if covers(authority(facts.organ, facts.at), facts.level):
        yield "application.has_authority", {"level": facts.level}


@BOOK.rule("delegation.apply", "ZX-9.3")
def application_is_complete(facts: Any, law: Law) -> Found:
    """申请应当说明拟申请的定密权限、事项范围、授权期限以及申请依据和理由。"""
    there = (is_level(facts.level), bool(facts.matters), facts.has_term, facts.has_basis, facts.has_reasons)
    if not all(there):
        yield "application.incomplete", {"count": there.count(False)}


ex_officio = BOOK.decision("is_ex_officio", "officers.ex_officio", "BMF-16.1", lambda f, law: f.is_principal)


@ex_officio.unless("BMF10-12.1", when=lambda facts: True)
def _any_head(facts: Any, law: Law) -> bool:
    """2010年法：机关、单位负责人及其指定的人员为定密责任人。"""
    return bool(facts.is_principal or facts.is_a_head)


@BOOK.rule(APPOINT, "TL-14.1", "BMF-16.1", "ZX-14.1", "BMF10-12.1")
def designation_is_lawful(facts: Any, law: Law) -> Found:
    """由主要负责人书面指定。"""
    if not facts.by_principal:
        yield "designation.not_by_principal", {}
    if facts.is_self:
        yield "designation.self", {}


@BOOK.rule(APPOINT, "ZX-14.1", "BMF-16.1", "BMF10-12.1")
def designation_states_the_authority(facts: Any, law: Law) -> Found:
    """指定应当书面作出，并明确相应的定密权限，不超出本机关、本单位的权限。"""
    if not facts.has_instrument:
        yield "designation.no_instrument", {}
    if facts.until is not None and facts.until <= facts.since:
        yield "designation.empty_term", {}
    if facts.since.date() < facts.at.date():
        yield "designation.backdated", {"since": facts.since.date()}
    if not facts.matters:
        yield "designation.no_matters", {}


@BOOK.rule(APPOINT, "ZX-14.2", "BMF-43.3")
def designated_is_fit(facts: Any, law: Law) -> Found:
    """熟悉涉密业务，符合在涉密岗位工作的基本条件。"""
    if not covers(facts.clearance, facts.max_level):
        yield "designation.clearance", {"level": facts.max_level, "clearance": facts.clearance or "无"}


@BOOK.rule((DESIGNATE, "officers.commission"), "QA-9", "QA-2")
def designation_was_nominated(facts: Any, law: Law) -> Found:
    """业务部门提名、保密机构汇总、法定定密责任人确定。"""
    if facts.was_nominated is False:
        yield "designation.not_nominated", {}


@BOOK.rule(DESIGNATE, "SEED-3", severity="warn")
def certificate_comes_first(facts: Any, law: Law) -> Found:
    """须培训合格、取得资格，定密委托书方可行权（本单位制度）。"""
    if facts.trained_until is None or facts.trained_until <= facts.since:
        yield "designation.untrained", {}


@BOOK.rule(DESIGNATE, "GD-4", severity="warn")
def designation_beyond_the_organs_authority(facts: Any, law: Law) -> Found:
    """A level above the organ's own authority can only serve derivation (GD-11.3). 超出本单位权限的，只能用于派生定密。"""
    held = authority(facts.organ, max(facts.at, facts.since))
    if not covers(held, facts.max_level):
        yield "designation.over_authority", {"level": facts.max_level, "held": held or "无"}


@BOOK.rule("officers.end", "TL-14.1", "BMF-16.1", "QA-9", "BMF10-12.1")
def principal_is_an_officer_as_long_as_in_post(facts: Any, law: Law) -> Found:
    """法定定密责任人随任职产生，离任终止，不另行免去、调整。"""
    if facts.is_by_law:
        yield "replacement.by_law", {}


@BOOK.rule("officers.end", "ZX-17", "TL-14.1", "BMF-16.1", "BMF10-12.1")
def replaced_on_a_ground(facts: Any, law: Law) -> Found:
    """四种情形应当调整：定密不当情节严重、离岗离职、保密行政管理部门建议、其他不宜履职。"""
    if facts.ground not in GROUNDS:
        yield "replacement.no_ground", {}
    if not facts.by_principal:
        yield "designation.not_by_principal", {}


is_liable = BOOK.decision(
    "is_liable", "oversight.error", "BMF-58.2", lambda f, law: f.kind in law.value("liability_limbs")
)


@is_liable.unless("BMF10-49.2", when=lambda facts: True)
def _without_review(facts: Any, law: Law) -> bool:
    """2010年法没有未履行解密审核责任之责。"""
    return bool(facts.kind in law.value("liability_limbs"))
