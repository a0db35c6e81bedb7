"""定密责任人名册: who may decide, on what authority; those with a problem first, found by name, kind or state, page by page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Sum

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import access, facts_office, policy, standing
from dingmi.queries.clock import last_day
from dingmi.queries.facts_appointment import DERIVES_ONLY
from dingmi.queries.registry import query
from dingmi.queries.rows import place_of
from dingmi.queries.statistics.work import SIGNED
from dingmi.records.matters.models import Decision
from dingmi.records.officers.models import Officer
from dingmi.records.organs.models import Person
from dingmi.regime.prc_state.levels import covers

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.OFFICER, Role.INSPECTOR)
DUTY = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)  # who sees how much and how well others decide (SEED-7)
KINDS = {"statutory": "法定", "designated": "指定", "derivative": "派生"}
STATES = ("", "problems", "suspended", *KINDS)
MINUTES_OF_AN_HOUR = 45  # 学时
PAGE = 12
TEXT_MOST = 60
ALERTS = (
    "no_designation",
    "suspended",
    "training_lapsed",
    "clearance_below",
    "grade_lapsed",
    "grade_below",
)  # decides not, or not all


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """One officer in the register; ``decided`` and ``hours`` of the year are told to those whose duty it is, and to oneself."""

    person: UUID
    name: str
    department: str
    post: str
    kind: str
    tier: str
    max_level: str
    matters: str
    instrument: str
    since: date | None
    until: date | None
    trained_until: date | None
    clearance: str
    grade: str
    grade_until: date | None
    problems: tuple[str, ...]
    days_left: int | None
    decided: int | None = None
    hours: float | None = None

    @property
    def place(self) -> str:
        """Department and post."""
        return place_of(self.department, self.post)

    @property
    def is_alert(self) -> bool:
        """Tell whether the officer cannot decide now."""
        return any(p in ALERTS for p in self.problems)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One delegation to the organ."""

    instrument: str
    max_level: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Officers:
    """One page of the register."""

    rows: tuple[OfficerRow, ...]
    kinds: tuple[tuple[str, int], ...]
    troubled: int
    found: int
    text: str
    state: str
    page: int
    pages: int
    organ_grants: tuple[Appointment, ...]
    year: int
    appraises: bool
    oversees: bool
    takes_over: bool


def kind_of(held: standing.OfficerStanding) -> str:
    """Return what kind of officer it is: by law, designated, or designated to derive only."""
    return "derivative" if held.matters == DERIVES_ONLY else held.kind


def problems(held: standing.OfficerStanding, now: datetime) -> tuple[str, ...]:
    """Return what stands against an officer or soon will."""
    found = []
    if not held.in_office:
        found.append("no_designation")
    elif access.LEVELS.index(held.max_level or access.LEVELS[0]) > access.LEVELS.index(
        held.clearance or access.LEVELS[0]
    ):
        found.append("clearance_below")
    if held.suspended:
        found.append("suspended")
    if held.trained_until is None or held.trained_until <= now:
        found.append("training_lapsed")
    elif (held.trained_until - now).days <= policy.OFFICER_LEAD_DAYS[0]:
        found.append("training_ends")
    found += _of_grade(held, now)
    if held.until is not None and (held.until - now).days <= policy.OFFICER_LEAD_DAYS[0]:
        found.append("term_ends")
    return tuple(found)


def _of_grade(held: standing.OfficerStanding, now: datetime) -> list[str]:
    """Return what stands against the qualification of an officer whom the house has graded (SEED-1)."""
    if not held.graded:
        return []
    if held.qualified_until is None:
        return ["grade_lapsed"]
    if held.max_level and not covers(held.qualified, held.max_level):
        return ["grade_below"]
    return ["grade_ends"] if (held.qualified_until - now).days <= policy.OFFICER_LEAD_DAYS[0] else []


def row_of(held: standing.OfficerStanding, department: str, post: str, now: datetime) -> OfficerRow:
    """Return one line of the register."""
    return OfficerRow(
        person=held.person,
        name=held.name,
        department=department,
        post=post,
        kind=KINDS.get(kind_of(held), held.kind),
        tier=held.tier,
        max_level=held.max_level,
        matters="全部" if standing.EVERYTHING in held.matters else "、".join(held.matters),
        instrument=held.instrument,
        since=held.since.date() if held.since else None,
        until=last_day(held.until),
        trained_until=last_day(held.trained_until),
        clearance=held.clearance,
        grade=held.qualified,
        grade_until=last_day(held.qualified_until),
        problems=problems(held, now),
        days_left=(held.until - now).days if held.until else None,
    )


@dataclass(frozen=True, slots=True)
class _Seat:
    """One officer as the register sorts and searches them; the line is written only where it is shown."""

    held: standing.OfficerStanding
    department: str
    post: str
    problems: tuple[str, ...]

    def fits(self, words: list[str], state: str) -> bool:
        """Tell whether a search finds the officer."""
        if words and not all(w in f"{self.held.name} {self.department} {self.post}" for w in words):
            return False
        if state == "problems":
            return bool(self.problems)
        return not state or (state in self.problems if state == "suspended" else kind_of(self.held) == state)

    def row(self, now: datetime) -> OfficerRow:
        """Return the line."""
        return row_of(self.held, self.department, self.post, now)


def _seats(actor: Actor, now: datetime) -> list[_Seat]:
    """Return every officer of the actor's organ: who cannot decide first, then whom something awaits, then by name."""
    found = Officer.objects.filter(person__organ_id=actor.organ_id)
    people = found.values_list("person", "person__department__name", "person__post")
    places = {pk: (department or "", post) for pk, department, post in people}
    seats = [_Seat(held, *places[held.person], problems(held, now)) for held in standing.roll(found, now)]
    return sorted(
        seats,
        key=lambda s: (not any(p in ALERTS for p in s.problems), not s.problems, s.held.name, str(s.held.person)),
    )


def every(actor: Actor, now: datetime) -> list[OfficerRow]:
    """Return the whole register of the actor's organ."""
    return [seat.row(now) for seat in _seats(actor, now)]


def _require_asked(text: str, state: str, page: int) -> None:
    if state not in STATES or page < 1 or len(text) > TEXT_MOST:
        raise Invalid("input.invalid", (), fields={"state": "choice.unknown"})


def chosen(*, actor: Actor, now: datetime, text: str = "", state: str = "", page: int = 1) -> list[OfficerRow]:
    """Return every officer that a page of the register goes through, whatever the page.

    Raises:
        Invalid: An unknown state, a page that cannot be, or a text too long.
    """
    _require_asked(text, state, page)
    return [seat.row(now) for seat in _seats(actor, now) if seat.fits(text.split(), state)]


def _with_work(rows: list[OfficerRow], actor: Actor, now: datetime) -> tuple[OfficerRow, ...]:
    """Add the decisions and hours of this year to the lines whose figures the actor may see."""
    seen = {r.person for r in rows if actor.holds(*DUTY) or str(r.person) == actor.person_id}
    made = Decision.objects.filter(officer__in=seen, at__year=now.year, at__lte=now, act__in=SIGNED)
    made = made.filter(matter__in=access.existing(actor, now).order_by().values("pk"))
    counts = dict(made.order_by().values_list("officer").annotate(n=Count("pk")))
    spent = standing.trainings(now).filter(person__in=seen, completed_at__year=now.year)
    minutes = dict(spent.order_by().values_list("person").annotate(n=Sum("minutes")))
    return tuple(
        replace(r, decided=counts.get(r.person, 0), hours=round(minutes.get(r.person, 0) / MINUTES_OF_AN_HOUR, 1))
        if r.person in seen
        else r
        for r in rows
    )


@query("officers", roles=READERS, clauses=("SEED-6", "SEED-7"))
def officers(*, actor: Actor, now: datetime, text: str = "", state: str = "", page: int = 1) -> Officers:
    """One page of the register of officers, those with a problem first.

    Args:
        text: Words of name, department or post.
        state: ``problems``, ``suspended``, ``statutory``, ``designated`` or ``derivative``; empty for all.
    Raises:
        Invalid: An unknown state, a page that cannot be, or a text too long.
    """
    _require_asked(text, state, page)
    seats = _seats(actor, now)
    kinds = Counter(kind_of(seat.held) for seat in seats if seat.held.in_office)
    found = [seat for seat in seats if seat.fits(text.split(), state)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages)
    shown = [seat.row(now) for seat in found[(page - 1) * PAGE : page * PAGE]]
    grants = tuple(
        Appointment(g.instrument, g.max_level, g.since.date(), last_day(g.until))
        for g in standing.delegations(standing.home(), now)
    )
    return Officers(
        rows=_with_work(shown, actor, now),
        kinds=tuple((word, kinds[code]) for code, word in KINDS.items()),
        troubled=sum(1 for seat in seats if seat.problems),
        found=len(found),
        text=text,
        state=state,
        page=page,
        pages=pages,
        organ_grants=grants,
        year=now.year,
        appraises=actor.holds(Role.SECRECY_OFFICE, Role.HEAD),
        oversees=actor.holds(*DUTY),
        takes_over=facts_office.takes_over(now),
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone who could be designated."""

    person: UUID
    name: str
    department: str
    post: str


@query("officers.candidates", roles=(Role.HEAD, Role.SECRECY_OFFICE), clauses=("TL-14.1",))
def officers_candidates(*, actor: Actor, now: datetime) -> tuple[Candidate, ...]:
    """The people in service who hold no designation now."""
    serving = {r.person for r in every(actor, now) if r.since}
    people = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True).select_related("department")
    return tuple(
        Candidate(p.pk, p.name, p.department.name if p.department else "", p.post)
        for p in people.order_by("department__order", "staff_no")
        if p.pk not in serving
    )
