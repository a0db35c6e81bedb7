"""变更: a ground for every change, up at once and down on its day, and what a partial release leaves."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.elements import needs_item, tail_of
from dingmi.regime.prc_state.levels import covers, is_level

ACT = "change.change"
REMARKED = (ACT, "change.extend", "declassification.release")
GROUNDS = ("basis_changed", "damage_changed")
RELEASE_GROUNDS = ("no_longer_secret", "harmless")  # BMF-24.2b


def _only_scope(facts: Any) -> bool:
    """Tell whether only the scope changes."""
    return bool(facts.current.level == facts.terms.level and facts.current.tail == facts.terms.tail)


def _last_day(text: str, starts_on: date) -> date | None:
    tail = tail_of(text)
    return tail.window(starts_on).last_protected_day if tail else None


def is_raise(facts: Any) -> bool:
    """Tell whether the level rises."""
    return is_level(facts.terms.level) and not covers(facts.current.level, facts.terms.level)


@BOOK.rule(ACT, "ZX-26.1", "BMF-23.1", "BMF10-18.1", "GD-s4?")
def change_has_a_ground(facts: Any, law: Law) -> Found:
    """定密依据变化，或者泄露后的损害程度明显变化；知悉范围随工作需要变化。"""
    lawful = GROUNDS + (("need_changed",) if _only_scope(facts) else ())
    lawful += RELEASE_GROUNDS if facts.released_parts else ()
    if facts.ground not in lawful:
        yield "change.no_ground", {}


BOOK.decision("change_ground", ACT, "GD-s4?", lambda f, law: f.ground)


@BOOK.rule(ACT, "BMF-24.2b", "ZX-31.1", "JM-13?")
def released_parts_have_a_ground(facts: Any, law: Law) -> Found:
    """部分解密：the parts named are released on a ground of release, and the rest is determined again."""
    if facts.released_parts and facts.ground not in RELEASE_GROUNDS:
        yield "release.no_ground", {}


@BOOK.rule(ACT, "BMF-24.2b", "ZX-31.1")
def a_part_leaves_a_rest(facts: Any, law: Law) -> Found:
    """部分解密：where nothing stays secret it is the matter that is to be released, not a part of it."""
    if facts.releases_all:
        yield "release.nothing_left", {}


@BOOK.rule(ACT, "FW-9.1", "BMF-19", "BMF10-14.1")
def changed_level_is_the_items(facts: Any, law: Law) -> Found:
    """A level that changes with its basis is the level of the item now cited. 不高不低。"""
    item = facts.item
    if item is None or not needs_item(facts) or facts.ground != "basis_changed":
        return
    if facts.current.level != facts.terms.level != item.level:
        yield "level.not_the_items", {"level": facts.terms.level, "item_level": item.level, "item": item.id}


@BOOK.rule(ACT, "BMF-24.2a", "BMF10-19.1")
def changed_period_still_runs(facts: Any, law: Law) -> Found:
    """A changed period is counted from the original start (ZX-27.2); one that is over is a release, not a change."""
    last, held = (_last_day(terms.tail, facts.starts_on) for terms in (facts.terms, facts.current))
    takes_effect = max(facts.effective_on or law.on, law.on)
    if last is not None and last < takes_effect:
        yield "change.already_over", {"last_protected_day": last}
    if held is not None and held < takes_effect != law.on:
        yield "change.effect_after_end", {"effective_on": takes_effect, "last_protected_day": held}


@BOOK.rule(ACT, "BMF-23.1", "BMF10-18.1", "ZX-26.1")
def change_is_one(facts: Any, law: Law) -> Found:
    """A change changes something; a raised level is in force at once, since it is protected from its proposal on."""
    if facts.current == facts.terms and not facts.released_parts:
        yield "change.nothing", {}
    if facts.effective_on is not None and facts.effective_on < law.on:
        yield "change.backdated", {"effective_on": facts.effective_on}
    if facts.effective_on is not None and facts.effective_on > law.on and is_raise(facts):
        yield "change.raise_waits", {"effective_on": facts.effective_on}


remark_due = BOOK.decision("remark_due", REMARKED, "TL-21.1b", lambda f, law: True)


@remark_due.unless("TL14-15", when=lambda f: True)
def _remark_by_the_old_regulation(facts: Any, law: Law) -> bool:
    """2014：密级、保密期限变更后，应当及时对标志作出变更。"""
    return True


BOOK.decision(
    "released_from",
    "declassification.release",
    "JM-13?",
    lambda f, law: f.effective_on or law.on,
)
