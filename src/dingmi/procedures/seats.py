"""两人操作: what one person asks a second for is kept and told to whoever may agree, until one has, it is withdrawn, or its time is over (SR-34)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, NotFound, Refused
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.queries import clock, standing
from dingmi.queries.seats import SEATED
from dingmi.records.keys import asking as keys
from dingmi.records.ledger.append import append
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import SecondAsked

REASON = 120  # characters


def ask_second(
    code: str,
    about: object,
    *,
    actor: Actor,
    now: datetime,
    roles: Iterable[Role] = SEATED,
    of: UUID | None = None,
    waits: timedelta = clock.SEAT,
    username: str = "",
    what: str = "",
    row: UUID | None = None,
    request: Mapping[str, Any] | None = None,
) -> SecondAsked:
    """Keep that ``actor`` waits for a second person, and tell whoever may be it.

    Args:
        code: The notice, one for each kind of act of two people.
        about: What waits, by the same words each time.
        roles: Who may be the second person, the actor apart.
        of: The person whom it is about, who may not agree.
        waits: How long the first person is waited for.
        username: The account that it is about.
        what: What is asked for, as pages call it; else ``username``.
        row: The row of what is asked for, where there is one: the request bears its id.
        request: The same where the keys are held.
    Returns:
        The row that the entry of the act vouches for.
    """
    people = sorted(standing.overseers(roles, now) - {UUID(actor.person_id), of}, key=str)
    called, until = what or username, now + waits
    asked = _kept(code, about, actor, now, until, called, row=row, request=request)
    _tell(code, about, now, people, until, username=username)
    return asked


def tell_people(
    code: str,
    about: object,
    *,
    actor: Actor,
    now: datetime,
    people: Iterable[UUID],
    until: datetime,
    what: str,
    request: Mapping[str, Any],
    matter: UUID | None = None,
    **params: str,
) -> SecondAsked:
    """Keep that ``actor`` asks, and tell ``people`` that one of them may agree up to ``until``."""
    _tell(code, about, now, people, until, matter=matter, **params)
    return _kept(code, about, actor, now, until, what, request=request)


def _tell(
    code: str,
    about: object,
    now: datetime,
    people: Iterable[UUID],
    until: datetime,
    *,
    matter: UUID | None = None,
    **params: str,
) -> None:
    """Tell ``people`` up to when one of them may agree; what was told of the same before is closed."""
    _close(code, about, now)
    said = {"about": str(about), "until": f"{until.astimezone(clock.ZONE):%Y-%m-%d %H:%M}", **params}
    Notice.objects.bulk_create(
        [
            Notice(person_id=person, code=code, matter_id=matter, params=said, created_at=now)
            for person in dict.fromkeys(people)
        ]
    )


def _kept(
    code: str,
    about: object,
    actor: Actor,
    now: datetime,
    until: datetime,
    what: str,
    *,
    row: UUID | None = None,
    request: Mapping[str, Any] | None = None,
) -> SecondAsked:
    person = UUID(actor.person_id)
    made = SecondAsked(code=code, about=str(about), what=what, asked_by=person, asked_at=now, until=until)
    made.request = dict(request or {})
    if row is not None:
        made.pk = row
    made.save(force_insert=True)
    return made


def agreed(code: str, about: object, *, actor: Actor, now: datetime) -> list[SecondAsked]:
    """Keep that ``actor`` agrees to what was asked for last, and close what was told of it.

    Raises:
        Refused: ``second.withdrawn``: it was withdrawn meanwhile.
    """
    rows = SecondAsked.objects.select_for_update().filter(code=code, about=str(about), agreed_at__isnull=True)
    held = list(rows.order_by("-asked_at", "-pk"))  # none where one person was enough
    waits = [row for row in held if row.withdrawn_at is None][:1]
    if held and not waits:
        raise Refused("second.withdrawn")
    for row in waits:
        row.agreed_by, row.agreed_at = UUID(actor.person_id), now
        row.save(update_fields=["agreed_by", "agreed_at"])
    _close(code, about, now)
    return waits


def _close(code: str, about: object, now: datetime) -> None:
    """Close the notices that somebody waits for a second person: nobody does any more, or it is asked anew."""
    told = Notice.objects.filter(code=code, params__about=str(about), acknowledged_at__isnull=True)
    told.update(acknowledged_at=now)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A request of two people that was withdrawn."""

    asked: UUID


@procedure("access.withdraw_asked")
def withdraw_asked(*, actor: Actor, now: datetime, asked: UUID, reason: str = "") -> Withdrawn:
    """Withdraw what one asked a second person for, of whatever kind; nobody agrees to it any more. 撤回两人操作的提请。

    Args:
        asked: One of what ``access.own_asked`` shows.
        reason: Why, as the asker wants it kept; may be left out.
    Raises:
        NotFound: There is none.
        Forbidden: ``second.not_yours``: another person asked; only those who may agree learn that.
        Refused: ``second.agreed``, ``second.withdrawn``, ``second.lapsed``.
    """
    row: SecondAsked | None = SecondAsked.objects.select_for_update().filter(pk=asked).first()
    if row is None or (row.asked_by != UUID(actor.person_id) and not actor.holds(*SEATED)):
        raise NotFound("object.not_found")
    if row.asked_by != UUID(actor.person_id):
        raise Forbidden("second.not_yours")
    if row.agreed_at is not None:
        raise Refused("second.agreed")
    if row.withdrawn_at is not None:
        raise Refused("second.withdrawn")
    if row.until < now:
        raise Refused("second.lapsed")
    row.withdrawn_at, row.reason = now, paper.line(reason, "reason", REASON)
    row.save(update_fields=["withdrawn_at", "reason"])
    if row.request and not keys.ring().withdraw(row.request, actor.person_id):
        raise Refused("second.agreed")
    data = {"kind": row.code, "about": row.about, "asked_at": row.asked_at}
    append(actor, "access.withdraw_asked", subject=("asked", row.pk), at=now, data=data, rows=[row])
    _close(row.code, row.about, now)
    return Withdrawn(row.pk)
