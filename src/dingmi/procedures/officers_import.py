"""在任定密责任人的批量登记: every row judged as its own act would be; with one fault nothing lands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures.frame import procedure
from dingmi.procedures.people_import import Fault, Imported, Read, Rows, day_of, land, text_fault
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import facts_office, standing
from dingmi.queries.access import LEVELS
from dingmi.queries.facts import start_of
from dingmi.records.ledger.append import Line
from dingmi.records.ledger.guard import Record
from dingmi.records.officers.models import Designation, Officer
from dingmi.records.organs.models import Person
from dingmi.regime.kernel.rulebook import Verdict

COLUMNS = {  # what a finding of the law is about
    "designation.no_matters": "matters",
    "designation.no_instrument": "instrument",
    "designation.empty_term": "through",
    "designation.backdated": "since",
    "designation.over_authority": "max_level",
    "designation.clearance": "max_level",
}
ALL = ("", "*", "全部", "全部事项")


def _people(actor: Actor) -> dict[str, Person]:
    return {p.staff_no: p for p in Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True)}


def _named(rows: Rows, actor: Actor) -> list[UUID]:
    """Return the people that the rows name."""
    people = _people(actor)
    return [people[row["staff_no"]].pk for row in rows]


def _matters(text: str) -> tuple[str, ...]:
    """Return the codes that a cell names; a blank one means all of the organ."""
    return ("*",) if text in ALL else tuple(text.replace("、", " ").replace("，", " ").replace(",", " ").split())


def _term(row: Mapping[str, str], now: datetime, wrong: dict[str, str]) -> tuple[datetime, datetime | None]:
    """Return [since, until) as the row says it: a blank or today's beginning is now."""
    first, last = day_of(row.get("since", "")), day_of(row.get("through", ""))
    if row.get("since") and first is None:
        wrong["since"] = "date.malformed"
    if row.get("through") and last is None:
        wrong["through"] = "date.malformed"
    since = now if first is None or first == now.date() else start_of(first)
    return since, start_of(last + timedelta(days=1)) if last else None


def _read_designations(rows: Rows, actor: Actor, now: datetime) -> Read:
    people = _people(actor)
    office = facts_office.Office(actor, now, [p.pk for p in people.values()])
    ours = Officer.objects.filter(person__organ_id=actor.organ_id)
    known = {o.person_id: o for o in ours}
    held = {s.person for s in standing.roll(ours, now) if s.max_level}
    officers: list[Record] = []
    terms: list[Record] = []
    lines: list[Line] = []
    faults: list[Fault] = []
    seen = set[str]()
    for number, row in enumerate(rows, start=2):
        staff_no, level = row.get("staff_no", ""), row.get("max_level", "")
        person = people.get(staff_no)
        wrong = {"instrument": text_fault(row.get("instrument", ""), 80)}
        since, until = _term(row, now, wrong)
        wrong["max_level"] = "" if level in LEVELS[1:] else "level.unknown"
        wrong["staff_no"] = _twice(person, seen, held)
        seen.add(staff_no)
        found = [Fault(number, column, code) for column, code in wrong.items() if code]
        if found or person is None:
            faults += found
            continue
        matters = _matters(row.get("matters", ""))
        verdict = office.judge(person.pk, row["instrument"], level, matters, since, until)
        if verdict.blocking:
            faults += _against(number, verdict)
            continue
        officer = known.get(person.pk)
        if officer is None:
            officer = Officer(person=person, kind="designated")
            officers.append(officer)
        term = Designation(
            officer=officer,
            instrument=row["instrument"],
            max_level=level,
            matters=list(matters),
            since=since,
            until=until,
            designated_by=UUID(actor.person_id),
        )
        terms.append(term)
        data = {"officer": officer.pk, "level": level, "until": until}
        lines.append(Line(("person", person.pk), data, [officer, term], verdict))
    return [*officers, *terms], lines, faults


def _twice(person: Person | None, seen: set[str], held: Collection[UUID] = ()) -> str:
    """Return why a row names nobody, someone named above, or someone who holds it already."""
    if person is None:
        return "person.unknown"
    if person.staff_no in seen:
        return "row.twice"
    return "officer.in_office" if person.pk in held else ""


def _against(number: int, verdict: Verdict) -> list[Fault]:
    """Return what the law has against a row, each at the column that it is about."""
    return [Fault(number, COLUMNS.get(f.code, ""), f.code, f.clauses, f.params) for f in verdict.blocking]


@procedure(
    "officers.import_rows",
    requires=Role.HEAD,
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-16.1", "TL-14.1", "ZX-14.1", "SEED-7"),
)
def import_officers(*, actor: Actor, now: datetime, rows: tuple[dict[str, str], ...], dry_run: bool = True) -> Imported:
    """Enter officers already in office from a spreadsheet, each judged; one fault, and nothing lands. 批量登记在任定密责任人。

    Args:
        rows: staff_no, instrument, max_level, matters (blank: all), since (blank: now), through (blank: no end).
        dry_run: Only tell what is wrong with which row.
    Raises:
        Invalid: ``rows.faulty`` with the number of faulty rows; a dry run lists every fault.
    """

    def settle() -> None:
        end_sessions_of(_named(rows, actor), now)

    return land("officers.import_rows", _read_designations, rows, actor, now, dry_run, settle)
