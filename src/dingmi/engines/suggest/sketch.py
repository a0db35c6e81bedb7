"""Sketches: keyed tokens of a text, of which near-identical texts share at least one; no text can be told from them.

Sixty-four smallest hashes of its runs, taken four at a time (min-hashing with bands): two texts with 0.7 of their runs in
common share a token in 99 cases of 100, two with 0.3 in 12.
"""

from __future__ import annotations

import hashlib

import numpy as np

from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import units_of
from dingmi.engines.suggest.seeds import seeds_of

BANDS, ROWS = 16, 4
LEAST_UNITS = 40  # a shorter text is like too many others
_MOST_RUNS = 200_000


class Sketcher:
    """Makes and compares sketches under one key (16 to 64 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._hasher = Hasher(key)
        self._key = bytes(key)
        drawn = b"".join(
            hashlib.blake2b(b"sketch:%d" % n, key=self._key, digest_size=64).digest()
            for n in range(2 * BANDS * ROWS // 8)
        )
        numbers = np.frombuffer(drawn, np.uint64)
        self._factors = numbers[: BANDS * ROWS] | np.uint64(1)
        self._shifts = numbers[BANDS * ROWS :]

    def runs(self, text: str) -> Hashes:
        """The different runs of a text."""
        return np.unique(seeds_of(self._hasher, units_of(text)))

    def tokens(self, text: str) -> tuple[str, ...]:
        """The tokens of a text; none when it is too short to tell."""
        runs = self.runs(text)[:_MOST_RUNS]
        if len(runs) < LEAST_UNITS:
            return ()
        least = np.zeros(BANDS * ROWS, np.uint64)
        with np.errstate(over="ignore"):
            for place in range(BANDS * ROWS):
                mixed = runs * self._factors[place] + self._shifts[place]
                least[place] = (mixed ^ (mixed >> np.uint64(32))).min()
        rows = least.reshape(BANDS, ROWS)
        return tuple(
            hashlib.blake2b(bytes([band]) + rows[band].tobytes(), key=self._key, digest_size=8).hexdigest()
            for band in range(BANDS)
        )

    def resemblance(self, text: str, other: str) -> float:
        """The share of the runs of both texts that both have, 0 to 1."""
        mine, theirs = self.runs(text), self.runs(other)
        both = len(np.intersect1d(mine, theirs, assume_unique=True))
        return both / max(1, len(mine) + len(theirs) - both)
