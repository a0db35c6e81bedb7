"""Measures of reused spans by characters (Potthast et al. 2010): recall over cases, precision over detections."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from dingmi.engines.suggest.evaluate.rankings import mean

Row = Mapping[str, Any]


def _covered(span: Row, others: Sequence[Row]) -> int:
    """Characters of ``span`` inside the union of ``others`` that name the same source."""
    low, high = int(span["off"]), int(span["off"]) + int(span["len"])
    total, reached = 0, low
    for other in sorted((o for o in others if o["src"] == span["src"]), key=lambda o: int(o["off"])):
        start, end = max(reached, int(other["off"])), min(high, int(other["off"]) + int(other["len"]))
        if end > start:
            total += end - start
            reached = end
    return total


def figures(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Plagdet and its parts; rows have ``spans`` of ``off``, ``len``, ``src``, and ``kind`` in gold."""
    recalls: list[float] = []
    precisions: list[float] = []
    detections: list[int] = []
    by_kind: dict[str, list[float]] = defaultdict(list)
    clean = flagged = 0
    for wanted, given in joined:
        found: Sequence[Row] = given.get("spans", ())
        for span in wanted["spans"]:
            share = _covered(span, found) / max(1, int(span["len"]))
            recalls.append(share)
            by_kind[str(span.get("kind", ""))].append(share)
            touching = sum(_covered(span, [one]) > 0 for one in found)
            if touching:
                detections.append(touching)
        precisions.extend(_covered(one, wanted["spans"]) / max(1, int(one["len"])) for one in found)
        if not wanted["spans"]:
            clean += 1
            flagged += bool(found)
    recall, precision = mean(recalls), mean(precisions)
    granularity = mean(detections) if detections else 1.0
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    found_all = {
        "docs": float(len(joined)),
        "spans": float(len(recalls)),
        "plagdet": both / math.log2(1 + granularity),
        "precision": precision,
        "recall": recall,
        "granularity": granularity,
        "clean_docs": float(clean),
        "clean_docs_flagged": flagged / max(1, clean),
    }
    found_all.update({f"recall[{kind}]": mean(shares) for kind, shares in sorted(by_kind.items())})
    return found_all
