"""What is remembered of one item: of many cases only, and in steps, so that no single matter can be read from it (SR-29).

What is learnt from every decision of a unit is used beside texts of readers who may not know all of them. So an item counts
from ten cases on and in fives, weights are kept to hundredths, and a version is learnt from hundreds of decisions at once.
"""

from __future__ import annotations

from collections.abc import Mapping

LEAST, STEP = 10, 5
PLACES = 2  # decimals of weights


def of_many(hits: Mapping[str, int], seen: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return how often each item was hit and seen, for those seen often enough, in steps; of its own outcome the same."""
    kept = {item: count // STEP * STEP for item, count in seen.items() if count >= LEAST}
    return {item: hits.get(item, 0) // STEP * STEP for item in kept}, kept


def rounded(weight: float) -> float:
    """Return a weight as it is kept."""
    return round(float(weight), PLACES)
