"""A sketch of a text: the least hashes of its short runs of characters, so that a copy is known though it was edited.

The hashes are not keyed: whoever keeps them keys them first (``store.sketch_codes``).
"""

from __future__ import annotations

import unicodedata

import numpy as np

RUN, MOST = 6, 64  # characters of a run, runs of a sketch
FEWEST = 12  # a shorter text is like too many others
ALIKE = 0.4  # share of the runs of the smaller sketch that two copies of one text have in common
_FACTOR, _MIX = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93


def sketch(text: str) -> tuple[bytes, ...]:
    """Return at most ``MOST`` hashes of 8 bytes; blanks, punctuation and width of characters do not count."""
    solid = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    codes = np.frombuffer(solid.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < RUN:
        return ()
    with np.errstate(over="ignore"):
        value = np.zeros(len(codes) - RUN + 1, np.uint64)
        for offset in range(RUN):
            value = value * np.uint64(_FACTOR) + codes[offset : len(codes) - RUN + 1 + offset]
        for shift in (32, 29, 32):
            value = (value ^ (value >> np.uint64(shift))) * np.uint64(_MIX)
    least = np.unique(value)[:MOST]
    return tuple(int(v).to_bytes(8, "big") for v in least) if len(least) >= FEWEST else ()


def likeness(common: int, one: int, other: int) -> int:
    """Return how much two sketches have in common, in per cent of the smaller; 0 below what makes them copies."""
    share = common / max(1, min(one, other))
    return round(100 * share) if share >= ALIKE else 0
