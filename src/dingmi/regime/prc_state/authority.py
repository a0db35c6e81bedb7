"""定密权限: inherent by tier, or delegated; checked for original determination and raising, never for derivation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from dingmi.regime.kernel.register import in_force
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE, REDECIDE
from dingmi.regime.prc_state.cases import is_original
from dingmi.regime.prc_state.facts import OrganFacts
from dingmi.regime.prc_state.levels import covers, highest
from dingmi.regime.prc_state.tables import PARAMETERS

CHECKED = (*DECIDE, *REDECIDE)


def inherent_authority(organ: OrganFacts, on: date) -> str:
    """Return the level that the organ may determine of itself: by tier, or by the rules of the security organs."""
    if organ.tier == "security":
        return organ.own_authority
    return str(PARAMETERS.value("inherent_authority", on).get(organ.tier, ""))


def authority(organ: OrganFacts, at: datetime, matter_code: str = "") -> str:
    """Return the highest level the organ may determine at an instant: inherent or delegated; empty for none.

    Args:
        at: The instant of signing; delegations run over [since, until).
        matter_code: Of the guide item; empty asks for any matter.
    Source: BMF-17.2, ZX-44.1.
    """
    inherent = inherent_authority(organ, at.date())
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


def _tier(*tiers: str) -> Callable[[Any], bool]:
    return lambda facts: facts.organ.tier in tiers


def _inherent(facts: Any, law: Law) -> str:
    return inherent_authority(facts.organ, law.on)


inherent = BOOK.decision("inherent_authority", "authority.of", "ZX-44.1", _inherent)
inherent.unless("BMF-17.2a", when=_tier("central", "provincial"))(_inherent)
inherent.unless("BMF-17.2b", when=_tier("prefecture"))(_inherent)
inherent.unless("BMF-17.4", when=_tier("security"))(_inherent)
inherent.unless("BMF10-13.2", when=lambda facts: facts.organ.tier != "other")(_inherent)
BOOK.decision(
    "authority",
    "authority.of",
    "BMF-17.1",
    lambda facts, law: authority(facts.organ, facts.at, facts.matter_code),
)


def _officers(facts: Any, law: Law) -> str:
    """Return the lower of what the organ has and what the instrument gives; a designation never widens the organ's."""
    held = authority(facts.organ, facts.at, facts.matter_code)
    given = facts.officer.max_level if facts.officer is not None else ""
    return given if covers(held, given) else held if covers(given, held) else ""


officer_authority = BOOK.decision("officer_authority", "authority.of", "ZX-14.1", _officers)


@officer_authority.unless("QA-3", when=lambda facts: facts.officer is not None and facts.officer.kind == "statutory")
def _principals(facts: Any, law: Law) -> str:
    """法定定密责任人的定密权限与所在机关、单位的定密权限一致。"""
    return authority(facts.organ, facts.at, facts.matter_code)


@BOOK.rule(DECIDE, "GD-2.2", "BMF-17.1", "BMF10-13.1")
def origin_is_one_of_two(facts: Any, law: Law) -> Found:
    """定密分为原始定密和派生定密。"""
    if facts.origin not in ("original", "derivative"):
        yield "origin.unknown", {"origin": facts.origin[:20]}


@BOOK.rule(CHECKED, "BMF-17.1", "BMF10-13.1", concerns=is_original)
def level_within_the_organs_authority(facts: Any, law: Law) -> Found:
    """机关、单位确定国家秘密的密级，应当遵守定密权限。"""
    if facts.origin == "derivative" or not facts.terms.level:
        return
    if hasattr(facts, "current") and covers(facts.current.level, facts.terms.level):
        return  # asked when a level is determined or raised, not when it stays or falls
    held = _of(facts)
    if not covers(held, facts.terms.level):
        yield (
            "authority.insufficient" if held else "authority.none",
            {"level": facts.terms.level, "held": held or "无", "tier": facts.organ.tier},
        )


@BOOK.rule("referral.refer", "BMF-17.3", "GD-11.2", "TL-17.2", "BMF10-13.1")
def referral_is_for_want_of_authority(facts: Any, law: Law) -> Found:
    """无权定密或者超出权限的，先行采取保密措施，并立即报请。"""
    elsewhere = bool(facts.issuer) and (facts.issuer_run_by or facts.issuer) != facts.organ.id
    if facts.terms.level and covers(_of(facts), facts.terms.level) and not elsewhere:
        yield "referral.within_authority", {"level": facts.terms.level}


BOOK.decision("referral_kind", "referral.refer", "GD-11.2", lambda facts, law: "insufficient" if _of(facts) else "none")
BOOK.decision(
    "referral_route",
    "referral.refer",
    "TL-17.2",
    lambda facts, law: "superior" if facts.has_superior else "line_authority_or_administration",
)
BOOK.decision("protected_as", "referral.refer", "BMF-17.3", lambda facts, law: facts.terms.level)
