"""P13 鉴定进展：what the administration tells of an appraisal, step by step; the limit of its conclusion runs and reminds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures import paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.queries import appraisal_course as asked
from dingmi.queries import facts
from dingmi.records.ledger.append import append
from dingmi.records.matters.disputes import Appraisal, AppraisalStep
from dingmi.records.notices.models import Deadline
from dingmi.regime import deadlines
from dingmi.regime.prc_state.appraisal import STEPS

ORGANS = ("", "national", "provincial", "originator")


@dataclass(frozen=True, slots=True)
class Told:
    """A step is registered: its number, and when the conclusion is due now."""

    number: int
    due_on: date | None
    advice: tuple[str, ...]


@procedure(
    "appraisal.note",
    requires=(Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE),
    clauses=("JD-s1", "JD-s3", "JD-16", "JD-s4", "TL-63.2"),
)
def note(
    *,
    actor: Actor,
    now: datetime,
    appraisal_id: UUID,
    step: str,
    on: date,
    organ: str = "",
    document_no: str = "",
    outcome: str = "",
    head_agrees: bool = False,
    copied: bool = False,
) -> Told:
    """Register what the administration tells of an appraisal. 登记鉴定进展。

    Args:
        step: ``returned``, ``completed``, ``accepted``, ``consulted``, ``heard``, ``experts``, ``experts_back``,
            ``extended``, ``concluded`` or ``reviewed``.
        on: The day on which it happened, not before the step before.
        organ: Who is consulted, or who reviews: ``national``, ``provincial`` or ``originator``.
        outcome: Of a conclusion or a review: a level, or ``not_secret``.
        head_agrees: The head of the administration approved the extension.
        copied: The review decision was copied to the first appraiser.
    """
    kept, row = asked.of_reader(actor, now, appraisal_id)  # load
    steps = list(AppraisalStep.objects.filter(appraisal=kept).order_by("number"))
    number = paper.line(document_no, "document_no", 80, required=step in asked.ENDING)
    faults = {
        "step": "" if step in STEPS else "choice.unknown",
        "on": "" if (steps[-1].on if steps else kept.received_on) <= on <= now.date() else "date.range",
        "organ": "" if organ in ORGANS and bool(organ) == (step in ("consulted", "reviewed")) else "choice.unknown",
        "outcome": ""
        if (outcome in asked.ANSWERS) == (step in asked.ENDING) and (step in asked.ENDING or not outcome)
        else "appraisal.no_answer",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    fresh = AppraisalStep(
        appraisal=kept,
        number=len(steps) + 1,
        kind=step,
        on=on,
        organ=organ,
        document_no=number,
        outcome=outcome,
        head_agrees=head_agrees,
        copied=copied,
        by_id=UUID(actor.person_id),
        at=now,
    )
    verdict = asked.judge_step(kept, steps, fresh, now)  # gather, judge
    facts.require(verdict)
    fresh.save()  # write
    due = _keep_limits(kept, row.pk, [*steps, fresh], now)
    append(  # prove
        actor,
        "appraisal.note",
        subject=("matter", row.pk),
        at=now,
        data={"appraisal": kept.pk, "step": step, "number": fresh.number, "on": on, "due_on": due},
        verdict=verdict,
        rows=[fresh],
    )
    if step in asked.ENDING:
        people = [p for p in (row.drafter_id, row.officer_id, kept.received_by_id) if p]
        shelf.tell(people, f"appraisal.{step}", row, now, outcome=outcome, document_no=number)  # tell
    return Told(fresh.number, due, tuple(f.code for f in verdict.warnings))


def _keep_limits(kept: Appraisal, matter: UUID, steps: list[AppraisalStep], now: datetime) -> date | None:
    """Let the limits stand as the steps have it: our reply from completion on, the conclusion from acceptance on, but while out with experts."""
    last = steps[-1]
    if last.kind == "completed":
        owe_reply(kept, matter, last.on)
    if last.kind == "returned":
        limits(kept, asked.REPLY).update(done_at=now)
    running = limits(kept, asked.LIMIT)
    if last.kind in asked.ENDING:
        running.update(done_at=now)
        return None
    due = asked.due_on(steps, last.on)
    if asked.is_stopped(steps):
        running.update(done_at=now)
    elif not running.update(due_on=due) and last.kind in ("accepted", "experts_back"):
        since = next(s.on for s in steps if s.kind == "accepted")
        clause = deadlines.rule_on(asked.LIMIT, since)
        Deadline.objects.create(
            matter_id=matter, part_id=kept.pk, name=asked.LIMIT, clause=clause, starts_on=since, due_on=due
        )
    return due


def limits(kept: Appraisal, name: str) -> QuerySet[Deadline]:
    """Return the running limits of one name that belong to an appraisal."""
    found: QuerySet[Deadline] = Deadline.objects.filter(part_id=kept.pk, name=name, done_at__isnull=True)
    return found


def owe_reply(kept: Appraisal, matter: UUID, since: date) -> None:
    """Let our reply be due as the request asks, once everything is there (JD-s1)."""
    if kept.reply_by is not None and kept.answered_at is None:
        Deadline.objects.create(
            matter_id=matter,
            part_id=kept.pk,
            name=asked.REPLY,
            clause="JD-14",
            starts_on=since,
            due_on=kept.reply_by,
        )
