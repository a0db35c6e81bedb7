"""涉密人员重大事项报告 (CS-45): reported by the person, or by the office for them, and answered by the office."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import paper
from dingmi.procedures.appointment import tell
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered
from dingmi.queries import standing
from dingmi.queries.staff_reports import KINDS, is_cleared
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person
from dingmi.records.organs.staff import PersonalReport

OFFICE = Role.SECRECY_OFFICE


@procedure("personnel.report_event", clauses=("CS-45",))
def report_event(
    *, actor: Actor, now: datetime, kind: str, on: date, words: str, person: UUID | None = None
) -> Entered:
    """Report a personal event as cleared staff: one's own, or by the office for another. 报告个人重大事项。

    Args:
        kind: leak, funding, marriage, residence, abroad or other.
        on: When it happened or is to happen.
        person: Whose event; by default one's own.
    Raises:
        Forbidden: Another's event is reported by the secrecy office alone.
        Conflict: ``report.not_cleared``: only cleared staff report.
    """
    if kind not in KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    if not actor.person_id:
        raise Forbidden("session.required")
    of = person or UUID(actor.person_id)
    if str(of) != actor.person_id and not actor.holds(OFFICE):
        raise Forbidden("report.of_another", ("CS-45",))
    who = Person.objects.filter(pk=of, organ_id=actor.organ_id, left_at__isnull=True).first()
    if who is None:
        raise NotFound("object.not_found")
    if not is_cleared(who, now):
        raise Conflict("report.not_cleared", ("CS-45",))
    paper.block_of_text(words, "words", 400, required=True)
    row = PersonalReport(
        person=who, kind=kind, on=on, words=words.strip(), reported_at=now, reported_by=UUID(actor.person_id)
    )
    row.save()
    for keeper in standing.holders(OFFICE, now):
        if str(keeper) != actor.person_id:
            tell(keeper, "personnel.event_reported", now, name=who.name)
    append(actor, "personnel.report_event", subject=("person", who.pk), at=now, data={"kind": kind}, rows=[row])
    return Entered(row.pk)


@procedure("personnel.answer_event", requires=OFFICE, clauses=("CS-45",))
def answer_event(*, actor: Actor, now: datetime, report: UUID, answer: str) -> Entered:
    """Answer a reported event: what was found and what follows; nobody answers one's own. 答复重大事项报告。"""
    row = PersonalReport.objects.select_for_update().filter(pk=report).first()
    if not isinstance(row, PersonalReport):
        raise NotFound("object.not_found")
    if str(row.person_id) == actor.person_id:
        raise Forbidden("staff.own")
    if row.answered_at is not None:
        raise Conflict("report.answered", ())
    paper.block_of_text(answer, "answer", 400, required=True)
    row.answered_at, row.answer, row.answered_by = now, answer.strip(), UUID(actor.person_id)
    row.save(update_fields=["answered_at", "answer", "answered_by"])
    tell(row.person_id, "personnel.event_answered", now)
    append(actor, "personnel.answer_event", subject=("person", row.person_id), at=now, rows=[row])
    return Entered(row.pk)
