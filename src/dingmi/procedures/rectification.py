"""P23 整改: what an inspection found is put right by its day by one person and closed by another; errors become corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures import correction as errors
from dingmi.procedures import oversight, paper
from dingmi.procedures.appointment import tell
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content, facts, limits, standing
from dingmi.queries import oversight as asked
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.officers.models import Officer
from dingmi.records.oversight.inspections import InspectionFinding
from dingmi.regime import oversight as book
from dingmi.regime.prc_state.conflicts import ResponsibleFacts

WORDS = 1000  # characters
LATEST = timedelta(days=366)  # nothing is left longer than a year


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as it stands now: its number, its day, and the correction that it became."""

    id: UUID
    number: str
    due_on: date
    correction: UUID | None = None


def _outcome(actor: Actor, row: InspectionFinding) -> Found:
    return Found(row.pk, asked.finding_number(row, actor), row.due_on, row.correction_id)


def _day(due_on: date, now: datetime) -> date:
    """Return the day by which something is put right.

    Raises:
        Invalid: It is past, or further off than a year.
    """
    if not now.date() <= due_on <= now.date() + LATEST:
        raise Invalid("input.invalid", (), fields={"due_on": "date.range"})
    return due_on


@procedure(
    "oversight.find",
    requires=oversight.LEADERS,
    clauses=("TL-58", "TL-59.3", "SEED-12", "SEED-23", "ZX-42", "SEED-11"),
)
def find(
    *,
    actor: Actor,
    now: datetime,
    inspection: UUID,
    topic: str,
    words: str,
    responsible: UUID,
    due_on: date | None = None,
    error: str = "",
    register_no: str = "",
) -> Found:
    """Put down what an inspection found, who puts it right and by when; an error in a matter becomes a correction. 登记检查发现的问题。

    Args:
        topic: Of the topics of the inspection.
        words: What is wrong, and what is asked.
        responsible: Who puts it right; of a matter, one who knows it.
        due_on: By when; by default after thirty days (policy).
        error: The kind of error, where a classification is wrong.
        register_no: Of the matter that it is about.
    Raises:
        Invalid: ``oversight.needs_matter``: an error in a classification is about a matter.
        Refused: ``oversight.may_not_know``.
    """
    of = oversight.running(actor, inspection)  # load
    row = _matter(actor, now, paper.line(register_no, "register_no", 40))
    said = paper.block_of_text(words, "words", WORDS, required=True).strip()
    faults = {
        "topic": "" if topic in of.topics else "choice.unknown",
        "error": "" if not error or error in book.errors() else "choice.unknown",
        "responsible": "" if oversight.staff(actor).filter(pk=responsible).exists() else "id.unknown",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    if error and row is None:
        raise Invalid("oversight.needs_matter", (), fields={"register_no": "oversight.needs_matter"})
    if row is not None:
        knows = ResponsibleFacts(now, standing.may_know(row, responsible, now))
        facts.require(facts.judged("oversight.find", knows, now.date()))
    kept = InspectionFinding(  # write
        inspection=of,
        number=(of.findings.aggregate(last=Max("number"))["last"] or 0) + 1,
        topic=topic,
        error=error,
        matter=row,
        level=row.level if row is not None else "",
        responsible_id=responsible,
        officer_id=row.officer_id if row is not None else _officer(responsible),
        due_on=_day(due_on or limits.days_after(limits.RECTIFICATION, now.date()), now),
        found_at=now,
        found_by=UUID(actor.person_id),
    )
    if row is not None and error and book.errors()[error].corrects:
        kept.correction = errors.put_down(actor, now, row, error, "inspection", now.date(), said)
    kept.words_ct = content.sealed(kept, "words_ct", asked.key_of(kept), said)
    kept.save()
    rows = [kept, *([kept.correction] if kept.correction else [])]
    _prove("oversight.find", kept, actor, now, rows, error=error, matter=kept.matter_id, topic=topic)  # prove
    _tell(kept, responsible, "oversight.found", now, day=kept.due_on.isoformat())  # tell
    return _outcome(actor, kept)


def _matter(actor: Actor, now: datetime, register_no: str) -> Matter | None:
    """Return the matter under a register number.

    Raises:
        Invalid: There is none whose existence the actor may know.
    """
    if not register_no:
        return None
    found: Matter | None = access.existing(actor, now).filter(register_no=register_no).first()
    if found is None:
        raise Invalid("input.invalid", (), fields={"register_no": "id.unknown"})
    return found


def _tell(row: InspectionFinding, person: UUID, code: str, now: datetime, **more: str) -> None:
    tell(person, code, now, number=asked.told_number(row, person, asked.overseers(now)), **more)


def _officer(person: UUID) -> UUID | None:
    return person if Officer.objects.filter(person=person).exists() else None


def _prove(
    act: str, row: InspectionFinding, actor: Actor, now: datetime, rows: Sequence[Record] = (), **data: object
) -> None:
    told = {"inspection": row.inspection_id, "number": row.number, "due_on": row.due_on, **data}
    append(actor, act, subject=("finding", row.pk), at=now, data=told, rows=rows or [row])


def _open(actor: Actor, finding: UUID) -> InspectionFinding:
    """Return a finding that is not closed, locked, for its responsible, for whoever led the inspection or oversees.

    Raises:
        NotFound: There is none, or the actor has no part in it.
        Conflict: ``oversight.closed``.
    """
    row = InspectionFinding.objects.select_for_update().filter(pk=finding).first()
    if not isinstance(row, InspectionFinding) or not asked.has_part(actor, row):
        raise NotFound("object.not_found")
    if row.closed_on is not None:
        raise Conflict("oversight.closed", (), day=row.closed_on)
    return row


@procedure("oversight.rectify", clauses=("TL-59.3", "SEED-12", "SEED-23"))
def rectify(
    *,
    actor: Actor,
    now: datetime,
    finding: UUID,
    proof: str,
    rectified_on: date | None = None,
    expected_version: str,
) -> Found:
    """Say that a finding was put right, with the proof: by its responsible, or for one who has left by the office. 报告整改完成。

    Raises:
        Forbidden: ``oversight.not_responsible``.
        Conflict: ``oversight.rectified``: it waits to be checked; ``record.stale``.
    """
    row = _open(actor, finding)
    gone = row.responsible.left_at is not None and actor.holds(Role.SECRECY_OFFICE)
    if str(row.responsible_id) != actor.person_id and not gone:
        raise Forbidden("oversight.not_responsible", ("TL-59.3",), name=row.responsible.name)
    if row.rectified_on is not None:
        raise Conflict("oversight.rectified", (), day=row.rectified_on)
    require_current(row, "finding", expected_version)
    said = paper.block_of_text(proof, "proof", WORDS, required=True).strip()
    on = rectified_on or now.date()
    if not row.found_at.astimezone(ZONE).date() <= on <= now.date():
        raise Invalid("input.invalid", (), fields={"rectified_on": "date.range"})
    row.rectified_on, row.rectified_by = on, UUID(actor.person_id)
    row.proof_ct = content.sealed(row, "proof_ct", asked.key_of(row), said)
    row.save()
    _prove("oversight.rectify", row, actor, now, rectified_on=on)
    _tell_checkers(row, actor, now)
    return _outcome(actor, row)


def _tell_checkers(row: InspectionFinding, actor: Actor, now: datetime) -> None:
    """Tell whoever can close a finding that it waits: the office, and whoever led the inspection."""
    people = dict.fromkeys((row.inspection.lead_id, *standing.holders(Role.SECRECY_OFFICE, now)))
    for person in people:
        if str(person) != actor.person_id and person != row.responsible_id:
            _tell(row, person, "oversight.to_check", now)


def _judged(actor: Actor, now: datetime, finding: UUID, expected_version: str) -> InspectionFinding:
    """Return a finding for another person than who puts it right to judge, one who may read it.

    Raises:
        Forbidden: ``oversight.own_rectification``, ``oversight.may_not_read``.
        Conflict: ``record.stale``.
    """
    row = _open(actor, finding)
    if actor.person_id in (str(row.rectified_by), str(row.responsible_id)):
        raise Forbidden("oversight.own_rectification", ("SEED-12",))
    if not asked.reads(actor, now, row):
        raise Forbidden("oversight.may_not_read", ("BMF-21.1",))
    require_current(row, "finding", expected_version)
    return row


def _checked(actor: Actor, now: datetime, finding: UUID, expected_version: str) -> InspectionFinding:
    """Return a finding that is said to be put right.

    Raises:
        Conflict: ``oversight.not_rectified``.
    """
    row = _judged(actor, now, finding, expected_version)
    if row.rectified_on is None:
        raise Conflict("oversight.not_rectified", ("TL-59.3",), number=asked.finding_number(row, actor))
    return row


@procedure("oversight.close", requires=oversight.LEADERS, step_up=True, clauses=("TL-59.3", "SEED-12", "ZX-42"))
def close(*, actor: Actor, now: datetime, finding: UUID, opinion: str, expected_version: str) -> Found:
    """Close a finding that was put right, by someone else than who put it right; a correction is done first. 验收销号。

    Raises:
        Refused: ``oversight.correction_open``: the correction of the matter is not closed.
    """
    row = _checked(actor, now, finding, expected_version)
    if row.correction is not None and row.correction.closed_at is None:
        raise Refused("oversight.correction_open", ("ZX-42",))
    said = paper.block_of_text(opinion, "opinion", WORDS, required=True).strip()
    row.opinion_ct = content.sealed(row, "opinion_ct", asked.key_of(row), said)
    row.closed_on, row.closed_by = now.date(), UUID(actor.person_id)
    row.save()
    _prove("oversight.close", row, actor, now, rectified_on=row.rectified_on)
    _tell(row, row.responsible_id, "oversight.done", now)
    return _outcome(actor, row)


@procedure("oversight.send_back", requires=oversight.LEADERS, clauses=("TL-59.3", "SEED-12"))
def send_back(
    *,
    actor: Actor,
    now: datetime,
    finding: UUID,
    opinion: str,
    due_on: date | None = None,
    expected_version: str,
) -> Found:
    """Send a finding back that was not put right, with what is still wanting. 退回整改。

    Args:
        due_on: A later day; without one the day stays as it was.
    """
    row = _checked(actor, now, finding, expected_version)
    said = paper.block_of_text(opinion, "opinion", WORDS, required=True).strip()
    row.due_on = _later(row, due_on, now) if due_on is not None else row.due_on
    row.rectified_on = row.rectified_by = None
    row.opinion_ct = content.sealed(row, "opinion_ct", asked.key_of(row), said)
    row.save()
    _prove("oversight.send_back", row, actor, now)
    _tell(row, row.responsible_id, "oversight.sent_back", now, day=row.due_on.isoformat())
    return _outcome(actor, row)


def _later(row: InspectionFinding, due_on: date, now: datetime) -> date:
    """Return a later day for a finding.

    Raises:
        Refused: ``oversight.day_of_others``: the day of an opinion is moved by the administration that set it.
        Invalid: It is not later.
    """
    if row.inspection.kind == "administration":
        raise Refused("oversight.day_of_others", ("TL-59.3",))
    if due_on <= row.due_on:
        raise Invalid("input.invalid", (), fields={"due_on": "date.range"})
    return _day(due_on, now)


@procedure("oversight.postpone", requires=asked.READERS, step_up=True, clauses=("TL-59.3", "SEED-12"))
def postpone(
    *,
    actor: Actor,
    now: datetime,
    finding: UUID,
    due_on: date,
    opinion: str,
    document_no: str = "",
    expected_version: str,
) -> Found:
    """Give a finding a later day, with reasons; the day of an opinion only as the administration consented in writing. 延长整改期限。

    Args:
        document_no: Of the consent of the administration.
    """
    row = _judged(actor, now, finding, expected_version)
    consent = paper.line(document_no, "document_no", 80)
    said = paper.block_of_text(opinion, "opinion", WORDS, required=True).strip()
    if consent and row.inspection.kind == "administration" and due_on > row.due_on:
        row.due_on = _day(due_on, now)
    else:
        row.due_on = _later(row, due_on, now)
    row.opinion_ct = content.sealed(row, "opinion_ct", asked.key_of(row), said)
    row.save()
    _prove("oversight.postpone", row, actor, now, document_no=consent)
    _tell(row, row.responsible_id, "oversight.postponed", now, day=row.due_on.isoformat())
    return _outcome(actor, row)
