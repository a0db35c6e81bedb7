"""Passages of a draft that stand in a source: candidates from the index, then alignment with the opened text.

Guarantee: a run of at least 25 Chinese characters (12 words) that the draft copies from a source is reported from at
least one source holding it, provided that it is no boilerplate: the heaviest sources are opened (`Limits.max_sources`), and beside
them those that hold a run which none of these does, as many as passages are reported at most (`Limits.max_reused`). It is no
boilerplate when on average its seeds stand in hardly any other text; when as many of them as the shortest run has stand in
three sources at most and in no public text; or when eight do, though these speak of the subject; or, in an index of many
sources, when the run as a whole stands in three of them at most, however often its seeds are said (`lone`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dingmi.engines.suggest import align, strength
from dingmi.engines.suggest.align import Prepared, Region, Run, Told, Weights
from dingmi.engines.suggest.boilerplate import Boilerplate
from dingmi.engines.suggest.lone import LEAST_CHARACTERS, LEAST_WORDS
from dingmi.engines.suggest.lookup import Looked, looked_up
from dingmi.engines.suggest.normalise import Units
from dingmi.engines.suggest.seeds import CHARACTERS, WORDS
from dingmi.engines.suggest.sources import Numbers, SourceIndex
from dingmi.engines.suggest.types import CONDENSED, EDITED, VERBATIM, Limits, Reused, Span

_CANDIDATE_MASS = 5.0
_UNLISTED = 3  # seeds too common to be looked up that may stand within a run
_TELLING, _TELLING_LONG, _LONG = 0.8, 0.6, 40  # mean weight of a run that is no boilerplate; of long ones less is asked
_RARE_SEEDS, _RARE_TELLING, _RARE_MASS = (
    8,
    0.5,
    20.0,
)  # how many tell a run apart where public texts speak of it, and its weight
_BLIND = 0.15  # how much stronger an edited passage must be while the public texts known do not speak of its subject
_CLOSING = frozenset("。！？；…!?;.”’」』）)】》")  # marks that belong to the sentence before them


@dataclass(frozen=True, slots=True)
class Found:
    """A region of the draft with its source, before overlaps are settled.

    ``shared`` is the weight of all that both say: runs that the guarantee covers (``exact``: there is one) count in full.
    """

    source_id: str
    region: Region
    score: float
    exact: bool
    shared: float


def kind_of(region: Region) -> str:
    """Name the kind: verbatim when one run covers it, condensed when the source went on between the runs."""
    size = region.draft[1] - region.draft[0]
    whole = region.longest_units + CHARACTERS
    if whole >= 0.95 * size or (whole >= 0.75 * size and region.pairs >= 0.97):
        return VERBATIM
    return CONDENSED if region.kept < 0.65 and region.pairs >= 0.7 else EDITED


def _candidates(looked: Looked, limits: Limits) -> dict[int, list[tuple[int, int]]]:
    """Stretches of seeds per source with enough telling mass: of the heaviest sources, and of those that the guarantee needs."""
    if not len(looked.places):
        return {}
    order = np.lexsort((looked.places, looked.numbers))
    places, numbers, weights = looked.places[order], looked.numbers[order], looked.told.weights
    starts, ends = _stretches(places, numbers, align.DRAFT_GAP)
    masses = np.add.reduceat(weights[places], starts)
    heavy = np.flatnonzero(masses >= _CANDIDATE_MASS)
    heavy = heavy[np.argsort(-masses[heavy], kind="stable")]
    chosen = set(list(dict.fromkeys(numbers[starts[heavy]].tolist()))[: limits.max_sources])
    lone = looked.lone[: limits.max_reused]
    chosen |= {*lone, *_needed(looked, places, numbers, {*chosen, *lone}, limits.max_reused - len(lone))}
    found: dict[int, list[tuple[int, int]]] = {}
    for k in heavy.tolist():
        number = int(numbers[starts[k]])
        if number in chosen:
            found.setdefault(number, []).append((int(places[starts[k]]), int(places[ends[k] - 1]) + 1))
    return found


def _stretches(places: Numbers, numbers: Numbers, gap: int) -> tuple[Numbers, Numbers]:
    """First and end of the stretches of one source each, in which no two neighbours are further apart than ``gap``."""
    breaks = np.flatnonzero((np.diff(numbers) != 0) | (np.diff(places) > gap)) + 1
    return np.concatenate([[0], breaks]), np.concatenate([breaks, [len(places)]])


def _needed(looked: Looked, places: Numbers, numbers: Numbers, chosen: set[int], most: int) -> set[int]:
    """Sources beside the ``chosen`` that hold a run which the guarantee may cover and no source opened so far holds whole."""
    units, told = looked.draft.units, looked.told
    starts, ends = _stretches(places, numbers, _UNLISTED + 1)
    lengths = places[ends - 1] - places[starts] + 1
    masses = np.add.reduceat(told.weights[places], starts)
    held = np.zeros(len(told.weights), np.bool_)
    more: set[int] = set()
    long = np.flatnonzero((lengths >= LEAST_WORDS) & (masses >= _CANDIDATE_MASS))
    first = np.isin(numbers[starts[long]], list(chosen))
    for k in long[np.lexsort((-masses[long], ~first))].tolist():
        number = int(numbers[starts[k]])
        run = Run(int(places[starts[k]]), 0, int(lengths[k]), float(masses[k]))
        stretch = slice(run.draft, run.draft + run.length)
        is_wanted = not held[stretch].all() and len(more) < most and _is_exact(units, run, told)
        if is_wanted and number not in chosen:
            more.add(number)
        if is_wanted or number in chosen or number in more:
            held[stretch] = True
    return more


def _is_exact(units: Units, run: Run, told: Told) -> bool:
    """Whether the guarantee covers a run: long enough, and said in hardly any other text."""
    if told.has_lone(run):
        return True
    least = LEAST_WORDS if units.is_word[run.draft] else LEAST_CHARACTERS
    if run.length < least:
        return False
    if run.mass >= run.length * (_TELLING if run.length < _LONG else _TELLING_LONG):
        return True
    rare = int(told.is_rare[run.draft : run.draft + run.length].sum())
    if rare >= least:
        return True
    return told.is_known and rare >= _RARE_SEEDS and run.mass >= max(_RARE_MASS, _RARE_TELLING * run.length)


def _regions(
    draft: Prepared, source: Prepared, stretch: tuple[int, int], told: Told
) -> list[tuple[Region, bool, float]]:
    """Regions of one stretch, each with whether it holds a run that the guarantee covers, and the weight of what is shared."""
    (low, high), weights = stretch, told.weights
    runs = align.runs_between(draft.seeds[low:high], low, source, weights[low:high])
    found = []
    for group in align.clusters_of(runs):
        if sum(run.mass for run in group) < _CANDIDATE_MASS:
            continue
        bounds, other = align.bounds_of(group, 3)
        covered = np.zeros(len(draft.units), np.bool_)
        back = np.zeros(len(source.units), np.bool_)
        for run in group:
            covered[run.draft : run.draft + run.length + 3] = True
            back[run.source : run.source + run.length + 3] = True
        span = align.snapped(draft.units, bounds, covered, 0.3)
        other = align.snapped(source.units, other, back, 0.3)
        whole = {align.stretched(draft.seeds, source.seeds, run, weights) for run in group}
        exact = [run for run in whole if _is_exact(draft.units, run, told)]
        for run in exact:
            width = WORDS if draft.units.is_word[run.draft] else CHARACTERS
            span = min(span[0], run.draft), max(span[1], run.draft + run.length + width - 1)
            other = min(other[0], run.source), max(other[1], run.source + run.length + width - 1)
        span, other = (span[0], min(span[1], len(draft.units))), (other[0], min(other[1], len(source.units)))
        if span[1] > span[0] and other[1] > other[0]:
            region = align.measured(draft, source, span, other, group, told)
            found.append((region, bool(exact), _weight([*group, *exact], span, weights)))
    return found


def _weight(runs: list[Run], span: tuple[int, int], weights: Weights) -> float:
    """The weight of what ``runs`` cover of a stretch of the draft."""
    covered = np.zeros(len(weights), np.bool_)
    for run in runs:
        covered[run.draft : run.draft + run.length] = True
    low, high = span
    return float(weights[low:high][covered[low:high]].sum())


def find_reuse(
    text: str, looked: Looked, index: SourceIndex, source_text: Callable[[str], str | None], limits: Limits
) -> tuple[Reused, ...]:
    """Find reused passages of the draft ``text``, best source per passage, in the order of the draft."""
    found = regions_of(looked, index, source_text, limits)
    return settle(shown(found, looked.told.is_known, limits), text, looked.draft.units, index, source_text, limits)


def shown(found: list[Found], is_known: bool, limits: Limits) -> list[Found]:
    """The regions that the guarantee covers or that are strong enough; more is asked where public texts know little."""
    least = limits.reuse_threshold + (0.0 if is_known else _BLIND)
    return [one for one in found if one.exact or (one.score >= least and one.region.mass >= strength.SHOWN_MASS)]


def all_regions(
    units: Units,
    index: SourceIndex,
    source_text: Callable[[str], str | None],
    boilerplate: Boilerplate,
    limits: Limits,
) -> list[Found]:
    """Every region between the draft and its candidate sources, strong or weak."""
    return regions_of(looked_up(units, index, boilerplate), index, source_text, limits)


def regions_of(
    looked: Looked, index: SourceIndex, source_text: Callable[[str], str | None], limits: Limits
) -> list[Found]:
    """The same for a draft that was looked up in ``index``."""
    draft, told = looked.draft, looked.told
    regions: list[tuple[str, Region, bool, float]] = []
    for number, stretches in _candidates(looked, limits).items():
        source_id = index.id_of(number)
        text = source_text(source_id)
        if text is None:
            continue
        source = index.opened(source_id, text)
        for stretch in stretches:
            for region, exact, shared in _regions(draft, source, stretch, told):
                if exact or region.mass >= strength.LEAST_MASS:
                    regions.append((source_id, region, exact, shared))
    scores = strength.strengths(
        [region for _, region, _, _ in regions], [name for name, _, _, _ in regions], told.is_known
    )
    return [
        Found(name, region, float(score), exact, shared)
        for (name, region, exact, shared), score in zip(regions, scores, strict=True)
    ]


def settle(
    found: list[Found],
    text: str,
    units: Units,
    index: SourceIndex,
    source_text: Callable[[str], str | None],
    limits: Limits,
) -> tuple[Reused, ...]:
    """One best source per stretch of the draft; a weaker region keeps its place only where it stands apart."""
    taken = np.zeros(len(units), np.bool_)
    kept: list[Reused] = []
    for one in sorted(found, key=lambda f: (-f.shared * (0.5 + f.region.pairs), f.source_id, f.region.draft)):
        low, high = one.region.draft
        if taken[low:high].mean() > (0.7 if one.exact else 0.3):
            continue
        taken[low:high] = True
        other = source_text(one.source_id) or ""
        theirs = index.opened(one.source_id, other).units
        kept.append(
            Reused(
                one.source_id,
                kind_of(one.region),
                _closed(text, units, one.region.draft),
                _closed(other, theirs, one.region.source),
                round(one.region.coverage, 4),
                round(one.score, 4),
            )
        )
        if len(kept) >= limits.max_reused:
            break
    return tuple(sorted(kept, key=lambda r: (r.draft, r.source_id)))


def _closed(text: str, units: Units, bounds: tuple[int, int]) -> Span:
    """The characters of a stretch of units, with the marks that close its last sentence."""
    low, high = bounds
    end = int(units.ends[high - 1])
    limit = int(units.starts[high]) if high < len(units) else len(text)
    while end < limit and text[end] in _CLOSING:
        end += 1
    return Span(int(units.starts[low]), end)
