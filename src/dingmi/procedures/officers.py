"""定密责任人：designation, suspension, end, training, qualification."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import facts, facts_office
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.officers.models import Designation, Officer, Qualification, Training
from dingmi.records.organs.models import Person


def _after(field: str, since: datetime, until: datetime | None) -> None:
    if until is not None and until <= since:
        raise Invalid("input.invalid", (), fields={field: "interval.empty"})


@procedure(
    "officers.designate",
    requires=Role.HEAD,
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-16.1", "TL-14.1", "ZX-14.1", "QA-9", "SEED-5"),
)
def designate(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    instrument: str,
    max_level: str,
    matters: tuple[str, ...] = ("*",),
    may_derive: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Entered:
    """Enter an officer in one step, in office before the product was. 登记在任定密责任人。

    Raises:
        Refused: The law does not let the actor designate this person for this level.
    """
    if max_level not in LEVELS[1:] or not matters:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    start = since or now
    if start < now:
        raise Invalid("input.invalid", (), fields={"since": "date.past"})
    _after("until", start, until)
    owner = Person.objects.filter(pk=person, organ_id=actor.organ_id, left_at__isnull=True).first()
    if owner is None:
        raise NotFound("object.not_found")
    office = facts_office.Office(actor, now, [owner.pk])
    verdict = office.judge(owner.pk, instrument, max_level, matters, start, until)
    facts.require(verdict)
    officer = Officer.objects.filter(person=owner).first()
    if officer is None:
        officer = Officer(person=owner, kind="designated")
        officer.save()
    row = Designation(
        officer=officer,
        instrument=require_text("instrument", instrument, 80),
        max_level=max_level,
        matters=list(matters),
        may_derive=may_derive,
        since=start,
        until=until,
        designated_by=UUID(actor.person_id),
    )
    row.save()
    end_sessions_of([person], now)
    data = {"officer": officer.pk, "level": max_level, "until": until}
    append(
        actor, "officers.designate", subject=("person", person), at=now, data=data, rows=[officer, row], verdict=verdict
    )
    return Entered(row.pk)


@procedure("officers.record_training", requires=Role.SECRECY_OFFICE, clauses=("TL-14.2", "SEED-7"))
def record_training(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    course: str,
    minutes: int,
    completed_at: datetime,
    valid_until: datetime,
    certificate: str = "",
) -> Entered:
    """Record a training that was completed; nobody records one's own. 登记定密培训。"""
    if str(person) == actor.person_id:
        raise Forbidden("training.own")
    if not 0 < minutes < 100_000 or completed_at > now:
        raise Invalid("input.invalid", (), fields={"minutes": "number.range", "completed_at": "date.future"})
    _after("valid_until", completed_at, valid_until)
    if not Person.objects.filter(pk=person).exists():
        raise NotFound("object.not_found")
    row = Training(
        person_id=person,
        course=require_text("course", course, 120),
        minutes=minutes,
        completed_at=completed_at,
        valid_until=valid_until,
        certificate=certificate[:60],
    )
    row.save()
    append(actor, "officers.record_training", subject=("person", person), at=now, rows=[row])
    return Entered(row.pk)


@procedure("officers.record_qualification", requires=Role.SECRECY_OFFICE, clauses=("SEED-1", "SEED-7"))
def record_qualification(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    grade: str,
    certificate: str,
    since: datetime,
    until: datetime,
) -> Entered:
    """Record the grade of qualification that a person holds; nobody records one's own. 登记资格等级。"""
    if str(person) == actor.person_id:
        raise Forbidden("training.own")
    if grade not in LEVELS[1:]:
        raise Invalid("input.invalid", (), fields={"grade": "level.unknown"})
    _after("until", since, until)
    if not Person.objects.filter(pk=person).exists():
        raise NotFound("object.not_found")
    row = Qualification(
        person_id=person,
        grade=grade,
        certificate=require_text("certificate", certificate, 60),
        since=since,
        until=until,
    )
    row.save()
    data = {"grade": grade, "until": until}
    append(actor, "officers.record_qualification", subject=("person", person), at=now, data=data, rows=[row])
    return Entered(row.pk)
