"""Decisions that a time-driven act has not looked at yet: in batches, each once, however late its transaction came.

The log is the queue: a day asks only the matters that its new entries are about, in the order of their places, which a late
transaction gets when it comes. Once a month, and the first time, every decision is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet

from dingmi.procedures import sweep
from dingmi.records.ledger.models import Entry, Sequence
from dingmi.records.matters.assist import Followed
from dingmi.records.matters.models import Decision

STRETCH = 2000  # places of the log that one batch looks through
_MATTER = "matter:"


def new_decisions(act: str, now: datetime, *acts: str) -> tuple[list[Decision], bool]:
    """Return the next decisions for ``act`` and whether more may be due; of certain ``acts`` alone, where any is named."""
    mark, size = sweep.place(act, "log"), _places()
    seen = Followed.objects.filter(act=act, matter=OuterRef("matter"), number__gte=OuterRef("number"))
    rows = Decision.objects.filter(~Exists(seen))
    if acts:
        rows = rows.filter(act__in=acts)
    is_whole = mark.done_at is None or (mark.done_at.year, mark.done_at.month) != (now.year, now.month)
    until = size if is_whole else min(mark.upto + STRETCH, size)
    if not is_whole:
        rows = rows.filter(matter__in=_matters(mark.upto, until))
    found = list(rows.select_related("matter", "proposal").order_by("at", "pk")[: sweep.BATCH])
    if len(found) == sweep.BATCH:
        return found, True
    mark.upto, mark.done_at = until, now if is_whole else mark.done_at
    mark.save()
    return found, until < size


def _places() -> int:
    last = Sequence.objects.aggregate(last=Max("seq"))["last"]
    return 0 if last is None else int(last) + 1


def _matters(since: int, until: int) -> set[UUID]:
    """Return the matters that the entries at these places of the log are about."""
    places: QuerySet[Sequence] = Sequence.objects.filter(seq__gte=since, seq__lt=until)
    about = Entry.objects.filter(pk__in=places.values("entry_id"), stream__startswith=_MATTER)
    return {UUID(stream.removeprefix(_MATTER)) for stream in about.values_list("stream", flat=True).distinct()}


def followed(act: str, decisions: Iterable[Decision]) -> None:
    """Note that ``decisions`` were looked at."""
    latest: dict[UUID, int] = {}
    for decision in decisions:
        latest[decision.matter_id] = max(decision.number, latest.get(decision.matter_id, 0))
    for matter, number in latest.items():
        Followed.objects.update_or_create(act=act, matter_id=matter, defaults={"number": number})
