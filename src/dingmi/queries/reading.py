"""Who reads, as the database is told: its row security repeats the filters of ``access`` for this reader (SR-20)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from dingmi.base.actor import THREE_ADMINISTRATORS, Actor
from dingmi.records.matters import row_security

everything = row_security.everything


def reading(actor: Actor, now: datetime) -> AbstractContextManager[None]:
    """Let the database show what ``actor`` may see at ``now``."""
    return row_security.told(_described(actor, now))


def _described(actor: Actor, now: datetime) -> dict[str, Any]:
    if not actor.person_id or actor.holds(*THREE_ADMINISTRATORS):
        return {}
    return {
        "person": actor.person_id,
        "organ": actor.organ_id or None,
        "departments": list(actor.department_ids),
        "roles": sorted(actor.roles),
        "clearance": actor.clearance,
        "now": now.isoformat(),
    }
