"""P15 任期内：suspended and resumed, narrowed, removed on one of four grounds, and what moves people does by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound, Refused
from dingmi.procedures import sweep
from dingmi.procedures.appointment import Appointed, tell, tell_once
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on, hand_on_lapsed
from dingmi.procedures.personnel import Entered, require_text
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import clock, coverage, facts, facts_appointment, policy, standing
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.notices.models import Notice
from dingmi.records.officers.appointments import Appointment, Mobility
from dingmi.records.officers.models import Delegation, Designation, Officer, Qualification, Suspension
from dingmi.records.organs.models import Person

SUSPENDS = ("travel_duty", "travel_private", "leave", "inquiry")
ENDS = ("transfer", "promotion", "leaving")
FOLLOW = "officers.follow"


@dataclass(frozen=True, slots=True)
class Handed:
    """What was entered, how many proposals were handed on, and the units that are left without a competent officer."""

    id: UUID
    handed_on: int
    units_without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """What the daily round found: events that took effect, work handed on, reminders sent, units without an officer."""

    events: int
    handed_on: int
    reminded: int
    units_without: int


def officer_of(actor: Actor, person: UUID) -> Officer:
    """Return the officer of the home organ, locked.

    Raises:
        NotFound: ``person`` is no officer here.
    """
    rows = Officer.objects.select_for_update().filter(person_id=person, person__organ_id=actor.organ_id)
    found = rows.first()
    if not isinstance(found, Officer):
        raise NotFound("object.not_found")
    return found


def _after(since: datetime, until: datetime | None) -> None:
    if until is not None and until <= since:
        raise Invalid("input.invalid", (), fields={"until": "interval.empty"})


@procedure("officers.suspend", requires=(Role.HEAD, Role.SECRECY_OFFICE), step_up=True, clauses=("SEED-8",))
def suspend(*, actor: Actor, now: datetime, person: UUID, ground: str, until: datetime | None = None) -> Handed:
    """Suspend an officer from deciding, from this instant; what waits is handed on. 暂停定密责任人履行职责。"""
    _after(now, until)
    officer = officer_of(actor, person)
    row = Suspension(officer=officer, ground=require_text("ground", ground, 40), since=now, until=until)
    row.save()
    end_sessions_of([person], now)
    waiting, without = hand_on(person, now)
    data = {"until": until, "handed_on": waiting}
    append(actor, "officers.suspend", subject=("person", person), at=now, data=data, rows=[row])
    return Handed(row.pk, waiting, without)


@procedure(
    "officers.resume", requires=(Role.HEAD, Role.SECRECY_OFFICE), step_up=True, waits_for_date=True, clauses=("SEED-8",)
)
def resume(*, actor: Actor, now: datetime, person: UUID, reason: str) -> Entered:
    """End the suspension of an officer now; nobody ends one's own. 恢复履行职责。"""
    said = require_text("reason", reason, 200)
    if str(person) == actor.person_id:
        raise Conflict("suspension.own", ("SEED-8",))
    rows = list(standing.running(Suspension.objects.filter(officer=officer_of(actor, person)), now))
    if not rows:
        raise Conflict("suspension.none")
    touched = [*rows, *Mobility.objects.filter(suspension__in=rows)]
    for row in touched:
        row.until = now
        row.save(update_fields=["until"])
    end_sessions_of([person], now)
    append(actor, "officers.resume", subject=("person", person), at=now, data={"reason": said}, rows=touched)
    return Entered(rows[0].pk)


@procedure("officers.end", requires=Role.HEAD, step_up=True, clauses=("ZX-17", "TL-14.1"))
def end(*, actor: Actor, now: datetime, designation: UUID, ground: str, detail: str = "") -> Handed:
    """Remove an officer on one of the four grounds; past acts stay, what waits is handed on. 免去定密责任人。

    Args:
        ground: misclassification / left_post / administration_advice / unsuitable.
    Raises:
        Refused: No such ground, or not by the principal.
    """
    row = (
        Designation.objects.select_for_update()
        .filter(pk=designation, ended_at__isnull=True, officer__person__organ_id=actor.organ_id)
        .first()
    )
    if row is None:
        raise NotFound("object.not_found")
    person = row.officer.person_id
    verdict = facts_appointment.judge_replacement(actor, person, ground, now)
    facts.require(verdict)
    row.ended_at, row.ended_ground = now, ground
    row.save(update_fields=["ended_at", "ended_ground"])
    end_sessions_of([person], now)
    waiting, without = hand_on(person, now)
    data = {"ground": ground, "detail": detail.strip()[:200], "handed_on": waiting, "units_without": len(without)}
    append(actor, "officers.end", subject=("person", person), at=now, data=data, rows=[row], verdict=verdict)
    tell(person, "officers.removed", now)
    return Handed(row.pk, waiting, without)


@procedure("officers.adjust", requires=Role.HEAD, step_up=True, waits_for_date=True, clauses=("QA-9", "ZX-14.1"))
def adjust(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    instrument: str,
    reasons: str,
    max_level: str = "",
    matters: tuple[str, ...] = (),
    until: datetime | None = None,
) -> Appointed:
    """Narrow the authority of an officer from now on: level, matters or term; to be published and filed anew. 调整权限。

    Raises:
        Refused: ``adjustment.widens``: more authority takes a new nomination.
    """
    held = facts_appointment.holding(person, now)
    officer = officer_of(actor, person)
    if held is None:
        raise Conflict("appointment.none")
    facts.require(facts_appointment.judge_replacement(actor, person, "unsuitable", now))
    old = held[1]
    level, given, last = max_level or old.max_level, tuple(matters) or tuple(old.matters), until or old.until
    if level not in LEVELS[1:]:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    case = Appointment(
        person=officer.person,
        kind="adjust",
        tier=officer.tier,
        max_level=old.max_level,
        matters=old.matters,
        derives_only=tuple(old.matters) == facts_appointment.DERIVES_ONLY,
        reasons=require_text("reasons", reasons, 400),
        state="trained",
        nominated_by_id=UUID(actor.person_id),
        nominated_at=now,
    )
    asked = facts_appointment.commission_facts(
        actor, case, instrument=instrument, max_level=level, matters=given, since=now, until=last, now=now
    )
    verdict = facts_appointment.judge_commission(facts_appointment.narrowing(asked, old.until), "officers.adjust")
    facts.require(verdict)
    old.ended_at, old.ended_ground = now, "adjusted"
    old.save(update_fields=["ended_at", "ended_ground"])
    row = Designation(
        officer=officer,
        instrument=require_text("instrument", instrument, 80),
        max_level=level,
        matters=list(given),
        may_derive=old.may_derive,
        since=now,
        until=last,
        designated_by=UUID(actor.person_id),
    )
    row.save()
    case.max_level, case.matters, case.instrument, case.since, case.until = (
        level,
        list(given),
        row.instrument,
        now,
        last,
    )
    case.commissioned_by, case.commissioned_at = UUID(actor.person_id), now
    case.designation, case.state = row, "active"
    case.save()
    end_sessions_of([person], now)
    hand_on(person, now)
    data = {"case": case.pk, "level": level, "until": last}
    append(
        actor, "officers.adjust", subject=("person", person), at=now, data=data, rows=[case, old, row], verdict=verdict
    )
    return Appointed(case.pk, person, case.state, row.pk, tuple(f.code for f in verdict.warnings))


@procedure(
    "officers.record_event", requires=(Role.SECRECY_OFFICE, Role.HEAD), step_up=True, clauses=("SEED-8", "CS-45")
)
def record_event(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    kind: str,
    since: datetime | None = None,
    until: datetime | None = None,
    detail: str = "",
) -> Handed:
    """Record what moves an officer: it suspends or ends the authority at its instant, now or later. 登记流动事件。

    Args:
        kind: travel_duty, travel_private, leave, inquiry (suspend); transfer, promotion, leaving (end).
    """
    if kind not in SUSPENDS + ENDS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    start = since or now
    if start < now:
        raise Invalid("input.invalid", (), fields={"since": "date.past"})
    _after(start, until)
    if kind in ENDS and until is not None:
        raise Invalid("input.invalid", (), fields={"until": "choice.unknown"})
    officer = officer_of(actor, person)
    if kind in ENDS:
        _require_designated(actor, person, now)
    row = _move(officer, kind, detail, actor, now, start, until)
    touched: list[Any] = [row]
    if row.suspension is not None:
        touched.append(row.suspension)
    else:
        touched += end_at(officer, start, kind)
    waiting: int = 0
    without: tuple[str, ...] = ()
    if start <= now:
        row.followed_at = now
    row.save()
    if start <= now:
        end_sessions_of([person], now)
        waiting, without = hand_on(person, now)
    data = {"kind": kind, "since": start, "until": until, "handed_on": waiting}
    append(actor, "officers.record_event", subject=("person", person), at=now, data=data, rows=touched)
    return Handed(row.pk, waiting, without)


def _move(
    officer: Officer, kind: str, detail: str, actor: Actor, now: datetime, since: datetime, until: datetime | None
) -> Mobility:
    """Return an event of an officer, not yet saved, with its suspension where it suspends."""
    row = Mobility(
        person=officer.person, kind=kind, detail=detail.strip()[:200], since=since, until=until,
        recorded_by=UUID(actor.person_id), recorded_at=now,
    )  # fmt: skip
    if kind in SUSPENDS:
        row.suspension = Suspension(officer=officer, ground=kind, since=since, until=until)
        row.suspension.save()
    return row


def suspended_for(
    person: UUID, kind: str, detail: str, actor: Actor, now: datetime, span: tuple[datetime, datetime]
) -> list[Any]:
    """Suspend an officer for a stretch known beforehand, as an act of another family decides; nothing if there is no officer."""
    officer = Officer.objects.select_for_update().filter(person=person).first()
    if officer is None:
        return []
    row = _move(officer, kind, detail, actor, now, *span)
    if span[0] <= now:
        row.followed_at = now
    row.save()
    if span[0] <= now:
        hand_on(person, now)
    return [row, row.suspension]


def unsuspended(person: UUID, kind: str, until: datetime, now: datetime) -> list[Any]:
    """End what ``suspended_for`` began up to ``until``, now or before it begins; return what changed."""
    rows = list(Mobility.objects.filter(person=person, kind=kind, until=until).select_related("suspension"))
    touched: list[Any] = []
    for row in rows:
        for one in (row, *([row.suspension] if row.suspension is not None else [])):
            one.until = max(now, one.since)
            one.save(update_fields=["until"])
            touched.append(one)
    return touched


def _require_designated(actor: Actor, person: UUID, now: datetime) -> None:
    """Refuse to end by an event what ends when another principal is entered."""
    verdict = facts_appointment.judge_replacement(actor, person, "left_post", now)
    found = tuple(f for f in verdict.blocking if f.code == "replacement.by_law")
    if found:
        raise Refused.of(found)


def end_at(officer: Officer, at: datetime, kind: str) -> list[Designation]:
    """End at ``at`` every designation that would still run then; what was decided stays as it was."""
    rows = Designation.objects.select_for_update().filter(officer=officer)
    live = list(
        rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at)).filter(Q(until__isnull=True) | Q(until__gt=at))
    )
    for row in live:
        row.ended_at, row.ended_ground = max(at, row.since), kind
        row.save(update_fields=["ended_at", "ended_ground"])
    return live


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("SEED-8", "SEED-37", "LC-2", "QA-1"))
def follow(*, actor: Actor, now: datetime, today: date) -> Followed:
    """Hand on what waits for officers whose event came; remind of what ends; list units without an officer. 每日巡查。"""
    sweep.alone()
    due = list(Mobility.objects.filter(followed_at__isnull=True, since__lte=now).order_by("since", "pk")[: sweep.BATCH])
    for event in due:
        end_sessions_of([event.person_id], now)
        hand_on(event.person_id, now)
        event.followed_at = now
        event.save()
    handed = hand_on_lapsed(now)
    reminded = _remind_of_ends(today, now)
    without = coverage.uncovered(now)
    units = "、".join(u.name for u in without)
    for person in standing.holders(Role.SECRECY_OFFICE, now) if without else ():
        last = (
            Notice.objects.filter(person_id=person, code="officers.units_without")
            .order_by("-created_at", "-pk")
            .first()
        )
        if last is None or last.params.get("units") != units:
            tell(person, "officers.units_without", now, units=units)
    listed = [[str(u.department), u.level] for u in without]
    data = {"today": today, "events": len(due), "handed_on": handed, "reminded": reminded, "units_without": listed}
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data=data, rows=due)
    return Followed(len(due), handed, reminded, len(without))


def _ending(today: date, now: datetime) -> list[tuple[str, UUID, UUID | None, datetime]]:
    """Return what ends within the longest lead: kind, id, whose, and when."""
    until = now + timedelta(days=max(policy.OFFICER_LEAD_DAYS) + 1)
    found: list[tuple[str, UUID, UUID | None, datetime]] = []
    terms = Designation.objects.filter(ended_at__isnull=True, until__gt=now, until__lte=until)
    found += [("designation", pk, who, at) for pk, who, at in terms.values_list("pk", "officer__person", "until")]
    acting = Q(person__officer__isnull=False) | Q(person__in=standing.holders(Role.DRAFTER, now))
    last = standing.trainings(now).filter(acting, person__left_at__isnull=True).values("person")
    for row in last.annotate(last=Max("valid_until")).filter(last__gt=now, last__lte=until):
        found.append(("training", row["person"], row["person"], row["last"]))
    grades = Qualification.objects.filter(until__gt=now, until__lte=until)
    found += [("qualification", pk, who, at) for pk, who, at in grades.values_list("pk", "person", "until")]
    held = Delegation.objects.filter(revoked_at__isnull=True, until__gt=now)
    most = now + timedelta(days=policy.DELEGATION_LEAD_DAYS[0] + 1)
    found += [("delegation", pk, None, at) for pk, at in held.filter(until__lte=most).values_list("pk", "until")]
    return found


def _remind_of_ends(today: date, now: datetime) -> int:
    """Remind at the leads of policy of what ends, each step once; a late run sends the latest step only."""
    office = standing.holders(Role.SECRECY_OFFICE, now)
    sent = 0
    for kind, pk, who, at in _ending(today, now):
        left = (clock.last_day(at) - today).days
        leads = policy.DELEGATION_LEAD_DAYS if kind == "delegation" else policy.OFFICER_LEAD_DAYS
        reached = [lead for lead in leads if left <= lead]
        if not reached:
            continue
        of = {"of": str(pk), "lead": min(reached), "day": clock.last_day(at).isoformat()}
        people = (*([who] if who else []), *office)
        sent += tell_once(people, f"officers.{kind}_ends", now, of, name=_name(who))
    return sent


def _name(person: UUID | None) -> str:
    return str(Person.objects.get(pk=person).name) if person else ""
