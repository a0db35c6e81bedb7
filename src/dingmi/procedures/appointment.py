"""P15 定密责任人的产生：nominate, vet, train, commission, publish, file; only then in office."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound
from dingmi.procedures import paper
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import require_text
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import facts, facts_appointment
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import owe
from dingmi.records.notices.models import Notice
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Designation, Officer
from dingmi.records.organs.models import Person

CRITERIA = ("political", "expertise", "experience", "character", "computing")  # SEED-4
WORDS = 400  # characters


@dataclass(frozen=True, slots=True)
class Appointed:
    """A case moved on: its state, the designation once it is in force, what the law warns of."""

    case: UUID
    person: UUID
    state: str
    designation: UUID | None = None
    warnings: tuple[str, ...] = ()


def _outcome(case: Appointment, verdict: Any = None) -> Appointed:
    warned = tuple(f.code for f in verdict.warnings) if verdict is not None else ()
    return Appointed(case.pk, case.person_id, case.state, case.designation_id, warned)


def locked(actor: Actor, case: UUID, *states: str) -> Appointment:
    """Return a case of the home organ, locked, in one of ``states``.

    Raises:
        NotFound: There is none.
        Conflict: ``appointment.state``: it has moved on.
    """
    row = Appointment.objects.select_for_update().filter(pk=case, person__organ_id=actor.organ_id).first()
    if not isinstance(row, Appointment):
        raise NotFound("object.not_found")
    if row.state not in states:
        raise Conflict("appointment.state", (), state=row.state)
    return row


def prove(act: str, case: Appointment, actor: Actor, now: datetime, verdict: Any = None, **data: Any) -> None:
    """Append what happened to a case, and with it to the designation that came of it."""
    told = {"case": case.pk, "state": case.state, "level": case.max_level, **data}
    rows = [case] if case.designation is None else [case, case.designation]
    append(actor, act, subject=("person", case.person_id), at=now, data=told, rows=rows, verdict=verdict)


@procedure(
    "officers.nominate",
    requires=(Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD),
    clauses=("QA-9", "ZX-14.1", "SEED-6", "SEED-26"),
)
def nominate(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    max_level: str,
    matters: tuple[str, ...] = ("*",),
    tier: str = "main",
    derives_only: bool = False,
    reasons: str,
) -> Appointed:
    """Nominate someone of one's organ as classification officer. 提名定密责任人。"""
    case, verdict = open_case(actor, now, person, max_level, matters, tier, derives_only, reasons)
    prove("officers.nominate", case, actor, now, verdict, tier=tier)
    return _outcome(case, verdict)


def open_case(
    actor: Actor,
    now: datetime,
    person: UUID,
    max_level: str,
    matters: tuple[str, ...],
    tier: str,
    derives_only: bool,
    reasons: str,
) -> tuple[Appointment, Any]:
    """Open a case at its first step, as a nomination is judged.

    Raises:
        NotFound: Nobody of this organ in service.
        Refused: The nomination is not lawful.
    """
    nominee = Person.objects.filter(pk=person, organ_id=actor.organ_id, left_at__isnull=True).first()
    if nominee is None:
        raise NotFound("object.not_found")
    if max_level not in LEVELS[1:]:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    given = facts_appointment.DERIVES_ONLY if derives_only else tuple(matters)
    paper.block_of_text(reasons, "reasons", WORDS, required=True)
    verdict = facts_appointment.judge_nomination(actor, person, max_level, given, tier, reasons, now)
    facts.require(verdict)
    case = Appointment(
        person=nominee,
        tier=tier,
        max_level=max_level,
        matters=list(given),
        derives_only=derives_only,
        reasons=reasons.strip(),
        nominated_by_id=UUID(actor.person_id),
        nominated_at=now,
    )
    case.save()
    return case, verdict


@procedure("officers.vet", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("SEED-4", "SEED-5", "ZX-14.2"))
def vet(
    *, actor: Actor, now: datetime, case: UUID, passed: bool, criteria: tuple[str, ...] = (), opinion: str
) -> Appointed:
    """Record the vetting of a nominee, criterion by criterion; who did not pass is refused. 任前考察。"""
    row = locked(actor, case, "nominated")
    if set(criteria) - set(CRITERIA):
        raise Invalid("input.invalid", (), fields={"criteria": "choice.unknown"})
    paper.block_of_text(opinion, "opinion", WORDS, required=True)
    verdict = facts_appointment.judge_vetting(actor, row, passed, criteria, now)
    facts.require(verdict)
    row.vetted_by, row.vetted_at, row.vetting = UUID(actor.person_id), now, opinion.strip()
    row.criteria, row.state = sorted(set(criteria)), "vetted" if passed else "refused"
    if not passed:
        row.closed_at, row.closed_reason = now, opinion.strip()[:200]
    row.save()
    prove("officers.vet", row, actor, now, verdict)
    return _outcome(row, verdict)


@procedure("officers.confirm_training", requires=Role.SECRECY_OFFICE, clauses=("TL-14.2", "SEED-1", "SEED-3"))
def confirm_training(*, actor: Actor, now: datetime, case: UUID) -> Appointed:
    """Confirm that the nominee holds training and the grade needed; the records say so, not the office. 确认培训合格。"""
    row = locked(actor, case, "vetted")
    verdict = facts_appointment.judge_training(row, now)
    facts.require(verdict)
    row.trained_at, row.state = now, "trained"
    row.save()
    prove("officers.confirm_training", row, actor, now, verdict)
    return _outcome(row, verdict)


@procedure(
    "officers.commission",
    requires=Role.HEAD,
    step_up=True,
    waits_for_date=True,
    clauses=("TL-14.1", "ZX-14.1", "BMF-16.1", "BMF-17.1", "SEED-3"),
)
def commission(
    *,
    actor: Actor,
    now: datetime,
    case: UUID,
    instrument: str,
    max_level: str = "",
    matters: tuple[str, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> Appointed:
    """Commission a vetted and trained nominee in writing. 下达定密委托书。

    Args:
        max_level: Less than nominated, if not as nominated; likewise ``matters``.
    Raises:
        Refused: Everything that stands against it, each with its clause.
    """
    row = locked(actor, case, "nominated", "vetted", "trained")
    level, start = max_level or row.max_level, since or now
    given = tuple(matters) or tuple(row.matters)
    if level not in LEVELS[1:]:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    asked = facts_appointment.commission_facts(
        actor, row, instrument=instrument, max_level=level, matters=given, since=start, until=until, now=now
    )
    verdict = facts_appointment.judge_commission(asked)
    facts.require(verdict)
    row.instrument = require_text("instrument", instrument, 80)
    row.max_level, row.matters, row.since, row.until = level, list(given), start, until
    row.commissioned_by, row.commissioned_at, row.state = UUID(actor.person_id), now, "commissioned"
    row.save()
    prove("officers.commission", row, actor, now, verdict, instrument=row.instrument, until=until)
    tell(row.person_id, "officers.commissioned", now, level=level)
    return _outcome(row, verdict)


@procedure("officers.publish", requires=Role.SECRECY_OFFICE, clauses=("ZX-15",))
def publish(
    *, actor: Actor, now: datetime, case: UUID, published_on: date | None = None, expected_version: str
) -> Appointed:
    """Record that officer and authority were published inside the organ. 公布名单。

    Args:
        expected_version: The version of the case, as ``officers.case`` showed it.
    Raises:
        Conflict: ``record.stale``: it was changed meanwhile.
    """
    row = locked(actor, case, "commissioned", "active")
    require_current(row, "person", expected_version, of=row.person_id)
    row.published_on = _past("published_on", published_on, now)
    row.save()
    designation = _take_effect(row, now)
    prove("officers.publish", row, actor, now, published_on=row.published_on, designation=designation)
    return _outcome(row)


@procedure("officers.file", requires=Role.SECRECY_OFFICE, clauses=("ZX-15",))
def file(
    *, actor: Actor, now: datetime, case: UUID, number: str, filed_on: date | None = None, expected_version: str
) -> Appointed:
    """Record the receipt of the filing with the same-level administration. 登记备案回执。

    Args:
        expected_version: The version of the case, as ``officers.case`` showed it.
    Raises:
        Conflict: ``record.stale``: it was changed meanwhile.
    """
    row = locked(actor, case, "commissioned", "active")
    require_current(row, "person", expected_version, of=row.person_id)
    row.filing_no = require_text("number", number, 80)
    row.filed_on = _past("filed_on", filed_on, now)
    row.save()
    designation = _take_effect(row, now)
    prove("officers.file", row, actor, now, filed_on=row.filed_on, number=row.filing_no, designation=designation)
    return _outcome(row)


@procedure("officers.withdraw", requires=(Role.HEAD, Role.SECRECY_OFFICE), clauses=("QA-9",))
def withdraw(*, actor: Actor, now: datetime, case: UUID, reason: str) -> Appointed:
    """Close a case that has not come into force. 撤回提名。"""
    row = locked(actor, case, *facts_appointment.OPEN)
    row.closed_reason, row.closed_at, row.state = require_text("reason", reason, 200), now, "withdrawn"
    row.save()
    prove("officers.withdraw", row, actor, now)
    return _outcome(row)


def _past(field: str, day: date | None, now: datetime) -> date:
    if day is not None and day > now.date():
        raise Invalid("date.in_future", (), fields={field: "date.in_future"})
    return day or now.date()


def tell(person: UUID, code: str, now: datetime, **params: Any) -> None:
    """Queue a notice to one person."""
    Notice(person_id=person, code=code, params=params, created_at=now).save()


def tell_once(
    people: Iterable[UUID],
    code: str,
    now: datetime,
    of: Mapping[str, Any],
    number: Callable[[UUID], str] | str = "",
    **more: Any,
) -> int:
    """Queue a notice to people, unless the same was told of the same before; return how many were told.

    Args:
        number: What it is about, or how each of them calls that.
    """
    if Notice.objects.filter(code=code, **{f"params__{name}": value for name, value in of.items()}).exists():
        return 0
    told = tuple(dict.fromkeys(people))
    for person in told:
        named = number(person) if callable(number) else number
        tell(person, code, now, **of, **more, **({"number": named} if named else {}))
    return len(told)


def _take_effect(case: Appointment, now: datetime) -> UUID | None:
    """Bring a commission into force once the list is published and filed; never before it is (ZX-15)."""
    if case.designation is not None:
        case.designation.published_on, case.designation.filed_on = case.published_on, case.filed_on
        case.designation.save(update_fields=["published_on", "filed_on"])
        return case.designation.pk
    if facts_appointment.judge_activation(case, now).blocking:
        return None
    officer = Officer.objects.filter(person=case.person).first() or Officer(person=case.person, kind="designated")
    officer.tier = case.tier
    officer.save()
    owe(officer)
    if case.commissioned_by is None:
        return None
    row = Designation(
        officer=officer,
        instrument=case.instrument,
        max_level=case.max_level,
        matters=case.matters,
        may_derive=True,
        since=max(case.since or now, now),
        until=case.until,
        designated_by=case.commissioned_by,
        published_on=case.published_on,
        filed_on=case.filed_on,
    )
    row.save()
    case.designation, case.state = row, "active"
    case.save()
    end_sessions_of([case.person_id], now)
    tell(case.person_id, "officers.in_office", now, level=case.max_level)
    return row.pk
