"""Suggested items in the order that the unit's own decisions teach: learnt from what became of earlier suggestions.

A ridge logistic regression over four measures of each item that was suggested; the latest fifth of the decisions is kept
apart, to see whether it orders better and whether its figures may be called probabilities.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dingmi.engines.suggest.crowd import COARSE, Grain
from dingmi.engines.suggest.evaluate.scores import calibration_error
from dingmi.engines.suggest.learner import Numbers, Sparse, fit, sigmoid
from dingmi.engines.suggest.review import LARGEST_ERROR

LEAST_CASES = 200
_LATEST = 5  # one part in five, the latest, is kept for judging
_RIDGE, _DOUBT = 1e-3, 4.0


@dataclass(frozen=True, slots=True)
class Offer:
    """One item as it was suggested: its score, its place (from 1), and how many conditions spoke against it."""

    item: str
    score: float
    place: int
    against: int


@dataclass(frozen=True, slots=True)
class Case:
    """One suggestion and the item that was decided; empty when it was none of those suggested."""

    offers: tuple[Offer, ...]
    decided: str


class Figures(NamedTuple):
    """How an order did on cases later than those it was learnt from."""

    before: float  # share of them in which the item that the engine had first was decided
    after: float  # the same in the order learnt
    error: float  # calibration error


@dataclass(frozen=True, slots=True)
class Ranking:
    """A fitted order: weights, how often each item was decided of how often suggested, and how it did on later cases."""

    weights: tuple[float, ...]
    constant: float
    decided: Mapping[str, int]
    shown: Mapping[str, int]
    cases: int
    before: float  # share of the later cases in which the item that the engine had first was decided
    after: float  # the same in the order learnt
    error: float  # calibration error on the later cases

    @property
    def is_calibrated(self) -> bool:
        """Whether its figures may be called probabilities."""
        return self.error <= LARGEST_ERROR

    def chances(self, offers: Sequence[Offer]) -> list[float]:
        """For each item how likely it is to be decided; a probability exactly while ``is_calibrated``."""
        rows = _rows(offers, self.decided, self.shown)
        return [float(v) for v in sigmoid(rows @ np.array(self.weights) + self.constant)]

    def ordered(self, offers: Sequence[Offer]) -> list[Offer]:
        """The items, most likely first; equal ones as the engine had them."""
        chances = dict(zip((o.item for o in offers), self.chances(offers), strict=True))
        return sorted(offers, key=lambda o: (-chances[o.item], o.place))

    def to_text(self) -> str:
        """Serialise; the same cases always give the same text."""
        return json.dumps(
            {
                "weights": [repr(w) for w in self.weights],
                "constant": repr(self.constant),
                "decided": dict(sorted(self.decided.items())),
                "shown": dict(sorted(self.shown.items())),
                "cases": self.cases,
                "figures": [repr(v) for v in (self.before, self.after, self.error)],
            },
            sort_keys=True,
        )

    @classmethod
    def from_text(cls, text: str) -> Ranking:
        """Read what ``to_text`` wrote. Raises ValueError when it is anything else."""
        try:
            raw = json.loads(text)
            before, after, error = (float(v) for v in raw["figures"])
            weights = tuple(float(w) for w in raw["weights"])
            return cls(
                weights, float(raw["constant"]), raw["decided"], raw["shown"], int(raw["cases"]), before, after, error
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError("not a ranking") from fault


def learn(cases: Sequence[Case]) -> Ranking:
    """Learn from decisions, oldest first.

    Raises:
        ValueError: Fewer than 200, or all alike.
    """
    if len(cases) < LEAST_CASES:
        raise ValueError("too few decisions to learn from")
    cut = len(cases) - len(cases) // _LATEST
    return _fitted(cases, COARSE, judged(cases[:cut], cases[cut:]))


def judged(earlier: Sequence[Case], later: Sequence[Case], grain: Grain = COARSE) -> Figures:
    """Return how an order learnt from ``earlier`` cases does on ``later`` ones.

    Args:
        grain: How coarse what it remembers is; only what a measurement forgets again may be finer than ``COARSE``.
    """
    trial = _fitted(earlier, grain, Figures(1.0, 1.0, 1.0))
    offered = [c for c in later if c.offers]
    before = _share([min(c.offers, key=lambda o: o.place).item == c.decided for c in offered])
    after = _share([trial.ordered(c.offers)[0].item == c.decided for c in offered])
    truth = [o.item == c.decided for c in offered for o in c.offers]
    said = [chance for c in offered for chance in trial.chances(c.offers)]
    error = calibration_error(truth, said, [1.0] * len(said)) if said else 1.0
    return Figures(before, after, float(error))


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def _fitted(cases: Sequence[Case], grain: Grain, figures: Figures) -> Ranking:
    decided: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    rows, truth = [], []
    for case in cases:  # each case is measured by what was known before it, as the next one will be
        if case.offers:
            rows.append(_rows(case.offers, *grain.of_many(decided, shown)))
            truth += [float(o.item == case.decided) for o in case.offers]
        shown.update(o.item for o in case.offers)
        decided.update([case.decided] if case.decided else [])
    answers = np.array(truth)
    if not 0 < answers.sum() < len(answers):
        raise ValueError("decisions that are all alike teach nothing")
    measured = np.concatenate(rows)
    size = measured.shape[1]
    starts = np.arange(len(measured) + 1) * size
    sparse = Sparse(starts, np.tile(np.arange(size), len(measured)), measured.ravel())
    weights, constant = fit(sparse, size, answers, np.ones(len(answers)), _RIDGE)
    kept = tuple(grain.rounded(w) for w in weights)
    return Ranking(kept, grain.rounded(constant), *grain.of_many(decided, shown), len(cases), *figures)


def _rows(offers: Sequence[Offer], decided: Mapping[str, int], shown: Mapping[str, int]) -> Numbers:
    """Score, place, conditions against, and how often the item was decided where it was suggested."""
    rows: Numbers = np.array(
        [
            (
                o.score,
                1.0 / o.place,
                float(min(o.against, 3)),
                (decided.get(o.item, 0) + 1.0) / (shown.get(o.item, 0) + _DOUBT),
            )
            for o in offers
        ],
        np.float64,
    ).reshape(len(offers), 4)
    return rows
