"""What was opened and is not in its owner's hands yet: accounts that wait to be confirmed, or for their owner's password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.queries.registry import query
from dingmi.records.organs.models import Opening, Person


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """One opened account: whose it is, who opened and confirmed it, and what it waits for: ``confirmation`` or ``owner``."""

    account: UUID
    username: str
    name: str
    staff_no: str
    department: str
    opened_by: str
    opened_at: datetime
    confirmed_by: str
    waits_for: str


@query("access.openings", roles=(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN), recorded=False)
def openings(*, actor: Actor, now: datetime) -> tuple[OpeningLine, ...]:
    """Accounts that were opened and that nobody can use yet, the longest waiting first. 待核实的账号。"""
    rows = Opening.objects.filter(Q(confirmed_at__isnull=True) | ~Q(code=""))
    rows = rows.select_related("account__person__department").order_by("opened_at", "pk")
    doers = {pk for row in rows for pk in (row.opened_by, row.confirmed_by) if pk}
    names = dict(Person.objects.filter(pk__in=doers).values_list("pk", "name"))
    return tuple(
        OpeningLine(
            account=row.account_id,
            username=row.account.username,
            name=row.account.person.name,
            staff_no=row.account.person.staff_no,
            department=row.account.person.department.name if row.account.person.department else "",
            opened_by=names.get(row.opened_by, ""),
            opened_at=row.opened_at,
            confirmed_by=names.get(row.confirmed_by, ""),
            waits_for="owner" if row.confirmed_at else "confirmation",
        )
        for row in rows
    )
