"""送达：evidence for each recipient of a notice, and the alert that names whom an extension has not reached (ZX-30.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.procedures import paper, sweep
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Noted
from dingmi.queries import access, policy
from dingmi.queries.delivery import EXTENSION_NOTICE, recipient, undelivered
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.organs.models import RoleGrant

MEANS = ("hand", "courier", "exchange")
ALERT = "notices.alert_undelivered"


@dataclass(frozen=True)
class Alerted:
    """How many notices are to be delivered soon, and how many were not by the last day; each is told of once."""

    due: int
    red: int


@procedure("notices.record_delivery", requires=(Role.SECRECY_OFFICE, Role.OFFICER, Role.DRAFTER), clauses=("ZX-30.2",))
def record(
    *,
    actor: Actor,
    now: datetime,
    notice: UUID,
    delivered_at: datetime,
    means: str,
    evidence: str,
    remarked: bool = False,
) -> Noted:
    """Record how and when a notice reached its recipient, with the number of the receipt and its signer. 登记送达。

    Args:
        means: ``hand``, ``courier`` or ``exchange``.
        remarked: The recipient also confirms that the new elements stand near the mark (ZX-30.1).
    """
    row = Notice.objects.select_for_update().filter(pk=notice, matter_id__isnull=False).first()
    if row is None or not access.existing(actor, now).filter(pk=row.matter_id).exists():
        raise NotFound("object.not_found")
    if row.delivered_at is not None:
        raise Refused("notice.delivered", ())
    if means not in MEANS:
        raise Invalid("input.invalid", (), fields={"means": "choice.unknown"})
    receipt = paper.line(evidence, "evidence", 120, required=True)
    if not row.created_at <= delivered_at <= now:
        raise Invalid("date.in_future", (), fields={"delivered_at": "date.in_future"})
    row.delivered_at, row.delivery, row.evidence = delivered_at, means, receipt
    row.remarked_at = now if remarked else None
    row.save()
    append(
        actor,
        "notices.record_delivery",
        subject=("notice", row.pk),
        at=now,
        data={"matter": row.matter_id, "code": row.code, "delivered_at": delivered_at, "means": means},
    )
    return Noted(row.pk, row.matter_id)


@procedure(ALERT, requires=(Role.CLOCK,), clauses=("ZX-30.2", "QA-8"))
def alert(*, actor: Actor, now: datetime, today: date) -> Alerted:
    """Name every recipient whom a longer protection has not reached: before the last day, and in red from it on. 送达预警。"""
    sweep.alone()
    near = today + timedelta(days=policy.DELIVERY_ALERT_DAYS)
    limits = Deadline.objects.filter(name=EXTENSION_NOTICE, done_at__isnull=True, due_on__lte=near)
    made: list[Notice] = []
    for limit in limits.order_by("due_on", "pk"):
        code = "extension.undelivered" if limit.due_on <= today else "extension.delivery_due"
        matter = Matter.objects.get(pk=limit.matter_id)
        told = {n.params.get("notice") for n in Notice.objects.filter(matter_id=matter.pk, code=code)}
        for late in undelivered(matter.pk, limit.starts_on):
            if str(late.pk) in told:
                continue
            params = {
                "notice": str(late.pk),
                "recipient": recipient(late),
                "deliver_by": limit.due_on.isoformat(),
            }
            made += [
                Notice(person_id=p, code=code, matter_id=matter.pk, params=params, created_at=now)
                for p in _alerted(matter, now)
            ]
    Notice.objects.bulk_create(made, batch_size=500)
    red = len({n.params["notice"] for n in made if n.code == "extension.undelivered"})
    due = len({n.params["notice"] for n in made}) - red
    append(actor, ALERT, subject=("sweep", ALERT), at=now, data={"today": today, "due": due, "red": red})
    return Alerted(due, red)


def _alerted(matter: Matter, now: datetime) -> Iterable[UUID]:
    """Return who must see to the delivery: drafter, officer, and the secrecy office."""
    office = RoleGrant.objects.filter(role=Role.SECRECY_OFFICE, since__lte=now).exclude(until__lte=now)
    people = [matter.drafter_id, matter.officer_id, *office.values_list("account__person", flat=True)]
    return dict.fromkeys(p for p in people if p)
