"""定密培训 as the pages show it: courses and sessions, one roll, hours by person and year, and one's own file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import policy, standing
from dingmi.queries.clock import last_day
from dingmi.queries.performance import MINUTES_OF_AN_HOUR
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.records.officers.models import Designation, Qualification, Training
from dingmi.records.officers.training import Attendance, Course, Session
from dingmi.records.organs.models import Clearance, Person
from dingmi.regime.prc_state.tables import PARAMETERS

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
AUDIENCES = ("officers", "drafters", "cleared", "everyone")


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course, with how often it was held and how many came."""

    id: UUID
    code: str
    title: str
    audience: str
    minutes: int
    valid_months: int
    outline: str
    topics: tuple[str, ...]
    held: int
    attended: int
    is_open: bool
    version: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session: ``state`` is planned, due (begun, no roll yet), held or cancelled."""

    id: UUID
    course: str
    code: str
    starts_at: datetime
    minutes: int
    place: str
    teacher: str
    seats: int
    enrolled: int
    attended: int
    state: str
    mine: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's hours of 45 minutes in a year, how many are asked and by what: ``policy`` or ``clause``; or nobody asks."""

    person: UUID
    name: str
    staff_no: str
    department: str
    post: str
    hours: float
    asked: int
    basis: str
    trained_through: date | None
    days_left: int | None
    grade: str

    @property
    def short(self) -> bool:
        """Whether hours are missing."""
        return self.hours < self.asked

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of hours and validity: ``short``, then ``untrained``, ``lapsed``, ``ending`` or ``valid``."""
        short = ("short",) if self.short else ()
        if self.days_left is None:
            return (*short, "untrained") if self.asked else short
        soon = self.days_left <= policy.OFFICER_LEAD_DAYS[0]
        return (*short, "lapsed" if self.days_left < 0 else "ending" if soon else "valid")


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """Courses and sessions, those with something to do first."""

    courses: tuple[CourseLine, ...]
    sessions: tuple[SessionLine, ...]
    year: int
    topics: tuple[tuple[str, bool], ...]  # of regular education, and whether one was taught this year (TL-9.2)


@dataclass(frozen=True, slots=True)
class HoursPage:
    """The hours of a year by person, those who are short first; how many were counted before the filter."""

    year: int
    rows: tuple[Hours, ...]
    people: int
    short: int
    lapsed: int
    officer_hours: int
    drafter_hours: int
    cleared_hours: int


@dataclass(frozen=True, slots=True)
class RollLine:
    """One person of a session."""

    person: UUID
    name: str
    staff_no: str
    department: str
    state: str
    certificate: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One session with its roll."""

    line: SessionLine
    outline: str
    reason: str
    roll: tuple[RollLine, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """One training of one's own."""

    id: UUID
    course: str
    hours: float
    completed: date
    through: date
    certificate: str
    is_valid: bool
    is_void: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """One certificate of qualification."""

    grade: str
    certificate: str
    since: date
    through: date
    is_valid: bool


@dataclass(frozen=True, slots=True)
class MyTraining:
    """One's own training: hours asked and done, what is valid, what can be attended."""

    hours: Hours
    year: int
    certificates: tuple[Certificate, ...]
    grades: tuple[Grade, ...]
    sessions: tuple[SessionLine, ...]


def cleared_hours(day: date) -> int:
    """Return the hours a year asked of all cleared staff (CS-37)."""
    return int(PARAMETERS.value("cleared_hours", day))


def _asked(officers: set[UUID], drafters: set[UUID], cleared: set[UUID], person: Person, day: date) -> tuple[int, str]:
    """Return how many hours are asked of a person, and whether by the organ's policy or by a clause of the register."""
    if person.pk in officers:
        return policy.number("officer_hours", day), "policy"
    if person.pk in drafters:
        return policy.number("drafter_hours", day), "policy"
    if person.pk in cleared or person.post_category:
        return cleared_hours(day), "clause"
    return 0, ""


def hours_of(year: int, now: datetime, only: UUID | None = None) -> tuple[Hours, ...]:
    """Return the hours of everyone of the home organ in service, or of one; by the rules of today."""
    people = Person.objects.filter(organ__is_home=True, left_at__isnull=True).select_related("department")
    if only is not None:
        people = people.filter(pk=only)
    counted = standing.trainings(now)
    minutes = dict(
        counted.filter(completed_at__year=year).order_by().values_list("person").annotate(total=Sum("minutes"))
    )
    through = dict(counted.order_by().values_list("person").annotate(last=Max("valid_until")))
    terms = standing.running(Designation.objects.all(), now).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now))
    officers = set(terms.values_list("officer__person", flat=True))
    drafters = set(standing.holders(Role.DRAFTER, now))
    cleared = set(standing.running(Clearance.objects.all(), now).values_list("person", flat=True))
    grades = standing.grades(now)
    found = []
    for person in people.order_by("department__order", "staff_no", "pk"):
        asked, basis = _asked(officers, drafters, cleared, person, now.date())
        last = last_day(through.get(person.pk))
        found.append(
            Hours(
                person=person.pk,
                name=person.name,
                staff_no=person.staff_no,
                department=person.department.name if person.department else "",
                post=person.post,
                hours=round((minutes.get(person.pk) or 0) / MINUTES_OF_AN_HOUR, 1),
                asked=asked,
                basis=basis,
                trained_through=last,
                days_left=(last - now.date()).days if last else None,
                grade=grades.get(person.pk, ""),
            )
        )
    return tuple(found)


def _state(row: Session, now: datetime) -> str:
    if row.cancelled_at:
        return "cancelled"
    if row.rolled_at:
        return "held"
    return "due" if row.starts_at <= now else "planned"


def _session(row: Session, now: datetime, mine: str = "") -> SessionLine:
    states = [a.state for a in row.people.all()]
    return SessionLine(
        id=row.pk,
        course=row.course.title,
        code=row.course.code,
        starts_at=row.starts_at,
        minutes=row.minutes,
        place=row.place,
        teacher=row.teacher,
        seats=row.seats,
        enrolled=sum(s != "withdrawn" for s in states),
        attended=states.count("attended"),
        state=_state(row, now),
        mine=mine,
    )


def _sessions(now: datetime, most: int, **only: Any) -> list[Session]:
    rows = Session.objects.filter(**only).select_related("course").prefetch_related("people")
    return list(rows.order_by("-starts_at", "pk")[:most])


ORDER = {"due": 0, "planned": 1, "held": 2, "cancelled": 3}


def topics(day: date) -> tuple[str, ...]:
    """Return the topics of regular education in the order of the regulation (TL-9.2)."""
    return tuple(PARAMETERS.value("training_topics", day))


def untaught(year: int, now: datetime) -> tuple[str, ...]:
    """Return the topics that no session held in a year covered."""
    held = Session.objects.filter(rolled_at__isnull=False, cancelled_at__isnull=True, starts_at__year=year)
    covered = {topic for named in held.values_list("course__topics", flat=True) for topic in named}
    return tuple(topic for topic in topics(now.date()) if topic not in covered)


@query("training", roles=READERS, clauses=("TL-14.2", "SEED-27", "TL-9.2"))
def training(*, actor: Actor, now: datetime) -> TrainingPage:
    """Courses, and their sessions: those whose roll is due first, then those to come, then those held."""
    lines = [_session(row, now) for row in _sessions(now, 200)]
    courses = []
    for row in Course.objects.order_by("closed_at", "code"):
        held = [s for s in lines if s.code == row.code and s.state == "held"]
        courses.append(
            CourseLine(
                id=row.pk,
                code=row.code,
                title=row.title,
                audience=row.audience,
                minutes=row.minutes,
                valid_months=row.valid_months,
                outline=row.outline,
                topics=tuple(row.topics),
                held=len(held),
                attended=sum(s.attended for s in held),
                is_open=row.closed_at is None,
                version=version_of(row),
            )
        )
    year, known = now.year, topics(now.date())
    missing = untaught(year, now)
    taught = tuple((topic, topic not in missing) for topic in known)
    return TrainingPage(tuple(courses), tuple(sorted(lines, key=lambda s: ORDER[s.state])), year, taught)


@query("training.hours", roles=READERS, clauses=("SEED-7", "CS-37"))
def training_hours(*, actor: Actor, now: datetime, year: int = 0, only: str = "", department: str = "") -> HoursPage:
    """Training hours of a year by person, those who are short first.

    Args:
        year: 0: this year.
        only: ``short``: those who are short of hours; ``lapsed``: those asked for training whose last one has run out.
        department: The name of one department.
    """
    asked_year = year or now.year
    rows = hours_of(asked_year, now)
    lapsed = [r for r in rows if r.asked and (r.days_left is None or r.days_left < 0)]
    shown = {"short": [r for r in rows if r.short], "lapsed": lapsed}.get(only, list(rows))
    shown = [r for r in shown if not department or r.department == department]
    return HoursPage(
        year=asked_year,
        rows=tuple(sorted(shown, key=lambda r: not r.short)[:1000]),
        people=len(rows),
        short=sum(r.short for r in rows),
        lapsed=len(lapsed),
        officer_hours=policy.number("officer_hours", now.date()),
        drafter_hours=policy.number("drafter_hours", now.date()),
        cleared_hours=cleared_hours(now.date()),
    )


def enrolled(session: Session) -> QuerySet[Attendance]:
    """Return who is on the roll of a session, by staff number."""
    rows = Attendance.objects.filter(session=session).exclude(state="withdrawn")
    found: QuerySet[Attendance] = rows.order_by("person__staff_no", "pk")
    return found


@query("training.session", roles=READERS, clauses=("SEED-7",))
def training_session(*, actor: Actor, now: datetime, session: UUID) -> SessionPage:
    """One session with its roll.

    Raises:
        NotFound: There is none.
    """
    found = _sessions(now, 1, pk=session)
    if not found:
        raise NotFound("object.not_found")
    row = found[0]
    entries = enrolled(row).select_related("person__department", "training")
    roll = tuple(
        RollLine(
            person=e.person_id,
            name=e.person.name,
            staff_no=e.person.staff_no,
            department=e.person.department.name if e.person.department else "",
            state=e.state,
            certificate=e.training.certificate if e.training else "",
        )
        for e in entries
    )
    return SessionPage(_session(row, now), row.course.outline, row.cancelled_reason, roll, version_of(row, *entries))


@query("training.mine", clauses=("SEED-7", "TL-14.2"))
def training_mine(*, actor: Actor, now: datetime) -> MyTraining:
    """One's own training: hours of this year, certificates, qualification, and the sessions one can attend."""
    person = UUID(actor.person_id)
    own = hours_of(now.year, now, person)
    if not own:
        raise NotFound("object.not_found")
    states = dict(Attendance.objects.filter(person=person).values_list("session", "state"))
    lines = [_session(s, now, states.get(s.pk, "")) for s in _sessions(now, 200)]
    mine = [s for s in lines if s.state in ("planned", "due") or s.mine in ("attended", "absent")]
    taken = Training.objects.filter(person=person).order_by("-completed_at", "pk")[:100]
    certificates = tuple(
        Certificate(
            id=t.pk,
            course=t.course,
            hours=round(t.minutes / MINUTES_OF_AN_HOUR, 1),
            completed=t.completed_at.date(),
            through=last_day(t.valid_until),
            certificate=t.certificate,
            is_valid=t.valid_until > now and t.voided_at is None,
            is_void=t.voided_at is not None,
        )
        for t in taken
    )
    return MyTraining(
        own[0], now.year, certificates, _grades(person, now), tuple(sorted(mine, key=lambda s: ORDER[s.state]))
    )


def _grades(person: UUID, now: datetime) -> tuple[Grade, ...]:
    rows = Qualification.objects.filter(person=person).order_by("-since", "pk")
    return tuple(
        Grade(
            grade=q.grade,
            certificate=q.certificate,
            since=q.since.date(),
            through=last_day(q.until),
            is_valid=q.since <= now < q.until,
        )
        for q in rows
    )
