"""What the three administrators see: accounts, roles and clearances, the log. No matters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.engines.crypto import cipher_in_use
from dingmi.queries.access import clearance_of
from dingmi.queries.registry import query
from dingmi.queries.verify import Verified
from dingmi.queries.verify import verify as verify_ledger
from dingmi.records.ledger.models import Entry, Frontier
from dingmi.records.organs.models import Account, Department, Person, RoleGrant

LOG_PAGE = 40


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account."""

    id: UUID
    username: str
    name: str
    department: str
    admin_role: str
    roles: tuple[str, ...]
    is_active: bool
    locked_at: datetime | None
    clearance: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person without an account, or to be cleared."""

    id: UUID
    name: str
    department: str


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One department."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts and the people who have none."""

    rows: tuple[AccountRow, ...]
    without: tuple[PersonRow, ...]
    people: tuple[PersonRow, ...]
    departments: tuple[DepartmentRow, ...]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of the log: act, subject kind, when; no parameters."""

    id: int
    at: datetime
    act: str
    title: str
    who: str
    subject: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Log:
    """One page of the log, newest first."""

    rows: tuple[LogRow, ...]
    next_before: int
    size: int


@dataclass(frozen=True, slots=True)
class SystemState:
    """How the installation runs."""

    accounts: int
    locked: int
    ledger_size: int
    high_water: datetime | None
    cipher: str
    today: date


def _roles_of(now: datetime) -> dict[Any, list[str]]:
    held: dict[Any, list[str]] = {}
    live = RoleGrant.objects.filter(since__lte=now).filter(Q(until__isnull=True) | Q(until__gt=now))
    for account, role in live.values_list("account_id", "role"):
        held.setdefault(account, []).append(role)
    return held


@query("admin.accounts", roles=(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN))
def accounts(*, actor: Actor, now: datetime) -> Accounts:
    """Accounts with their roles, and people who have none."""
    held = _roles_of(now)
    rows = Account.objects.select_related("person__department").order_by("username")[:500]
    show_clearance = actor.holds(Role.SECURITY_ADMIN)
    made = tuple(
        AccountRow(
            id=a.pk,
            username=a.username,
            name=a.person.name,
            department=a.person.department.name if a.person.department else "",
            admin_role=a.admin_role,
            roles=tuple(sorted(held.get(a.pk, ()))),
            is_active=a.is_active,
            locked_at=a.locked_at,
            clearance=clearance_of(a.person_id, now) if show_clearance else "",
        )
        for a in rows
    )
    people = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True).select_related("department")
    everyone = tuple(
        PersonRow(p.pk, p.name, p.department.name if p.department else "") for p in people.order_by("staff_no")
    )
    having = {a.person_id for a in rows}
    departments = Department.objects.filter(organ_id=actor.organ_id).order_by("order")
    return Accounts(
        made,
        tuple(p for p in everyone if p.id not in having),
        everyone,
        tuple(DepartmentRow(d.pk, d.name) for d in departments),
    )


def _log_row(entry: Entry, names: dict[str, str], language: str) -> LogRow:
    try:
        body = json.loads(entry.body)
    except ValueError:
        body = {}
    actor = body.get("actor") if isinstance(body, dict) else None
    who = str((actor.get("account") or actor.get("account_id") or "") if isinstance(actor, dict) else actor or "")
    kind, _, key = entry.stream.partition(":")
    return LogRow(
        id=entry.pk,
        at=entry.at,
        act=entry.act,
        title=messages.render(Finding(entry.act, "note"), language).text,
        who=names.get(who, who[:8]),
        subject=f"{kind} {key[:8]}",
        refused=isinstance(body, dict) and body.get("result") == "refused",
    )


@query("admin.log", roles=(Role.AUDIT_ADMIN,))
def log(*, actor: Actor, now: datetime, before: int = 0) -> Log:
    """The log, newest first: who did what when, without parameters."""
    rows = Entry.objects.order_by("-id")
    rows = rows.filter(pk__lt=before) if before > 0 else rows
    page = list(rows[: LOG_PAGE + 1])
    names = {str(pk): name for pk, name in Account.objects.values_list("pk", "username")}
    shown = page[:LOG_PAGE]
    size = Frontier.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    next_before = shown[-1].pk if len(page) > LOG_PAGE else 0
    return Log(tuple(_log_row(e, names, actor.language) for e in shown), next_before, size)


@query("admin.system", roles=(Role.SYSTEM_ADMIN,), recorded=False)
def system(*, actor: Actor, now: datetime) -> SystemState:
    """Counts of accounts and the ledger's size and latest time."""
    frontier = Frontier.objects.filter(pk=1).first()
    return SystemState(
        accounts=Account.objects.count(),
        locked=Account.objects.filter(locked_at__isnull=False).count(),
        ledger_size=frontier.size if frontier else 0,
        high_water=frontier.high_water if frontier else None,
        cipher=cipher_in_use(),
        today=now.date(),
    )


@query("admin.verify", roles=(Role.AUDIT_ADMIN,))
def verify(*, actor: Actor, now: datetime) -> Verified:
    """Recompute the whole ledger and compare the records with it."""
    return verify_ledger()
