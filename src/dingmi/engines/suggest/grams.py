"""Keyed hashes of short runs of units.

Every unit is hashed with keyed BLAKE2b; a run is a secret linear combination of them followed by a mixing step with a
secret constant. Without the key neither units nor runs can be tried against the stored numbers; their frequency stays
visible, which is why an index is kept at the level of its sources.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.normalise import Units

Hashes = NDArray[np.uint64]


class Hasher:
    """Turns units into hashes under one key (16 to 64 bytes)."""

    def __init__(self, key: bytes) -> None:
        if not 16 <= len(key) <= 64:
            raise ValueError("key must have 16 to 64 bytes")
        self._key = bytes(key)
        self._units: dict[str, int] = {}
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

    def units(self, units: Units) -> Hashes:
        """Hash each unit."""
        known = self._units
        if len(known) > 500_000:
            known.clear()
        values = []
        for token in units.vocabulary:
            value = known.get(token)
            if value is None:
                digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), key=self._key, digest_size=8).digest()
                value = known[token] = int.from_bytes(digest, "little")
            values.append(value)
        if not values:
            return np.zeros(0, np.uint64)
        return np.array(values, np.uint64)[units.ids]

    def grams(self, hashes: Hashes, size: int) -> Hashes:
        """Hash each run of ``size`` units (at most 6); empty when the text is shorter."""
        count = len(hashes) - size + 1
        if count <= 0:
            return np.zeros(0, np.uint64)
        with np.errstate(over="ignore"):
            total = np.zeros(count, np.uint64)
            for place in range(size):
                total += hashes[place : place + count] * self._factors[place]
            total ^= self._mix[0] + np.uint64(size)
            total ^= total >> np.uint64(31)
            total *= self._mix[1]
            total ^= total >> np.uint64(29)
        return total
