"""Lone runs: long runs that few sources hold whole, though every short run in them stands in many.

Beside tens of thousands of texts of one kind each four characters of a draft stand in hundreds of them, so that a short run
tells no formula from a passage taken over. The long run does: it is looked up by the rarest of its seeds, and of the sources
that have this one those are kept that have all the others. Nothing but the seeds of the index is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.grams import Hashes
from dingmi.engines.suggest.normalise import Units
from dingmi.engines.suggest.seeds import CHARACTERS, WORDS
from dingmi.engines.suggest.sources import Numbers, SourceIndex, ranges

VERBATIM_CHARACTERS, VERBATIM_WORDS = 25, 12
LEAST_CHARACTERS, LEAST_WORDS = VERBATIM_CHARACTERS - CHARACTERS + 1, VERBATIM_WORDS - WORDS + 1  # in seeds
HOLDERS = 3  # sources in which a run may stand whole that is no formula
_SOURCES = 2_000  # of an index, from which on so few holders tell a passage from a formula
_FORMAL, _OWN = 0.2, 0.25  # share of the seeds of a lone run that formulas say at most, and that are its own at least
_PAIRS = 2_000_000  # of a run and a source that has its rarest seed, that are looked into for one draft


@dataclass(frozen=True, slots=True)
class Lone:
    """The lone runs of a draft.

    ``lengths``: for each place the seeds of the lone run that begins there, 0 where none does. ``places`` and ``numbers`` pair the
    seeds of these runs with the sources that hold them; ``holders`` are these sources, those that hold most first.
    """

    lengths: Numbers
    places: Numbers
    numbers: Numbers
    holders: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.holders)

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Which seeds lie in a lone run."""
        edges = np.zeros(len(self.lengths) + 1, np.int64)
        starts = np.flatnonzero(self.lengths)
        edges[starts] += 1
        np.subtract.at(edges, starts + self.lengths[starts], 1)
        held: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
        return held


def lone_runs(
    units: Units,
    seeds: Hashes,
    frequency: Numbers,
    public: NDArray[np.bool_],
    silent: NDArray[np.bool_],
    index: SourceIndex,
) -> Lone:
    """Find the runs of 25 characters or 12 words that one to three sources hold whole.

    Args:
        units: The draft.
        seeds: Of the draft.
        frequency: In how many sources each seed stands.
        public: Which seeds a public text says.
        silent: Which seeds a formula says; those that neither a formula nor a public text says are the draft's own.
        index: What the reader may see; in one of few sources nothing is found, for there a formula may stand in few, too.
    """
    lengths = np.zeros(len(seeds), np.int64)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    if len(index) >= _SOURCES:
        words = _all_of(units.is_word, VERBATIM_WORDS)
        for least, begins in ((LEAST_CHARACTERS, ~words), (LEAST_WORDS, words)):
            count = max(0, len(seeds) - least + 1)
            wanted = begins[:count] & _all_of(frequency > 0, least)
            wanted &= _count(silent, least) <= int(_FORMAL * least)
            wanted &= _count(~(silent | public), least) >= int(_OWN * least)
            if wanted.any():
                alone, pairs = _held(seeds, frequency, least, wanted, index)
                lengths[:count][alone] = least
                found.append(pairs)
    both = np.unique(np.concatenate([numbers << 32 | places for places, numbers in found]))
    places, numbers = both & 0xFFFFFFFF, both >> 32
    holders, counts = np.unique(numbers, return_counts=True)
    return Lone(lengths, places, numbers, tuple(holders[np.argsort(-counts, kind="stable")].tolist()))


def _count(flags: NDArray[np.bool_], length: int) -> Numbers:
    """How many are set among so many from each place on; as far as so many follow."""
    sums = np.concatenate([[0], np.cumsum(flags)])
    counts: Numbers = sums[length:] - sums[: max(0, len(sums) - length)]
    return counts


def _all_of(flags: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Whether so many in a row are set, from each place on."""
    every: NDArray[np.bool_] = _count(flags, length) == length
    return every


def _held(
    seeds: Hashes, frequency: Numbers, least: int, wanted: NDArray[np.bool_], index: SourceIndex
) -> tuple[NDArray[np.bool_], tuple[Numbers, Numbers]]:
    """Which of the ``wanted`` runs are lone, and the pairs of their seeds and the sources that hold them."""
    starts = np.flatnonzero(wanted)
    rarest = _rarest(frequency, least)[starts]  # it moves on with the run
    first = np.flatnonzero(np.diff(rarest, prepend=-1))
    anchors, ends = rarest[first], np.append(first[1:], len(starts))
    rare_first = np.argsort(frequency[anchors], kind="stable")
    asked = np.sort(rare_first[np.cumsum(frequency[anchors[rare_first]]) <= _PAIRS])
    anchors, low, high = anchors[asked], starts[first[asked]], starts[ends[asked] - 1]
    _, which, numbers = index.postings(seeds[anchors], len(index))
    low, high, numbers = _stretches(seeds, least, anchors[which], low[which], high[which], numbers, index)
    counts = np.zeros(len(wanted) + 1, np.int64)
    np.add.at(counts, low, 1)
    np.subtract.at(counts, high + 1, 1)
    counts = np.cumsum(counts[:-1])
    alone = wanted & (counts > 0) & (counts <= HOLDERS)
    at = np.flatnonzero(alone)
    one, after = np.searchsorted(at, low), np.searchsorted(at, high, "right")
    has = after > one
    begin, size = at[one[has]], at[after[has] - 1] + least - at[one[has]]
    return alone, (ranges(begin, size), np.repeat(numbers[has], size))


def _rarest(frequency: Numbers, length: int) -> Numbers:
    """The place of the rarest seed, the first of equals, of so many from each place on."""
    keys = frequency << 32 | np.arange(len(frequency))
    least = keys[: len(keys) - length + 1].copy()
    for after in range(1, length):
        np.minimum(least, keys[after : after + len(least)], out=least)
    return least & 0xFFFFFFFF


def _stretches(
    seeds: Hashes, least: int, anchors: Numbers, low: Numbers, high: Numbers, numbers: Numbers, index: SourceIndex
) -> tuple[Numbers, Numbers, Numbers]:
    """Of the runs from ``low`` to ``high`` on that have their rarest seed at ``anchors``, the first and last that a source holds whole.

    Sources that hold none are left out.
    """

    def hold(places: Numbers, of: Numbers) -> NDArray[np.bool_]:
        inside = (places >= 0) & (places < len(seeds))
        held = np.zeros(len(places), np.bool_)
        held[inside] = index.holds(seeds[places[inside]], numbers[of[inside]])
        return held

    some = np.arange(len(anchors))
    for ends in (low + least - 1, high):  # what lies between is in every one of these runs
        some = some[hold(ends[some], some)]
    half = least // 2  # a run that has the anchor reaches as far as this to one side
    to_left = hold(anchors[some] - half, some)
    some = np.sort(np.concatenate([some[to_left], (rest := some[~to_left])[hold(anchors[rest] + half, rest)]]))
    start, end = anchors.copy(), anchors + 1
    for edge, limit, step in ((start, low, -1), (end, high + least, 1)):
        going = some
        while len(going := going[(edge[going] > limit[going]) if step < 0 else (edge[going] < limit[going])]):
            going = going[hold(edge[going] - (step < 0), going)]
            edge[going] += step
    whole = some[end[some] - start[some] >= least]
    return start[whole], end[whole] - least, numbers[whole]
