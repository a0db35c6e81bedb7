"""How far the comparison of a new draft has come that arrived before the index of its drafter was made (ADR 0066)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, readying, suggested, suggestions
from dingmi.queries.registry import query


@dataclass(frozen=True, slots=True)
class Comparing:
    """Whether a draft waits to be compared, whether it need not wait longer, and of how many matters so many are read."""

    matter: UUID
    version: int
    waiting: bool
    ready: bool
    done: int
    of: int


@query("draft.comparing", roles=(Role.DRAFTER,), recorded=False, clauses=("TL-18.1",))
def comparing(*, actor: Actor, now: datetime, matter: UUID) -> Comparing:
    """Tell how far the comparison has come; once it is ready, ``determination.compare`` makes it.

    Raises:
        NotFound: There is no such draft, or it is not the actor's.
    """
    row = access.matter_for(actor, now, matter)
    if str(row.drafter_id) != actor.person_id:
        raise NotFound("object.not_found")
    done, of = suggestions.progress(actor)
    waiting = suggested.is_waiting(content.suggestion(row.pk))
    return Comparing(row.pk, row.version, waiting, not readying.is_under_way(actor), done, of)
