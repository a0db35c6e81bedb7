"""定密统计: the page of figures of a year, each of which opens the records that it counts (S16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import access, standing
from dingmi.queries.registry import query
from dingmi.queries.statistics import report, signals, tables
from dingmi.queries.statistics.cells import NO_UNIT, TOTAL, Frame, Table, quarter, quarters
from dingmi.queries.statistics.report import Anomaly, TableShown
from dingmi.queries.statistics.signals import Signal
from dingmi.queries.statistics.words import meaning, word
from dingmi.records.guides.models import GuideItem
from dingmi.records.oversight.reports import AnnualReport

TABLES = (
    "officers",
    "determined",
    "changed",
    "ended",
    "stock",
    "reviews",
    "flow",
    "months",
    "forecast",
    "items",
    "sampled",
)
TOLD = ("determined", "changed", "ended", "stock", "reviews", "months", "sampled")  # that a year before is told of


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, what it opens, and what stands beside it."""

    name: str
    count: int
    table: str
    row: str
    column: str
    parts: tuple[tuple[str, int], ...]
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class ReportState:
    """How far one report of the year is."""

    name: str
    title: str
    state: str  # open / ready / signed / filed
    on: date | None
    number: str


@dataclass(frozen=True, slots=True)
class YearBefore:
    """The same figures on the same days of the year before: those of the tiles, and of two tables in the same rows."""

    year: int
    last: date
    tiles: tuple[Tile, ...]
    months: TableShown
    stock: TableShown


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page of one year, of the organ or of one department."""

    year: int
    years: tuple[int, ...]
    as_of: date
    department: str
    department_word: str
    departments: tuple[tuple[str, str], ...]
    is_closed: bool
    levels: str
    tiles: tuple[Tile, ...]
    flow: TableShown
    months: TableShown
    stock: TableShown
    forecast: TableShown
    by_event: int
    items: TableShown
    item_texts: tuple[tuple[str, str], ...]
    most_used: int
    signals: tuple[Signal, ...]
    reports: tuple[ReportState, ...]
    anomalies: tuple[Anomaly, ...]
    before: YearBefore | None = None


@dataclass(frozen=True, slots=True)
class SignalLine:
    """A sign in one quarter, or in one department this year."""

    code: str
    word: str
    hit: int
    base: int
    value: float | None


@dataclass(frozen=True, slots=True)
class SignalPage:
    """One sign of quality: what it counts of what, on what ground, by quarter and by department."""

    year: int
    as_of: date
    department: str
    department_word: str
    signal: Signal
    word: str
    meaning: str
    table: str
    quarters: tuple[SignalLine, ...]
    departments: tuple[SignalLine, ...]


def _tiles(made: dict[str, Table], frame: Frame) -> tuple[Tile, ...]:
    """Return the six figures; the stock beside that at the end of the year before."""
    before = tables.table("stock", replace(frame, year=frame.year - 1, until=None))

    def parts(name: str, *rows: str) -> tuple[tuple[str, int], ...]:
        return tuple((row, made[name].count(row, TOTAL)) for row in rows)

    stock, reviews = made["stock"].count(TOTAL, TOTAL), made["reviews"]
    was, due = before.count(TOTAL, TOTAL), reviews.count(TOTAL, TOTAL)
    grown = round(100 * (stock - was) / was, 1) if was else None
    ended = made["ended"].count(TOTAL, TOTAL)
    early = made["ended"].count("early", TOTAL)
    done = reviews.count(TOTAL, "done")
    drawn, right = made["sampled"].count(TOTAL, TOTAL), made["sampled"].count("right", TOTAL)
    return (
        Tile("stock", stock, "stock", TOTAL, TOTAL, (), grown),
        Tile(
            "determined",
            made["determined"].count(TOTAL, TOTAL),
            "determined",
            TOTAL,
            TOTAL,
            parts("determined", "original", "derivative"),
        ),
        Tile(
            "changed",
            made["changed"].count(TOTAL, TOTAL),
            "changed",
            TOTAL,
            TOTAL,
            parts("changed", "extended", "lowered", "other"),
        ),
        Tile("ended", ended, "ended", TOTAL, TOTAL, (("early", early),), round(100 * early / ended) if ended else None),
        Tile("reviews", done, "reviews", TOTAL, "done", (("asked", due),), round(100 * done / due, 1) if due else None),
        Tile(
            "sampled",
            right,
            "sampled",
            "right",
            TOTAL,
            (("drawn", drawn), *((r, n) for r in tables.SAMPLED[1:] if (n := made["sampled"].count(r, "count")))),
            round(100 * right / drawn, 1) if drawn else None,
        ),
    )


def reports_of(year: int, today: date) -> tuple[ReportState, ...]:
    """Return how far each report of a year is."""
    held = {r.name: r for r in AnnualReport.objects.filter(year=year)}
    made = []
    for name in report.NAMES:
        row = held.get(name)
        if row is not None:
            state, on = ("filed", row.filed_on) if row.filed_on else ("signed", row.as_of)
            made.append(ReportState(name, word(name), state, on, row.filing_no))
        else:
            made.append(ReportState(name, word(name), "ready" if today.year > year else "open", None, ""))
    return tuple(made)


def _most_first(table: TableShown) -> TableShown:
    """Return a table with its fullest lines first, totals last."""
    return replace(table, lines=tuple(sorted(table.lines, key=lambda r: (r.code == TOTAL, -r.figures[-1]))))


@query("statistics.reports", roles=report.READERS, clauses=("ZX-39.1", "TL-56"))
def statistics_reports(*, actor: Actor, now: datetime, year: int) -> tuple[ReportState, ...]:
    """How far each report of a year is: not closed, ready to be signed, signed, filed."""
    return reports_of(year, now.date())


def _choices(actor: Actor, now: datetime, frame: Frame) -> tuple[tuple[str, str], ...]:
    """Return the departments to choose from, and what belongs to none where there is such a thing."""
    rest = access.existing(actor, now).filter(standing.OURS, department=None).exclude(origin="received")
    none = ((NO_UNIT, word(NO_UNIT, actor.language)),) if rest.exists() else ()
    return (*((str(pk), name) for pk, name in frame.departments.items()), *none)


def _before(made: dict[str, Table], frame: Frame, language: str) -> tuple[dict[str, Table], YearBefore]:
    """Return the tables with the rows of both years, and the figures of the year before in the same rows."""
    then = frame.before()
    held = {name: tables.table(name, then) for name in TOLD}
    found = {*made["stock"].rows, *held["stock"].rows}
    rows = tuple(unit for unit in (*map(str, frame.departments), NO_UNIT) if unit in found)
    made = {**made, "stock": replace(made["stock"], rows=rows)}
    held["stock"] = replace(held["stock"], rows=rows)
    months, stock = (report.shown(held[name], then, language) for name in ("months", "stock"))
    return made, YearBefore(then.year, then.last, _tiles(held, then), months, stock)


@query("statistics", roles=report.READERS, clauses=("SEED-36", "SEED-29", "ZX-39.1"))
def statistics(
    *,
    actor: Actor,
    now: datetime,
    year: int | None = None,
    as_of: date | None = None,
    department: str = "",
    compare: bool = False,
) -> Dashboard:
    """The figures of a year as of a day: stock, flow, ends to come, use of items, signs of quality, progress of reports.

    Args:
        department: Only what belongs to this department of ours; ``none``: to none.
        compare: Also the figures of the same days of the year before, as they are known now.
    Raises:
        Invalid: A year to come, or a day outside.
        NotFound: There is no such department.
    """
    told = year or now.year
    frame = report.frame_for(actor, now, told, as_of, department)
    made: dict[str, Table] = {name: tables.table(name, frame) for name in TABLES}
    before: YearBefore | None = None
    if compare:
        made, before = _before(made, frame, actor.language)
    numbers = made["items"].rows
    texts = GuideItem.objects.filter(edition__level="", number__in=numbers).order_by("edition__since", "pk")
    firsts = [life.steps[0].on.year for life in frame.past.lives if life.steps]
    most = max((made["items"].count(r, c) for r in numbers for c in made["items"].columns), default=0)
    by_event = sum(1 for _, terms in tables.held_at(frame, frame.last) if terms.last_day is None)
    return Dashboard(
        year=told,
        years=tuple(range(now.year, max(now.year - 6, min(firsts, default=now.year)) - 1, -1)),
        as_of=frame.past.day,
        department=department,
        department_word=report.unit_word(frame, actor.language),
        departments=_choices(actor, now, frame),
        is_closed=report.is_closed(frame),
        levels=actor.clearance,
        tiles=_tiles(made, frame),
        flow=report.shown(made["flow"], frame, actor.language),
        months=report.shown(made["months"], frame, actor.language),
        stock=_most_first(report.shown(made["stock"], frame, actor.language)),
        forecast=report.shown(made["forecast"], frame, actor.language),
        by_event=by_event,
        items=report.shown(made["items"], frame, actor.language),
        item_texts=tuple(dict(texts.values_list("number", "text")).items()),
        most_used=most,
        signals=signals.signals(frame),
        reports=reports_of(told, now.date()),
        anomalies=report.anomalies(made, frame),
        before=before,
    )


@query("statistics.signal", roles=report.READERS, clauses=("SEED-29", "SEED-12", "TL-17.3", "BMF-21.1"))
def statistics_signal(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    year: int | None = None,
    as_of: date | None = None,
    department: str = "",
) -> SignalPage:
    """One sign of quality as of a day: its meaning and ground, its quarters and departments, each with the records it counts.

    Args:
        name: A sign of ``statistics``: returned, found_high, points_missed, longest, not_secret, wide or days.
        department: Only what belongs to this department of ours; ``none``: to none.
    Raises:
        NotFound: There is no such sign or department.
    """
    sign = signals.BY_NAME.get(name)
    if sign is None:
        raise NotFound("object.not_found")
    frame = report.frame_for(actor, now, year or now.year, as_of, department)
    cases = signals.cases_of(sign, frame)
    this = signals.told_of(cases, frame)

    def line(code: str, found: list[signals.Case]) -> SignalLine:
        said = frame.named(code) or word(code, actor.language)
        return SignalLine(code, said, sum(c.is_hit for c in found), len(found), signals.measure(sign, found))

    units = [unit for unit in (*map(str, frame.departments), NO_UNIT) if any(c.unit == unit for c in this)]
    return SignalPage(
        year=frame.year,
        as_of=frame.past.day,
        department=department,
        department_word=report.unit_word(frame, actor.language),
        signal=signals.signal_of(sign, frame),
        word=word(name, actor.language),
        meaning=meaning(name, signals.numbers(frame.last), actor.language),
        table=signals.table_name(name),
        quarters=tuple(
            line(q, [c for c in cases if quarter(c.on) == q]) for q in quarters(frame.last, signals.QUARTERS)
        ),
        departments=tuple(line(unit, [c for c in this if c.unit == unit]) for unit in units),
    )
