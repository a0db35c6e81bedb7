"""承继: the matters that we answer for and could hand on, and the successions registered so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, numbers, standing
from dingmi.queries.affairs import Named
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, mark_of, page_of, rows_of
from dingmi.records.matters.life import Handover, Succession
from dingmi.records.organs.models import Department, Organ

KEEPERS = (Role.SECRECY_OFFICE, Role.HEAD)
LIVE = ("active", "referred", "declassified")
SHOWN = 200
LINES = 300  # matters of one handover, so that its list can be printed


@dataclass(frozen=True, slots=True)
class Handed:
    """One matter handed on, or to be handed on, to another organ."""

    number: str
    to: str
    situation: str
    ground: str
    instrument: str
    effective_on: date
    in_effect: bool


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One matter whose copies are to be handed over."""

    matter: UUID
    number: str
    mark: str
    copies: int
    since: date  # the organ answers for it from this day on


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one organ has still to be given."""

    organ: UUID
    name: str
    matters: int
    copies: int


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One handover of copies."""

    id: UUID
    to: str
    on: date
    copies: int
    receipt: str
    received_by: str


@dataclass(frozen=True, slots=True)
class SuccessionPage:
    """What can be handed on, from one department or all of them, and what was."""

    rows: tuple[MatterRow, ...]
    more: bool
    department: UUID | None
    departments: tuple[Named, ...]
    organs: tuple[Named, ...]
    handed: tuple[Handed, ...]
    waiting: tuple[Waiting, ...]
    handovers: tuple[HandoverRow, ...]


@query("succession", roles=KEEPERS, clauses=("TL-23", "CS-60"))
def succession(*, actor: Actor, now: datetime, department: UUID | None = None) -> SuccessionPage:
    """Matters that we answer for and that are in no pending succession, and the successions so far. 承继机关。"""
    rows = access.existing(actor, now).filter(standing.OURS, state__in=LIVE)
    rows = rows.exclude(successions__in=Succession.objects.filter(in_effect_at__isnull=True))
    if department is not None:
        rows = rows.filter(department=department)
    page = page_of(rows, SHOWN + 1, "department__order", "register_no", "pk")
    units = Department.objects.filter(organ_id=actor.organ_id).order_by("order", "name", "pk")
    return SuccessionPage(
        rows=rows_of(page[:SHOWN], now.date()),
        more=len(page) > SHOWN,
        department=department,
        departments=tuple(Named(d.pk, d.name, d.pk == department) for d in units),
        organs=tuple(Named(o.pk, o.name, o.is_home) for o in Organ.objects.order_by("-is_home", "name", "pk")),
        handed=_handed(actor, now),
        waiting=_waiting(actor, now),
        handovers=tuple(
            HandoverRow(h.pk, h.to_organ.name, h.on, h.copies, h.receipt, h.received_by)
            for h in Handover.objects.select_related("to_organ").order_by("-on", "-at", "-pk")[:SHOWN]
        ),
    )


def _handed(actor: Actor, now: datetime) -> tuple[Handed, ...]:
    known = access.existing(actor, now).values("pk")
    rows = Succession.objects.filter(matter__in=known).select_related("matter", "to_organ")
    return tuple(
        Handed(
            numbers.shown(s.matter.pk, s.matter.register_no),
            s.to_organ.name,
            s.situation,
            s.ground,
            s.instrument,
            s.effective_on,
            s.in_effect_at is not None,
        )
        for s in rows.order_by("-effective_on", "matter__register_no", "pk")[:SHOWN]
    )


def waiting_copies(actor: Actor, now: datetime) -> dict[UUID, tuple[CopyLine, ...]]:
    """Return by organ the matters that it answers for now and whose copies are still with us, one handover's worth."""
    known = access.existing(actor, now).filter(handovers__isnull=True).values("pk")
    rows = Succession.objects.filter(matter__in=known, in_effect_at__isnull=False, to_organ__is_home=False)
    rows = rows.filter(matter__successor=F("to_organ")).select_related("matter").annotate(n=Count("matter__carriers"))
    found: dict[UUID, list[CopyLine]] = {}
    for s in rows.filter(n__gt=0).order_by("matter__register_no", "matter_id"):
        of_organ = found.setdefault(s.to_organ_id, [])
        if len(of_organ) < LINES:
            number = numbers.shown(s.matter_id, s.matter.register_no)
            of_organ.append(CopyLine(s.matter_id, number, mark_of(s.matter), s.n, s.effective_on))
    return {organ: tuple(lines) for organ, lines in found.items()}


def _waiting(actor: Actor, now: datetime) -> tuple[Waiting, ...]:
    found = waiting_copies(actor, now)
    names = dict(Organ.objects.filter(pk__in=found).values_list("pk", "name"))
    made = (Waiting(pk, names[pk], len(lines), sum(x.copies for x in lines)) for pk, lines in found.items())
    return tuple(sorted(made, key=lambda w: w.name))
