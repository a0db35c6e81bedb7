"""A linear model over words and neighbouring words: learnt from decisions of people, it orders records and never decides.

Texts become hashed features (no words are kept), weighted by how rarely they occur; logistic regression with a ridge is
fitted by L-BFGS, so the same rows always give the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.grams import Hasher
from dingmi.engines.suggest.normalise import Units, units_of

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

_KEY = b"dingmi features of the learner"
_BUCKETS = np.uint64(1 << 22)
_LEAST_TEXTS = 2
_MEMORY, _STEPS, _ENOUGH = 8, 80, 1e-4


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of features: ``columns`` and ``values`` of row ``i`` stand from ``starts[i]`` to ``starts[i + 1]``."""

    starts: Places
    columns: Places
    values: Numbers

    @property
    def rows(self) -> Places:
        """The row of each value."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def times(self, weights: Numbers) -> Numbers:
        """The product with a vector of one weight a column."""
        size = len(self.starts) - 1
        return np.bincount(self.rows, weights=self.values * weights[self.columns], minlength=size).astype(np.float64)


def features_of(hasher: Hasher, units: Units) -> Places:
    """Hashed features of a text: each unit, and each pair of neighbours."""
    hashes = hasher.units(units)
    found: Places = (np.concatenate([hashes, hasher.grams(hashes, 2)]) % _BUCKETS).astype(np.int64)
    return found


class Features:
    """Which features count and how much, learnt from texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._hasher = Hasher(_KEY)
        counted = [np.unique(self._features(text)) for text in texts]
        names, counts = np.unique(np.concatenate(counted or [np.zeros(0, np.int64)]), return_counts=True)
        kept = counts >= _LEAST_TEXTS
        self.names: Places = names[kept]
        self.rarity: Numbers = 1.0 + np.log((1 + len(texts)) / (1 + counts[kept]))

    def _features(self, text: str) -> Places:
        return features_of(self._hasher, units_of(text))

    def __len__(self) -> int:
        return len(self.names)

    def rows(self, texts: Sequence[str]) -> Sparse:
        """Weighted features of each text, every row of length one."""
        starts, columns, values = [0], [], []
        for text in texts:
            found, counts = np.unique(self._features(text), return_counts=True)
            at = np.searchsorted(self.names, found)
            known = (at < len(self.names)) & (self.names[np.minimum(at, max(0, len(self.names) - 1))] == found)
            row = (1.0 + np.log(counts[known])) * self.rarity[at[known]]
            columns.append(at[known])
            values.append(row / (np.linalg.norm(row) + 1e-12))
            starts.append(starts[-1] + len(row))
        empty = [np.zeros(0)]
        return Sparse(
            np.array(starts), np.concatenate(columns or empty).astype(np.int64), np.concatenate(values or empty)
        )


def sigmoid(values: Numbers) -> Numbers:
    """The logistic function, without overflow."""
    made: Numbers = 1.0 / (1.0 + np.exp(-np.clip(values, -50, 50)))
    return made


def fit(rows: Sparse, size: int, truth: Numbers, weights: Numbers, ridge: float) -> tuple[Numbers, float]:
    """Weights and constant of the ridge logistic regression; ``weights`` say how much each row counts."""
    places = rows.rows
    total = weights.sum()

    def loss(point: Numbers) -> tuple[float, Numbers]:
        margin = rows.times(point[:-1]) + point[-1]
        value = float((weights * (np.logaddexp(0, margin) - truth * margin)).sum() / total)
        slope = weights * (sigmoid(margin) - truth) / total
        down = np.bincount(rows.columns, weights=rows.values * slope[places], minlength=size) + ridge * point[:-1]
        return value + ridge * float(point[:-1] @ point[:-1]) / 2, np.append(down, slope.sum())

    best = minimise(loss, np.zeros(size + 1))
    return best[:-1], float(best[-1])


def minimise(loss: Callable[[Numbers], tuple[float, Numbers]], start: Numbers) -> Numbers:
    """The least point of a smooth convex function (L-BFGS with halving steps)."""
    point, (value, slope) = start, loss(start)
    history: list[tuple[Numbers, Numbers, float]] = []
    for _ in range(_STEPS):
        way = _direction(slope, history)
        step = 1.0 if history else min(1.0, 1.0 / (float(np.abs(slope).sum()) + 1e-12))
        while True:
            after = point + step * way
            reached, steepness = loss(after)
            if reached <= value + 1e-4 * step * float(slope @ way) or step < 1e-9:
                break
            step /= 2
        moved, turned = after - point, steepness - slope
        bend = float(moved @ turned)
        if bend > 1e-12:
            history = [*history[-_MEMORY + 1 :], (moved, turned, 1.0 / bend)]
        gained = value - reached
        point, value, slope = after, reached, steepness
        if gained <= _ENOUGH * 1e-2 * max(1e-3, abs(value)):
            break
    return point


def _direction(slope: Numbers, history: Sequence[tuple[Numbers, Numbers, float]]) -> Numbers:
    way = -slope
    shares = []
    for moved, turned, scale in reversed(history):
        share = scale * float(moved @ way)
        shares.append(share)
        way = way - share * turned
    if history:
        moved, turned, _ = history[-1]
        way = way * (float(moved @ turned) / float(turned @ turned))
    for (moved, turned, scale), share in zip(history, reversed(shares), strict=True):
        way = way + moved * (share - scale * float(turned @ way))
    return way
