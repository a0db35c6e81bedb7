"""到期预测：how many matters end in each of the next 24 months and ten years, by level, of those the reader may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q
from django.db.models.functions import Cast, Substr

from dingmi.base.actor import Actor, Role
from dingmi.queries import access
from dingmi.queries.numbers import LETTERS
from dingmi.queries.reading import everything
from dingmi.queries.registry import query
from dingmi.queries.remembered import remembered
from dingmi.queries.rows import COUNTED_TO, count_word
from dingmi.queries.tally import tally
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter, ReviewTask
from dingmi.records.notices.models import Notice

MONTHS = 24
YEARS = 10


@dataclass(frozen=True, slots=True)
class Share:
    """The matters of one level in a cohort; exact up to the cap."""

    level: str
    count: int
    word: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """What ends over [first, last]: by level, and how many of it nobody has decided about yet."""

    first: date
    last: date
    count: int
    word: str
    undecided: int
    shares: tuple[Share, ...]

    @property
    def by_level(self) -> tuple[str, ...]:
        """Return the counts of 秘密, 机密 and 绝密 in words, 0 where there is none."""
        held = {s.level: s.word for s in self.shares}
        return tuple(held.get(level, "0") for level in ("秘密", "机密", "绝密"))


@dataclass(frozen=True, slots=True)
class Forecast:
    """The cohorts of the coming months and years, and what ends on no known day."""

    months: tuple[Cohort, ...]
    years: tuple[Cohort, ...]
    by_event: int
    indefinite: int


def _later(day: date, months: int) -> date:
    """Return the first of the month ``months`` after that of ``day``."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _endings(live: Any, first: date, after: date) -> dict[tuple[int, int], dict[str, tuple[int, int]]]:
    """Count what ends over [first, after) by year and month and by level, and of it what nobody has decided about."""
    undecided = Exists(ReviewTask.objects.filter(matter=OuterRef("pk"), kind="expiry", done_at__isnull=True))
    month = Substr(Cast("last_protected_day", CharField()), 1, 7)  # as text: no function of Python for each row
    rows = (
        live.filter(last_protected_day__gte=first, last_protected_day__lt=after)
        .order_by()
        .annotate(month=month, undecided=undecided)
        .values_list("month", "level")
        .annotate(n=Count("pk"), open=Count("pk", filter=Q(undecided=True)))
    )
    found: dict[tuple[int, int], dict[str, tuple[int, int]]] = {}
    for text, level, number, still_open in rows:
        place = (int(text[:4]), int(text[5:]))
        found.setdefault(place, {})[level] = (number, still_open)
    return found


def _cohorts(found: Mapping[tuple[int, int], dict[str, tuple[int, int]]], starts: list[date]) -> tuple[Cohort, ...]:
    """Add the months up to the stretches that begin on ``starts``; the last of these only closes the one before."""
    made = []
    for first, following in pairwise(starts):
        held: dict[str, tuple[int, int]] = {}
        for (year, month), levels in found.items():
            if first <= date(year, month, 1) < following:
                for level, (number, still_open) in levels.items():
                    before = held.get(level, (0, 0))
                    held[level] = (before[0] + number, before[1] + still_open)
        made.append(_cohort(first, following - timedelta(days=1), held))
    return tuple(made)


def _cohort(first: date, last: date, held: dict[str, tuple[int, int]]) -> Cohort:
    def most(number: int) -> int:
        return min(number, COUNTED_TO + 1)

    total = most(sum(number for number, _ in held.values()))
    shares = tuple(
        Share(level, most(held[level][0]), count_word(most(held[level][0]))) for level in LETTERS if level in held
    )
    return Cohort(first, last, total, count_word(total), most(sum(n for _, n in held.values())), shares)


@query("expiry_forecast", roles=(Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD))
def expiry_forecast(*, actor: Actor, now: datetime) -> Forecast:
    """Forecast what ends in the next 24 months and ten years, this month and this year first. 到期预测。"""
    return remembered(actor, now, "forecast", lambda: _forecast(actor, now))


def _forecast(actor: Actor, now: datetime) -> Forecast:
    today = now.date()
    live = access.listed(actor, now).filter(state="active")
    months = [_later(today, n) for n in range(MONTHS + 1)]
    years = [date(today.year + n, 1, 1) for n in range(YEARS + 1)]
    found = _endings(live, today, years[-1])
    dateless = tally(
        live, {kind: Q(last_protected_day__isnull=True, tail_kind=kind) for kind in ("event", "indefinite")}
    )
    return Forecast(
        months=_cohorts(found, months),
        years=_cohorts(found, years),
        by_event=dateless["event"],
        indefinite=dateless["indefinite"],
    )


def silent_expiries(on: date) -> int:
    """Return how many matters ended by ``on`` with nobody told: still in force, or lapsed without a notice; must be 0."""
    with everything("silent expiries"):
        overdue = Matter.objects.filter(state="active", declassified_from__lte=on).count()
    leaves = set(
        Entry.objects.filter(act="declassification.lapse", stream__startswith="matter:").values_list(
            "stream", flat=True
        )
    )
    told = Notice.objects.filter(code="matter.lapsed").values_list("matter_id", flat=True)
    return overdue + len(leaves - {f"matter:{pk}" for pk in told})
