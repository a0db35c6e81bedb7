"""The records behind a figure: exactly those that its cell counts, each as the reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid
from dingmi.queries import access, numbers
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, place_of, rows_of
from dingmi.queries.statistics import report, tables
from dingmi.queries.statistics.cells import BEFORE, TOTAL, Counted
from dingmi.queries.statistics.words import word
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Referral, ReviewTask
from dingmi.records.officers.models import Delegation
from dingmi.records.organs.models import Person
from dingmi.records.oversight.models import Correction

PAGE = 100


@dataclass(frozen=True, slots=True)
class OtherRow:
    """One record that is no matter: what it is, the matter it is about if any, whom or what it names, and its day."""

    kind: str
    id: UUID
    label: str
    words: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a figure counts, a page at a time."""

    table: str
    title: str
    row: str
    row_word: str
    column: str
    column_word: str
    year: int
    as_of: date
    department: str
    department_word: str
    count: int
    matters: tuple[MatterRow, ...]
    others: tuple[OtherRow, ...]
    page: int
    pages: int


@query("statistics.records", roles=report.READERS, clauses=("SEED-36",))
def statistics_records(
    *,
    actor: Actor,
    now: datetime,
    table: str,
    year: int,
    row: str = TOTAL,
    column: str = TOTAL,
    as_of: date | None = None,
    department: str = "",
    page: int = 1,
) -> Opened:
    """The records that one figure counts, in its order.

    Args:
        table: A table of ``statistics`` or of a report, and a ``row`` and ``column`` of it; ``total`` for all. A column that ends
            in ``_before`` counts the same days of the year before.
        department: Only what belongs to this department of ours; ``none``: to none.
    Raises:
        Invalid: There is no such table, row or column, or the day is outside.
        NotFound: There is no such department.
    """
    if table not in tables.KINDS or page < 1:
        raise Invalid("input.invalid", (), fields={"table": "choice.unknown"})
    frame = report.frame_for(actor, now, year, as_of, department)
    counted = column.removesuffix(BEFORE)
    years = (frame, frame.before())
    asked, other = years if counted == column else reversed(years)
    made = tables.table(table, asked)
    is_row = row == TOTAL or row in made.rows or row in tables.table(table, other).rows
    if not is_row or (counted != TOTAL and counted not in made.columns):
        raise Invalid("input.invalid", (), fields={"row": "choice.unknown", "column": "choice.unknown"})
    found = made.records(row, counted)
    shown = found[(page - 1) * PAGE : page * PAGE]
    return Opened(
        table=table,
        title=word(table, actor.language),
        row=row,
        row_word=frame.named(row) or word(row, actor.language),
        column=column,
        column_word=word(column, actor.language),
        year=year,
        as_of=frame.past.day,
        department=department,
        department_word=report.unit_word(frame, actor.language),
        count=len(found),
        matters=_matters([c for c in shown if c.kind == "matter"], actor, now),
        others=_others([c for c in shown if c.kind != "matter"]),
        page=page,
        pages=max(1, -(-len(found) // PAGE)),
    )


def _matters(records: list[Counted], actor: Actor, now: datetime) -> tuple[MatterRow, ...]:
    rows = access.existing(actor, now).filter(pk__in={c.id for c in records})
    held = {m.pk: m for m in rows.select_related("department", "officer")}
    return rows_of([held[c.id] for c in records], now.date())


def _day(value: datetime | None) -> date | None:
    return value.astimezone(ZONE).date() if value else None


def _about(model: Any, ids: set[UUID], words: str, day: str) -> dict[UUID, tuple[str, str, date | None]]:
    """Return the matter number, word and day of records about matters."""
    rows = model.objects.filter(pk__in=ids).values_list("pk", "matter", "matter__register_no", words, day)
    return {
        pk: (numbers.shown(matter, number), str(said), on if type(on) is date else _day(on))
        for pk, matter, number, said, on in rows
    }


def _others(records: Iterable[Counted]) -> tuple[OtherRow, ...]:
    by_kind: dict[str, set[UUID]] = {}
    records = list(records)
    for record in records:
        by_kind.setdefault(record.kind, set()).add(record.id)
    known: dict[str, dict[UUID, tuple[str, str, date | None]]] = {}
    for kind, (model, words, day) in ABOUT.items():
        if kind in by_kind:
            known[kind] = _about(model, by_kind[kind], words, day)
    if "officer" in by_kind:
        people = Person.objects.filter(pk__in=by_kind["officer"]).select_related("department")
        known["officer"] = {
            p.pk: (p.name, place_of(p.department.name if p.department else "", p.post), None) for p in people
        }
    if "delegation" in by_kind:
        rows = Delegation.objects.filter(pk__in=by_kind["delegation"]).select_related("grantor", "grantee")
        known["delegation"] = {
            d.pk: (d.instrument, f"{d.grantor.name} → {d.grantee.name}", _day(d.since)) for d in rows
        }
    return tuple(OtherRow(r.kind, r.id, *known[r.kind][r.id]) for r in records)


ABOUT: dict[str, tuple[Any, str, str]] = {
    "review": (ReviewTask, "kind", "due_on"),
    "referral": (Referral, "kind", "referred_at"),
    "challenge": (Challenge, "state", "raised_at"),
    "correction": (Correction, "kind", "found_on"),
}
