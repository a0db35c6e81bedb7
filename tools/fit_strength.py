#!/usr/bin/env python3
"""Fit the score of reused passages: fit_strength.py [CORPUS] [--out strength.json]

CORPUS is a folder with reuse-dev/zh, reuse-dev/en and public-docs-zh (../shared/corpus beside the repository unless told); these
sets do not come with the product, and nothing of them is written but means, deviations and weights. Every draft is compared with
every source in four situations: beside related public texts, beside unrelated ones, beside none, and in English. Figures are told
for each, held out (four folds by draft) and as fitted on all; the same sets always give the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dingmi.engines.suggest import reuse, strength
from dingmi.engines.suggest.evaluate import evaluate
from dingmi.engines.suggest.grams import Hasher
from dingmi.engines.suggest.learner import Numbers, minimise, sigmoid
from dingmi.engines.suggest.lookup import knows
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.rows import source_from_row
from dingmi.engines.suggest.sources import SourceIndex
from dingmi.engines.suggest.trial import background
from dingmi.engines.suggest.types import DEFAULT_LIMITS
from dingmi.interfaces.cli.assist import rows_of

HERE = Path(__file__).resolve().parent.parent
SHIPPED = HERE / "src/dingmi/engines/suggest/strength.json"
NEEDED = (
    *(f"reuse-dev/{part}/{name}" for part in ("zh", "en") for name in ("sources", "queries", "gold")),
    "reuse-dev/zh/boilerplate",
    "public-docs-zh/docs",
)
FOLDS, RIDGE = 4, 3e-3
INSIDE, REACHED = 0.5, 0.3  # a region is reuse that lies half in a copied passage and covers three tenths of it
UNRELATED = 0.05  # share of the runs of twelve of a public text that may stand in a source or draft
_KEY = b"a trial needs no secret key"

Row = dict[str, Any]
Rows = list[Row]
Scores = Callable[["Draft"], Numbers]


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft in one situation: its regions with their measures, and which of them are reuse."""

    row: Row
    units: Units
    found: list[reuse.Found]
    measures: Numbers
    is_known: bool
    is_reuse: Numbers

    @property
    def fold(self) -> int:
        return zlib.crc32(str(self.row["id"]).encode()) % FOLDS


class Situation:
    """Drafts and sources beside what is known to be public."""

    def __init__(self, name: str, queries: Rows, sources: Rows, gold: Rows, public: Rows) -> None:
        self.name, self.gold = name, gold
        self.index, self.known = SourceIndex(_KEY), background(public)
        for row in sources:
            self.index.add(source_from_row(row))
        self.texts = {str(row["id"]): str(row["text"]) for row in sources}
        wanted = {str(row["id"]): row["spans"] for row in gold}
        self.drafts = [self._draft(row, wanted[str(row["id"])]) for row in queries]

    def _draft(self, row: Row, wanted: Rows) -> Draft:
        units = units_of(str(row["text"]))
        found = reuse.all_regions(units, self.index, self.texts.get, self.known, DEFAULT_LIMITS)
        measures = strength.measures([f.region for f in found], [f.source_id for f in found])
        places = [(int(units.starts[f.region.draft[0]]), int(units.ends[f.region.draft[1] - 1])) for f in found]
        is_reuse = [float(_is_reuse(place, f.source_id, wanted)) for place, f in zip(places, found, strict=True)]
        return Draft(row, units, found, measures, knows(self.known, units), np.array(is_reuse))

    def figures(self, scores: Scores) -> dict[str, float]:
        """What the whole engine reaches with these scores."""
        said = []
        for draft in self.drafts:
            scored = [replace(f, score=float(s)) for f, s in zip(draft.found, scores(draft), strict=True)]
            kept = reuse.shown(scored, draft.is_known, DEFAULT_LIMITS)
            text = str(draft.row["text"])
            told = reuse.settle(kept, text, draft.units, self.index, self.texts.get, DEFAULT_LIMITS)
            spans = [{"off": t.draft.start, "len": len(t.draft), "src": t.source_id} for t in told]
            said.append({"id": draft.row["id"], "spans": spans})
        return evaluate("reuse", self.gold, said)


def _is_reuse(place: tuple[int, int], source: str, wanted: Rows) -> bool:
    """Whether enough of a region lies in a passage copied from its source, and reaches enough of it."""
    start, end = place
    for span in wanted:
        shared = min(end, span["off"] + span["len"]) - max(start, span["off"])
        if span["src"] == source and shared >= INSIDE * (end - start) and shared >= REACHED * span["len"]:
            return True
    return False


def unrelated(public: Rows, others: Rows) -> Rows:
    """The public texts that share hardly any run of twelve units with ``others``."""
    hasher = Hasher(_KEY)

    def runs(row: Row) -> Any:
        halves = hasher.grams(hasher.units(units_of(str(row["text"]))), 6)
        return np.unique(halves[:-6] * np.uint64(0x9E3779B97F4A7C15) ^ halves[6:])

    held = np.unique(np.concatenate([runs(row) for row in others]))
    kept = []
    for row in public:
        mine = runs(row)
        if len(mine) and (held[np.minimum(np.searchsorted(held, mine), len(held) - 1)] == mine).mean() < UNRELATED:
            kept.append(row)
    return kept


def situations(corpus: Path) -> Iterator[Situation]:
    """The four situations, one after the other."""

    def rows(name: str) -> Rows:
        return rows_of(next(p for e in (".jsonl", ".jsonl.gz") if (p := corpus / f"{name}{e}").is_file()))

    public, formulas = rows("public-docs-zh/docs"), rows("reuse-dev/zh/boilerplate")
    zh, en = ([rows(f"reuse-dev/{part}/{name}") for name in ("queries", "sources", "gold")] for part in ("zh", "en"))
    yield Situation("zh, related public texts", *zh, formulas + public)
    yield Situation("zh, unrelated public texts", *zh, formulas + unrelated(public, zh[0] + zh[1]))
    yield Situation("zh, no public texts", *zh, [])
    yield Situation("en", *en, [])


def fitted(drafts: list[Draft]) -> Row:
    """Mean, deviation, constant and weights of the ridge logistic regression over regions that may be shown."""
    apart = [np.array([f.region.mass >= strength.SHOWN_MASS for f in d.found], np.bool_) for d in drafts]
    measures = np.concatenate([d.measures[kept] for d, kept in zip(drafts, apart, strict=True)])
    truth = np.concatenate([d.is_reuse[kept] for d, kept in zip(drafts, apart, strict=True)])
    mean, deviation = measures.mean(axis=0), measures.std(axis=0)
    deviation = np.where(deviation > 1e-9, deviation, 1.0)
    columns = strength.expanded(measures, mean, deviation)

    def loss(point: Numbers) -> tuple[float, Numbers]:
        margin = columns @ point[:-1] + point[-1]
        slope = (sigmoid(margin) - truth) / len(truth)
        value = float((np.logaddexp(0, margin) - truth * margin).mean()) + RIDGE / 2 * float(point[:-1] @ point[:-1])
        return value, np.append(columns.T @ slope + RIDGE * point[:-1], slope.sum())

    point = minimise(loss, np.zeros(columns.shape[1] + 1))
    return {
        "mean": _short(mean),
        "deviation": _short(deviation),
        "constant": _short(point[-1:])[0],
        "weights": _short(point[:-1]),
    }


def _short(values: Numbers) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def both(drafts: list[Draft]) -> Row:
    """A model for drafts whose subject the public texts speak of, and one for the others."""
    return {
        "names": list(strength.NAMES),
        "known": fitted([d for d in drafts if d.is_known and d.found]),
        "unknown": fitted([d for d in drafts if not d.is_known and d.found]),
    }


def scorer(model: Row) -> Scores:
    """Scores of the regions of a draft by a fitted file."""
    known, unknown = strength.Model(model["known"]), strength.Model(model["unknown"])
    return lambda draft: (known if draft.is_known else unknown).scores(draft.measures) if draft.found else np.zeros(0)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=HERE.parent / "shared/corpus")
    parser.add_argument(
        "--out", type=Path, help="write the coefficients here; without it they are held against the shipped ones"
    )
    asked = parser.parse_args(arguments)
    missing = [n for n in NEEDED if not any((asked.corpus / f"{n}{e}").is_file() for e in (".jsonl", ".jsonl.gz"))]
    if missing:
        print(f"nothing was fitted: {asked.corpus} has no {', '.join(missing)} (.jsonl or .jsonl.gz)", file=sys.stderr)
        return 5
    every = list(situations(asked.corpus))
    drafts = [draft for one in every for draft in one.drafts]
    model = both(drafts)
    apart = [scorer(both([d for d in drafts if d.fold != fold])) for fold in range(FOLDS)]
    for one in every:
        for told, scores in (("held out", lambda d: apart[d.fold](d)), ("as fitted", scorer(model))):
            figures = {name: round(value, 4) for name, value in one.figures(scores).items()}
            print(json.dumps({"situation": one.name, "scores": told, **figures}))
    text = json.dumps(model) + "\n"
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")
    else:
        print("as shipped" if json.loads(SHIPPED.read_text("utf-8")) == model else "not as shipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
