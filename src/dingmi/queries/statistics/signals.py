"""质量信号: shares that tell whether classification is done well. Each says what it looks at, so that it opens those records.

A sign is data: a share (or a mean) of cases, the way it should go, and its ground: a clause or the organ's own rule. Nothing is
ranked, and nobody is named: a sign asks for a look at the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.queries import facts, limits, policy
from dingmi.queries.statistics import work
from dingmi.queries.statistics.cells import NO_UNIT, Count, Counted, Frame, Kind, of_matter, quarter, quarters
from dingmi.queries.statistics.past import DETERMINING, Life, Step
from dingmi.records.matters.models import Decision
from dingmi.records.organs.models import Organ, Person
from dingmi.records.oversight.inspections import Inspection, InspectionFinding
from dingmi.regime.kernel.periods import Period
from dingmi.regime.prc_state.tables import PARAMETERS

QUARTERS = 8
HIT, BASE = "hit", "base"
STILL = {"percent": 0.5, "days": 0.1}  # what moves less than this is level


@dataclass(frozen=True, slots=True)
class Case:
    """One record that a sign looks at: its day and unit, whether it is one of those that are asked about, and how long it took."""

    on: date
    unit: str
    record: Counted
    is_hit: bool
    days: float = 0.0


Cases = Callable[[Frame, date, date], Iterable[Case]]


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of quality: ``better`` is ``less`` or empty where neither way is better by itself; ``clause`` is its ground."""

    name: str
    unit: str  # percent: hits among cases; days: their mean
    better: str
    clause: str
    cases: Cases


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign as it stands: this year, the same days of the year before, by quarter, which way it went, and where it gathers."""

    name: str
    unit: str
    clause: str
    this: float | None
    before: float | None
    hit: int
    base: int
    quarters: tuple[float | None, ...]
    verdict: str  # better / worse / same / less / more, or nothing without a year before
    uneven: str  # the department in which it gathers


def _unit(life: Life) -> str:
    return str(life.department) if life.department else NO_UNIT


def _steps(frame: Frame, first: date, last: date, hits: Sequence[str], *others: str) -> Iterable[Case]:
    """Yield the decisions of some kinds, those of ``hits`` among them."""
    for life, step in frame.past.steps(first, last, *hits, *others):
        yield Case(step.on, _unit(life), of_matter(life), step.what in hits)


def _determined(frame: Frame, first: date, last: date, fits: Callable[[Step], bool]) -> Iterable[Case]:
    for life, step in frame.past.steps(first, last, "determined"):
        yield Case(step.on, _unit(life), of_matter(life), fits(step))


def _longest(frame: Frame, first: date, last: date) -> Iterable[Case]:
    caps = dict(PARAMETERS.value("statutory_cap", last))

    def at_the_cap(step: Step) -> bool:
        deed, years = step.deed, caps.get(step.deed.level)
        if deed.kind != "period" or years is None or deed.starts is None or deed.last_day is None:
            return False
        return deed.last_day >= Period(years=years).last_day(deed.starts)

    return _determined(frame, first, last, at_the_cap)


def _wide(frame: Frame, first: date, last: date) -> Iterable[Case]:
    """Yield determinations; asked about are those whose scope admits more people than the regime finds usual."""
    since = facts.start_of(first)
    kept = Decision.objects.filter(act__in=DETERMINING, at__gte=since, at__lt=frame.past.end).values_list("pk", "scope")
    counted = _head_count()
    scopes: dict[UUID, Any] = dict(kept)

    def is_wide(step: Step) -> bool:
        scope = scopes.get(step.deed.id) or {}
        return counted(scope, step.deed.at) > int(PARAMETERS.value("wide_scope", step.on))

    return _determined(frame, first, last, is_wide)


def _head_count() -> Callable[[Any, datetime], int]:
    """Return how many people a scope admits at an instant: those named, and the staff of the units of ours that it names.

    Another organ names its own people (BMF-21.2), so it is not counted by head.
    """
    people = Person.objects.filter(organ__is_home=True).order_by()
    staff: list[tuple[UUID, UUID | None, datetime, datetime | None]] = list(
        people.values_list("pk", "department", "joined_at", "left_at")
    )
    home = {str(pk) for pk in Organ.objects.filter(is_home=True).values_list("pk", flat=True)}

    def count(scope: Any, at: datetime) -> int:
        named, units = set(scope.get("persons", ())), set(scope.get("departments", ()))
        whole = bool(home & set(scope.get("organs", ())))
        if units or whole:
            for pk, unit, joined, left in staff:
                if (whole or str(unit) in units) and joined <= at and (left is None or at < left):
                    named.add(str(pk))
        return len(named)

    return count


def sampled(frame: Frame, first: date, last: date) -> Iterable[tuple[date, Life, frozenset[str]]]:
    """Yield the matters that inspections held over [first, last] had drawn, each with the errors found in it (known by then)."""
    lives = {str(life.matter): life for life in frame.past.lives}
    held = Inspection.objects.filter(held_on__gte=first, held_on__lte=last, held_at__lt=frame.past.end)
    rows = list(held.order_by("held_on", "pk").values_list("pk", "held_on", "sample"))
    errors: dict[tuple[UUID, str], set[str]] = {}
    found = InspectionFinding.objects.filter(inspection__in=[pk for pk, _, _ in rows], found_at__lt=frame.past.end)
    for inspection, matter, error in found.exclude(error="").values_list("inspection", "matter", "error"):
        errors.setdefault((inspection, str(matter)), set()).add(error)
    for pk, on, sample in rows:
        for matter in sample:
            if matter in lives:
                yield on, lives[matter], frozenset(errors.get((pk, matter), ()))


def _found(error: str) -> Cases:
    """Return the cases of an error among what inspections drew."""

    def cases(frame: Frame, first: date, last: date) -> Iterable[Case]:
        for on, life, errors in sampled(frame, first, last):
            yield Case(on, _unit(life), of_matter(life), error in errors)

    return cases


def _time(frame: Frame, first: date, last: date) -> Iterable[Case]:
    """Yield determinations with the days that each took; asked about are those that took longer than policy asks."""
    for life, step in frame.past.steps(first, last, "determined"):
        begun = step.deed.proposed_at
        if begun is not None:
            days = (step.deed.at - begun).total_seconds() / work.DAY_SECONDS
            yield Case(step.on, _unit(life), of_matter(life), not work.is_in_time(step.deed), days)


SIGNS: tuple[Sign, ...] = (
    Sign("returned", "percent", "less", "SEED-29", lambda f, a, z: _steps(f, a, z, ("returned",), "determined")),
    Sign("found_high", "percent", "less", "SEED-12", _found("over")),
    Sign("points_missed", "percent", "less", "TL-17.3", _found("points")),
    Sign("longest", "percent", "less", "BMF-20.1", _longest),
    Sign("not_secret", "percent", "", "SEED-36", lambda f, a, z: _steps(f, a, z, ("not_secret",), "determined")),
    Sign("wide", "percent", "less", "BMF-21.1", _wide),
    Sign("days", "days", "less", "SEED-29", _time),
)
BY_NAME = {sign.name: sign for sign in SIGNS}


def numbers(on: date) -> dict[str, int]:
    """Return the numbers that the meanings of signs name."""
    return {"most": int(PARAMETERS.value("wide_scope", on)), "days": limits.count(limits.PROPOSAL, on)}


def measure(sign: Sign, cases: Sequence[Case]) -> float | None:
    """Return the share or the mean of some cases; nothing of none."""
    if not cases:
        return None
    if sign.unit == "days":
        return round(sum(c.days for c in cases) / len(cases), 1)
    return round(100 * sum(c.is_hit for c in cases) / len(cases), 1)


def _quarter_start(last: date, back: int) -> date:
    number = last.year * 4 + (last.month - 1) // 3 - back
    return date(number // 4, number % 4 * 3 + 1, 1)


def cases_of(sign: Sign, frame: Frame) -> list[Case]:
    """Return what a sign looks at from the first of its quarters, or of the year before, to the last day that is told of."""
    first = min(_quarter_start(frame.last, QUARTERS - 1), frame.before().first)
    return list(sign.cases(frame, first, frame.last))


def within(cases: Iterable[Case], first: date, last: date) -> list[Case]:
    """Return the cases of a span of days, both ends counted."""
    return [c for c in cases if first <= c.on <= last]


def told_of(cases: Iterable[Case], frame: Frame) -> list[Case]:
    """Return the cases of the days that are told of."""
    return within(cases, frame.first, frame.last)


def signal_of(sign: Sign, frame: Frame) -> Signal:
    """Return a sign as it stands."""
    cases = cases_of(sign, frame)
    now, then = told_of(cases, frame), told_of(cases, frame.before())
    spans = [
        (_quarter_start(frame.last, back), _quarter_start(frame.last, back - 1) - timedelta(days=1))
        for back in range(QUARTERS - 1, -1, -1)
    ]
    this, before = measure(sign, now), measure(sign, then)
    return Signal(
        name=sign.name,
        unit=sign.unit,
        clause=sign.clause,
        this=this,
        before=before,
        hit=sum(c.is_hit for c in now),
        base=len(now),
        quarters=tuple(measure(sign, within(cases, *span)) for span in spans),
        verdict=_verdict(sign, this, before),
        uneven=_uneven(sign, now, frame),
    )


def _verdict(sign: Sign, this: float | None, before: float | None) -> str:
    if this is None or before is None:
        return ""
    if abs(this - before) < STILL[sign.unit]:
        return "same"
    went = "less" if this < before else "more"
    return went if not sign.better else "better" if went == sign.better else "worse"


def _uneven(sign: Sign, cases: Sequence[Case], frame: Frame) -> str:
    """Return the department in which most of what is asked about lies, where that is more than its share."""
    hits = [c for c in cases if c.is_hit]
    if not sign.better or len(hits) < policy.UNEVEN_LEAST or len({c.unit for c in cases}) < 2:
        return ""
    units = [c.unit for c in hits]
    most = max(sorted(set(units)), key=units.count)
    share, due = units.count(most) / len(hits), sum(c.unit == most for c in cases) / len(cases)
    if share < policy.CONCENTRATED or share < due * policy.UNEVEN_TIMES:
        return ""
    return frame.named(most)


def signals(frame: Frame) -> tuple[Signal, ...]:
    """Return every sign as it stands."""
    return tuple(signal_of(sign, frame) for sign in SIGNS)


# --- their tables: every figure opens its records ------------------------------------------------------------------


def _fill(frame: Frame) -> Iterable[Count]:
    for sign in SIGNS:
        for case in told_of(cases_of(sign, frame), frame):
            yield sign.name, BASE, case.record
            if case.is_hit:
                yield sign.name, HIT, case.record


def _fill_one(sign: Sign) -> Callable[[Frame], Iterable[Count]]:
    def fill(frame: Frame) -> Iterable[Count]:
        cases = cases_of(sign, frame)
        placed = [(quarter(c.on), c) for c in cases] + [(c.unit, c) for c in told_of(cases, frame)]
        for row, case in placed:
            yield row, BASE, case.record
            if case.is_hit:
                yield row, HIT, case.record

    return fill


def _order(frame: Frame, found: set[str]) -> tuple[str, ...]:
    """Return the quarters, then the departments of this year."""
    units = (*map(str, frame.departments), NO_UNIT)
    return (*quarters(frame.last, QUARTERS), *(unit for unit in units if unit in found))


def table_name(sign: str) -> str:
    """Return the name of the table of one sign: its quarters and its departments."""
    return f"quality_{sign}"


KINDS: dict[str, Kind] = {
    "quality": Kind(tuple(BY_NAME), (HIT, BASE), "SEED-36", _fill, adds_up=False),
    **{
        table_name(sign.name): Kind((), (HIT, BASE), sign.clause, _fill_one(sign), _order, adds_up=False)
        for sign in SIGNS
    },
}
