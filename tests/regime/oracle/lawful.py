"""Lawful acts of every kind, on the day the law changes and on others, with every guard now and then at its boundary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from dingmi.regime.prc_state.facts import (
    ApprovalFacts,
    ChangeFacts,
    DelegationFacts,
    DerivationFacts,
    DrafterFacts,
    ExtensionFacts,
    ItemFacts,
    OfficerFacts,
    OrganFacts,
    ProposalFacts,
    ReleaseFacts,
    SourceFacts,
    Terms,
)
from tests.regime.oracle import law
from tests.regime.oracle.law import CAP_YEARS, LEVELS, Span, day_text, reaches

BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
CODE = "SW-1"
CHANGES = (law.LAW_2024, law.REGULATION_2024, law.RULE_2025, law.GUIDE_RULE_2017, law.DERIVATION_RULE_2023)
TICK = timedelta(seconds=1)
EVENTS = ("启用前", "会议开始前", "正式公布前")


def some_instant(rng: Random) -> datetime:
    """Give an instant; every third falls on a day of change or the day before."""
    if rng.random() < 0.33:
        day = rng.choice(CHANGES) - timedelta(days=rng.randint(0, 1))
    else:
        day = date(2014, 4, 1) + timedelta(days=rng.randint(0, 4600))
    return datetime.combine(day, time(rng.choice((0, 9, 12, 23)), rng.choice((0, 59))))


def some_span(rng: Random, most_months: int) -> Span:
    """Give a length that is no longer than so many months, now and then exactly that."""
    kind = rng.random()
    if kind < 0.3:
        return Span(months=most_months)
    if kind < 0.45:
        return Span(days=rng.randint(1, 27))
    return Span(months=rng.randint(1, most_months))


def some_scope(rng: Random) -> dict[str, tuple[str, ...]]:
    """Give a scope of persons, departments or organs."""
    return rng.choice(
        (
            {"persons": ("p3",)},
            {"persons": ("p3", "p4"), "organs": ("o1",)},
            {"departments": ("d1",)},
            {"organs": ("o1",)},
        )
    )


def some_item(rng: Random, level: str) -> tuple[ItemFacts, Span | None]:
    """Give an item of a level, and its longest period where it has one."""
    kind, code = rng.random(), rng.choice((CODE, ""))
    if kind < 0.7:
        span = some_span(rng, CAP_YEARS[level] * 12)
        if span.days:
            span = Span(months=rng.randint(1, CAP_YEARS[level] * 12))
        return ItemFacts("SW#1", level, span.text, code), span
    if kind < 0.8:
        return ItemFacts("SW#2", level, rng.choice(EVENTS), code), None
    return ItemFacts("SW#3", level, "长期", code), None


def some_tail(rng: Random, level: str, item: ItemFacts, bound: Span | None, start: date) -> str:
    """Give a tail within the item and the law: a period, a date that ends on its last day, or the item's own."""
    if item.tail in EVENTS or (item.tail == "长期" and rng.random() < 0.5):
        return item.tail
    most = bound.months if bound else CAP_YEARS[level] * 12
    if rng.random() < 0.25:
        last = Span(months=most).last_day(start)
        return day_text(last + timedelta(days=1 - rng.randint(0, min(3, (last - start).days - 1))))
    return some_span(rng, most).text


def some_officer(rng: Random, level: str, at: datetime) -> OfficerFacts:
    """Give an officer who may just decide."""
    higher = tuple(word for word in LEVELS if reaches(word, level))
    designated = rng.random() < 0.6
    trained: datetime | None = at + rng.choice((TICK, timedelta(days=300)))
    if not law.owes_training(at.date()) and rng.random() < 0.5:
        trained = rng.choice((None, at))
    return OfficerFacts(
        person="p2",
        kind="designated" if designated else "statutory",
        tier=rng.choice(("main", "managing")),
        max_level=rng.choice(higher) if designated else "",
        matters=rng.choice((("*",), (CODE,), ("X", CODE))),
        since=at - rng.choice((timedelta(0), timedelta(days=500))),
        until=rng.choice((None, at + TICK)),
        trained_until=trained,
        clearance=rng.choice(higher),
        qualification=rng.choice((None, *higher)),
    )


def some_organ(rng: Random, level: str, at: datetime) -> OrganFacts:
    """Give an organ that has just the authority for a level, of itself or by delegation."""
    tiers = [tier for tier, held in law.INHERENT.items() if held and reaches(held, level)]
    if tiers and rng.random() < 0.5:
        return OrganFacts(rng.choice(tiers), id="o")
    higher = tuple(word for word in LEVELS if reaches(word, level))
    grant = DelegationFacts(
        "授1", rng.choice(higher), rng.choice((("*",), (CODE,))), at - rng.choice((timedelta(0), timedelta(days=90))),
        at + rng.choice((TICK, timedelta(days=90))), rng.choice((None, at + TICK)),
    )  # fmt: skip
    return OrganFacts("other", (grant,), "o")


def some_drafter(rng: Random, at: datetime) -> DrafterFacts:
    """Give a drafter who may just propose."""
    if not law.owes_training(at.date()) and rng.random() < 0.5:
        return DrafterFacts("p1", rng.choice((None, at)), "绝密")
    return DrafterFacts("p1", at + rng.choice((TICK, timedelta(days=300))), "绝密", rng.random() < 0.3)


def proposal(rng: Random) -> ProposalFacts:
    """Give a lawful proposal of an original determination."""
    at, level = some_instant(rng), rng.choice(LEVELS)
    item, bound = some_item(rng, level)
    terms = Terms(level, some_tail(rng, level, item, bound, at.date()), **some_scope(rng))
    return ProposalFacts(
        at=at, drafter=some_drafter(rng, at), terms=terms, item=item, has_reasons=True, bars=dict(BARS)
    )


def approval(rng: Random) -> ApprovalFacts:
    """Give a lawful approval of an original determination."""
    made = proposal(rng)
    level = made.terms.level
    return ApprovalFacts(
        at=made.at, drafter="p1", officer=some_officer(rng, level, made.at), organ=some_organ(rng, level, made.at),
        terms=made.terms, item=made.item, bars=dict(BARS),
    )  # fmt: skip


def some_source(rng: Random, name: str, at: datetime) -> SourceFacts:
    """Give a source that may be followed on the day; now and then its last protected day is that very day."""
    level = rng.choice(LEVELS)
    others = ("other",) if law.may_follow_others(at.date()) else ()
    last = at.date() + timedelta(days=rng.choice((0, 1, 400, 3000)))
    return SourceFacts(
        id=name, level=level, tail="20年", last_protected_day=last,
        has_consent=level == "绝密" or rng.random() < 0.5, persons=("p3", name), departments=("d1",),
        relation=rng.choice(("superior", "own", *others)),
    )  # fmt: skip


def _derived(rng: Random, at: datetime) -> tuple[Terms, tuple[SourceFacts, ...]]:
    sources = tuple(some_source(rng, f"s{n}", at) for n in range(rng.randint(1, 3)))
    level = max((s.level for s in sources), key=law.RANK.__getitem__)
    last = max(s.last_protected_day for s in sources if s.last_protected_day)
    scope = rng.choice(({"persons": ("p3",)}, {"departments": ("d1",)}, {"persons": ("p3",), "departments": ("d1",)}))
    return Terms(level, day_text(last + timedelta(days=1)), **scope), sources


def derivation(rng: Random) -> DerivationFacts:
    """Give a lawful proposal of a derivative determination."""
    at = some_instant(rng)
    terms, sources = _derived(rng, at)
    trigger = rng.choice(("identical", "point", "rework", "originator_rule"))
    return DerivationFacts(at=at, drafter=some_drafter(rng, at), terms=terms, sources=sources, trigger=trigger)


def derived_approval(rng: Random) -> ApprovalFacts:
    """Give a lawful approval of a derivative determination by an organ of any tier: authority is not asked (PS-5)."""
    at = some_instant(rng)
    terms, sources = _derived(rng, at)
    return ApprovalFacts(
        at=at, drafter="p1", officer=some_officer(rng, terms.level, at), organ=OrganFacts(rng.choice(list(law.INHERENT))),
        terms=terms, item=None, origin="derivative", bars={}, sources=sources,
    )  # fmt: skip


def extension(rng: Random) -> ExtensionFacts:
    """Give a lawful extension; now and then on the last protected day itself, and just as long as the item allows."""
    at, level = some_instant(rng), rng.choice(LEVELS)
    most = CAP_YEARS[level] * 12
    old = Span(months=rng.randint(1, most - 1))
    start = _start_before(rng, old, at.date())
    bound = Span(months=rng.randint(old.months + 1, most))
    new = Span(months=rng.choice((bound.months, rng.randint(old.months + 1, bound.months))))
    approved = rng.random() < 0.2
    if approved:
        new = Span(months=bound.months + rng.randint(1, 60))
    scope = (
        {} if at.date() < law.LAW_2024 and rng.random() < 0.3 else some_scope(rng)
    )  # the law of 2010: the period only
    return ExtensionFacts(
        at=at, drafter="p1", officer=some_officer(rng, level, at), organ=OrganFacts("other"), state="active",
        current=Terms(level, old.text, persons=("p3",)), terms=Terms(level, new.text, **scope), starts_on=start,
        last_protected_day=old.last_day(start), item=ItemFacts("SW#1", level, bound.text, CODE),
        has_central_approval=approved,
    )  # fmt: skip


def _start_before(rng: Random, span: Span, on: date) -> date:
    """Give a start such that the span still runs on ``on``; now and then ``on`` is its last day."""
    start = on - timedelta(days=rng.randint(0, max(0, span.months * 28 - 1)))
    if rng.random() < 0.4:
        start = on - timedelta(days=span.months * 31 + 5)
        while span.last_day(start) < on:
            start += timedelta(days=1)
    return start


def change(rng: Random) -> ChangeFacts:
    """Give a lawful change of level or period, up or down; to fall needs no authority, to rise does."""
    at, old_level, level = some_instant(rng), rng.choice(LEVELS), rng.choice(LEVELS)
    most = CAP_YEARS[level] * 12
    new = Span(months=rng.randint(1, most))
    start = _start_before(rng, new, at.date())
    bound = Span(months=rng.choice((new.months, most)))
    rises = law.RANK[level] > law.RANK[old_level]
    organ = some_organ(rng, level, at) if rises else OrganFacts("other")
    return ChangeFacts(
        at=at, drafter="p1", officer=some_officer(rng, level, at), organ=organ, state="active",
        current=Terms(old_level, "9年", persons=("p9",)), terms=Terms(level, new.text, **some_scope(rng)),
        starts_on=start, ground=rng.choice(("basis_changed", "damage_changed")),
        item=ItemFacts("SW#1", level, bound.text, CODE),
    )  # fmt: skip


def release(rng: Random) -> ReleaseFacts:
    """Give a lawful early release."""
    at = some_instant(rng)
    organs = rng.randint(0, 3)
    kind = rng.choice(("period", "date", "event", "indefinite"))
    return ReleaseFacts(
        at=at, drafter="p1", officer=some_officer(rng, "秘密", at), state="active",
        ground=rng.choice(("no_longer_secret", "harmless")), tail_kind=kind, has_central_approval=kind == "indefinite",
        co_organs=organs, co_organs_consulted=organs,
    )  # fmt: skip


MAKERS: dict[str, tuple[str, Callable[[Random], Any]]] = {
    "proposal": ("determination.propose", proposal),
    "approval": ("determination.approve", approval),
    "derivation": ("derivation.propose", derivation),
    "derived approval": ("determination.approve", derived_approval),
    "extension": ("change.extend", extension),
    "change": ("change.change", change),
    "release": ("declassification.release", release),
}
