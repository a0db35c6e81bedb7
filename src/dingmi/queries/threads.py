"""Threads of comments on a text under review, as their reader sees them: what somebody else keeps back is not there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import content
from dingmi.queries.row_version import version_of
from dingmi.records.matters.models import Comment, Matter


@dataclass(frozen=True, slots=True)
class Words:
    """One comment: who, when, what; ``held`` until the verdict is signed."""

    id: UUID
    who: str
    at: datetime
    text: str
    held: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with its answers, on a stretch [start, end) of the text as it is now.

    ``moved``: the words spoken of are no longer in the text; the stretch is then empty and ``quote`` tells them.
    """

    id: UUID
    number: int
    start: int
    end: int
    quote: str
    moved: bool
    said: tuple[Words, ...]
    resolved: bool
    resolved_by: str
    version: str


def of(actor: Actor, matter: Matter, text: str) -> tuple[Thread, ...]:
    """Return the threads of ``matter`` in the order of its ``text``, those about words that are gone last."""
    rows = Comment.objects.filter(matter=matter).select_related("author", "resolved_by").order_by("start", "at", "pk")
    seen = [r for r in rows if r.published_at is not None or str(r.author_id) == actor.person_id]
    answers: dict[UUID, list[Comment]] = {}
    for row in seen:
        if row.parent_id is not None:
            answers.setdefault(row.parent_id, []).append(row)
    found = []
    for row in (r for r in seen if r.parent_id is None):
        words = json.loads(content.opened(row, "words_ct", matter.level))
        start, end = placed(text, row.start, row.end, str(words.get("quote") or ""))
        said = [row, *sorted(answers.get(row.pk, []), key=lambda r: r.at)]
        found.append((start, end, str(words.get("quote") or ""), row, said))
    found.sort(key=lambda f: (f[0] < 0, f[0], f[3].at))
    return tuple(
        Thread(
            id=row.pk,
            number=place,
            start=max(start, 0),
            end=max(end, 0),
            quote=quote,
            moved=start < 0,
            said=_words(actor, matter, said),
            resolved=row.resolved_at is not None,
            resolved_by=row.resolved_by.name if row.resolved_by else "",
            version=version_of(row),
        )
        for place, (start, end, quote, row, said) in enumerate(found, 1)
    )


def _words(actor: Actor, matter: Matter, rows: Sequence[Comment]) -> tuple[Words, ...]:
    return tuple(
        Words(
            id=r.pk,
            who=r.author.name,
            at=r.at,
            text=str(json.loads(content.opened(r, "words_ct", matter.level))["text"]),
            held=r.published_at is None,
            mine=str(r.author_id) == actor.person_id,
        )
        for r in rows
    )


def placed(text: str, start: int, end: int, quote: str) -> tuple[int, int]:
    """Return where a stretch stands in a text that may have changed; (-1, -1) when its words are gone."""
    if quote and text[start:end].startswith(quote):
        return start, end
    at = text.find(quote) if quote else -1
    return (at, at + (end - start)) if at >= 0 else (-1, -1)
