"""Rulings of the consistency radar beside a draft: precedents of its item or of what it reuses, for reference only (FW-4)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor
from dingmi.queries import content, discord, facts, numbers, radar
from dingmi.queries.access import visible
from dingmi.records.oversight.radar import Discord

SHOWN = 3  # the latest


@dataclass(frozen=True, slots=True)
class Precedent:
    """One ruling: which difference between two like matters stood, or which was followed, why, by whom and when.

    ``case`` leads to the case where the reader's role opens it; the matters can be opened by everyone who is shown the ruling.
    """

    case: UUID | None
    number: str
    outcome: str  # stands / follow_one / follow_other
    differs: tuple[str, ...]
    one: UUID
    one_number: str
    one_mark: str  # as it was when the two were compared
    other: UUID
    other_number: str
    other_mark: str
    basis: str
    reason: str
    level: str  # of the words
    ruled_by: str
    ruled_on: date
    reused: bool  # what the draft reuses is one of the two


def precedents(
    actor: Actor, now: datetime, items: Collection[UUID], sources: Collection[UUID]
) -> tuple[Precedent, ...]:
    """Return the latest rulings on matters of ``items`` or among ``sources``, those on sources first.

    Both matters of a ruling must be readable to the reader: nobody learns from it that the other exists.
    """
    near = Q(one__in=sources) | Q(other__in=sources)
    alike = Q(one__item__in=items) | Q(other__item__in=items) | Q(item__in=items)
    seen = visible(actor, now).values("pk")
    rows = Discord.objects.filter(near | alike, one__in=seen, other__in=seen, ruled_at__lte=now)
    rows = rows.exclude(outcome="").select_related("one", "other", "ruled_by", "item__edition")
    latest = list(rows.order_by("-ruled_at", "-number")[: 10 * SHOWN])
    latest.sort(key=lambda r: not {r.one_id, r.other_id} & set(sources))
    opens = actor.holds(*radar.READERS)
    return tuple(_precedent(row, row.ruled_at, opens, set(sources)) for row in latest[:SHOWN] if row.ruled_at)


def _precedent(row: Discord, ruled_at: datetime, opens: bool, sources: set[UUID]) -> Precedent:
    words = json.loads(content.opened(row, "words_ct", row.level) or "{}")
    return Precedent(
        case=row.pk if opens else None,
        number=discord.called(row),
        outcome=row.outcome,
        differs=tuple(row.differs),
        one=row.one_id,
        one_number=numbers.shown(row.one_id, row.one.register_no),
        one_mark=_mark(row, "one"),
        other=row.other_id,
        other_number=numbers.shown(row.other_id, row.other.register_no),
        other_mark=_mark(row, "other"),
        basis=f"《{row.item.edition.title}》{row.item.number}" if row.item else "",
        reason=str(words.get("reason", "")),
        level=row.level,
        ruled_by=row.ruled_by.name if row.ruled_by else "",
        ruled_on=ruled_at.date(),
        reused=bool({row.one_id, row.other_id} & sources),
    )


def _mark(row: Discord, side: str) -> str:
    """Return the mark of one of the two as it was compared."""
    terms = row.terms[side]
    return facts.mark(terms["level"], terms["period"])
