"""定密责任人档案: one officer's appointments, training, work and its quality, and what asks for attention (SEED-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.queries import access, policy, standing
from dingmi.queries.clock import ZONE, last_day
from dingmi.queries.officers import DUTY, MINUTES_OF_AN_HOUR, READERS, OfficerRow, row_of
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, rows_of
from dingmi.queries.statistics import past, work
from dingmi.records.matters.models import Matter
from dingmi.records.officers.appointments import Mobility
from dingmi.records.officers.models import Designation, Officer, Qualification
from dingmi.records.oversight.inspections import InspectionFinding
from dingmi.records.oversight.models import Correction
from dingmi.regime.prc_state.levels import covers

FIGURES = ("year", "term", "at_once", "changed", "returned", "in_time", "errors", "points")
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Commission:
    """One designation of the officer; of one by law ``max_level`` is empty: the authority is that of the organ (QA-3)."""

    id: UUID
    instrument: str
    max_level: str
    since: date
    until: date | None
    published_on: date | None
    filed_on: date | None
    ended: date | None
    ended_ground: str


@dataclass(frozen=True, slots=True)
class Course:
    """One training, or one certificate of qualification."""

    what: str
    hours: float | None
    on: date
    valid_until: date
    certificate: str


@dataclass(frozen=True, slots=True)
class Move:
    """Something that suspended the officer or ended the office."""

    kind: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Month:
    """What was decided in one month, by level, and how often the officer sent back."""

    first: date
    levels: tuple[int, ...]
    returned: int


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that asks for attention, with its numbers."""

    code: str
    number: float | int | None = None
    other: float | int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the officer did: this year, in the present term, month by month, and the errors found in it."""

    year: work.Work
    term: work.Work
    months: tuple[Month, ...]
    errors: int
    hours: float


@dataclass(frozen=True, slots=True)
class OwnYear:
    """What an officer did this year and what was found in it: each figure opens its records (``officers.records``)."""

    year: work.Work
    errors: int
    points: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One officer's file; ``deeds``, ``courses`` and ``notes`` are for those whose duty it is, and for the officer."""

    row: OfficerRow
    commissions: tuple[Commission, ...]
    grants: tuple[tuple[str, str, date], ...]
    courses: tuple[Course, ...]
    moves: tuple[Move, ...]
    deeds: Deeds | None
    notes: tuple[Note, ...]
    hours_asked: int
    year: int
    appraises: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """The records behind one figure of a file."""

    person: UUID
    name: str
    figure: str
    count: int
    rows: tuple[MatterRow, ...]


def _officer(actor: Actor, person: UUID) -> Officer:
    rows = Officer.objects.filter(person=person, person__organ_id=actor.organ_id)
    found: Officer | None = rows.select_related("person__department").first()
    if found is None:
        raise NotFound("object.not_found")
    return found


def _may_see_work(actor: Actor, person: UUID) -> bool:
    return actor.holds(*DUTY) or str(person) == actor.person_id


def _day(value: datetime | None) -> date | None:
    return value.astimezone(ZONE).date() if value else None


def _commissions(officer: Officer) -> tuple[Commission, ...]:
    by_law = set(officer.person.appointments.filter(kind=standing.BY_LAW).values_list("designation", flat=True))
    return tuple(
        Commission(
            d.pk,
            d.instrument,
            "" if d.pk in by_law else d.max_level,
            d.since.astimezone(ZONE).date(),
            last_day(d.until),
            d.published_on,
            d.filed_on,
            _day(d.ended_at),
            d.ended_ground,
        )
        for d in Designation.objects.filter(officer=officer).order_by("-since", "pk")
    )


def _courses(person: UUID, now: datetime) -> tuple[Course, ...]:
    held = standing.trainings(now).filter(person=person).order_by("-completed_at", "pk")[:10]
    grades = Qualification.objects.filter(person=person, since__lte=now).order_by("-since", "pk")[:5]
    made = [
        Course(
            t.course,
            round(t.minutes / MINUTES_OF_AN_HOUR, 1),
            t.completed_at.astimezone(ZONE).date(),
            last_day(t.valid_until),
            t.certificate,
        )
        for t in held
    ]
    made += [Course(q.grade, None, q.since.astimezone(ZONE).date(), last_day(q.until), q.certificate) for q in grades]
    return tuple(sorted(made, key=lambda c: c.on, reverse=True))


def _months(known: past.Past, person: UUID, today: date) -> tuple[Month, ...]:
    made = []
    for back in range(MONTHS - 1, -1, -1):
        number = today.year * 12 + today.month - 1 - back
        first, after = date(number // 12, number % 12 + 1, 1), date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        found = [
            s
            for _, s in known.steps(first, after - timedelta(days=1), "determined", "returned")
            if s.deed.officer == person
        ]
        signed = [s.deed.level for s in found if s.deed.act in work.SIGNED]
        levels = tuple(signed.count(level) for level in past.LEVELS)
        made.append(Month(first, levels, sum(1 for s in found if s.what == "returned")))
    return tuple(made)


def _errors(actor: Actor, now: datetime, person: UUID) -> list[UUID]:
    """Return the matters in which an error of this year stands on the officer's record."""
    seen = access.existing(actor, now).order_by().values("pk")
    rows = Correction.objects.filter(officer=person, found_on__year=now.year, matter__in=seen)
    return list(rows.order_by("found_at", "pk").values_list("matter", flat=True))


def _points(actor: Actor, now: datetime, person: UUID) -> list[UUID]:
    """Return the matters of which an inspection of this year found that points were missed or wrong."""
    seen = access.existing(actor, now).order_by().values("pk")
    rows = InspectionFinding.objects.filter(officer=person, error="points", found_at__year=now.year, matter__in=seen)
    return [matter for matter in rows.order_by("found_at", "pk").values_list("matter", flat=True) if matter]


def own_year(actor: Actor, now: datetime, person: UUID) -> OwnYear:
    """Return what an officer did this year, as far as ``actor`` may know of it."""
    today = now.date()
    done = work.of_officers(past.of(actor, now, today, person), date(today.year, 1, 1), today)
    errors, points = _errors(actor, now, person), _points(actor, now, person)
    return OwnYear(done.get(person, work.NOTHING), len(errors), len(points))


def _notes(row: OfficerRow, deeds: Deeds, recent: work.Work | None, now: datetime) -> tuple[Note, ...]:
    """Say what asks for attention: what stands in the way, what ends, what the figures show to who may know them all."""
    notes = [
        Note(
            code,
            row.days_left if code == "term_ends" else None,
            day=row.trained_until if "training" in code else row.grade_until if "grade" in code else row.until,
        )
        for code in row.problems
    ]
    asked = policy.number("officer_hours", now.date())
    if deeds.hours < asked:
        notes.append(Note("hours_short", deeds.hours, asked, date(now.year, 12, 31)))
    seated = row.since is not None and (now.date() - row.since).days >= 364
    if recent is not None:
        notes += [Note(code, recent.decided) for code in recent.signals if seated or code != "rarely"]
    return tuple(notes)


@query("officers.profile", roles=READERS, clauses=("SEED-7", "SEED-5", "SEED-8", "ZX-15"))
def officers_profile(*, actor: Actor, now: datetime, person: UUID) -> Profile:
    """One officer's file: what is published of everyone; work, training and notes for those whose duty it is and for oneself.

    Raises:
        NotFound: ``person`` is no officer of this organ.
    """
    officer, today = _officer(actor, person), now.date()
    (held,) = standing.roll(Officer.objects.filter(pk=officer.pk), now)
    department = officer.person.department.name if officer.person.department else ""
    row = row_of(held, department, officer.person.post, now)
    full = _may_see_work(actor, person)
    deeds, notes = None, tuple[Note, ...]()
    if full:
        known = past.of(actor, now, today, person)
        term = row.since or today
        year = work.of_officers(known, date(today.year, 1, 1), today).get(person, work.NOTHING)
        recent = work.of_officers(known, today - timedelta(days=364), today).get(person, work.NOTHING)
        spent = standing.trainings(now).filter(person=person, completed_at__year=today.year)
        hours = round(sum(spent.values_list("minutes", flat=True)) / MINUTES_OF_AN_HOUR, 1)
        in_term = work.of_officers(known, term, today).get(person, work.NOTHING)
        deeds = Deeds(year, in_term, _months(known, person, today), len(_errors(actor, now, person)), hours)
        notes = _notes(row, deeds, recent if _knows_all(actor, row.max_level) else None, now)
    return Profile(
        row=row,
        commissions=_commissions(officer),
        grants=tuple(
            (g.instrument, g.max_level, last_day(g.until)) for g in standing.delegations(standing.home(), now)
        ),
        courses=_courses(person, now) if full else (),
        moves=tuple(
            Move(m.kind, m.since.astimezone(ZONE).date(), last_day(m.until))
            for m in Mobility.objects.filter(person=person).order_by("-since", "pk")[:5]
        )
        if full
        else (),
        deeds=deeds,
        notes=notes,
        hours_asked=policy.number("officer_hours", today),
        year=today.year,
        appraises=actor.holds(*DUTY[:2]),
        is_own=str(person) == actor.person_id,
    )


@query("officers.records", roles=READERS, clauses=("SEED-7",))
def officers_records(*, actor: Actor, now: datetime, person: UUID, figure: str) -> Counted:
    """The records that one figure of a file counts, as the reader may see them.

    Args:
        figure: ``year``, ``term``, ``at_once``, ``changed``, ``returned``, ``in_time``, ``errors`` or ``points``.
    Raises:
        Forbidden: ``officers.work_of_others``: another officer's work, without the duty to oversee it.
    """
    officer, today = _officer(actor, person), now.date()
    if not _may_see_work(actor, person):
        raise Forbidden("officers.work_of_others", ("SEED-7",))
    if figure not in FIGURES:
        raise Invalid("input.invalid", (), fields={"figure": "choice.unknown"})
    found = {"errors": _errors, "points": _points}.get(figure)
    ids = found(actor, now, person) if found else _counted(actor, now, person, figure, today)
    held = {m.pk: m for m in access.existing(actor, now).filter(pk__in=ids).select_related("department", "officer")}
    rows: list[Matter] = [held[pk] for pk in ids]
    return Counted(person, officer.person.name, figure, len(rows), rows_of(rows, today))


def _counted(actor: Actor, now: datetime, person: UUID, figure: str, today: date) -> list[UUID]:
    """Return the matters of the decisions that a figure counts: one line a decision."""
    (held,) = standing.roll(Officer.objects.filter(person=person), now)
    first = held.since.date() if figure == "term" and held.since else date(today.year, 1, 1)
    found = past.of(actor, now, today, person).steps(first, today, "determined", "returned")
    ids = []
    for life, step in found:
        if step.deed.officer != person:
            continue
        fits = step.what == "returned" if figure == "returned" else step.deed.act in work.SIGNED
        if figure == "at_once":
            fits = fits and not any(s.what == "returned" for s in life.steps)
        elif figure == "changed":
            fits = step.deed.act == work.CHANGED
        elif figure == "in_time":
            fits = fits and work.is_in_time(step.deed)
        if fits:
            ids.append(life.matter)
    return ids


@dataclass(frozen=True, slots=True)
class Signal:
    """An officer whose figures ask for a look, and why; no rank."""

    person: UUID
    name: str
    codes: tuple[str, ...]
    decided: int


@dataclass(frozen=True, slots=True)
class Balance:
    """How determinations spread over officers in the last twelve months."""

    officers: int
    decided: int
    concentrated: int | None  # percent with one officer, when that is more than policy finds sound
    beyond: int  # officers who may decide above the reader's clearance: how much they do is not the reader's to know
    signals: tuple[Signal, ...]


def _knows_all(actor: Actor, level: str) -> bool:
    """Tell whether the reader's clearance covers whatever an officer of this level decides, so that little is little (SR-28)."""
    return not level or covers(actor.clearance, level)


@query("officers.balance", roles=DUTY, clauses=("SEED-6", "SEED-29", "SEED-37"))
def officers_balance(*, actor: Actor, now: datetime) -> Balance:
    """Concentration and dilution: seats hardly used, very fast approvals, agreement with everything; by name, no rank.

    Of officers who may decide above the reader's clearance nothing is said but how many they are.
    """
    today = now.date()
    done = work.of_officers(past.of(actor, now, today), today - timedelta(days=364), today)
    seated = [o for o in standing.roll(Officer.objects.filter(person__organ_id=actor.organ_id), now) if o.in_office]
    held = [o for o in seated if _knows_all(actor, o.max_level)]
    beyond = len(seated) - len(held)
    total = sum(done.get(o.person, work.NOTHING).decided for o in held)
    most = max((done.get(o.person, work.NOTHING).decided for o in held), default=0)
    heavy = not beyond and total >= policy.SEEN_LEAST and len(held) > 1 and most / total >= policy.CONCENTRATED
    year_ago = now - timedelta(days=364)
    signals = []
    for o in sorted(held, key=lambda o: o.name):
        mine = done.get(o.person, work.NOTHING)
        codes = tuple(c for c in mine.signals if c != "rarely" or (o.since is not None and o.since <= year_ago))
        if codes:
            signals.append(Signal(o.person, o.name, codes, mine.decided))
    return Balance(len(held), total, round(100 * most / total) if heavy else None, beyond, tuple(signals))
