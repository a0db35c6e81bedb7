"""Alignment of a draft with one source: matched runs, clusters of runs, regions snapped to sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import Units
from dingmi.engines.suggest.seeds import seeds_of

Numbers = NDArray[np.int64]
Weights = NDArray[np.float64]

DRAFT_GAP, SOURCE_GAP = 40, 80
_MAX_REPEATS, _MAX_RUNS = 6, 120


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text ready for alignment: units, unit hashes, seeds, and pairs of neighbouring units."""

    units: Units
    seeds: Hashes
    pairs: Hashes
    order: Numbers

    @classmethod
    def of(cls, hasher: Hasher, units: Units) -> Prepared:
        """Prepare ``units`` under the key of ``hasher``."""
        seeds = seeds_of(hasher, units)
        return cls(units, seeds, hasher.grams(hasher.units(units), 2), np.argsort(seeds, kind="stable"))


@dataclass(frozen=True, slots=True)
class Told:
    """What each seed of the draft tells.

    ``weights``: 0 to 1; ``is_rare``: no public text and hardly any source says it; ``is_single``: nor a second source.
    ``is_known``: the public texts that were learnt speak of the subject, so that their silence tells something.
    ``lone``: how many seeds the lone run has that begins with this one (`lone.Lone`), 0 where none does.
    """

    weights: Weights
    is_rare: NDArray[np.bool_]
    is_single: NDArray[np.bool_]
    is_known: bool
    lone: Numbers

    def has_lone(self, run: Run) -> bool:
        """Whether a lone run lies in ``run``."""
        lengths = self.lone[run.draft : run.draft + run.length]
        return bool(((lengths > 0) & (np.arange(len(lengths)) + lengths <= run.length)).any())


@dataclass(frozen=True, slots=True)
class Run:
    """``length`` seeds in a row that match on a diagonal; ``mass`` is their weight."""

    draft: int
    source: int
    length: int
    mass: float


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the draft and its counterpart, in units, with what was measured between them.

    ``mass`` is the weight of matched seeds, ``coverage`` its share of the weight of the draft stretch, ``pairs`` the
    share of neighbouring pairs of the draft found in the source stretch, ``back`` the same the other way round, and
    ``longest`` the weight of the longest run. ``kept`` is the share of the source, between the first and the last run,
    that the runs cover. ``rare`` and ``single`` count the matched seeds that hardly any, or no other text says.
    """

    draft: tuple[int, int]
    source: tuple[int, int]
    mass: float
    coverage: float
    pairs: float
    back: float
    longest: float
    longest_units: int
    kept: float
    covered: float
    covered_back: float
    order: float
    second: int
    rare: int
    single: int


def runs_between(draft: Hashes, offset: int, source: Prepared, weights: Weights) -> list[Run]:
    """Diagonal runs of seeds between ``draft`` (seeds from unit ``offset`` on) and the source.

    A seed that repeats often in the source interrupts a run, as the language of its subject is no evidence;
    `stretched` carries the run on.
    """
    if not len(draft) or not len(source.seeds):
        return []
    order = source.order
    held = source.seeds[order]
    low, high = np.searchsorted(held, draft, "left"), np.searchsorted(held, draft, "right")
    counts = high - low
    counts = np.where(counts > 4 * _MAX_REPEATS, 0, np.minimum(counts, _MAX_REPEATS))
    total = int(counts.sum())
    if not total:
        return []
    i = np.repeat(np.arange(len(draft)), counts)
    j = order[np.repeat(low, counts) + np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)]
    by = np.lexsort((i, j - i))
    i, j = i[by], j[by]
    breaks = np.flatnonzero((np.diff(j - i) != 0) | (np.diff(i) != 1)) + 1
    starts = np.concatenate([[0], breaks])
    ends = np.concatenate([breaks, [total]])
    masses = np.add.reduceat(weights[i], starts)
    keep = np.argsort(-masses, kind="stable")[:_MAX_RUNS]
    return [
        Run(int(i[starts[k]]) + offset, int(j[starts[k]]), int(ends[k] - starts[k]), float(masses[k])) for k in keep
    ]


def stretched(draft: Hashes, source: Hashes, run: Run, weights: Weights) -> Run:
    """The run carried on, to both sides, for as long as the two texts say the same."""
    at, to, length = run.draft, run.source, run.length
    while at and to and draft[at - 1] == source[to - 1]:
        at, to, length = at - 1, to - 1, length + 1
    while at + length < len(draft) and to + length < len(source) and draft[at + length] == source[to + length]:
        length += 1
    return Run(at, to, length, float(weights[at : at + length].sum()))


def clusters_of(runs: list[Run], draft_gap: int = DRAFT_GAP, source_gap: int = SOURCE_GAP) -> list[list[Run]]:
    """Runs that lie near each other in both texts, in any order, belong together."""
    if not runs:
        return []
    ordered = sorted(runs, key=lambda run: (run.draft, run.source))
    draft, source, length = (
        np.array(column) for column in zip(*((r.draft, r.source, r.length) for r in ordered), strict=True)
    )
    near = _apart(draft, length) <= draft_gap
    near &= _apart(source, length) <= source_gap
    label = np.arange(len(ordered))
    while True:
        least = np.where(near, label, len(ordered)).min(axis=1)
        if (least == label).all():
            break
        label = least
    return [[ordered[k] for k in np.flatnonzero(label == name)] for name in np.unique(label)]


def _apart(start: Numbers, length: Numbers) -> Numbers:
    """Units between each two runs; negative where they overlap."""
    ahead = start[None, :] - (start + length)[:, None]
    apart: Numbers = np.maximum(ahead, ahead.T)
    return apart


def bounds_of(group: list[Run], width: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Unit bounds of a cluster in draft and source; a seed is ``width`` units wide."""
    return (
        (min(r.draft for r in group), max(r.draft + r.length for r in group) + width - 1),
        (min(r.source for r in group), max(r.source + r.length for r in group) + width - 1),
    )


def snapped(units: Units, bounds: tuple[int, int], covered: NDArray[np.bool_], least: float) -> tuple[int, int]:
    """Grow bounds to whole sentences when at least ``least`` of the border sentence is covered, else trim it off."""
    start, end = bounds[0], min(bounds[1], len(units))
    sentence = units.sentence
    while start < end:
        first, last = np.searchsorted(sentence, [sentence[start], sentence[start] + 1])
        if covered[first:last].mean() >= least:
            start = int(first)
            break
        if last >= end or covered[start : min(last, end)].sum() >= 12:
            break
        start = int(last)
    while end > start:
        first, last = np.searchsorted(sentence, [sentence[end - 1], sentence[end - 1] + 1])
        if covered[first:last].mean() >= least:
            end = int(last)
            break
        if first <= start or covered[max(first, start) : end].sum() >= 12:
            break
        end = int(first)
    return start, end


def measured(
    draft: Prepared,
    source: Prepared,
    span: tuple[int, int],
    other: tuple[int, int],
    group: list[Run],
    told: Told,
) -> Region:
    """Measure the match between unit span ``span`` of the draft and ``other`` of the source."""
    weights = told.weights
    matched = np.zeros(len(draft.seeds), np.bool_)
    for run in group:
        matched[run.draft : run.draft + run.length] = True
    low, high = span[0], max(span[0] + 1, min(span[1] - 2, len(weights)))
    total = float(weights[low:high].sum())
    mass = float(weights[low:high][matched[low:high]].sum())
    longest = max(group, key=lambda run: run.mass)
    width = max(1, other[1] - other[0] - 1)
    mine = draft.pairs[span[0] : max(span[0] + 1, span[1] - 1)]
    theirs = source.pairs[other[0] : other[0] + width]
    return Region(
        span,
        other,
        mass,
        mass / total if total else 0.0,
        float(np.isin(mine, theirs).mean()) if len(mine) else 0.0,
        float(np.isin(theirs, mine).mean()) if len(theirs) else 0.0,
        longest.mass,
        longest.length,
        _kept(group),
        _share(matched_units(group, True), span),
        _share(matched_units(group, False), other),
        *_order(group),
        int(told.is_rare[low:high][matched[low:high]].sum()),
        int(told.is_single[low:high][matched[low:high]].sum()),
    )


def matched_units(group: list[Run], draft: bool) -> NDArray[np.bool_]:
    """Which units, of the draft or of the source, stand in a run."""
    ends = [(run.draft if draft else run.source) + run.length + 3 for run in group]
    covered = np.zeros(max(ends), np.bool_)
    for run, end in zip(group, ends, strict=True):
        covered[end - run.length - 3 : end] = True
    return covered


def _share(covered: NDArray[np.bool_], span: tuple[int, int]) -> float:
    return float(covered[span[0] : span[1]].sum()) / max(1, span[1] - span[0])


def _order(group: list[Run]) -> tuple[float, int]:
    """Share of the mass that keeps one order in both texts, and the length of the second run of that chain."""
    runs = sorted(group, key=lambda run: (run.draft, run.source))
    best = [run.mass for run in runs]
    back = [-1] * len(runs)
    for k, run in enumerate(runs):
        for j in range(max(0, k - 40), k):
            before = runs[j]
            if (
                before.source + before.length <= run.source + 3
                and before.draft + before.length <= run.draft + 3
                and best[j] + run.mass > best[k]
            ):
                best[k], back[k] = best[j] + run.mass, j
    k = int(np.argmax(best))
    chain = []
    while k >= 0:
        chain.append(runs[k].length)
        k = back[k]
    chain.sort()
    return max(best) / (sum(run.mass for run in runs) or 1.0), chain[-2] if len(chain) > 1 else 0


def _kept(group: list[Run]) -> float:
    """Share of the source covered between the ends of the runs that explain the draft best (one run per place)."""
    low = min(run.draft for run in group)
    taken = np.zeros(max(run.draft + run.length for run in group) - low, np.bool_)
    best: list[Run] = []
    for run in sorted(group, key=lambda run: (-run.mass, run.draft, run.source)):
        part = slice(run.draft - low, run.draft - low + run.length)
        if run.length >= 4 and taken[part].mean() < 0.5:
            taken[part] = True
            best.append(run)
    if not best:
        return 1.0
    first = min(run.source for run in best)
    back = np.zeros(max(run.source + run.length for run in best) + 3 - first, np.bool_)
    for run in best:
        back[run.source - first : run.source - first + run.length + 3] = True
    return float(back.mean())
