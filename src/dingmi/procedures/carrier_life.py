"""P17 载体的制作、保管、收发: made, kept, lent, signed for and taken back; each copy by its number, each step an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.procedures import paper, shelf
from dingmi.procedures.appointment import tell
from dingmi.procedures.carriers import learned
from dingmi.procedures.frame import procedure
from dingmi.queries import access, facts, standing
from dingmi.queries import carriers as asked
from dingmi.records.carriers.models import Carrier, CarrierEvent
from dingmi.records.ledger.append import Line, append_lines
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Person
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import carriers as law
from dingmi.regime.prc_state.conflicts import KeepingFacts
from dingmi.regime.prc_state.facts import ReadFacts
from dingmi.regime.prc_state.facts_carriers import HandingFacts, ProductionFacts
from dingmi.regime.prc_state.facts_custody import ReceiptFacts, StorageFacts

MOST = 500  # copies of one act
MAKERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE)


@dataclass(frozen=True, slots=True)
class Moved:
    """The copies that an act concerned, by number, and the state that they are in now."""

    numbers: tuple[str, ...]
    state: str


def held(actor: Actor, now: datetime, act: str, numbers: Sequence[str]) -> list[Carrier]:
    """Return the copies with these numbers, locked, if the order of steps allows ``act`` with every one of them.

    Raises:
        Invalid: None or too many are named, or one that is not there or not known to the actor: the same answer.
        Refused: ``carrier.state``, ``carrier.in_system``.
    """
    wanted = named(numbers)
    rows = list(locked(actor, now).filter(asked.labelled(wanted)).order_by("matter__register_no", "copy_no"))
    if len(rows) < len(wanted):
        raise Invalid("input.invalid", (), fields={"numbers": "id.unknown"})
    for row in rows:
        facts.require(asked.judge_move(row, act, now))
    return rows


def locked(actor: Actor, now: datetime) -> Any:
    """Return the copies that the actor may know of, to be locked as they are read."""
    return asked.known(actor, now).select_for_update(of=("self",))


def named(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the numbers as they are written in the register, each once.

    Raises:
        Invalid: None or too many.
    """
    wanted = tuple(dict.fromkeys(paper.line(n, "numbers", 80, required=True) for n in numbers))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid("input.invalid", (), fields={"numbers": "list.length"})
    return wanted


def moved(
    act: str,
    rows: Sequence[Carrier],
    actor: Actor,
    now: datetime,
    *,
    verdict: Verdict | None = None,
    document_no: str = "",
    told: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Moved:
    """Write how copies stand after an act, one event and one entry each; ``changes`` are columns of the copies.

    Raises:
        Refused: ``recusal.may_not_hold``: a conflict keeps the new holder out of one of their matters (SR-13).
    """
    _require_unbarred(rows, changes.get("holder"), now)
    ends = law.MOVES[act].ends if act in law.MOVES else "registered"
    last = dict(
        CarrierEvent.objects.filter(carrier__in=rows).order_by().values_list("carrier").annotate(n=Max("number"))
    )
    lines, more = [], dict(told or {})
    for row in rows:
        row.state = ends or row.state
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        event = CarrierEvent(
            carrier=row,
            number=last.get(row.pk, 0) + 1,
            act=act,
            at=now,
            by_id=UUID(actor.person_id),
            state=row.state,
            holder_id=row.holder_id,
            organ_id=row.organ_id,
            place=row.place,
            due_on=row.due_on,
            document_no=document_no,
            told=more,
        )
        event.save()
        data = {"number": asked.label(row), "state": row.state, "holder": row.holder_id, **more}
        lines.append(Line(("carrier", row.pk), data, [row, event], verdict))
    append_lines(actor, act, lines, at=now)
    return Moved(tuple(asked.label(row) for row in rows), rows[0].state)


def _require_unbarred(rows: Sequence[Carrier], holder: Person | None, now: datetime) -> None:
    if holder is not None:
        barred = standing.barred_from_each({row.matter for row in rows})
        given = KeepingFacts(now, any(holder.pk in persons for persons in barred.values()))
        facts.require(facts.judged("carriers.hold", given, now.date()))


def colleague(actor: Actor, person: UUID) -> Person:
    """Return somebody in service of the actor's organ.

    Raises:
        Invalid: There is nobody.
    """
    found = Person.objects.filter(pk=person, organ_id=actor.organ_id, left_at__isnull=True).first()
    if not isinstance(found, Person):
        raise Invalid("input.invalid", (), fields={"person": "id.unknown"})
    return found


def not_past(day: date | None, field: str, now: datetime) -> date | None:
    """Return a day to come, or none.

    Raises:
        Invalid: ``date.in_past``.
    """
    if day is not None and day < now.date():
        raise Invalid("input.invalid", (), fields={field: "date.in_past"})
    return day


def add_copies(
    act: str, matter: Matter, count: int, form: str, place: str, actor: Actor, now: datetime, **more: Any
) -> Moved:
    """Enter new copies of a matter, numbered on from the last one, for whoever makes them.

    Raises:
        Invalid: An unknown form, or a number of copies that nobody means.
    """
    faults = {
        "form": "" if form in asked.PHYSICAL else "choice.unknown",
        "copies": "" if 1 <= count <= MOST else "number.range",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    Matter.objects.select_for_update().get(pk=matter.pk)  # copy numbers are given one act at a time
    last = Carrier.objects.filter(matter=matter).aggregate(n=Max("copy_no"))["n"] or 0
    parent = more.pop("parent", None)
    mark = facts.mark(standing.determined_level(matter), matter.tail)  # an open challenge is no mark
    rows = [
        Carrier(
            matter=matter, copy_no=last + n, form=form, mark=mark, created_at=now, parent=parent,
            holder_id=UUID(actor.person_id), place=place,
        )
        for n in range(1, count + 1)
    ]  # fmt: skip
    Carrier.objects.bulk_create(rows)
    return moved(act, rows, actor, now, **more)


def numbered(actor: Actor, now: datetime, register_no: str) -> Matter:
    """Return the state secret in force with this number, as far as the actor may know of it.

    Raises:
        NotFound: There is none, or none that the actor may know of.
        Refused: It is not protected any more.
    """
    given = paper.line(register_no, "register_no", 60, required=True)
    found = access.existing(actor, now).filter(regime=facts.REGIME, register_no=given).first()
    if not isinstance(found, Matter):
        raise NotFound("object.not_found")
    if found.state in shelf.ENDED:
        raise shelf.in_the_way(found, now)
    return found


@procedure("carriers.produce", requires=MAKERS, clauses=("BMF-26.1", "TL-27.1", "BMF-22.1", "TL-21.1a", "TL-30.2"))
def produce(
    *,
    actor: Actor,
    now: datetime,
    register_no: str,
    copies: int,
    form: str = "paper",
    place: str,
    in_proper_place: bool,
    is_marked: bool,
    contractor: str = "",
    licence: str = "",
) -> Moved:
    """Make copies of a matter and enter them: each gets its copy number and bears the mark. 制作载体。

    Args:
        register_no: Number of the matter.
        form: ``paper``, ``optical``, ``magnetic`` or ``product``.
        place: Where they were made; ``in_proper_place`` says that it and its equipment are fit for it.
        is_marked: Every copy bears its mark.
        contractor: Who made them, if not we; then ``licence`` is the number of its qualification.
    Raises:
        NotFound: There is no such matter that the actor may know of.
        Refused: Not marked, not in a proper place, a contractor without qualification.
    """
    matter = numbered(actor, now, register_no)
    where = paper.line(place, "place", 80, required=True)
    maker, number = paper.line(contractor, "contractor", 80), paper.line(licence, "licence", 80)
    given = ProductionFacts(now, matter.level, bool(maker), number, in_proper_place, is_marked)
    verdict = facts.judged("carriers.produce", given, now.date())
    facts.require(verdict)
    told = {"copies": copies, "contractor": maker, "licence": number}
    return add_copies("carriers.produce", matter, copies, form, where, actor, now, verdict=verdict, told=told)


DEVICES = {
    "": None,
    "none": "",
    **{level: level for level in access.LEVELS[1:]},
}  # what a copy may be put on, with its level


@procedure("carriers.keep", requires=Role.SECRECY_OFFICE, clauses=("BMF-26.1", "BMF-26.2a", "BMF-31.1.3"))
def keep(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    person: UUID,
    place: str,
    place_meets_standard: bool,
    device: str = "",
) -> Moved:
    """Put copies where they are kept, each with somebody who answers for it. 入库保管。

    Args:
        numbers: Of the copies.
        person: Who keeps them.
        place: Safe, cabinet or room.
        place_meets_standard: It meets the national secrecy standard; 绝密 is kept nowhere else.
        device: Of copies that are put on an information system or device: its level, or ``none`` for one that is not secret.
    Raises:
        Refused: No proper place; the device does not reach the level of a copy.
    """
    if device not in DEVICES:
        raise Invalid("input.invalid", (), fields={"device": "choice.unknown"})
    rows = held(actor, now, "carriers.keep", numbers)
    who = colleague(actor, person)
    where = paper.line(place, "place", 80, required=True)
    verdict = None
    for level in sorted({row.matter.level for row in rows}):
        given = StorageFacts(now, level, str(who.pk), place_meets_standard, DEVICES[device])
        verdict = facts.judged("carriers.store", given, now.date())
        facts.require(verdict)
    return moved(
        "carriers.keep", rows, actor, now, verdict=verdict, holder=who, organ=None, place=where, due_on=None
    )  # fmt: skip


def may_hold(row: Carrier, person: Person, now: datetime) -> bool:
    """Tell whether a person may know a copy's matter."""
    return standing.may_know(row.matter, person.pk, now)


@procedure("carriers.lend", requires=Role.SECRECY_OFFICE, clauses=("BMF-26.1", "TL-27.4", "BMF-21.3", "TL-30.2"))
def lend(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    person: UUID,
    place: str,
    in_proper_place: bool,
    due_on: date,
    purpose: str = "",
) -> Moved:
    """Hand copies to somebody who may know them, who signs for them; they are to come back by a day. 借出。

    Args:
        place: Where they are read and used.
        in_proper_place: It meets the secrecy rules; for 绝密 it is the designated place.
        due_on: When they are to be back.
    Raises:
        Refused: Outside the scope, not cleared, no proper place.
    """
    rows = held(actor, now, "carriers.lend", numbers)
    who = colleague(actor, person)
    where = paper.line(place, "place", 80, required=True)
    due = not_past(due_on, "due_on", now)
    verdict = None
    for row in rows:
        level = row.matter.level
        is_cleared = row.matter.state != "active" or level in access.readable(standing.clearance(who.pk, now))
        handing = HandingFacts(
            now, level, may_hold(row, who, now), in_proper_place, row.form == "product", is_cleared, who.name
        )
        verdict = facts.judged("carriers.lend", handing, now.date())
        facts.require(verdict)
        facts.require(
            facts.judged("carriers.read", ReadFacts(now, level, in_designated_place=in_proper_place), now.date())
        )
    told = {"purpose": paper.line(purpose, "purpose", 120)}
    outcome = moved(
        "carriers.lend", rows, actor, now, verdict=verdict, told=told, holder=who, place=where, due_on=due
    )  # fmt: skip
    tell(who.pk, "carrier.to_sign", now, count=len(rows))
    return outcome


def require_receipt(rows: Sequence[Carrier], counted: int, now: datetime, **more: Any) -> Verdict:
    """Return the verdict on a receipt: counted, numbered, registered, signed, and the count is that of the numbers.

    Raises:
        Refused: Something of these is missing or differs.
    """
    given = ReceiptFacts(now, asked.highest(rows), listed=len(rows), counted=counted, **more)
    verdict = facts.judged("carriers.receive", given, now.date())
    facts.require(verdict)
    return verdict


@procedure("carriers.sign", clauses=("TL-27.2", "TL-20", "BMF-26.2c"))
def sign(*, actor: Actor, now: datetime, numbers: tuple[str, ...], counted: int) -> Moved:
    """Sign for copies that were handed to oneself, after counting them and reading their numbers. 签收。

    Args:
        numbers: As they stand on the copies.
        counted: How many copies were counted.
    Raises:
        Refused: A number that was not handed to the actor, or a count that differs.
    """
    rows = held(actor, now, "carriers.sign", numbers)
    strange = sum(str(row.holder_id) != actor.person_id for row in rows)
    verdict = require_receipt(rows, counted, now, strange=strange)
    for matter in {row.matter_id: row.matter for row in rows}.values():
        learned(matter, actor, "received", now)
    return moved("carriers.sign", rows, actor, now, verdict=verdict, told={"counted": counted})


@procedure("carriers.take_back", requires=Role.SECRECY_OFFICE, clauses=("TL-27.2", "BMF-26.1"))
def take_back(*, actor: Actor, now: datetime, numbers: tuple[str, ...], counted: int, place: str) -> Moved:
    """Take back copies that were lent, carried out, repaired or sent, after counting them; they are kept again. 收回。

    Args:
        numbers: As they stand on the copies.
        counted: How many copies were counted.
        place: Where they are kept.
    Raises:
        Refused: A count that differs.
    """
    rows = held(actor, now, "carriers.take_back", numbers)
    verdict = require_receipt(rows, counted, now)
    where = paper.line(place, "place", 80, required=True)
    me = colleague(actor, UUID(actor.person_id))
    return moved(
        "carriers.take_back", rows, actor, now, verdict=verdict, told={"counted": counted},
        holder=me, organ=None, place=where, due_on=None,
    )  # fmt: skip
