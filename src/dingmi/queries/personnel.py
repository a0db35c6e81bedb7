"""人员与机关：who works here and may read what; other organs and the authority they granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import standing
from dingmi.queries.clock import last_day
from dingmi.queries.people import RANKS
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.records.officers.models import Delegation
from dingmi.records.organs.models import TIERS, Account, Clearance, Department, Organ, Person

READERS = (Role.SECRECY_OFFICE, Role.HEAD)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of the organ."""

    person: UUID
    name: str
    staff_no: str
    department: str
    post: str
    post_category: str
    is_foreign: bool
    clearance: str
    cleared_through: date | None
    instrument: str
    username: str
    left_on: date | None


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """One department with the number of its people."""

    department: UUID
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class People:
    """The people and departments of the organ."""

    rows: tuple[PersonLine, ...]
    departments: tuple[DepartmentLine, ...]
    without_clearance: int


@dataclass(frozen=True, slots=True)
class OrganLine:
    """One organ."""

    organ: UUID
    name: str
    tier: str
    own_authority: str
    tier_code: str
    version: str
    unit_code: str
    line: str
    superior: str
    is_home: bool


@dataclass(frozen=True, slots=True)
class DelegationLine:
    """One delegation of authority."""

    grantor: str
    grantee: str
    instrument: str
    max_level: str
    matters: str
    since: date
    through: date
    filed_on: date | None
    days_left: int
    running: bool


@dataclass(frozen=True, slots=True)
class Organs:
    """Organs, and the delegations between them, the running ones first."""

    rows: tuple[OrganLine, ...]
    delegations: tuple[DelegationLine, ...]
    home: UUID


def _held(people: list[Person], now: datetime) -> dict[UUID, Clearance]:
    held: dict[UUID, Clearance] = {}
    for row in standing.running(Clearance.objects.filter(person__in=people), now).order_by("since", "pk"):
        best = held.get(row.person_id)
        if best is None or RANKS.get(row.level, -1) >= RANKS.get(best.level, -1):
            held[row.person_id] = row
    return held


@query("people", roles=READERS)
def people(*, actor: Actor, now: datetime) -> People:
    """The people of the organ with post and clearance, by department."""
    found = list(
        Person.objects.filter(organ_id=actor.organ_id)
        .select_related("department")
        .order_by("left_at", "department__order", "staff_no")[:1000]
    )
    held = _held(found, now)
    names = dict(Account.objects.filter(person__in=found).values_list("person_id", "username"))
    lines = tuple(_person(p, held.get(p.pk), names.get(p.pk, ""), now) for p in found)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.department] = counts.get(line.department, 0) + (line.left_on is None)
    units = Department.objects.filter(organ_id=actor.organ_id).order_by("order", "name")
    return People(
        lines,
        tuple(DepartmentLine(d.pk, d.name, counts.get(d.name, 0)) for d in units),
        sum(1 for line in lines if not line.clearance and line.left_on is None),
    )


def _person(person: Person, held: Clearance | None, username: str, now: datetime) -> PersonLine:
    return PersonLine(
        person=person.pk,
        name=person.name,
        staff_no=person.staff_no,
        department=person.department.name if person.department else "",
        post=person.post,
        post_category=person.post_category,
        is_foreign=person.is_foreign,
        clearance=held.level if held else "",
        cleared_through=last_day(held.until) if held else None,
        instrument=held.instrument if held else "",
        username=username,
        left_on=person.left_at.date() if person.left_at and person.left_at <= now else None,
    )


@query("organs", roles=READERS)
def organs(*, actor: Actor, now: datetime) -> Organs:
    """Organs known here, and the delegations of authority between them."""
    words = dict(TIERS)
    rows = tuple(
        OrganLine(
            o.pk,
            o.name,
            words.get(o.tier, o.tier),
            o.own_authority,
            o.tier,
            version_of(o),
            o.unit_code,
            o.line,
            o.superior.name if o.superior else "",
            o.is_home,
        )
        for o in Organ.objects.select_related("superior").order_by("-is_home", "name")[:500]
    )
    grants = [
        _grant(d, now) for d in Delegation.objects.select_related("grantor", "grantee").order_by("-until", "-pk")[:200]
    ]
    return Organs(rows, tuple(sorted(grants, key=lambda g: not g.running)), UUID(actor.organ_id))


def _grant(row: Delegation, now: datetime) -> DelegationLine:
    through = last_day(row.until)
    revoked = row.revoked_at is not None and row.revoked_at <= now
    return DelegationLine(
        grantor=row.grantor.name,
        grantee=row.grantee.name,
        instrument=row.instrument,
        max_level=row.max_level,
        matters="" if standing.EVERYTHING in row.matters else "、".join(row.matters),
        since=row.since.date(),
        through=through,
        filed_on=row.filed_on,
        days_left=(through - now.date()).days,
        running=row.since <= now < row.until and not revoked,
    )
