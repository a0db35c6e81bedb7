"""Figures of merit on labelled sets: spans of reuse (Potthast et al. 2010), rankings of items, silence on public texts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_DEPTHS = (1, 5, 10, 20, 50)


def evaluate(task: str, gold: Sequence[Row], predictions: Sequence[Row]) -> dict[str, float]:
    """Score predictions against gold rows joined by ``id``; a row without a prediction counts as empty.

    Args:
        task: ``reuse`` (rows with ``spans`` of ``off``, ``len``, ``src``, and ``kind`` in gold), ``guide`` (gold ids in
            ``gold``, predicted ids in ``ranked``; what stands before ``|`` is the guide) or ``public`` (predictions
            with ``flagged``).
        gold: Labelled rows.
        predictions: Predicted rows.

    Raises:
        ValueError: the task is unknown.
    """
    known = {str(row["id"]): row for row in predictions}
    joined: list[tuple[Row, Row]] = [(row, known.get(str(row["id"]), {})) for row in gold]
    if task == "reuse":
        return _reuse(joined)
    if task == "guide":
        return _guide(joined)
    if task == "public":
        flagged = sum(bool(row.get("flagged")) for _, row in joined)
        return {"docs": float(len(joined)), "flagged": flagged / max(1, len(joined))}
    raise ValueError(f"unknown task {task!r}")


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


def _reuse(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
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
    recall, precision = _mean(recalls), _mean(precisions)
    granularity = _mean(detections) if detections else 1.0
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    figures = {
        "docs": float(len(joined)),
        "spans": float(len(recalls)),
        "plagdet": both / math.log2(1 + granularity),
        "precision": precision,
        "recall": recall,
        "granularity": granularity,
        "clean_docs": float(clean),
        "clean_docs_flagged": flagged / max(1, clean),
    }
    figures.update({f"recall[{kind}]": _mean(shares) for kind, shares in sorted(by_kind.items())})
    return figures


def _guide(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    figures = {"n": float(len(joined))}
    for name, whole in (("item", True), ("law", False)):
        places = [_place(wanted["gold"], given.get("ranked", ()), whole) for wanted, given in joined]
        for depth in _DEPTHS:
            figures[f"{name}_recall@{depth}"] = _mean([place <= depth for place in places])
        figures[f"{name}_mrr20"] = _mean([1 / place if place <= 20 else 0.0 for place in places])
    return figures


def _place(gold: Sequence[str], ranked: Sequence[str], whole: bool) -> float:
    wanted = {one if whole else one.split("|")[0] for one in gold}
    seen = dict.fromkeys(one if whole else one.split("|")[0] for one in ranked)
    return next((place for place, one in enumerate(seen, 1) if one in wanted), math.inf)


def _mean(values: Sequence[float]) -> float:
    return float(sum(values) / len(values)) if values else 0.0
