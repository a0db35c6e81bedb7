"""How likely a region is real reuse rather than the common language of one genre.

A logistic score over seven measures. What tells most: real reuse stands out from its surroundings, so the same source
explains little else of the draft, and other sources do not explain the region nearly as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.align import Region

LEAST_MASS = 4.0
SHOWN_MASS = 11.0

# Fitted by ridge logistic regression on development data (public statutes and declassified papers), one row a region:
# constant, log mass, coverage, log longest run, log length, margin over other sources, other matter of the source,
# share explained elsewhere.
_COEFFICIENTS = np.array([-0.68, 2.482, -2.348, 0.376, -1.536, 0.364, -0.533, -1.748])


def measures(regions: list[Region], sources: list[str]) -> NDArray[np.float64]:
    """Seven measures for each region, judged against all other regions of the same draft."""
    rows = []
    low = np.array([r.draft[0] for r in regions])
    high = np.array([r.draft[1] for r in regions])
    mass = np.array([r.mass for r in regions])
    names = np.unique(sources, return_inverse=True)[1] if sources else np.zeros(0, np.int64)
    for k, region in enumerate(regions):
        overlap = np.minimum(high, high[k]) - np.maximum(low, low[k])
        same = names == names[k]
        others = (mass * np.minimum(1.0, overlap / (high - low)))[~same & (overlap > 0)]
        rival = float(others.max()) if len(others) else 0.0
        elsewhere = float(mass[same & (overlap <= 0)].sum())
        rows.append(
            (
                np.log1p(region.mass),
                region.coverage,
                np.log1p(region.longest),
                np.log(max(1, region.draft[1] - region.draft[0])),
                np.log1p(region.mass) - np.log1p(rival),
                np.log1p(elsewhere),
                min(rival, region.mass) / region.mass if region.mass else 0.0,
            )
        )
    return np.array(rows, np.float64).reshape(-1, 7)


def strengths(regions: list[Region], sources: list[str]) -> NDArray[np.float64]:
    """Score of each region between 0 and 1 (it orders and cuts; it is not a probability for other collections)."""
    logits = _COEFFICIENTS[0] + measures(regions, sources) @ _COEFFICIENTS[1:]
    scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -50, 50)))
    return scores
