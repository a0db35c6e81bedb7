"""P17 清点: everything that has to be here is seen once a year; what is not found is reported as a possible leak (P18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound, Refused
from dingmi.procedures import incident, paper
from dingmi.procedures.carrier_life import MOST, Moved, colleague, held, locked, moved, named
from dingmi.procedures.frame import procedure
from dingmi.procedures.numbering import next_of_year
from dingmi.queries import carrier_lists as asked
from dingmi.queries import carriers as register
from dingmi.queries.clock import ZONE
from dingmi.records.carriers.models import Carrier, Sighting, StockTake
from dingmi.records.ledger.append import append


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as it stands now: how much has to be here, and how much was seen."""

    id: UUID
    number: str
    expected: int
    seen: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Copies reported as missing, and the suspicion that was opened for them."""

    numbers: tuple[str, ...]
    incident: UUID
    incident_number: str


def _outcome(actor: Actor, now: datetime, row: StockTake) -> Counted:
    total = asked.expected(actor, now).count() if row.closed_at is None else row.expected
    return Counted(row.pk, asked.count_number(row), total, asked.seen(actor, now, row).count())


def _open(count: UUID) -> StockTake:
    """Return a count that is not closed, locked.

    Raises:
        NotFound: There is none.
        Conflict: ``count.closed``.
    """
    row = StockTake.objects.select_for_update().filter(pk=count).first()
    if not isinstance(row, StockTake):
        raise NotFound("object.not_found")
    if row.closed_at is not None:
        raise Conflict("count.closed", (), number=asked.count_number(row))
    return row


@procedure("carriers.open_count", requires=Role.SECRECY_OFFICE, clauses=("BMF-26.1",))
def open_count(*, actor: Actor, now: datetime) -> Counted:
    """Begin to count everything that has to be here. 开始清点。

    Raises:
        Conflict: ``count.open``: another is not closed yet.
    """
    year = now.astimezone(ZONE).year
    number = next_of_year(StockTake, year)  # of two at once the later sees the count that the first one opened
    before = StockTake.objects.filter(closed_at__isnull=True).first()
    if before is not None:
        raise Conflict("count.open", (), number=asked.count_number(before))
    row = StockTake(year=year, number=number, opened_at=now, opened_by_id=UUID(actor.person_id))
    row.save()
    outcome = _outcome(actor, now, row)
    data = {"number": outcome.number, "expected": outcome.expected}
    append(actor, "carriers.open_count", subject=("count", row.pk), at=now, data=data, rows=[row])
    return outcome


@procedure("carriers.count", requires=(Role.SECRECY_OFFICE, Role.INSPECTOR), clauses=("BMF-26.1",))
def count(*, actor: Actor, now: datetime, count: UUID, numbers: tuple[str, ...]) -> Counted:
    """Put down copies that were seen, scanned or typed; what was seen before counts once. 清点登记。

    Args:
        numbers: As they stand on the copies.
    Raises:
        Invalid: A number that is not there.
        Refused: ``count.not_here``: by the register the copy is not here; it is to be put right first.
    """
    row = _open(count)
    wanted = named(numbers)
    copies = list(register.known(actor, now).filter(register.labelled(wanted)))
    if len(copies) < len(wanted):
        raise Invalid("input.invalid", (), fields={"numbers": "id.unknown"})
    here = set(asked.expected(actor, now).filter(pk__in=[c.pk for c in copies]).values_list("pk", flat=True))
    elsewhere = [register.label(c) for c in copies if c.pk not in here]
    if elsewhere:
        raise Refused("count.not_here", ("BMF-26.1",), numbers="、".join(sorted(elsewhere)[:10]))
    seen = set(row.sightings.filter(carrier__in=copies).values_list("carrier", flat=True))
    fresh = [Sighting(take=row, carrier=c, at=now, by_id=UUID(actor.person_id)) for c in copies if c.pk not in seen]
    Sighting.objects.bulk_create(fresh)
    outcome = _outcome(actor, now, row)
    data = {"number": outcome.number, "fresh": len(fresh), "seen": outcome.seen}
    append(actor, "carriers.count", subject=("count", row.pk), at=now, data=data, rows=[row, *fresh])
    return outcome


@procedure("carriers.close_count", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("BMF-26.1",))
def close_count(*, actor: Actor, now: datetime, count: UUID) -> Counted:
    """Close a count; what was not seen can then be reported by one step. 结束清点。"""
    row = _open(count)
    row.expected = asked.expected(actor, now).count()
    row.closed_at, row.closed_by_id = now, UUID(actor.person_id)
    row.save()
    outcome = _outcome(actor, now, row)
    data = {"number": outcome.number, "expected": outcome.expected, "seen": outcome.seen}
    append(actor, "carriers.close_count", subject=("count", row.pk), at=now, data=data, rows=[row])
    return outcome


def _report(actor: Actor, now: datetime, rows: Sequence[Carrier], words: str, source: str) -> Missed:
    """Put copies down as missing, and report the possible leak: the hours of the law run from now."""
    outcome = moved("carriers.report_missing", rows, actor, now, told={"words": words, "source": source})
    protected = [row for row in rows if row.matter.state == "active"] or list(rows)
    found = incident.discover(
        actor=actor,
        now=now,
        certain=False,
        discovered_at=now,
        level=register.highest(protected),
        leaked=f"载体 {len(rows)} 份下落不明：{'、'.join(outcome.numbers[:60])}",
        discovery=f"{source}：{words}" if words else source,
        register_nos=tuple(sorted({row.matter.register_no or "" for row in rows})),
    )
    return Missed(outcome.numbers, found.id, found.number)


@procedure("carriers.report_missing", clauses=("BW-x1?", "BMF-47", "TL-61.1"))
def report_missing(*, actor: Actor, now: datetime, numbers: tuple[str, ...], words: str) -> Missed:
    """Report copies that cannot be found; a possible leak is opened in the same step. 报告下落不明。

    Args:
        words: When they were seen last, and what was done to find them.
    """
    rows = held(actor, now, "carriers.report_missing", numbers)
    return _report(actor, now, rows, paper.line(words, "words", 200, required=True), "持有人或者保管人报告")


@procedure(
    "carriers.report_unseen", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("BW-x1?", "BMF-47", "TL-61.1")
)
def report_unseen(*, actor: Actor, now: datetime, count: UUID) -> Missed:
    """Report everything that a closed count did not find; a possible leak is opened in the same step. 清点差额报失。

    Raises:
        NotFound: There is no such count.
        Conflict: ``count.still_open``, ``count.reported``, ``count.complete``.
    """
    row = StockTake.objects.select_for_update().filter(pk=count).first()
    if not isinstance(row, StockTake):
        raise NotFound("object.not_found")
    number = asked.count_number(row)
    if row.closed_at is None or row.incident is not None:
        raise Conflict("count.still_open" if row.closed_at is None else "count.reported", (), number=number)
    unseen = asked.unseen(actor, now, row).values("pk")
    rows = list(locked(actor, now).filter(pk__in=unseen).order_by("matter__register_no", "copy_no")[:MOST])
    if not rows:
        raise Conflict("count.complete", (), number=number)
    outcome = _report(actor, now, rows, "", number)
    row.incident = outcome.incident
    row.save()
    data = {"number": number, "missing": len(rows), "incident": outcome.incident_number}
    append(actor, "carriers.report_unseen", subject=("count", row.pk), at=now, data=data, rows=[row])
    return outcome


@procedure("carriers.find", requires=Role.SECRECY_OFFICE, clauses=("BMF-26.1",))
def find(*, actor: Actor, now: datetime, numbers: tuple[str, ...], place: str, words: str) -> Moved:
    """Put down that missing copies were found; the incident goes its own way. 登记找回。

    Args:
        place: Where they are kept now.
        words: Where and how they were found.
    """
    rows = held(actor, now, "carriers.find", numbers)
    me = colleague(actor, UUID(actor.person_id))
    told = {"words": paper.line(words, "words", 200, required=True)}
    return moved(
        "carriers.find", rows, actor, now, told=told, holder=me, organ=None,
        place=paper.line(place, "place", 80, required=True), due_on=None,
    )  # fmt: skip
