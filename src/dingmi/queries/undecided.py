"""What was proposed about matters in force and waits for an officer, and the day by which what waits is to be decided (policy)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, limits, standing
from dingmi.records.matters.models import Matter, Proposal
from dingmi.records.notices.models import Deadline


def changes(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Return what another proposed about matters in force that the officer may read, each with its ``limit``; the first due first."""
    if not actor.holds(Role.OFFICER):
        return Proposal.objects.none()
    seen = access.visible(actor, now).filter(pk=OuterRef("matter"))
    found = standing.pending(limits.CHANGES).filter(Exists(seen)).exclude(drafter_id=UUID(actor.person_id))
    rows: QuerySet[Any] = found.annotate(limit=day("matter")).order_by(F("limit").asc(nulls_last=True), "at", "pk")
    return rows


def day(matter: str = "pk", *names: str) -> Subquery:
    """Return the day by which what waits of a matter is to be decided, to annotate rows that hold it as ``matter``."""
    return Subquery(_days(OuterRef(matter), *names)[:1])


def due_on(matter: Matter) -> date | None:
    """Return the day by which what waits of a matter is to be decided; None where nothing does, or no calendar is loaded."""
    found: date | None = _days(matter.pk).first()
    return found


def _days(matter: Any, *names: str) -> QuerySet[Any]:
    """Return the days of the limits of a matter that run, the first due first."""
    running = Deadline.objects.filter(name__in=names or limits.WAITING, done_at__isnull=True, matter_id=matter)
    return running.order_by("due_on", "pk").values_list("due_on", flat=True)
