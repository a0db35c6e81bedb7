"""原始定密引用已定密内容: the guide item is the basis, and the sources bound it from below.

A text that matches an item and uses the words of secrets holds several matters: it is as high as the highest of them and is
protected until the last of them ends (procedures §3.5). The item may ask for a longer period than its sources, never less.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE
from dingmi.regime.prc_state.cases import is_derived, original_with_sources
from dingmi.regime.prc_state.derivation import derived_level
from dingmi.regime.prc_state.elements import tail_of
from dingmi.regime.prc_state.facts import SourceFacts
from dingmi.regime.prc_state.levels import Level, is_level
from dingmi.regime.prc_state.marks import DurationKind

ACTS = ("determination.propose", *DECIDE)
GROUNDS = ("TL-18", "BMF-18", "BMF10-13.3")


def _binding(facts: Any, law: Law) -> tuple[SourceFacts, ...]:
    """Return the sources of an original determination that are still secret on the day."""
    if is_derived(facts):
        return ()
    ended = (s.last_protected_day is not None and s.last_protected_day < law.on for s in facts.sources)
    return tuple(s for s, over in zip(facts.sources, ended, strict=True) if not (s.is_released or over))


@BOOK.rule(ACTS, *GROUNDS, concerns=original_with_sources)
def what_uses_a_secret_is_no_lower(facts: Any, law: Law) -> Found:
    """含有已定密内容的，密级不低于所用内容的密级。"""
    level, due = facts.terms.level, derived_level(_binding(facts, law))
    if is_level(level) and is_level(due) and Level(level).rank < Level(due).rank:
        yield "reuse.below_source", {"level": level, "source_level": due}


@BOOK.rule(ACTS, *GROUNDS, concerns=original_with_sources)
def what_uses_a_secret_is_protected_as_long(facts: Any, law: Law) -> Found:
    """含有已定密内容的，保密期限不早于所用内容解密；条目规定更长的，从条目。"""
    tail, live = tail_of(facts.terms.tail), _binding(facts, law)
    if tail is None or not live:
        return
    end, lasts = tail.window(law.on).last_protected_day, [s.last_protected_day for s in live]
    if end is None:
        return
    if None in lasts:
        yield "reuse.source_open", {"tail": tail.text}
    elif end < (last := max(day for day in lasts if day)):
        yield "reuse.ends_before", {"tail": tail.text, "source_end": last}


@BOOK.rule(ACTS, *GROUNDS, severity="warn", concerns=original_with_sources)
def a_condition_may_come_before_the_sources_end(facts: Any, law: Law) -> Found:
    """以解密条件为期限的，条件成就时来源可能仍在保密期内。"""
    tail, live = tail_of(facts.terms.tail), _binding(facts, law)
    if tail is None or tail.kind is not DurationKind.EVENT or all(s.tail == tail.text for s in live):
        return
    last = max((s.last_protected_day or date.max for s in live), default=date.max)
    yield "reuse.condition_first", {"tail": tail.text, "source_end": "" if last == date.max else last}


def _outside(facts: Any, live: tuple[SourceFacts, ...]) -> Iterator[str]:
    """Return whom the terms name beyond what every source with a scope of its own admits."""
    for name in ("persons", "departments", "organs"):
        for source in live:
            if source.persons or source.departments or source.organs:
                yield from set(getattr(facts.terms, name)) - set(getattr(source, name))


@BOOK.rule(ACTS, *GROUNDS, "PS-10?", severity="warn", concerns=original_with_sources)
def who_learns_the_sources_may_know_them(facts: Any, law: Law) -> Found:
    """知悉范围按工作需要确定；来源知悉范围以外的人员，先经批准扩大来源的知悉范围。"""
    if wider := set(_outside(facts, _binding(facts, law))):
        yield "reuse.scope_wider", {"count": len(wider)}
