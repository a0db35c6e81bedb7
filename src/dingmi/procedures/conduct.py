"""P19 严重违规、擅自离职和调离建议: entered by the office, told to the administration or answered in writing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries.staff_reports import is_cleared
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person
from dingmi.records.oversight.conduct import KINDS, Conduct

OFFICE = (Role.SECRECY_OFFICE, Role.HEAD)
WORDS = 400  # characters


@procedure("personnel.enter_conduct", requires=OFFICE, clauses=("TL-54", "BMF-51.2"))
def enter_conduct(*, actor: Actor, now: datetime, person: UUID, kind: str, on: date, words: str) -> Entered:
    """Enter that cleared staff left without leave or broke the rules gravely, or that the administration advises a removal. 登记违规和离职情况。

    Args:
        kind: ``deserted``, ``breach`` or ``removal_advised``.
        on: When it happened, or when the recommendation came.
    Raises:
        Forbidden: ``staff.own``: nobody enters the own case.
        Conflict: ``report.not_cleared``: only cleared staff are reported.
    """
    who = Person.objects.filter(pk=person, organ_id=actor.organ_id).first()
    if who is None:
        raise NotFound("object.not_found")
    if str(person) == actor.person_id:
        raise Forbidden("staff.own")
    faults = {
        "kind": "" if kind in KINDS else "choice.unknown",
        "on": "" if on <= now.date() else "date.in_future",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    if not is_cleared(who, now):
        raise Conflict("report.not_cleared", ("TL-54",))
    row = Conduct(
        person=who,
        kind=kind,
        on=on,
        words=paper.block_of_text(words, "words", WORDS, required=True).strip(),
        entered_at=now,
        entered_by=UUID(actor.person_id),
    )
    row.save()
    append(actor, "personnel.enter_conduct", subject=("person", person), at=now, data={"kind": kind}, rows=[row])
    return Entered(row.pk)


@procedure("personnel.tell_conduct", requires=OFFICE, clauses=("TL-54", "BMF-51.2"))
def tell_conduct(
    *, actor: Actor, now: datetime, conduct: UUID, document_no: str, words: str, told_on: date | None = None
) -> Entered:
    """Put down by which document the administration was told of it, or its recommendation answered. 登记报告文号。

    Raises:
        Conflict: ``conduct.told``.
    """
    row = Conduct.objects.select_for_update().filter(pk=conduct, person__organ_id=actor.organ_id).first()
    if not isinstance(row, Conduct):
        raise NotFound("object.not_found")
    if str(row.person_id) == actor.person_id:
        raise Forbidden("staff.own")
    if row.told_on is not None:
        raise Conflict("conduct.told", (), day=row.told_on)
    day = told_on or now.date()
    if not row.on <= day <= now.date():
        raise Invalid("input.invalid", (), fields={"told_on": "date.range"})
    row.document_no = require_text("document_no", document_no, 80)
    row.told_words = paper.block_of_text(words, "words", WORDS, required=True).strip()
    row.told_on, row.told_by = day, UUID(actor.person_id)
    row.save()
    data = {"kind": row.kind, "document_no": row.document_no, "told_on": day}
    append(actor, "personnel.tell_conduct", subject=("person", row.person_id), at=now, data=data, rows=[row])
    return Entered(row.pk)
