"""What the three administrators see: accounts, roles and clearances, the log. No matters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.queries import clock
from dingmi.queries.access import clearance_of, is_confirmed
from dingmi.queries.registry import query
from dingmi.queries.verify import Verified
from dingmi.queries.verify import verify as verify_ledger
from dingmi.records.ledger.models import Entry, Frontier
from dingmi.records.organs.models import Account, Department, Person, RoleGrant

LOG_PAGE = 40
LOOKED_THROUGH = 20_000  # entries that one answer looks through for what has no index: the reader goes on from there


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
    is_confirmed: bool
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
    """One entry of the log: act, subject kind (for a refused act the codes why), when; no parameters."""

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
    next_before: int  # go on before this entry; 0 at the end
    size: int
    looked_to: int  # the last entry looked at where the page is not full and the log goes on; else 0
    people: tuple[str, ...]  # usernames to choose from


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
    rows = Account.objects.select_related("person__department", "opening").order_by("username")[:500]
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
            is_confirmed=is_confirmed(a),
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
    refused = isinstance(body, dict) and body.get("result") == "refused"
    act = key if refused else entry.act  # an attempt is about the act that was refused
    return LogRow(
        id=entry.pk,
        at=entry.at,
        act=act,
        title=messages.render(Finding(act, "note"), language).text,
        who=names.get(who, who[:8]),
        subject="、".join(body["data"].get("codes", ())) if refused else f"{kind} {key if len(key) < 36 else key[:8]}",
        refused=refused,
    )


@query("admin.log", roles=(Role.AUDIT_ADMIN,))
def log(
    *,
    actor: Actor,
    now: datetime,
    before: int = 0,
    act: str = "",
    who: str = "",
    until: date | None = None,
    refused: bool = False,
) -> Log:
    """The log, newest first: who did what when, without parameters.

    Args:
        before: Only entries before this one; 0 for the newest.
        act: Only this act, or a family of acts (``review.``).
        who: Only what this account did, by username.
        until: Only what happened on or before this civil day.
        refused: Only what was refused.
    """
    names = _usernames()
    found: list[LogRow] = []
    last = looked = 0
    for row in _looked_at(_entries(before, act, until)[: LOOKED_THROUGH + 1], names, actor.language):
        if len(found) > LOG_PAGE or looked == LOOKED_THROUGH:
            break
        last, looked = row.id, looked + 1
        if _is_asked(row, who, refused):
            found.append(row)
    shown, is_full = found[:LOG_PAGE], len(found) > LOG_PAGE
    stopped = last if looked == LOOKED_THROUGH and not is_full else 0
    size = Frontier.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    return Log(
        tuple(shown),
        shown[-1].id if is_full else stopped,
        size,
        stopped,
        tuple(sorted(names.values())),
    )


def newest(
    *,
    actor: Actor,
    now: datetime,
    before: int = 0,
    act: str = "",
    who: str = "",
    until: date | None = None,
    refused: bool = False,
) -> Iterator[LogRow]:
    """Yield every entry that the pages of the log go through, newest first."""
    for row in _looked_at(_entries(before, act, until), _usernames(), actor.language):
        if _is_asked(row, who, refused):
            yield row


def _usernames() -> dict[str, str]:
    return {str(pk): name for pk, name in Account.objects.values_list("pk", "username")}


def _entries(before: int, act: str, until: date | None) -> QuerySet[Entry]:
    rows = Entry.objects.order_by("-id")
    rows = rows.filter(pk__lt=before) if before > 0 else rows
    rows = rows.filter(_about(act)) if act else rows
    return rows.filter(pk__lt=_first_after(until)) if until is not None else rows


def _looked_at(rows: QuerySet[Entry], names: dict[str, str], language: str) -> Iterator[LogRow]:
    return (_log_row(entry, names, language) for entry in rows.iterator(chunk_size=500))


def _is_asked(row: LogRow, who: str, refused: bool) -> bool:
    return (not who or row.who == who) and (not refused or row.refused)


def _about(act: str) -> Q:
    """Return what finds an act or a family of acts, done or refused."""
    how = "startswith" if act.endswith(".") else "exact"
    return Q(**{f"act__{how}": act}) | Q(**{f"stream__{how}": f"act:{act}"})


def _first_after(day: date) -> int:
    """Return the id of the first entry after ``day``: time only rises along the log, so a search by halves finds it."""
    end = datetime.combine(day + timedelta(days=1), time.min, clock.ZONE)
    low, high = 1, (Entry.objects.order_by("-id").values_list("pk", flat=True).first() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = Entry.objects.filter(pk__gte=middle).order_by("pk").values_list("at", flat=True).first()
        if at is None or at >= end:
            high = middle
        else:
            low = middle + 1
    return low


@query("admin.verify", roles=(Role.AUDIT_ADMIN,))
def verify(*, actor: Actor, now: datetime) -> Verified:
    """Recompute the whole ledger and compare the records with it."""
    return verify_ledger()
