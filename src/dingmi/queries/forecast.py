"""到期预测：how many matters end in each of the next 24 months and ten years, by level, of those the reader may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncMonth, TruncYear

from dingmi.base.actor import Actor, Role
from dingmi.queries import access
from dingmi.queries.numbers import LETTERS
from dingmi.queries.registry import query
from dingmi.queries.rows import COUNTED_TO, capped, count_word
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


def _cohorts(live: Any, cut: Any, starts: list[date], today: date) -> tuple[Cohort, ...]:
    """Count ``live`` by the stretches that begin on ``starts``; the last of these only closes the one before."""
    ending = live.filter(last_protected_day__gte=max(starts[0], today), last_protected_day__lt=starts[-1])
    undecided = Exists(ReviewTask.objects.filter(matter=OuterRef("pk"), kind="expiry", done_at__isnull=True))
    rows = (
        ending.order_by()
        .annotate(cut=cut, undecided=undecided)
        .values_list("cut", "level")
        .annotate(n=Count("pk"), open=Count("pk", filter=Q(undecided=True)))
    )
    found: dict[date, dict[str, tuple[int, int]]] = {}
    for first, level, number, still_open in rows:
        found.setdefault(first, {})[level] = (number, still_open)
    return tuple(
        _cohort(first, following - timedelta(days=1), found.get(first, {})) for first, following in pairwise(starts)
    )


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
    today = now.date()
    live = access.existing(actor, now).filter(state="active")
    months = [_later(today, n) for n in range(MONTHS + 1)]
    years = [date(today.year + n, 1, 1) for n in range(YEARS + 1)]
    dateless = live.filter(last_protected_day__isnull=True)
    return Forecast(
        months=_cohorts(live, TruncMonth("last_protected_day"), months, today),
        years=_cohorts(live, TruncYear("last_protected_day"), years, today),
        by_event=capped(dateless.filter(tail_kind="event")),
        indefinite=capped(dateless.filter(tail_kind="indefinite")),
    )


def silent_expiries(on: date) -> int:
    """Return how many matters ended by ``on`` with nobody told: still in force, or lapsed without a notice; must be 0."""
    overdue = Matter.objects.filter(state="active", declassified_from__lte=on).count()
    leaves = set(
        Entry.objects.filter(act="declassification.lapse", stream__startswith="matter:").values_list(
            "stream", flat=True
        )
    )
    told = Notice.objects.filter(code="matter.lapsed").values_list("matter_id", flat=True)
    return overdue + len(leaves - {f"matter:{pk}" for pk in told})
