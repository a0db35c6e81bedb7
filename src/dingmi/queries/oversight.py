"""检查与整改 as the pages show it: inspections of a year, one with its findings, and everything that is to be put right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor
from uuid import UUID

from django.db.models import Q, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, numbers, policy, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.rows import capped
from dingmi.queries.statistics import report, tables
from dingmi.queries.statistics.cells import TOTAL
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Department, Person
from dingmi.records.oversight.inspections import Inspection, InspectionFinding
from dingmi.records.oversight.models import Correction
from dingmi.regime import oversight as book

READERS = (Role.SECRECY_OFFICE, Role.INSPECTOR, Role.HEAD)
UNHELD = Q(held_on__isnull=True, cancelled_on__isnull=True)
PLAIN = "内部"  # the key of words about no matter
CLAUSES = ("TL-58", "BMF-31.1", "TL-59.3", "GD-5", "ZX-38", "SEED-12", "SEED-21", "SEED-23", "SEED-33")


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """One inspection; ``state`` is planned, late, held (something is still to be put right), done or cancelled."""

    id: UUID
    number: str
    kind: str
    title: str
    unit: str
    lead: str
    planned_on: date
    held_on: date | None
    found: int
    open: int
    late: int
    state: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding; words are for those cleared for its level, and all that tells of a matter for those who know of it.

    ``state`` is open, late, rectified (waits to be checked) or closed.
    """

    id: UUID
    number: str
    inspection: UUID
    title: str
    kind: str
    topic: str
    error: str
    matter: UUID | None
    matter_no: str
    level: str
    words: str
    is_masked: bool
    responsible: str
    due_on: date
    days_left: int | None
    rectified_on: date | None
    proof: str
    closed_on: date | None
    opinion: str
    correction: str
    state: str
    may_rectify: bool
    may_check: bool
    may_postpone: bool
    version: str

    @property
    def days_late(self) -> int:
        """How many days it is late."""
        return max(0, -(self.days_left or 0))


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom and which units a form may name."""

    people: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OversightPage:
    """The inspections of a year, those still to be held first; what is asked for and not yet planned."""

    year: int
    rows: tuple[InspectionRow, ...]
    owed: tuple[str, ...]
    open: int
    late: int
    choices: Choices
    oversees: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the register, as it was on the day of the inspection."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """One matter of the sample, by its number; how many findings are about it."""

    matter: UUID
    number: str
    level: str
    found: int


@dataclass(frozen=True, slots=True)
class InspectionPage:
    """One inspection: what it looks at, its figures and sample, its findings, and who may be named."""

    row: InspectionRow
    topics: tuple[str, ...]
    clause: str
    document_no: str
    repeats: int
    participants: str
    conclusion: str
    cancelled_words: str
    figures: tuple[Figure, ...]
    seed: str
    drawn_from: int
    sample: tuple[Sampled, ...]
    share: tuple[int, int, int] | None  # per cent of the sample that is wrong, and between what the whole lies
    findings: tuple[FindingRow, ...]
    choices: Choices
    may_lead: bool
    may_call_off: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything to be put right that the reader has a part in: late first, then by day; ``lists``: inspections are listed for him."""

    rows: tuple[FindingRow, ...]
    open: int
    late: int
    lists: bool
    oversees: bool


def number(row: Inspection) -> str:
    """Return the number of an inspection in words."""
    return f"检〔{row.year}〕{row.number}号"


def named(row: Inspection, oversees: bool) -> str:
    """Return what names an inspection: its number, which tells how many there were, is for who oversees them all (SR-26)."""
    return number(row) if oversees else f"检-{numbers.short(row.pk)}"


def called(row: Inspection, actor: Actor) -> str:
    """Return what ``actor`` calls an inspection."""
    return named(row, actor.holds(*READERS))


def finding_number(row: InspectionFinding, actor: Actor) -> str:
    """Return what ``actor`` calls a finding: by its inspection and its place there if the actor may know them all."""
    return _named_finding(row, actor.person_id, actor.holds(*READERS))


def _named_finding(row: InspectionFinding, person: str, oversees: bool) -> str:
    if oversees or str(row.inspection.lead_id) == person:
        return f"{named(row.inspection, oversees)}-{row.number}"
    return f"改-{numbers.short(row.pk)}"


def overseers(now: datetime) -> frozenset[UUID]:
    """Return the people who may know of every inspection."""
    return standing.overseers(READERS, now)


def told_number(row: Inspection | InspectionFinding, person: UUID, overseers: Collection[UUID]) -> str:
    """Return what a notice to ``person`` calls an inspection or a finding."""
    oversees = person in overseers
    return named(row, oversees) if isinstance(row, Inspection) else _named_finding(row, str(person), oversees)


def key_of(row: InspectionFinding) -> str:
    """Return the level of the key that the words of a finding are under."""
    return row.level or PLAIN


def leads(actor: Actor, row: Inspection) -> bool:
    """Tell whether the actor oversees all inspections, or leads this one."""
    return actor.holds(*READERS) or str(row.lead_id) == actor.person_id


def has_part(actor: Actor, row: InspectionFinding) -> bool:
    """Tell whether a finding concerns the actor: who oversees, led the inspection, or puts it right."""
    return leads(actor, row.inspection) or str(row.responsible_id) == actor.person_id


def reads(actor: Actor, now: datetime, row: InspectionFinding) -> bool:
    """Tell whether the actor may read a finding: cleared for its level, and free to know of the matter that it is about."""
    return key_of(row) in access.readable(actor.clearance) and not _hidden(actor, now, (row,))


def to_put_right(actor: Actor) -> QuerySet[InspectionFinding]:
    """Return what the actor answers for and has not put right yet, by day."""
    rows = InspectionFinding.objects.filter(responsible=UUID(actor.person_id), rectified_on__isnull=True)
    return rows.filter(closed_on__isnull=True).select_related("inspection").order_by("due_on", "pk")


def waiting(actor: Actor, now: datetime) -> int:
    """Return how many findings wait for the actor: own ones to put right, and late ones of what the actor oversees or led."""
    who = actor.person_id or None
    late = Q(due_on__lt=now.astimezone(ZONE).date())
    part = late if actor.holds(*READERS) else late & Q(inspection__lead=who)
    rows = InspectionFinding.objects.filter(rectified_on__isnull=True, closed_on__isnull=True)
    return capped(rows.filter(part | Q(responsible=who)))


def owed(today: date) -> tuple[book.Kind, ...]:
    """Return the kinds of inspection of which fewer are planned or held this year than are asked for."""
    if today.month < policy.number("inspections_reminded_from_month", today):
        return ()
    rows = Inspection.objects.filter(cancelled_on__isnull=True)
    held = list(rows.filter(year=today.year).values_list("kind", flat=True))
    begun = rows.exists()
    return tuple(k for k in book.kinds().values() if held.count(k.code) < k.a_year and (k.steady or begun))


def strata(actor: Actor, now: datetime, unit: UUID | None) -> Mapping[str, list[str]]:
    """Return the matters in force whose existence the actor may know, by level and origin."""
    rows = access.existing(actor, now).filter(state="active")
    rows = rows.filter(department_id=unit) if unit else rows
    found: dict[str, list[str]] = {}
    for pk, level, origin in rows.values_list("pk", "level", "origin"):
        found.setdefault(f"{level} {origin}", []).append(str(pk))
    return found


def order_of(seed: str) -> Callable[[str], str]:
    """Return the order in which a key draws ids."""
    return lambda ident: sm3(f"{seed}:{ident}".encode()).hex()


def figures(actor: Actor, now: datetime, day: date) -> list[list[object]]:
    """Return what the register tells of determination, change and release in the year of a day, up to that day (topic 5)."""
    frame = report.frame_for(actor, now, day.year, day)
    counted = {name: tables.table(name, frame) for name in ("determined", "changed", "ended", "reviews")}
    seen = {life.matter for life in frame.past.lives}
    wrong = Correction.objects.filter(found_on__range=(frame.first, frame.last), matter__in=seen).count()
    return [
        ["determined", counted["determined"].count(TOTAL, TOTAL)],
        ["changed", counted["changed"].count(TOTAL, TOTAL)],
        ["released", counted["ended"].count(TOTAL, TOTAL)],
        ["reviewed", counted["reviews"].count(TOTAL, "done")],
        ["unreviewed", counted["reviews"].count(TOTAL, "undone")],
        ["corrected", wrong],
    ]


def _hidden(actor: Actor, now: datetime, rows: Iterable[InspectionFinding]) -> set[UUID]:
    """Return the matters that findings are about and whose existence the actor may not know."""
    about = {r.matter_id for r in rows if r.matter_id}
    return (
        about - set(access.existing(actor, now).filter(pk__in=about).values_list("pk", flat=True)) if about else about
    )


def _findings(actor: Actor, now: datetime, rows: Iterable[InspectionFinding]) -> tuple[FindingRow, ...]:
    held = list(rows)
    hidden = _hidden(actor, now, held)
    return tuple(_finding(actor, now, r, r.matter_id not in hidden) for r in held)


def _finding(actor: Actor, now: datetime, row: InspectionFinding, is_known: bool) -> FindingRow:
    """Return one finding; ``is_known``: it is about no matter, or about one whose existence the reader may know."""
    is_read = is_known and key_of(row) in access.readable(actor.clearance)
    about, correction = (row.matter, row.correction) if is_known else (None, None)
    said = {
        name: content.opened(row, f"{name}_ct", key_of(row)) if is_read else ""
        for name in ("words", "proof", "opinion")
    }
    left = (row.due_on - now.astimezone(ZONE).date()).days
    is_mine = str(row.responsible_id) == actor.person_id
    state = _state(row, left)
    is_left, judges = state in ("open", "late"), is_read and not is_mine
    return FindingRow(
        id=row.pk,
        number=finding_number(row, actor),
        inspection=row.inspection_id,
        title=row.inspection.title,
        kind=row.inspection.kind,
        topic=row.topic,
        error=row.error if is_known else "",
        matter=about.pk if about is not None else None,
        matter_no=numbers.shown(about.pk, about.register_no) if about is not None else "",
        level=row.level if is_known else "",
        is_masked=not is_read,
        responsible=row.responsible.name,
        due_on=row.due_on,
        days_left=None if row.rectified_on else left,
        rectified_on=row.rectified_on,
        closed_on=row.closed_on,
        correction="" if correction is None else "closed" if correction.closed_at else "open",
        state=state,
        may_rectify=is_mine and is_left,
        may_check=judges and state == "rectified" and leads(actor, row.inspection),
        may_postpone=judges and is_left and actor.holds(*READERS),
        version=version_of(row) if is_mine or is_read else "",
        **said,
    )


def _state(row: InspectionFinding, left: int) -> str:
    if row.closed_on is not None:
        return "closed"
    if row.rectified_on is not None:
        return "rectified"
    return "late" if left < 0 else "open"


def _row(row: Inspection, actor: Actor, today: date) -> InspectionRow:
    found = list(row.findings.all())
    open_ = [f for f in found if f.closed_on is None]
    if row.cancelled_on is not None:
        state = "cancelled"
    elif row.held_on is None:
        state = "late" if row.planned_on < today else "planned"
    else:
        state = "held" if open_ else "done"
    return InspectionRow(
        id=row.pk,
        number=called(row, actor),
        kind=row.kind,
        title=row.title,
        unit=row.unit.name if row.unit else "",
        lead=row.lead.name,
        planned_on=row.planned_on,
        held_on=row.held_on,
        found=len(found),
        open=len(open_),
        late=sum(f.rectified_on is None and f.due_on < today for f in open_),
        state=state,
    )


def _choices(actor: Actor) -> Choices:
    people = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True).select_related("department")
    units = Department.objects.filter(organ_id=actor.organ_id).order_by("order", "name", "pk")
    return Choices(
        tuple(
            (str(p.pk), f"{p.name}（{p.department.name}）" if p.department else p.name)
            for p in people.order_by("staff_no", "pk")
        ),
        tuple((str(u.pk), u.name) for u in units),
    )


def _mine(actor: Actor) -> QuerySet[Inspection]:
    """Return the inspections that the actor oversees or leads."""
    rows = Inspection.objects.select_related("unit", "lead").prefetch_related("findings")
    return rows if actor.holds(*READERS) else rows.filter(lead=actor.person_id or None)


@query("oversight", roles=(*READERS, Role.OFFICER), clauses=CLAUSES)
def oversight(
    *, actor: Actor, now: datetime, year: int | None = None, kind: str = "", state: str = ""
) -> OversightPage:
    """The inspections of a year: for those who oversee all of them, for an officer the own rounds; still to be held first.

    Args:
        kind: Only of this kind.
        state: Only planned, late, held, done or cancelled ones.
    """
    today = now.astimezone(ZONE).date()
    asked = year or today.year
    rows = [_row(r, actor, today) for r in _mine(actor).filter(year=asked).order_by("planned_on", "number")]
    order = ("late", "planned", "held", "done", "cancelled")
    chosen = [r for r in rows if kind in ("", r.kind) and state in ("", r.state)]
    oversees = actor.holds(*READERS)
    return OversightPage(
        year=asked,
        rows=tuple(sorted(chosen, key=lambda r: order.index(r.state))),
        owed=tuple(k.code for k in owed(today)) if oversees else (),
        open=sum(r.open for r in rows),
        late=sum(r.late for r in rows),
        choices=_choices(actor),
        oversees=oversees,
    )


@query("oversight.one", roles=(*READERS, Role.OFFICER), clauses=CLAUSES)
def one(*, actor: Actor, now: datetime, inspection: UUID) -> InspectionPage:
    """One inspection with its findings, for those who oversee and for whoever leads it.

    Raises:
        NotFound: There is none, or the reader has no part in it.
    """
    row = _mine(actor).filter(pk=inspection).first()
    if not isinstance(row, Inspection):
        raise NotFound("object.not_found")
    findings = row.findings.select_related("inspection", "matter", "responsible", "correction").order_by("number")
    shown = _row(row, actor, now.astimezone(ZONE).date())
    is_open = row.cancelled_on is None
    return InspectionPage(
        row=shown,
        topics=tuple(row.topics),
        clause=book.kinds()[row.kind].clause,
        document_no=row.document_no,
        repeats=row.repeats,
        participants=row.participants,
        conclusion=row.conclusion,
        cancelled_words=row.cancelled_words,
        figures=tuple(Figure(code, count) for code, count in row.figures),
        seed=row.seed,
        drawn_from=row.drawn_from,
        sample=_sample(actor, now, row),
        share=_share(row),
        findings=_findings(actor, now, findings),
        choices=_choices(actor),
        may_lead=is_open,
        may_call_off=is_open and row.held_on is None and actor.holds(*READERS),
    )


def _sample(actor: Actor, now: datetime, row: Inspection) -> tuple[Sampled, ...]:
    """Return the matters drawn, as far as the reader may know of them."""
    ids = [UUID(i) for i in row.sample]
    known: dict[UUID, Matter] = access.existing(actor, now).in_bulk(ids) if ids else {}
    about = [f.matter_id for f in row.findings.all()]
    return tuple(
        Sampled(pk, numbers.shown(pk, known[pk].register_no), known[pk].level, about.count(pk))
        for pk in ids
        if pk in known
    )


def _share(row: Inspection) -> tuple[int, int, int] | None:
    """Return how many per cent of the sample were found wrong, and between how many the whole lies (95 %)."""
    if not row.sample or row.held_on is None:
        return None
    wrong = {str(f.matter_id) for f in row.findings.all() if f.error} & set(row.sample)
    low, high = book.interval(len(wrong), len(row.sample))
    return round(100 * len(wrong) / len(row.sample)), floor(100 * low), ceil(100 * high)


@query("oversight.findings", clauses=("TL-59.3", "SEED-12"))
def findings(*, actor: Actor, now: datetime, state: str = "", kind: str = "") -> Findings:
    """What is to be put right: for those who oversee everything, for others what they answer for or whose inspection they led.

    Args:
        state: Only open, late, rectified or closed ones; by default all but the closed.
        kind: Only found by this kind of inspection.
    """
    rows = InspectionFinding.objects.select_related("inspection", "matter", "responsible", "correction")
    if not actor.holds(*READERS):
        who = actor.person_id or None
        rows = rows.filter(Q(responsible=who) | Q(inspection__lead=who))
    rows = rows.filter(inspection__kind=kind) if kind else rows
    rows = rows.filter(closed_on__isnull=state != "closed")
    shown = _findings(actor, now, rows.order_by("due_on", "inspection__year", "inspection__number", "number"))
    chosen = [r for r in shown if state in ("", r.state)]
    return Findings(
        rows=tuple(chosen),
        open=sum(r.state in ("open", "late") for r in shown),
        late=sum(r.state == "late" for r in shown),
        lists=actor.holds(*READERS, Role.OFFICER),
        oversees=actor.holds(*READERS),
    )
