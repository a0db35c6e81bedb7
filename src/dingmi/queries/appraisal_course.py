"""鉴定进展: how far an administration is with an appraisal, and when its conclusion is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import access, numbers
from dingmi.queries.appraisal import ROLES
from dingmi.queries.contested import NOT_SECRET
from dingmi.queries.facts import REGIME
from dingmi.queries.registry import query
from dingmi.records.matters.disputes import Appraisal, AppraisalStep
from dingmi.records.matters.models import Matter
from dingmi.regime import deadlines, judge
from dingmi.regime.calendar import CalendarGap
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import dispute_facts as asked
from dingmi.regime.prc_state.appraisal import is_paused

LIMIT = "appraisal"  # of the regime: when the conclusion is due
REPLY = "appraisal_reply"  # as the request asks: when our answers are due
ANSWERS = ("绝密", "机密", "秘密", NOT_SECRET)
ENDING = ("concluded", "reviewed")  # steps that end it
ASKING = ("returned", "completed")  # steps that say whether everything is there


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was told."""

    number: int
    kind: str
    on: date
    organ: str
    document_no: str
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class Due:
    """When a conclusion is due, by which clause; no day while the calendar of a year is not loaded.

    ``is_stopped``: the file is out with experts, and the days until it is back do not count.
    """

    on: date | None
    clause: str
    days_left: int | None
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class Course:
    """The page of one appraisal: what it is about, what still has to come, its steps, and the limit that runs."""

    appraisal: UUID
    matter: UUID
    number: str
    document_no: str
    applicant: str
    route: str
    lacking: tuple[str, ...]
    steps: tuple[Step, ...]
    due: Due | None
    outcome: str


def lacks(kept: Appraisal, steps: Sequence[AppraisalStep]) -> bool:
    """Tell whether something that has to come along is still missing."""
    said = [s.kind for s in steps if s.kind in ASKING]
    return said[-1] == "returned" if said else bool(kept.lacking)


def _accepted(steps: Sequence[AppraisalStep]) -> date | None:
    return next((s.on for s in steps if s.kind == "accepted"), None)


def is_stopped(steps: Sequence[AppraisalStep]) -> bool:
    """Tell whether the file is out with experts and the law does not count these days."""
    begun = _accepted(steps)
    return begun is not None and is_paused(tuple(s.kind for s in steps)) and deadlines.stops(LIMIT, begun)


def due_on(steps: Sequence[AppraisalStep], until: date) -> date | None:
    """Return when a conclusion is due: thirty days from acceptance, days with experts apart, extended once.

    Nothing before acceptance, and while the calendar of a year is not loaded.

    Args:
        until: The day up to which a file counts as out with experts that is not back yet.
    """
    begun = _accepted(steps)
    if begun is None:
        return None
    out, back = ([s.on for s in steps if s.kind == kind] for kind in ("experts", "experts_back"))
    pauses = tuple(asked.Pause(sent, home) for sent, home in zip_longest(out, back, fillvalue=until))
    given = asked.ConclusionFacts(begun, is_extended=any(s.kind == "extended" for s in steps), pauses=pauses)
    try:
        found: date = judge(REGIME, "appraisal.conclude", given, begun).values["due_on"]
    except CalendarGap:
        return None
    return found


def judge_step(kept: Appraisal, steps: Sequence[AppraisalStep], fresh: AppraisalStep, now: datetime) -> Verdict:
    """Judge one more step."""
    given = asked.CourseFacts(
        at=now,
        step=fresh.kind,
        on=fresh.on,
        route=kept.route,
        before=tuple(s.kind for s in steps),
        lacks=lacks(kept, steps),
        organ=fresh.organ,
        due_on=due_on(steps, fresh.on),
        head_agrees=fresh.head_agrees,
        copied=fresh.copied,
    )
    return judge(REGIME, "appraisal.note", given, now.date())


def of_reader(actor: Actor, now: datetime, appraisal_id: UUID) -> tuple[Appraisal, Matter]:
    """Return an appraisal with its matter.

    Raises:
        NotFound: There is none, or the reader may not know of its matter.
    """
    kept = Appraisal.objects.filter(pk=appraisal_id, matter__isnull=False).first()
    if not isinstance(kept, Appraisal) or kept.matter_id is None:
        raise NotFound("object.not_found")
    return kept, access.matter_for(actor, now, kept.matter_id)


@query("appraisal.course", roles=ROLES, clauses=("JD-s1", "JD-s3", "JD-16", "JD-s4"))
def course(*, actor: Actor, now: datetime, appraisal_id: UUID) -> Course:
    """Return how far the administration is with one appraisal, and when its conclusion is due."""
    kept, row = of_reader(actor, now, appraisal_id)
    steps = list(AppraisalStep.objects.filter(appraisal=kept).select_related("by").order_by("number"))
    begun, due = _accepted(steps), due_on(steps, now.date())
    ended = [s for s in steps if s.kind in ENDING]
    return Course(
        appraisal=kept.pk,
        matter=row.pk,
        number=numbers.shown(row.pk, row.register_no),
        document_no=kept.document_no,
        applicant=kept.applicant,
        route=kept.route,
        lacking=tuple(kept.lacking) if lacks(kept, steps) else (),
        steps=tuple(Step(s.number, s.kind, s.on, s.organ, s.document_no, s.outcome, s.by.name) for s in steps),
        due=Due(due, deadlines.rule_on(LIMIT, begun), (due - now.date()).days if due else None, is_stopped(steps))
        if begun is not None and not ended
        else None,
        outcome=ended[-1].outcome if ended else "",
    )
