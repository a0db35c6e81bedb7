"""The index of a drafter is put together while the file is being chosen, so that the first answer after a start need not wait for it.

One reader after the other, in one thread of the process that serves the pages. It is the same index, made of the same rows,
that a draft would have to wait for; nothing is decided here, and what breaks off is made when the draft is compared. A draft that
comes before is matched to guide items alone, says so, and is compared as soon as the index is there (ADR 0066).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.db import connections

from dingmi.base.actor import Actor
from dingmi.queries import clock, suggestions
from dingmi.queries.reading import reading

_asked: dict[str, Actor] = {}  # by person, in the order they came
_busy = False
_now = ""  # the person whose index is being made
_changing = Lock()


def suggest(actor: Actor, now: datetime, text: str, blocks: Sequence[dict[str, Any]]) -> suggestions.Found:
    """Suggest for a new text; where the index is still to be made in the background, without what needs it."""
    if settings.DINGMI_KEY_SERVICE and not suggestions.is_soon(actor, now):
        begin(actor)
        return suggestions.without_sources(actor, now, text, blocks)
    return suggestions.suggest(actor, now, text, blocks)


def is_under_way(actor: Actor) -> bool:
    """Tell whether the index of ``actor`` is being made in the background of this process, or is about to be."""
    with _changing:
        return actor.person_id in _asked or actor.person_id == _now


def begin(actor: Actor) -> None:
    """Put the index of ``actor`` together in the background; where no pages are served, the draft itself does it."""
    global _busy
    if not settings.DINGMI_KEY_SERVICE:
        return
    with _changing:
        _asked[actor.person_id] = actor
        is_first, _busy = not _busy, True
    if is_first:
        Thread(target=_one_after_the_other, daemon=True).start()


def _next() -> Actor | None:
    global _busy, _now
    with _changing:
        _busy = bool(_asked)
        _now = next(iter(_asked), "")
        return _asked.pop(_now) if _asked else None


def _one_after_the_other() -> None:
    try:
        while (actor := _next()) is not None:
            put_together(actor)
    finally:
        connections.close_all()


def put_together(actor: Actor) -> None:
    """Put the index of ``actor`` together now; a failure is left to the draft, which tells its drafter."""
    now = clock.now()
    try:
        with reading(actor, now):
            suggestions.ready(actor, now)
    except Exception:
        logging.getLogger(__name__).warning("an index was not put together ahead", exc_info=True)
