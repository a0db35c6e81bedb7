"""事项与来源: what has sources neither undercuts nor, where it was derived, outlives them unless an officer decides so in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, REDECIDE
from dingmi.regime.prc_state.cases import is_derived
from dingmi.regime.prc_state.derivation import derived_level
from dingmi.regime.prc_state.elements import tail_of
from dingmi.regime.prc_state.levels import Level, is_level

LATER = (*REDECIDE, "review.decide")
GROUNDS = ("TL-18", "BMF-18", "BMF10-13.3")


def departures(facts: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tell how the terms depart from the sources that still are secret: lower, ending earlier, ending later.

    An original determination rests on its guide item as well, which may protect it for longer than its sources.
    """
    live = tuple(s for s in facts.sources if not s.is_released)
    if not live:
        if facts.sources and is_derived(facts):
            yield "derivation.sources_over", {"count": len(facts.sources)}
        return
    level, due = facts.terms.level, derived_level(live)
    if is_level(level) and is_level(due) and Level(level).rank < Level(due).rank:
        yield "derivation.undercuts_level", {"level": level, "source_level": due}
    tail = tail_of(facts.terms.tail)
    if tail is None or facts.starts_on is None:
        return
    end = tail.window(facts.starts_on).last_protected_day or date.max
    last = max(s.last_protected_day or date.max for s in live)
    if end < last or (end > last and is_derived(facts)):
        code = "derivation.ends_before" if end < last else "derivation.outlives"
        yield code, {"tail": tail.text, "source_end": "" if last == date.max else last}


@BOOK.rule(LATER, *GROUNDS, "PS-13?", severity="warn")
def what_has_sources_follows_them(facts: Any, law: Law) -> Found:
    """派生事项的密级、保密期限与来源保持一致；来源变更、解除的，相应变更、解除。"""
    yield from departures(facts)


@BOOK.rule(LATER, *GROUNDS)
def departing_from_the_sources_is_decided_in_words(facts: Any, law: Law) -> Found:
    """与来源不一致的，应当由定密责任人说明理由，书面记录。"""
    if not facts.has_opinion and any(True for _ in departures(facts)):
        yield "derivation.departure_unexplained", {}
