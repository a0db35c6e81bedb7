"""定密权限: inherent by tier, or delegated; checked for original determination and raising, never for derivation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dingmi.regime.kernel.register import in_force
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE, REDECIDE
from dingmi.regime.prc_state.facts import OrganFacts
from dingmi.regime.prc_state.levels import covers, highest
from dingmi.regime.prc_state.tables import PARAMETERS

CHECKED = (*DECIDE, *REDECIDE)


def authority(organ: OrganFacts, at: datetime, matter_code: str = "") -> str:
    """Return the highest level the organ may determine at an instant: inherent or delegated; empty for none.

    Args:
        at: The instant of signing; delegations run over [since, until).
        matter_code: Of the guide item; empty asks for any matter.
    Source: BMF-17.2, ZX-44.1.
    """
    inherent = str(PARAMETERS.value("inherent_authority", at.date()).get(organ.tier, ""))
    held = [
        d.max_level
        for d in organ.delegations
        if d.since <= at < d.until
        and (d.revoked_at is None or at < d.revoked_at)
        and (not matter_code or "*" in d.matters or matter_code in d.matters)
    ]
    return highest(tuple(word for word in (inherent, *held) if word))


def _of(facts: Any) -> str:
    return authority(facts.organ, facts.at, facts.item.matter_code if facts.item else "")


authority_applies = BOOK.decision("authority_applies", DECIDE, "BMF-17.1", lambda facts, law: True)


NO_AUTHORITY_NEEDED = ("GD-11.3", "PS-5", "BMF10-13.3")  # newest first: derivation needs no authority


def _exempt_by(clause: str) -> Callable[[Any], bool]:
    """Tell whether ``clause`` is the newest one in force that exempts a derivation, so that only one ever holds."""

    def holds(facts: Any) -> bool:
        on = facts.at.date()
        return facts.origin == "derivative" and clause == next(
            c for c in (*NO_AUTHORITY_NEEDED, "") if c == "" or in_force(c, on)
        )

    return holds


for _clause in NO_AUTHORITY_NEEDED:
    authority_applies.unless(_clause, when=_exempt_by(_clause))(lambda facts, law: False)


BOOK.decision("organ_authority", (*CHECKED, "referral.refer"), "ZX-44.1", lambda facts, law: _of(facts))


@BOOK.rule(CHECKED, "BMF-17.1", "BMF10-13.1")
def level_within_the_organs_authority(facts: Any, law: Law) -> Found:
    """机关、单位确定国家秘密的密级，应当遵守定密权限。"""
    if facts.origin == "derivative" or not facts.terms.level:
        return
    if hasattr(facts, "current") and facts.current.level == facts.terms.level:
        return
    held = _of(facts)
    if not covers(held, facts.terms.level):
        yield (
            "authority.insufficient" if held else "authority.none",
            {"level": facts.terms.level, "held": held or "无", "tier": facts.organ.tier},
        )


@BOOK.rule("referral.refer", "BMF-17.3", "GD-11.2", "TL-17.2", "BMF10-13.1")
def referral_is_for_want_of_authority(facts: Any, law: Law) -> Found:
    """无权定密或者超出权限的，先行采取保密措施，并立即报请。"""
    if facts.terms.level and covers(_of(facts), facts.terms.level):
        yield "referral.within_authority", {"level": facts.terms.level}


BOOK.decision("referral_kind", "referral.refer", "GD-11.2", lambda facts, law: "insufficient" if _of(facts) else "none")
BOOK.decision(
    "referral_route",
    "referral.refer",
    "TL-17.2",
    lambda facts, law: "superior" if facts.has_superior else "line_authority_or_administration",
)
BOOK.decision("protected_as", "referral.refer", "BMF-17.3", lambda facts, law: facts.terms.level)


@BOOK.rule("delegation.register", "TL-16.3a", "GD-13.2", "ZX-7.1")
def delegation_is_lawful(facts: Any, law: Law) -> Found:
    """授权应当以书面形式作出，不超过授权机关的权限。"""
    if not facts.has_instrument:
        yield "delegation.no_instrument", {}
    limit = law.value("delegable_levels").get(facts.grantor.tier, "")
    if not covers(str(limit), facts.max_level):
        yield "delegation.over_authority", {"level": facts.max_level, "held": limit or "无"}
    if facts.until <= facts.since:
        yield "delegation.empty_term", {}


@BOOK.rule("delegation.register", "TL-16.3c")
def no_sub_delegation(facts: Any, law: Law) -> Found:
    """被授权机关、单位不得再授权。"""
    if not facts.grantor_may_delegate:
        yield "delegation.sub_delegation", {}


@BOOK.rule("delegation.register", "GD-s1?", severity="warn")
def delegation_norm(facts: Any, law: Law) -> Found:
    """定密授权期限一般不超过五年。"""
    years = law.value("delegation_norm")
    if (facts.until - facts.since).days > years * 366:
        yield "delegation.long_term", {"years": years}


@BOOK.rule("officers.designate", "TL-14.1", "ZX-14.1")
def designation_is_lawful(facts: Any, law: Law) -> Found:
    """由主要负责人书面指定，并明确相应的定密权限。"""
    if not facts.by_principal:
        yield "designation.not_by_principal", {}
    if facts.is_self:
        yield "designation.self", {}
    if not facts.has_instrument:
        yield "designation.no_instrument", {}
    if facts.until is not None and facts.until <= facts.since:
        yield "designation.empty_term", {}
    if facts.since.date() < facts.at.date():
        yield "designation.backdated", {"since": facts.since.date()}
    held = authority(facts.organ, max(facts.at, facts.since))
    if not covers(held, facts.max_level):
        yield "designation.over_authority", {"level": facts.max_level, "held": held or "无"}


@BOOK.rule("officers.designate", "ZX-14.2", "BMF-43.3")
def designated_is_fit(facts: Any, law: Law) -> Found:
    """熟悉涉密业务，符合在涉密岗位工作的基本条件。"""
    if not covers(facts.clearance, facts.max_level):
        yield "designation.clearance", {"level": facts.max_level, "clearance": facts.clearance or "无"}
