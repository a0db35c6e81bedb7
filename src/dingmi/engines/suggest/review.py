"""Ranking of records for review: which of many are likely to hold what the unit has protected before.

The model is learnt from the unit's own decisions in the order of time. Its score orders; it is called a probability only
when the latest decisions, which it had not seen, bear the figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dingmi.engines.suggest.evaluate.scores import calibration_error
from dingmi.engines.suggest.learner import Features, Numbers, Places, Sparse, fit, sigmoid

LEAST_DECISIONS = 200
LARGEST_ERROR = 0.05
_RIDGE = 1e-5
_LATEST = 5  # one part in five, the latest, is kept for calibration


@dataclass(frozen=True, slots=True)
class Calibration:
    """How margins become probabilities, and how far off these were on decisions that neither step had seen."""

    slope: float
    constant: float
    error: float
    decisions: int

    @property
    def holds(self) -> bool:
        """Whether the figures may be shown as probabilities."""
        return self.decisions * _LATEST >= LEAST_DECISIONS and self.error <= LARGEST_ERROR


class ReviewModel:
    """A fitted ranking of records."""

    def __init__(self, texts: Sequence[str], protected: Sequence[bool], counts: Sequence[float] | None = None) -> None:
        """Learn from decisions.

        Args:
            texts: The records, oldest decision first.
            protected: Whether something in each was protected.
            counts: For how many records each stands (the inverse of the rate at which it was sampled).

        Raises:
            ValueError: Fewer than 200 decisions, or all alike.
        """
        truth = np.array(protected, np.float64)
        weights = np.ones(len(truth)) if counts is None else np.array(counts, np.float64)
        if len(truth) < LEAST_DECISIONS or not 0 < truth.sum() < len(truth):
            raise ValueError("too few decisions to learn from")
        self._features = Features(texts)
        rows = self._features.rows(texts)
        self._weights, self._constant = _learn(rows, len(self._features), truth)
        self.calibration = self._calibrated(rows, truth, weights)

    def _calibrated(self, rows: Sparse, truth: Numbers, weights: Numbers) -> Calibration:
        """Learn on the earlier part alone, and hold its margins against the latest decisions."""
        cut = len(truth) - len(truth) // _LATEST
        earlier, later = part(rows, 0, cut), part(rows, cut, len(truth))
        learnt, constant = _learn(earlier, len(self._features), truth[:cut])
        margins = later.times(learnt) + constant
        slope, shift = _platt(margins, truth[cut:], weights[cut:])
        half = np.zeros(len(margins), np.bool_)
        half[np.argsort(truth[cut:], kind="stable")[::2]] = True  # every other one of either answer
        errors = []
        for fitted, held in ((half, ~half), (~half, half)):
            a, b = _platt(margins[fitted], truth[cut:][fitted], weights[cut:][fitted])
            said = sigmoid(a * margins[held] + b)
            errors.append(calibration_error(truth[cut:][held], said, weights[cut:][held]))  # type: ignore[arg-type]
        return Calibration(slope, shift, float(np.mean(errors)), len(margins))

    def scores(self, texts: Sequence[str]) -> list[float]:
        """A score between 0 and 1 for each text; a probability exactly while ``calibration.holds``."""
        margins = self._features.rows(texts).times(self._weights) + self._constant
        return [float(v) for v in sigmoid(self.calibration.slope * margins + self.calibration.constant)]


def _learn(rows: Sparse, size: int, truth: Numbers) -> tuple[Numbers, float]:
    """Fit with the rarer answer counting as much as the common one."""
    return fit(rows, size, truth, np.where(truth > 0, (1 - truth).sum() / max(1.0, truth.sum()), 1.0), _RIDGE)


def _platt(margins: Numbers, truth: Numbers, weights: Numbers) -> tuple[float, float]:
    """Slope and constant that turn margins into probabilities."""
    one = Sparse(np.arange(len(margins) + 1), np.zeros(len(margins), np.int64), margins)
    slope, constant = fit(one, 1, truth, weights, 1e-4)
    return float(slope[0]), constant


def part(rows: Sparse, low: int, high: int) -> Sparse:
    """Rows ``low`` to ``high``."""
    starts: Places = rows.starts[low : high + 1]
    return Sparse(starts - starts[0], rows.columns[starts[0] : starts[-1]], rows.values[starts[0] : starts[-1]])
