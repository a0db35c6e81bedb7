"""What runs about one matter beside its elements: consultations, approvals, disclosure, errors, who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, corrected, facts, facts_life, guide_impact, people, standing
from dingmi.queries.registry import query
from dingmi.records.matters.life import (
    CentralApproval,
    Consultation,
    CoOrgan,
    DisclosureReview,
    OriginatorNotice,
    Reception,
    Succession,
)
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.models import Department, Organ, Person
from dingmi.records.oversight.models import Correction
from dingmi.regime.prc_state.book import BOOK


@dataclass(frozen=True, slots=True)
class Asked:
    """One consultation, or one request for approval."""

    id: UUID
    organ: str
    kind: str
    document_no: str
    on: date
    due_on: date | None
    answer: str
    answer_no: str
    answered_on: date | None
    terms: str


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One disclosure review and how far it has come."""

    asked_by: str
    asked_on: date
    outcome: str
    ground: str
    record: str
    reviewed_by: str
    approved_by: str
    published_at: datetime | None
    place: str


@dataclass(frozen=True, slots=True)
class Error:
    """One error found in a classification, and its correction."""

    id: UUID
    kind: str
    source: str
    notifier: str
    found_on: date
    found_by: str
    is_liable: bool  # whoever is responsible may be punished for it (BMF-58.2)
    is_own: bool
    remedy: str
    is_done: bool  # what was decided has been carried out
    decided_by: str
    closed_on: date | None
    reply_no: str


@dataclass(frozen=True, slots=True)
class Held:
    """A matter of another organ: what we go by, and what its originator said, side by side."""

    received_on: date
    received_no: str
    holder_state: str
    originator_state: str
    originator_last_day: date | None
    heard_on: date | None
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Someone or something to choose; ``chosen`` where it is in the scope."""

    id: UUID
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Affairs:
    """Everything that runs about one matter."""

    matter: UUID
    state: str
    level: str
    tail: str
    answers_for: str
    is_ours: bool
    instrument: str
    protected_above: bool
    effect_on: date | None
    co_organs: tuple[str, ...]
    consultations: tuple[Asked, ...]
    approvals: tuple[Asked, ...]
    disclosures: tuple[Disclosed, ...]
    errors: tuple[Error, ...]
    held: Held | None
    organs: tuple[Named, ...]
    persons: tuple[Named, ...]
    departments: tuple[Named, ...]
    items: tuple[Named, ...]
    is_own: bool
    by_event: bool
    may_propose: bool
    may_decide: bool
    may_write: bool
    may_approve: bool


def _name(person: Person | None) -> str:
    return person.name if person else ""


def _consultations(row: Matter) -> tuple[Asked, ...]:
    rows = Consultation.objects.filter(matter=row).select_related("organ").order_by("-asked_at", "-pk")
    return tuple(
        Asked(
            c.pk, c.organ.name, c.kind, c.document_no, c.asked_at.date(), None, c.answer, c.answer_no, c.answered_on, ""
        )
        for c in rows
    )


def _approvals(row: Matter) -> tuple[Asked, ...]:
    rows = CentralApproval.objects.filter(matter=row).order_by("-requested_at", "-pk")
    words = {None: "", True: "granted", False: "refused"}
    return tuple(
        Asked(
            a.pk,
            a.authority,
            a.kind,
            "",
            a.requested_at.date(),
            a.due_on,
            words[a.granted],
            a.document_no,
            a.decided_on,
            facts.mark(a.level, a.tail),
        )
        for a in rows
    )


def _disclosures(row: Matter) -> tuple[Disclosed, ...]:
    rows = DisclosureReview.objects.filter(matter=row).select_related("asked_by", "reviewed_by", "approved_by")
    return tuple(
        Disclosed(
            _name(d.asked_by),
            d.asked_at.date(),
            d.outcome,
            d.ground,
            str(d.record_id or ""),
            _name(d.reviewed_by),
            _name(d.approved_by),
            d.published_at,
            d.place,
        )
        for d in rows.order_by("-asked_at", "-pk")
    )


def _errors(row: Matter, actor: Actor) -> tuple[Error, ...]:
    rows = Correction.objects.filter(matter=row).select_related("found_by", "decided_by").order_by("-found_at", "-pk")
    return tuple(
        Error(
            e.pk,
            e.kind,
            e.source,
            e.notifier,
            e.found_on,
            _name(e.found_by),
            corrected.is_liable(e),
            str(e.found_by_id) == actor.person_id,
            e.remedy,
            corrected.is_done(e, row),
            _name(e.decided_by),
            e.closed_at.date() if e.closed_at else None,
            e.reply_no,
        )
        for e in rows
    )


def _held(row: Matter, today: date) -> Held | None:
    kept = Reception.objects.filter(matter=row).first()
    if kept is None:
        return None
    notices = OriginatorNotice.objects.filter(matter=row).order_by("-entered_at", "-pk")
    extended = next((n.arrived_on for n in notices if n.kind == "extended"), None)
    over = row.state == "active" and facts_life.treated_as_released(row, extended, today)
    return Held(
        received_on=kept.received_on,
        received_no=kept.received_no,
        holder_state="declassified" if over else row.state,
        originator_state=kept.originator_state,
        originator_last_day=kept.originator_last_day,
        heard_on=kept.heard_on,
        notices=tuple(f"{n.arrived_on:%Y-%m-%d} {n.document_no}" for n in notices),
    )


def _items(row: Matter, actor: Actor, now: datetime) -> tuple[Named, ...]:
    """Return the items in force that the matter could rest on, of guides that the reader may read."""
    found = standing.running_items(now).filter(edition__level__in=guide_impact.readable(actor, now))
    return tuple(
        Named(i.pk, f"{i.number} {i.text} {facts.mark(i.level, i.tail)}", i.pk == row.item_id)
        for i in found.order_by("edition__since", "order", "pk")
    )


@query("matter.affairs")
def affairs(*, actor: Actor, now: datetime, matter: UUID) -> Affairs:
    """What runs about one matter, for a reader who may know it.

    Raises:
        NotFound: It does not exist, or the reader may not know it.
    """
    row = access.matter_for(actor, now, matter)
    scope = standing.scope_of(row, now)
    answering = standing.answers_for(row)
    last = Succession.objects.filter(matter=row).order_by("-entered_at", "-pk").first()
    limit = Deadline.objects.filter(matter_id=row.pk, name="change_effect", done_at__isnull=True).first()
    others = Organ.objects.filter(is_home=False).order_by("name")
    staff = {p.pk: p for p in (*Person.objects.filter(pk__in=scope.persons), *people.admissible(actor, now))}.values()
    units = Department.objects.filter(organ_id=actor.organ_id).order_by("order", "name", "pk")
    live = row.state == "active"
    return Affairs(
        matter=row.pk,
        state=row.state,
        level=standing.determined_level(row),
        tail=row.tail,
        answers_for=answering.name,
        is_ours=answering.is_home,
        instrument=last.instrument if last else "",
        protected_above=bool(row.determined_level),
        effect_on=limit.due_on if limit else None,
        co_organs=tuple(CoOrgan.objects.filter(matter=row).values_list("organ__name", flat=True)),
        consultations=_consultations(row),
        approvals=_approvals(row),
        disclosures=_disclosures(row),
        errors=_errors(row, actor),
        held=_held(row, now.date()),
        organs=tuple(Named(o.pk, o.name, o.pk in scope.organs) for o in others),
        persons=tuple(Named(p.pk, p.name, p.pk in scope.persons) for p in staff),
        departments=tuple(Named(d.pk, d.name, d.pk in scope.departments) for d in units),
        items=_items(row, actor, now),
        is_own=str(row.drafter_id) == actor.person_id,
        by_event=row.tail_kind == "event",
        may_propose=live and answering.is_home and actor.holds(Role.DRAFTER),
        may_decide=live and answering.is_home and actor.holds(Role.OFFICER),
        may_write=actor.holds(Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE),
        may_approve=actor.holds(Role.HEAD),
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """Organs and people to choose from when a matter of another organ comes in; ``defaults`` where its mark tells no period."""

    organs: tuple[Named, ...]
    persons: tuple[Named, ...]
    defaults: tuple[str, ...]


@query("reception.choices", recorded=False)
def choices(*, actor: Actor, now: datetime) -> Choices:
    """Return the organs entered here and who of our own may know what comes in."""
    others = Organ.objects.filter(is_home=False).order_by("name")
    staff = people.admissible(actor, now)
    years = BOOK.parameters.value("default_period", now.date())  # ZX-24.4b
    return Choices(
        tuple(Named(o.pk, o.name, False) for o in others),
        tuple(Named(p.pk, p.name, False) for p in staff),
        tuple(f"{level}{number}年" for level, number in years.items()),
    )
