"""Who may do what at an instant: authority of the organ, standing of officers and drafters, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from dingmi.base.actor import THREE_ADMINISTRATORS
from dingmi.base.errors import NotFound
from dingmi.queries import clock
from dingmi.queries.reading import everything
from dingmi.queries.terms import Scope
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Decision, Matter, Proposal, ScopeEntry
from dingmi.records.matters.recusals import Recusal
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Delegation, Designation, Officer, Qualification, Suspension, Training
from dingmi.records.organs.models import Account, Clearance, Organ, Person, RoleGrant
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.authority import authority
from dingmi.regime.prc_state.facts import DelegationFacts, OrganFacts
from dingmi.regime.prc_state.levels import highest
from dingmi.regime.prc_state.qualification import SPECIAL

EVERYTHING = "*"
EXPANSION = "expansion"  # on what an entry of the scope rests that somebody added later (ZX-28)
BY_LAW = "by_law"  # the kind of a case of appointment that nobody decided: the principal is an officer by office
OURS = Q(successor__isnull=True, organ__is_home=True) | Q(successor__is_home=True)  # matters we answer for (TL-23)
SECRET = ("proposed", "active", "referred")  # the states of a state secret, from its proposal on
PROTECTED = ("active", "graded")  # the states of what is protected, whatever its regime


def is_returned(row: Matter) -> bool:
    """Tell whether the latest proposal of a proposed matter came back to its drafter."""
    last = Proposal.objects.filter(matter=row).order_by("-number").first()
    return last is not None and Decision.objects.filter(proposal=last, act="determination.return").exists()


def running(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """Return the rows whose interval [since, until) contains ``at``."""
    return rows.filter(since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))


def covers(matters: list[str], code: str) -> bool:
    """Tell whether an instrument written for ``matters`` covers the matter code of a guide item; any if empty."""
    return EVERYTHING in matters or not code or code in matters


@dataclass(frozen=True, slots=True)
class Grant:
    """One delegation that covers a matter at an instant."""

    instrument: str
    max_level: str
    matters: tuple[str, ...]
    since: datetime
    until: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfficerStanding:
    """An officer as of one instant."""

    person: UUID
    name: str
    kind: str
    tier: str
    max_level: str
    instrument: str
    matters: tuple[str, ...]
    may_derive: bool
    since: datetime | None
    until: datetime | None
    suspended: bool
    trained_until: datetime | None
    clearance: str
    qualified: str
    graded: bool  # a certificate of qualification was ever held: once lapsed, it is missing (procedures P19)
    qualified_until: datetime | None

    @property
    def in_office(self) -> bool:
        """Whether a designation runs, or the law makes an officer of the person."""
        return self.since is not None


def organ_named(name: str) -> UUID:
    """Return the id of the organ called ``name``.

    Raises:
        NotFound: There is none.
    """
    found = Organ.objects.filter(name=name).values_list("pk", flat=True).first()
    if not isinstance(found, UUID):
        raise NotFound()
    return found


def home() -> Organ:
    """Return the organ that this installation serves."""
    organ: Organ = Organ.objects.get(is_home=True)
    return organ


def ends_at(day: date | None, tail: str) -> datetime | None:
    """Return the instant at which protection ends under a tail: its day at 00:00, or at the time that it states (ZX-32)."""
    return datetime.combine(day, marks.release_hour(tail), clock.ZONE) if day else None


def is_over(day: date | None, tail: str, at: datetime) -> bool:
    """Tell whether protection under a tail had ended at an instant."""
    end = ends_at(day, tail)
    return end is not None and end <= at


def ended(at: datetime) -> QuerySet[Matter]:
    """Return the matters in force whose protection had ended at an instant; one whose mark states a later hour is not."""
    rows = Matter.objects.filter(state="active", declassified_from__lte=at.date())
    by_the_hour = rows.filter(declassified_from=at.date(), tail_kind="date", tail__contains="时")
    later = [pk for pk, tail in by_the_hour.values_list("pk", "tail") if not is_over(at.date(), tail, at)]
    return rows.exclude(pk__in=later)


def undecided(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Return those of ``rows`` whose proposal waits for an officer: not one that was returned to its drafter."""
    last = Proposal.objects.filter(matter=OuterRef("pk")).order_by("-number").values("pk")[:1]
    returned = Decision.objects.filter(act="determination.return", proposal__isnull=False).values("proposal")
    return rows.filter(state="proposed").annotate(last_proposal=Subquery(last)).exclude(last_proposal__in=returned)


def pending(acts: Iterable[str]) -> QuerySet[Proposal]:
    """Return the proposals of ``acts`` on our matters in force that wait for an officer."""
    ours = Matter.objects.filter(OURS, pk=OuterRef("matter"), state="active")
    decided = Decision.objects.filter(proposal=OuterRef("pk"))
    return Proposal.objects.filter(~Exists(decided), Exists(ours), act__in=tuple(acts))


def has_ended(at: datetime) -> bool:
    """Tell whether the protection of any matter in force had ended at an instant."""
    with everything("clock"):
        return ended(at).exists()


def published_items(apart: UUID) -> tuple[UUID, ...]:
    """Return the items of what was published before, each once; the matter ``apart`` does not count."""
    rows = Matter.objects.filter(published_at__isnull=False, item__isnull=False).exclude(pk=apart)
    return tuple(rows.order_by("item").values_list("item", flat=True).distinct())


def answers_for(matter: Matter) -> Organ:
    """Return the organ that answers for ``matter`` now: its originator, or the one that took its functions over."""
    organ: Organ = matter.successor or matter.organ
    return organ


def determined_level(matter: Matter) -> str:
    """Return the level that was determined, whatever holds ``level`` above it meanwhile (TL-26.3)."""
    return str(matter.determined_level or matter.level)


def is_challenged(matter: Matter) -> bool:
    """Tell whether a challenge of ``matter`` is open."""
    return bool(Challenge.objects.filter(matter=matter, ended_at__isnull=True).exists())


def delegations(organ: Organ, at: datetime) -> tuple[Grant, ...]:
    """Return the delegations to ``organ`` that run at ``at``."""
    rows = running(Delegation.objects.filter(grantee=organ), at).filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
    )
    return tuple(
        Grant(r.instrument, r.max_level, tuple(r.matters), r.since, r.until, r.revoked_at)
        for r in rows.order_by("since", "pk")
    )


def organ_facts(organ: Organ, at: datetime) -> OrganFacts:
    """Return an organ as the law is asked about it: its tier, its own authority, and the delegations that it holds at ``at``."""
    held = tuple(
        DelegationFacts(g.instrument, g.max_level, g.matters, g.since, g.until, g.revoked_at)
        for g in delegations(organ, at)
    )
    return OrganFacts(organ.tier, held, str(organ.pk), organ.own_authority)


def clearance(person: UUID, at: datetime) -> str:
    """Return the level of the clearance of ``person`` at ``at``, or nothing."""
    row = running(Clearance.objects.filter(person=person), at).order_by("-since", "-pk").first()
    return str(row.level) if row else ""


def cleared(at: datetime, **only: Any) -> dict[UUID, str]:
    """Return the level of the clearance of each person who has one at ``at``."""
    rows = running(Clearance.objects.filter(**only), at).order_by("since", "pk")
    return dict(rows.values_list("person", "level"))


def trained(at: datetime, **only: Any) -> dict[UUID, datetime]:
    """Return until when the training of each person counts, of all completed by ``at``."""
    return dict(trainings(at).filter(**only).order_by("valid_until", "pk").values_list("person", "valid_until"))


def trainings(at: datetime) -> QuerySet[Training]:
    """Return the trainings completed by ``at`` that had not been found wrong by then."""
    counted = Q(voided_at__isnull=True) | Q(voided_at__gt=at)
    return Training.objects.filter(counted, completed_at__lte=at)


def trained_until(person: UUID, at: datetime) -> datetime | None:
    """Return until when the latest training completed by ``at`` counts, or nothing."""
    row = trainings(at).filter(person=person).order_by("-valid_until", "-pk").first()
    return row.valid_until if row else None


def graded(at: datetime, **only: Any) -> dict[UUID, tuple[str, datetime]]:
    """Return the 资格等级 that people hold at ``at`` and until when, the highest of each: it covers the lower (SEED-1).

    The special qualification is none of them: it prepares and never decides (``prepares``).
    """
    rows = running(Qualification.objects.filter(**only), at).exclude(grade=SPECIAL)
    held: dict[UUID, dict[str, datetime]] = {}
    for person, grade, until in rows.order_by("until", "pk").values_list("person", "grade", "until"):
        held.setdefault(person, {})[grade] = until
    return {person: (top, until[top]) for person, until in held.items() if (top := highest(tuple(until)))}


def grades(at: datetime, **only: Any) -> dict[UUID, str]:
    """Return the highest 资格等级 that each of people holds at ``at``."""
    return {person: grade for person, (grade, _) in graded(at, **only).items()}


def qualified(person: UUID, at: datetime) -> str:
    """Return the 资格等级 of ``person`` at ``at``, or nothing."""
    return next(iter(grades(at, person=person).values()), "")


def prepares(person: UUID, at: datetime) -> bool:
    """Tell whether ``person`` holds the special qualification: to prepare unclear matters and appraisals (SEED-2)."""
    return bool(running(Qualification.objects.filter(person=person, grade=SPECIAL), at).exists())


def preparers(at: datetime) -> tuple[UUID, ...]:
    """Return who holds the special qualification at ``at`` and is still here."""
    rows = running(Qualification.objects.filter(grade=SPECIAL, person__left_at__isnull=True), at)
    return tuple(dict.fromkeys(rows.order_by("person__staff_no", "pk").values_list("person", flat=True)))


def officer(person: UUID, at: datetime) -> OfficerStanding | None:
    """Return the standing of ``person`` as an officer at ``at``; nothing if there is no appointment at all."""
    return next(iter(roll(Officer.objects.filter(person=person), at)), None)


def approves_admissions(person: UUID, at: datetime) -> bool:
    """Tell whether the approval of ``person`` is that of the principal or a designee (BMF-21.3, ADR 0048).

    That is an officer in office who is not suspended; an assistant is designated to help and never approves (SEED-6).
    """
    held = officer(person, at)
    return held is not None and held.in_office and not held.suspended and held.tier != "assistant"


HELD = ("officer_id", "pk", "max_level", "instrument", "matters", "may_derive", "since", "until")
NONE = (None, "", "", (), None, None, None)  # of someone without a designation


def organ_authority(at: datetime) -> str:
    """Return the highest level that our organ may determine at ``at``, of itself or as delegated; empty for none."""
    return authority(organ_facts(home(), at), at)


def roll(officers: QuerySet[Any], at: datetime) -> tuple[OfficerStanding, ...]:
    """Return the standing of each of ``officers`` at ``at``, one query for each kind of record, plain values all along.

    The principal is an officer by law while in office, with the authority of the organ as it is at ``at`` (QA-3).
    """
    ids, people = officers.order_by().values("pk"), officers.order_by().values("person")
    unended = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    designations = running(Designation.objects.filter(unended, officer__in=ids), at).order_by("since", "pk")
    named = {row[0]: row[1:] for row in designations.values_list(*HELD)}  # of each the one that began last
    lasting, levels = trained(at, person__in=people), cleared(at, person__in=people)
    levels_held = graded(at, person__in=people)
    ordinary = Qualification.objects.filter(person__in=people, since__lte=at).exclude(grade=SPECIAL)
    ever = set(ordinary.values_list("person", flat=True))
    suspended = set(running(Suspension.objects.filter(officer__in=ids), at).values_list("officer_id", flat=True))
    seats = Appointment.objects.filter(kind=BY_LAW, person__in=people, since__lte=at)
    by_law = dict(seats.values_list("designation", "person"))
    top = organ_authority(at) if any(row[0] in by_law for row in named.values()) else ""
    found = []
    for pk, person, name, kind, tier in officers.values_list("pk", "person", "person__name", "kind", "tier"):
        term, level, instrument, matters, derives, since, until = named.get(pk, NONE)
        if term in by_law:
            kind, tier, level = "statutory", "main", top
        elif person in by_law.values():  # by law no more
            kind = "designated"
        found.append(
            OfficerStanding(
                person=person,
                name=name,
                kind=kind,
                tier=tier,
                max_level=level,
                instrument=instrument,
                matters=tuple(matters),
                may_derive=kind == "statutory" if derives is None else derives,
                since=since,
                until=until,
                suspended=pk in suspended,
                trained_until=lasting.get(person),
                clearance=levels.get(person, ""),
                qualified=levels_held.get(person, ("", None))[0],
                graded=person in ever,
                qualified_until=levels_held.get(person, ("", None))[1],
            )
        )
    return tuple(found)


def turns(person: UUID) -> tuple[datetime, ...]:
    """Return the instants at which the standing of ``person`` as an officer may change; between two it stays the same."""
    spans = (
        Designation.objects.filter(officer__person=person).values_list("since", "until", "ended_at"),
        Suspension.objects.filter(officer__person=person).values_list("since", "until"),
        Training.objects.filter(person=person).values_list("completed_at", "voided_at"),
        Clearance.objects.filter(person=person).values_list("since", "until"),
        Qualification.objects.filter(person=person).values_list("since", "until"),
    )
    return _instants(row for rows in spans for row in rows)


def delegation_turns(organ: Organ) -> tuple[datetime, ...]:
    """Return the instants at which the delegations to ``organ`` may change."""
    return _instants(Delegation.objects.filter(grantee=organ).values_list("since", "until", "revoked_at"))


def _instants(rows: Iterable[Iterable[datetime | None]]) -> tuple[datetime, ...]:
    return tuple(sorted({at for row in rows for at in row if at is not None}))


def officers(at: datetime) -> tuple[OfficerStanding, ...]:
    """Return the standing at ``at`` of every officer of our organ who has a usable account."""
    accounts = Account.objects.filter(is_active=True).values("person")
    rows = Officer.objects.filter(person__in=accounts, person__left_at__isnull=True)
    return roll(rows.order_by("person__staff_no"), at)


def _admitting(matter: Matter, person: UUID, at: datetime) -> QuerySet[ScopeEntry]:
    """Return what of the scope of ``matter`` admits ``person`` at ``at``."""
    who = Person.objects.get(pk=person)
    theirs = Q(person=who) | Q(department=who.department_id, department__isnull=False) | Q(organ=who.organ_id)
    return running(ScopeEntry.objects.filter(matter=matter), at).filter(theirs)


def barred(matter: Matter) -> frozenset[UUID]:
    """Return whom a conflict keeps out of ``matter`` now (SR-13)."""
    return frozenset(barred_from_each([matter])[matter.pk])


def barred_from_each(matters: Iterable[Matter]) -> dict[UUID, set[UUID]]:
    """Return whom a conflict keeps out of each of ``matters`` now, in one statement."""
    found: dict[UUID, set[UUID]] = {matter.pk: set() for matter in matters}
    rows = Recusal.objects.filter(matter__in=list(found), ended_at__isnull=True).values_list("matter", "person")
    for matter, person in rows:
        found[matter].add(person)
    return found


def in_scope(matter: Matter, person: UUID, at: datetime) -> bool:
    """Tell whether the scope of ``matter`` admits ``person`` at ``at``; it admits nobody whom a conflict bars."""
    return _admitting(matter, person, at).exists() and person not in barred(matter)


def may_know(matter: Matter, person: UUID, at: datetime) -> bool:
    """Tell whether ``person`` drafted or decided ``matter`` or is admitted by its scope, and no conflict bars him."""
    if person in (matter.drafter_id, matter.officer_id):
        return person not in barred(matter)
    return in_scope(matter, person, at)


def admitted_from_outside(matter: Matter, person: UUID, at: datetime) -> bool:
    """Tell whether a person knows ``matter`` only because somebody widened its scope (ZX-28)."""
    return set(_admitting(matter, person, at).values_list("basis", flat=True)) == {EXPANSION}


def principals() -> QuerySet[Person]:
    """Return the principals of the home organ who are still here."""
    found: QuerySet[Person] = home().people.filter(is_principal=True, left_at__isnull=True).order_by("staff_no", "pk")
    return found


def foreign_among(persons: Iterable[UUID], departments: Iterable[UUID]) -> tuple[str, ...]:
    """Return the names of the people from abroad who are named or work in one of ``departments``."""
    rows = Person.objects.filter(
        Q(pk__in=tuple(persons)) | Q(department__in=tuple(departments)), is_foreign=True, left_at__isnull=True
    )
    return tuple(rows.order_by("staff_no", "pk").values_list("name", flat=True))


def works_here(person: UUID) -> bool:
    """Tell whether ``person`` is staff of our own organ."""
    return bool(Person.objects.filter(pk=person, organ__is_home=True, left_at__isnull=True).exists())


@dataclass(frozen=True, slots=True)
class ItemInForce:
    """One item of a guide in force."""

    id: UUID
    number: str
    level: str
    tail: str


def running_items(at: datetime) -> QuerySet[GuideItem]:
    """Return the items of every edition in force on the day of ``at``."""
    day = at.date()
    return GuideItem.objects.filter(edition__since__lte=day).filter(
        Q(edition__until__isnull=True) | Q(edition__until__gt=day)
    )


def items_by_number(at: datetime) -> dict[str, ItemInForce]:
    """Return the items of every edition in force on the day of ``at``, by number."""
    return {row.number: ItemInForce(row.pk, row.number, row.level, row.tail) for row in running_items(at)}


def holders(role: str, at: datetime) -> tuple[UUID, ...]:
    """Return the persons whose account holds a granted role at ``at``, or is that of an administrator."""
    if role in THREE_ADMINISTRATORS:
        own = Account.objects.filter(admin_role=role, is_active=True).order_by("person__staff_no")
        return tuple(own.values_list("person", flat=True))
    held = running(RoleGrant.objects.filter(role=role, account__is_active=True), at)
    return tuple(dict.fromkeys(held.order_by("account__person__staff_no").values_list("account__person", flat=True)))


def overseers(roles: Iterable[str], at: datetime) -> frozenset[UUID]:
    """Return the people who hold one of ``roles`` at ``at``, and the principals."""
    held = (person for role in roles for person in holders(role, at))
    return frozenset((*held, *principals().values_list("pk", flat=True)))


def scope_of(row: Matter, at: datetime) -> Scope:
    """Return whom the scope of a matter admits without a time limit at ``at``."""
    entries = running(ScopeEntry.objects.filter(matter=row, until__isnull=True), at)
    found = list(entries.values_list("person", "department", "organ"))
    return Scope(
        tuple(sorted({p for p, _, _ in found if p}, key=str)),
        tuple(sorted({d for _, d, _ in found if d}, key=str)),
        tuple(sorted({o for _, _, o in found if o}, key=str)),
    )
