"""承继: the matters that we answer for and could hand on, and the successions registered so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, numbers, standing
from dingmi.queries.affairs import Named
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, page_of, rows_of
from dingmi.records.matters.life import Succession
from dingmi.records.organs.models import Department, Organ

KEEPERS = (Role.SECRECY_OFFICE, Role.HEAD)
LIVE = ("active", "referred", "declassified")
SHOWN = 200


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
class SuccessionPage:
    """What can be handed on, from one department or all of them, and what was."""

    rows: tuple[MatterRow, ...]
    more: bool
    department: UUID | None
    departments: tuple[Named, ...]
    organs: tuple[Named, ...]
    handed: tuple[Handed, ...]


@query("succession", roles=KEEPERS, clauses=("TL-23",))
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
