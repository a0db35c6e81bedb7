"""角色授予: what the security administrator asked for and another person may agree to (SR-34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import clock
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.seats import SEATED, is_withdrawn
from dingmi.records.organs.models import Person, RoleAsked

WAITS = "role.waits"
AGREE = (Role.SECRECY_OFFICE, Role.HEAD)


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role that waits for agreement: whose, which, how long it is to hold, who asked, and until when one may agree."""

    id: UUID
    username: str
    name: str
    department: str
    role: Role
    until: datetime | None
    asked_by: str
    agree_by: datetime
    version: str


def about(row: RoleAsked) -> str:
    """Return what waits in the words of the notice."""
    return f"{row.account_id} {row.role}"


def agree_by(row: RoleAsked, now: datetime) -> datetime | None:
    """Return until when another person may agree to ``row``; nothing once that or the role is over, somebody has, or it was withdrawn."""
    until: datetime = row.asked_at + clock.SEAT
    is_over = now > until or (row.until is not None and row.until <= now)
    if is_over or row.agreed_at is not None or is_withdrawn(row.pk):
        return None
    return until


@query("access.roles_asked", roles=SEATED, recorded=False)
def roles_asked(*, actor: Actor, now: datetime) -> tuple[RoleLine, ...]:
    """Roles that wait for another person's agreement, the longest waiting first. 待同意授予的角色。"""
    rows = RoleAsked.objects.filter(agreed_at__isnull=True, asked_at__gte=now - clock.SEAT)
    rows = rows.select_related("account__person__department").order_by("asked_at", "pk")
    names = dict(Person.objects.filter(pk__in=[row.asked_by for row in rows]).values_list("pk", "name"))
    made = []
    for row in rows:
        person, until = row.account.person, agree_by(row, now)
        if until is None:
            continue
        made.append(
            RoleLine(
                id=row.pk,
                username=row.account.username,
                name=person.name,
                department=person.department.name if person.department else "",
                role=Role(row.role),
                until=row.until,
                asked_by=names.get(row.asked_by, ""),
                agree_by=until,
                version=version_of(row),
            )
        )
    return tuple(made)
