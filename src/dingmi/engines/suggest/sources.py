"""The keyed index over texts already classified: seed hashes, source after source, no text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
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
_BATCH = 1 << 20  # seeds put together and sorted at once
_MOST = 1 << 16  # sources of a batch
_PLACE = np.uint64(_MOST - 1)  # the bits of a packed seed that say which of them has it; the others are of the hash
_NUMBER_BITS = 32  # of a pair of places of which the lower bits are the number of a source


def _once(seeds: Hashes) -> Hashes:
    """The seeds in order, each once."""
    seeds = np.sort(seeds)
    return seeds[np.append(True, seeds[1:] != seeds[:-1])] if len(seeds) else seeds


@dataclass(frozen=True, slots=True)
class _Batch:
    """Seeds of some sources in order: 48 bits of the hash, then the place of the source among ``numbers``."""

    packed: Hashes
    numbers: NDArray[np.int32]

    @classmethod
    def of(cls, pieces: Sequence[tuple[Hashes, int]]) -> _Batch:
        places = np.repeat(np.arange(len(pieces), dtype=np.uint64), [len(seeds) for seeds, _ in pieces])
        packed = np.concatenate([seeds for seeds, _ in pieces]) & ~_PLACE | places
        return cls(_once(packed), np.array([number for _, number in pieces], np.int32))

    def joined(self, other: _Batch) -> _Batch:
        """Both in one, where they have no more sources together than a batch may have."""
        packed = np.concatenate([self.packed, other.packed + np.uint64(len(self.numbers))])
        return _Batch(np.sort(packed), np.concatenate([self.numbers, other.numbers]))

    def without(self, gone: Numbers) -> _Batch:
        """The same without the sources of these numbers."""
        stays = ~np.isin(self.numbers, gone)
        if stays.all():
            return self
        packed = self.packed[stays[self.packed & _PLACE]]
        moved = (np.cumsum(stays) - 1).astype(np.uint64)
        return _Batch(packed & ~_PLACE | moved[packed & _PLACE], self.numbers[stays])

    def holding(self, wanted: Hashes) -> tuple[Numbers, Numbers, Numbers]:
        """Return the places of the ``wanted`` hashes that stand here, and from where to where their seeds lie."""
        first, end = np.searchsorted(self.packed, wanted), np.searchsorted(self.packed, wanted | _PLACE, "right")
        found = np.flatnonzero(end > first)
        return found, first[found], end[found]

    def having(self, seeds: Hashes, numbers: Numbers) -> NDArray[np.bool_]:
        """Whether the source of each number, which is one of these here, has the seed beside it."""
        packed = seeds & ~_PLACE | np.searchsorted(self.numbers, numbers).astype(np.uint64)
        at = np.minimum(np.searchsorted(self.packed, packed), len(self.packed) - 1)
        held: NDArray[np.bool_] = self.packed[at] == packed
        return held


def ranges(first: Numbers, counts: Numbers) -> Numbers:
    """Return ``counts`` numbers from each of ``first`` on, one range after the other."""
    made: Numbers = np.arange(int(counts.sum())) + np.repeat(first - np.cumsum(counts) + counts, counts)
    return made


def _spread(pairs: Numbers, said: Numbers) -> tuple[Numbers, Numbers]:
    """Spread pairs of a seed and a source, in order, over the places of a draft where it is said."""
    found = pairs >> _NUMBER_BITS
    first, end = np.searchsorted(found, said), np.searchsorted(found, said, "right")
    numbers = pairs[ranges(first, end - first)] & ((1 << _NUMBER_BITS) - 1)
    return np.repeat(np.arange(len(said)), end - first), numbers


class SourceIndex:
    """An incremental index of sources under one key.

    Holds source ids and hashes; never a title or a text. An index belongs to one level and is kept where texts of that
    level are kept: hash frequencies are visible without the key. Of a hash 48 bits are held, the other 16 say whose it is: in order
    a million take some milliseconds, and a draft is looked up without passing over them (ADR 0075). A hash that another one
    is taken for, once in some hundred drafts beside 10⁵ sources, is a candidate that its text then does not bear out.
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
        self._pending.append((seeds, number))
        self._waiting += len(seeds)
        if self._waiting >= _BATCH or len(self._pending) >= _MOST:
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
        return opened + sum(batch.packed.nbytes + batch.numbers.nbytes for batch in self._batches)

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
        seeds = seeds & ~_PLACE
        wanted = _once(seeds)
        heard = np.zeros(len(wanted), np.int64)
        pairs = [np.zeros(0, np.int64)]
        for batch in self._batches:
            place, first, end = batch.holding(wanted)
            heard[place] += end - first
            few = heard[place] <= most  # so far
            place, first, counts = place[few], first[few], (end - first)[few]
            numbers = batch.numbers[batch.packed[ranges(first, counts)] & _PLACE]
            pairs.append(np.repeat(place, counts) << _NUMBER_BITS | numbers)
        found = np.concatenate(pairs)
        found = np.sort(found[heard[found >> _NUMBER_BITS] <= most])
        said = np.searchsorted(wanted, seeds)
        return heard[said], *_spread(found, said)

    def holds(self, seeds: Hashes, numbers: Numbers) -> NDArray[np.bool_]:
        """Whether each of these sources, of which all are held, has the seed beside its number."""
        self._flush()
        held = np.zeros(len(seeds), np.bool_)
        firsts = [batch.numbers[0] for batch in self._batches]
        batches = np.searchsorted(firsts, numbers, "right") - 1
        order = np.argsort(batches, kind="stable")
        edges = np.append(np.searchsorted(batches[order], np.arange(len(firsts))), len(order))
        for place in np.flatnonzero(np.diff(edges)).tolist():
            part = order[edges[place] : edges[place + 1]]
            held[part] = self._batches[place].having(seeds[part], numbers[part])
        return held

    def _flush(self) -> None:
        """Put what is pending into a batch, and leave out what was forgotten."""
        self._pending = [piece for piece in self._pending if piece[1] not in self._gone]
        if self._gone:
            gone = np.array(sorted(self._gone))
            left = (batch.without(gone) for batch in self._batches)
            self._batches = [batch for batch in left if len(batch.numbers)]
            self._gone = set()
        if self._pending:
            self._push()

    def _push(self) -> None:
        """Make a batch of what is pending, together with the last one while that is small."""
        made = _Batch.of(self._pending)
        last = self._batches[-1] if self._batches else made
        if last is not made and len(last.packed) < _BATCH and len(last.numbers) + len(made.numbers) <= _MOST:
            made = self._batches.pop().joined(made)
        self._batches.append(made)
        self._pending, self._waiting = [], 0
