"""岗位津贴 of a month: for each day in office and not suspended, the share of the rule in force that day."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import standing
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.records.officers.models import Officer
from dingmi.records.officers.performance import Allowance

READERS = (Role.SECRECY_OFFICE, Role.HEAD)


@dataclass(frozen=True, slots=True)
class AllowanceRule:
    """One rule: what a seat is paid a month."""

    tier: str
    max_level: str
    yuan: int
    instrument: str
    since: date
    until: date | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class AllowanceLine:
    """What one officer is due for a month, in hundredths of a yuan."""

    person: UUID
    name: str
    tier: str
    max_level: str
    days: int
    suspended: int
    cents: int

    @property
    def yuan(self) -> str:
        """The sum in yuan."""
        return f"{self.cents // 100}.{self.cents % 100:02}"


@dataclass(frozen=True, slots=True)
class Allowances:
    """The rules, and what is due for a month."""

    month: str
    rules: tuple[AllowanceRule, ...]
    rows: tuple[AllowanceLine, ...]
    total: str


def _month(text: str, today: date) -> date:
    try:
        first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
    except ValueError:
        raise Invalid("input.invalid", (), fields={"month": "date.malformed"}) from None
    if first > today:
        raise Invalid("input.invalid", (), fields={"month": "date.future"})
    return first


def _rule(rule: Allowance, today: date) -> AllowanceRule:
    is_over = rule.until is not None and rule.until < today
    return AllowanceRule(rule.tier, rule.max_level, rule.yuan, rule.instrument, rule.since, rule.until, is_over)


def _day_of(rules: list[Allowance], tier: str, level: str, day: date) -> int:
    """Return the yuan a month that the rule in force on a day gives a seat."""
    for rule in rules:
        if (
            (rule.tier, rule.max_level) == (tier, level)
            and rule.since <= day
            and (rule.until is None or day <= rule.until)
        ):
            return int(rule.yuan)
    return 0


@query("officers.allowances", roles=READERS, clauses=("SEED-9",))
def officers_allowances(*, actor: Actor, now: datetime, month: str = "") -> Allowances:
    """What officers are due for a month by the rules in force each day; days of suspension are not paid.

    Args:
        month: ``2026-03``; by default this month up to today.
    """
    today = now.date()
    first = _month(month, today)
    length = monthrange(first.year, first.month)[1]
    rules = list(Allowance.objects.order_by("-since", "-set_at", "pk"))
    ours = Officer.objects.filter(person__organ_id=actor.organ_id)
    held: dict[UUID, tuple[str, str, str]] = {}
    days, suspended, sums = Counter[UUID](), Counter[UUID](), Counter[UUID]()
    for offset in range(min(length, (today - first).days + 1)):
        day = first + timedelta(days=offset)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
        for seat in standing.roll(ours, noon):
            if not seat.max_level:
                continue
            held[seat.person] = (seat.name, seat.tier, seat.max_level)
            days[seat.person] += 1
            suspended[seat.person] += seat.suspended
            if not seat.suspended:
                sums[seat.person] += _day_of(rules, seat.tier, seat.max_level, day)
    rows = tuple(
        AllowanceLine(person, name, tier, level, days[person], suspended[person], round(100 * sums[person] / length))
        for person, (name, tier, level) in sorted(held.items(), key=lambda item: (item[1][0], str(item[0])))
    )
    total = sum(row.cents for row in rows)
    return Allowances(
        month=f"{first:%Y-%m}",
        rules=tuple(_rule(r, today) for r in rules),
        rows=rows,
        total=f"{total // 100}.{total % 100:02}",
    )
