"""通知：what was told to the reader, by code and ids; words come from the catalogues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, count
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate

from dingmi.base import messages
from dingmi.base.actor import Actor
from dingmi.base.errors import Finding, Invalid
from dingmi.queries import access, grades, numbers
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.queries.rows import at_most, capped
from dingmi.records.notices.models import Notice

SHOWN = 50  # groups on one page
MOST_OF_A_GROUP = 200  # notices listed in one group; the export has them all
AT_ONCE = 500  # notices whose matters are asked for together
MOST_PAGES = 10_000
ONLY = ("", "unread")


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice in the reader's language."""

    id: UUID
    at: datetime
    text: str
    remedy: str
    matter: UUID | None
    label: str
    acknowledged: bool
    signed_for: bool  # by itself: a receipt that the law asks for
    is_grade: bool = False  # the matter is a work or trade secret


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """What was told of one kind on one day, newest first: how many, and how many of them are open and taken note of together."""

    code: str
    day: date
    until: datetime  # the newest of them
    count: int
    unread: int
    together: int
    notices: tuple[NoticeRow, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of what was told to the reader, by day and kind, newest first."""

    groups: tuple[NoticeGroup, ...]
    unread: int
    found: int
    only: str
    page: int
    pages: int

    @property
    def notices(self) -> tuple[NoticeRow, ...]:
        """Every notice of the page."""
        return tuple(chain.from_iterable(group.notices for group in self.groups))


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """Return what was told to the actor, but of matters that a conflict keeps him out of since (SR-13)."""
    mine: QuerySet[Notice] = Notice.objects.filter(person_id=actor.person_id)
    return mine.exclude(matter_id__in=access.barred_from(actor)) if actor.person_id else mine.none()


def _asked(actor: Actor, only: str, page: int) -> QuerySet[Notice]:
    if only not in ONLY or not 1 <= page <= MOST_PAGES:
        raise Invalid("input.invalid", (), fields={"only" if only not in ONLY else "page": "choice.unknown"})
    mine = notices_of(actor).order_by("-created_at", "-pk")
    return mine.filter(acknowledged_at__isnull=True) if only else mine


def _rows(actor: Actor, now: datetime, rows: list[Notice]) -> Iterator[NoticeRow]:
    ids = [n.matter_id for n in rows if n.matter_id]
    known = {m.pk: m for m in access.existing(actor, now).filter(pk__in=ids)}
    apart = {m.pk: m for m in grades.visible(actor, now).filter(pk__in=ids)}
    for row in rows:
        said = messages.render(Finding(row.code, "note", (), row.params), actor.language)
        matter = known.get(row.matter_id) or apart.get(row.matter_id) if row.matter_id else None
        yield NoticeRow(
            id=row.pk,
            at=row.created_at,
            text=said.text,
            remedy=said.remedy,
            matter=matter.pk if matter else None,
            label=numbers.shown(matter.pk, matter.register_no) if matter else "",
            acknowledged=row.acknowledged_at is not None,
            signed_for=row.must_acknowledge,
            is_grade=row.matter_id in apart,
        )


def every(*, actor: Actor, now: datetime, only: str = "", page: int = 1) -> Iterator[NoticeRow]:
    """Yield every notice that the pages of the inbox go through, whatever the page."""
    rows = _asked(actor, only, page)
    for start in count(0, AT_ONCE):
        some = list(rows[start : start + AT_ONCE])
        if not some:
            return
        yield from _rows(actor, now, some)


def _groups(actor: Actor, now: datetime, rows: QuerySet[Notice], page: int) -> tuple[tuple[NoticeGroup, ...], int]:
    """Return the groups of one page, and how many there are."""
    is_open = Q(acknowledged_at__isnull=True)
    kinds = (
        rows.order_by()
        .annotate(day=TruncDate("created_at", tzinfo=ZONE))
        .values("day", "code")
        .annotate(
            until=Max("created_at"),
            number=Count("pk"),
            unread=Count("pk", filter=is_open),
            together=Count("pk", filter=is_open & Q(must_acknowledge=False)),
        )
        .order_by("-day", "-until", "code")
    )
    shown = list(kinds[(page - 1) * SHOWN : page * SHOWN])
    told = _told(actor, now, rows, shown)
    return tuple(
        NoticeGroup(
            code=kind["code"],
            day=kind["day"],
            until=kind["until"],
            count=at_most(kind["number"]),
            unread=at_most(kind["unread"]),
            together=kind["together"],
            notices=tuple(told[kind["day"], kind["code"]]),
        )
        for kind in shown
    ), kinds.count()


def _told(
    actor: Actor, now: datetime, rows: QuerySet[Notice], kinds: list[Any]
) -> dict[tuple[date, str], list[NoticeRow]]:
    """Return the newest notices of every group that is shown, read together."""
    told: dict[tuple[date, str], list[NoticeRow]] = {(kind["day"], kind["code"]): [] for kind in kinds}
    if not told:
        return told
    days = [day for day, _code in told]
    newest = [F("created_at").desc(), F("pk").desc()]
    placed = (
        rows.order_by(*newest)
        .annotate(day=TruncDate("created_at", tzinfo=ZONE))
        .filter(
            created_at__gte=datetime.combine(min(days), time(), ZONE),
            created_at__lt=datetime.combine(max(days) + timedelta(days=1), time(), ZONE),
            code__in={code for _day, code in told},
        )
    )
    within = Window(RowNumber(), partition_by=[F("day"), F("code")], order_by=newest)
    chosen: QuerySet[Any] = placed.annotate(place=within).filter(place__lte=MOST_OF_A_GROUP)
    some = [notice for notice in chosen if (notice.day, notice.code) in told]
    for start in range(0, len(some), AT_ONCE):
        part = some[start : start + AT_ONCE]
        for notice, row in zip(part, _rows(actor, now, part), strict=True):
            told[notice.day, notice.code].append(row)
    return told


@query("inbox", recorded=False)
def inbox(*, actor: Actor, now: datetime, only: str = "", page: int = 1) -> Inbox:
    """Notices to the reader, those of one kind and day together; a matter is named only while the reader may know it.

    Args:
        only: ``unread``: those that are not acknowledged.
    """
    rows = _asked(actor, only, page)
    groups, number = _groups(actor, now, rows, page)
    return Inbox(
        groups=groups,
        unread=capped(_asked(actor, "unread", 1)),
        found=capped(rows),
        only=only,
        page=page,
        pages=max(1, -(-number // SHOWN)),
    )
