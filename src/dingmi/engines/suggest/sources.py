"""The keyed index over texts already classified: seed hashes, source after source, no text."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.align import Prepared
from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.seeds import seeds_of
from dingmi.engines.suggest.types import SuggestSource

Numbers = NDArray[np.int64]

_OPEN_UNITS = 2_000_000  # units of opened sources kept ready
_OPEN_BYTES = 48  # of a unit of them
_BATCH = 1 << 20  # seeds put together and looked through at once
_NUMBER_BITS = 32  # of a pair of places of which the lower bits are the number of a source
_NONE = np.zeros(0, np.uint64)
_SIFT = (20, 24)  # least and most bits of a hash by which nearly all that a draft does not say is passed over


@dataclass(frozen=True, slots=True)
class _Batch:
    """Seeds of some sources, one source after the other, with the number of each and where its seeds end."""

    seeds: Hashes
    numbers: NDArray[np.int32]
    ends: Numbers

    @classmethod
    def of(cls, pieces: Sequence[tuple[Hashes, int]]) -> _Batch:
        return cls(
            np.concatenate([seeds for seeds, _ in pieces]),
            np.array([number for _, number in pieces], np.int32),
            np.cumsum([len(seeds) for seeds, _ in pieces]),
        )

    def is_sound(self) -> bool:
        """Whether every seed belongs to one source."""
        ends = self.ends
        return (
            len(ends) == len(self.numbers) > 0
            and ends[-1] == len(self.seeds)
            and bool((np.diff(ends, prepend=0) >= 0).all())
        )

    def pieces(self) -> Iterator[tuple[Hashes, int]]:
        """Return the seeds of each source with its number."""
        return zip(np.split(self.seeds, self.ends[:-1]), self.numbers.tolist(), strict=True)


class _Sieve:
    """Looks for some hashes among many: most of the others are passed over by their first bits alone."""

    def __init__(self, wanted: Hashes) -> None:
        """Take the hashes looked for, in order and each once."""
        bits = min(max(_SIFT[0], len(wanted).bit_length() + 6), _SIFT[1])
        self._wanted, self._shift = wanted, np.uint64(64 - bits)
        heads = (wanted >> self._shift).view(np.int64)
        self._is_wanted = np.zeros(1 << bits, np.bool_)
        self._is_wanted[heads] = True
        self._first = np.zeros(1 << bits, np.int32)
        self._first[heads[::-1]] = np.arange(len(wanted), dtype=np.int32)[::-1]
        self._alike = int(np.bincount(np.searchsorted(heads, heads)).max(initial=0))  # that have the same first bits

    def caught(self, seeds: Hashes) -> tuple[Numbers, Numbers]:
        """Return which hashes looked for stand among ``seeds``, and where."""
        heads = (seeds >> self._shift).view(np.int64)
        at = np.flatnonzero(self._is_wanted.take(heads, mode="wrap"))
        near, place = seeds[at], self._first[heads[at]].astype(np.int64)
        for _ in range(1, self._alike):
            place += self._wanted.take(place) < near
            place = np.minimum(place, len(self._wanted) - 1)
        same = self._wanted.take(place) == near
        return place[same], at[same]


def _once(seeds: Hashes) -> Hashes:
    """The seeds in order, each once."""
    seeds = np.sort(seeds)
    return seeds[np.append(True, seeds[1:] != seeds[:-1])] if len(seeds) else seeds


def _spread(pairs: Numbers, said: Numbers) -> tuple[Numbers, Numbers]:
    """Spread pairs of a seed and a source, in order, over the places of a draft where it is said."""
    found = pairs >> _NUMBER_BITS
    first, end = np.searchsorted(found, said), np.searchsorted(found, said, "right")
    counts = end - first
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = pairs[np.repeat(first, counts) + within] & ((1 << _NUMBER_BITS) - 1)
    return np.repeat(np.arange(len(said)), counts), numbers


class SourceIndex:
    """An incremental index of sources under one key.

    Holds source ids and hashes; never a title or a text. An index belongs to one level and is kept where texts of that
    level are kept: hash frequencies are visible without the key. Nothing is sorted, so that an index is there as soon as
    its seeds are read; to look a draft up is to pass over all of them once, nearly all of them by a few bits alone.
    """

    def __init__(self, key: bytes) -> None:
        self.hasher = Hasher(key)
        self._numbers: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._next = 0
        self._batches: list[_Batch] = []
        self._pending: list[tuple[Hashes, int]] = []
        self._waiting = 0
        self._gone: set[int] = set()  # numbers of sources forgotten whose seeds still lie in a batch
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
        self._pending.append((_once(seeds), number))
        self._waiting += len(seeds)
        if self._waiting >= _BATCH:
            self._flush()

    def remove(self, source_id: str) -> None:
        """Forget a source wholly before anything is looked up again; nothing happens when it is not held."""
        self._close(source_id)
        number = self._numbers.pop(source_id, None)
        if number is not None:
            del self._ids[number]
            self._gone.add(number)

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
        """Bytes that the index and the sources opened hold in memory, about; but for the ids."""
        self._flush()
        opened = _OPEN_BYTES * self._open_units
        return opened + sum(batch.seeds.nbytes + batch.numbers.nbytes + batch.ends.nbytes for batch in self._batches)

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
        wanted = _once(seeds)
        heard, sieve = np.zeros(len(wanted), np.int64), _Sieve(wanted)
        pairs = [np.zeros(0, np.int64)]
        for batch in self._batches:
            place, at = sieve.caught(batch.seeds)
            heard += np.bincount(place, minlength=len(wanted))
            few = heard[place] <= most  # so far
            numbers = batch.numbers[np.searchsorted(batch.ends, at[few], "right")]
            pairs.append(place[few] << _NUMBER_BITS | numbers)
        found = np.concatenate(pairs)
        found = np.sort(found[heard[found >> _NUMBER_BITS] <= most])
        said = np.searchsorted(wanted, seeds)
        return heard[said], *_spread(found, said)

    def _flush(self) -> None:
        """Put what is pending into a batch, and leave out what was forgotten."""
        self._pending = [piece for piece in self._pending if piece[1] not in self._gone]
        if self._gone:
            gone = np.array(sorted(self._gone))
            self._batches = [made for batch in self._batches for made in self._without(batch, gone)]
            self._gone = set()
        if self._pending:
            self._push()

    @staticmethod
    def _without(batch: _Batch, gone: Numbers) -> list[_Batch]:
        """``batch`` without the sources of these numbers; nothing when none is left."""
        keep = ~np.isin(batch.numbers, gone)
        if keep.all():
            return [batch]
        kept = [piece for piece, stays in zip(batch.pieces(), keep.tolist(), strict=True) if stays]
        return [_Batch.of(kept)] if kept else []

    def _push(self) -> None:
        """Make a batch of what is pending, together with the last one while that is small."""
        small = bool(self._batches) and len(self._batches[-1].seeds) < _BATCH
        before = self._batches.pop().pieces() if small else ()
        self._batches.append(_Batch.of([*before, *self._pending]))
        self._pending, self._waiting = [], 0

    def to_bytes(self) -> bytes:
        """Serialise. Holds ids, hashes and a check of the key; no text and not the key."""
        self._flush()
        whole = _Batch.of([piece for batch in self._batches for piece in batch.pieces()] or [(_NONE, 0)])
        stream = io.BytesIO()
        np.savez(
            stream,
            seeds=whole.seeds,
            numbers=whole.numbers,
            ends=whole.ends,
            names=np.frombuffer(json.dumps(self._numbers, ensure_ascii=True).encode(), np.uint8),
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
                whole = _Batch(
                    arrays["seeds"].astype(np.uint64),
                    arrays["numbers"].astype(np.int32),
                    arrays["ends"].astype(np.int64),
                )
                names = {str(k): int(v) for k, v in json.loads(arrays["names"].tobytes()).items()}
        except Exception as error:
            raise ValueError("not a source index") from error
        if check != made.hasher.check():
            raise ValueError("the index was made under another key")
        if not whole.is_sound() or (names and set(names.values()) != set(whole.numbers.tolist())):
            raise ValueError("not a source index")
        made._numbers = names
        made._ids = {number: name for name, number in names.items()}
        made._next = max(names.values(), default=-1) + 1
        made._batches = [whole] if names else []
        return made
