"""通知：what was told to the reader, by code and ids; words come from the catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base import messages
from dingmi.base.actor import Actor
from dingmi.base.errors import Finding
from dingmi.queries import access, grades, numbers
from dingmi.queries.registry import query
from dingmi.records.notices.models import Notice

SHOWN = 50


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
    is_grade: bool = False  # the matter is a work or trade secret


@dataclass(frozen=True, slots=True)
class Inbox:
    """The reader's notices, newest first."""

    notices: tuple[NoticeRow, ...]
    unread: int


@query("inbox", recorded=False)
def inbox(*, actor: Actor, now: datetime) -> Inbox:
    """Notices to the reader; a matter is named only while the reader may know it."""
    mine = Notice.objects.filter(person_id=actor.person_id).order_by("-created_at", "-pk")
    rows = list(mine[:SHOWN])
    ids = [n.matter_id for n in rows if n.matter_id]
    known = {m.pk: m for m in access.existing(actor, now).filter(pk__in=ids)}
    apart = {m.pk: m for m in grades.visible(actor, now).filter(pk__in=ids)}
    made = []
    for row in rows:
        said = messages.render(Finding(row.code, "note", (), row.params), actor.language)
        matter = known.get(row.matter_id) or apart.get(row.matter_id)
        made.append(
            NoticeRow(
                id=row.pk,
                at=row.created_at,
                text=said.text,
                remedy=said.remedy,
                matter=matter.pk if matter else None,
                label=numbers.shown(matter.pk, matter.register_no) if matter else "",
                acknowledged=row.acknowledged_at is not None,
                is_grade=row.matter_id in apart,
            )
        )
    return Inbox(tuple(made), mine.filter(acknowledged_at__isnull=True).count())
