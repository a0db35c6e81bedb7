"""密点：a drafter marks the stretches of his own draft that are secret; they are signed with the proposal (TL-17.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.procedures import shelf
from dingmi.procedures.determination import lock_own
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content, facts
from dingmi.queries.pointing import Wanted, from_evidence, judged
from dingmi.queries.terms import answers_from
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import ClassifiedPoint, Matter

MOST = 200  # points of one text: their rows must fit into the label of a file


@dataclass(frozen=True)
class Pointed:
    """The points of a draft changed; this is its version now, and how many points it holds."""

    matter: UUID
    version: int
    points: int
    point: UUID | None = None


@procedure(
    "points.mark", requires=(Role.DRAFTER,), clauses=("TL-17.3", "PS-4", "GD-r2?", "BMF-22.3", "FW-9.1", "BMF-19")
)
def mark(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    start: int,
    end: int,
    level: str,
    tail: str,
    item: UUID | None = None,
    source: UUID | None = None,
    expected_version: int,
) -> Pointed:
    """Mark a stretch of one's own draft as a classified point. 标密点。

    Args:
        start: First character of the stretch in the extracted text, from 0.
        end: The character after its last.
    """
    row = lock_own(actor, now, matter, expected_version)
    wanted = Wanted(start, end, level, tail, item, _known(actor, now, source))
    facts.require(judged(row, wanted, UUID(actor.person_id), now))
    point = _kept(row, wanted, now)
    return _told("points.mark", actor, now, row, point=point)


@procedure("points.change", requires=(Role.DRAFTER,), clauses=("TL-17.3", "BMF-22.3", "FW-9.1", "BMF-19"))
def change(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    point: UUID,
    level: str,
    tail: str,
    item: UUID | None = None,
    source: UUID | None = None,
    start: int | None = None,
    end: int | None = None,
    expected_version: int,
) -> Pointed:
    """Give a point of one's own draft another level, tail, basis or stretch. 更改密点。"""
    row = lock_own(actor, now, matter, expected_version)
    old = _point(row, point)
    wanted = Wanted(
        old.start if start is None else start,
        old.end if end is None else end,
        level,
        tail,
        item if item or source else old.item_id,
        _known(actor, now, source) if item or source else old.source_id,
    )
    facts.require(judged(row, wanted, UUID(actor.person_id), now, apart_from=old.pk))
    old.delete()
    return _told("points.change", actor, now, row, point=_kept(row, wanted, now))


@procedure("points.remove", requires=(Role.DRAFTER,), clauses=("TL-17.3",))
def remove(*, actor: Actor, now: datetime, matter: UUID, point: UUID, expected_version: int) -> Pointed:
    """Take the mark of a point off one's own draft. 取消密点。"""
    row = lock_own(actor, now, matter, expected_version)
    _point(row, point).delete()
    return _told("points.remove", actor, now, row)


@procedure("points.take", requires=(Role.DRAFTER,), clauses=("TL-17.3",))
def take(*, actor: Actor, now: datetime, matter: UUID, expected_version: int) -> Pointed:
    """Make points of the evidence of the adopted item and of the confirmed sources.

    A point resting on an item or source that the drafter no longer uses, or not at its level, goes. 按证据标密点。
    """
    row = lock_own(actor, now, matter, expected_version)
    wanted = from_evidence(row, answers_from(content.fill(row)), actor, now)
    bases = {(w.item, w.source) for w in wanted}
    levels = {w.source: w.level for w in wanted if w.source}  # another one where other points of a source are used now
    held = []
    for point in ClassifiedPoint.objects.filter(matter=row):
        if (point.item_id, point.source_id) in bases and levels.get(point.source_id, point.level) == point.level:
            held.append((point.start, point.end))
        else:
            point.delete()
    for one in wanted:
        free = all(one.end <= start or end <= one.start for start, end in held)
        if free and not facts.is_blocked(judged(row, one, UUID(actor.person_id), now)):
            _kept(row, one, now)
    return _told("points.take", actor, now, row)


def _known(actor: Actor, now: datetime, source: UUID | None) -> UUID | None:
    """Return the source; one that the drafter may not know does not exist for him.

    Raises:
        NotFound: There is none.
    """
    return access.matter_for(actor, now, source).pk if source is not None else None


def _point(row: Matter, point: UUID) -> ClassifiedPoint:
    found: ClassifiedPoint | None = ClassifiedPoint.objects.filter(matter=row, pk=point).first()
    if found is None:
        raise NotFound("points.not_found")
    return found


def _kept(row: Matter, wanted: Wanted, now: datetime) -> ClassifiedPoint:
    if ClassifiedPoint.objects.filter(matter=row).count() >= MOST:
        raise Invalid("points.too_many", (), limit=MOST)
    made = ClassifiedPoint(
        matter=row,
        start=wanted.start,
        end=wanted.end,
        level=wanted.level,
        tail=facts.tail(wanted.tail).text,
        item_id=wanted.item,
        source_id=wanted.source,
        at=now,
    )
    made.save()
    return made


def _told(act: str, actor: Actor, now: datetime, row: Matter, point: ClassifiedPoint | None = None) -> Pointed:
    """Raise the version of the draft and prove the change: how many points of which level, no words."""
    shelf.save(row, now)
    rows = list(ClassifiedPoint.objects.filter(matter=row).order_by("start"))
    data = {"points": [[p.start, p.end, p.level, p.tail] for p in rows], "version": row.version}
    append(actor, act, subject=("matter", row.pk), at=now, data=data, rows=[row])
    return Pointed(row.pk, row.version, len(rows), point.pk if point else None)
