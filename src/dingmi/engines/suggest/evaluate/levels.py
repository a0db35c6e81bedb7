"""Measures of predicted levels; the classes are skewed, so plain accuracy says little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dingmi.engines.suggest.evaluate.rankings import mean
from dingmi.engines.suggest.evaluate.scores import auc

Row = Mapping[str, Any]
_ORDER = {"U": 0, "C": 1, "S": 2, "TS": 3}


def figures(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Gold ``level3`` (else ``level``), predicted ``level`` and, where known, ``level_scores`` by level."""
    truth = [str(g.get("level3") or g["level"]) for g, _ in joined]
    said = [str(p.get("level", "?")) for _, p in joined]
    classes = sorted(set(truth))
    recalls, f1s = [], []
    for name in classes:
        both = sum(t == s == name for t, s in zip(truth, said, strict=True))
        recalls.append(both / truth.count(name))
        f1s.append(2 * both / (truth.count(name) + said.count(name)))
    found = {
        "n": float(len(truth)),
        "accuracy": mean([t == s for t, s in zip(truth, said, strict=True)]),
        "balanced_accuracy": mean(recalls),
        "macro_f1": mean(f1s),
        "under": mean([_ORDER.get(s, 0) < _ORDER[t] for t, s in zip(truth, said, strict=True)]),
        "over": mean([_ORDER.get(s, 0) > _ORDER[t] for t, s in zip(truth, said, strict=True)]),
    }
    if joined and all("level_scores" in p for _, p in joined):
        found["auc_S_vs_rest"] = auc(
            [t == "S" for t in truth], [float(p["level_scores"].get("S", 0)) for _, p in joined]
        )
    return found
