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
    words = hasher.grams(hashes, WORDS)
    characters = hasher.grams(hashes, CHARACTERS)
    seeds = words.copy()
    only_words = np.ones(len(words), np.bool_)
    for place in range(WORDS):
        only_words &= units.is_word[place : place + len(words)]
    use = ~only_words[: len(characters)]
    seeds[: len(characters)][use] = characters[use]
    return seeds
