"""销毁清册、清点: lists of copies to be destroyed, and counts of everything that has to be here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import numbers
from dingmi.queries.carriers import APPROVERS, ELECTRONIC, CarrierRow, known, row_of
from dingmi.queries.registry import query
from dingmi.queries.rows import at_most, capped
from dingmi.records.carriers.models import Carrier, Destruction, Sighting, StockTake
from dingmi.regime.prc_state import carriers as law

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR, Role.OFFICER)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class DestructionRow:
    """One list of copies to be destroyed."""

    id: UUID
    number: str
    method: str
    facility: str
    with_own_equipment: bool
    state: str
    copies: int
    proposed_by: str
    proposed_at: datetime
    answered_by: str
    answered_at: datetime | None
    document_no: str
    counted_by: tuple[str, ...]
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class DestructionPage:
    """One list with its copies, as far as the reader may know of them, and what comes next."""

    row: DestructionRow
    copies: tuple[CarrierRow, ...]
    may_answer: bool
    may_count: bool
    may_finish: bool


@dataclass(frozen=True, slots=True)
class CountRow:
    """One count: how much has to be here, and how much was seen."""

    id: UUID
    number: str
    opened_at: datetime
    opened_by: str
    expected: int
    seen: int
    missing: int
    closed_at: datetime | None
    incident: UUID | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts so far, and whether one was closed this year."""

    rows: tuple[CountRow, ...]
    is_done_this_year: bool
    may_open: bool


@dataclass(frozen=True, slots=True)
class CountPage:
    """One count with what was not seen yet, or was not found."""

    row: CountRow
    unseen: tuple[CarrierRow, ...]
    may_count: bool
    may_close: bool
    may_report: bool


def destruction_number(row: Destruction) -> str:
    """Return what names a list of destruction: not its place in the year, which tells of lists that the reader may not know."""
    return f"销〔{row.year}〕{numbers.short(row.pk)}"


def count_number(row: StockTake) -> str:
    """Return the number of a count in words."""
    return f"清点〔{row.year}〕{row.number}号"


def lists(actor: Actor, now: datetime) -> QuerySet[Destruction]:
    """Return the lists with a copy that the actor may know of."""
    mine = known(actor, now).filter(destruction=OuterRef("pk"))
    found: QuerySet[Destruction] = Destruction.objects.filter(Exists(mine))
    return found.select_related("proposed_by", "answered_by").order_by("-year", "-number")


def on_list(actor: Actor, now: datetime, row: Destruction) -> QuerySet[Carrier]:
    """Return the copies on a list that the actor may know of."""
    return known(actor, now).filter(destruction=row)


def _destruction_row(actor: Actor, now: datetime, row: Destruction) -> DestructionRow:
    counts = row.counts.select_related("person").order_by("at", "person__staff_no", "pk")
    return DestructionRow(
        id=row.pk,
        number=destruction_number(row),
        method=row.method,
        facility=row.facility,
        with_own_equipment=row.with_own_equipment,
        state=row.state,
        copies=capped(on_list(actor, now, row)),
        proposed_by=row.proposed_by.name,
        proposed_at=row.proposed_at,
        answered_by=row.answered_by.name if row.answered_by else "",
        answered_at=row.answered_at,
        document_no=row.document_no,
        counted_by=tuple(count.person.name for count in counts),
        done_at=row.done_at,
    )


@query("carriers.destructions", roles=READERS, clauses=("TL-28.1", "TL-28.2", "CS-58"))
def destructions(*, actor: Actor, now: datetime) -> tuple[DestructionRow, ...]:
    """Lists of copies to be destroyed, and of those destroyed, newest first; they are kept for ever. 销毁清册。"""
    return tuple(_destruction_row(actor, now, row) for row in lists(actor, now)[:SHOWN])


@query("carriers.destruction", roles=READERS, clauses=("TL-28.1", "TL-28.2", "CS-58"))
def destruction(*, actor: Actor, now: datetime, destruction: UUID) -> DestructionPage:
    """One list of copies to be destroyed. 销毁清册。

    Raises:
        NotFound: There is none that the reader may know of.
    """
    row = lists(actor, now).filter(pk=destruction).first()
    if row is None:
        raise NotFound("object.not_found")
    copies = on_list(actor, now, row).order_by("matter__register_no", "copy_no")
    counted = {str(person) for person in row.counts.values_list("person", flat=True)}
    return DestructionPage(
        row=_destruction_row(actor, now, row),
        copies=tuple(row_of(copy, now.date()) for copy in copies),
        may_answer=row.state == "proposed" and actor.holds(*APPROVERS),
        may_count=row.state == "approved" and bool(actor.person_id) and actor.person_id not in counted,
        may_finish=row.state == "approved" and actor.holds(Role.SECRECY_OFFICE),
    )


def expected(actor: Actor, now: datetime) -> QuerySet[Carrier]:
    """Return what has to be found in a count: every copy in hands or in a safe here, the electronic ones apart."""
    return known(actor, now).filter(state__in=law.INSIDE).exclude(form=ELECTRONIC)


def unseen(actor: Actor, now: datetime, take: StockTake) -> QuerySet[Carrier]:
    """Return what has to be found and was not seen in a count; of a closed one, what entered later left out."""
    seen = Sighting.objects.filter(take=take, carrier=OuterRef("pk"))
    rows = expected(actor, now).filter(~Exists(seen))
    return rows if take.closed_at is None else rows.filter(created_at__lte=take.closed_at)


def seen(actor: Actor, now: datetime, take: StockTake) -> QuerySet[Sighting]:
    """Return what was seen in a count, as far as the actor may know of it."""
    return Sighting.objects.filter(take=take, carrier__in=known(actor, now).order_by().values("pk"))


def _count_row(actor: Actor, now: datetime, row: StockTake) -> CountRow:
    found = capped(seen(actor, now, row))
    missing = capped(unseen(actor, now, row))
    keeps = row.closed_at is not None and actor.holds(Role.SECRECY_OFFICE)
    return CountRow(
        id=row.pk,
        number=count_number(row),
        opened_at=row.opened_at,
        opened_by=row.opened_by.name,
        expected=row.expected if keeps else at_most(found + missing),
        seen=found,
        missing=missing if row.incident is None else 0,
        closed_at=row.closed_at,
        incident=row.incident,
    )


def _takes() -> QuerySet[StockTake]:
    rows: QuerySet[StockTake] = StockTake.objects.select_related("opened_by")
    return rows.order_by("-year", "-number")


@query("carriers.counts", roles=READERS, clauses=("BMF-26.1",))
def counts(*, actor: Actor, now: datetime) -> Counts:
    """The counts of what has to be here, newest first. 清点。"""
    rows = list(_takes()[:SHOWN])
    return Counts(
        rows=tuple(_count_row(actor, now, row) for row in rows),
        is_done_this_year=any(row.closed_at is not None and row.year == now.year for row in rows),
        may_open=actor.holds(Role.SECRECY_OFFICE) and all(row.closed_at is not None for row in rows),
    )


@query("carriers.count_one", roles=READERS, clauses=("BMF-26.1",))
def count_one(*, actor: Actor, now: datetime, count: UUID) -> CountPage:
    """One count with what was not seen. 清点。

    Raises:
        NotFound: There is none.
    """
    row = _takes().filter(pk=count).first()
    if row is None:
        raise NotFound("object.not_found")
    left = unseen(actor, now, row).order_by("matter__register_no", "copy_no")
    is_open, keeps = row.closed_at is None, actor.holds(Role.SECRECY_OFFICE)
    return CountPage(
        row=_count_row(actor, now, row),
        unseen=tuple(row_of(copy, now.date()) for copy in left[:SHOWN]) if row.incident is None else (),
        may_count=is_open and actor.holds(Role.SECRECY_OFFICE, Role.INSPECTOR),
        may_close=is_open and keeps,
        may_report=not is_open and keeps and row.incident is None and left.exists(),
    )
