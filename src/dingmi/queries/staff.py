"""涉密人员 as the pages and the gates see them: vetting, undertakings, category, what is owed, and cooling-off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import policy, standing
from dingmi.queries.clock import ZONE, last_day
from dingmi.queries.facts import REGIME
from dingmi.queries.performance import MINUTES_OF_AN_HOUR
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.travel import TravelLine
from dingmi.queries.travel import line as travel_line
from dingmi.records.organs.models import Clearance, Person
from dingmi.records.organs.staff import Leaving, PostTerm, Travel, Undertaking, Vetting
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts_office import ClearanceFacts, ClearingFacts, LeavingFacts
from dingmi.regime.trade_secret.rules import NonCompeteFacts

READERS = (Role.SECRECY_OFFICE, Role.HEAD)
ON_POST = ("post", "contract")  # undertakings that bind someone in a secret post


@dataclass(frozen=True, slots=True)
class VettingLine:
    """One vetting."""

    on: date
    passed: bool
    opinion: str
    due_again: date


@dataclass(frozen=True, slots=True)
class UndertakingLine:
    """One undertaking or contract."""

    kind: str
    number: str
    signed_on: date
    through: date | None
    is_valid: bool
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeavingLine:
    """One leaving, with its cooling-off."""

    person: UUID
    name: str
    category: str
    approved_on: date
    cooling_through: date
    managed_by: str
    leaves_organ: bool
    is_over: bool
    days_left: int


@dataclass(frozen=True, slots=True)
class PostLine:
    """One secret post that a person held."""

    category: str
    post: str
    department: str
    since: date
    until: date | None
    filing_no: str
    filed_on: date | None


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """One training that a person attended."""

    course: str
    on: date
    hours: float
    valid_through: date | None


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of cleared staff and what is owed."""

    person: UUID
    name: str
    staff_no: str
    department: str
    post: str
    category: str
    clearance: str
    vetted_on: date | None
    due_again: date | None
    bound_through: date | None
    is_bound: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Cleared staff, those with a problem first, and who is in a cooling-off period."""

    rows: tuple[StaffLine, ...]
    leavings: tuple[LeavingLine, ...]
    problems: int


@dataclass(frozen=True, slots=True)
class StaffFile:
    """One person's file: vettings, undertakings, posts, training, journeys, leaving; and the cooling-off if left today."""

    line: StaffLine
    trained_through: date | None
    vettings: tuple[VettingLine, ...]
    undertakings: tuple[UndertakingLine, ...]
    posts: tuple[PostLine, ...]
    trainings: tuple[TrainingLine, ...]
    travels: tuple[TravelLine, ...]
    leavings: tuple[LeavingLine, ...]
    earliest: date | None
    latest: date | None
    has_left: bool
    post_version: str  # of the post that is held; empty without one


def held_posts(person: UUID) -> QuerySet[PostTerm]:
    """Return the secret posts that a person holds, the latest first."""
    found: QuerySet[PostTerm] = PostTerm.objects.filter(person=person, until__isnull=True).order_by("-since", "pk")
    return found


def _counting(day: date, kinds: tuple[str, ...]) -> QuerySet[Undertaking]:
    """Return the undertakings that count on ``day``."""
    found: QuerySet[Undertaking] = Undertaking.objects.filter(
        Q(through__isnull=True) | Q(through__gte=day), kind__in=kinds, signed_on__lte=day
    )
    return found


def bound(person: UUID, day: date, kinds: tuple[str, ...] = ON_POST) -> Undertaking | None:
    """Return the latest undertaking of a person that counts on ``day``."""
    return _counting(day, kinds).filter(person=person).order_by("-signed_on", "-pk").first()


def bound_among(persons: Iterable[UUID], day: date) -> frozenset[UUID]:
    """Return who of ``persons`` has an undertaking that counts on ``day``."""
    return frozenset(_counting(day, ON_POST).filter(person__in=tuple(persons)).values_list("person", flat=True))


def last_vetting(person: UUID, day: date) -> Vetting | None:
    """Return the latest vetting of a person by ``day``."""
    return Vetting.objects.filter(person=person, on__lte=day).order_by("-on", "-at", "-pk").first()


def advice(row: Undertaking) -> tuple[str, ...]:
    """Return what the law of its day advises about an undertaking: an agreement not to compete is no longer than allowed."""
    if row.kind != "non_compete":
        return ()
    left = Leaving.objects.filter(person=row.person_id, approved_on__gte=row.signed_on).order_by("-approved_on", "pk")
    since = left.values_list("approved_on", flat=True).first() or row.signed_on
    facts = NonCompeteFacts(row.at, since, row.through)
    return tuple(f.code for f in judge("trade_secret", "personnel.non_compete", facts, row.signed_on).warnings)


def judge_post(person: Person, category: str, now: datetime) -> Verdict:
    """Judge whether a person may take up a secret post of ``category``: vetted, trained, bound, and cleared within it."""
    vetted = last_vetting(person.pk, now.date())
    until = standing.trained_until(person.pk, now)
    facts = ClearingFacts(
        at=now,
        category=category,
        level=standing.clearance(person.pk, now),
        vetting_passed=vetted is not None and vetted.passed and now.date() <= vetted.due_again,
        is_trained=until is not None and until > now,
        has_undertaking=bound(person.pk, now.date()) is not None,
    )
    return judge(REGIME, "personnel.clear", facts, now.date())


def judge_clearance(person: Person, now: datetime) -> Verdict:
    """Judge whether the unit may clear a person for state secrets by its own decision."""
    return judge(REGIME, "personnel.grant_clearance", ClearanceFacts(now, person.is_foreign), now.date())


def judge_leaving(
    person: Person,
    now: datetime,
    *,
    approved_on: date,
    talked: bool,
    carriers: int,
    devices: int,
    systems_closed: bool,
    cooling_through: date | None,
) -> Verdict:
    """Judge whether a person may leave a secret post; access to this system ends with the act itself."""
    facts = LeavingFacts(
        at=now,
        category=person.post_category,
        approved_on=approved_on,
        cooling_until=cooling_through,
        had_talk=talked,
        has_undertaking=bound(person.pk, now.date(), ("leaving",)) is not None,
        carriers_outstanding=carriers,
        devices_outstanding=devices,
        access_revoked=systems_closed,
    )
    return judge(REGIME, "personnel.leave", facts, now.date())


def _problems(person: Person, vetted: Vetting | None, held: Undertaking | None, day: date) -> tuple[str, ...]:
    found = []
    if vetted is None:
        found.append("not_vetted")
    elif not vetted.passed:
        found.append("failed")
    elif day > vetted.due_again:
        found.append("vetting_over")
    elif (vetted.due_again - day).days <= max(policy.STAFF_LEAD_DAYS):
        found.append("vetting_due")
    if held is None:
        found.append("not_bound")
    elif held.through is not None and (held.through - day).days <= max(policy.STAFF_LEAD_DAYS):
        found.append("binding_ends")
    if not person.post_category:
        found.append("no_category")
    return tuple(found)


def _line(person: Person, clearance: str, day: date, vetted: Vetting | None, held: Undertaking | None) -> StaffLine:
    return StaffLine(
        person=person.pk,
        name=person.name,
        staff_no=person.staff_no,
        department=person.department.name if person.department else "",
        post=person.post,
        category=person.post_category,
        clearance=clearance,
        vetted_on=vetted.on if vetted else None,
        due_again=vetted.due_again if vetted else None,
        bound_through=held.through if held else None,
        is_bound=held is not None,
        problems=_problems(person, vetted, held, day),
    )


def _leaving(row: Leaving, day: date) -> LeavingLine:
    return LeavingLine(
        person=row.person_id,
        name=row.person.name,
        category=row.category,
        approved_on=row.approved_on,
        cooling_through=row.cooling_through,
        managed_by=row.managed_by,
        leaves_organ=row.leaves_organ,
        is_over=row.ended_at is not None,
        days_left=(row.cooling_through - day).days,
    )


def cleared_staff(now: datetime) -> tuple[StaffLine, ...]:
    """Return everyone of the home organ in service who holds a clearance or a secret post."""
    day = now.date()
    held = dict(standing.running(Clearance.objects.order_by("since", "pk"), now).values_list("person", "level"))
    people = Person.objects.filter(organ__is_home=True, left_at__isnull=True).select_related("department")
    vetted = {v.person_id: v for v in Vetting.objects.filter(on__lte=day).order_by("on", "at", "pk")}
    bound_by = {u.person_id: u for u in _counting(day, ON_POST).order_by("signed_on", "pk")}
    return tuple(
        _line(p, held.get(p.pk, ""), day, vetted.get(p.pk), bound_by.get(p.pk))
        for p in people.order_by("department__order", "staff_no", "pk")
        if p.post_category or p.pk in held
    )


@query("personnel.staff", roles=READERS, clauses=("BMF-44", "TL-50.3", "SEED-35"))
def personnel_staff(*, actor: Actor, now: datetime) -> StaffPage:
    """Cleared staff with what is owed, those with a problem first, and the cooling-off periods that run."""
    rows = cleared_staff(now)
    running = Leaving.objects.filter(ended_at__isnull=True).select_related("person").order_by("cooling_through", "pk")
    return StaffPage(
        tuple(sorted(rows, key=lambda r: not r.problems)[:1000]),
        tuple(_leaving(r, now.date()) for r in running),
        sum(bool(r.problems) for r in rows),
    )


def _trainings(person: UUID, now: datetime) -> tuple[TrainingLine, ...]:
    rows = standing.trainings(now).filter(person=person).order_by("-completed_at", "pk")
    return tuple(
        TrainingLine(
            t.course,
            t.completed_at.astimezone(ZONE).date(),
            round(t.minutes / MINUTES_OF_AN_HOUR, 1),
            last_day(t.valid_until),
        )
        for t in rows
    )


@query("personnel.file", roles=READERS, clauses=("BMF-44", "CS-44", "SEED-35", "BJ-21", "BJ-24"))
def personnel_file(*, actor: Actor, now: datetime, person: UUID) -> StaffFile:
    """One person's file as cleared staff.

    Raises:
        NotFound: Nobody of this organ.
    """
    row = Person.objects.filter(pk=person, organ_id=actor.organ_id).select_related("department").first()
    if row is None:
        raise NotFound("object.not_found")
    day = now.date()
    verdict = judge_leaving(
        row, now, approved_on=day, talked=True, carriers=0, devices=0, systems_closed=True, cooling_through=None
    )
    until = standing.trained_until(row.pk, now)
    left = Leaving.objects.filter(person=row).select_related("person").order_by("-approved_on", "-pk")
    held = held_posts(row.pk).first()
    return StaffFile(
        line=_line(row, standing.clearance(row.pk, now), day, last_vetting(row.pk, day), bound(row.pk, day)),
        trained_through=last_day(until) if until and until > now else None,
        vettings=tuple(
            VettingLine(v.on, v.passed, v.opinion, v.due_again)
            for v in Vetting.objects.filter(person=row).order_by("-on", "-pk")
        ),
        undertakings=tuple(
            UndertakingLine(u.kind, u.number, u.signed_on, u.through, u.through is None or u.through >= day, advice(u))
            for u in Undertaking.objects.filter(person=row).order_by("-signed_on", "-pk")
        ),
        posts=tuple(
            PostLine(p.category, p.post, p.department, p.since, p.until, p.filing_no, p.filed_on)
            for p in PostTerm.objects.filter(person=row).order_by("-since", "-pk")
        ),
        trainings=_trainings(row.pk, now),
        travels=tuple(
            travel_line(t, day, actor.person_id)
            for t in Travel.objects.filter(person=row).select_related("person").order_by("-starts_on", "-pk")
        ),
        leavings=tuple(_leaving(x, day) for x in left),
        earliest=verdict.values.get("cooling_until_earliest"),
        latest=verdict.values.get("cooling_until_latest"),
        has_left=row.left_at is not None,
        post_version=version_of(held) if held is not None else "",
    )
