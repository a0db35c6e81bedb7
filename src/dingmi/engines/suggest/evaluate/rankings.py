"""Whether the right item stands high enough, and whether public texts stay unflagged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_DEPTHS = (1, 5, 10, 20, 50)


def figures(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Recall at several depths; gold ids in ``gold``, predicted ones in ``ranked``; before ``|`` stands the guide."""
    found = {"n": float(len(joined))}
    for name, whole in (("item", True), ("law", False)):
        places = [_place(wanted["gold"], given.get("ranked", ()), whole) for wanted, given in joined]
        for depth in _DEPTHS:
            found[f"{name}_recall@{depth}"] = mean([place <= depth for place in places])
        found[f"{name}_mrr20"] = mean([1 / place if place <= 20 else 0.0 for place in places])
    return found


def silence(joined: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    """Share of public documents that were ``flagged`` all the same."""
    return {"docs": float(len(joined)), "flagged": mean([bool(row.get("flagged")) for _, row in joined])}


def _place(gold: Sequence[str], ranked: Sequence[str], whole: bool) -> float:
    wanted = {one if whole else one.split("|")[0] for one in gold}
    seen = dict.fromkeys(one if whole else one.split("|")[0] for one in ranked)
    return next((place for place, one in enumerate(seen, 1) if one in wanted), math.inf)


def mean(values: Sequence[float]) -> float:
    """The mean, or 0 of nothing."""
    return float(sum(values) / len(values)) if values else 0.0
