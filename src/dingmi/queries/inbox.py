"""通知：what was told to the reader, by code and ids; words come from the catalogues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base import messages
from dingmi.base.actor import Actor
from dingmi.base.errors import Finding, Invalid
from dingmi.queries import access, grades, numbers
from dingmi.queries.registry import query
from dingmi.records.notices.models import Notice

SHOWN = 50  # on one page
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
class Inbox:
    """One page of the reader's notices, newest first."""

    notices: tuple[NoticeRow, ...]
    unread: int
    found: int
    only: str
    page: int
    pages: int


def _asked(actor: Actor, only: str, page: int) -> QuerySet[Notice]:
    if only not in ONLY or not 1 <= page <= MOST_PAGES:
        raise Invalid("input.invalid", (), fields={"only" if only not in ONLY else "page": "choice.unknown"})
    mine = Notice.objects.filter(person_id=actor.person_id).order_by("-created_at", "-pk")
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
    for start in count(0, SHOWN):
        some = list(rows[start : start + SHOWN])
        if not some:
            return
        yield from _rows(actor, now, some)


@query("inbox", recorded=False)
def inbox(*, actor: Actor, now: datetime, only: str = "", page: int = 1) -> Inbox:
    """Notices to the reader; a matter is named only while the reader may know it.

    Args:
        only: ``unread``: those that are not acknowledged.
    """
    rows = _asked(actor, only, page)
    found = rows.count()
    start = (page - 1) * SHOWN
    return Inbox(
        notices=tuple(_rows(actor, now, list(rows[start : start + SHOWN]))),
        unread=_asked(actor, "unread", 1).count(),
        found=found,
        only=only,
        page=page,
        pages=max(1, -(-found // SHOWN)),
    )
