"""Thirty years drawn by seed, judged on both sides of every end: by the rule of the day, which is cited (SR-65, T10).

What the ends are is reckoned here by the oracle's calendar, never by the program's own.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from dingmi.regime import deadlines, judge
from dingmi.regime.calendar import official
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.facts import LapseFacts
from tests.bars import Reached, part
from tests.regime.oracle import law, lawful
from tests.regime.oracle.law import CAP_YEARS, LEVELS, Span

FIRST, YEARS = 2011, 30
DAY, TICK = timedelta(days=1), timedelta(seconds=1)
LIMITS = ("unclear_matter_report", "unclear_matter_decision", "appraisal", "leak_outcome", "disclosure_reply")


def drawn(chance: Random, year: int) -> date:
    """Give a day of ``year``, every other one at an edge: of a month, of February, of the year, of the law, of a holiday."""
    month = chance.randint(1, 12)
    last = date(year, month, monthrange(year, month)[1])
    edges = [last, date(year, 2, monthrange(year, 2)[1]), date(year, 3, 1), date(year, 12, 31), date(year, 1, 1)]
    edges += [day.replace(year=year) - DAY * chance.randint(0, 1) for day in lawful.CHANGES]
    edges += sorted(official().make_up.get(year, ())) + sorted(official().holidays.get(year, ()))
    return chance.choice(edges) if chance.random() < 0.5 else date(year, 1, 1) + DAY * chance.randint(0, 364)


def cited(verdict: Any, name: str) -> str:
    """Return the clause that a verdict gives for a decided value."""
    return next(line.partition(" ")[2] for line in verdict.trace if line.startswith(f"{name} "))


def ended(start: date, level: str, span: Span) -> list[str]:
    """Judge a matter's end a second before, at and after it, and say what is wrong."""
    window = marks.parse(f"{level}★{span.text}", issued=start).window
    last = span.last_day(start)
    wrong = [] if (window.last_protected_day, window.declassified_from) == (last, last + DAY) else ["another last day"]
    end = datetime.combine(last + DAY, time.min)
    for at, over in ((end - TICK, False), (end, True), (end + TICK, True), (end + timedelta(days=400), True)):
        given = LapseFacts(at.date(), "active", "period", last + DAY, time_of_day=at.time())
        verdict = judge("prc_state", "declassification.lapse", given, at.date())
        if verdict.values["lapses"] is not over or verdict.values["released_at"] != (end if over else None):
            wrong.append(f"at {at}: {verdict.values}")
        if {cited(verdict, "lapses")} != law.released_by_law(at.date()):
            wrong.append(f"at {at} by {cited(verdict, 'lapses')}")
    return wrong


def extended(chance: Random, last: date) -> list[str]:
    """Judge an extension on the last protected day and after it; it is in time until that day is over."""
    facts, wrong = lawful.extension(chance), []
    facts = replace(facts, last_protected_day=last, starts_on=last - DAY * 40)
    for at in (datetime.combine(last, time.max).replace(microsecond=0), datetime.combine(last + DAY, time.min)):
        found = judge("prc_state", "change.extend", replace(facts, at=at), at.date()).findings
        late = [f for f in found if f.code == "extension.too_late"]
        if bool(late) is not (at.date() > last) or any(f.clauses[0] not in law.before_expiry(at.date()) for f in late):
            wrong.append(f"extended at {at}: {late}")
    return wrong


def works(day: date) -> bool:
    """Tell whether offices work, from the notices of the year."""
    return day in official().make_up[day.year] or (day.weekday() < 5 and day not in official().holidays[day.year])


def counted(name: str, start: date) -> tuple[date, str]:
    """Return when a limit ends, reckoned day by day, and the clause of the day on which it began."""
    rows = [row for row in deadlines._tables()[name]["values"] if row["since"] <= start]
    row, day = rows[-1], start
    if row["unit"] == "working_day":
        for _ in range(row["count"]):
            day += DAY
            while not works(day):
                day += DAY
        return day, row["clause"]
    day = start + DAY * row["count"] if row["unit"] == "day" else Span(months=row["count"]).last_day(start)
    while not works(day):
        day += DAY
    return day, row["clause"]


def limited(start: date) -> list[str]:
    """Hold every limit that began on a day against the day-by-day count, where the notices of its years are loaded."""
    wrong = []
    for name in LIMITS:
        since = deadlines._tables()[name]["values"][0]["since"]
        if not since <= start or start.year + 1 not in official().holidays:
            continue
        found = deadlines.compute(name, start)
        if (found["due"], found["clause"]) != counted(name, start):
            wrong.append(f"{name} from {start}: {found['due']} by {found['clause']}, not {counted(name, start)}")
    return wrong


def lived(seed: int) -> list[str]:
    """Live thirty years; return what was judged otherwise than the law says."""
    chance, wrong = Random(f"thirty years {seed}"), list[str]()
    for year in range(FIRST, FIRST + YEARS):
        start, level = drawn(chance, year), chance.choice(LEVELS)
        span = lawful.some_span(chance, CAP_YEARS[level] * 12)
        wrong += ended(start, level, span)
        wrong += extended(chance, drawn(chance, year))
        wrong += limited(start)
    return [f"seed {seed}: {one}" for one in wrong]


def test_some_thirty_years_are_judged_as_the_law_of_each_day_says() -> None:
    assert [wrong for seed in range(15) for wrong in lived(seed)] == []


@pytest.mark.deep
def test_two_thousand_times_thirty_years_are_judged_as_the_law_of_each_day_says(bar: Reached) -> None:
    seeds = part(2000)
    assert [wrong for seed in range(seeds) for wrong in lived(seed)] == []
    bar("SR-65 seeds of 30 years, by the rules", seeds, 2000)


def test_the_days_that_are_drawn_are_at_every_edge() -> None:
    chance = Random("edges")
    days = {drawn(chance, year) for _ in range(200) for year in range(FIRST, FIRST + YEARS)}
    leap = {day for day in days if (day.month, day.day) == (2, 29)}
    assert len(leap) == len([year for year in range(FIRST, FIRST + YEARS) if monthrange(year, 2)[1] == 29])
    assert set(lawful.CHANGES) <= days and {day - DAY for day in lawful.CHANGES} <= days
    shifted = {day for year in official().make_up.values() for day in year if day.year >= FIRST}
    assert len(days & shifted) > len(shifted) / 2


def test_two_planted_faults_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    late = lambda self, start: self._last_day(start) + DAY  # noqa: E731
    monkeypatch.setattr(Span, "_last_day", Span.last_day, raising=False)
    monkeypatch.setattr(Span, "last_day", late)
    assert lived(1), "an end that is a day off"
    monkeypatch.undo()
    monkeypatch.setattr(law, "LAW_2024", law.LAW_2024 + DAY)
    start = law.LAW_2024 - DAY * 2
    assert ended(start - DAY * 9, "机密", Span(days=9)), "a law that begins a day off"
