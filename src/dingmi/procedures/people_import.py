"""人员、培训的批量登记：a spreadsheet read row by row; with one fault nothing lands, and every fault is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import POST_CATEGORIES, numbering_people
from dingmi.queries.facts import start_of
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.ledger.guard import Record
from dingmi.records.officers.models import Training
from dingmi.records.organs.models import Department, Person

MOST = 10_000  # rows at once
FOREIGN = {
    "": False,
    "否": False,
    "no": False,
    "是": True,
    "yes": True,
}  # whether a cell says that a person is from abroad
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that a spreadsheet would run


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row: its number in the sheet (the head is row 1), the column, a code; of law, the clauses."""

    row: int
    column: str
    code: str
    clauses: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """What was entered; of a dry run nothing, and every fault.

    Attributes:
        request: What was asked for and waits for another person's agreement; nothing is entered before.
    """

    rows: int
    entered: int
    faults: tuple[Fault, ...]
    request: UUID | None = None


Rows = Sequence[Mapping[str, str]]
Read = tuple[list[Record], list[Line], list[Fault]]  # what to write, what to prove of each, what is wrong
Reader = Callable[[Rows, Actor, datetime], Read]


def land(
    act: str,
    read: Reader,
    rows: Rows,
    actor: Actor,
    now: datetime,
    dry_run: bool,
    settle: Callable[[], None] = lambda: None,
    **named: str,
) -> Imported:
    """Enter what a reader makes of the rows, all of it or nothing; one entry of the whole, and one for each line.

    Args:
        settle: Writes what stood before and changes with the rows; the lines prove it.
        named: What else the entry of the whole says.
    Raises:
        Forbidden: Nobody is signed in.
        Invalid: No rows or too many; ``rows.faulty`` with the number of faulty rows.
    """
    checked(rows, actor)
    made, lines, faults = read(rows, actor, now)
    if faults and not dry_run:
        raise Invalid("rows.faulty", (), count=len({f.row for f in faults}))
    entered = 0 if dry_run else len(lines) or len(made)
    if entered:
        for model, some in groupby(made, key=lambda row: cast("Any", type(row))):
            model.objects.bulk_create(list(some), batch_size=500)
        settle()
        append_lines(actor, act, lines, at=now)
    data = {**named, "rows": len(rows), "entered": entered, "faults": len(faults), "dry_run": dry_run}
    whole = made if entered and not lines else []
    append(actor, act, subject=("organ", UUID(actor.organ_id)), at=now, data=data, rows=whole)
    return Imported(len(rows), entered, tuple(faults))


def checked(rows: Rows, actor: Actor) -> None:
    """Refuse no rows or too many, and nobody.

    Raises:
        Forbidden: ``session.required``.
        Invalid: ``number.range``.
    """
    if not 0 < len(rows) <= MOST:
        raise Invalid("input.invalid", (), fields={"rows": "number.range"})
    if not actor.person_id:
        raise Forbidden("session.required")


def report(act: str, rows: Rows, faults: Sequence[Fault], actor: Actor, now: datetime, dry_run: bool) -> Imported:
    """Tell in the ledger that rows were read, and return what is wrong with them.

    Raises:
        Invalid: ``rows.faulty`` with the number of faulty rows, unless only asked what is wrong.
    """
    if faults and not dry_run:
        raise Invalid("rows.faulty", (), count=len({f.row for f in faults}))
    data = {"rows": len(rows), "faults": len(faults), "dry_run": dry_run}
    append(actor, act, subject=("organ", UUID(actor.organ_id)), at=now, data=data)
    return Imported(len(rows), 0, tuple(faults))


def text_fault(value: str, most: int, *, needed: bool = True) -> str:
    """Return why a cell is no text of a record, or nothing."""
    if not value:
        return "text.missing" if needed else ""
    if len(value) > most:
        return "text.too_long"
    return "cell.formula" if value.startswith(FORMULA) or not value.isprintable() else ""


def day_of(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _people(rows: Rows, actor: Actor, now: datetime) -> Read:
    home = numbering_people(actor)
    units = {d.name: d for d in Department.objects.filter(organ=home)}
    taken = set(Person.objects.filter(organ=home).values_list("staff_no", flat=True))
    made: list[Record] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows, start=2):
        wrong = {"name": text_fault(row.get("name", ""), 60), "staff_no": text_fault(row.get("staff_no", ""), 30)}
        wrong["post"] = text_fault(row.get("post", ""), 80, needed=False)
        if not wrong["staff_no"] and row["staff_no"] in taken:
            wrong["staff_no"] = "staff_no.taken"
        if row.get("department") and row["department"] not in units:
            wrong["department"] = "department.unknown"
        if row.get("post_category", "") not in POST_CATEGORIES:
            wrong["post_category"] = "category.unknown"
        if row.get("is_foreign", "").lower() not in FOREIGN:
            wrong["is_foreign"] = "truth.unknown"
        found = [Fault(number, column, code) for column, code in wrong.items() if code]
        faults += found
        taken.add(row.get("staff_no", ""))
        if not found:
            made.append(
                Person(
                    organ=home,
                    department=units.get(row.get("department", "")),
                    name=row["name"],
                    staff_no=row["staff_no"],
                    post=row.get("post", ""),
                    post_category=row.get("post_category", ""),
                    is_foreign=FOREIGN[row.get("is_foreign", "").lower()],
                    joined_at=now,
                )
            )
    return made, [], faults


def _trainings(rows: Rows, actor: Actor, now: datetime) -> Read:
    people = dict(Person.objects.filter(organ_id=actor.organ_id).values_list("staff_no", "pk"))
    made: list[Record] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows, start=2):
        person, done = people.get(row.get("staff_no", "")), day_of(row.get("completed_on", ""))
        through, minutes = day_of(row.get("valid_through", "")), row.get("minutes", "")
        wrong = {"course": text_fault(row.get("course", ""), 120)}
        wrong["certificate"] = text_fault(row.get("certificate", ""), 60, needed=False)
        if person is None:
            wrong["staff_no"] = "person.unknown"
        elif str(person) == actor.person_id:
            wrong["staff_no"] = "training.own"
        if done is None or done > now.date():
            wrong["completed_on"] = "date.in_future" if done else "date.malformed"
        if through is None or (done is not None and through < done):
            wrong["valid_through"] = "interval.empty" if through else "date.malformed"
        if not (minutes.isascii() and minutes.isdigit() and 0 < int(minutes[:6]) < 100_000):
            wrong["minutes"] = "number.range"
        found = [Fault(number, column, code) for column, code in wrong.items() if code]
        faults += found
        if not found and person is not None and done is not None and through is not None:
            made.append(
                Training(
                    person_id=person,
                    course=row["course"],
                    minutes=int(minutes),
                    completed_at=start_of(done),
                    valid_until=start_of(through + timedelta(days=1)),
                    certificate=row.get("certificate", ""),
                )
            )
    return made, [], faults


KINDS: dict[str, Reader] = {"people": _people, "training": _trainings}


@procedure("personnel.import_rows", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("SEED-7", "TL-44"))
def import_rows(
    *, actor: Actor, now: datetime, kind: str, rows: tuple[dict[str, str], ...], dry_run: bool = True
) -> Imported:
    """Enter people or training from the rows of a spreadsheet; one fault, and nothing lands. 批量登记人员、培训。

    Args:
        kind: ``people`` (name, staff_no, department, post, post_category, is_foreign: 是 or 否, blank for 否) or ``training``
            (staff_no, course, minutes, completed_on, valid_through, certificate).
        dry_run: Only tell what is wrong with which row.
    Raises:
        Invalid: ``rows.faulty`` with the number of faults; a dry run lists them all.
    """
    if kind not in KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    return land("personnel.import_rows", KINDS[kind], rows, actor, now, dry_run, kind=kind)
