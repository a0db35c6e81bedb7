"""定密授权：a written grant of authority from another organ."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries import facts, facts_office
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.officers.models import Delegation
from dingmi.regime.kernel.rulebook import Verdict


@procedure(
    "delegation.register",
    requires=Role.SECRECY_OFFICE,
    step_up=True,
    waits_for_date=True,
    clauses=("TL-16.1", "TL-16.2", "TL-16.3a", "TL-16.4", "ZX-8", "ZX-10.1", "ZX-10.2", "ZX-13.1", "ZX-13.2"),
)
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
    by_administration: bool = False,
) -> Entered:
    """Register a delegation of authority as its instrument states it. 登记定密授权。

    Args:
        by_administration: A secrecy administration granted it, where no organ could (BMF-17.2c).
    Raises:
        Refused: The grantor may not give this, or the instrument lacks what the law asks for.
    """
    row, verdict = write(
        grantor=grantor,
        grantee=grantee,
        instrument=instrument,
        max_level=max_level,
        matters=matters,
        since=since,
        until=until,
        filed_on=filed_on,
        by_administration=by_administration,
        now=now,
    )
    data = {"level": max_level}
    append(actor, "delegation.register", subject=("organ", grantee), at=now, data=data, rows=[row], verdict=verdict)
    return Entered(row.pk)


def write(
    *,
    grantor: UUID,
    grantee: UUID,
    instrument: str,
    max_level: str,
    matters: tuple[str, ...],
    since: datetime,
    until: datetime,
    filed_on: date | None = None,
    by_administration: bool = False,
    now: datetime,
) -> tuple[Delegation, Verdict]:
    """Judge an instrument of delegation and keep it; the act that calls this proves it.

    Raises:
        Refused: The grantor may not give this, or the instrument lacks what the law asks for.
    """
    if max_level not in LEVELS[1:] or not matters:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    if until <= since or grantor == grantee:
        raise Invalid("input.invalid", (), fields={"until": "interval.empty"})
    verdict = facts_office.judge_grant(
        grantor=grantor,
        grantee=grantee,
        instrument=instrument,
        max_level=max_level,
        matters=matters,
        since=since,
        until=until,
        by_administration=by_administration,
        now=now,
    )
    facts.require(verdict)
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
    return row, verdict
