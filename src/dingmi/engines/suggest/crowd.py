"""What is remembered of one item: of many cases only, and in steps, so that no single matter can be read from it (SR-29).

What is learnt from every decision of a unit is used beside texts of readers who may not know all of them. So an item counts
from ten cases on and in fives, weights are kept to hundredths, and a version is learnt from hundreds of decisions at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grain:
    """How coarse what is remembered is: from how many cases on an item counts, in what steps, weights to how many decimals."""

    least: int
    step: int
    places: int

    def of_many(self, hits: Mapping[str, int], seen: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        """Return how often each item was hit and seen, for those seen often enough, in steps; of its own outcome the same."""
        kept = {item: count // self.step * self.step for item, count in seen.items() if count >= self.least}
        return {item: hits.get(item, 0) // self.step * self.step for item in kept}, kept

    def rounded(self, weight: float) -> float:
        """Return a weight as it is kept."""
        return round(float(weight), self.places)


COARSE = Grain(least=10, step=5, places=2)  # of everything that is kept
