"""Whether every unit has an officer who can decide what it produces (SEED-37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import facts, standing
from dingmi.queries.people import RANKS
from dingmi.queries.registry import query
from dingmi.records.matters.models import Counter
from dingmi.records.organs.models import Department, Person


@dataclass(frozen=True, slots=True)
class UnitCover:
    """A unit: the highest level it produces, its own officers who can decide that, and others of the organ who can."""

    department: UUID
    name: str
    level: str
    own: tuple[str, ...]
    others: tuple[str, ...]


def units(now: datetime) -> tuple[UnitCover, ...]:
    """Return the units that produce state secrets, with who can decide for them at ``now``."""
    needs: dict[UUID, str] = {}
    rows = Counter.objects.filter(department_id__isnull=False, value__gt=0).exclude(level__in=("内部", "公开", ""))
    for department, level in rows.values_list("department_id", "level").distinct():
        if department is not None:
            needs[department] = max(needs.get(department, ""), level, key=lambda x: RANKS.get(x, -1))
    officers = standing.officers(now)
    homes = dict(Person.objects.filter(pk__in=[o.person for o in officers]).values_list("pk", "department"))
    found = []
    for unit in Department.objects.filter(pk__in=needs).order_by("order", "name"):
        able = facts.able_among(officers, needs[unit.pk], None, now)
        own = tuple(o.name for o in able if homes.get(o.person) == unit.pk)
        others = tuple(o.name for o in able if homes.get(o.person) != unit.pk)
        found.append(UnitCover(unit.pk, unit.name, needs[unit.pk], own, others))
    return tuple(found)


def uncovered(now: datetime) -> tuple[UnitCover, ...]:
    """Return the units that have no officer of their own who can decide what they produce."""
    return tuple(u for u in units(now) if not u.own)


@query("officers.coverage", roles=(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR), clauses=("SEED-37",))
def officers_coverage(*, actor: Actor, now: datetime) -> tuple[UnitCover, ...]:
    """Units that produce state secrets and the officers who can decide for them; those without one of their own first."""
    return tuple(sorted(units(now), key=lambda u: bool(u.own)))
