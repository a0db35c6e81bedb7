"""What a new edition of a 保密事项范围 changes, element by element, and what that means for one matter in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dingmi.regime.kernel.periods import Period
from dingmi.regime.prc_state.elements import tail_of
from dingmi.regime.prc_state.marks import DurationKind

ELEMENTS = ("text", "level", "tail", "scope", "tier", "conditions", "exceptions")
CONTENT = frozenset({"text", "conditions", "exceptions"})
RELEASE, LEVEL, RECHECK, SHORTEN, CONDITION, SCOPE = "release", "level", "recheck", "shorten", "condition", "scope"
OUTCOMES = (RELEASE, LEVEL, RECHECK, SHORTEN, CONDITION, SCOPE)  # the first that holds names the task


@dataclass(frozen=True, slots=True)
class ItemText:
    """One item of one edition, as far as a change of it matters; lists are joined texts."""

    id: str
    number: str
    code: str
    text: str
    level: str
    tail: str
    scope: str = ""
    tier: str = ""
    conditions: str = ""
    exceptions: str = ""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item before and after: unchanged when ``elements`` is empty and both are there."""

    old: ItemText | None
    new: ItemText | None
    elements: frozenset[str]

    @property
    def kind(self) -> str:
        """``added``, ``removed``, ``changed`` or ``same``."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.elements else "same"


@dataclass(frozen=True, slots=True)
class Cited:
    """What of a matter in force an edition can touch."""

    level: str
    tail: str
    starts_on: date | None
    last_protected_day: date | None


def compare(old: Iterable[ItemText], new: Iterable[ItemText]) -> tuple[ItemChange, ...]:
    """Pair the items of two editions, the new order first, then what is gone.

    An item is the same one when its code is used once in each edition, else when code and number agree.
    """
    before, after = list(old), list(new)
    once_old, once_new = (Counter(i.code for i in items) for items in (before, after))
    places: dict[tuple[str, str], ItemText] = {(i.code, i.number): i for i in before}
    single = {i.code: i for i in before if once_old[i.code] == 1}
    made, taken = [], set()
    for item in after:
        found = single.get(item.code) if once_new[item.code] == 1 else None
        found = found or places.get((item.code, item.number))
        if found is not None:
            taken.add(found.id)
        made.append(ItemChange(found, item, _elements(found, item)))
    return (*made, *(ItemChange(i, None, frozenset()) for i in before if i.id not in taken))


def _elements(old: ItemText | None, new: ItemText) -> frozenset[str]:
    return frozenset(n for n in ELEMENTS if old and getattr(old, n) != getattr(new, n))


def outcome(change: ItemChange, matter: Cited) -> str:
    """Return what has to be reviewed of a matter that cites the item (P21), or nothing when it is not touched.

    A removed item asks for release (P8), another level for a change of level, a shorter longest period only of what
    runs past it, another condition of what ends otherwise, another content whether the matter still falls under it.
    """
    old, new = change.old, change.new
    if old is None:
        return ""
    if new is None:
        return RELEASE
    if "level" in change.elements and matter.level != new.level:
        return LEVEL
    if change.elements & CONTENT:
        return RECHECK
    if "tail" in change.elements and (found := _end(new.tail, matter)):
        return found
    return SCOPE if "scope" in change.elements else ""


def _end(tail: str, matter: Cited) -> str:
    """Return what another end of the item asks of a matter; nothing where the matter ends within it."""
    limit, held = tail_of(tail), tail_of(matter.tail)
    if limit is None:
        return ""
    if limit.period:
        return SHORTEN if _past(matter, limit.period) else ""
    return CONDITION if held is None or held.kind is DurationKind.PERIOD or held.text != limit.text else ""


def _past(matter: Cited, limit: Period) -> bool:
    """Tell whether a matter runs past a longest period counted from its start; one without an end does."""
    if matter.last_protected_day is None or matter.starts_on is None:
        return True
    return matter.last_protected_day > limit.last_day(matter.starts_on)


def summary(found: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return counts by outcome in their order, without those that did not occur."""
    return tuple((name, found[name]) for name in OUTCOMES if found.get(name))
