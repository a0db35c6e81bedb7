"""Which matters are likely to be released or changed when they are reviewed: learnt from the unit's own past reviews.

A ridge logistic regression over facts of the records, never over words: what speaks for an end is named beside it, and no
reader learns from it what stands in papers that he may not see. The latest fifth of the decisions is kept apart, to see whether
the order finds more than the order of the last days, and whether its figures may be called probabilities.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dingmi.engines.suggest.crowd import COARSE
from dingmi.engines.suggest.evaluate.scores import calibration_error
from dingmi.engines.suggest.learner import Numbers, Sparse, fit, sigmoid
from dingmi.engines.suggest.review import LARGEST_ERROR, LEAST_DECISIONS

FACTS = (
    "elapsed",  # how much of the period has passed, 0 to 1; 0.5 of a condition
    "ending",  # the last day is near
    "years",  # since the period began, in tens
    "kept",  # times that a review kept the matter, in fives
    "by_event",
    "item_ended",
    "sources_released",
    "derived_live",
    "derivative",
    "higher",  # 0 for the lowest level, 1 for the highest
    "differs",  # a like matter was decided otherwise
)
ITEM = "item_past"  # how often matters of the item came to an end when they were reviewed
NAMES = (*FACTS, ITEM)
EFFORT = 0.2  # share of the list that is read
_LATEST = 5  # one part in five, the latest, is kept for judging
_RIDGE, _DOUBT = 3e-3, 4.0
_SPEAKS = 0.15  # what moves the margin by less is no reason


@dataclass(frozen=True, slots=True)
class Standing:
    """One matter as it stands at a review: values of ``FACTS`` (those not named are 0), its item, and the days it has left."""

    facts: Mapping[str, float]
    item: str
    days_left: int


@dataclass(frozen=True, slots=True)
class Past:
    """One review that was decided; ``ended``: the matter was released, let lapse or changed."""

    standing: Standing
    ended: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that speaks for an end, or against it, and by how much it moves the margin."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was learnt: weights and means of ``NAMES``, reviews and ends of each item, and how it did on later reviews.

    ``before`` and ``after``: of the matters that ended, the share found in the first fifth of the list, in the order of the last
    days and in the order learnt.
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    constant: float
    ended: Mapping[str, int]
    reviewed: Mapping[str, int]
    cases: int
    before: float
    after: float
    error: float  # calibration error on the later reviews

    @property
    def is_calibrated(self) -> bool:
        """Whether its figures may be called probabilities."""
        return self.cases >= LEAST_DECISIONS and self.error <= LARGEST_ERROR

    def chances(self, standings: Sequence[Standing]) -> list[float]:
        """For each matter how likely it is to end or change; a probability exactly while ``is_calibrated``."""
        rows = _rows(standings, self.ended, self.reviewed)
        return [float(v) for v in sigmoid(rows @ np.array(self.weights) + self.constant)]

    def reasons(self, standing: Standing) -> tuple[Reason, ...]:
        """What moves this matter away from the usual one, strongest first; what is not there is no reason."""
        row = _rows([standing], self.ended, self.reviewed)[0]
        moves = (row - np.array(self.means)) * np.array(self.weights)
        present = (Reason(name, float(move)) for name, value, move in zip(NAMES, row, moves, strict=True) if value > 0)
        return tuple(sorted((r for r in present if abs(r.weight) >= _SPEAKS), key=lambda r: -abs(r.weight)))

    def to_text(self) -> str:
        """Serialise; the same reviews always give the same text."""
        return json.dumps(
            {
                "names": list(NAMES),
                "weights": [repr(w) for w in self.weights],
                "means": [repr(m) for m in self.means],
                "constant": repr(self.constant),
                "ended": dict(sorted(self.ended.items())),
                "reviewed": dict(sorted(self.reviewed.items())),
                "cases": self.cases,
                "figures": [repr(v) for v in (self.before, self.after, self.error)],
            },
            sort_keys=True,
        )

    @classmethod
    def from_text(cls, text: str) -> Outlook:
        """Read what ``to_text`` wrote. Raises ValueError when it is anything else, or was learnt over other facts."""
        try:
            raw = json.loads(text)
            if tuple(raw["names"]) != NAMES:
                raise ValueError("other facts")
            weights, means = (tuple(float(v) for v in raw[name]) for name in ("weights", "means"))
            figures = [float(v) for v in raw["figures"]]
            return cls(
                weights, means, float(raw["constant"]), raw["ended"], raw["reviewed"], int(raw["cases"]), *figures
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError("not an outlook") from fault


def learn(reviews: Sequence[Past]) -> Outlook:
    """Learn from reviews that were decided, oldest first.

    Raises:
        ValueError: Fewer than 200, or all alike.
    """
    if len(reviews) < LEAST_DECISIONS:
        raise ValueError("too few reviews to learn from")
    cut = len(reviews) - len(reviews) // _LATEST
    trial = _fitted(reviews[:cut], 1.0, 1.0, 1.0)
    later = reviews[cut:]
    truth = [r.ended for r in later]
    said = trial.chances([r.standing for r in later])
    before = found_early(truth, [-float(r.standing.days_left) for r in later])
    error = calibration_error(truth, said) if later else 1.0
    return _fitted(reviews, before, found_early(truth, said), error)


def found_early(truth: Sequence[bool], scores: Sequence[float], effort: float = EFFORT) -> float:
    """Share of what is true that stands in the first ``effort`` of the list ordered by ``scores``; ties keep their order."""
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    hits = np.asarray(truth, np.float64)[order]
    read = max(1, round(effort * len(hits)))
    return float(hits[:read].sum() / hits.sum()) if hits.sum() else 0.0


def _fitted(reviews: Sequence[Past], before: float, after: float, error: float) -> Outlook:
    ended: Counter[str] = Counter()
    reviewed: Counter[str] = Counter()
    rows = []
    for review in reviews:  # each review is measured by what was known before it, as the next one will be
        rows.append(_rows([review.standing], *COARSE.of_many(ended, reviewed)))
        reviewed[review.standing.item] += 1
        ended[review.standing.item] += review.ended
    truth = np.array([float(r.ended) for r in reviews])
    if not 0 < truth.sum() < len(truth):
        raise ValueError("reviews that are all alike teach nothing")
    measured = np.concatenate(rows)
    means = measured.mean(axis=0)
    size = len(NAMES)
    starts = np.arange(len(measured) + 1) * size
    sparse = Sparse(starts, np.tile(np.arange(size), len(measured)), measured.ravel())
    weights, constant = fit(sparse, size, truth, np.ones(len(truth)), _RIDGE)
    kept, usual = (tuple(COARSE.rounded(v) for v in values) for values in (weights, means))
    return Outlook(
        kept, usual, COARSE.rounded(constant), *COARSE.of_many(ended, reviewed), len(reviews), before, after, error
    )


def _rows(standings: Sequence[Standing], ended: Mapping[str, int], reviewed: Mapping[str, int]) -> Numbers:
    """One row of ``NAMES`` for each matter; of an item never reviewed the usual rate."""
    usual = (sum(ended.values()) + 1.0) / (sum(reviewed.values()) + _DOUBT)
    rows: Numbers = np.array(
        [
            [float(s.facts.get(name, 0.0)) for name in FACTS]
            + [(ended.get(s.item, 0) + _DOUBT * usual) / (reviewed.get(s.item, 0) + _DOUBT)]
            for s in standings
        ],
        np.float64,
    ).reshape(len(standings), len(NAMES))
    return rows
