"""到期提醒 of proposals, unclear matters, challenges, appraisals and copies to be returned: on the lead day, on the last day, and the day after; late ones are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures import sweep
from dingmi.procedures.frame import procedure
from dingmi.queries import appraisal_course, contested, facts, limits, policy
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach

REMIND = "unclear.remind"
TOLD = {  # limit → what is told before and on its last day, and after it; and the breach that is kept then
    limits.PROPOSAL: ("proposal.due", "proposal.overdue", ""),
    contested.REPORT: ("unclear.due", "unclear.overdue", "unclear.sent_late"),
    contested.RULING: ("unclear.no_answer", "unclear.no_answer", ""),
    contested.ANSWER: ("challenge.overdue", "challenge.overdue", ""),
    appraisal_course.REPLY: ("appraisal.reply_due", "appraisal.reply_overdue", ""),
    appraisal_course.LIMIT: ("appraisal.no_conclusion", "appraisal.no_conclusion", ""),
}
OURS = (
    limits.PROPOSAL,
    contested.REPORT,
    appraisal_course.REPLY,
)  # what we owe is told ahead; what others owe from its day on


@dataclass(frozen=True)
class Reminded:
    """How many notices went out, and how many limits were found missed."""

    reminded: int
    missed: int
    more: bool


@procedure(REMIND, requires=(Role.CLOCK,), clauses=("TL-25.1d", "TL-25.2", "TL-26.1", "JD-s3", "SEED-30"))
def remind(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind people of the limits that run about a matter, each step once; a missed report is a breach. 到期提醒。

    A run that comes late tells the latest step only. Nothing lapses: protection goes on.
    """
    sweep.alone()
    lead = today + timedelta(days=policy.LIMIT_LEAD_DAYS)
    due = Deadline.objects.filter(name__in=list(TOLD), done_at__isnull=True, due_on__lte=lead).order_by("due_on", "pk")
    rows = list(due)
    sent = _already([limit.matter_id for limit in rows])
    matters = {m.pk: m for m in Matter.objects.filter(pk__in={limit.matter_id for limit in rows})}
    made: list[Notice] = []
    missed = 0
    for limit in rows:
        step = _step(limit, today)
        if not step or (str(limit.pk), step) in sent:
            continue
        made += _notices(limit, step, matters[limit.matter_id], now)
        missed += _missed(limit, step)
    Notice.objects.bulk_create(made, batch_size=500)
    data = {"today": today, "reminded": len(made), "missed": missed}
    append(actor, REMIND, subject=("sweep", REMIND), at=now, data=data)
    return Reminded(len(made), missed, False)


def _step(limit: Deadline, today: date) -> str:
    """Return how far a limit has run: ``before``, ``day`` or ``after``; what an answer owes is told from its day on."""
    days = (limit.due_on - today).days if limit.due_on else 1
    if days < 0:
        return "after"
    if days == 0:
        return "day"
    return "before" if limit.name in OURS else ""


def _already(matters: list[UUID]) -> set[tuple[str, str]]:
    """Return the steps that were told: limit and step."""
    codes = {code for told in TOLD.values() for code in told[:2]}
    rows = Notice.objects.filter(code__in=codes, matter_id__in=matters).values_list("params", flat=True)
    return {(p.get("limit", ""), p.get("step", "")) for p in rows}


def _notices(limit: Deadline, step: str, matter: Matter, now: datetime) -> list[Notice]:
    """Return the notices of one step to drafter and officer, and to the secrecy office from the last day on.

    A proposal is for those who can decide it, and for its drafter and the office only when its limit is over.
    """
    before, after, _ = TOLD[limit.name]
    params = {"limit": str(limit.pk), "step": step, "due_on": limit.due_on.isoformat() if limit.due_on else ""}
    people = [p for p in (matter.drafter_id, matter.officer_id) if p]
    office = [] if step == "before" else contested.secrecy_office(now)
    if limit.name == limits.PROPOSAL:
        derived = matter.origin == "derivative"
        able = facts.to_be_told(matter, matter.level, matter.item_id, now, derivative=derived)
        people = [o.person for o in able] + (people if step == "after" else [])
        office = office if step == "after" else []
    people += office
    code = after if step == "after" else before
    return [
        Notice(person_id=p, code=code, matter_id=limit.matter_id, params=params, created_at=now)
        for p in dict.fromkeys(people)
    ]


def _missed(limit: Deadline, step: str) -> int:
    """Keep a report that was not sent in time as a breach, once."""
    kind = TOLD[limit.name][2]
    if step != "after" or not kind or Breach.objects.filter(matter_id=limit.matter_id, kind=kind).exists():
        return 0
    Breach.objects.create(matter_id=limit.matter_id, kind=kind, clause=limit.clause, on=limit.due_on or limit.starts_on)
    return 1
