"""定密授权：a written grant of authority from another organ."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.officers.models import Delegation
from dingmi.records.organs.models import Organ


@procedure("delegation.register", requires=Role.SECRECY_OFFICE, step_up=True)
def register(
    *,
    actor: Actor,
    now: datetime,
    grantor: UUID,
    grantee: UUID,
    instrument: str,
    max_level: str,
    matters: tuple[str, ...],
    since: datetime,
    until: datetime,
    filed_on: date | None = None,
) -> Entered:
    """Register a delegation of authority as its instrument states it. 登记定密授权。"""
    if max_level not in LEVELS[1:] or not matters:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    if until <= since or grantor == grantee:
        raise Invalid("input.invalid", (), fields={"until": "interval.empty"})
    if Organ.objects.filter(pk__in=(grantor, grantee)).count() != 2:
        raise NotFound("object.not_found")
    row = Delegation(
        grantor_id=grantor,
        grantee_id=grantee,
        instrument=require_text("instrument", instrument, 80),
        max_level=max_level,
        matters=list(matters),
        since=since,
        until=until,
        filed_on=filed_on,
    )
    row.save()
    append(actor, "delegation.register", subject=("organ", grantee), at=now, data={"level": max_level}, rows=[row])
    return Entered(row.pk)
