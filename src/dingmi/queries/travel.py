"""涉密人员出境 as the pages show it: one's own journeys; for the office and the principal everyone's, what waits first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.queries.facts import REGIME
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.staff_reports import cleared_among, is_cleared
from dingmi.records.officers.appointments import Mobility
from dingmi.records.organs.models import Person
from dingmi.records.organs.staff import Travel
from dingmi.regime import judge as asked_of
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts_office import TravelFacts

KINDS = ("duty", "private")
OVERSEES = (Role.SECRECY_OFFICE, Role.HEAD)
SHOWN = 500
LOOKED_BACK = timedelta(days=366)  # events of officers older than this are not asked about again


@dataclass(frozen=True, slots=True)
class TravelLine:
    """One journey; ``state`` is asked, opinions, approved, briefed, away, due_back, unapproved, back, refused or withdrawn."""

    id: UUID
    person: UUID
    name: str
    kind: str
    place: str
    purpose: str
    starts_on: date
    returns_on: date
    state: str
    personnel_opinion: str
    office_opinion: str
    decision: str
    briefed_on: date | None
    filing_no: str
    back_on: date | None
    back_words: str
    is_own: bool
    version: str


@dataclass(frozen=True, slots=True)
class Travels:
    """Journeys abroad, those that wait for someone first, and for whom the reader may ask."""

    rows: tuple[TravelLine, ...]
    waiting: int
    may_ask: bool
    may_decide: bool
    keeps: bool
    people: tuple[tuple[str, str], ...]


WAITING = ("unapproved", "asked", "opinions", "approved", "due_back")


def state_of(row: Travel, today: date) -> str:
    """Return how far a journey is."""
    if row.withdrawn_on is not None:
        return "withdrawn"
    if row.refused:
        return "refused"
    if row.back_on is not None:
        return "back"
    if row.approved_at is None:
        return "unapproved" if row.starts_on < today else "opinions" if row.opinions_at else "asked"
    if today > row.returns_on:
        return "due_back"
    if row.briefed_on is None:
        return "approved"
    return "away" if today >= row.starts_on else "briefed"


def judge(act: str, row: Travel, now: datetime) -> Verdict:
    """Judge a step of a journey: opinions, approval and briefing in their order, and before it begins."""
    today = now.date()
    travel = TravelFacts(
        at=now,
        starts_on=row.starts_on,
        has_opinions=row.opinions_at is not None,
        is_approved=row.approved_at is not None,
        on=row.briefed_on or today,
    )
    return asked_of(REGIME, act, travel, today)


def running() -> QuerySet[Travel]:
    """Return the journeys that are neither refused nor withdrawn nor over."""
    rows = Travel.objects.filter(refused=False, withdrawn_on__isnull=True, back_on__isnull=True)
    found: QuerySet[Travel] = rows.select_related("person")
    return found


def unapproved_moves(now: datetime) -> QuerySet[Mobility]:
    """Return the events by which officers travel, begun lately, that no approved journey covers (BMF-45)."""
    covering = Travel.objects.filter(
        person=OuterRef("person"), approved_at__isnull=False, approved_at__lte=OuterRef("since")
    ).filter(starts_on__lte=OuterRef("since__date"), returns_on__gte=OuterRef("since__date"))
    moves = Mobility.objects.filter(kind__in=[f"travel_{kind}" for kind in KINDS], since__lte=now)
    begun = moves.filter(since__gte=now - LOOKED_BACK).exclude(until__lte=F("since"))
    found: QuerySet[Mobility] = begun.exclude(Exists(covering)).select_related("person").order_by("since", "pk")
    return found


def line(row: Travel, today: date, reader: str) -> TravelLine:
    """Return a journey as it is shown."""
    return TravelLine(
        id=row.pk,
        person=row.person_id,
        name=row.person.name,
        kind=row.kind,
        place=row.place,
        purpose=row.purpose,
        starts_on=row.starts_on,
        returns_on=row.returns_on,
        state=state_of(row, today),
        personnel_opinion=row.personnel_opinion,
        office_opinion=row.office_opinion,
        decision=row.decision,
        briefed_on=row.briefed_on,
        filing_no=row.filing_no,
        back_on=row.back_on,
        back_words=row.back_words,
        is_own=str(row.person_id) == reader,
        version=version_of(row),
    )


@query("travel", clauses=("BMF-45", "TL-52.2", "BJ-21"))
def travel(*, actor: Actor, now: datetime) -> Travels:
    """Journeys abroad: one's own; the secrecy office and the principal see everyone's of the organ, what waits first."""
    today, oversees = now.date(), actor.holds(*OVERSEES)
    rows = Travel.objects.filter(person__organ_id=actor.organ_id).select_related("person")
    if not oversees:
        rows = rows.filter(person=actor.person_id or None)
    lines = [line(r, today, actor.person_id) for r in rows.order_by("-starts_on", "-pk")[:SHOWN]]
    me = Person.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    keeps = actor.holds(Role.SECRECY_OFFICE)
    here = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True)
    return Travels(
        rows=tuple(sorted(lines, key=lambda r: WAITING.index(r.state) if r.state in WAITING else len(WAITING))),
        waiting=sum(r.state in WAITING for r in lines),
        may_ask=me is not None and is_cleared(me, now),
        may_decide=actor.holds(Role.HEAD),
        keeps=keeps,
        people=cleared_among(here, now) if keeps else (),
    )
