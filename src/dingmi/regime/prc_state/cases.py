"""Which cases a rule concerns, so that people are told what was asked of theirs and what was not; it switches no rule off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.marks import DurationKind

Case = Callable[[Any], bool]


def _kind(facts: Any) -> DurationKind | None:
    try:
        tail = marks.parse_tail(facts.terms.tail)
    except Invalid:
        return None
    return tail.kind if tail else None


def ends_by(kind: DurationKind) -> Case:
    """Return whether a period of this kind is asked for."""
    return lambda facts: _kind(facts) is kind


def has(name: str) -> Case:
    """Return whether the case has any of what the rule is about: sources, points, an issuer, others that take part."""
    return lambda facts: bool(getattr(facts, name, None))


def is_original(facts: Any) -> bool:
    """Whether the terms rest on a guide item."""
    return bool(getattr(facts, "origin", "original") == "original")


def is_derived(facts: Any) -> bool:
    """Whether the terms rest on sources alone; those of an original determination rest on its guide item."""
    return bool(getattr(facts, "origin", "derivative") == "derivative")


def original_with_sources(facts: Any) -> bool:
    """Whether an original determination uses the words of secrets."""
    return has("sources")(facts) and not is_derived(facts)


def has_top_secret_source(facts: Any) -> bool:
    """Whether a source is 绝密."""
    return any(source.level == "绝密" for source in getattr(facts, "sources", ()))


def item_ends_by_condition(facts: Any) -> bool:
    """Whether the guide item states a condition or a time and no period."""
    try:
        tail = marks.parse_tail(facts.item.tail) if facts.item else None
    except Invalid:
        return False
    return tail is not None and tail.kind is DurationKind.EVENT


def item_is_silent(facts: Any) -> bool:
    """Whether the guide item states no period."""
    return bool(facts.item and facts.item.is_silent_on_period)


def officer_is_designated(facts: Any) -> bool:
    """Whether the officer decides by designation, not by law."""
    return bool(facts.officer.kind == "designated")


def officer_is_graded(facts: Any) -> bool:
    """Whether the house grades the officer's qualification."""
    return facts.officer.qualification is not None
