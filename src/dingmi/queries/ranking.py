"""The orders learnt from decisions: read back and checked against their digest, and put to use on candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dingmi.engines.suggest.ranking import LEAST_CASES, Offer, Ranking
from dingmi.queries import content, versions
from dingmi.records.matters.assist import RankingModel
from dingmi.records.matters.models import Decision, Suggestion

ENGINE = "0"  # the number of the engine's own order
KIND = versions.Kind(
    "ranking",
    RankingModel,
    Ranking.from_text,
    LEAST_CASES,
    nothing="engine",
    altered="assist.ranking_altered",
    missing="assist.no_ranking",
    retired="assist.ranking_retired",
)


def suggestion_behind(decision: Decision) -> tuple[str, dict[str, Any]]:
    """Return engine and payload of the suggestion that the proposal of a decision was made on; empty without one."""
    proposal = decision.proposal
    rows = Suggestion.objects.filter(matter_id=decision.matter_id).order_by("-number")
    shown = rows.filter(at__lte=proposal.at).first() if proposal is not None else None
    return (shown.engine, json.loads(content.opened(shown, "payload_ct", shown.level))) if shown else ("", {})


def suggested_of(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a stored suggestion in the order in which they were suggested, shown or withheld."""
    return list(payload.get("withheld") or payload.get("candidates", ()))


def offers_of(payload: Mapping[str, Any]) -> tuple[Offer, ...]:
    """Return the items of a stored suggestion as the engine had them, whichever order was in use."""
    offers = (
        Offer(str(c["item"]), float(c.get("score", 0.0)), int(c.get("place", n)), len(c.get("missing", ())))
        for n, c in enumerate(suggested_of(payload), 1)
    )
    return tuple(sorted(offers, key=lambda o: o.place))


def put_in_order(candidates: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Return candidates in the order in use and its number (0: the engine's own); a chance only while it is calibrated.

    Raises:
        Tampered: The order was altered.
    """
    row = versions.serving(KIND)
    if row is None or not candidates:
        return list(candidates), 0
    ranking = versions.opened(KIND, row)
    offers = offers_of({"candidates": candidates})
    by_item = {c["item"]: c for c in candidates}
    chances = dict(zip((o.item for o in offers), ranking.chances(offers), strict=True))
    ordered = [by_item[o.item] for o in ranking.ordered(offers)]
    if ranking.is_calibrated:
        ordered = [{**c, "chance": round(chances[c["item"]], 4)} for c in ordered]
    return ordered, row.number
