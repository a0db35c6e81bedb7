"""Seeds: the short runs of units by which texts are found again (four characters, or three words)."""

from __future__ import annotations

import numpy as np

from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import Units

CHARACTERS = 4
WORDS = 3


def seeds_of(hasher: Hasher, units: Units) -> Hashes:
    """One seed per unit that has enough units after it; as many as ``len(units) - WORDS + 1``."""
    hashes = hasher.units(units)
    count = len(hashes) - WORDS + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    only_words = np.ones(count, np.bool_)
    for place in range(WORDS):
        only_words &= units.is_word[place : place + count]
    only_words[count - 1 :] = True  # too near the end for a run of characters
    seeds = np.empty(count, np.uint64)
    seeds[: count - 1] = hasher.grams(hashes, CHARACTERS)
    words = np.flatnonzero(only_words)
    seeds[words] = hasher.grams(hashes, WORDS, words)
    return seeds
