"""征求意见与报批：co-organs, what other organs were asked and answered, and leave from the organ that issued the guide."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.procedures import paper, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Noted
from dingmi.queries import access, content, facts, standing
from dingmi.records.ledger.append import append
from dingmi.records.matters.life import CentralApproval, Consultation, CoOrgan
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.models import Organ
from dingmi.regime import deadlines
from dingmi.regime.calendar import CalendarGap

OVER = ("discarded", "voided")  # nothing is asked about these any more
KINDS = ("joint", "source", "use", "release", "disclosure")
ANSWERS = ("agrees", "objects")
APPROVALS = {"extend": "central_approval", "release": "release_of_indefinite"}
WRITERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE)
NAME_LIMIT = 120  # characters


def other_organ(organ: UUID) -> Organ:
    """Return an organ that is not our own.

    Raises:
        Invalid: There is none of this id, or it is ours.
    """
    found = Organ.objects.filter(pk=organ, is_home=False).first()
    if not isinstance(found, Organ):
        raise Invalid("input.invalid", (), fields={"organ": "id.unknown"})
    return found


@procedure("consultation.join", requires=(Role.DRAFTER,), clauses=("ZX-25.1", "ZX-25.2", "QA-5"))
def join(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    co_organs: tuple[UUID, ...] = (),
    issuer: UUID | None = None,
    expected_version: int,
) -> Changed:
    """Say with which organs a draft was made, and in whose name it is issued where not in our own. 共同定密、代拟。

    Args:
        co_organs: Every one is consulted before an officer can approve.
        issuer: A superior, which then decides; or a temporary body, whose daily work decides who does.
    """
    row = shelf.lock(actor, now, matter, expected_version, "draft", "proposed")
    if str(row.drafter_id) != actor.person_id:
        raise Invalid("drafter.not_yours", (), fields={"matter": "drafter.not_yours"})
    named = [other_organ(o) for o in dict.fromkeys(co_organs)]
    in_name_of = other_organ(issuer) if issuer is not None else None
    CoOrgan.objects.filter(matter=row).delete()
    CoOrgan.objects.bulk_create([CoOrgan(matter=row, organ=o, since=now) for o in named])
    shelf.save(row, now, issuer=in_name_of)
    append(
        actor,
        "consultation.join",
        subject=("matter", row.pk),
        at=now,
        data={
            "co_organs": sorted(str(o.pk) for o in named),
            "issuer": str(in_name_of.pk) if in_name_of else None,
            "version": row.version,
        },
        rows=[row],
    )
    return Changed(row.pk, row.version, row.state)


@procedure("consultation.ask", requires=WRITERS, clauses=("ZX-25.1", "JM-8?", "BJ-14.1", "ZX-36.2", "JD-15", "TL-29.4"))
def ask(
    *, actor: Actor, now: datetime, matter: UUID, organ: UUID, kind: str, document_no: str, question: str = ""
) -> Noted:
    """Record that another organ is asked: a co-organ, the originator of a source, an organ concerned. 征求意见。

    Args:
        kind: ``joint``; ``source`` (is the part that is used no secret), ``use`` (may it be excerpted or compiled);
            ``release`` or ``disclosure``.
    """
    row = access.matter_for(actor, now, matter)
    if kind not in KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    number = paper.line(document_no, "document_no", 80, required=True)
    words = paper.block_of_text(question, "question", REASON_LIMIT)
    asked = other_organ(organ)
    if row.state in OVER or (kind == "release" and row.state != "active"):
        raise shelf.in_the_way(row, now)
    if Consultation.objects.filter(matter=row, organ=asked, kind=kind, answered_on__isnull=True).exists():
        raise Refused("consultation.open", ())
    kept = Consultation(
        matter=row,
        organ=asked,
        kind=kind,
        document_no=number,
        asked_at=now,
        asked_by_id=UUID(actor.person_id),
        level=row.level,
    )
    kept.note_ct = content.sealed(kept, "note_ct", row.level, words)
    kept.save()
    append(
        actor,
        "consultation.ask",
        subject=("matter", row.pk),
        at=now,
        data={"consultation": kept.pk, "organ": str(asked.pk), "kind": kind},
        rows=[kept],
    )
    return Noted(kept.pk, row.pk, row.version)


@procedure("consultation.answer", requires=WRITERS, clauses=("ZX-25.1", "JM-8?", "BJ-14.1", "ZX-36.2"))
def answer(
    *, actor: Actor, now: datetime, consultation: UUID, answer: str, answer_no: str, answered_on: date, note: str = ""
) -> Noted:
    """Record what the organ answered; silence is no answer. 登记答复意见。"""
    kept = Consultation.objects.select_for_update().filter(pk=consultation).first()
    if kept is None:
        raise NotFound("object.not_found")
    row = access.matter_for(actor, now, kept.matter_id)
    if kept.answered_on is not None:
        raise Refused("consultation.answered", ())
    if answer not in ANSWERS:
        raise Invalid("input.invalid", (), fields={"answer": "choice.unknown"})
    number = paper.line(answer_no, "answer_no", 80, required=True)
    words = paper.block_of_text(note, "note", REASON_LIMIT)
    if answered_on > now.date():
        raise Invalid("date.in_future", (), fields={"answered_on": "date.in_future"})
    asked = content.opened(kept, "note_ct", kept.level)
    kept.answer, kept.answer_no, kept.answered_on, kept.answered_at = answer, number, answered_on, now
    kept.note_ct = content.sealed(kept, "note_ct", kept.level, "\n".join(t for t in (asked, words) if t))
    kept.save()
    append(
        actor,
        "consultation.answer",
        subject=("matter", row.pk),
        at=now,
        data={"consultation": kept.pk, "answer": answer, "answered_on": answered_on},
        rows=[kept],
    )
    return Noted(kept.pk, row.pk, row.version)


@procedure("consultation.request_approval", requires=WRITERS, clauses=("ZX-27.2", "ZX-33", "GD-s5?"))
def request_approval(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    kind: str,
    authority: str,
    level: str = "",
    tail: str = "",
    reason: str,
) -> Noted:
    """Ask the organ that issued the guide for leave: to extend beyond it, or to release what it keeps for long. 报批。

    Args:
        kind: ``extend`` or ``release``.
        level, tail: What the extension would be; an approval covers these terms only.
    """
    row = access.matter_for(actor, now, matter)
    if row.state != "active":
        raise Refused("matter.not_in_force", ("BMF-24.2a",), state=row.state)
    if kind not in APPROVALS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    name = paper.line(authority, "authority", NAME_LIMIT, required=True)
    words = paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    wanted = facts.tail(tail or row.tail)
    if not wanted.kind:
        raise Invalid("input.invalid", (), fields={"tail": "tail.malformed"})
    if CentralApproval.objects.filter(matter=row, kind=kind, granted__isnull=True).exists():
        raise Refused("approval.open", ())
    kept = CentralApproval(
        matter=row,
        kind=kind,
        authority=name,
        level=level or standing.determined_level(row),
        tail=wanted.text,
        requested_at=now,
        requested_by_id=UUID(actor.person_id),
        due_on=_due(APPROVALS[kind], now.date()),
    )
    kept.reason_ct = content.sealed(kept, "reason_ct", kept.level, words)
    kept.save()
    Deadline.objects.create(
        matter_id=row.pk,
        name=APPROVALS[kind],
        clause="ZX-27.2" if kind == "extend" else "ZX-33",
        starts_on=now.date(),
        due_on=kept.due_on,
    )
    append(
        actor,
        "consultation.request_approval",
        subject=("matter", row.pk),
        at=now,
        data={"approval": kept.pk, "kind": kind, "level": kept.level, "tail": kept.tail, "due_on": kept.due_on},
        rows=[kept],
    )
    shelf.tell([p for p in (row.drafter_id, row.officer_id) if p], "approval.requested", row, now, kind=kind)
    return Noted(kept.pk, row.pk, row.version)


def _due(name: str, start: date) -> date | None:
    """Return the last day of a limit; nothing while the calendar of its year is not loaded."""
    try:
        due: date = deadlines.compute(name, start)["due"]
    except CalendarGap:
        return None
    return due


@procedure("consultation.register_approval", requires=WRITERS, clauses=("ZX-27.2", "ZX-33"))
def register_approval(
    *, actor: Actor, now: datetime, approval: UUID, granted: bool, document_no: str, decided_on: date
) -> Noted:
    """Register what the organ that issued the guide decided on a request. 登记批复。"""
    kept = CentralApproval.objects.select_for_update().filter(pk=approval).first()
    if kept is None:
        raise NotFound("object.not_found")
    row: Matter = access.matter_for(actor, now, kept.matter_id)
    if kept.answered_at is not None:
        raise Refused("approval.none_open", ())
    number = paper.line(document_no, "document_no", 80, required=True)
    if decided_on > now.date():
        raise Invalid("date.in_future", (), fields={"decided_on": "date.in_future"})
    if decided_on < kept.requested_at.date():
        raise Invalid("approval.before_request", (), fields={"decided_on": "approval.before_request"})
    kept.granted, kept.document_no, kept.decided_on, kept.answered_at = granted, number, decided_on, now
    kept.save()
    Deadline.objects.filter(matter_id=row.pk, name=APPROVALS[kept.kind], done_at__isnull=True).update(done_at=now)
    append(
        actor,
        "consultation.register_approval",
        subject=("matter", row.pk),
        at=now,
        data={"approval": kept.pk, "granted": granted, "decided_on": decided_on},
        rows=[kept],
    )
    people = [p for p in (row.drafter_id, row.officer_id) if p]
    shelf.tell(people, "approval.granted" if granted else "approval.refused", row, now)
    return Noted(kept.pk, row.pk, row.version)
