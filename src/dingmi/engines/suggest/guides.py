"""Guide items ranked for a draft: BM25 over pairs of units, with single units and the guide as a whole as weak priors.

A draft speaks of what an item names in words of its own, so longer runs tell less than the characters that both share.
Beside the words of an item and its examples stand its sector, the words of its conditions, and how near the draft is to what
was decided under it: each a ranking of its own, fused as shares of the highest. They lift an item whose own words are found;
none makes an item fit by itself, for nothing is classified by analogy (FW-4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.boilerplate import FORMULAE
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.types import Span, SuggestItem

Scores = NDArray[np.float64]

_K1, _B = 1.2, 0.3
_SINGLES, _GUIDE = 0.3, 0.2
# what each field beside the words of an item adds to its rank at most
_SECTOR, _CONDITIONS, _PRECEDENTS = 0.3, 0.3, 0.5
_LIFT = 0.5  # how much of what its own words lack all of them together may make up for
_WINDOW, _CLAUSE = 150, 6  # units looked at together, and those that stand for a clause
_PER_WINDOW, _LOOKED_AT = 6, 40


def terms_of(tokens: Sequence[str]) -> list[str]:
    """Pairs of neighbouring units, then the words and numbers by themselves."""
    return ["\x1f".join(tokens[i : i + 2]) for i in range(len(tokens) - 1)] + [t for t in tokens if len(t) > 1]


_FORMULA_PAIRS = frozenset(pair for formula in FORMULAE for pair in terms_of(units_of(formula).tokens))


class Bm25:
    """A BM25 matrix over small texts, as arrays."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.terms: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        for number, document in enumerate(documents):
            for term, count in Counter(document).items():
                rows.append(self.terms.setdefault(term, len(self.terms)))
                columns.append(number)
                counts.append(count)
        self.size = len(documents)
        row, column = np.array(rows, np.int64), np.array(columns, np.int64)
        order = np.argsort(row, kind="stable")
        self._pointer = np.searchsorted(row[order], np.arange(len(self.terms) + 1))
        self._documents = column[order]
        lengths = np.array([len(d) for d in documents] or [1], np.float64)
        frequency = np.diff(self._pointer)
        self.idf: Scores = np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5))
        tf = np.array(counts, np.float64)[order]
        norm = _K1 * (1 - _B + _B * lengths[self._documents] / max(1.0, float(lengths.mean())))
        self._weights = self.idf[row[order]] * tf * (_K1 + 1) / (tf + norm)

    def scores(self, query: Sequence[str]) -> Scores:
        """The score of every document for the query terms."""
        total = np.zeros(self.size)
        for term, count in Counter(query).items():
            number = self.terms.get(term)
            if number is not None:
                part = slice(self._pointer[number], self._pointer[number + 1])
                total[self._documents[part]] += self._weights[part] * min(count, 3)
        return total


@dataclass(frozen=True, slots=True)
class Match:
    """An item with the stretch of the draft that speaks of it.

    ``coverage`` is the idf-weighted share of the item's (or its example's) pairs found in the stretch; ``elements``
    are the found parts in the words of the guide. ``lift`` is what its other fields add, ``precedent`` that of precedents alone.
    """

    item: SuggestItem
    coverage: float
    elements: tuple[str, ...]
    evidence: tuple[Span, ...]
    by_example: bool
    lift: float = 0.0
    precedent: float = 0.0


class GuideIndex:
    """Guide items ready for matching. ``public`` texts teach which words are everyday ones."""

    def __init__(self, items: Iterable[SuggestItem], public: Iterable[str] = ()) -> None:
        self.items = tuple(items)
        entries = [(n, text) for n, item in enumerate(self.items) for text in (item.text, *item.examples) if text]
        self._owner = np.array([n for n, _ in entries], np.int64)
        self._texts = [text for _, text in entries]
        self._is_example = [text != self.items[n].text for n, text in entries]
        tokens = [units_of(text).tokens for text in self._texts]
        self._tokens = tokens
        self._pairs = Bm25([terms_of(t) for t in tokens])
        self._singles = Bm25(tokens)
        names = {guide: k for k, guide in enumerate(dict.fromkeys(item.guide for item in self.items))}
        self._guide = np.array([names[self.items[n].guide] for n in self._owner], np.int64)
        whole: list[list[str]] = [[] for _ in names]
        for k, token in zip(self._guide.tolist(), tokens, strict=True):
            whole[k].extend(terms_of(token))
        self._guides = Bm25(whole)
        self._sector, self._sectors = _sectors(self.items)
        self._conditions = Bm25([_condition_terms(item) for item in self.items])
        self._everyday: Counter[str] = Counter()
        self._documents = 0
        for text in public:
            self._everyday.update(set(terms_of(units_of(text).tokens)))
            self._documents += 1

        self._entry_pairs = [terms_of(t)[: max(0, len(t) - 1)] for t in tokens]
        self._entry_weights = [[self._weight(pair) for pair in pairs] for pairs in self._entry_pairs]

    def __len__(self) -> int:
        return len(self.items)

    def beside(self, tokens: Sequence[str], precedents: Mapping[str, float]) -> Scores:
        """What the fields beside its words add to each item for the words of a whole draft.

        Args:
            tokens: The draft.
            precedents: For items by id how near the draft is to what was decided under them, 0 to 1.
        """
        pairs = terms_of(tokens)
        total = _CONDITIONS * _share(self._conditions.scores(pairs))
        if self._sectors.size > 1:  # one alone tells nothing
            named = self._sector >= 0
            total[named] += _SECTOR * _share(self._sectors.scores(pairs))[self._sector[named]]
        return total + _PRECEDENTS * self._near(precedents)

    def _near(self, precedents: Mapping[str, float]) -> Scores:
        return np.array([precedents.get(item.id, 0.0) for item in self.items], np.float64)

    def entry_scores(self, tokens: Sequence[str], guide: float = 0.0, beside: Scores | None = None) -> Scores:
        """Fused scores of every entry (an item's text or one of its examples).

        ``guide`` weighs its guide as a whole, ``beside`` is what other fields add to each item.
        """
        pairs = terms_of(tokens)
        total = _share(self._pairs.scores(pairs))
        if not total.any():
            return total
        if guide:
            total += guide * _share(self._guides.scores(pairs)[self._guide])
        if beside is not None:
            total += beside[self._owner]
        return total + _SINGLES * _share(self._singles.scores(tokens))

    def rank(
        self, text: str, most: int = 100, precedents: Mapping[str, float] = MappingProxyType({})
    ) -> list[tuple[str, float]]:
        """Items for a short text, best first, without abstaining (for measuring)."""
        if not self._texts:
            return []
        tokens = units_of(text).tokens
        scores = self.entry_scores(tokens, _GUIDE, self.beside(tokens, precedents))
        ranked: dict[str, float] = {}
        for entry in np.argsort(-scores, kind="stable")[: 4 * most]:
            if scores[entry] <= 0 or len(ranked) >= most:
                break
            ranked.setdefault(self.items[self._owner[entry]].id, float(scores[entry]))
        return list(ranked.items())

    def match(self, units: Units, precedents: Mapping[str, float] = MappingProxyType({})) -> list[Match]:
        """Items with evidence in the draft, strongest first, at most one stretch per item."""
        if not self._texts or not len(units):
            return []
        tokens = units.tokens
        best: dict[int, Match] = {}
        beside = self.beside(tokens, precedents)
        for low, high in windows_of(units):
            window = tokens[low:high]
            scores = self.entry_scores(window, beside=beside)
            have = set(terms_of(window))
            count = min(_PER_WINDOW, len(scores))
            for entry in np.argpartition(-scores, count - 1)[:count].tolist():
                if scores[entry] > 0:
                    self._weigh(entry, units, tokens, (low, high), have, best)
        near, most = self._near(precedents), _SECTOR + _CONDITIONS + _PRECEDENTS
        made = [
            replace(m, lift=_LIFT * float(beside[n]) / most, precedent=_LIFT * float(near[n]) * _PRECEDENTS / most)
            for n, m in best.items()
        ]
        return sorted(made, key=lambda m: (-lifted(m.coverage, m.lift), -m.lift, m.item.id))[:_LOOKED_AT]

    def _weigh(
        self,
        entry: int,
        units: Units,
        tokens: list[str],
        window: tuple[int, int],
        have: set[str],
        best: dict[int, Match],
    ) -> None:
        theirs, pairs, weights = self._tokens[entry], self._entry_pairs[entry], self._entry_weights[entry]
        hit = [pair in have for pair in pairs]
        coverage = sum(w for w, h in zip(weights, hit, strict=True) if h) / (sum(weights) + 1e-9)
        distinct = len({pair for pair, h in zip(pairs, hit, strict=True) if h})
        coverage *= min(1.0, distinct / 5.0)
        owner = int(self._owner[entry])
        if coverage < 0.15 or (owner in best and best[owner].coverage >= coverage):
            return
        wanted = {pair for pair, h in zip(pairs, hit, strict=True) if h}
        evidence = _evidence(units, tokens, window, wanted)
        if evidence:
            elements = _elements(theirs, hit)
            best[owner] = Match(self.items[owner], coverage, elements, evidence, self._is_example[entry])

    def _weight(self, pair: str) -> float:
        """How telling a pair is: rare among items and, above all, rare in public texts."""
        number = self._pairs.terms.get(pair)
        idf = float(self._pairs.idf[number]) / np.log(1 + (self._pairs.size + 0.5) / 0.5) if number is not None else 1.0
        if self._documents:
            rare = np.log((1 + self._documents) / (1 + self._everyday[pair])) / np.log(1 + self._documents)
            idf *= float(rare)
        return float(idf) * (0.25 if pair in _FORMULA_PAIRS else 1.0)


def lifted(score: float, lift: float) -> float:
    """A score with part of what it lacks."""
    return score + (1.0 - score) * lift


def _sectors(items: Sequence[SuggestItem]) -> tuple[NDArray[np.int64], Bm25]:
    """The number of each item's sector (-1: none), and the sectors by their names and the words of their items."""
    names = {name: k for k, name in enumerate(dict.fromkeys(item.sector for item in items if item.sector))}
    words: list[list[str]] = [terms_of(units_of(name).tokens) for name in names]
    for item in items:
        if item.sector:
            words[names[item.sector]].extend(terms_of(units_of(item.text).tokens))
    return np.array([names.get(item.sector, -1) for item in items], np.int64), Bm25(words)


def _condition_terms(item: SuggestItem) -> list[str]:
    """What the conditions of an item speak of."""
    words = [word for c in item.conditions for word in (c.name, *c.words, c.unit)]
    return [term for word in words for term in terms_of(units_of(word).tokens)]


def _share(scores: Scores) -> Scores:
    """Scores as shares of the highest."""
    made: Scores = scores / (scores.max(initial=0.0) + 1e-9)
    return made


def windows_of(units: Units) -> list[tuple[int, int]]:
    """Stretches of whole sentences, two at least where they are short, each starting one sentence after the last.

    What is shorter than a clause (the cells of a table, numbers of headings) goes with what follows it.
    """
    starts = [0]
    for start in np.flatnonzero(np.diff(units.sentence, prepend=-1) != 0).tolist():
        if start - starts[-1] >= _CLAUSE:
            starts.append(start)
    starts.append(len(units))
    windows = []
    for k in range(len(starts) - 1):
        end = k + 1
        while end < len(starts) - 1 and starts[end + 1] - starts[k] <= _WINDOW and end - k < 3:
            end += 1
        for low in range(starts[k], starts[end], _WINDOW):
            windows.append((low, min(starts[end], low + 2 * _WINDOW)))
    return windows


def _evidence(units: Units, tokens: list[str], window: tuple[int, int], wanted: set[str]) -> tuple[Span, ...]:
    """Spans of the window where wanted pairs stand, joined over gaps of up to six units."""
    places = [i for i in range(window[0], window[1] - 1) if "\x1f".join(tokens[i : i + 2]) in wanted]
    spans: list[list[int]] = []
    for place in places:
        if spans and place - spans[-1][1] <= 6:
            spans[-1][1] = place + 1
        else:
            spans.append([place, place + 1])
    longest = max((b - a for a, b in spans), default=0)
    kept = [(a, b) for a, b in spans if b - a >= min(4, longest)]
    return tuple(Span(int(units.starts[a]), int(units.ends[b])) for a, b in kept)


def _elements(theirs: list[str], hit: list[bool]) -> tuple[str, ...]:
    """The parts of the guide entry that were found, longest first."""
    parts: list[str] = []
    start = None
    for place, found in enumerate([*hit, False]):
        if found and start is None:
            start = place
        elif not found and start is not None:
            piece = theirs[start : place + 1]
            joiner = " " if piece and piece[0].isascii() else ""
            parts.append(joiner.join(piece))
            start = None
    return tuple(sorted(dict.fromkeys(parts), key=lambda p: (-len(p), p))[:8])
