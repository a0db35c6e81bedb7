"""两人操作: whoever may be the second person is told that somebody waits, and the notice is closed once nobody does (SR-34)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import clock, standing
from dingmi.queries.seats import SEATED
from dingmi.records.notices.models import Notice


def tell_second(
    code: str,
    about: object,
    *,
    actor: Actor,
    now: datetime,
    is_agreed: bool,
    roles: Iterable[Role] = SEATED,
    of: UUID | None = None,
    waits: timedelta = clock.SEAT,
    username: str = "",
) -> None:
    """Tell whoever may agree that ``actor`` waits for it; once two people have, close what was told.

    Args:
        code: The notice, one for each kind of act of two people.
        about: What waits, by the same words each time.
        roles: Who may be the second person, the actor apart.
        of: The person whom it is about, who may not agree.
        waits: How long the first person is waited for.
        username: The account that it is about.
    """
    if is_agreed:
        close(code, about, now)
        return
    people = sorted(standing.overseers(roles, now) - {UUID(actor.person_id), of}, key=str)
    tell_people(code, about, now, people, until=now + waits, username=username)


def tell_people(
    code: str,
    about: object,
    now: datetime,
    people: Iterable[UUID],
    *,
    until: datetime,
    matter: UUID | None = None,
    **params: str,
) -> None:
    """Tell ``people`` that one of them may be the second person up to ``until``; what was told of the same before is closed."""
    close(code, about, now)
    said = {"about": str(about), "until": f"{until.astimezone(clock.ZONE):%Y-%m-%d %H:%M}", **params}
    Notice.objects.bulk_create(
        [
            Notice(person_id=person, code=code, matter_id=matter, params=said, created_at=now)
            for person in dict.fromkeys(people)
        ]
    )


def close(code: str, about: object, now: datetime) -> None:
    """Close the notices that somebody waits for a second person: one has agreed, or it is asked anew."""
    told = Notice.objects.filter(code=code, params__about=str(about), acknowledged_at__isnull=True)
    told.update(acknowledged_at=now)
