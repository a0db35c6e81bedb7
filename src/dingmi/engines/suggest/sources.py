"""The keyed index over texts already classified: sorted seed hashes with the number of their source, no text."""

from __future__ import annotations

import io
import json
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.align import Prepared
from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.seeds import seeds_of
from dingmi.engines.suggest.types import SuggestSource

Numbers = NDArray[np.int64]

_OPEN_UNITS = 2_000_000  # units of opened sources kept ready
_SORTED_AT_ONCE, _LARGEST_SEGMENT = 4_000_000, 9_000_000  # seeds


class SourceIndex:
    """An incremental index of sources under one key.

    Holds source ids, levels and tails, and hashes; never a title or a text. An index belongs to one level and is
    kept where texts of that level are kept: hash frequencies are visible without the key.
    """

    def __init__(self, key: bytes) -> None:
        self.hasher = Hasher(key)
        self._numbers: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._next = 0
        self._segments: list[tuple[Hashes, NDArray[np.int32]]] = []
        self._pending: list[tuple[Hashes, int]] = []
        self._waiting = 0
        self._open: OrderedDict[str, tuple[str, Prepared]] = OrderedDict()
        self._open_units = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, source_id: object) -> bool:
        return source_id in self._numbers

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the sources held, in the order they came."""
        return tuple(self._numbers)

    def add(self, source: SuggestSource) -> None:
        """Add a source, or replace the one of the same id. Sources with 密点 are indexed by these alone."""
        pieces = [source.text[p.start : p.end] for p in source.points] or [source.text]
        self.enter(source.id, np.concatenate([seeds_of(self.hasher, units_of(piece)) for piece in pieces]))

    def enter(self, source_id: str, seeds: Hashes) -> None:
        """Add a source by its seeds under the key of this index, or replace the one of the same id."""
        self.remove(source_id)
        number = self._next
        self._next += 1
        self._numbers[source_id] = number
        self._ids[number] = source_id
        seeds = np.sort(seeds)
        self._pending.append((seeds[np.append(True, np.diff(seeds) != 0)] if len(seeds) else seeds, number))
        self._waiting += len(self._pending[-1][0])
        if self._waiting >= _SORTED_AT_ONCE:
            self._flush()

    def remove(self, source_id: str) -> None:
        """Forget a source wholly; nothing happens when it is not held."""
        self._close(source_id)
        number = self._numbers.pop(source_id, None)
        if number is None:
            return
        del self._ids[number]
        self._pending = [(hashes, n) for hashes, n in self._pending if n != number]
        kept = []
        for hashes, numbers in self._segments:
            keep = numbers != number
            if keep.any():
                kept.append((hashes, numbers) if keep.all() else (hashes[keep], numbers[keep]))
        self._segments = kept

    def opened(self, source_id: str, text: str) -> Prepared:
        """``text`` of a source ready for alignment; the last ones opened are kept, and forgotten with their source."""
        kept = self._open.get(source_id)
        if kept is None or kept[0] != text:
            self._close(source_id)
            self._open[source_id] = kept = (text, Prepared.of(self.hasher, units_of(text)))
            self._open_units += len(kept[1].units)
            while self._open_units > _OPEN_UNITS and len(self._open) > 1:
                self._close(next(iter(self._open)))
        self._open.move_to_end(source_id)
        return kept[1]

    def _close(self, source_id: str) -> None:
        gone = self._open.pop(source_id, None)
        self._open_units -= len(gone[1].units) if gone else 0

    @property
    def weight(self) -> int:
        """Bytes that the index holds in memory, but for the ids."""
        self._flush()
        return sum(hashes.nbytes + numbers.nbytes for hashes, numbers in self._segments)

    def id_of(self, number: int) -> str:
        """The id behind a source number of `postings`."""
        return self._ids[number]

    def seeds(self, units: Units) -> Hashes:
        """Seeds of a text under the key of this index."""
        return seeds_of(self.hasher, units)

    def postings(self, seeds: Hashes, most: int) -> tuple[Numbers, Numbers, Numbers]:
        """Look seeds up.

        Args:
            seeds: Hashes of the draft.
            most: Seeds in more sources than this are counted but not listed (they are boilerplate).

        Returns:
            The document frequency of each seed; then pairs (place of the seed, source number) as two arrays.
        """
        self._flush()
        frequency = np.zeros(len(seeds), np.int64)
        bounds = []
        for hashes, _ in self._segments:
            low = np.searchsorted(hashes, seeds, "left")
            high = np.searchsorted(hashes, seeds, "right")
            frequency += high - low
            bounds.append((low, high))
        places: list[Numbers] = []
        numbers: list[Numbers] = []
        listed = (frequency > 0) & (frequency <= most)
        for (low, high), (_, held) in zip(bounds, self._segments, strict=True):
            counts = np.where(listed, high - low, 0)
            total = int(counts.sum())
            if not total:
                continue
            place = np.repeat(np.arange(len(seeds)), counts)
            first = np.repeat(np.cumsum(counts) - counts, counts)
            places.append(place)
            numbers.append(held[low[place] + np.arange(total) - first].astype(np.int64))
        if not places:
            return frequency, np.zeros(0, np.int64), np.zeros(0, np.int64)
        return frequency, np.concatenate(places), np.concatenate(numbers)

    def _flush(self) -> None:
        """Sort what is pending into a segment; merge segments of like size so that there are few."""
        if self._pending:
            hashes = np.concatenate([h for h, _ in self._pending])
            numbers = np.concatenate([np.full(len(h), n, np.int32) for h, n in self._pending])
            self._pending, self._waiting = [], 0
            self._push(hashes, numbers)
        while len(self._segments) > 1 and self._may_merge(len(self._segments[-2][0]), len(self._segments[-1][0])):
            (later, n), (earlier, m) = self._segments.pop(), self._segments.pop()
            self._push(np.concatenate([earlier, later]), np.concatenate([m, n]))

    @staticmethod
    def _may_merge(earlier: int, later: int) -> bool:
        """Segments of like size are merged; large ones stay, so that merging never doubles the memory."""
        return later * 4 >= earlier and earlier + later <= _LARGEST_SEGMENT

    def _push(self, hashes: Hashes, numbers: NDArray[np.int32]) -> None:
        """Keep a segment sorted by hash; each seed of a source stands in it once."""
        if len(hashes):
            order = np.argsort(hashes)
            self._segments.append((hashes[order], numbers[order]))

    def to_bytes(self) -> bytes:
        """Serialise. Holds ids, hashes and a check of the key; no text and not the key."""
        self._flush()
        hashes = np.concatenate([h for h, _ in self._segments] or [np.zeros(0, np.uint64)])
        numbers = np.concatenate([n for _, n in self._segments] or [np.zeros(0, np.int32)])
        order = np.lexsort((numbers, hashes))
        names = json.dumps(self._numbers, ensure_ascii=True).encode()
        stream = io.BytesIO()
        np.savez(
            stream,
            hashes=hashes[order],
            numbers=numbers[order],
            names=np.frombuffer(names, np.uint8),
            check=np.frombuffer(self.hasher.check(), np.uint8),
        )
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, key: bytes) -> SourceIndex:
        """Read what `to_bytes` wrote. Raises ValueError for another key or damaged bytes."""
        made = cls(key)
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                check = arrays["check"].tobytes()
                hashes, numbers = arrays["hashes"].astype(np.uint64), arrays["numbers"].astype(np.int32)
                names = {str(k): int(v) for k, v in json.loads(arrays["names"].tobytes()).items()}
        except Exception as error:
            raise ValueError("not a source index") from error
        if check != made.hasher.check():
            raise ValueError("the index was made under another key")
        if len(hashes) != len(numbers) or not set(np.unique(numbers).tolist()) <= set(names.values()):
            raise ValueError("not a source index")
        made._numbers = names
        made._ids = {number: name for name, number in names.items()}
        made._next = max(names.values(), default=-1) + 1
        if len(hashes):
            made._segments = [(hashes, numbers)]
        return made
