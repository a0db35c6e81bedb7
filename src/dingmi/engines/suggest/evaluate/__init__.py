"""Figures of merit on labelled sets: spans of reuse, rankings of items, silence on public texts, scores of records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dingmi.engines.suggest.evaluate import levels, rankings, scores, spans

Row = Mapping[str, Any]
Joined = Sequence[tuple[Row, Row]]

FIGURES: Mapping[str, Callable[[Joined], dict[str, float]]] = {
    "reuse": spans.figures,
    "guide": rankings.figures,
    "public": rankings.silence,
    "review": scores.review,
    "level": levels.figures,
    "human": scores.human,
    "pairs": scores.pairs,
}


def evaluate(task: str, gold: Sequence[Row], predictions: Sequence[Row]) -> dict[str, float]:
    """Score predictions against gold rows joined by ``id``; a row without a prediction counts as empty.

    Args:
        task: One of ``FIGURES``; each function there says which fields it reads.
        gold: Labelled rows.
        predictions: Predicted rows.

    Raises:
        ValueError: the task is unknown.
    """
    if task not in FIGURES:
        raise ValueError(f"unknown task {task!r}")
    known = {str(row["id"]): row for row in predictions}
    return FIGURES[task]([(row, known.get(str(row["id"]), {})) for row in gold])
