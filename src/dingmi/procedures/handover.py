"""What waits for an officer who may decide no longer is handed on: to those who can, and the office hears where none can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Role
from dingmi.procedures.review import PENDING
from dingmi.queries import coverage, facts, standing
from dingmi.records.matters.models import Matter, Proposal
from dingmi.records.notices.models import Notice
from dingmi.regime.prc_state.levels import covers

MOST = 500  # proposals of either kind looked at in one go
HANDED_ON = "officers.work_handed_on"
TOLD = ("proposal.waiting", "review.waiting", HANDED_ON)  # whoever got one of these, the proposal waits for
NOBODY = "officers.work_without_anyone"
SENT = ("matter_id", "code", "person", "created_at")


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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One proposal that waits for an officer: its matter, what it asks for, and whether the organ determines by it (BMF-17.1)."""

    matter: Matter
    determines: bool
    level: str
    item: UUID | None
    drafter: UUID
    at: datetime


def _waiting() -> list[_Waiting]:
    """Return what waits for an officer: first proposals, then those to review or change what is in force; the oldest first."""
    firsts = list(standing.undecided(Matter.objects.filter(standing.OURS)).order_by("created_at", "pk")[:MOST])
    proposed_at = dict(Proposal.objects.filter(matter__in=firsts).order_by("number").values_list("matter", "at"))
    later = standing.pending(PENDING).order_by("at", "pk").select_related("matter")[:MOST]
    return [
        *(
            _Waiting(m, m.origin != "derivative", m.level, m.item_id, m.drafter_id, proposed_at.get(m.pk, m.created_at))
            for m in firsts
        ),
        *(_Waiting(p.matter, _raises(p), p.level, p.item_id, p.drafter_id, p.at) for p in later),
    ]


def _raises(proposal: Proposal) -> bool:
    """Tell whether a change asks for a level that the organ needs authority for: a higher one, and not derived (GD-11.3)."""
    matter = proposal.matter
    return matter.origin != "derivative" and not covers(standing.determined_level(matter), proposal.level)


def _handed_on(now: datetime, person: UUID | None = None) -> list[Matter]:
    """Tell others of each proposal that waits for ``person``, or for nobody who can decide it; return their matters."""
    rows = _waiting()
    told, known_to_office = _told(rows)
    barred = standing.barred_from_each([row.matter for row in rows])
    able = standing.officers(now)
    authority = standing.organ_authority(now)
    known: dict[tuple[str, UUID | None, bool, bool], tuple[standing.OfficerStanding, ...]] = {}
    found, notices = [], list[Notice]()
    for row in rows:
        pk, derived = row.matter.pk, row.matter.origin == "derivative"
        place = (row.level, row.item, derived, row.determines and not covers(authority, row.level))
        if place not in known:
            known[place] = () if place[3] else facts.able_among(able, row.level, row.item, now, derivative=derived)
        apart = {person, row.drafter, *barred[pk]}
        others = facts.designated_first(o for o in known[place] if o.person not in apart)
        if person not in told[pk] and (told[pk] & {o.person for o in others} or (not others and pk in known_to_office)):
            continue
        code = HANDED_ON if others else NOBODY
        whom = [o.person for o in others] or standing.holders(Role.SECRECY_OFFICE, now)
        notices += [Notice(person_id=p, code=code, matter_id=pk, created_at=now) for p in whom]
        found.append(row.matter)
    Notice.objects.bulk_create(notices, batch_size=500)
    return found


def _told(rows: Iterable[_Waiting]) -> tuple[dict[UUID, set[UUID]], set[UUID]]:
    """Return whom each proposal waits for as far as they were told since it was made, and of which the office heard last."""
    told: dict[UUID, set[UUID]] = defaultdict(set)
    office = set[UUID]()
    since = {row.matter.pk: row.at for row in rows}
    sent = Notice.objects.filter(matter_id__in=list(since), code__in=(*TOLD, NOBODY)).order_by("created_at", "pk")
    heard = ((matter, code, person, at) for matter, code, person, at in sent.values_list(*SENT) if at >= since[matter])
    for matter, code, person, _ in sorted(heard, key=lambda one: (one[3], one[1] == NOBODY)):
        if code == NOBODY:
            office.add(matter)
        else:
            office.discard(matter)
            told[matter].add(person)
    return told, office
