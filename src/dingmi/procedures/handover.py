"""What waits for an officer who may decide no longer is handed on: to those who can, and the office hears where none can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from dingmi.base.actor import Role
from dingmi.procedures.review import PENDING
from dingmi.queries import coverage, facts, standing
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Matter, Proposal, Referral
from dingmi.records.notices.models import Notice
from dingmi.records.oversight.models import Correction
from dingmi.regime.prc_state.levels import covers

MOST = 500  # of each kind looked at in one go
SENT = ("matter_id", "code", "person", "created_at")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is told of one kind of work: when it comes in, when it is handed on, and when there is nobody who can do it."""

    first: tuple[str, ...]
    handed_on: str
    nobody: str

    @property
    def told(self) -> tuple[str, ...]:
        """The notices whose readers it waits for."""
        return (*self.first, self.handed_on)


PROPOSAL = _Kind(("proposal.waiting", "review.waiting"), "officers.work_handed_on", "officers.work_without_anyone")
UNCLEAR = _Kind(("unclear.waiting",), "officers.unclear_handed_on", "officers.unclear_without_anyone")
CORRECTION = _Kind(("correction.waiting",), "officers.correction_handed_on", "officers.correction_without_anyone")
CHALLENGE = _Kind(("challenge.raised",), "officers.challenge_handed_on", "officers.challenge_without_anyone")
KINDS = (PROPOSAL, UNCLEAR, CORRECTION, CHALLENGE)
NOBODY = {kind.nobody for kind in KINDS}
Key = tuple[str, UUID]  # one kind of work on one matter


def hand_on(person: UUID, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Hand on what waits for ``person``, who cannot decide any more; return how much it was, and units without anyone.

    Past acts stay as they are (ZX-17): nothing that was decided is touched.
    """
    return _hand_on(now, person), tuple(u.name for u in coverage.uncovered(now))


def hand_on_lapsed(now: datetime) -> int:
    """Hand on what waits only for officers whose term, training, grade or clearance has ended, or the organ's delegation.

    Such an end is nobody's act: the daily round finds it. Nobody is told twice of the same.
    """
    return _hand_on(now)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One thing that waits for an officer: its matter, the level it asks for, and whether the organ determines by it (BMF-17.1)."""

    kind: _Kind
    matter: Matter
    determines: bool
    level: str
    item: UUID | None
    drafter: UUID | None  # who proposed it, and so does not decide it
    at: datetime

    @property
    def key(self) -> Key:
        """Under what it is told: one kind of work on one matter."""
        return self.kind.handed_on, self.matter.pk


def _waiting() -> list[_Waiting]:
    """Return what waits for an officer, the oldest of each kind first."""
    return [*_firsts(), *_later(), *_unclear(), *_corrections(), *_challenges()]


def _firsts() -> Iterator[_Waiting]:
    """Yield the matters whose first proposal is not decided."""
    rows = list(standing.undecided(Matter.objects.filter(standing.OURS)).order_by("created_at", "pk")[:MOST])
    proposed_at = dict(Proposal.objects.filter(matter__in=rows).order_by("number").values_list("matter", "at"))
    for m in rows:
        at = proposed_at.get(m.pk, m.created_at)
        yield _Waiting(PROPOSAL, m, m.origin != "derivative", m.level, m.item_id, m.drafter_id, at)


def _later() -> Iterator[_Waiting]:
    """Yield what was proposed about matters in force: reviews and changes."""
    for p in standing.pending(PENDING).order_by("at", "pk").select_related("matter")[:MOST]:
        yield _Waiting(PROPOSAL, p.matter, _raises(p), p.level, p.item_id, p.drafter_id, p.at)


def _unclear() -> Iterator[_Waiting]:
    """Yield unclear matters whose report another than its drafter has to review and send (TL-15.4)."""
    rows = Referral.objects.filter(kind="unclear", sent_on__isnull=True, answered_at__isnull=True)
    for r in rows.filter(_ours()).order_by("referred_at", "pk").select_related("matter")[:MOST]:
        yield _Waiting(UNCLEAR, r.matter, False, r.matter.level, None, r.drafter_id, r.referred_at)


def _corrections() -> Iterator[_Waiting]:
    """Yield errors found whose remedy an officer who did not find them has to decide."""
    rows = Correction.objects.filter(_ours(), decided_at__isnull=True, closed_at__isnull=True)
    for c in rows.order_by("found_at", "pk").select_related("matter")[:MOST]:
        yield _Waiting(CORRECTION, c.matter, False, c.matter.level, c.matter.item_id, c.found_by_id, c.found_at)


def _challenges() -> Iterator[_Waiting]:
    """Yield challenges of what we determined that wait for our answer, at the level determined (TL-26.1)."""
    rows = Challenge.objects.filter(_ours(), is_received=True, state="challenged", ended_at__isnull=True)
    for c in rows.order_by("raised_at", "pk").select_related("matter")[:MOST]:
        level = standing.determined_level(c.matter)
        yield _Waiting(CHALLENGE, c.matter, False, level, c.matter.item_id, c.matter.drafter_id, c.raised_at)


def _ours() -> Exists:
    return Exists(Matter.objects.filter(standing.OURS, pk=OuterRef("matter")))


def _raises(proposal: Proposal) -> bool:
    """Tell whether a change asks for a level that the organ needs authority for: a higher one, and not derived (GD-11.3)."""
    matter = proposal.matter
    return matter.origin != "derivative" and not covers(standing.determined_level(matter), proposal.level)


def _hand_on(now: datetime, person: UUID | None = None) -> int:
    """Tell others of each thing that waits for ``person``, or for nobody who can decide it; return how many these are."""
    rows = _waiting()
    told, known_to_office = _told(rows)
    barred = standing.barred_from_each([row.matter for row in rows])
    able = standing.officers(now)
    authority = standing.organ_authority(now)
    known: dict[tuple[str, UUID | None, bool, bool], tuple[standing.OfficerStanding, ...]] = {}
    count, notices = 0, dict[tuple[UUID, str, UUID], Notice]()
    for row in rows:
        pk, derived, heard = row.matter.pk, row.matter.origin == "derivative", told[row.key] - {row.drafter}
        place = (row.level, row.item, derived, row.determines and not covers(authority, row.level))
        if place not in known:
            known[place] = () if place[3] else facts.able_among(able, row.level, row.item, now, derivative=derived)
        apart = {person, row.drafter, *barred[pk]}
        others = facts.designated_first(
            o for o in known[place] if o.person not in apart and covers(o.clearance, row.matter.level)
        )
        is_known = bool(heard & {o.person for o in others}) or (not others and row.key in known_to_office)
        if person not in heard and is_known:
            continue
        code = row.kind.handed_on if others else row.kind.nobody
        for one in [o.person for o in others] or standing.holders(Role.SECRECY_OFFICE, now):
            notices[one, code, pk] = Notice(person_id=one, code=code, matter_id=pk, created_at=now)
        count += 1
    Notice.objects.bulk_create(notices.values(), batch_size=500)
    return count


def _told(rows: Iterable[_Waiting]) -> tuple[dict[Key, set[UUID]], set[Key]]:
    """Return whom each thing waits for as far as they were told since it came, and of which the office heard last."""
    told: dict[Key, set[UUID]] = defaultdict(set)
    office, since = set[Key](), dict[Key, datetime]()
    for row in rows:
        since[row.key] = min(row.at, since.get(row.key, row.at))
    kinds = {code: kind for kind in KINDS for code in (*kind.told, kind.nobody)}
    sent = Notice.objects.filter(matter_id__in={pk for _, pk in since}, code__in=list(kinds))
    for matter, code, person, at in sorted(sent.values_list(*SENT), key=lambda one: (one[3], one[1] in NOBODY)):
        key = (kinds[code].handed_on, matter)
        if key not in since or at < since[key]:
            continue
        if code in NOBODY:
            office.add(key)
        else:
            office.discard(key)
            told[key].add(person)
    return told, office
