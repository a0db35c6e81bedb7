"""到期提醒 of what waits to be decided, referred, answered or returned: ahead, on the last day, and the day after; late ones are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures import sweep
from dingmi.procedures.frame import procedure
from dingmi.queries import appraisal_course, contested, facts, grades, limits, policy, standing
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter, Proposal
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach

REMIND = "unclear.remind"
BEFORE, DAY, AFTER = "before", "day", "after"  # how far a limit has run
Reader = Callable[[Matter, datetime], Iterable[UUID | None]]


def _drafter(matter: Matter, now: datetime) -> Iterable[UUID | None]:
    return (matter.drafter_id,)


def _own(matter: Matter, now: datetime) -> Iterable[UUID | None]:
    return matter.drafter_id, matter.officer_id


def _office(matter: Matter, now: datetime) -> Iterable[UUID | None]:
    return contested.secrecy_office(now)


def _deciders(matter: Matter, now: datetime) -> Iterable[UUID | None]:
    """Who can decide what was proposed last; nobody for a draft."""
    last = _proposed(matter)
    if last is None:
        return ()
    item, derived = last.item_id or matter.item_id, matter.origin == "derivative"
    return [o.person for o in facts.to_be_told(matter, last.level, item, now, derivative=derived)]


def _approvers(matter: Matter, now: datetime) -> Iterable[UUID | None]:
    """Who approves what was proposed last as a work or trade secret."""
    last = _proposed(matter)
    return grades.approvers(matter, last.level, now) if last is not None else ()


def _proposed(matter: Matter) -> Proposal | None:
    last: Proposal | None = Proposal.objects.filter(matter=matter).order_by("-number").first()
    return last


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a limit, to whom at each step, and the breach that is kept once it has passed; nobody: not told."""

    due: str  # the code before and on the last day
    late: str  # … and after it
    readers: Mapping[str, tuple[Reader, ...]]
    breach: str = ""


# what we owe is told ahead; what others owe from its last day on
OWED = {BEFORE: (_own,), DAY: (_own, _office), AFTER: (_own, _office)}
AWAITED = {DAY: (_own, _office), AFTER: (_own, _office)}
# a proposal is for those who decide it, and for its drafter and the office only when its limit is over
DECIDED = {BEFORE: (_deciders,), DAY: (_deciders,), AFTER: (_deciders, _own, _office)}
APPROVED = {BEFORE: (_approvers,), DAY: (_approvers,), AFTER: (_approvers, _drafter, _office)}
REFERRED = {DAY: (_drafter, _deciders), AFTER: (_drafter, _deciders, _office)}
TOLD = {
    limits.PROPOSAL: Told("proposal.due", "proposal.overdue", DECIDED),
    limits.CHANGE: Told("change.due", "change.overdue", DECIDED),
    limits.WORK: Told("graded.due", "graded.overdue", APPROVED),
    limits.TRADE: Told("graded.due", "graded.overdue", APPROVED),
    limits.REFERRAL: Told("referral.due", "referral.overdue", REFERRED),
    contested.REPORT: Told("unclear.due", "unclear.overdue", OWED, "unclear.sent_late"),
    contested.RULING: Told("unclear.no_answer", "unclear.no_answer", AWAITED),
    contested.ANSWER: Told("challenge.overdue", "challenge.overdue", AWAITED),
    appraisal_course.REPLY: Told("appraisal.reply_due", "appraisal.reply_overdue", OWED),
    appraisal_course.LIMIT: Told("appraisal.no_conclusion", "appraisal.no_conclusion", AWAITED),
}


@dataclass(frozen=True)
class Reminded:
    """How many notices went out, and how many limits were found missed."""

    reminded: int
    missed: int
    more: bool


@procedure(REMIND, requires=(Role.CLOCK,), clauses=("TL-25.1d", "TL-25.2", "TL-26.1", "JD-s3", "SEED-30", "BMF-17.3"))
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
    """Return how far a limit has run, if anybody is told of it there."""
    days = (limit.due_on - today).days if limit.due_on else 1
    step = AFTER if days < 0 else DAY if days == 0 else BEFORE
    return step if step in TOLD[limit.name].readers else ""


def _already(matters: list[UUID]) -> set[tuple[str, str]]:
    """Return the steps that were told: limit and step."""
    codes = {code for told in TOLD.values() for code in (told.due, told.late)}
    rows = Notice.objects.filter(code__in=codes, matter_id__in=matters).values_list("params", flat=True)
    return {(p.get("limit", ""), p.get("step", "")) for p in rows}


def _notices(limit: Deadline, step: str, matter: Matter, now: datetime) -> list[Notice]:
    """Return the notices of one step, one for each reader whom no conflict bars."""
    told = TOLD[limit.name]
    code = told.late if step == AFTER else told.due
    params = {"limit": str(limit.pk), "step": step, "due_on": limit.due_on.isoformat() if limit.due_on else ""}
    barred = standing.barred(matter)
    people = dict.fromkeys(p for reader in told.readers[step] for p in reader(matter, now))
    return [
        Notice(person_id=p, code=code, matter_id=limit.matter_id, params=params, created_at=now)
        for p in people
        if p and p not in barred
    ]


def _missed(limit: Deadline, step: str) -> int:
    """Keep a report that was not sent in time as a breach, once."""
    kind = TOLD[limit.name].breach
    if step != AFTER or not kind or Breach.objects.filter(matter_id=limit.matter_id, kind=kind).exists():
        return 0
    Breach.objects.create(matter_id=limit.matter_id, kind=kind, clause=limit.clause, on=limit.due_on or limit.starts_on)
    return 1
