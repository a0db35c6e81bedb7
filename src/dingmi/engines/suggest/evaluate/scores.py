"""Measures of scores: area under the curve, average precision, effort, and calibration; sample weights are honoured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, Any]
Numbers = NDArray[np.float64]

_EFFORTS = (0.05, 0.1, 0.2, 0.3, 0.5)
_RECALLS = (0.8, 0.9, 0.95, 0.99)
_BINS = 10
_CLOSENESS = {"non": 0, "heavy": 1, "light": 2, "cut": 3}


def _steps(truth: Numbers, scores: Numbers, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Weight of positives and of negatives at or above each different score, from the highest score down."""
    if not len(scores):
        return np.zeros(0), np.zeros(0)
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order]) != 0), len(order) - 1)
    return np.cumsum((truth * weights)[order])[last], np.cumsum(((1 - truth) * weights)[order])[last]


def auc(truth: Sequence[float], scores: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Chance that a positive scores above a negative, ties counted half; 0.5 when one class is missing."""
    hits, alarms = _steps(*_arrays(truth, scores, weights))
    if not len(hits) or not hits[-1] or not alarms[-1]:
        return 0.5
    heights = np.append(0.0, hits / hits[-1])
    return float(np.sum(np.diff(np.append(0.0, alarms / alarms[-1])) * (heights[1:] + heights[:-1]) / 2))


def average_precision(truth: Sequence[float], scores: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Precision averaged over the steps of recall; 0 without positives."""
    hits, alarms = _steps(*_arrays(truth, scores, weights))
    if not len(hits) or not hits[-1]:
        return 0.0
    return float(np.sum(np.diff(np.append(0.0, hits / hits[-1])) * hits / np.maximum(hits + alarms, 1e-12)))


def calibration_error(truth: Sequence[float], scores: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Expected calibration error over ten bins of equal width (scores are probabilities)."""
    y, s, w = _arrays(truth, scores, weights)
    if not len(y):
        return 0.0
    bins = np.minimum(_BINS - 1, (s * _BINS).astype(np.int64))
    said, was = (np.bincount(bins, weights=w * value, minlength=_BINS) for value in (s, y))
    return float(np.abs(said - was).sum() / w.sum())


def _arrays(
    truth: Sequence[float], scores: Sequence[float], weights: Sequence[float] | None
) -> tuple[Numbers, Numbers, Numbers]:
    y = np.asarray(truth, np.float64)
    return y, np.asarray(scores, np.float64), np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)


def review(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Review of records: gold ``nat_sec`` 0 or 1 and ``weight``, predicted ``score``; a missing one counts lowest."""
    given = [float(p["score"]) for _, p in joined if "score" in p]
    lowest = min(given, default=0.0)
    y, s, w = _arrays(
        [float(g["nat_sec"]) for g, _ in joined],
        [float(p.get("score", lowest)) for _, p in joined],
        [float(g.get("weight", 1.0)) for g, _ in joined],
    )
    found = {"n": float(len(y)), "positives": float(y.sum()), "prevalence": float((y * w).sum() / max(w.sum(), 1e-12))}
    found |= {"auc": auc(y, s, w), "ap": average_precision(y, s, w)}  # type: ignore[arg-type]
    if y.sum():
        found |= _effort(y, s, w)
    if len(s) and s.min() >= 0 and s.max() <= 1:
        found["ece10"] = calibration_error(y, s, w)  # type: ignore[arg-type]
        found["brier"] = float((w * (s - y) ** 2).sum() / w.sum())
    return found


def _effort(y: Numbers, s: Numbers, w: Numbers) -> dict[str, float]:
    """What reading in the order of the scores finds: recall by share read, share read by recall, best F2."""
    order = np.argsort(-s, kind="stable")
    read = np.cumsum(w[order])
    hits = np.cumsum(y[order])
    recall, precision, share = hits / y.sum(), hits / read, read / w.sum()
    f2 = 5 * precision * recall / np.maximum(4 * precision + recall, 1e-12)
    found = {"f2_best": float(f2.max())}
    for effort in _EFFORTS:
        found[f"recall@effort{effort}"] = float(recall[share <= effort].max(initial=0.0))
    for least in _RECALLS:
        place = int(np.argmax(recall >= least))
        found[f"effort@recall{least}"] = float(share[place])
        found[f"fpr@recall{least}"] = float((read - hits)[place] / max(w.sum() - y.sum(), 1e-12))
    return found


def human(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Rewriting by people: gold ``category`` cut, light, heavy or non; predicted ``score``."""
    names = [str(g["category"]) for g, _ in joined]
    scores = [float(p.get("score", 0.0)) for _, p in joined]
    found = {"n": float(len(names)), "auc_reuse_vs_none": auc([name != "non" for name in names], scores)}
    for name in ("cut", "light", "heavy"):
        part = [(n == name, s) for n, s in zip(names, scores, strict=True) if n in (name, "non")]
        found[f"auc[{name}]"] = auc([truth for truth, _ in part], [score for _, score in part])
    agree = against = 0
    for (a, x), (b, y) in combinations(zip(names, scores, strict=True), 2):
        side = (_CLOSENESS[a] - _CLOSENESS[b]) * (x - y)
        agree, against = agree + (side > 0), against + (side < 0)
    return found | {"order_agreement": agree / max(1, agree + against)}


def pairs(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Pairs of sentences: gold ``label`` 1 when they mean the same; predicted ``score``."""
    y = np.array([float(g["label"]) for g, _ in joined])
    s = np.array([float(p.get("score", 0.0)) for _, p in joined])
    best = max((float(((s >= t) == (y > 0)).mean()) for t in np.unique(s)), default=0.0)
    majority = max(float(y.mean()), 1 - float(y.mean())) if len(y) else 0.0
    return {"n": float(len(y)), "auc": auc(y, s), "best_accuracy": best, "majority": majority}  # type: ignore[arg-type]
