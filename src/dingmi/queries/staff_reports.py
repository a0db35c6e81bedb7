"""涉密人员重大事项报告 as the pages show them: one's own; for the office everyone's, those without an answer first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.queries import standing
from dingmi.queries.registry import query
from dingmi.records.organs.models import Person
from dingmi.records.organs.staff import PersonalReport

KINDS = ("leak", "funding", "marriage", "residence", "abroad", "other")  # six, in the organ's own words (CS-45)
SHOWN = 500


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One reported event."""

    id: UUID
    name: str
    kind: str
    on: date
    words: str
    reported_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reports:
    """Events reported, and the cleared people for whom the office may report."""

    rows: tuple[ReportLine, ...]
    waiting: int
    may_report: bool
    people: tuple[tuple[str, str], ...]


def is_cleared(person: Person, now: datetime) -> bool:
    """Tell whether a person holds a secret post or a clearance."""
    return bool(person.post_category or standing.clearance(person.pk, now))


def cleared_among(people: QuerySet[Person], now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the id and name of those among people who hold a secret post or a clearance."""
    held = standing.cleared(now, person__in=people)
    return tuple((str(p.pk), p.name) for p in people.order_by("staff_no", "pk") if p.post_category or p.pk in held)


@query("personnel.reports", clauses=("CS-45",))
def personnel_reports(*, actor: Actor, now: datetime) -> Reports:
    """Personal events reported: one's own; the secrecy office sees everyone's of the organ, those to be answered first."""
    rows = PersonalReport.objects.filter(person__organ_id=actor.organ_id).select_related("person")
    keeps = actor.holds(Role.SECRECY_OFFICE)
    if not keeps:
        rows = rows.filter(person=actor.person_id or None)
    lines = [
        ReportLine(r.pk, r.person.name, r.kind, r.on, r.words, r.reported_at, r.answer, r.answered_at)
        for r in rows.order_by("-reported_at", "-pk")[:SHOWN]
    ]
    me = Person.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    here = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True)
    return Reports(
        rows=tuple(sorted(lines, key=lambda r: r.answered_at is not None)),
        waiting=sum(r.answered_at is None for r in lines),
        may_report=me is not None and is_cleared(me, now),
        people=cleared_among(here, now) if keeps else (),
    )
