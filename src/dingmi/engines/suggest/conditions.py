"""Conditions of guide items, judged on the text: met, not met, or not stated. They explain; they never decide."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dingmi.engines.suggest.normalise import folded_text
from dingmi.engines.suggest.types import NUMBER, Condition, Reason, Span

_NEAR = 40
_SCALES = {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}
_QUANTITY = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([百千万亿]*)")
_COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: abs(a - b) < 1e-9,
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with the original offset of each of its characters."""

    text: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Folded:
        """Fold ``text``."""
        folded, offsets = folded_text(text)
        return cls(folded, tuple(offsets.tolist()))

    def span(self, start: int, end: int) -> Span:
        """The original span of folded characters ``start`` to ``end``."""
        return Span(self.offsets[start], self.offsets[end - 1] + 1)


def judge(condition: Condition, folded: Folded) -> tuple[bool | None, Reason]:
    """Judge one condition: True when met, False when the text contradicts it, None when the text is silent."""
    words = [folded_text(word)[0] for word in (condition.words or (condition.name,)) if word]
    clauses = (condition.clause,) if condition.clause else ()
    if condition.kind == NUMBER:
        met, span, value = _number(condition, folded, words)
    else:
        met, span, value = _named(condition, folded, words)
    code = {True: "suggest.condition_met", False: "suggest.condition_failed", None: "suggest.condition_unstated"}[met]
    params = {"name": condition.name, "op": condition.op, "bound": condition.value, "unit": condition.unit}
    if value is not None:
        params["value"] = value
    return met, Reason(code, params, clauses, span)


def _named(condition: Condition, folded: Folded, words: list[str]) -> tuple[bool | None, Span | None, None]:
    for word in words:
        place = folded.text.find(word)
        if place >= 0:
            return condition.op != "lacks", folded.span(place, place + len(word)), None
    return (True if condition.op == "lacks" else None), None, None


def _number(condition: Condition, folded: Folded, words: list[str]) -> tuple[bool | None, Span | None, float | None]:
    compare = _COMPARE.get(condition.op)
    if compare is None:
        raise ValueError(f"unknown comparison {condition.op!r}")
    unit = folded_text(condition.unit)[0].strip()
    failed: tuple[bool | None, Span | None, float | None] = (None, None, None)
    for found in _QUANTITY.finditer(folded.text):
        start, end = found.span()
        before = folded.text[max(0, start - _NEAR) : start]
        after = folded.text[end : end + _NEAR]
        if unit.endswith(":"):
            if not before.rstrip().endswith(unit):
                continue
        elif unit and not after.lstrip().startswith(unit):
            continue
        if words and not any(word in before or word in after for word in words):
            continue
        value = float(found[1].replace(",", "") + (found[2] or ""))
        for scale in found[3]:
            value *= _SCALES[scale]
        span = folded.span(start, end)
        if compare(value, condition.value):
            return True, span, value
        if failed[0] is None:
            failed = (False, span, value)
    return failed
