"""What waits for an officer who may decide no longer is handed on: to those who can, and the office hears where none can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Role
from dingmi.queries import coverage, facts, standing
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.regime.prc_state.levels import covers

MOST = 500  # proposals looked at in one go
TOLD = ("proposal.waiting", "officers.work_handed_on")  # whoever got one of these, the proposal waits for
NOBODY = "officers.work_without_anyone"


def hand_on(person: UUID, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Hand on what waits for ``person``, who cannot decide any more; return how much it was, and units without anyone.

    Past acts stay as they are (ZX-17): nothing that was decided is touched.
    """
    return len(_handed_on(now, person)), tuple(u.name for u in coverage.uncovered(now))


def hand_on_lapsed(now: datetime) -> int:
    """Hand on what waits only for officers whose term, training, grade or clearance has ended, or the organ's delegation.

    Such an end is nobody's act: the daily round finds it. Nobody is told twice of the same.
    """
    return len(_handed_on(now))


def _handed_on(now: datetime, person: UUID | None = None) -> list[Matter]:
    """Tell others of each proposal that waits for ``person``, or for nobody who can decide it; return those proposals."""
    rows = list(standing.undecided(Matter.objects.filter(standing.OURS)).order_by("created_at", "pk")[:MOST])
    told, last = _told(m.pk for m in rows)
    barred = standing.barred_from_each(rows)
    able = standing.officers(now)
    authority = standing.organ_authority(now)
    known: dict[tuple[str, UUID | None, bool], tuple[standing.OfficerStanding, ...]] = {}
    found, notices = [], list[Notice]()
    for row in rows:
        derived = row.origin == "derivative"
        place = (row.level, row.item_id, derived)
        if place not in known:
            within = derived or covers(authority, row.level)  # what is derived asks no authority of the organ (GD-11.3)
            known[place] = facts.able_among(able, *place[:2], now, derivative=derived) if within else ()
        apart = {person, row.drafter_id, *barred[row.pk]}
        others = facts.designated_first(o for o in known[place] if o.person not in apart)
        if person not in told[row.pk] and (
            told[row.pk] & {o.person for o in others} or _office_knows(others, last, row)
        ):
            continue
        code = TOLD[1] if others else NOBODY
        whom = [o.person for o in others] or standing.holders(Role.SECRECY_OFFICE, now)
        notices += [Notice(person_id=p, code=code, matter_id=row.pk, created_at=now) for p in whom]
        found.append(row)
    Notice.objects.bulk_create(notices, batch_size=500)
    return found


def _office_knows(others: tuple[standing.OfficerStanding, ...], last: dict[UUID, str], row: Matter) -> bool:
    return not others and last.get(row.pk) == NOBODY


def _told(matters: Iterable[UUID]) -> tuple[dict[UUID, set[UUID]], dict[UUID, str]]:
    """Return whom each proposal waits for as far as they were told, and the last that was told of it."""
    told: dict[UUID, set[UUID]] = defaultdict(set)
    last: dict[UUID, str] = {}
    sent = Notice.objects.filter(matter_id__in=list(matters), code__in=(*TOLD, NOBODY)).order_by("created_at", "pk")
    for matter, code, person in sent.values_list("matter_id", "code", "person"):
        last[matter] = code
        if code in TOLD:
            told[matter].add(person)
    return told, last
