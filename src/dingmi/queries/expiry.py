"""到期与审核：what ends within 90 days, open yearly reviews, conditions to check, what was missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import access
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, capped, rows_of
from dingmi.records.matters.models import Decision, Proposal, ReviewTask

VIEWS = ("due", "annual", "event", "late")
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Month:
    """The matters of one month."""

    name: str
    rows: tuple[ExpiryRow, ...]


@dataclass(frozen=True, slots=True)
class ExpiryRow:
    """One matter with the proposal that waits on it."""

    row: MatterRow
    proposed: str
    version: int
    days_left: int
    level: str
    may_batch: bool


@dataclass(frozen=True, slots=True)
class Expiry:
    """The page of expiry and review."""

    view: str
    today: date
    months: tuple[Month, ...]
    late: int
    days30: int
    days60: int
    days90: int
    events: int
    annual_open: int
    annual_all: int
    annual_done: int


def _pending(ids: list[Any]) -> dict[Any, str]:
    """Return the open proposal per matter: the latest one, if nobody has decided on it."""
    latest: dict[Any, Proposal] = {}
    for proposal in Proposal.objects.filter(matter__in=ids).order_by("number"):
        latest[proposal.matter_id] = proposal
    decided = set(Decision.objects.filter(proposal__in=list(latest.values())).values_list("proposal_id", flat=True))
    return {m: p.act.partition(".")[2] for m, p in latest.items() if p.pk not in decided}


@query("expiry", roles=(Role.OFFICER, Role.SECRECY_OFFICE), clauses=("JM-4.1", "SEED-19", "TL-22.1"))
def expiry(*, actor: Actor, now: datetime, view: str = "due") -> Expiry:
    """What ends or is to be reviewed, nearest first.

    Raises:
        Invalid: An unknown view.
    """
    if view not in VIEWS:
        raise Invalid("input.invalid", (), fields={"view": "choice.unknown"})
    today = now.date()
    live = access.existing(actor, now).filter(state="active")

    def ending(first: int, last: int) -> Any:
        return live.filter(
            last_protected_day__gte=today + timedelta(days=first), last_protected_day__lte=today + timedelta(days=last)
        )

    tasks = ReviewTask.objects.filter(matter=OuterRef("pk"))
    annual = live.filter(Exists(tasks.filter(kind="annual", done_at__isnull=True)))
    events = live.filter(last_protected_day__isnull=True)
    late = live.filter(Exists(tasks.filter(done_at__isnull=True, due_on__lt=today)))
    chosen = {"due": ending(0, 90), "annual": annual, "event": events, "late": late}[view]
    matters = list(chosen.select_related("department", "officer").order_by("last_protected_day", "pk")[:SHOWN])
    proposed = _pending([m.pk for m in matters])
    groups: dict[str, list[ExpiryRow]] = {}
    for matter, row in zip(matters, rows_of(matters, today), strict=True):
        day = matter.last_protected_day
        name = f"{day.year} 年 {day.month} 月" if day else "按解密条件"
        days = row.days_left if row.days_left is not None else 90
        may = matter.level == "秘密" and row.is_content
        groups.setdefault(name, []).append(
            ExpiryRow(
                row, proposed.get(matter.pk, "") if row.is_content else "", matter.version, days, matter.level, may
            )
        )
    yearly = ReviewTask.objects.filter(kind="annual", year=today.year, matter__in=live.values("pk"))
    return Expiry(
        view=view,
        today=today,
        months=tuple(Month(name, tuple(rows)) for name, rows in groups.items()),
        late=capped(late),
        days30=capped(ending(0, 30)),
        days60=capped(ending(31, 60)),
        days90=capped(ending(61, 90)),
        events=capped(events),
        annual_open=capped(annual),
        annual_all=yearly.count(),
        annual_done=yearly.filter(done_at__isnull=False).count(),
    )
