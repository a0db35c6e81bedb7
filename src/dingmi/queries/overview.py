"""一页总览: the organ in eight figures for its head; numbers only, no titles (S18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, standing
from dingmi.queries.registry import query
from dingmi.records.matters.models import Decision, ReviewTask
from dingmi.records.organs.models import Organ

LEVELS = ("绝密", "机密", "秘密")
DECIDING = ("determination.approve", "determination.change_and_approve")
SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, its parts by level, and where its records are listed."""

    name: str
    count: int
    levels: tuple[tuple[str, int], ...]
    url: str
    bad: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The organ on one page."""

    organ: str
    today: date
    tiles: tuple[Tile, ...]


def _tile(name: str, rows: Any, url: str = "", *, bad: bool = False) -> Tile:
    counts = dict(rows.order_by().values_list("level").annotate(n=Count("pk", distinct=True)))
    total = sum(counts.values())
    return Tile(name, total, tuple((k, counts[k]) for k in LEVELS if counts.get(k)), url, bad and total > 0)


@query("overview", roles=(Role.HEAD, Role.SECRECY_OFFICE))
def overview(*, actor: Actor, now: datetime) -> Overview:
    """Eight figures of the organ, counted over the matters whose existence the reader may know."""
    today, first = now.date(), now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = access.existing(actor, now)
    live = rows.filter(state="active")
    overdue = ReviewTask.objects.filter(matter=OuterRef("pk"), done_at__isnull=True, due_on__lt=today)
    decided = Decision.objects.filter(matter=OuterRef("pk"), act__in=DECIDING, at__gte=first, at__lte=now)
    able = sum(1 for o in standing.officers(now) if _able(o, now))
    tiles = (
        _tile("active", live, "/matters?state=active"),
        _tile("due", live.filter(last_protected_day__lte=today + SOON), "/matters?view=due"),
        _tile("late", live.filter(Exists(overdue)), bad=True),
        _tile("proposed", rows.filter(state="proposed"), "/matters?state=proposed"),
        _tile("referred", rows.filter(state="referred"), "/matters?state=referred"),
        _tile("decided", rows.filter(Exists(decided))),
        _tile("released", rows.filter(state="declassified", declassified_from__gte=first.date())),
        Tile("officers", able, (), "/officers", able == 0),
    )
    organ = Organ.objects.filter(is_home=True).values_list("name", flat=True).first()
    return Overview(str(organ or ""), today, tiles)


def _able(held: standing.OfficerStanding, now: datetime) -> bool:
    """Tell whether an officer may decide today: designated, trained, not suspended (TL-14.2)."""
    return bool(held.max_level) and not held.suspended and held.trained_until is not None and held.trained_until > now
