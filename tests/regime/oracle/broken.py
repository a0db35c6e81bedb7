"""One element of a lawful act broken, and the clause that this breaks on the day of the act.

A break gives the broken facts, or None where it does not apply to this act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from dingmi.regime.prc_state.facts import OrganFacts
from tests.regime.oracle import law
from tests.regime.oracle.law import CAP_YEARS, LEVELS, RANK, Span, day_text
from tests.regime.oracle.lawful import EVENTS

Clauses = Callable[[date], set[str]]
Break = tuple[str, Callable[[Any, Random], Any], Clauses]


def fixed(*clauses: str) -> Clauses:
    """Name the same clauses for every day."""
    return lambda on: set(clauses)


def terms(**change: Any) -> Callable[[Any, Random], Any]:
    """Change something in the terms."""
    return lambda facts, rng: replace(facts, terms=replace(facts.terms, **change))


def officer(change: Callable[[Any, Random], dict[str, Any] | None]) -> Callable[[Any, Random], Any]:
    """Change something about the officer."""

    def made(facts: Any, rng: Random) -> Any:
        changed = change(facts, rng)
        return None if changed is None else replace(facts, officer=replace(facts.officer, **changed))

    return made


def plain(**change: Any) -> Callable[[Any, Random], Any]:
    """Change something in the facts."""
    return lambda facts, rng: replace(facts, **change)


def bar(name: str) -> Callable[[Any, Random], Any]:
    """Let one of the four bars apply."""
    return lambda facts, rng: replace(facts, bars={**facts.bars, name: True})


def _lower(level: str) -> str:
    return next((word for word in LEVELS if RANK[word] == RANK[level] - 1), "")


def _another_level(facts: Any, rng: Random) -> Any:
    other = rng.choice([word for word in LEVELS if word != facts.terms.level])
    return replace(facts, terms=replace(facts.terms, level=other))


def _bound(facts: Any) -> Span | None:
    text = facts.item.tail if facts.item else ""
    for months in range(1, 12 * 31):
        if Span(months=months).text == text:
            return Span(months=months)
    return None


def _start(facts: Any) -> date:
    return getattr(facts, "starts_on", facts.at.date())


def _over_item(facts: Any, rng: Random) -> Any:
    """One day, one month or years too long, written as a period or as a date."""
    bound = _bound(facts)
    if bound is None:
        return None
    last = bound.last_day(_start(facts))
    tail = rng.choice((Span(months=bound.months + rng.randint(1, 40)).text, day_text(last + timedelta(days=2))))
    return replace(facts, terms=replace(facts.terms, tail=tail))


def _over_cap(facts: Any, rng: Random) -> Any:
    if facts.item.tail != "长期":
        return None
    years = CAP_YEARS[facts.terms.level]
    last = Span(months=years * 12).last_day(_start(facts))
    tail = rng.choice((f"{years}年1个月", f"{years + 1}年", day_text(last + timedelta(days=2))))
    return replace(facts, terms=replace(facts.terms, tail=tail))


def _indefinite(facts: Any, rng: Random) -> Any:
    return None if facts.item.tail == "长期" else replace(facts, terms=replace(facts.terms, tail="长期"))


def _period_for_condition(facts: Any, rng: Random) -> Any:
    return replace(facts, terms=replace(facts.terms, tail="1年")) if facts.item.tail in EVENTS else None


def _past_date(facts: Any, rng: Random) -> Any:
    day = facts.at.date() - timedelta(days=rng.randint(0, 400))
    return replace(facts, terms=replace(facts.terms, tail=day_text(day)))


def _old_item(facts: Any, rng: Random) -> Any:
    on = facts.at.date()
    ends = {"until": on} if rng.random() < 0.5 else {"since": on + timedelta(days=1)}
    return replace(facts, item=replace(facts.item, **ends))


def _untrained_drafter(facts: Any, rng: Random) -> Any:
    dedicated = not law.owes_training(facts.at.date())
    until = rng.choice((None, facts.at, facts.at - timedelta(days=1)))
    return replace(facts, drafter=replace(facts.drafter, trained_until=until, is_dedicated=dedicated))


def training(on: date) -> set[str]:
    """Before the regulation of 2024 only dedicated staff had to be trained."""
    return {law.newest(on, (None, "TL14-9"), (law.REGULATION_2024, "TL-14.2"))}


def _untrained(facts: Any, rng: Random) -> dict[str, Any]:
    dedicated = not law.owes_training(facts.at.date())
    return {"trained_until": rng.choice((None, facts.at, facts.at - timedelta(days=1))), "is_dedicated": dedicated}


def _over_instrument(facts: Any, rng: Random) -> dict[str, Any]:
    return {"kind": "designated", "max_level": _lower(facts.terms.level)}


def _outside_matters(facts: Any, rng: Random) -> dict[str, Any] | None:
    if facts.item is None or not facts.item.matter_code:
        return None
    return {"kind": "designated", "max_level": "绝密", "matters": ("OTHER",)}


def _no_authority(facts: Any, rng: Random) -> Any:
    """Nothing at all; or a delegation that has ended, not begun, been revoked, is for other matters, or is too low."""
    level, at = facts.terms.level, facts.at
    if hasattr(facts, "current") and RANK[facts.current.level] >= RANK[level]:
        return None
    if facts.organ.tier != "other":
        return replace(facts, organ=OrganFacts("prefecture" if level == "绝密" and rng.random() < 0.5 else "other"))
    grant = facts.organ.delegations[0]
    broken = [
        {"until": at},
        {"since": at + timedelta(seconds=1)},
        {"revoked_at": at},
    ]
    if _lower(level):
        broken.append({"max_level": _lower(level)})
    if facts.item.matter_code:
        broken.append({"matters": ("OTHER",)})
    change = rng.choice(broken)
    return replace(facts, organ=replace(facts.organ, delegations=(replace(grant, **change),)))


def _source(change: Callable[[Any], dict[str, Any]], since: date | None = None, until: date | None = None) -> Any:
    def made(facts: Any, rng: Random) -> Any:
        on = facts.at.date()
        if (since and on < since) or (until and on >= until):
            return None
        number = rng.randrange(len(facts.sources))
        changed = replace(facts.sources[number], **change(facts))
        return replace(facts, sources=(*facts.sources[:number], changed, *facts.sources[number + 1 :]))

    return made


def _no_consent(facts: Any, rng: Random) -> Any:
    top = [n for n, s in enumerate(facts.sources) if s.level == "绝密"]
    if not top or facts.at.date() < law.LAW_2024:
        return None
    changed = replace(facts.sources[top[0]], has_consent=False)
    return replace(facts, sources=(*facts.sources[: top[0]], changed, *facts.sources[top[0] + 1 :]))


def _wider_scope(facts: Any, rng: Random) -> Any:
    return replace(facts, terms=replace(facts.terms, persons=(*facts.terms.persons, "stranger")))


def _too_late(facts: Any, rng: Random) -> Any:
    """The matter ended yesterday, or long ago; the act itself stays as it is."""
    last = facts.at.date() - timedelta(days=rng.choice((1, 2, 300)))
    return replace(facts, last_protected_day=last)


def _not_longer(facts: Any, rng: Random) -> Any:
    return replace(facts, terms=replace(facts.terms, tail=facts.current.tail))


def _over_without_approval(facts: Any, rng: Random) -> Any:
    over = _over_item(facts, rng)
    return replace(over, has_central_approval=False)


def _already_over(facts: Any, rng: Random) -> Any:
    start = facts.at.date() - timedelta(days=800)
    return replace(facts, starts_on=start, terms=replace(facts.terms, tail="2年"))


def _not_consulted(facts: Any, rng: Random) -> Any:
    return replace(facts, co_organs=facts.co_organs + 1)


def _challenged(facts: Any, rng: Random) -> Any:
    return replace(facts, is_challenged=True) if facts.at.date() >= law.REGULATION_2024 else None


ELEMENTS: tuple[Break, ...] = (
    ("no level", terms(level=""), law.elements),
    ("no period", terms(tail=""), law.elements),
    ("no scope", terms(persons=(), departments=(), organs=()), law.elements),
    ("period unreadable", terms(tail="★"), law.one_tail),
)
OFFICER: tuple[Break, ...] = (
    ("officer drafted it", officer(lambda f, r: {"person": f.drafter}), law.two_people),
    ("no appointment", officer(lambda f, r: {"kind": ""}), law.two_people),
    ("appointed a second later", officer(lambda f, r: {"since": f.at + timedelta(seconds=1)}), law.two_people),
    ("term ended at that instant", officer(lambda f, r: {"until": f.at}), law.two_people),
    ("assistant", officer(lambda f, r: {"tier": "assistant"}), law.two_people),
    ("suspended", officer(lambda f, r: {"is_suspended": True}), law.two_people),
    ("officer untrained", officer(_untrained), training),
)
LEVELLED: tuple[Break, ...] = (
    ("above the instrument", officer(_over_instrument), fixed("ZX-14.1")),
    ("outside the instrument's matters", officer(_outside_matters), fixed("ZX-14.1")),
    ("clearance too low", officer(lambda f, r: {"clearance": _lower(f.terms.level)}), law.clearance),
    ("grade too low", officer(lambda f, r: {"qualification": _lower(f.terms.level)}), fixed("SEED-1")),
)
BY_ITEM: tuple[Break, ...] = (
    ("no item", plain(item=None), law.basis),
    ("item not in force", _old_item, law.item_in_force),
    ("level not the item's", _another_level, law.item_level),
    ("longer than the item", _over_item, law.item_period),
    ("longer than the law", _over_cap, law.cap),
    ("indefinite without the item", _indefinite, fixed("ZX-22.2")),
    ("a period for a condition", _period_for_condition, law.item_period),
    ("a vague condition", terms(tail="条件成熟时"), fixed("ZX-22.1")),
    ("a date that is past", _past_date, law.one_tail),
    ("the public needs it", bar("public_needed"), fixed("ZX-19.1")),
    ("another kind of secret", bar("other_secret"), fixed("ZX-19.2")),
    ("already public", bar("already_public"), fixed("ZX-19.3")),
    ("statute makes it public", bar("statute_public"), law.statute_public),
)
IN_FORCE: tuple[Break, ...] = (
    ("released already", plain(state="declassified"), law.released_by_law),
    ("voided", plain(state="voided"), law.released_by_law),
    ("another organ's", plain(is_ours=False), law.originator),
)
SOURCES: tuple[Break, ...] = (
    ("source released", _source(lambda f: {"is_released": True}), law.triggers),
    (
        "source ended yesterday",
        _source(lambda f: {"last_protected_day": f.at.date() - timedelta(days=1)}),
        law.triggers,
    ),
    ("level not the source's", _another_level, law.inherited_level),
    ("period copied", terms(tail="20年"), law.inherited),
    ("top secret without consent", _no_consent, law.consent),
    ("not a superior's", _source(lambda f: {"relation": "other"}, until=law.LAW_2024), fixed("BMF10-13.3")),
)
BREAKS: dict[str, tuple[Break, ...]] = {
    "proposal": (
        *ELEMENTS,
        *BY_ITEM,
        ("no such level", terms(level="内部"), law.three_levels),
        ("a bar not answered", plain(bars={}), fixed("ZX-19.1")),
        ("no reasons", plain(has_reasons=False), law.record),
        ("drafter untrained", _untrained_drafter, training),
    ),
    "approval": (
        *ELEMENTS,
        *BY_ITEM,
        *OFFICER,
        *LEVELLED,
        ("beyond the organ's authority", _no_authority, law.organ_authority),
        ("co-organs not consulted", plain(co_organs=2, co_organs_consulted=1), fixed("ZX-25.1")),
        ("issued in a superior's name", plain(issuer="superior"), fixed("QA-5")),
    ),
    "derivation": (
        *ELEMENTS,
        *SOURCES,
        ("no trigger", plain(trigger=""), law.triggers),
        ("no source", plain(sources=()), law.inherited),
        ("drafter may not know the source", _source(lambda f: {"drafter_may_know": False}), law.inherited),
        ("wider than the source", _wider_scope, law.inherited),
        ("drafter untrained", _untrained_drafter, training),
    ),
    "derived approval": (
        *ELEMENTS,
        *SOURCES,
        *OFFICER,
        LEVELLED[0],
        *LEVELLED[2:],
        ("officer may not derive", officer(lambda f, r: _since(f, law.DERIVATION_RULE_2023)), fixed("PS-6")),
    ),
    "extension": (
        ELEMENTS[1],
        ELEMENTS[3],
        *OFFICER,
        *LEVELLED,
        *IN_FORCE,
        ("a day late", _too_late, law.before_expiry),
        ("no longer than before", _not_longer, law.before_expiry),
        ("beyond the item without approval", _over_without_approval, fixed("ZX-27.2")),
        ("no reasons", plain(has_reasons=False), law.record),
    ),
    "change": (
        *ELEMENTS,
        *OFFICER,
        *LEVELLED,
        *IN_FORCE,
        ("no ground", plain(ground=""), fixed("ZX-26.1")),
        ("nothing changes", lambda f, r: replace(f, terms=f.current), law.originator),
        ("longer than the item", _over_item, law.item_period),
        ("over before it begins", _already_over, law.released_by_law),
        ("raised beyond the organ's authority", _no_authority, law.organ_authority),
    ),
    "release": (
        *OFFICER,
        *IN_FORCE,
        ("no ground", plain(ground=""), law.early_release),
        ("indefinite without approval", plain(tail_kind="indefinite", has_central_approval=False), fixed("ZX-33")),
        ("not consulted", _not_consulted, fixed("ZX-25.1")),
        ("challenged", _challenged, fixed("TL-26.3")),
        ("no reasons", plain(has_reasons=False), law.record),
    ),
}
EXTENDED = {"no period": law.before_expiry}  # an extension decides anew by its own clause


def _since(facts: Any, day: date) -> dict[str, Any] | None:
    return {"may_derive": False} if facts.at.date() >= day else None
