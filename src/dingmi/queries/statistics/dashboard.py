"""定密统计: the page of figures of a year, each of which opens the records that it counts (S16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dingmi.base.actor import Actor
from dingmi.queries.registry import query
from dingmi.queries.statistics import past, report, tables, work
from dingmi.queries.statistics.report import Anomaly, TableShown
from dingmi.queries.statistics.tables import TOTAL, Frame, Table
from dingmi.queries.statistics.words import word
from dingmi.records.guides.models import GuideItem
from dingmi.records.oversight.reports import AnnualReport
from dingmi.regime.prc_state.tables import PARAMETERS

SPARKS = 8  # quarters of a sparkline


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
class Signal:
    """One sign of quality: this year, the year before, by quarter, in percent or days; ``good`` is the way it should go."""

    name: str
    unit: str
    this: float | None
    before: float | None
    quarters: tuple[float | None, ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class ReportState:
    """How far one report of the year is."""

    name: str
    title: str
    state: str  # open / ready / signed / filed
    on: date | None
    number: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page of one year."""

    year: int
    years: tuple[int, ...]
    as_of: date
    is_closed: bool
    levels: str
    tiles: tuple[Tile, ...]
    flow: TableShown
    stock: TableShown
    forecast: TableShown
    by_event: int
    items: TableShown
    item_texts: tuple[tuple[str, str], ...]
    most_used: int
    signals: tuple[Signal, ...]
    reports: tuple[ReportState, ...]
    anomalies: tuple[Anomaly, ...]


def _tiles(made: dict[str, Table], before: Table, frame: Frame) -> tuple[Tile, ...]:
    def parts(name: str, *rows: str) -> tuple[tuple[str, int], ...]:
        return tuple((row, made[name].count(row, TOTAL)) for row in rows)

    stock, reviews = made["stock"].count(TOTAL, TOTAL), made["reviews"]
    was, due = before.count(TOTAL, TOTAL), reviews.count(TOTAL, TOTAL)
    grown = round(100 * (stock - was) / was, 1) if was else None
    ended = made["ended"].count(TOTAL, TOTAL)
    early = made["ended"].count("early", TOTAL)
    done = reviews.count(TOTAL, "done")
    errors = sum(made["doubts"].count(row, "count") for row in tables.DOUBTS if row.startswith("found_"))
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
            "doubts",
            errors,
            "doubts",
            TOTAL,
            TOTAL,
            tuple((r, n) for r in ("found_over", "found_unmarked") if (n := made["doubts"].count(r, "count"))),
        ),
    )


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _measure(known: past.Past, first: date, last: date) -> dict[str, float | None]:
    """Return the signs of quality over [first, last]."""
    determined = list(known.steps(first, last, "determined"))
    returned = len(list(known.steps(first, last, "returned")))
    not_secret = len(list(known.steps(first, last, "not_secret")))
    decided = len(determined)
    caps = dict(PARAMETERS.value("statutory_cap", last))
    capped = sum(1 for _, s in determined if s.deed.kind == "period" and _years(s.deed) >= caps.get(s.deed.level, 99))

    spans = [
        (s.deed.at - s.deed.proposed_at).total_seconds() / work.DAY_SECONDS for _, s in determined if s.deed.proposed_at
    ]
    return {
        "returned": _share(returned, decided + returned),
        "longest": _share(capped, decided),
        "not_secret": _share(not_secret, decided + not_secret),
        "days": round(sum(spans) / len(spans), 1) if spans else None,
    }


def _years(deed: past.Deed) -> int:
    return deed.last_day.year - deed.starts.year if deed.last_day and deed.starts else 0


def _signals(frame: Frame) -> tuple[Signal, ...]:
    this = _measure(frame.past, frame.first, frame.last)
    earlier = date(frame.year - 1, 1, 1), _same_day_before(frame.last)
    before = _measure(frame.past, *earlier)
    spans = [_quarter_span(frame.last, back) for back in range(SPARKS - 1, -1, -1)]
    by_quarter = [_measure(frame.past, first, last) for first, last in spans]
    made = []
    for name, unit in (("returned", "percent"), ("longest", "percent"), ("not_secret", "percent"), ("days", "days")):
        now, then = this[name], before[name]
        verdict = (
            "" if now is None or then is None else "same" if abs(now - then) < 0.5 else "less" if now < then else "more"
        )
        made.append(Signal(name, unit, now, then, tuple(q[name] for q in by_quarter), verdict))
    return tuple(made)


def _same_day_before(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _quarter_span(last: date, back: int) -> tuple[date, date]:
    number = last.year * 4 + (last.month - 1) // 3 - back
    first = date(number // 4, number % 4 * 3 + 1, 1)
    following = date((number + 1) // 4, (number + 1) % 4 * 3 + 1, 1)
    return first, following - timedelta(days=1)


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


@query("statistics", roles=report.READERS, clauses=("SEED-36", "SEED-29", "ZX-39.1"))
def statistics(*, actor: Actor, now: datetime, year: int | None = None, as_of: date | None = None) -> Dashboard:
    """The figures of a year as of a day: stock, flow, ends to come, use of items, signs of quality, progress of reports."""
    told = year or now.year
    frame = report.frame_for(actor, now, told, as_of)
    made = {name: tables.table(name, frame) for name in tables.KINDS if name != "standing"}
    before = tables.table("stock", tables.Frame(frame.past, told - 1, frame.departments))
    numbers = made["items"].rows
    texts = GuideItem.objects.filter(edition__level="", number__in=numbers).order_by("edition__since", "pk")
    firsts = [life.steps[0].on.year for life in frame.past.lives if life.steps]
    most = max((made["items"].count(r, c) for r in numbers for c in made["items"].columns), default=0)
    by_event = sum(1 for _, terms in tables.held_at(frame, frame.last) if terms.last_day is None)
    return Dashboard(
        year=told,
        years=tuple(range(now.year, max(now.year - 6, min(firsts, default=now.year)) - 1, -1)),
        as_of=frame.past.day,
        is_closed=report.is_closed(frame),
        levels=actor.clearance,
        tiles=_tiles(made, before, frame),
        flow=report.shown(made["flow"], frame, actor.language),
        stock=_most_first(report.shown(made["stock"], frame, actor.language)),
        forecast=report.shown(made["forecast"], frame, actor.language),
        by_event=by_event,
        items=report.shown(made["items"], frame, actor.language),
        item_texts=tuple(dict(texts.values_list("number", "text")).items()),
        most_used=most,
        signals=_signals(frame),
        reports=reports_of(told, now.date()),
        anomalies=report.build(actor, now, "classification", told, as_of).anomalies,
    )
