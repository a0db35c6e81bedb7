"""Search over blind bigrams: hits are filtered for the reader and confirmed on the decrypted text before they count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, QuerySet

from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid
from dingmi.engines import crypto
from dingmi.queries import access, content
from dingmi.records.keys import asking as keys
from dingmi.records.matters.models import Matter, Posting

SHORTEST = 2  # characters after folding; one character would let the index be read by trial


def tokens(level: str, texts: Iterable[str]) -> set[bytes]:
    """Return the blind bigrams of ``texts`` under the index key of ``level``."""
    key = keys.key(level, "index")
    made: set[bytes] = set()
    for text in texts:
        made |= crypto.blind_bigrams(key, text)
    return made


def matching(rows: QuerySet[Matter], words: str, levels: Iterable[str] = access.LEVELS) -> list[Matter]:
    """Return the matters of ``rows`` whose title or number contains every word of ``words``, latest first.

    While the keys of the highest level are closed, its matters are left out, as every page tells who might read them.

    Args:
        words: What the reader typed; parts between blanks must all occur.
    Raises:
        Invalid: ``search.too_short`` when a part has fewer than two characters.
    """
    parts = words.split()
    if not parts or any(len(crypto.fold(p).replace(" ", "")) < SHORTEST for p in parts):
        raise Invalid("search.too_short", (), fields={"words": "search.too_short"}, shortest=SHORTEST)
    hits: list[Matter] = []
    for level in (level for level in levels if not keys.is_away(level)):
        key = keys.key(level, "index")
        wanted = set().union(*(crypto.query_bigrams(key, part) for part in parts))
        ids = (
            Posting.objects.filter(level=level, token__in=wanted)
            .values("matter")
            .annotate(found=Count("token", distinct=True))
            .filter(found=len(wanted))
            .values("matter")
        )
        hits += [row for row in rows.filter(level=level, pk__in=ids) if _holds(row, parts)]
    return sorted(hits, key=lambda r: (r.changed_at, r.pk), reverse=True)


def _holds(row: Matter, parts: list[str]) -> bool:
    texts = (content.title(row), content.doc_number(row), row.register_no or "")
    return all(any(crypto.matches(text, part) for text in texts) for part in parts)


def find(actor: Actor, now: datetime, words: str) -> list[Matter]:
    """Return the matters that ``actor`` may read and that contain ``words``."""
    return matching(access.visible(actor, now), words)
