"""What waits for an officer who may decide no longer is handed on: to those who can, and the office hears where none can."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Role
from dingmi.queries import coverage, facts, standing
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice

MOST = 500  # proposals looked at in one go


def hand_on(person: UUID, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Tell those who can decide what waits, since ``person`` cannot; return how many waited, and units without anyone.

    Past acts stay as they are (ZX-17): nothing that was decided is touched.
    """
    able = standing.officers(now)
    told: list[Notice] = []
    rows = Matter.objects.filter(standing.OURS, state="proposed").order_by("created_at", "pk")[:MOST]
    known: dict[tuple[str, UUID | None, bool], tuple[UUID, ...]] = {}
    for row in rows:
        place = (row.level, row.item_id, row.origin == "derivative")
        if place not in known:
            found = facts.able_among(able, row.level, row.item_id, now, derivative=place[2])
            known[place] = tuple(o.person for o in found if o.person != person)
        others = [p for p in known[place] if p != row.drafter_id]
        code = "officers.work_handed_on" if others else "officers.work_without_anyone"
        whom = others or standing.holders(Role.SECRECY_OFFICE, now)
        told += [Notice(person_id=p, code=code, matter_id=row.pk, created_at=now) for p in whom]
    Notice.objects.bulk_create(told, batch_size=500)
    return len(rows), tuple(u.name for u in coverage.uncovered(now))
