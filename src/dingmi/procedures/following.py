"""Decisions that a time-driven act has not looked at yet: in batches, each once, however late its transaction came."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef

from dingmi.procedures import sweep
from dingmi.records.matters.assist import Followed
from dingmi.records.matters.models import Decision


def new_decisions(act: str, *acts: str) -> list[Decision]:
    """Return the next decisions for ``act``; of certain ``acts`` alone, where any is named."""
    seen = Followed.objects.filter(act=act, matter=OuterRef("matter"), number__gte=OuterRef("number"))
    rows = Decision.objects.filter(~Exists(seen))
    if acts:
        rows = rows.filter(act__in=acts)
    return list(rows.select_related("matter", "proposal").order_by("at", "pk")[: sweep.BATCH])


def followed(act: str, decisions: Iterable[Decision]) -> None:
    """Note that ``decisions`` were looked at."""
    latest: dict[UUID, int] = {}
    for decision in decisions:
        latest[decision.matter_id] = max(decision.number, latest.get(decision.matter_id, 0))
    for matter, number in latest.items():
        Followed.objects.update_or_create(act=act, matter_id=matter, defaults={"number": number})
