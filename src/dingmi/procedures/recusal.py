"""P16 回避：who is kept out of a matter because of a conflict, whatever else admits him (SR-13, ADR 0050)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures import paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content, facts, grades, recusals, standing, unaltered
from dingmi.queries.access import EXISTENCE_ROLES
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.matters.recusals import Recusal
from dingmi.records.organs.models import Person
from dingmi.regime.prc_state.carriers import HELD
from dingmi.regime.recusal import grounds

REASON_LIMIT = 500  # characters
CLAUSES = ("BMF-21.1", "BMF-21.2")


@dataclass(frozen=True, slots=True)
class Barred:
    """A matter with who is kept out of it; ``bars`` are the rows that the act made or ended."""

    matter: UUID
    version: int
    bars: tuple[UUID, ...]


@procedure("need_to_know.bar", requires=recusals.KEEPERS, step_up=True, clauses=CLAUSES)
def bar(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    person: UUID,
    ground: str,
    reason: str,
    also: tuple[UUID, ...] = (),
    expected_version: int,
) -> Barred:
    """Keep a person out of a matter from now until it is lifted, whatever else admits him. 回避。

    Args:
        ground: ``kin``, ``interest``, ``competitor``, ``investigated`` or ``other``.
        also: Sources and descendants of the matter that he is kept out of too.
    Raises:
        NotFound: There is no such matter, or the actor may not know that there is.
        Refused: ``recusal.own``, ``recusal.own_matter``, ``recusal.administrator``, ``recusal.barred_already``,
            ``recusal.nobody_left``.
    """
    row = _locked(actor, now, matter, expected_version)  # load
    said = _require_said(ground, reason)
    _require_person(actor, person, now)
    around = set(recusals.related(actor, now, row.pk).filter(pk__in=also).values_list("pk", flat=True))
    if around != set(also):
        raise Invalid("input.invalid", (), fields={"also": "id.unknown"})
    rows = [row, *Matter.objects.select_for_update().filter(pk__in=around).order_by("pk")]
    made = []
    for one in rows:
        if one is not row:
            unaltered.require_matter(one)
        _require_allowed(one, actor, person, now)
        made.append(_barred(one, person, ground, said, actor, now, "need_to_know.bar"))
    return Barred(row.pk, row.version, tuple(kept.pk for kept in made))


@procedure("need_to_know.recuse", step_up=True, clauses=CLAUSES)
def recuse(*, actor: Actor, now: datetime, matter: UUID, ground: str, reason: str, expected_version: int) -> Barred:
    """Declare one's own conflict: from now on the matter is closed to oneself, until the secrecy office lifts it. 申请回避。

    Raises:
        NotFound: There is no such matter, or the actor may not know it: the same answer.
        Refused: ``recusal.nobody_left``; what its state stands in the way of, of a draft and of what is over.
    """
    recusals.own(actor, now, matter)  # load
    row = _at(now, matter, expected_version)
    said = _require_said(ground, reason)
    _require_keeper_left(row, UUID(actor.person_id), now)
    kept = _barred(row, UUID(actor.person_id), ground, said, actor, now, "need_to_know.recuse")
    return Barred(row.pk, row.version, (kept.pk,))


@procedure("need_to_know.lift_bar", requires=recusals.KEEPERS, step_up=True, waits_for_date=True, clauses=CLAUSES)
def lift_bar(*, actor: Actor, now: datetime, recusal: UUID, reason: str, expected_version: int) -> Barred:
    """End a bar: whatever admits the person counts again. 解除回避。

    Args:
        expected_version: Of the matter.
    Raises:
        NotFound: There is none, or the actor may not know of its matter; so it is to whom it bars.
        Conflict: ``recusal.lifted_already``.
        Forbidden: ``recusal.declared``: what somebody declared is for the secrecy office.
    """
    kept: Recusal | None = Recusal.objects.select_for_update().filter(pk=recusal).first()  # load
    if kept is None:
        raise NotFound("object.not_found")
    row = _locked(actor, now, kept.matter_id, expected_version, over=True)
    said = paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    if kept.ended_at is not None:
        raise Conflict("recusal.lifted_already", ())
    office = standing.holders(Role.SECRECY_OFFICE, now)
    if kept.by_id == kept.person_id and UUID(actor.person_id) not in office and set(office) - {kept.person_id}:
        raise Forbidden("recusal.declared", ())
    kept.ended_at, kept.ended_by_id = now, UUID(actor.person_id)  # write
    kept.ended_reason_ct = content.sealed(kept, "ended_reason_ct", kept.level, said)
    kept.save()
    shelf.save(row, now)
    _prove("need_to_know.lift_bar", row, kept, actor, now)  # prove
    _tell_keepers(row, kept, actor, "recusal.lifted", now)  # tell
    return Barred(row.pk, row.version, (kept.pk,))


def follow(row: Matter, now: datetime) -> None:
    """Keep out of a matter whoever is kept out of one of its sources, each by a row of its own.

    The act that calls proves it: the digest of the matter covers the rows.
    """
    sources = Recusal.objects.filter(matter__derived__matter=row, ended_at__isnull=True).order_by("since", "pk")
    held = set(standing.barred(row))
    for kept in sources:
        if kept.person_id not in held:
            held.add(kept.person_id)
            given = {"ground": kept.ground, "level": kept.level, "by_id": kept.by_id, "follows": kept}
            made = Recusal(matter=row, person_id=kept.person_id, since=now, **given)
            made.reason_ct = content.sealed(
                made, "reason_ct", kept.level, content.opened(kept, "reason_ct", kept.level)
            )
            made.save()


def _at(now: datetime, matter: UUID, expected_version: int, *, over: bool = False) -> Matter:
    """Return the locked row of a matter that the actor was found to know of.

    Args:
        over: Also where nobody can be kept out of it any more.
    """
    row: Matter = Matter.objects.select_for_update().get(pk=matter)
    if row.version != expected_version:
        raise Conflict("version.stale", (), expected=expected_version, found=row.version)
    if not over and row.state not in recusals.STATES:
        raise shelf.in_the_way(row, now)
    unaltered.require_matter(row)
    return row


def _locked(actor: Actor, now: datetime, matter: UUID, expected_version: int, *, over: bool = False) -> Matter:
    if not grades.known(actor, now).filter(pk=matter).exists():
        raise NotFound("object.not_found")
    return _at(now, matter, expected_version, over=over)


def _require_said(ground: str, reason: str) -> str:
    if ground not in grounds():
        raise Invalid("input.invalid", (), fields={"ground": "choice.unknown"})
    return paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)


def _require_person(actor: Actor, person: UUID, now: datetime) -> None:
    """Refuse whom nobody can be kept out of a matter by another.

    Raises:
        Invalid: Nobody here, or one of the three administrators, who reach no content.
        Refused: ``recusal.own``.
    """
    if not Person.objects.filter(pk=person, organ_id=actor.organ_id, left_at__isnull=True).exists():
        raise Invalid("input.invalid", (), fields={"person": "id.unknown"})
    if str(person) == actor.person_id:
        raise Refused("recusal.own", ())
    if any(person in standing.holders(role, now) for role in access.ADMINISTRATORS):
        raise Refused("recusal.administrator", ())


def _require_allowed(row: Matter, actor: Actor, person: UUID, now: datetime) -> None:
    if person in standing.barred(row):
        raise Refused("recusal.barred_already", ())
    theirs = actor.person_id in (str(row.drafter_id), str(row.officer_id))
    if theirs and person in standing.overseers(EXISTENCE_ROLES, now):
        raise Refused("recusal.own_matter", ())
    _require_keeper_left(row, person, now)


def _require_keeper_left(row: Matter, person: UUID, now: datetime) -> None:
    if not recusals.keepers(row, now) - {person}:
        raise Refused("recusal.nobody_left", ())


def _barred(row: Matter, person: UUID, ground: str, said: str, actor: Actor, now: datetime, act: str) -> Recusal:
    """Write one bar, prove it, and tell those who have to know."""
    waited = row.state == "proposed" and person in {o.person for o in _deciders(row, now)}
    kept = Recusal(matter=row, person_id=person, ground=ground, level=row.level, by_id=UUID(actor.person_id), since=now)
    kept.reason_ct = content.sealed(kept, "reason_ct", row.level, said)
    kept.save()
    shelf.save(row, now)
    _prove(act, row, kept, actor, now)
    copies = Carrier.objects.filter(matter=row, holder_id=person, state__in=HELD).count()
    _tell_keepers(row, kept, actor, "recusal.made", now)
    if copies:
        office = standing.holders(Role.SECRECY_OFFICE, now)
        shelf.tell(office, "recusal.copies_held", row, now, acknowledge=True, count=copies)
    if waited:
        others = [o.person for o in _deciders(row, now)]
        code = "officers.work_handed_on" if others else "officers.work_without_anyone"
        shelf.tell(others or standing.holders(Role.SECRECY_OFFICE, now), code, row, now)
    return kept


def _deciders(row: Matter, now: datetime) -> tuple[standing.OfficerStanding, ...]:
    return facts.to_be_told(row, row.level, row.item_id, now, derivative=row.origin == "derivative")


def _tell_keepers(row: Matter, kept: Recusal, actor: Actor, code: str, now: datetime) -> None:
    """Tell the others who may lift it; not whom it bars, who may not know that there is such a matter."""
    shelf.tell(sorted(recusals.keepers(row, now) - {UUID(actor.person_id), kept.person_id}, key=str), code, row, now)


def _prove(act: str, row: Matter, kept: Recusal, actor: Actor, now: datetime) -> None:
    data = {"recusal": kept.pk, "person": kept.person_id, "ground": kept.ground, "version": row.version}
    append(actor, act, subject=("matter", row.pk), at=now, data=data, rows=[kept, row])
