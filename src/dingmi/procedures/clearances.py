"""涉密等级: asked for by one person and granted by another's agreement; lowered by one, for that protects (SR-34, ADR 0063)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on
from dingmi.procedures.people_import import Fault, Imported, Rows, checked, day_of, report, text_fault
from dingmi.procedures.personnel import require_text
from dingmi.procedures.seats import agreed, ask_second
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import clearances as asked
from dingmi.queries import facts, standing
from dingmi.queries.access import LEVELS
from dingmi.queries.clearances import Wanted, widens
from dingmi.queries.facts import start_of
from dingmi.queries.seats import SEATED
from dingmi.queries.staff import judge_clearance
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.officers.models import Officer
from dingmi.records.organs.models import Clearance, ClearanceAsked, Person

ASKERS = (Role.SECRECY_OFFICE, Role.SECURITY_ADMIN)


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clearance that was asked for, or one that only lowers and so holds at once.

    Attributes:
        request: What waits for another person's agreement, up to ``agree_by``; nothing where it holds already.
    """

    person: UUID
    request: UUID | None = None
    agree_by: datetime | None = None


@procedure("personnel.grant_clearance", requires=ASKERS, step_up=True, waits_for_date=True)
def grant_clearance(
    *, actor: Actor, now: datetime, person: UUID, level: str, instrument: str, until: datetime | None = None
) -> Cleared:
    """Ask for a clearance, which another person agrees to within ten minutes; one that only lowers holds at once. 确定涉密等级。

    What is held at its level or above ends with it, so a lower one lowers; a lower one that was held stays behind a higher
    one with an end. The person's sessions end when it takes effect (SR-09).

    Raises:
        Forbidden: ``clearance.own``.
        Invalid: ``level.unknown``, ``interval.empty``.
        NotFound: There is no such person.
        Refused: ``clearance.foreign``: the person is from abroad (TL-44, BMF-37); ``clearance.asked_already``.
    """
    if level not in LEVELS[1:]:
        raise Invalid("input.invalid", (), fields={"level": "level.unknown"})
    if until is not None and until <= now:
        raise Invalid("input.invalid", (), fields={"until": "interval.empty"})
    wanted = Wanted(person, level, require_text("instrument", instrument, 80), until)
    held = _held([wanted], actor, now)
    if not widens(wanted, held[person]):
        _grant([wanted], held, "personnel.grant_clearance", actor, now)
        return Cleared(person)
    made = _ask([wanted], "personnel.grant_clearance", actor, now)
    return Cleared(person, made.pk, asked.agree_by(made, now))


def _held(wanted: Sequence[Wanted], actor: Actor, now: datetime) -> dict[UUID, list[Clearance]]:
    """Return what is held by the people of ``wanted``, who are locked.

    Raises:
        Forbidden: ``clearance.own``.
        NotFound: One of them is not there.
    """
    if any(str(one.person) == actor.person_id for one in wanted):
        raise Forbidden("clearance.own")
    ids = [one.person for one in wanted]
    people = Person.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    held: dict[UUID, list[Clearance]] = {person.pk: [] for person in people}
    if held.keys() != set(ids):
        raise NotFound("object.not_found")
    rows = Clearance.objects.select_for_update().filter(person__in=ids)
    for row in standing.running(rows, now):
        held[row.person_id].append(row)
    return held


def _ask(wanted: Sequence[Wanted], act: str, actor: Actor, now: datetime) -> ClearanceAsked:
    """Write what is asked for, and tell whoever may agree.

    Raises:
        Refused: ``clearance.foreign``; ``clearance.asked_already``: a clearance of one of these people waits.
    """
    people = Person.objects.in_bulk([one.person for one in wanted])
    verdicts = [judge_clearance(people[one.person], now) for one in wanted]
    for verdict in verdicts:
        facts.require(verdict)
    waits = {one.person for row in asked.waiting(now) for one in asked.wanted_of(row)}
    if waits & people.keys():
        raise Refused("clearance.asked_already")
    person = UUID(actor.person_id)
    made = ClearanceAsked(wanted=[one.kept() for one in wanted], asked_by=person, asked_at=now)
    made.save()
    first = wanted[0]
    about: Any = ("person", first.person) if len(wanted) == 1 else ("organ", UUID(actor.organ_id))
    of = first.person if len(wanted) == 1 else None
    named = people[first.person]
    what = f"{named.name}（{named.staff_no}） {first.level}" + ("" if of else f" … {len(wanted)}")
    second = ask_second(asked.WAITS, made.pk, actor=actor, now=now, of=of, what=what, row=made.pk)
    data = {"request": made.pk, "count": len(wanted), "levels": sorted({one.level for one in wanted})}
    append(actor, act, subject=about, at=now, data=data, rows=[made, second], verdict=verdicts[0])
    return made


@procedure("personnel.agree_clearance", requires=SEATED, step_up=True, waits_for_date=True)
def agree_clearance(*, actor: Actor, now: datetime, clearances: UUID, expected_version: str) -> Imported:
    """Agree to the clearances that another person asked for: they hold, and these people's sessions end. 同意确定涉密等级。

    Args:
        clearances: The ``request``, as ``personnel.clearances_asked`` shows it, with its ``expected_version``.
    Raises:
        NotFound: There is none, it was agreed to or withdrawn, or nobody asked within ten minutes.
        Forbidden: ``clearance.own``: one of them is the actor's.
        Refused: ``second.asked_by_you``: another person agrees; ``clearance.foreign``.
    """
    row: ClearanceAsked | None = ClearanceAsked.objects.select_for_update().filter(pk=clearances).first()
    if row is None or asked.agree_by(row, now) is None:
        raise NotFound("object.not_found")
    wanted = asked.wanted_of(row)
    about: Any = ("person", wanted[0].person) if len(wanted) == 1 else ("organ", UUID(actor.organ_id))
    require_current(row, about[0], expected_version, of=about[1])
    if row.asked_by == UUID(actor.person_id):
        raise Refused("second.asked_by_you")
    row.agreed_by, row.agreed_at = UUID(actor.person_id), now
    row.save(update_fields=["agreed_by", "agreed_at"])
    _grant(wanted, _held(wanted, actor, now), "personnel.agree_clearance", actor, now)
    second = agreed(asked.WAITS, row.pk, actor=actor, now=now)
    data = {"request": row.pk, "asked_by": row.asked_by, "count": len(wanted)}
    append(actor, "personnel.agree_clearance", subject=about, at=now, data=data, rows=[row, *second])
    return Imported(len(wanted), len(wanted), ())


def _grant(wanted: Sequence[Wanted], held: dict[UUID, list[Clearance]], act: str, actor: Actor, now: datetime) -> None:
    """Grant clearances from now on, each proved by an entry of its own; what was held at their level or above ends."""
    people = Person.objects.in_bulk(list(held))
    made, ended, lowered, lines = [], [], set(), []
    for one in wanted:
        verdict = judge_clearance(people[one.person], now)
        facts.require(verdict)
        row = Clearance(
            person=people[one.person], level=one.level, instrument=one.instrument, since=now, until=one.until
        )
        over = [old for old in held[one.person] if old.level in LEVELS[LEVELS.index(one.level) :]]
        for old in over:
            old.until = now
        lowered |= {one.person for old in over if old.level != one.level}
        made.append(row)
        ended += over
        data = {"level": one.level, "clearances_ended": len(over)}
        lines.append(Line(("person", one.person), data, [row, *over], verdict))
    Clearance.objects.bulk_create(made, batch_size=500)
    Clearance.objects.bulk_update(ended, ["until"], batch_size=500)
    end_sessions_of(list(held), now)
    append_lines(actor, act, lines, at=now)
    for officer in standing.roll(Officer.objects.filter(person__in=lowered), now):
        hand_on(officer.person, now)


def _read(rows: Rows, actor: Actor, now: datetime) -> tuple[list[Wanted], list[Fault]]:
    """Return the clearances that the rows ask for, and what is wrong with which row."""
    people = {p.staff_no: p for p in Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True)}
    wanted: list[Wanted] = []
    faults: list[Fault] = []
    seen = set[str]()
    for number, row in enumerate(rows, start=2):
        person, level = people.get(row.get("staff_no", "")), row.get("level", "")
        wrong = {"instrument": text_fault(row.get("instrument", ""), 80)}
        last = day_of(row.get("through", ""))
        if row.get("through") and (last is None or last < now.date()):
            wrong["through"] = "interval.empty" if last else "date.malformed"
        wrong["level"] = "" if level in LEVELS[1:] else "level.unknown"
        if person is None:
            wrong["staff_no"] = "person.unknown"
        elif str(person.pk) == actor.person_id:
            wrong["staff_no"] = "clearance.own"
        elif person.staff_no in seen:
            wrong["staff_no"] = "row.twice"
        seen.add(row.get("staff_no", ""))
        found = [Fault(number, column, code) for column, code in wrong.items() if code]
        if found or person is None:
            faults += found
            continue
        against = judge_clearance(person, now).blocking
        faults += [Fault(number, "staff_no", f.code, f.clauses, f.params) for f in against]
        until = start_of(last + timedelta(days=1)) if last else None
        wanted.append(Wanted(person.pk, level, row["instrument"], until))
    return wanted, faults


@procedure("personnel.import_clearances", requires=ASKERS, step_up=True, waits_for_date=True, clauses=("SEED-7",))
def import_clearances(
    *, actor: Actor, now: datetime, rows: tuple[dict[str, str], ...], dry_run: bool = True
) -> Imported:
    """Ask for the clearances of a spreadsheet, which another person agrees to together within ten minutes. 批量确定涉密等级。

    Where every row only lowers they hold at once.

    Args:
        rows: staff_no, level, instrument, through (blank: no end).
        dry_run: Only tell what is wrong with which row.
    Raises:
        Invalid: ``rows.faulty`` with the number of faulty rows; a dry run lists every fault.
        Refused: ``clearance.asked_already``.
    """
    checked(rows, actor)
    wanted, faults = _read(rows, actor, now)
    done = report("personnel.import_clearances", rows, faults, actor, now, dry_run)
    if dry_run:
        return done
    held = _held(wanted, actor, now)
    if any(widens(one, held[one.person]) for one in wanted):
        return replace(done, request=_ask(wanted, "personnel.import_clearances", actor, now).pk)
    _grant(wanted, held, "personnel.import_clearances", actor, now)
    return replace(done, entered=len(wanted))
