"""公开选拔定密责任人 (SEED-26): announced, applied for, examined, decided with reasons; the chosen are then nominated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound
from dingmi.procedures import paper
from dingmi.procedures.appointment import WORDS, open_case, tell
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries import facts
from dingmi.queries import selection as asked
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.officers.exams import Exam
from dingmi.records.officers.selection import Candidacy, Selection
from dingmi.records.organs.models import Person

OFFICE = Role.SECRECY_OFFICE


@dataclass(frozen=True, slots=True)
class Decided:
    """A selection decided: the cases of appointment that it opened, and how many were declined."""

    selection: UUID
    cases: tuple[UUID, ...]
    declined: int


def _locked(selection: UUID) -> Selection:
    """Return an announcement that is not decided, locked.

    Raises:
        NotFound: There is none.
        Conflict: ``selection.decided_already``.
    """
    row = Selection.objects.select_for_update().filter(pk=selection).first()
    if not isinstance(row, Selection):
        raise NotFound("object.not_found")
    if row.decided_at is not None:
        raise Conflict("selection.decided_already", (), title=row.title)
    return row


@procedure("selection.post", requires=(OFFICE, Role.HEAD), clauses=("SEED-26",))
def post(
    *,
    actor: Actor,
    now: datetime,
    title: str,
    max_level: str,
    conditions: str,
    closes_at: datetime,
    matters: tuple[str, ...] = ("*",),
    exam: UUID | None = None,
) -> Entered:
    """Announce the post of an officer to the whole organ. 发布选拔公告。

    Args:
        exam: An examination that a candidate has to pass.
    """
    if max_level not in LEVELS[1:] or not matters:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    if closes_at <= now:
        raise Invalid("input.invalid", (), fields={"closes_at": "interval.empty"})
    paper.block_of_text(conditions, "conditions", WORDS, required=True)
    if exam is not None and not Exam.objects.filter(pk=exam, cancelled_at__isnull=True).exists():
        raise NotFound("object.not_found")
    row = Selection(
        title=require_text("title", title, 120),
        max_level=max_level,
        matters=list(matters),
        conditions=conditions.strip(),
        exam_id=exam,
        posted_at=now,
        posted_by=UUID(actor.person_id),
        closes_at=closes_at,
    )
    row.save()
    append(actor, "selection.post", subject=("selection", row.pk), at=now, data={"level": max_level}, rows=[row])
    return Entered(row.pk)


@procedure("selection.apply", clauses=("SEED-26",))
def apply(*, actor: Actor, now: datetime, selection: UUID, statement: str) -> Entered:
    """Apply for an announced post, for oneself. 报名参加选拔。"""
    row = _locked(selection)
    if now >= row.closes_at:
        raise Conflict("selection.closed", (), title=row.title, closes=row.closes_at)
    who = Person.objects.filter(pk=UUID(actor.person_id), organ_id=actor.organ_id, left_at__isnull=True).first()
    if who is None:
        raise NotFound("object.not_found")
    paper.block_of_text(statement, "statement", WORDS, required=True)
    entry = Candidacy.objects.filter(selection=row, person=who).first() or Candidacy(selection=row, person=who)
    entry.statement, entry.state, entry.applied_at = statement.strip(), "applied", now
    entry.save()
    append(actor, "selection.apply", subject=("selection", row.pk), at=now, rows=[entry])
    return Entered(entry.pk)


@procedure("selection.withdraw", clauses=("SEED-26",))
def withdraw(*, actor: Actor, now: datetime, selection: UUID) -> Entered:
    """Take one's application back before the decision. 撤回报名。"""
    row = _locked(selection)
    entry = Candidacy.objects.filter(selection=row, person_id=UUID(actor.person_id), state="applied").first()
    if entry is None:
        raise NotFound("object.not_found")
    entry.state = "withdrawn"
    entry.save(update_fields=["state"])
    append(actor, "selection.withdraw", subject=("selection", row.pk), at=now, rows=[entry])
    return Entered(entry.pk)


@procedure("selection.decide", requires=Role.HEAD, step_up=True, clauses=("SEED-26", "QA-9"))
def decide(*, actor: Actor, now: datetime, selection: UUID, chosen: tuple[UUID, ...] = (), reasons: str) -> Decided:
    """Decide a selection with reasons: the chosen are nominated, the others told; nobody is a decision too. 决定选拔结果。

    Raises:
        Refused: Not closed yet, a candidate has not passed, or may not be nominated; nothing is decided then.
    """
    row = _locked(selection)
    paper.block_of_text(reasons, "reasons", WORDS, required=True)
    entries = {e.person_id: e for e in Candidacy.objects.filter(selection=row, state="applied")}
    if set(chosen) - set(entries):
        raise NotFound("object.not_found")
    cases, touched = [], list[Any]()
    for person, entry in sorted(entries.items(), key=lambda pair: (pair[1].applied_at, str(pair[0]))):
        if person in chosen:
            facts.require(asked.judge_choice(row, person, actor, reasons, now))
            case, _ = open_case(actor, now, person, row.max_level, tuple(row.matters), "main", False, reasons)
            entry.state, entry.case = "chosen", case
            cases.append(case.pk)
            touched.append(case)
        else:
            entry.state = "declined"
        entry.save()
        touched.append(entry)
        tell(person, f"selection.{entry.state}", now, title=row.title)
    row.decided_at, row.decided_by, row.reasons = now, UUID(actor.person_id), reasons.strip()
    row.save()
    data = {"chosen": len(cases), "declined": len(entries) - len(cases)}
    append(actor, "selection.decide", subject=("selection", row.pk), at=now, data=data, rows=[row, *touched])
    return Decided(row.pk, tuple(cases), len(entries) - len(cases))
