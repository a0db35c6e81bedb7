"""泄密 as its pages show it: that there is one, to those who oversee; its words, to those admitted and cleared alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, facts, numbers, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.records.organs.models import Person
from dingmi.records.oversight.incidents import Incident, IncidentLiability, IncidentReader, IncidentStep
from dingmi.regime import deadlines
from dingmi.regime.calendar import CalendarGap
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import incident as law

OVERSEERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
ITEMS = ("leaked", "discovery", "persons", "course", "harm", "handling", "remedies")  # of the report (BW-4)
CLAUSES = ("BMF-47", "BMF10-40", "TL-61.1", "TL-61.3", "BW-4", "TL-60")
TOLD = ("oral", "report")  # steps by which someone hears of it


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident; ``state`` is reporting, late, open (the outcome is owed), told or closed."""

    id: UUID
    number: str
    certain: bool
    level: str
    discovered_at: datetime
    due_at: datetime
    hours_left: int
    told: tuple[str, ...]
    outcome_due: date | None
    state: str
    is_readable: bool


@dataclass(frozen=True, slots=True)
class Incidents:
    """The incidents that the reader may know of, those to be reported first."""

    rows: tuple[IncidentRow, ...]
    reporting: int
    late: int


@dataclass(frozen=True, slots=True)
class Item:
    """One of the seven items of the report."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class StepShown:
    """One thing done or told."""

    kind: str
    at: datetime
    to: str
    document_no: str
    words: str
    by: str


@dataclass(frozen=True, slots=True)
class About:
    """One matter that is concerned."""

    matter: UUID
    number: str
    level: str
    is_content: bool


@dataclass(frozen=True, slots=True)
class Liable:
    """Who answers, on which ground."""

    name: str
    basis: str
    sanction: str
    document_no: str
    on: date


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One incident: what everyone who oversees may see; all but the first two for those admitted alone."""

    row: IncidentRow
    clause: str
    items: tuple[Item, ...] = ()
    steps: tuple[StepShown, ...] = ()
    matters: tuple[About, ...] = ()
    liabilities: tuple[Liable, ...] = ()
    readers: tuple[tuple[UUID, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    lacking: tuple[str, ...] = ()  # codes of what stands against closing
    may_act: bool = False
    may_admit: bool = False
    version: str = ""


def number(row: Incident) -> str:
    """Return the number of an incident in words."""
    return f"泄〔{row.year}〕{row.number}号"


def named(row: Incident, oversees: bool) -> str:
    """Return what names an incident: its number, which tells how many there were, is for who oversees them all (SR-26)."""
    return number(row) if oversees else f"泄-{numbers.short(row.pk)}"


def called(row: Incident, actor: Actor) -> str:
    """Return what ``actor`` calls an incident."""
    return named(row, actor.holds(*OVERSEERS))


def told_number(row: Incident, person: UUID, overseers: Collection[UUID]) -> str:
    """Return what a notice to ``person`` calls an incident."""
    return named(row, person in overseers)


def is_admitted(actor: Actor, row: Incident, now: datetime) -> bool:
    """Tell whether the actor may know the words of an incident: admitted now, and cleared for its level."""
    return _reads(actor, row, _admissions(actor, now))


def _reads(actor: Actor, row: Incident, held: Collection[UUID]) -> bool:
    return row.pk in held and row.level in access.readable(actor.clearance)


def _admissions(actor: Actor, now: datetime) -> frozenset[UUID]:
    """Return the incidents that the actor is admitted to now."""
    rows = standing.running(IncidentReader.objects.filter(person=_who(actor)), now)
    return frozenset(rows.values_list("incident", flat=True))


def _who(actor: Actor) -> UUID | None:
    return UUID(actor.person_id) if actor.person_id else None


def items(row: Incident) -> dict[str, str]:
    """Return what is written under each of the seven items."""
    found = json.loads(content.opened(row, "items_ct", row.level) or "{}")
    return {name: str(found.get(name, "")) for name in ITEMS}


def told_at(steps: Iterable[IncidentStep]) -> Mapping[str, datetime]:
    """Return when each of those to be told heard of it first."""
    found: dict[str, datetime] = {}
    for step in steps:
        if step.kind in TOLD and (step.to not in found or step.at < found[step.to]):
            found[step.to] = step.at
    return found


def to_be_told() -> tuple[str, ...]:
    """Return who has to be told: the administration, and the superior where there is one."""
    return tuple(to for to in law.RECIPIENTS if to != "superior" or has_superior())


def has_superior() -> bool:
    """Tell whether the organ has a superior authority to report to."""
    return standing.home().tier != "central"


def outcome_due(row: Incident, steps: Iterable[IncidentStep]) -> date | None:
    """Return by when the outcome, or the next word of progress, is owed; nothing while the calendar is not loaded."""
    last = max((s.at for s in steps if s.kind == "progress"), default=row.discovered_at)
    try:
        found: date = deadlines.compute("leak_outcome", last.astimezone(ZONE).date())["due"]
    except CalendarGap:
        return None
    return found


def judge_closing(row: Incident, now: datetime) -> Verdict:
    """Judge whether an incident can be closed."""
    steps = list(row.steps.all())
    told = told_at(steps)
    wanted = to_be_told()
    given = law.IncidentFacts(
        at=now,
        has_measures=any(s.kind == "measure" for s in steps),
        has_superior=has_superior(),
        written_to=tuple(s.to for s in steps if s.kind == "report"),
        reported_at=max(told[to] for to in wanted) if set(wanted) <= set(told) else None,
        due_at=row.due_at,
        outcome_told=any(s.kind == "outcome" and s.to == "administration" for s in steps),
    )
    return facts.judged(law.ACT, given, now.date())


def _state(row: Incident, steps: list[IncidentStep], wanted: tuple[str, ...], now: datetime) -> str:
    if row.closed_at is not None:
        return "closed"
    if not set(wanted) <= set(told_at(steps)):
        return "late" if now > row.due_at else "reporting"
    return "told" if any(s.kind == "outcome" for s in steps) else "open"


def _rows(actor: Actor, rows: Iterable[Incident], now: datetime) -> list[IncidentRow]:
    held, wanted = _admissions(actor, now), to_be_told()
    return [_row(row, called(row, actor), _reads(actor, row, held), wanted, now) for row in rows]


def _row(row: Incident, name: str, is_readable: bool, wanted: tuple[str, ...], now: datetime) -> IncidentRow:
    steps = list(row.steps.all())
    state = _state(row, steps, wanted, now)
    told = told_at(steps)
    return IncidentRow(
        id=row.pk,
        number=name,
        certain=row.certain,
        level=row.level,
        discovered_at=row.discovered_at,
        due_at=row.due_at,
        hours_left=int((row.due_at - now).total_seconds() // 3600),
        told=tuple(to for to in law.RECIPIENTS if to in told),
        outcome_due=outcome_due(row, steps) if state == "open" else None,
        state=state,
        is_readable=is_readable,
    )


def known(actor: Actor, now: datetime) -> QuerySet[Incident]:
    """Return the incidents whose existence the actor may know: who oversees all, others those reported or admitted to."""
    rows = Incident.objects.prefetch_related("steps").order_by("-discovered_at", "-pk")
    if actor.holds(*OVERSEERS):
        return rows
    return rows.filter(Q(reporter=_who(actor)) | Q(pk__in=_admissions(actor, now)))


def waiting(actor: Actor, now: datetime) -> list[IncidentRow]:
    """Return the leaks that are still to be reported, the next first, for those admitted and for the head who admits."""
    rows = known(actor, now).filter(closed_at__isnull=True).order_by("due_at", "pk")
    found = [r for r in _rows(actor, rows, now) if r.state in ("late", "reporting")]
    return [r for r in found if r.is_readable or actor.holds(Role.HEAD)]


@query("incidents", clauses=CLAUSES)
def incidents(*, actor: Actor, now: datetime, state: str = "") -> Incidents:
    """Leaks and possible leaks: all for those who oversee, for others those they reported or are admitted to.

    Args:
        state: Only reporting, late, open, told or closed ones.
    """
    rows = _rows(actor, known(actor, now), now)
    order = ("late", "reporting", "open", "told", "closed")
    chosen = sorted((r for r in rows if state in ("", r.state)), key=lambda r: order.index(r.state))
    return Incidents(tuple(chosen), sum(r.state == "reporting" for r in rows), sum(r.state == "late" for r in rows))


@query("incidents.one", clauses=(*CLAUSES, "TL-67.2", "TL-67.8"))
def one(*, actor: Actor, now: datetime, incident: UUID) -> IncidentPage:
    """One incident; its items, steps and who answers for it for those admitted and cleared.

    Raises:
        NotFound: There is none that the reader may know of.
    """
    row = known(actor, now).filter(pk=incident).first()
    if not isinstance(row, Incident):
        raise NotFound("object.not_found")
    (shown,) = _rows(actor, (row,), now)
    if not shown.is_readable:
        return IncidentPage(shown, row.clause)
    readers = standing.running(row.readers.select_related("person"), now).order_by("person__staff_no", "pk")
    people = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True).order_by("staff_no", "pk")
    is_open = row.closed_at is None
    return IncidentPage(
        row=shown,
        clause=row.clause,
        items=tuple(Item(code, words) for code, words in items(row).items()),
        steps=_steps(row),
        matters=_about(actor, row, now),
        liabilities=_liable(row),
        readers=tuple((r.person_id, r.person.name) for r in readers),
        people=tuple((str(p.pk), p.name) for p in people),
        lacking=tuple(f.code for f in judge_closing(row, now).findings) if is_open else (),
        may_act=is_open,
        may_admit=is_open and actor.holds(Role.HEAD),
        version=version_of(row),
    )


def _steps(row: Incident) -> tuple[StepShown, ...]:
    steps = row.steps.select_related("by").order_by("at", "number")
    return tuple(
        StepShown(s.kind, s.at, s.to, s.document_no, content.opened(s, "words_ct", row.level), s.by.name) for s in steps
    )


def concerned(actor: Actor, row: Incident, now: datetime) -> list[Any]:
    """Return the matters that an incident concerns, as far as the actor may know of them."""
    ids = [UUID(i) for i in row.matters]
    return list(access.existing(actor, now).filter(pk__in=ids).order_by("created_at", "pk"))


def _about(actor: Actor, row: Incident, now: datetime) -> tuple[About, ...]:
    return tuple(
        About(m.pk, numbers.shown(m.pk, m.register_no), m.level, m.is_content) for m in concerned(actor, row, now)
    )


def _liable(row: Incident) -> tuple[Liable, ...]:
    found: QuerySet[IncidentLiability] = row.liabilities.select_related("person").order_by("on", "pk")
    return tuple(Liable(x.person.name, x.basis, x.sanction, x.document_no, x.on) for x in found)
