"""How likely a region is real reuse rather than the common language of one genre.

A logistic score over measures of the region and their products (`strength.json`). What tells most: real reuse stands out
from its surroundings, so the same source explains little else of the draft, and other sources do not explain the region
nearly as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.align import Region

LEAST_MASS = 4.0
SHOWN_MASS = 9.0
_FARTHEST = 4.0  # deviations from the mean beyond which a measure says nothing more

Numbers = NDArray[np.float64]


def expanded(rows: Numbers, mean: Numbers, deviation: Numbers) -> Numbers:
    """The measures on their standard, and all products of two."""
    single = np.clip((rows - mean) / deviation, -_FARTHEST, _FARTHEST)
    return np.hstack([single, *(single[:, [k]] * single[:, k:] for k in range(single.shape[1]))])


class Model:
    """A fitted score: a standard for each measure, and weights of the measures and of their products."""

    def __init__(self, fitted: Mapping[str, Any]) -> None:
        self._mean, self._deviation, self._weights = (
            np.array(fitted[name], np.float64) for name in ("mean", "deviation", "weights")
        )
        self._constant = float(fitted["constant"])

    def scores(self, rows: Numbers) -> Numbers:
        """Score of each row of measures between 0 and 1."""
        logits = self._constant + expanded(rows, self._mean, self._deviation) @ self._weights
        scores: Numbers = 1.0 / (1.0 + np.exp(-np.clip(logits, -50, 50)))
        return scores


# Fitted by tools/fit_strength.py; docs/suggestion.md says what it gave on drafts that were held out.
_FITTED = json.loads(resources.files(__package__).joinpath("strength.json").read_text("utf-8"))
NAMES: tuple[str, ...] = tuple(_FITTED["names"])
_KNOWN, _UNKNOWN = Model(_FITTED["known"]), Model(_FITTED["unknown"])


def measures(regions: list[Region], sources: list[str]) -> Numbers:
    """The measures of each region, judged against all other regions of the same draft; columns as in the model."""
    low = np.array([r.draft[0] for r in regions])
    high = np.array([r.draft[1] for r in regions])
    mass = np.array([r.mass for r in regions])
    names = np.unique(sources, return_inverse=True)[1] if sources else np.zeros(0, np.int64)
    rows = []
    for k, region in enumerate(regions):
        overlap = np.minimum(high, high[k]) - np.maximum(low, low[k])
        same = names == names[k]
        rivals = ~same & (overlap > 0)
        theirs = np.sort((mass * np.minimum(1.0, overlap / (high - low)))[rivals])[::-1]
        near = rivals & (overlap > 0.5 * (high[k] - low[k])) & (mass > 0.5 * region.mass)
        elsewhere = float(mass[same & (overlap <= 0)].sum())
        rows.append(_row(region, theirs, int(near.sum()), elsewhere))
    return np.array(rows, np.float64).reshape(-1, len(NAMES))


def _row(region: Region, rivals: Numbers, near: int, elsewhere: float) -> tuple[float, ...]:
    """The measures of one region: its own, then how it stands beside ``rivals``, then its shape."""
    size = max(1, region.draft[1] - region.draft[0])
    longer = float(np.log(size / max(1, region.source[1] - region.source[0])))
    matched = max(1.0, region.covered * size)
    rival = float(rivals[0]) if len(rivals) else 0.0
    return (
        np.log1p(region.mass),
        region.coverage,
        np.log1p(region.longest),
        np.log(size),
        np.log1p(region.mass) - np.log1p(rival),
        np.log1p(elsewhere),
        min(rival, region.mass) / region.mass if region.mass else 0.0,
        region.pairs,
        region.back,
        region.kept,
        region.covered,
        region.covered_back,
        region.order,
        np.log1p(region.longest_units),
        np.log1p(region.second),
        np.log1p(near),
        np.log1p(float(rivals[:5].sum())),
        region.mass / (region.coverage * size + 1e-9) if region.coverage else 0.0,
        longer,
        abs(longer),
        float(region.longest_units >= 19),
        region.longest_units / size,
        np.log1p(region.single),
        region.single / matched,
        np.log1p(region.rare),
    )


def strengths(regions: list[Region], sources: list[str], is_known: bool) -> Numbers:
    """Score of each region between 0 and 1 (it orders and cuts; it is not a probability for other collections).

    What public texts do not say tells more where these speak of the subject (``is_known``), so two models were fitted.
    """
    if not regions:
        return np.zeros(0)
    return (_KNOWN if is_known else _UNKNOWN).scores(measures(regions, sources))
