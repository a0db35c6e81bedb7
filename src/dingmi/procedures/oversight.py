"""P23 检查与整改: inspections, rounds, drills and assessments are planned, drawn for, held, or called off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import paper
from dingmi.procedures.appointment import tell
from dingmi.procedures.frame import procedure
from dingmi.procedures.numbering import next_of_year
from dingmi.procedures.personnel import require_text
from dingmi.queries import oversight as asked
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import new_id
from dingmi.records.organs.models import Department, Person
from dingmi.records.oversight.inspections import Inspection
from dingmi.regime import oversight as book
from dingmi.regime.kernel.periods import Period

LEADERS = (Role.SECRECY_OFFICE, Role.INSPECTOR, Role.HEAD, Role.OFFICER)
EARLIEST = timedelta(days=366)  # what was held within a year may still be entered
WORDS, CONCLUSION = 400, 1000  # characters
REPEATS = 36  # months at most
MOST_DRAWN = 500
CLAUSES = ("TL-58", "TL-59.3", "GD-5", "ZX-38", "SEED-12", "SEED-21", "SEED-23", "SEED-33")


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection as it stands now, and the one that follows it, where it repeats."""

    id: UUID
    number: str
    next: UUID | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample: the key that draws it again, how many it was drawn from, and the matters."""

    seed: str
    drawn_from: int
    matters: tuple[UUID, ...]


@procedure("oversight.plan", requires=LEADERS, clauses=CLAUSES)
def plan(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    title: str,
    planned_on: date,
    topics: tuple[str, ...] = (),
    unit: UUID | None = None,
    lead: UUID | None = None,
    repeats: int = 0,
    document_no: str = "",
) -> Inspected:
    """Plan an inspection, a round, a drill or an assessment of risks; officers plan their own rounds. 制定检查计划。

    Args:
        kind: ``self``, ``round``, ``special``, ``administration``, ``monitoring`` (a risk that self-monitoring
            found, BMF-31.1), ``drill`` or ``risk``.
        topics: Of the thirteen of the regulation; by default those that the kind looks at.
        unit: The department looked at; by default the whole organ.
        lead: Who leads it; by default oneself.
        repeats: Months after which the next one is planned by itself once this is held; 0 for once.
        document_no: Of the plan; of the notice, where the secrecy administration inspects.
    """
    leads = lead or UUID(actor.person_id)
    if not actor.holds(*asked.READERS) and (kind != "round" or str(leads) != actor.person_id):
        raise Forbidden("oversight.own_rounds", ("SEED-23",))
    faults = {
        "kind": "" if kind in book.kinds() else "choice.unknown",
        "topics": "" if set(topics) <= set(book.topics()) else "choice.unknown",
        "planned_on": "" if planned_on >= now.date() - EARLIEST else "date.range",
        "repeats": "" if 0 <= repeats <= REPEATS else "number.range",
        "unit": ""
        if unit is None or Department.objects.filter(pk=unit, organ__is_home=True).exists()
        else "id.unknown",
        "lead": "" if staff(actor).filter(pk=leads).exists() else "id.unknown",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    row = _planned(
        actor,
        now,
        Inspection(
            kind=kind,
            title=require_text("title", title, 120),
            unit_id=unit,
            topics=list(topics or book.kinds()[kind].topics),
            lead_id=leads,
            planned_on=planned_on,
            repeats=repeats,
            document_no=paper.line(document_no, "document_no", 80),
        ),
    )
    _prove("oversight.plan", row, actor, now)
    return Inspected(row.pk, asked.called(row, actor))


def staff(actor: Actor) -> QuerySet[Person]:
    """Return the people of the actor's organ who are still here."""
    return Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True)


def _planned(actor: Actor, now: datetime, row: Inspection) -> Inspection:
    """Number an inspection, save it, and tell whoever leads it."""
    row.year = row.planned_on.year
    row.number = next_of_year(Inspection, row.year)
    row.planned_at, row.planned_by = now, UUID(actor.person_id)
    row.save()
    if str(row.lead_id) != actor.person_id:
        number = asked.told_number(row, row.lead_id, asked.overseers(now))
        tell(row.lead_id, "oversight.to_lead", now, number=number, day=row.planned_on.isoformat())
    return row


def _prove(act: str, row: Inspection, actor: Actor, now: datetime, **data: object) -> None:
    told = {"number": asked.number(row), "kind": row.kind, "planned_on": row.planned_on, **data}
    append(actor, act, subject=("inspection", row.pk), at=now, data=told, rows=[row])


def running(actor: Actor, inspection: UUID) -> Inspection:
    """Return an inspection that is not called off, for one who leads it or oversees, locked.

    Raises:
        NotFound: There is none, or the actor has no part in it.
        Conflict: ``oversight.cancelled``.
    """
    row = Inspection.objects.select_for_update().filter(pk=inspection).first()
    if not isinstance(row, Inspection) or not asked.leads(actor, row):
        raise NotFound("object.not_found")
    if row.cancelled_on is not None:
        raise Conflict("oversight.cancelled", (), day=row.cancelled_on)
    return row


def _unheld(actor: Actor, inspection: UUID) -> Inspection:
    """Return an inspection that is still to be held.

    Raises:
        Conflict: ``oversight.held``.
    """
    row = running(actor, inspection)
    if row.held_on is not None:
        raise Conflict("oversight.held", (), day=row.held_on)
    return row


@procedure("oversight.draw", requires=LEADERS, clauses=("SEED-12", "GD-5", "ZX-38"))
def draw(*, actor: Actor, now: datetime, inspection: UUID, size: int) -> Drawn:
    """Draw the matters to look at: by level and origin in proportion, by a key that is recorded, so that anyone draws them again. 抽样。

    Raises:
        Conflict: ``oversight.drawn``: a sample is drawn once.
    """
    row = _unheld(actor, inspection)
    if row.sample:
        raise Conflict("oversight.drawn", (), number=asked.called(row, actor))
    if not 1 <= size <= MOST_DRAWN:
        raise Invalid("input.invalid", (), fields={"size": "number.range"})
    strata = asked.strata(actor, now, row.unit_id)
    row.seed = new_id().hex
    row.drawn_from = sum(map(len, strata.values()))
    row.sample = list(book.drawn(strata, size, asked.order_of(row.seed)))
    if not row.sample:
        raise Conflict("oversight.nothing_to_draw", ())
    row.save()
    _prove("oversight.draw", row, actor, now, seed=row.seed, drawn_from=row.drawn_from, sample=row.sample)
    return Drawn(row.seed, row.drawn_from, tuple(map(UUID, row.sample)))


@procedure("oversight.hold", requires=LEADERS, clauses=CLAUSES)
def hold(
    *,
    actor: Actor,
    now: datetime,
    inspection: UUID,
    held_on: date,
    participants: str,
    conclusion: str,
    document_no: str = "",
) -> Inspected:
    """Put down that an inspection was held, with its conclusion and the figures of the register; plan the next where it repeats. 登记检查结果。

    Args:
        document_no: Of the opinion; needed where the secrecy administration inspected.
    Raises:
        Invalid: ``oversight.no_opinion``.
    """
    row = _unheld(actor, inspection)  # load
    if not row.planned_on - EARLIEST <= held_on <= now.date():
        raise Invalid("input.invalid", (), fields={"held_on": "date.range"})
    number = paper.line(document_no, "document_no", 80)
    if row.kind == "administration" and not number:
        raise Invalid("oversight.no_opinion", ("TL-59.3",), fields={"document_no": "oversight.no_opinion"})
    row.conclusion = paper.block_of_text(conclusion, "conclusion", CONCLUSION, required=True).strip()
    row.participants = require_text("participants", participants, WORDS)
    row.document_no = number or row.document_no
    row.held_on, row.held_at, row.held_by = held_on, now, UUID(actor.person_id)
    row.figures = asked.figures(actor, now, held_on) if "classification" in row.topics else []
    row.save()  # write
    _prove("oversight.hold", row, actor, now, held_on=held_on, figures=row.figures)  # prove
    following = _next(actor, now, row)
    return Inspected(row.pk, asked.called(row, actor), following.pk if following else None)


def _next(actor: Actor, now: datetime, row: Inspection) -> Inspection | None:
    """Plan the inspection that follows one that repeats."""
    if not row.repeats:
        return None
    made = _planned(
        actor,
        now,
        Inspection(
            kind=row.kind,
            title=row.title,
            unit_id=row.unit_id,
            topics=row.topics,
            lead_id=row.lead_id,
            planned_on=Period(months=row.repeats).last_day(max(row.planned_on, row.held_on or row.planned_on)),
            repeats=row.repeats,
        ),
    )
    _prove("oversight.plan", made, actor, now, follows=asked.number(row))
    return made


@procedure("oversight.cancel", requires=asked.READERS, step_up=True, clauses=("SEED-23",))
def cancel(*, actor: Actor, now: datetime, inspection: UUID, words: str) -> Inspected:
    """Call an inspection off that has not been held, and say why; it stays on record. 取消检查。"""
    row = _unheld(actor, inspection)
    row.cancelled_words = paper.block_of_text(words, "words", WORDS, required=True).strip()
    row.cancelled_on = now.date()
    row.save()
    _prove("oversight.cancel", row, actor, now)
    return Inspected(row.pk, asked.called(row, actor))
