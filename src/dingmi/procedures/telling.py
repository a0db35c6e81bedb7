"""书面通知：who is told of a change of a matter, those who leave its scope with it, each by a notice of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.procedures import shelf
from dingmi.records.matters.models import Matter, ScopeEntry
from dingmi.records.notices.models import Notice


@dataclass(frozen=True, slots=True)
class Recipients:
    """Persons of our organ, and other organs."""

    persons: frozenset[UUID]
    organs: frozenset[UUID]

    def __or__(self, other: Recipients) -> Recipients:
        return Recipients(self.persons | other.persons, self.organs | other.organs)


def recipients(row: Matter, now: datetime) -> Recipients:
    """Return whom the scope of ``row`` admits at ``now``."""
    entries = ScopeEntry.objects.filter(matter=row, organ__isnull=False, organ__is_home=False, since__lte=now)
    organs = entries.exclude(until__lte=now).values_list("organ", flat=True)
    return Recipients(frozenset(shelf.people_in(row, now)), frozenset(organs))


def tell(row: Matter, to: Recipients, code: str, now: datetime, **params: Any) -> int:
    """Queue a notice to be signed for, one for each recipient; return how many."""
    told = shelf.tell(sorted(to.persons, key=str), code, row, now, acknowledge=True, **params)
    made = [
        Notice(organ_id=organ, code=code, matter_id=row.pk, params=params, must_acknowledge=True, created_at=now)
        for organ in sorted(to.organs, key=str)
    ]
    Notice.objects.bulk_create(made)
    return told + len(made)


def tell_change(row: Matter, before: Recipients, code: str, now: datetime, **params: Any) -> int:
    """Tell everyone who knew the matter before, or knows it now, what changed (BMF-23.2); return how many."""
    return tell(row, before | recipients(row, now), code, now, **params)
