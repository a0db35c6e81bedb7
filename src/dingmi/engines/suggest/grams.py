"""Keyed hashes of short runs of units.

Every unit is hashed with keyed BLAKE2b; a run is a secret linear combination of them followed by a mixing step with a
secret constant. Without the key neither units nor runs can be tried against the stored numbers; their frequency stays
visible, which is why an index is kept at the level of its sources.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.normalise import PLANE, Units

Hashes = NDArray[np.uint64]

_MOST_WORDS = 500_000


class Hasher:
    """Turns units into hashes under one key (16 to 64 bytes)."""

    def __init__(self, key: bytes) -> None:
        if not 16 <= len(key) <= 64:
            raise ValueError("key must have 16 to 64 bytes")
        self._key = bytes(key)
        self._characters: Hashes = np.zeros(PLANE, np.uint64)  # 0: not hashed yet
        self._words: dict[str, int] = {}
        secret = hashlib.blake2b(b"suggest-mix", key=self._key, digest_size=64).digest()
        numbers = np.frombuffer(secret, np.uint64)
        self._factors = numbers[:6] | np.uint64(1)
        self._mix = (numbers[6], numbers[7] | np.uint64(1))

    def check(self) -> bytes:
        """A value that tells whether two hashers use the same key, and nothing else."""
        return hashlib.blake2b(b"suggest-check", key=self._key, digest_size=16).digest()

    def source_name(self, source_id: str) -> bytes:
        """A keyed name for a source id."""
        return hashlib.blake2b(b"id:" + source_id.encode(), key=self._key, digest_size=16).digest()

    def line(self, words: str) -> int:
        """A code of a whole line: no hash of a unit or a run."""
        return self._hash("line:" + words)

    def units(self, units: Units) -> Hashes:
        """Hash each unit."""
        words = np.array([self._word(word) for word in units.words], np.uint64)
        spelt = units.ids >= PLANE if len(words) else None
        characters = units.ids if spelt is None else np.where(spelt, 0, units.ids)
        found = self._characters[characters]
        if not found.all():
            for code in np.unique(characters[found == 0]).tolist():
                self._characters[code] = self._hash(chr(code))
            found = self._characters[characters]
        if spelt is not None:
            found[spelt] = words[units.ids[spelt] - PLANE]
        return found

    def _word(self, word: str) -> int:
        if len(self._words) > _MOST_WORDS:
            self._words.clear()
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = self._hash(word)
        return known

    def _hash(self, unit: str) -> int:
        digest = hashlib.blake2b(unit.encode("utf-8", "surrogatepass"), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "little")

    def grams(self, hashes: Hashes, size: int, at: NDArray[np.int64] | None = None) -> Hashes:
        """Hash each run of ``size`` units (at most 6), or those that begin ``at`` places; empty when the text is shorter."""
        count = len(hashes) - size + 1
        if count <= 0:
            return np.zeros(0, np.uint64)
        with np.errstate(over="ignore"):
            total = np.zeros(count if at is None else len(at), np.uint64)
            for place in range(size):
                total += (hashes[place : place + count] if at is None else hashes[at + place]) * self._factors[place]
            total ^= self._mix[0] + np.uint64(size)
            total ^= total >> np.uint64(31)
            total *= self._mix[1]
            total ^= total >> np.uint64(29)
        return total
