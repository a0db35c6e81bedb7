"""P23 提醒: inspections and findings that come due, late ones, and kinds of inspection that nobody has planned this year."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures import sweep
from dingmi.procedures.appointment import tell_once
from dingmi.procedures.frame import procedure
from dingmi.queries import oversight as asked
from dingmi.queries import policy, standing
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.append import append
from dingmi.records.oversight.conduct import Conduct
from dingmi.records.oversight.inspections import Inspection, InspectionFinding

FOLLOW = "oversight.follow"


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many reminders were sent, and how many of them were alerts of what is late."""

    reminded: int
    late: int


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("TL-58", "TL-59.3", "GD-5", "ZX-38", "SEED-23", "TL-54"))
def follow(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind of inspections and findings as their day comes, each lead once; of late ones weekly; of kinds unplanned monthly. 提醒检查和整改。"""
    sweep.alone()
    office = standing.holders(Role.SECRECY_OFFICE, now)
    above = (*office, *standing.holders(Role.INSPECTOR, now), *standing.principals().values_list("pk", flat=True))
    sent = late = 0
    for row in Inspection.objects.filter(asked.UNHELD).order_by("planned_on", "pk"):
        told = _one(
            now, today, row.planned_on, policy.INSPECTION_LEAD_DAYS, "plan", row.pk,
            partial(asked.told_number, row, overseers=above), (row.lead_id,), (row.lead_id, *office),
        )  # fmt: skip
        sent, late = sent + told[0], late + told[1]
    findings = InspectionFinding.objects.filter(rectified_on__isnull=True, closed_on__isnull=True)
    for found in findings.select_related("inspection").order_by("due_on", "pk"):
        told = _one(
            now, today, found.due_on, policy.RECTIFY_LEAD_DAYS, "finding", found.pk,
            partial(asked.told_number, found, overseers=above), (found.responsible_id,), (found.responsible_id, *above),
        )  # fmt: skip
        sent, late = sent + told[0], late + told[1]
    for case in Conduct.objects.filter(told_on__isnull=True).select_related("person").order_by("on", "pk"):
        of = {"of": str(case.pk), "week": (today - case.entered_at.astimezone(ZONE).date()).days // 7}
        sent += tell_once(office, "conduct.owed", now, of, name=case.person.name)
    for kind in asked.owed(today):
        sent += tell_once(office, f"oversight.owed_{kind.code}", now, {"month": f"{today:%Y-%m}"})
    data = {"today": today, "reminded": sent, "late": late}
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data=data)
    return Reminded(sent, late)


def _one(
    now: datetime,
    today: date,
    due: date,
    leads: Iterable[int],
    what: str,
    of: UUID,
    number: Callable[[UUID], str],
    before: tuple[UUID, ...],
    after: tuple[UUID, ...],
) -> tuple[int, int]:
    """Tell of one thing that is due or late; return how many were told, and of these how many that it is late."""
    left = (due - today).days
    if left < 0:
        week = (today - due - timedelta(days=1)).days // 7
        told = tell_once(
            after, f"oversight.{what}_late", now, {"of": str(of), "week": week, "day": due.isoformat()}, number=number
        )
        return told, told
    lead = min((n for n in leads if left <= n), default=None)
    if lead is None:
        return 0, 0
    code = f"oversight.{what}_due"
    return tell_once(before, code, now, {"of": str(of), "lead": lead, "day": due.isoformat()}, number=number), 0
