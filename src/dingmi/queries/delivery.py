"""送达台：which notices have not reached their recipients, and the evidence for those that have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.queries import access, numbers
from dingmi.queries.registry import query
from dingmi.records.notices.models import Deadline, Notice

EXTENSION_NOTICE = "extension_notice"  # the limit by which those who know a matter are told that it is protected longer
LENGTHENED = ("matter.extended", "matter.changed", "dispute.decided")  # notices that may say so
CODES = (
    *LENGTHENED,
    "matter.released",
    "matter.voided_notice",
    "matter.succeeded",
    "matter.suggestion",
)
SHOWN = 200


def undelivered(matter: UUID | OuterRef, decided_on: date | OuterRef) -> QuerySet[Notice]:
    """Return the notices of a longer protection decided on a day that have reached nobody yet."""
    found: QuerySet[Notice] = Notice.objects.filter(
        matter_id=matter,
        code__in=LENGTHENED,
        must_acknowledge=True,
        created_at__date=decided_on,
        delivered_at__isnull=True,
        acknowledged_at__isnull=True,
    ).select_related("organ", "person")
    return found


def recipient(notice: Notice) -> str:
    """Return the name of the organ or person that a notice is for."""
    to = notice.organ or notice.person
    return to.name if to else ""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One notice and its recipient."""

    notice: UUID
    matter: UUID
    label: str
    level: str
    is_content: bool
    words: str
    recipient: str
    is_organ: bool
    sent_on: date
    deliver_by: date | None
    is_red: bool
    delivered_at: datetime | None
    means: str
    evidence: str
    acknowledged_at: datetime | None
    remarked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What is to be delivered, the red ones first, and what has been."""

    open: tuple[DeliveryRow, ...]
    done: tuple[DeliveryRow, ...]
    red: int


@query("notices.deliveries", roles=(Role.OFFICER, Role.SECRECY_OFFICE, Role.DRAFTER))
def deliveries(*, actor: Actor, now: datetime, matter: UUID | None = None) -> Deliveries:
    """Return the notices about matters of which the reader may know, by recipient, with what proves their delivery."""
    today = now.date()
    wanted = Notice.objects.filter(code__in=CODES, must_acknowledge=True, matter_id__isnull=False)
    if matter is not None:
        wanted = wanted.filter(matter_id=matter)
    waiting = wanted.filter(delivered_at__isnull=True, acknowledged_at__isnull=True)
    open_ = list(waiting.select_related("organ", "person").order_by("created_at", "pk")[: SHOWN * 2])
    done = wanted.exclude(pk__in=waiting.values("pk")).select_related("organ", "person").order_by("-created_at", "-pk")
    rows = [*open_, *done[:SHOWN]]
    known = {m.pk: m for m in access.existing(actor, now).filter(pk__in={n.matter_id for n in rows})}
    running = Deadline.objects.filter(name=EXTENSION_NOTICE, done_at__isnull=True, matter_id__in=known)
    limits = {(d.matter_id, d.starts_on): d.due_on for d in running}
    made = [
        _row(n, known[n.matter_id], limits.get((n.matter_id, n.created_at.date())), today, actor.language)
        for n in rows
        if n.matter_id in known
    ]
    left = sorted((r for r in made if not r.delivered_at and not r.acknowledged_at), key=_nearest)
    ended = tuple(r for r in made if r.delivered_at or r.acknowledged_at)
    return Deliveries(tuple(left[:SHOWN]), ended, sum(r.is_red for r in left))


def _nearest(row: DeliveryRow) -> tuple[bool, date, date]:
    return (not row.is_red, row.deliver_by or date.max, row.sent_on)


def _row(notice: Notice, matter: Any, due_on: date | None, today: date, language: str) -> DeliveryRow:
    by = due_on if notice.code in LENGTHENED else None
    open_ = notice.delivered_at is None and notice.acknowledged_at is None
    return DeliveryRow(
        notice=notice.pk,
        matter=matter.pk,
        label=numbers.shown(matter.pk, matter.register_no),
        level=matter.level,
        is_content=bool(matter.is_content),
        words=messages.render(Finding(notice.code, "note", (), notice.params), language).text,
        recipient=recipient(notice),
        is_organ=notice.organ_id is not None,
        sent_on=notice.created_at.date(),
        deliver_by=by,
        is_red=bool(open_ and by and by <= today),
        delivered_at=notice.delivered_at or notice.acknowledged_at,
        means=notice.delivery,
        evidence=notice.evidence,
        acknowledged_at=notice.acknowledged_at,
        remarked_at=notice.remarked_at,
    )
