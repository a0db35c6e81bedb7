"""两人操作: who has sat down for an act that takes two people, and how long the seat is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.queries import clock
from dingmi.queries.registry import query
from dingmi.records.organs.models import Account

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


@query("keep.date_seats", roles=SEATED, recorded=False)
def date_seats(*, actor: Actor, now: datetime) -> DateSeats:
    """The seats of confirming the date. 日期确认。"""
    gap = clock.unconfirmed()
    if gap is None:
        return DateSeats(None, (), False)
    held = [(account, at) for account, at in gap.confirmed if clock.is_seated(at, now)]
    names = dict(Account.objects.filter(pk__in=[a for a, _ in held]).values_list("pk", "person__name"))
    found = {str(pk): name for pk, name in names.items()}
    taken = []
    for account, at in held:
        since = datetime.fromisoformat(at)
        taken.append(Seat(found.get(account, ""), since, since + clock.SEAT, account == actor.account_id))
    empty = [Seat("", None, None, False)] * max(0, gap.needed - len(taken))
    return DateSeats(gap.since, (*taken, *empty), not any(s.own for s in taken))
