"""P17 载体销毁: proposed, approved by somebody else, counted by two people, destroyed; the list is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, NotFound, Refused
from dingmi.procedures import paper
from dingmi.procedures.appointment import tell
from dingmi.procedures.carrier_life import held, locked, moved
from dingmi.procedures.frame import procedure
from dingmi.procedures.numbering import next_of_year
from dingmi.queries import carrier_lists as asked
from dingmi.queries import facts, standing
from dingmi.queries.carriers import APPROVERS, highest
from dingmi.queries.clock import ZONE
from dingmi.records.carriers.models import Carrier, Destruction, DestructionCount
from dingmi.records.ledger.append import append
from dingmi.regime.prc_state.facts_carriers import ConsentFacts, DoomedCountFacts, DoomFacts
from dingmi.regime.prc_state.facts_custody import DestructionFacts

CLAUSES = ("TL-28.2", "BMF-28", "CS-58")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of copies to be destroyed as it stands now."""

    id: UUID
    number: str
    state: str
    copies: int


def _prove(act: str, row: Destruction, actor: Actor, now: datetime, *more: Any, **data: Any) -> Listed:
    outcome = Listed(row.pk, asked.destruction_number(row), row.state, asked.on_list(actor, now, row).count())
    told = {"number": outcome.number, "state": row.state, "copies": outcome.copies, **data}
    append(actor, act, subject=("destruction", row.pk), at=now, data=told, rows=[row, *more])
    return outcome


def _open(actor: Actor, now: datetime, destruction: UUID, state: str) -> Destruction:
    """Return a list in ``state`` that the actor may know of, locked.

    Raises:
        NotFound: There is none.
        Conflict: ``destruction.state``: it has moved on.
    """
    known = asked.lists(actor, now).order_by().values("pk")
    row = Destruction.objects.select_for_update().filter(pk__in=known, pk=destruction).first()
    if not isinstance(row, Destruction):
        raise NotFound("object.not_found")
    if row.state != state:
        raise Conflict("destruction.state", (), number=asked.destruction_number(row))
    return row


def _copies(actor: Actor, now: datetime, row: Destruction) -> list[Carrier]:
    """Return the copies of a list, locked.

    Raises:
        Refused: ``destruction.unknown_copies``: the actor may not know of every one of them.
    """
    rows = list(locked(actor, now).filter(destruction=row).order_by("matter__register_no", "copy_no"))
    if len(rows) < row.carriers.count():
        raise Refused("destruction.unknown_copies", ("BMF-21.3",))
    return rows


@procedure("carriers.propose_destruction", requires=Role.SECRECY_OFFICE, clauses=("TL-28.1", *CLAUSES))
def propose_destruction(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    method: str,
    facility: str,
    with_own_equipment: bool = False,
) -> Listed:
    """Put copies on a list to be destroyed beyond restoring; somebody else approves it. 提出销毁。

    Args:
        method: Such as ``化浆`` for paper, ``消磁`` for magnetic media; it has to fit every copy.
        facility: The designated facility, or our own equipment.
        with_own_equipment: A small number, destroyed by ourselves with equipment that meets the standard.
    Raises:
        Refused: ``destruction.method``.
    """
    rows = held(actor, now, "carriers.propose_destruction", numbers)
    how = paper.line(method, "method", 20, required=True)
    for form in sorted({row.form for row in rows}):
        facts.require(facts.judged("carriers.propose_destruction", DoomFacts(now, form, how), now.date()))
    year = now.astimezone(ZONE).year
    doomed = Destruction(
        year=year,
        number=next_of_year(Destruction, year),
        method=how,
        facility=paper.line(facility, "facility", 120, required=True),
        with_own_equipment=with_own_equipment,
        proposed_by_id=UUID(actor.person_id),
        proposed_at=now,
    )
    doomed.save()
    number = asked.destruction_number(doomed)
    moved("carriers.propose_destruction", rows, actor, now, told={"list": number}, destruction=doomed, due_on=None)
    for person in standing.principals():
        tell(person.pk, "carrier.destruction_waits", now, number=number)
    return _prove("carriers.propose_destruction", doomed, actor, now, method=how)


@procedure("carriers.approve_destruction", requires=APPROVERS, step_up=True, clauses=CLAUSES)
def approve_destruction(*, actor: Actor, now: datetime, destruction: UUID, document_no: str) -> Listed:
    """Approve a list of copies to be destroyed; never one's own. 批准销毁。

    Args:
        document_no: Of the approval.
    Raises:
        Refused: ``destruction.own_approval``.
    """
    row = _open(actor, now, destruction, "proposed")
    _copies(actor, now, row)
    given = ConsentFacts(now, str(row.proposed_by_id), actor.person_id)
    facts.require(facts.judged("carriers.approve_destruction", given, now.date()))
    row.document_no = paper.line(document_no, "document_no", 80, required=True)
    row.state, row.answered_by_id, row.answered_at = "approved", UUID(actor.person_id), now
    row.save()
    tell(row.proposed_by_id, "carrier.destruction_approved", now, number=asked.destruction_number(row))
    return _prove("carriers.approve_destruction", row, actor, now, document_no=row.document_no)


@procedure("carriers.refuse_destruction", requires=APPROVERS, step_up=True, clauses=CLAUSES)
def refuse_destruction(*, actor: Actor, now: datetime, destruction: UUID, reason: str) -> Listed:
    """Refuse a list; its copies are kept again. 不批准销毁。"""
    row = _open(actor, now, destruction, "proposed")
    rows = _copies(actor, now, row)
    row.document_no = paper.line(reason, "reason", 80, required=True)
    row.state, row.answered_by_id, row.answered_at = "refused", UUID(actor.person_id), now
    row.save()
    number = asked.destruction_number(row)
    moved("carriers.refuse_destruction", rows, actor, now, told={"list": number})
    tell(row.proposed_by_id, "carrier.destruction_refused", now, number=number)
    return _prove("carriers.refuse_destruction", row, actor, now)


@procedure("carriers.count_destruction", clauses=CLAUSES)
def count_destruction(
    *, actor: Actor, now: datetime, destruction: UUID, numbers: tuple[str, ...], counted: int
) -> Listed:
    """Count what is about to be destroyed, copy by copy, as one of the two who watch it. 监销清点。

    Args:
        numbers: As they stand on the copies.
        counted: How many copies were counted.
    Raises:
        Refused: ``destruction.count``: the numbers or the count are not those of the list.
        Conflict: ``destruction.counted``: by the same person before.
    """
    row = _open(actor, now, destruction, "approved")
    rows = _copies(actor, now, row)
    me = UUID(actor.person_id)
    if row.counts.filter(person=me).exists():
        raise Conflict("destruction.counted", (), number=asked.destruction_number(row))
    given = held(actor, now, "carriers.finish_destruction", numbers)
    strange = len({c.pk for c in given} ^ {c.pk for c in rows})
    facts.require(
        facts.judged("carriers.count_destruction", DoomedCountFacts(now, len(rows), counted, strange), now.date())
    )
    count = DestructionCount(destruction=row, person_id=me, counted=counted, at=now)
    count.save()
    return _prove("carriers.count_destruction", row, actor, now, count, counted=counted)


@procedure("carriers.finish_destruction", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("TL-28.1", *CLAUSES))
def finish_destruction(*, actor: Actor, now: datetime, destruction: UUID) -> Listed:
    """Put down that the copies of a list were destroyed, after two people counted them. 登记销毁。

    Raises:
        Refused: Too few people counted.
    """
    row = _open(actor, now, destruction, "approved")
    rows = _copies(actor, now, row)
    given = DestructionFacts(
        at=now,
        level=highest(rows),
        is_counted=all(copy.state == "doomed" for copy in rows),  # one may have been missed since it was counted
        is_approved=row.answered_at is not None,
        at_designated_facility=not row.with_own_equipment,
        with_own_equipment=row.with_own_equipment,
        witnesses=row.counts.count(),
    )
    verdict = facts.judged("carriers.destroy", given, now.date())
    facts.require(verdict)
    row.state, row.done_by_id, row.done_at = "done", UUID(actor.person_id), now
    row.save()
    told = {"list": asked.destruction_number(row), "method": row.method}
    moved(
        "carriers.finish_destruction", rows, actor, now, verdict=verdict, told=told, document_no=row.document_no,
        holder=None, place=row.facility[:80], return_by=None,
    )  # fmt: skip
    return _prove("carriers.finish_destruction", row, actor, now, method=row.method)
