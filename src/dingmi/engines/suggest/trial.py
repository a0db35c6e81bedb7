"""The engine run on labelled sets: texts and sources go in, predictions come out; what is right is read only to score."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from dingmi.engines.suggest.boilerplate import Boilerplate
from dingmi.engines.suggest.engine import suggest
from dingmi.engines.suggest.guides import GuideIndex
from dingmi.engines.suggest.learner import Features, fit, sigmoid
from dingmi.engines.suggest.likeness import likeness, taken
from dingmi.engines.suggest.lookup import looked_up
from dingmi.engines.suggest.normalise import units_of
from dingmi.engines.suggest.precedents import likeness as likeness_to
from dingmi.engines.suggest.review import ReviewModel
from dingmi.engines.suggest.rows import item_from_row, source_from_row
from dingmi.engines.suggest.sources import SourceIndex
from dingmi.engines.suggest.types import SuggestItem

Row = Mapping[str, Any]
Rows = Sequence[Row]
Steps = Callable[[Iterable[Row]], Iterable[Row]]
_KEY = b"a trial needs no secret key"
_RANKED, _FOLDS = 100, 5
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_NAME_IS, _MASK = 0.9, "name"  # share of its uses in which a name is written with a capital; what stands in its place


def background(public: Rows) -> Boilerplate:
    """What is learnt from texts known to everyone (with ``df``, counted so)."""
    known = Boilerplate()
    for row in public:
        known.learn(str(row["text"]), weight=int(row.get("df", 1)))
    return known


def reuse(queries: Rows, sources: Rows, known: Boilerplate, steps: Steps = iter) -> list[dict[str, Any]]:
    """Passages of each query that stand in a source, with what is ``known`` to be common language."""
    index = SourceIndex(_KEY)
    for row in sources:
        index.add(source_from_row(row))
    texts = {str(row["id"]): str(row["text"]) for row in sources}
    silent = GuideIndex([])
    predicted = []
    for row in steps(queries):
        found = suggest(str(row["text"]), (), silent, index, texts.get, boilerplate=known).reused
        spans = [
            {
                "off": one.draft.start,
                "len": len(one.draft),
                "src": one.source_id,
                "src_off": one.source.start,
                "src_len": len(one.source),
                "kind": one.kind,
                "score": one.score,
            }
            for one in found
        ]
        predicted.append({"id": row["id"], "spans": spans})
    return predicted


def guide(queries: Rows, pool: Rows, precedents: Rows = (), steps: Steps = iter) -> list[dict[str, Any]]:
    """Items of ``pool`` for each query, best first; ``precedents`` are texts that were decided under an ``item``."""
    index = GuideIndex(
        SuggestItem(
            str(r["id"]),
            str(r.get("law", "")),
            str(r.get("article", "")),
            str(r["text"]),
            "",
            sector=str(r.get("sector", "")),
        )
        for r in pool
    )
    sources, known = SourceIndex(_KEY), Boilerplate()
    for row in precedents:
        sources.add(source_from_row(row))
    decided = {str(row["id"]): str(row["item"]) for row in precedents}
    predicted = []
    for row in steps(queries):
        near = likeness_to(looked_up(units_of(str(row["query"])), sources, known), sources, decided)
        ranked = index.rank(str(row["query"]), _RANKED, near)
        predicted.append({"id": row["id"], "ranked": [name for name, _ in ranked]})
    return predicted


def public(documents: Rows, items: Rows, steps: Steps = iter) -> list[dict[str, Any]]:
    """Whether the engine names a guide item for a text that is public by definition."""
    index, none = GuideIndex([item_from_row(row) for row in items]), SourceIndex(_KEY)
    return [
        {"id": row["id"], "flagged": bool(suggest(str(row["text"]), (), index, none, lambda _: None).candidates)}
        for row in steps(documents)
    ]


def review(records: Rows, decided: Rows) -> list[dict[str, Any]]:
    """Score of each record, learnt from records ``decided`` before, oldest first."""
    model = ReviewModel(
        [str(row["text"]) for row in decided],
        [bool(row["nat_sec"]) for row in decided],
        [float(row.get("weight", 1.0)) for row in decided],
    )
    scores = model.scores([str(row["text"]) for row in records])
    return [{"id": row["id"], "score": score} for row, score in zip(records, scores, strict=True)]


def masked(records: Rows, decided: Rows) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The records, and those ``decided`` before, without names: do the figures rest on who and where alone?

    A name is a word that the decided records write with a capital nine times in ten, or a capitalised one not seen there.
    """
    uses: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    for row in decided:
        for word in _WORD.findall(str(row["text"])):
            uses[word.lower()] += 1
            capitals[word.lower()] += word[0].isupper()

    def mask(found: re.Match[str]) -> str:
        word = found.group()
        seen, high = uses[word.lower()], capitals[word.lower()]
        is_name = high >= _NAME_IS * seen if seen else word[0].isupper()
        return _MASK if is_name else word

    first, second = (
        [{**row, "text": _WORD.sub(mask, str(row["text"]))} for row in part] for part in (records, decided)
    )
    return first, second


def level(records: Rows, decided: Rows) -> list[dict[str, Any]]:
    """Level of each record. When the records are the decided ones, each is judged by what was learnt from the others."""
    if [row["id"] for row in records] != [row["id"] for row in decided]:
        return _levels(records, decided)
    folds = [zlib.crc32(str(row["id"]).encode()) % _FOLDS for row in records]
    predicted = []
    for fold in range(_FOLDS):
        inside = [row for row, at in zip(records, folds, strict=True) if at == fold]
        outside = [row for row, at in zip(records, folds, strict=True) if at != fold]
        predicted.extend(_levels(inside, outside) if inside else [])
    return predicted


def _levels(records: Rows, decided: Rows) -> list[dict[str, Any]]:
    texts = [str(row["text"]) for row in decided]
    truth = [str(row.get("level3") or row["level"]) for row in decided]
    features = Features(texts)
    known, asked = features.rows(texts), features.rows([str(row["text"]) for row in records])
    scores = {}
    for name in sorted(set(truth)):
        is_it = np.array([one == name for one in truth], np.float64)
        counts = np.where(is_it > 0, (1 - is_it).sum() / max(1.0, is_it.sum()), 1.0)
        weights, constant = fit(known, len(features), is_it, counts, 1e-4)
        scores[name] = sigmoid(asked.times(weights) + constant)
    predicted = []
    for place, row in enumerate(records):
        said = {name: float(values[place]) for name, values in scores.items()}
        predicted.append({"id": row["id"], "level": max(said, key=lambda name: said[name]), "level_scores": said})
    return predicted


def human(rows: Rows) -> list[dict[str, Any]]:
    """How much of each text was taken from its source."""
    return [{"id": row["id"], "score": taken(str(row["text"]), str(row["source"]))} for row in rows]


def pairs(rows: Rows) -> list[dict[str, Any]]:
    """How alike two sentences are."""
    return [{"id": row["id"], "score": likeness(str(row["a"]), str(row["b"]))} for row in rows]
