"""履职考核: how a year in office is scored: rules of the organ as dated data, weights that sum to 1, points with their evidence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from statistics import median

from dingmi.base.errors import Invalid
from dingmi.regime.kernel.register import clauses

FULL = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the scheme: points for one kind of event, up to ``most`` in a year.

    ``source`` is ``records`` (found in what was done here) or ``office`` (the office records it with its evidence).
    """

    code: str
    indicator: str
    points: int
    most: int
    source: str
    clause: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """The rules of one version, and the weights that it proposes."""

    version: str
    since: int  # first year
    weights: Mapping[str, Decimal]
    rules: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a year: the rule it falls under, and the record that proves it."""

    rule: str
    evidence: str  # kind:id of the record
    on: str  # ISO date
    times: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """The points that one event gave; 0 once the rule's most is reached."""

    rule: str
    indicator: str
    points: int
    evidence: str
    on: str


@dataclass(frozen=True, slots=True)
class Score:
    """A year scored: each indicator from 0 to 100, the weighted total, and the lines that made it."""

    version: str
    weights: tuple[tuple[str, Decimal], ...]
    indicators: tuple[tuple[str, int], ...]
    total: Decimal
    lines: tuple[Line, ...]


@cache
def schemes() -> tuple[Scheme, ...]:
    """Return every version, the oldest first.

    Raises:
        ValueError: A rule cites an unknown clause or indicator, or weights do not sum to 1.
    """
    loaded = tomllib.loads(
        files("dingmi.regime").joinpath("performance.toml").read_text(encoding="utf-8"), parse_float=Decimal
    )
    found = []
    for name, table in loaded.items():
        weights = {str(k): Decimal(v) for k, v in table["weights"].items()}
        require_weights(weights, set(weights))
        rules = {code: Rule(code=code, **row) for code, row in table["rules"].items()}
        for rule in rules.values():
            if rule.clause not in clauses() or rule.indicator not in weights or rule.points * rule.most < 0:
                raise ValueError(f"rule {rule.code}")
        found.append(Scheme(name, int(table["since"]), weights, rules))
    return tuple(sorted(found, key=lambda s: s.since))


def scheme_of(year: int) -> Scheme:
    """Return the scheme in force in ``year``; before the first, the first."""
    held = [s for s in schemes() if s.since <= year]
    return held[-1] if held else schemes()[0]


def require_weights(weights: Mapping[str, Decimal], indicators: Iterable[str]) -> None:
    """Refuse weights that do not name each indicator once or do not sum to 1.

    Raises:
        Invalid: ``performance.weights``.
    """
    total = sum(weights.values(), Decimal(0))
    if set(weights) != set(indicators) or total != 1 or any(w < 0 for w in weights.values()):
        raise Invalid("performance.weights", ("SEED-11",), total=str(total), fields={"weights": "performance.weights"})


def score(scheme: Scheme, events: Iterable[Event], weights: Mapping[str, Decimal] | None = None) -> Score:
    """Score a year: total = Σ wᵢ·sᵢ; each indicator starts at 100 and stays from 0 to 100 (SEED-11).

    Args:
        weights: Others than the scheme's, for a what-if or as the organ set them.
    Raises:
        Invalid: ``performance.weights``.
    """
    weighing = dict(weights or scheme.weights)
    require_weights(weighing, scheme.weights)
    spent: dict[str, int] = {}
    lines = []
    for event in sorted(events, key=lambda e: (e.on, e.rule, e.evidence)):
        rule = scheme.rules[event.rule]
        before = spent.get(rule.code, 0)
        after = before + rule.points * event.times
        after = max(after, rule.most) if rule.points < 0 else min(after, rule.most)
        spent[rule.code] = after
        lines.append(Line(rule.code, rule.indicator, after - before, event.evidence, event.on))
    sums = dict.fromkeys(weighing, FULL)
    for line in lines:
        sums[line.indicator] += line.points
    indicators = tuple((name, max(0, min(FULL, value))) for name, value in sums.items())
    total = sum((weighing[name] * value for name, value in indicators), Decimal(0))
    return Score(scheme.version, tuple(weighing.items()), indicators, total.quantize(Decimal("0.1")), tuple(lines))


def medians(scores: Iterable[Score]) -> tuple[Mapping[str, float], float]:
    """Return the median of each indicator, and of the totals; empty without scores."""
    held = list(scores)
    if not held:
        return {}, 0.0
    names = [name for name, _ in held[0].indicators]
    each = {name: float(median(dict(s.indicators)[name] for s in held)) for name in names}
    return each, float(median(s.total for s in held))
