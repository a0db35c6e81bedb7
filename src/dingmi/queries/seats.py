"""两人操作: who has sat down for an act that takes two people, and how long the seat is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.queries import clock
from dingmi.queries.registry import query
from dingmi.records.organs.models import Account, SecondAsked
from dingmi.records.oversight.models import DateGap

SEATED = (Role.SECURITY_ADMIN, Role.SECRECY_OFFICE, Role.HEAD)


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the people an act takes; empty until somebody confirms."""

    name: str
    at: datetime | None
    until: datetime | None
    own: bool


@dataclass(frozen=True, slots=True)
class DateSeats:
    """The silence of the ledger whose date people must confirm, and their seats; none when there is nothing to confirm."""

    since: datetime | None
    seats: tuple[Seat, ...]
    may_sit: bool


@dataclass(frozen=True, slots=True)
class AskedLine:
    """What the reader asked a second person for, and until when it waits; ``kind`` is the notice that told of it."""

    id: UUID
    kind: str
    what: str
    asked_at: datetime
    until: datetime


@query("access.own_asked", recorded=False)
def own_asked(*, actor: Actor, now: datetime) -> tuple[AskedLine, ...]:
    """What the reader asked a second person for and nobody has agreed to yet, the longest waiting first. 本人待同意的提请。"""
    rows = _waiting(now).filter(asked_by=UUID(actor.person_id)).order_by("asked_at", "pk")
    return tuple(AskedLine(row.pk, row.code, row.what, row.asked_at, row.until) for row in rows)


def is_withdrawn(row: UUID) -> bool:
    """Tell whether what was asked for by ``row``, whose id the request bears, was withdrawn."""
    return bool(SecondAsked.objects.filter(pk=row, withdrawn_at__isnull=False).exists())


def is_waiting(code: str, about: object, now: datetime) -> bool:
    """Tell whether a second person may agree to what somebody asked for."""
    return bool(_waiting(now).filter(code=code, about=str(about)).exists())


def _waiting(now: datetime) -> QuerySet[SecondAsked]:
    return SecondAsked.objects.filter(agreed_at__isnull=True, withdrawn_at__isnull=True, until__gte=now)


def seated(gap: DateGap, now: datetime) -> list[tuple[str, str]]:
    """Return who has confirmed the date and still waits for another: account and instant of each."""
    held = [(account, at) for account, at in gap.confirmed if clock.is_seated(at, now)]
    return held if held and is_waiting("clock.waits", gap.pk, now) else []


@query("keep.date_seats", roles=SEATED, recorded=False)
def date_seats(*, actor: Actor, now: datetime) -> DateSeats:
    """The seats of confirming the date. 日期确认。"""
    gap = clock.unconfirmed()
    if gap is None:
        return DateSeats(None, (), False)
    held = seated(gap, now)
    names = dict(Account.objects.filter(pk__in=[a for a, _ in held]).values_list("pk", "person__name"))
    found = {str(pk): name for pk, name in names.items()}
    taken = []
    for account, at in held:
        since = datetime.fromisoformat(at)
        taken.append(Seat(found.get(account, ""), since, since + clock.SEAT, account == actor.account_id))
    empty = [Seat("", None, None, False)] * max(0, gap.needed - len(taken))
    return DateSeats(gap.since, (*taken, *empty), not any(s.own for s in taken))
