"""P17 提醒: copies that are to come back or to go back to their issuer, slips not signed, and the count of the year."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures import sweep
from dingmi.procedures.appointment import tell_once
from dingmi.procedures.frame import procedure
from dingmi.queries import carriers as register
from dingmi.queries import policy, standing
from dingmi.records.carriers.models import Carrier, StockTake
from dingmi.records.ledger.append import append
from dingmi.regime.prc_state import carriers as law

FOLLOW = "carriers.follow"


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many reminders were sent, and how many of them were of what is late."""

    reminded: int
    late: int


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("TL-27.9", "TL-27.2", "BMF-26.1"))
def follow(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind holders of what they are to bring back, and the office of what is late, weekly; of the count, monthly. 提醒载体归还、清退和清点。"""
    sweep.alone()
    office = standing.holders(Role.SECRECY_OFFICE, now)
    ahead = today + timedelta(days=max(policy.CARRIER_LEAD_DAYS))
    sent = late = 0
    due: Counter[tuple[UUID, date]] = Counter()
    lent = Carrier.objects.filter(state__in=law.HELD, due_on__lte=ahead, holder__isnull=False)
    due.update(lent.values_list("holder", "due_on"))
    for (holder, day), count in sorted(due.items(), key=lambda kept: (kept[0][1], str(kept[0][0]))):
        told, was_late = _one(now, today, day, "carrier.back", str(holder), (holder,), office, count)
        sent, late = sent + told, late + was_late
    for state, what, column in (
        (("sent",), "carrier.slip", "due_on"),
        (("away",), "carrier.away", "due_on"),
        (law.INSIDE, "carrier.return", "return_by"),
    ):
        days = Counter(
            Carrier.objects.filter(state__in=state, **{f"{column}__lte": ahead}).values_list(column, flat=True)
        )
        for day, count in sorted(days.items()):
            told, was_late = _one(now, today, day, what, what, office, office, count)
            sent, late = sent + told, late + was_late
    sent += _count_of_the_year(now, today, office)
    append(
        actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data={"today": today, "reminded": sent, "late": late}
    )  # fmt: skip
    return Reminded(sent, late)


def _one(
    now: datetime,
    today: date,
    day: date,
    what: str,
    of: str,
    before: tuple[UUID, ...],
    office: tuple[UUID, ...],
    count: int,
) -> tuple[int, int]:
    """Tell of copies of one day; return how many were told, and of these how many that it is late."""
    left = (day - today).days
    known = {"of": of, "day": day.isoformat()}
    if left < 0:
        week = (-left - 1) // 7
        told = tell_once((*before, *office), f"{what}_late", now, {**known, "week": week}, count=count)
        return told, told
    lead = min((n for n in policy.CARRIER_LEAD_DAYS if left <= n), default=None)
    if lead is None:
        return 0, 0
    return tell_once(before, f"{what}_due", now, {**known, "lead": lead}, count=count), 0


def _count_of_the_year(now: datetime, today: date, office: tuple[UUID, ...]) -> int:
    """Tell the office once a month, late in the year, while nothing was counted in it (policy)."""
    if today.month < policy.number("carriers_counted_from_month", today):
        return 0
    if StockTake.objects.filter(year=today.year, closed_at__isnull=False).exists():
        return 0
    if not Carrier.objects.filter(state__in=law.INSIDE).exclude(form=register.ELECTRONIC).exists():
        return 0
    return tell_once(office, "carrier.count_due", now, {"month": f"{today:%Y-%m}"}, year=today.year)
