"""P15 as the pages show it: cases on the road to an office, and one case with every step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import clock, facts_appointment, standing
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.rows import place_of
from dingmi.records.officers.appointments import Appointment

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case: who, for what, how far."""

    id: UUID
    person: UUID
    name: str
    post: str
    kind: str
    tier: str
    max_level: str
    derives_only: bool
    state: str
    nominated_on: date
    awaits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the road; ``at`` is nothing while it is to come."""

    name: str
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case with its steps and what the commission would stand on today."""

    line: CaseLine
    matters: str
    reasons: str
    steps: tuple[Step, ...]
    trained_through: date | None
    qualified: str
    clearance: str
    closed_reason: str
    version: str


def _line(row: Appointment, now: datetime) -> CaseLine:
    awaits = {
        "nominated": ("vet",),
        "vetted": ("train",),
        "trained": ("commission",),
    }.get(row.state, ())
    if row.state in ("commissioned", "active"):
        awaits = (*(() if row.published_on else ("publish",)), *(() if row.filed_on else ("file",)))
    return CaseLine(
        id=row.pk,
        person=row.person_id,
        name=row.person.name,
        post=place_of(row.person.department.name if row.person.department else "", row.person.post),
        kind=row.kind,
        tier=row.tier,
        max_level=standing.organ_authority(now) if row.kind == standing.BY_LAW else row.max_level,
        derives_only=row.derives_only,
        state=row.state,
        nominated_on=row.nominated_at.date(),
        awaits=awaits,
    )


@query("officers.cases", roles=READERS, clauses=("QA-9", "ZX-15"))
def officers_cases(*, actor: Actor, now: datetime) -> tuple[CaseLine, ...]:
    """Cases of appointment, those with something to do first, then the newest."""
    rows = Appointment.objects.filter(person__organ_id=actor.organ_id).select_related("person__department")
    lines = [_line(r, now) for r in rows.order_by("-nominated_at", "-pk")[:300]]
    return tuple(sorted(lines, key=lambda c: not c.awaits))


@query("officers.case", roles=READERS)
def officers_case(*, actor: Actor, now: datetime, case: UUID) -> CasePage:
    """One case of appointment.

    Raises:
        NotFound: There is none.
    """
    rows = Appointment.objects.filter(person__organ_id=actor.organ_id).select_related("person", "nominated_by")
    row = rows.filter(pk=case).first()
    if row is None:
        raise NotFound("object.not_found")
    until = standing.trained_until(row.person_id, now)
    both = row.published_on and row.filed_on
    told = (
        Step("published", facts_appointment.instant(row.published_on), ""),
        Step("filed", facts_appointment.instant(row.filed_on), row.filing_no),
    )
    by_law = (Step("active", row.since, row.instrument), *told)
    road = (
        Step("nominated", row.nominated_at, row.nominated_by.name),
        Step("vetted", row.vetted_at, row.vetting),
        Step("trained", row.trained_at, ""),
        Step("commissioned", row.commissioned_at, row.instrument),
        *told,
        Step("active", row.designation.since if row.designation and both else None, ""),
    )
    return CasePage(
        line=_line(row, now),
        matters="" if "*" in row.matters else "、".join(row.matters),
        reasons=row.reasons,
        steps=by_law if row.kind == standing.BY_LAW else road,
        trained_through=clock.last_day(until) if until and until > now else None,
        qualified=standing.qualified(row.person_id, now),
        clearance=standing.clearance(row.person_id, now),
        closed_reason=row.closed_reason,
        version=version_of(row),
    )
