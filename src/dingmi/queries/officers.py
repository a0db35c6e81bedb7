"""定密责任人名册: appointment, authority, training; those with a problem first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import facts_office, standing
from dingmi.queries.registry import query
from dingmi.records.matters.models import Decision
from dingmi.records.officers.models import Designation, Officer

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.OFFICER, Role.INSPECTOR)
KINDS = {"statutory": "法定", "designated": "指定"}


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """One officer in the register."""

    person: UUID
    name: str
    department: str
    post: str
    kind: str
    max_level: str
    matters: str
    instrument: str
    until: date | None
    trained_until: date | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Appointment:
    """One designation, or one delegation to the organ."""

    id: UUID | None
    instrument: str
    max_level: str
    since: date
    until: date | None
    ended: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """One training."""

    course: str
    hours: float
    completed: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Profile:
    """One officer's file."""

    row: OfficerRow
    appointments: tuple[Appointment, ...]
    courses: tuple[Course, ...]
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Officers:
    """The register of officers and the chosen profile."""

    rows: tuple[OfficerRow, ...]
    chosen: Profile | None
    organ_grants: tuple[Appointment, ...]
    year: int
    appraises: bool
    takes_over: bool


def _problems(held: standing.OfficerStanding, now: datetime) -> tuple[str, ...]:
    found = []
    if not held.max_level:
        found.append("no_designation")
    if held.suspended:
        found.append("suspended")
    if held.trained_until is None or held.trained_until <= now:
        found.append("training_lapsed")
    elif (held.trained_until - now).days <= 60:
        found.append("training_ends")
    return tuple(found)


def _row(officer: Officer, now: datetime) -> OfficerRow:
    person = officer.person
    held = standing.officer(person.pk, now)
    if held is None:
        raise NotFound()
    return OfficerRow(
        person=person.pk,
        name=person.name,
        department=person.department.name if person.department else "",
        post=person.post,
        kind=KINDS.get(officer.kind, officer.kind),
        max_level=held.max_level,
        matters="全部" if standing.EVERYTHING in held.matters else "、".join(held.matters),
        instrument=held.instrument,
        until=held.until.date() if held.until else None,
        trained_until=held.trained_until.date() if held.trained_until else None,
        problems=_problems(held, now),
    )


def _profile(row: OfficerRow, now: datetime) -> Profile:
    designations = Designation.objects.filter(officer__person=row.person).order_by("-since", "-pk")
    trainings = standing.trainings(now).filter(person=row.person).order_by("-completed_at", "-pk")[:10]
    counts = Decision.objects.filter(officer=row.person, at__year=now.year).values_list("act").annotate(n=Count("pk"))
    return Profile(
        row,
        tuple(
            Appointment(
                d.pk,
                d.instrument,
                d.max_level,
                d.since.date(),
                d.until.date() if d.until else None,
                d.ended_at.date() if d.ended_at else None,
            )
            for d in designations
        ),
        tuple(
            Course(t.course, round(t.minutes / 45, 1), t.completed_at.date(), t.valid_until.date()) for t in trainings
        ),
        tuple(sorted(counts.order_by())),
    )


@query("officers", roles=READERS, clauses=("SEED-7",))
def officers(*, actor: Actor, now: datetime, person: UUID | None = None) -> Officers:
    """The register of officers, those with a problem first, and one file.

    Raises:
        NotFound: ``person`` is no officer of this organ.
    """
    found = Officer.objects.filter(person__organ_id=actor.organ_id).select_related("person__department")
    rows = sorted((_row(o, now) for o in found), key=lambda r: (not r.problems, r.name))
    chosen = None
    if person is not None:
        match = next((r for r in rows if r.person == person), None)
        if match is None:
            raise NotFound()
        chosen = _profile(match, now)
    grants = tuple(
        Appointment(None, g.instrument, g.max_level, g.since.date(), g.until.date(), None)
        for g in standing.delegations(standing.home(), now)
    )
    return Officers(
        tuple(rows), chosen, grants, now.year, actor.holds(Role.SECRECY_OFFICE, Role.HEAD), facts_office.takes_over(now)
    )
