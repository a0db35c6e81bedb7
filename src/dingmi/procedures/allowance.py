"""岗位津贴 (SEED-9): what a seat is paid a month, by tier and highest level, as a written rule from a day on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.officers.performance import Allowance
from dingmi.regime.prc_state.appointment import TIERS

MOST_YUAN = 100_000


@procedure("officers.set_allowance", requires=Role.HEAD, step_up=True, clauses=("SEED-9",))
def set_allowance(
    *, actor: Actor, now: datetime, tier: str, max_level: str, yuan: int, instrument: str, since: date | None = None
) -> Entered:
    """Set what officers of a tier and level are paid a month; the rule before it ends the day before. 规定岗位津贴。

    Args:
        tier: main, managing or assistant.
        max_level: The highest level that the seat may decide.
        yuan: Whole yuan a month; 0 ends the allowance.
        since: Its first day, today or ahead; months that are over are not paid anew.
    """
    today = now.date()
    first = since or today
    faults = {
        "tier": "" if tier in TIERS else "choice.unknown",
        "max_level": "" if max_level in LEVELS[1:] else "level.unknown",
        "yuan": "" if 0 <= yuan <= MOST_YUAN else "number.range",
        "since": "" if first >= today else "date.past",
    }
    wrong = {name: code for name, code in faults.items() if code}
    if wrong:
        raise Invalid("input.invalid", (), fields=wrong)
    touched = []
    for old in Allowance.objects.select_for_update().filter(tier=tier, max_level=max_level, until__isnull=True):
        old.until = max(old.since, first) - timedelta(days=1)
        old.save(update_fields=["until"])
        touched.append(old)
    row = Allowance(
        tier=tier,
        max_level=max_level,
        yuan=yuan,
        instrument=require_text("instrument", instrument, 80),
        since=first,
        set_by=UUID(actor.person_id),
        set_at=now,
    )
    row.save()
    data = {"tier": tier, "level": max_level, "yuan": yuan}
    append(
        actor,
        "officers.set_allowance",
        subject=("organ", UUID(actor.organ_id)),
        at=now,
        data=data,
        rows=[row, *touched],
    )
    return Entered(row.pk)
