"""告警：what administrators and the secrecy office are told at once; a code, names and numbers, never text of matters (SR-30)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dingmi.base.actor import Role
from dingmi.queries import standing
from dingmi.records.notices.models import Notice


def alarm(code: str, now: datetime, to: tuple[Role, ...], **params: Any) -> None:
    """Queue one notice to each person who holds one of the roles ``to``; the caller's act is open."""
    people = dict.fromkeys(person for role in to for person in standing.holders(role, now))
    Notice.objects.bulk_create(
        [Notice(person_id=person, code=code, params=params, created_at=now) for person in people]
    )
