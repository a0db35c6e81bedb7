"""检查与整改: topics, kinds of inspection and kinds of error as data; samples that anyone draws again, and what they tell."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any

from dingmi.regime.kernel.register import clauses
from dingmi.regime.prc_state.correction import REMEDIES

NORMAL_95 = 1.96  # standard deviations on either side of a 95 % interval


@dataclass(frozen=True, slots=True)
class Topic:
    """One of the matters that an inspection looks at."""

    code: str
    clause: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of inspection: on what ground, how often a year at least (policy), what it looks at unless told otherwise."""

    code: str
    clause: str
    also: tuple[str, ...]
    a_year: int
    steady: bool
    topics: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Error:
    """One kind of error in a classification: the rule of the appraisal, and whether it becomes a correction of the matter."""

    code: str
    rule: str
    corrects: bool
    zh: str
    en: str


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(files("dingmi.regime").joinpath("oversight.toml").read_text(encoding="utf-8"))


@cache
def topics() -> Mapping[str, Topic]:
    """Return the topics in the order of the regulation."""
    return {code: Topic(code=code, **row) for code, row in _tables()["topics"].items()}


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of inspection.

    Raises:
        ValueError: One names a clause or a topic that is not known.
    """
    found = {}
    for code, row in _tables()["kinds"].items():
        named = tuple(topics()) if row["topics"] == ["*"] else tuple(row["topics"])
        kind = Kind(code=code, **{**row, "also": tuple(row["also"]), "topics": named})
        if {kind.clause, *kind.also} - set(clauses()) or set(named) - set(topics()):
            raise ValueError(f"kind {code}")
        found[code] = kind
    return found


@cache
def errors() -> Mapping[str, Error]:
    """Return the kinds of error.

    Raises:
        ValueError: One that is to be corrected has no remedy.
    """
    found = {code: Error(code=code, **row) for code, row in _tables()["errors"].items()}
    if {code for code, error in found.items() if error.corrects} != set(REMEDIES):
        raise ValueError("errors without a remedy")
    return found


@cache
def liability() -> Mapping[str, Mapping[str, str]]:
    """Return the grounds on which someone answers for a leak, by their clause.

    Raises:
        ValueError: One is no clause.
    """
    found: Mapping[str, Mapping[str, str]] = _tables()["liability"]
    if set(found) - set(clauses()):
        raise ValueError("liability without a clause")
    return found


def drawn(strata: Mapping[str, Iterable[str]], size: int, order: Callable[[str], str]) -> tuple[str, ...]:
    """Draw a stratified sample: each stratum by its share, the largest remainders first; within it by ``order``.

    Args:
        strata: What there is, by stratum.
        order: A keyed digest of an id: with the same key anyone draws the same sample again.
    """
    held = {name: sorted(ids, key=order) for name, ids in sorted(strata.items())}
    total = sum(map(len, held.values()))
    if total <= size:
        return tuple(sorted((i for ids in held.values() for i in ids), key=order))
    share = {name: size * len(ids) / total for name, ids in held.items()}
    taken = {name: int(s) for name, s in share.items()}
    left = size - sum(taken.values())
    for name in sorted(share, key=lambda n: (taken[n] - share[n], n))[:left]:
        taken[name] += 1
    return tuple(sorted((i for name, ids in held.items() for i in ids[: taken[name]]), key=order))


def interval(wrong: int, looked_at: int) -> tuple[float, float]:
    """Return between which shares the share of errors lies with 95 % confidence (Wilson's interval); all when none was looked at."""
    if not looked_at:
        return 0.0, 1.0
    share, z = wrong / looked_at, NORMAL_95 * NORMAL_95 / looked_at
    middle = (share + z / 2) / (1 + z)
    wide = NORMAL_95 * sqrt(share * (1 - share) / looked_at + z / (4 * looked_at)) / (1 + z)
    return max(0.0, middle - wide), min(1.0, middle + wide)
