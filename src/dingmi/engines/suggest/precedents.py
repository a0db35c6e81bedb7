"""How near a draft is to what was decided before under each item, as far as the index of its reader goes (SR-29)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dingmi.engines.suggest.lookup import Looked
from dingmi.engines.suggest.sources import SourceIndex

_HALF_MASS, _HALF_SHARE = 3.0, 0.05  # what a draft and a precedent say alike counts half from this weight, or share, on


def likeness(looked: Looked, index: SourceIndex, decided: Mapping[str, str]) -> dict[str, float]:
    """Return for each item how much of the draft the likest matter decided under it says too, between 0 and 1.

    Args:
        looked: The draft looked up in ``index``.
        index: What the reader may see.
        decided: Sources of the index with the item that each was decided under.
    """
    if not decided or not len(looked.places):
        return {}
    weights = looked.told.weights
    masses = np.bincount(looked.numbers, weights=weights[looked.places])
    half = max(_HALF_MASS, _HALF_SHARE * float(weights.sum()))
    found: dict[str, float] = {}
    for number in np.flatnonzero(masses > 0).tolist():
        item = decided.get(index.id_of(number))
        if item is not None:
            found[item] = max(found.get(item, 0.0), float(masses[number] / (masses[number] + half)))
    return found
