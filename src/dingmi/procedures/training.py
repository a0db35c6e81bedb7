"""定密培训: courses opened, sessions planned, people enrolled, the roll taken; what was attended counts at every gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import sweep
from dingmi.procedures.appointment import tell, tell_once
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries import policy, standing
from dingmi.queries import training as asked
from dingmi.queries.facts import start_of
from dingmi.records.ledger.append import append
from dingmi.records.notices.models import Notice
from dingmi.records.officers.models import Training
from dingmi.records.officers.training import Attendance, Course, Session
from dingmi.records.organs.models import Person
from dingmi.regime.kernel.periods import Period

OFFICE = Role.SECRECY_OFFICE
FOLLOW = "training.follow"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who was enrolled in a session now, and how many seats are left."""

    session: UUID
    persons: tuple[UUID, ...]
    seats_left: int


@dataclass(frozen=True, slots=True)
class Rolled:
    """A roll: certificates given to those who came, in the order of their numbers."""

    session: UUID
    certificates: tuple[str, ...]
    absent: int


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many people were told that they are short of hours."""

    reminded: int


def _locked(session: UUID) -> Session:
    """Return a session that is neither held nor cancelled, locked.

    Raises:
        NotFound: There is none.
        Conflict: ``training.session_over``.
    """
    row = Session.objects.select_for_update().select_related("course").filter(pk=session).first()
    if not isinstance(row, Session):
        raise NotFound("object.not_found")
    if row.rolled_at or row.cancelled_at:
        raise Conflict("training.session_over", (), course=row.course.title)
    return row


def staff(actor: Actor, field: str, staff_nos: tuple[str, ...], persons: tuple[UUID, ...] = ()) -> list[Person]:
    """Return people of the home organ in service, named by staff number or by id.

    Raises:
        Invalid: A staff number of ``field`` is nobody's.
        NotFound: An id is nobody's.
    """
    serving = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True)
    named, numbered = set(persons), set(staff_nos)
    found = {p.pk: p for p in serving.filter(Q(pk__in=named) | Q(staff_no__in=numbered))}
    if named - set(found):
        raise NotFound("object.not_found")
    if missing := numbered - {p.staff_no for p in found.values()}:
        raise Invalid("training.nobody", (), numbers="、".join(sorted(missing)[:10]), fields={field: "person.unknown"})
    return sorted(found.values(), key=lambda p: (p.staff_no, str(p.pk)))


@procedure("training.open_course", requires=OFFICE, clauses=("TL-14.2", "SEED-27"))
def open_course(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    title: str,
    audience: str,
    minutes: int,
    valid_months: int,
    outline: str = "",
    topics: tuple[str, ...] = (),
) -> Entered:
    """Open a course: for whom, how long, and how long its certificate counts (policy). 开设培训课程。

    Args:
        topics: Which of the five topics of regular education it covers (TL-9.2): tradition, situation, law, technical, cases.
    """
    if audience not in asked.AUDIENCES:
        raise Invalid("input.invalid", (), fields={"audience": "choice.unknown"})
    if not (0 < minutes < 10_000 and 0 < valid_months <= 120):
        raise Invalid("input.invalid", (), fields={"minutes": "number.range", "valid_months": "number.range"})
    short = require_text("code", code, 16)
    if Course.objects.filter(code=short).exists():
        raise Conflict("training.code_taken", (), code=short)
    row = Course(
        code=short,
        title=require_text("title", title, 120),
        audience=audience,
        minutes=minutes,
        valid_months=valid_months,
        outline=outline.strip()[:400],
        topics=_topics(topics, now),
        opened_at=now,
    )
    row.save()
    append(actor, "training.open_course", subject=("course", row.pk), at=now, data={"code": short}, rows=[row])
    return Entered(row.pk)


def _topics(given: tuple[str, ...], now: datetime) -> list[str]:
    """Return topics in the order of the regulation.

    Raises:
        Invalid: One is none of the five.
    """
    known = asked.topics(now.date())
    if not set(given) <= set(known):
        raise Invalid("input.invalid", (), fields={"topics": "choice.unknown"})
    return [topic for topic in known if topic in given]


@procedure("training.name_topics", requires=OFFICE, clauses=("TL-9.2",))
def name_topics(
    *, actor: Actor, now: datetime, course: UUID, topics: tuple[str, ...], expected_version: str
) -> Entered:
    """Say which of the five topics of regular education a course covers. 登记课程内容类别。"""
    row = Course.objects.select_for_update().filter(pk=course).first()
    if not isinstance(row, Course):
        raise NotFound("object.not_found")
    require_current(row, "course", expected_version)
    row.topics = _topics(topics, now)
    row.save(update_fields=["topics"])
    data = {"topics": row.topics}
    append(actor, "training.name_topics", subject=("course", row.pk), at=now, data=data, rows=[row])
    return Entered(row.pk)


@procedure("training.close_course", requires=OFFICE, clauses=("SEED-27",))
def close_course(*, actor: Actor, now: datetime, course: UUID) -> Entered:
    """Close a course to new sessions; what was attended goes on counting. 停开课程。"""
    row = Course.objects.select_for_update().filter(pk=course, closed_at__isnull=True).first()
    if row is None:
        raise NotFound("object.not_found")
    row.closed_at = now
    row.save(update_fields=["closed_at"])
    append(actor, "training.close_course", subject=("course", row.pk), at=now, rows=[row])
    return Entered(row.pk)


@procedure("training.plan_session", requires=OFFICE, clauses=("TL-14.2", "SEED-27"))
def plan_session(
    *,
    actor: Actor,
    now: datetime,
    course: UUID,
    starts_at: datetime,
    place: str,
    seats: int,
    teacher: str = "",
    minutes: int = 0,
) -> Entered:
    """Plan a session of a course. 安排培训场次。

    Args:
        minutes: 0: as long as the course.
    """
    held = Course.objects.filter(pk=course, closed_at__isnull=True).first()
    if held is None:
        raise NotFound("object.not_found")
    if not 0 < seats < 10_000 or not 0 <= minutes < 10_000:
        raise Invalid("input.invalid", (), fields={"seats": "number.range"})
    row = Session(
        course=held,
        starts_at=starts_at,
        minutes=minutes or held.minutes,
        place=require_text("place", place, 80),
        teacher=teacher.strip()[:60],
        seats=seats,
        planned_by=UUID(actor.person_id),
    )
    row.save()
    append(actor, "training.plan_session", subject=("session", row.pk), at=now, data={"starts": starts_at}, rows=[row])
    return Entered(row.pk)


@procedure("training.enrol", clauses=("TL-14.2", "SEED-27"))
def enrol(*, actor: Actor, now: datetime, session: UUID, staff_nos: tuple[str, ...] = ()) -> Enrolled:
    """Enrol in a session: oneself, or by the office others by staff number. 报名参加培训。

    Raises:
        Forbidden: Others are enrolled by the secrecy office.
        Conflict: The session has begun, or has fewer seats left than people named.
    """
    row = _locked(session)
    if row.starts_at <= now:
        raise Conflict("training.begun", (), course=row.course.title)
    if staff_nos and not actor.holds(OFFICE):
        raise Forbidden("role.required", (), roles=[OFFICE], act="training.enrol")
    people = staff(actor, "staff_nos", staff_nos, () if staff_nos else (UUID(actor.person_id),))
    before = {a.person_id: a for a in Attendance.objects.filter(session=row)}
    new = [p for p in people if p.pk not in before or before[p.pk].state == "withdrawn"]
    left = row.seats - sum(a.state != "withdrawn" for a in before.values()) - len(new)
    if left < 0:
        raise Conflict("training.full", (), course=row.course.title, seats=row.seats)
    touched = []
    for person in new:
        entry = before.get(person.pk) or Attendance(session=row, person=person)
        entry.state, entry.enrolled_at = "enrolled", now
        entry.save()
        touched.append(entry)
        if str(person.pk) != actor.person_id:
            tell(person.pk, "training.enrolled", now, course=row.course.title, day=row.starts_at.date().isoformat())
    data = {"persons": [str(p.pk) for p in new]}
    append(actor, "training.enrol", subject=("session", row.pk), at=now, data=data, rows=touched)
    return Enrolled(row.pk, tuple(p.pk for p in new), left)


@procedure("training.withdraw", clauses=("SEED-27",))
def withdraw(*, actor: Actor, now: datetime, session: UUID) -> Entered:
    """Give one's seat back before the session begins. 取消报名。"""
    row = _locked(session)
    if row.starts_at <= now:
        raise Conflict("training.begun", (), course=row.course.title)
    entry = Attendance.objects.filter(session=row, person_id=actor.person_id, state="enrolled").first()
    if entry is None:
        raise NotFound("object.not_found")
    entry.state = "withdrawn"
    entry.save(update_fields=["state"])
    append(actor, "training.withdraw", subject=("session", row.pk), at=now, rows=[entry])
    return Entered(entry.pk)


@procedure("training.cancel_session", requires=OFFICE, clauses=("SEED-27",))
def cancel_session(*, actor: Actor, now: datetime, session: UUID, reason: str) -> Entered:
    """Cancel a session and tell everyone enrolled. 取消培训场次。"""
    row = _locked(session)
    row.cancelled_at, row.cancelled_reason = now, require_text("reason", reason, 200)
    row.save(update_fields=["cancelled_at", "cancelled_reason"])
    for entry in Attendance.objects.filter(session=row, state="enrolled"):
        tell(entry.person_id, "training.cancelled", now, course=row.course.title, day=row.starts_at.date().isoformat())
    append(actor, "training.cancel_session", subject=("session", row.pk), at=now, rows=[row])
    return Entered(row.pk)


@procedure("training.take_roll", requires=OFFICE, clauses=("TL-14.2", "SEED-7"))
def take_roll(
    *,
    actor: Actor,
    now: datetime,
    session: UUID,
    attended: tuple[UUID, ...] = (),
    walk_ins: tuple[str, ...] = (),
    expected_version: str,
) -> Rolled:
    """Record who came: each gets hours and a certificate, and nobody records one's own. 登记到课。

    Args:
        attended: Who came of those enrolled.
        walk_ins: Staff numbers of others who came.
        expected_version: The version of the session with those enrolled, as ``training.session`` showed it.
    Raises:
        Conflict: The session has not begun, or its roll was taken; ``record.stale``: someone enrolled or withdrew meanwhile.
    """
    row = _locked(session)
    if now < row.starts_at:
        raise Conflict("training.not_begun", (), course=row.course.title)
    require_current(row, "session", expected_version, *asked.enrolled(row))
    people = staff(actor, "walk_ins", walk_ins, attended)
    if UUID(actor.person_id) in {p.pk for p in people}:
        raise Forbidden("training.own")
    given, touched = _certify(row, people, now)
    missing = list(Attendance.objects.filter(session=row, state="enrolled"))
    for entry in missing:
        entry.state = "absent"
        entry.save(update_fields=["state"])
    row.rolled_at = now
    row.save(update_fields=["rolled_at"])
    data = {"attended": len(given), "absent": len(missing)}
    append(actor, "training.take_roll", subject=("session", row.pk), at=now, data=data, rows=[row, *touched, *missing])
    return Rolled(row.pk, tuple(t.certificate for t in given), len(missing))


def _certify(session: Session, people: list[Person], now: datetime) -> tuple[list[Training], list[Any]]:
    """Give everyone who came the hours and a numbered certificate."""
    course = Course.objects.select_for_update().get(pk=session.course_id)
    year = session.starts_at.year
    number = Attendance.objects.filter(session__course=course, session__starts_at__year=year, state="attended").count()
    done = session.starts_at + timedelta(minutes=session.minutes)
    ends = Period(months=course.valid_months).last_day(session.starts_at.date()) + timedelta(days=1)
    given: list[Training] = []
    touched: list[Any] = []
    for person in people:
        training = Training(
            person=person,
            course=course.title,
            minutes=session.minutes,
            completed_at=min(done, now),
            valid_until=start_of(ends),
            certificate=f"{course.code}-{year}-{number + len(given) + 1:03}",
        )
        training.save()
        entry = Attendance.objects.filter(session=session, person=person).first()
        entry = entry or Attendance(session=session, person=person, enrolled_at=now)
        entry.state, entry.training = "attended", training
        entry.save()
        given.append(training)
        touched += [training, entry]
        tell(person.pk, "training.certified", now, course=course.title, certificate=training.certificate)
    return given, touched


@procedure("training.void", requires=OFFICE, step_up=True, clauses=("TL-14.2",))
def void(*, actor: Actor, now: datetime, training: UUID, reason: str) -> Entered:
    """Take back a training that was recorded wrongly: from now on it counts for nothing. 撤销培训登记。"""
    row = Training.objects.select_for_update().filter(pk=training, voided_at__isnull=True).first()
    if row is None:
        raise NotFound("object.not_found")
    row.voided_at, row.voided_reason = now, require_text("reason", reason, 200)
    row.save(update_fields=["voided_at", "voided_reason"])
    until = standing.trained_until(row.person_id, now)
    waiting = 0
    if until is None or until <= now:
        waiting, _ = hand_on(row.person_id, now)
    tell(row.person_id, "training.voided", now, course=row.course)
    data = {"person": str(row.person_id), "handed_on": waiting}
    append(actor, "training.void", subject=("person", row.person_id), at=now, data=data, rows=[row])
    return Entered(row.pk)


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("CS-37", "SEED-27", "TL-9.2"))
def follow(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind, monthly late in the year, who is short of hours, and the office of topics not taught. 提醒培训学时、内容不足。"""
    sweep.alone()
    sent = 0
    if today.month >= policy.number("hours_reminded_from_month", today):
        month = f"{today:%Y-%m}"
        told = Notice.objects.filter(code="training.hours_short", params__month=month).values_list("person", flat=True)
        already = set(told)
        for row in asked.hours_of(today.year, now):
            if row.short and row.person not in already:
                tell(row.person, "training.hours_short", now, month=month, hours=row.hours, asked=row.asked)
                sent += 1
        if missing := asked.untaught(today.year, now):
            of = {"month": month, "topics": "、".join(missing)}
            sent += tell_once(standing.holders(OFFICE, now), "training.topics_missing", now, of, count=len(missing))
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data={"today": today, "reminded": sent})
    return Reminded(sent)
