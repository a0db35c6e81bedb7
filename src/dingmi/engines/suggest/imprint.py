"""The imprint of a text: its seeds in order, and which of them lie in which line; what an index needs, without the text."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.seeds import CHARACTERS, WORDS, seeds_of

_LINE = re.compile(r"[^\n]+")
_HEAD = struct.Struct("<16sII")  # check of the key, number of seeds, number of lines
_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Imprint:
    """Hashes under one key, no text.

    Attributes:
        seeds: Of the text, in its order.
        codes: One code for each line that is not blank; equal lines have equal codes.
        bounds: For each of these lines the first and the end of the seeds that lie wholly in it.
    """

    seeds: Hashes
    codes: Hashes
    bounds: NDArray[np.uint32]

    @classmethod
    def of(cls, hasher: Hasher, text: str) -> Imprint:
        """Take the imprint of ``text`` under the key of ``hasher``."""
        units = units_of(text)
        seeds = seeds_of(hasher, units)
        lines = [(*line.span(), words) for line in _LINE.finditer(text) if (words := line.group().strip())]
        codes = np.array([hasher.line(words) for _, _, words in lines], np.uint64)
        edges = np.array([(start, end) for start, end, _ in lines], np.int64).reshape(-1, 2)
        return cls(seeds, codes, _within(units, edges, len(seeds)))

    def own(self, taken: Hashes) -> Hashes | None:
        """The seeds to index of a text that took over the lines of these codes: those of the others; None when none is left.

        Where nothing can have been taken over, these are the seeds of the whole text.
        """
        if not len(taken):
            return self.seeds
        bounds = self.bounds[~np.isin(self.codes, taken)]
        if not len(bounds):
            return None
        kept: Hashes = np.concatenate([_NONE, *(self.seeds[first:end] for first, end in bounds.tolist())])
        return kept

    def to_bytes(self, hasher: Hasher) -> bytes:
        """Serialise, with a check of the key."""
        head = _HEAD.pack(hasher.check(), len(self.seeds), len(self.codes))
        parts = (self.seeds.astype("<u8"), self.codes.astype("<u8"), self.bounds.astype("<u4"))
        return head + b"".join(part.tobytes() for part in parts)

    @classmethod
    def from_bytes(cls, data: bytes, hasher: Hasher) -> Imprint:
        """Read what `to_bytes` wrote. Raises ValueError for another key or damaged bytes."""
        if len(data) < _HEAD.size:
            raise ValueError("not an imprint")
        check, seeds, lines = _HEAD.unpack_from(data)
        if check != hasher.check():
            raise ValueError("the imprint was made under another key")
        if len(data) != _HEAD.size + 8 * seeds + 16 * lines:
            raise ValueError("not an imprint")
        after = _HEAD.size + 8 * seeds
        return cls(
            np.frombuffer(data, "<u8", seeds, _HEAD.size).astype(np.uint64, copy=False),
            np.frombuffer(data, "<u8", lines, after).astype(np.uint64, copy=False),
            np.frombuffer(data, "<u4", 2 * lines, after + 8 * lines).astype(np.uint32, copy=False).reshape(-1, 2),
        )


def _within(units: Units, edges: NDArray[np.int64], seeds: int) -> NDArray[np.uint32]:
    """The seeds that lie in each stretch of the text: the last of three words, or the last of four characters."""
    first, end = np.searchsorted(units.starts, edges[:, 0]), np.searchsorted(units.starts, edges[:, 1])
    words = np.concatenate([[0], np.cumsum(units.is_word)])
    ends_in_words = (end >= WORDS) & (words[end] - words[np.maximum(end - WORDS, 0)] == WORDS)
    last = np.clip(end - np.where(ends_in_words, WORDS, CHARACTERS) + 1, first, np.maximum(first, seeds))
    return np.stack([first, last], axis=1).astype(np.uint32)
