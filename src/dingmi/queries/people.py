"""The people of the organ as the scope picker and the pages name them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import THREE_ADMINISTRATORS, Actor
from dingmi.queries import standing
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Department, Person

RANKS = {"内部": 0, "秘密": 1, "机密": 2, "绝密": 3}


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """One person of the scope picker."""

    person: UUID
    name: str
    post: str
    clearance: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class DepartmentChoice:
    """One department of the scope picker with its people."""

    department: UUID
    name: str
    people: tuple[PersonChoice, ...]
    chosen_count: int


def people_of(actor: Actor, now: datetime) -> list[Person]:
    """Return the people of the home organ in service at ``now``, with their departments."""
    rows = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True, department__isnull=False)
    return list(
        rows.select_related("department").prefetch_related("clearances").order_by("department__order", "staff_no")
    )


def admissible(actor: Actor, now: datetime, level: str = "", apart: Collection[UUID] = ()) -> list[Person]:
    """Return whom a scope may name: in service, cleared for ``level`` (for any, without one), none of the three administrators.

    Args:
        apart: Those who are in it already.
    """
    cleared = [p for p, held in standing.cleared(now).items() if RANKS.get(held, -1) >= RANKS.get(level, 0)]
    administrators = {p for role in THREE_ADMINISTRATORS for p in standing.holders(role, now)}
    rows = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True, pk__in=cleared)
    return list(rows.exclude(pk__in={*administrators, *apart}).order_by("staff_no", "pk"))


def clearance_at(person: Person, now: datetime) -> str:
    """Return the highest level ``person`` is cleared for at ``now``, or nothing."""
    held = [c.level for c in person.clearances.all() if c.since <= now and (c.until is None or now < c.until)]
    return max(held, key=lambda level: RANKS.get(level, -1), default="")


def choices(people: Sequence[Person], chosen: frozenset[UUID], now: datetime) -> tuple[DepartmentChoice, ...]:
    """Group ``people`` by department for the scope picker."""
    groups: dict[UUID, list[PersonChoice]] = {}
    names: dict[UUID, str] = {}
    for person in people:
        department: Department | None = person.department
        if department is None:
            continue
        names[department.pk] = department.name
        choice = PersonChoice(person.pk, person.name, person.post, clearance_at(person, now), person.pk in chosen)
        groups.setdefault(department.pk, []).append(choice)
    return tuple(
        DepartmentChoice(key, names[key], tuple(group), sum(1 for p in group if p.chosen))
        for key, group in groups.items()
    )


def scope_words(people: Sequence[Person], chosen: frozenset[UUID]) -> str:
    """Say who is chosen, by department: ``管网处 3、规划处 2``; a single person by name."""
    groups: dict[str, list[str]] = {}
    for person in people:
        if person.pk in chosen and person.department is not None:
            groups.setdefault(person.department.name, []).append(person.name)
    return "、".join(
        f"{name} {len(group)}" if len(group) > 1 else f"{name} {group[0]}" for name, group in groups.items()
    )


def source_scope(sources: Sequence[Matter]) -> frozenset[UUID] | None:
    """Return the people who may know every one of ``sources``; nothing to say without sources (TL-18, PS-8)."""
    limit: frozenset[UUID] | None = None
    for source in sources:
        entries = source.scope_entries.filter(until__isnull=True)
        persons = {e.person_id for e in entries if e.person_id}
        departments = [e.department_id for e in entries if e.department_id]
        persons |= set(Person.objects.filter(department_id__in=departments).values_list("pk", flat=True))
        known = frozenset(persons)
        limit = known if limit is None else limit & known
    return limit
