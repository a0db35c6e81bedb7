"""Reports of a year: the statutory statistics, the report on the year's work, the officers' filing list (P23).

A report is told from the same tables as the page. It is the same for the same year, day and reader whenever it is asked; one of a
year that is not over says so and cannot be filed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.queries import standing
from dingmi.queries.clock import ZONE, last_day
from dingmi.queries.facts_appointment import DERIVES_ONLY
from dingmi.queries.registry import jsonable, query
from dingmi.queries.rows import place_of
from dingmi.queries.statistics import past, signals, tables
from dingmi.queries.statistics.cells import NO_UNIT, TOTAL, Frame, Table
from dingmi.queries.statistics.signals import Signal
from dingmi.queries.statistics.words import word
from dingmi.records.guides.models import Catalogue
from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.organs.models import Organ, Person

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
FIRST_YEAR = 1990
LEAST = 10  # determinations below which their levels say nothing
NAMES: dict[str, tuple[str, ...]] = {
    "classification": ("determined", "tails", "changed", "ended", "stock", "reviews", "doubts"),
    "work": ("officers", "delegations", "determined", "changed", "ended", "reviews", "doubts"),
    "filing": (),
}
CLAUSES = {"classification": ("ZX-39.1", "SEED-36"), "work": ("TL-56", "ZX-39.2"), "filing": ("ZX-15", "SEED-7")}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as it is shown: its code, its word, and its figures with the total last."""

    code: str
    word: str
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableShown:
    """One table in words and figures; the last line and the last column are totals where there is more than one."""

    name: str
    title: str
    clause: str
    columns: tuple[str, ...]
    heads: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def has_total(self) -> bool:
        """Tell whether a line of totals is shown."""
        return bool(self.lines) and self.lines[-1].code == TOTAL


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something to look at before a report is filed."""

    code: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """One officer of the filing list (SEED-7)."""

    name: str
    post: str
    kind: str
    max_level: str
    matters: str
    instrument: str
    since: date
    until: date | None
    hours: float
    trained_until: date | None
    decided: int


@dataclass(frozen=True, slots=True)
class Report:
    """One report: what it is of, the day it is known as of, its tables, its officers, and what looks wrong."""

    name: str
    title: str
    year: int
    as_of: date
    is_closed: bool
    organ: str
    levels: str  # the highest level counted: that of the reader's clearance
    clauses: tuple[str, ...]
    tables: tuple[TableShown, ...]
    officers: tuple[OfficerLine, ...]
    catalogue: str
    anomalies: tuple[Anomaly, ...]
    signals: tuple[Signal, ...] = ()
    department: str = ""  # its id, where only one is told of
    department_word: str = ""


def shown(table: Table, frame: Frame, language: str = "zh") -> TableShown:
    """Return a table in words, with totals."""
    many_rows, many_columns = (table.adds_up and len(many) > 1 for many in (table.rows, table.columns))
    columns = (*table.columns, *((TOTAL,) if many_columns else ()))
    lines = [
        Line(row, frame.named(row) or word(row, language), tuple(table.count(row, c) for c in columns))
        for row in (*table.rows, *((TOTAL,) if many_rows else ()))
    ]
    heads = tuple(word(c, language) for c in columns)
    return TableShown(table.name, word(table.name, language), table.clause, columns, heads, tuple(lines))


def frame_for(actor: Actor, now: datetime, year: int, as_of: date | None, department: str = "") -> Frame:
    """Return what a year is counted from, known as of a day (today unless asked), for the organ or one department.

    Raises:
        Invalid: ``statistics.year_ahead``, or a day before the year or after today.
        NotFound: The department is none of ours.
    """
    today = now.astimezone(ZONE).date()
    day = as_of or today
    if year > today.year or year < FIRST_YEAR:
        raise Invalid("statistics.year_ahead", (), year=year, fields={"year": "statistics.year_ahead"})
    if day > today or day < date(year, 1, 1):
        raise Invalid("statistics.day_outside", (), year=year, day=day, fields={"as_of": "statistics.day_outside"})
    names = tables.units()
    if department not in ("", NO_UNIT, *map(str, names)):
        raise NotFound("object.not_found")
    where = {"department": None if department == NO_UNIT else department} if department else {}
    return Frame(past.of(actor, now, day, where=where), year, names, department)


def unit_word(frame: Frame, language: str = "zh") -> str:
    """Name the department that is told of; empty for the whole organ."""
    return frame.named(frame.department) or (word(frame.department, language) if frame.department else "")


def is_closed(frame: Frame) -> bool:
    """Tell whether the year is over on the day that is known: its figures then change only by what is found later."""
    return frame.past.day > date(frame.year, 12, 31)


def build(
    actor: Actor, now: datetime, name: str, year: int, as_of: date | None, department: str = "", language: str = "zh"
) -> Report:
    """Return one report, or what it would say of one department alone.

    Args:
        language: Of its words as a page shows them; what is signed, filed or handed out is Chinese, whoever asks.
    Raises:
        NotFound: There is no such report or department.
    """
    if name not in NAMES:
        raise NotFound("statistics.no_report", (), name=name[:40], names="、".join(NAMES))
    frame = frame_for(actor, now, year, as_of, department)
    made = {n: tables.table(n, frame) for n in dict.fromkeys((*NAMES[name], *NAMES["classification"], "officers"))}
    return Report(
        name=name,
        title=word(name, language),
        year=year,
        as_of=frame.past.day,
        is_closed=is_closed(frame),
        organ=str(Organ.objects.filter(is_home=True).values_list("name", flat=True).first() or ""),
        levels=actor.clearance,
        clauses=CLAUSES[name],
        tables=tuple(shown(made[n], frame, language) for n in NAMES[name]),
        officers=_filing(frame, language) if name == "filing" else (),
        catalogue=_catalogue(frame, language),
        anomalies=anomalies(made, frame),
        signals=signals.signals(frame) if name == "work" else (),
        department=department,
        department_word=unit_word(frame, language),
    )


def _catalogue(frame: Frame, language: str) -> str:
    """Say which version of the table of secrets stood, and since when it is filed (TL-13b)."""
    rows = Catalogue.objects.filter(approved_at__lt=past.end_of(frame.last)).exclude(state="draft")
    row = rows.order_by("-version").first()
    if row is None:
        return ""
    late = past.entered_after(frame.past.end, "guides.file_catalogue")
    filed = row.filed_on if row.pk not in late else None
    version, state = word("version", language), word("filed_on" if filed else "not_filed", language)
    return version.format(n=row.version) + state.format(on=filed.isoformat() if filed else "")


def _filing(frame: Frame, language: str) -> tuple[OfficerLine, ...]:
    """Return the officers in office on the last day that is told of."""
    at = past.end_of(frame.last)
    late = past.entered_after(frame.past.end, *tables.ENTERED)
    trainings = [
        row
        for row in standing.trainings(at).values_list("pk", "person", "minutes", "completed_at", "valid_until")
        if row[0] not in late
    ]
    counts: dict[object, int] = {}
    for _life, step in frame.past.steps(frame.first, frame.last, "determined"):
        counts[step.deed.officer] = counts.get(step.deed.officer, 0) + 1
    made = []
    rolled = standing.roll(tables.officers_of(frame), at)
    people = {p.pk: p for p in Person.objects.filter(pk__in=[o.person for o in rolled]).select_related("department")}
    for held in rolled:
        if held.since is None:
            continue
        own = [t for t in trainings if t[1] == held.person]
        minutes = sum(t[2] for t in own if t[3].astimezone(ZONE).year == frame.year)
        until = max((t[4] for t in own), default=None)
        person = people[held.person]
        kind = "derives" if held.matters == DERIVES_ONLY else "statutory" if held.kind == "statutory" else "designated"
        made.append(
            OfficerLine(
                name=held.name,
                post=place_of(person.department.name if person.department else "", person.post),
                kind=word(f"kind_{kind}", language) + word(f"tier_{held.tier}", language),
                max_level=held.max_level,
                matters=word("all", language) if standing.EVERYTHING in held.matters else "、".join(held.matters),
                instrument=held.instrument,
                since=held.since.astimezone(ZONE).date(),
                until=last_day(held.until),
                hours=round(minutes / 45, 1),
                trained_until=last_day(until),
                decided=counts.get(held.person, 0),
            )
        )
    return tuple(made)


def anomalies(made: dict[str, Table], frame: Frame) -> tuple[Anomaly, ...]:
    """Return what looks wrong in the organ: it is to be explained or mended before the report is filed (S16)."""
    if frame.department:
        return ()
    found = []
    if not made["officers"].count(TOTAL, TOTAL):
        found.append(Anomaly("no_officer"))
    if lapsed := made["officers"].count(TOTAL, "untrained"):
        found.append(Anomaly("untrained", lapsed))
    determined = made["determined"]
    total = determined.count(TOTAL, TOTAL)
    top = next((level for level in reversed(past.LEVELS) if determined.count(TOTAL, level)), "")
    if total >= LEAST and top != past.LEVELS[0] and determined.count(TOTAL, top) == total:
        found.append(Anomaly("all_top", total))
    if total and not determined.count("derivative", TOTAL) and total >= LEAST:
        found.append(Anomaly("none_derived", total))
    if not total:
        found.append(Anomaly("nothing_determined"))
    if undone := made["reviews"].count(TOTAL, "undone"):
        found.append(Anomaly("reviews_undone", undone))
    if changed := made["changed"].count("extended", TOTAL):
        ended = made["ended"].count(TOTAL, TOTAL)
        if changed > ended and changed >= LEAST:
            found.append(Anomaly("more_extended", changed))
    return tuple(found)


def plain(report: Report) -> dict[str, object]:
    """Return a report as JSON values, the same bytes for the same report."""
    return dict(jsonable(report))


def digest(report: Report) -> str:
    """Return the SM3 of a report in canonical form."""
    return sm3(canonical(_texts(plain(report))).encode("utf-8")).hex()


def _texts(value: object) -> object:
    """Return a value with its decimals as text: canonical JSON has none."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {k: _texts(v) for k, v in value.items()}
    return [_texts(v) for v in value] if isinstance(value, list) else value


@query("statistics.report", roles=READERS, clauses=("ZX-39.1", "ZX-39.2", "TL-56", "SEED-36", "ZX-15"))
def statistics_report(
    *, actor: Actor, now: datetime, name: str, year: int, as_of: date | None = None, department: str = ""
) -> Report:
    """One report of a year, known as of a day: ``classification``, ``work`` or ``filing``.

    Args:
        department: Only what belongs to this department of ours (``none``: to none); such a part is never signed or filed.

    Raises:
        NotFound: ``statistics.no_report``, or no such department.
        Invalid: A year to come, or a day outside.
    """
    return build(actor, now, name, year, as_of, department, actor.language)
