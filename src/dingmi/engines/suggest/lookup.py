"""A draft looked up in the index: which of its runs stand in which source, and how telling each run is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dingmi.engines.suggest.align import Prepared, Told, Weights
from dingmi.engines.suggest.boilerplate import Boilerplate
from dingmi.engines.suggest.lone import HOLDERS, lone_runs
from dingmi.engines.suggest.normalise import Units
from dingmi.engines.suggest.sources import Numbers, SourceIndex

_COMMON_SHARE, _COMMON_LEAST, _COMMON_MOST = 0.05, 40, 400  # sources in which a seed may stand to be looked up
_LONE = 0.5  # what a seed tells at least that stands in a lone run and in no formula
COLLECTION = 200  # texts that a collection counts for at least
_KNOWN = 0.5  # share of the runs of a draft that stand in public texts, from which these speak of its subject


@dataclass(frozen=True, slots=True)
class Looked:
    """A draft beside an index: what each of its seeds tells, and pairs (place of a seed, number of a source that has it).

    A seed that too many sources have is in no pair, but for the sources that hold a lone run with it (``lone``).
    """

    draft: Prepared
    told: Told
    places: Numbers
    numbers: Numbers
    lone: tuple[int, ...]


def looked_up(units: Units, index: SourceIndex, boilerplate: Boilerplate) -> Looked:
    """Look the seeds of a draft up in ``index`` and weigh them by how many sources and public texts say them."""
    draft = Prepared.of(index.hasher, units)
    most = min(_COMMON_MOST, max(_COMMON_LEAST, int(_COMMON_SHARE * len(index))))
    frequency, places, numbers = index.postings(draft.seeds, most)
    background = boilerplate.frequencies(units)
    weights = weights_of(frequency, background, len(index), boilerplate.documents)
    silent = boilerplate.silent(units)
    lone = lone_runs(units, draft.seeds, frequency, background > 0, silent, index)
    if lone:
        weights = np.where(lone.covered, np.maximum(weights, _LONE), weights)
        unlisted = frequency[lone.places] > most
        places = np.concatenate([places, lone.places[unlisted]])
        numbers = np.concatenate([numbers, lone.numbers[unlisted]])
    weights[silent] = 0.0
    is_rare = (background == 0) & (frequency <= HOLDERS) & (weights > 0)
    told = Told(weights, is_rare, is_rare & (frequency <= 1), knows(boilerplate, units), lone.lengths)
    return Looked(draft, told, places, numbers, lone.holders)


def weights_of(frequency: Numbers, background: Numbers, sources: int, documents: int) -> Weights:
    """How telling each seed is, 0 to 1: the log of its rarity over sources and public documents."""
    others = np.maximum(frequency - 1, 0) + background
    texts = 2.0 + max(COLLECTION, sources + documents)
    weights: Weights = np.log(texts / (0.5 + others)) / np.log(texts / 0.5)
    return np.clip(weights, 0.0, 1.0)


def knows(boilerplate: Boilerplate, units: Units) -> bool:
    """Whether enough public texts were learnt, and they speak the language of this draft: half of its runs stand in them."""
    if boilerplate.documents < COLLECTION:
        return False
    background = boilerplate.frequencies(units)
    return len(background) > 0 and float((background > 0).mean()) >= _KNOWN
