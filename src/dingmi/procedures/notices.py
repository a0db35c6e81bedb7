"""通知：acknowledged by whom they reach; ``duties`` sends the reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Noted
from dingmi.queries import inbox
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.append import append
from dingmi.records.notices.models import Notice


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many notices were taken note of."""

    count: int


@procedure("notices.acknowledge", clauses=("TL-21.1b", "ZX-30.1", "ZX-30.2"))
def acknowledge(*, actor: Actor, now: datetime, notice: UUID, remarked: bool = False) -> Noted:
    """Sign for a notice; a second time changes nothing. 签收。

    Args:
        remarked: The new elements were written near the mark of the copies held (ZX-30.1).
    """
    row = inbox.notices_of(actor).select_for_update().filter(pk=notice).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.acknowledged_at is None:
        row.acknowledged_at = now
        if row.delivered_at is None:
            row.delivered_at, row.delivery = now, "inbox"
        row.remarked_at = now if remarked else None
        row.save()
    append(
        actor,
        "notices.acknowledge",
        subject=("notice", row.pk),
        at=now,
        data={"code": row.code, "matter": row.matter_id, "acknowledged_at": row.acknowledged_at},
    )
    return Noted(row.pk, row.matter_id)


@procedure("notices.acknowledge_all", clauses=("TL-21.1b",))
def acknowledge_all(*, actor: Actor, now: datetime, until: datetime, code: str = "", on: date | None = None) -> Cleared:
    """Take note of everything told to oneself up to an instant, but for what is signed for one by one. 全部确认。

    Args:
        until: The newest notice that was seen; what came later stays.
        code: Only notices of this kind.
        on: Only those of this day.
    """
    mine = inbox.notices_of(actor).select_for_update().filter(acknowledged_at__isnull=True)
    mine = mine.filter(code=code) if code else mine
    if on is not None:
        begins = datetime.combine(on, time(), ZONE)
        mine = mine.filter(created_at__gte=begins, created_at__lt=begins + timedelta(days=1))
    seen = list(mine.filter(created_at__lte=until, must_acknowledge=False).values_list("pk", flat=True))
    rows = Notice.objects.filter(pk__in=seen)
    rows.filter(delivered_at__isnull=True).update(delivered_at=now, delivery="inbox")
    rows.update(acknowledged_at=now)
    data = {"count": len(seen), "until": until, "code": code, "on": on}
    append(actor, "notices.acknowledge_all", subject=("account", UUID(actor.account_id)), at=now, data=data)
    return Cleared(len(seen))
