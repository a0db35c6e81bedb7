"""The filter of the register: ``密级=机密 到期<2027`` beside words to search for; English keys mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from dingmi.base.errors import Invalid
from dingmi.records.matters.models import STATES

CONDITION = re.compile(r"^([^\s<>=＜＞＝]+)(<=|>=|=|<|>)([^\s<>=]+)$")
WIDE = str.maketrans("＜＞＝", "<>=")
LEVELS = ("绝密", "机密", "秘密")
STATE_NAMES = {**{word: state for state, word in STATES}, **{state: state for state, _ in STATES}}
ORIGINS = {"原始": "original", "派生": "derivative", "original": "original", "derivative": "derivative"}
DAY = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")


@dataclass(frozen=True, slots=True)
class Filter:
    """What was asked: conditions that the database can answer, and words for the search."""

    conditions: Q
    shown: tuple[str, ...]
    words: str


def parse(text: str) -> Filter:
    """Read a filter line.

    Raises:
        Invalid: ``filter.unknown_key``, ``filter.bad_value`` or ``filter.no_order``, naming the part.
    """
    conditions, shown, words = Q(), [], []
    for part in text.translate(WIDE).split():
        found = CONDITION.match(part)
        if found is None:
            words.append(part)
            continue
        key, sign, value = found.groups()
        if key.lower() not in KEYS:
            raise Invalid("filter.unknown_key", (), fields={"text": "filter.unknown_key"}, key=key[:20])
        conditions &= KEYS[key.lower()](sign, value)
        shown.append(part)
    return Filter(conditions, tuple(shown), " ".join(words))


def _span(value: str) -> tuple[date, date]:
    """Return the first day of a year, month or day, and the first day after it."""
    found = DAY.match(value)
    try:
        year, month, day = (int(p) if p else 0 for p in found.groups()) if found else (0, 0, 0)
        first = date(year, month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        return first, date(year + 1, 1, 1) if not month or month == 12 else date(year, month + 1, 1)
    except (ValueError, OverflowError):
        raise Invalid("filter.bad_value", (), fields={"text": "filter.bad_value"}, value=value[:20]) from None


def _by_day(column: str) -> Callable[[str, str], Q]:
    def condition(sign: str, value: str) -> Q:
        first, after = _span(value)
        return {
            "<": Q(**{f"{column}__lt": first}),
            "<=": Q(**{f"{column}__lt": after}),
            ">": Q(**{f"{column}__gte": after}),
            ">=": Q(**{f"{column}__gte": first}),
            "=": Q(**{f"{column}__gte": first, f"{column}__lt": after}),
        }[sign]

    return condition


def _one_of(column: str, names: dict[str, str]) -> Callable[[str, str], Q]:
    def condition(sign: str, value: str) -> Q:
        _only_equal(sign)
        if value not in names:
            raise Invalid("filter.bad_value", (), fields={"text": "filter.bad_value"}, value=value[:20])
        return Q(**{column: names[value]})

    return condition


def _level(sign: str, value: str) -> Q:
    if value not in LEVELS:
        raise Invalid("filter.bad_value", (), fields={"text": "filter.bad_value"}, value=value[:20])
    place = LEVELS.index(value)
    chosen = {"=": LEVELS[place : place + 1], ">=": LEVELS[: place + 1], ">": LEVELS[:place]}
    chosen |= {"<=": LEVELS[place:], "<": LEVELS[place + 1 :]}
    return Q(level__in=chosen[sign])


def _named(column: str) -> Callable[[str, str], Q]:
    """Filter by a name that only those who may know the matter see (SR-24): masked rows never match."""

    def condition(sign: str, value: str) -> Q:
        _only_equal(sign)
        return Q(**{column: value, "is_content": True})

    return condition


def _only_equal(sign: str) -> None:
    if sign != "=":
        raise Invalid("filter.no_order", (), fields={"text": "filter.no_order"}, sign=sign)


_NAMES: dict[tuple[str, ...], Callable[[str, str], Q]] = {
    ("密级", "level"): _level,
    ("状态", "state"): _one_of("state", STATE_NAMES),
    ("类型", "origin"): _one_of("origin", ORIGINS),
    ("到期", "ends"): _by_day("last_protected_day"),
    ("定密", "decided"): _by_day("starts_on"),
    ("部门", "department"): _named("department__name"),
    ("责任人", "officer"): _named("officer__name"),
}
KEYS = {name: condition for names, condition in _NAMES.items() for name in names}
