"""P15 法定定密责任人：the principal is one by law from taking office to leaving it; nobody designates or removes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, NotFound
from dingmi.procedures import sweep, tenure
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on
from dingmi.procedures.personnel import require_text
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import facts_office, standing
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.notices.models import Notice
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Designation, Officer
from dingmi.records.organs.models import Account, Person

TAKE = "officers.appoint_principal"
FOLLOW = "officers.recognise_principal"
FOUNDING = "建库登记的主要负责人"  # instead of the number of an instrument
BEFORE = "建库在前的主要负责人"
POST = "主要负责人"
REASON = "主要负责人任职，即为法定定密责任人。"


@dataclass(frozen=True, slots=True)
class Seated:
    """The designation by law of the new principal, what was handed on, and units without a competent officer."""

    id: UUID
    handed_on: int
    units_without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """How many principals, entered before the product made them officers, are officers by law now."""

    recognised: int


def seat(person: Person, instrument: str, now: datetime, by: UUID | None = None) -> list[Any]:
    """Make the principal an officer by law from now on, with the authority of the organ; return the rows written.

    Designations that he held end in it. It is in force at once; list and filing follow (ZX-15), and training is due (TL-14.2).
    """
    officer = Officer.objects.filter(person=person).first()
    ended = tenure.end_at(officer, now, "by_law") if officer is not None else []
    if officer is None:
        officer = Officer(person=person, kind="statutory")
        officer.save()
    term = Designation(
        officer=officer,
        instrument=instrument,
        max_level=LEVELS[-1],  # no limit of his own: that of the organ is asked of every decision (QA-3)
        matters=[standing.EVERYTHING],
        since=now,
        designated_by=by or person.pk,
    )
    term.save()
    case = Appointment(
        person=person,
        kind=standing.BY_LAW,
        max_level=term.max_level,
        matters=term.matters,
        reasons=REASON,
        state="active",
        nominated_by_id=by or person.pk,
        nominated_at=now,
        instrument=instrument,
        commissioned_at=now,
        since=now,
        designation=term,
    )
    case.save()
    end_sessions_of([person.pk], now)
    _tell((person.pk,), "officers.by_law", now)
    _tell(standing.holders(Role.SECRECY_OFFICE, now), "officers.file_principal", now, name=person.name)
    return [officer, *ended, term, case]


def _tell(people: tuple[UUID, ...], code: str, now: datetime, **params: Any) -> None:
    Notice.objects.bulk_create([Notice(person_id=p, code=code, params=params, created_at=now) for p in people])


@procedure(
    TAKE,
    requires=(Role.SECRECY_OFFICE, Role.HEAD),
    step_up=True,
    waits_for_date=True,
    clauses=("TL-14.1", "BMF-16.1", "QA-3", "QA-9"),
)
def appoint_principal(*, actor: Actor, now: datetime, person: UUID, instrument: str) -> Seated:
    """Enter who is principal from now on: an officer by law at once; the one before is none any more. 登记主要负责人任职。

    Args:
        instrument: The number of the paper of appointment.
    Raises:
        Conflict: ``principal.in_office``: he is the principal already.
        Forbidden: ``principal.own``: nobody enters oneself; ``administrators.separate``.
    """
    words = require_text("instrument", instrument, 80)  # load
    people = Person.objects.select_for_update().filter(organ_id=actor.organ_id)
    who = people.filter(pk=person, left_at__isnull=True).first()
    if who is None:
        raise NotFound("object.not_found")
    if who.is_principal:
        raise Conflict("principal.in_office", ("TL-14.1",))
    if str(person) == actor.person_id:
        raise Forbidden("principal.own", ("TL-14.1",))
    if Account.objects.filter(person=who).exclude(admin_role="").exists():
        raise Forbidden("administrators.separate")
    verdict = facts_office.judge_ex_officio(now)  # judge
    rows: list[Any] = []  # write
    before = list(people.filter(is_principal=True))
    for old in before:
        rows += _leave(old, now)
    who.is_principal = True
    who.save(update_fields=["is_principal"])
    rows += [who, *seat(who, words, now, UUID(actor.person_id))]
    waiting, without = hand_on(before[0].pk, now) if before else (0, ())
    data = {"instrument": words, "before": [str(p.pk) for p in before], "handed_on": waiting}
    append(actor, TAKE, subject=("person", person), at=now, data=data, rows=rows, verdict=verdict)  # prove
    term = next(r for r in rows if isinstance(r, Designation) and r.ended_at is None)
    return Seated(term.pk, waiting, without)


def _leave(old: Person, now: datetime) -> list[Any]:
    """Take the office off the principal before: his authority by law ends in the same instant."""
    old.is_principal = False
    old.save(update_fields=["is_principal"])
    officer = Officer.objects.filter(person=old).first()
    ended = tenure.end_at(officer, now, "left_post") if officer is not None else []
    if old.left_at is None:
        end_sessions_of([old.pk], now)
        _tell((old.pk,), "officers.removed", now)
    return [old, *ended]


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("TL-14.1", "QA-9"))
def recognise_principal(*, actor: Actor, now: datetime, today: date) -> Recognised:
    """Make a principal who was entered before the product did so an officer by law. 补登法定定密责任人。"""
    sweep.alone()
    found = list(standing.principals().exclude(appointments__kind=standing.BY_LAW))
    verdict = facts_office.judge_ex_officio(now)
    for person in found:
        append(actor, FOLLOW, subject=("person", person.pk), at=now, rows=seat(person, BEFORE, now), verdict=verdict)
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data={"today": today, "recognised": len(found)})
    return Recognised(len(found))
