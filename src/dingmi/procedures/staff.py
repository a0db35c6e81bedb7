"""P19 涉密人员: vetted, bound, put in a post, vetted again, and let go in order; access ends with the leaving itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.procedures import paper, sweep, tenure
from dingmi.procedures.appointment import tell, tell_once
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on
from dingmi.procedures.personnel import Entered, end_clearances, require_text
from dingmi.queries import facts, policy, standing
from dingmi.queries import staff as asked
from dingmi.queries.carriers import held_by
from dingmi.records.ledger.append import append
from dingmi.records.officers.models import Officer
from dingmi.records.organs.models import Account, Person, RoleGrant
from dingmi.records.organs.staff import Leaving, PostTerm, Undertaking, Vetting
from dingmi.regime.kernel.periods import Period

OFFICE = Role.SECRECY_OFFICE
FOLLOW = "personnel.follow"
KINDS = ("post", "leaving", "contract", "non_compete")


@dataclass(frozen=True, slots=True)
class Left:
    """A leaving: until when the cooling-off runs, how many proposals were handed on, units left without an officer."""

    id: UUID
    cooling_through: date
    handed_on: int
    units_without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """Cooling-off periods that ended, and reminders sent."""

    ended: int
    reminded: int


def _person(actor: Actor, person: UUID) -> Person:
    """Return someone of the home organ in service, locked, and never the actor himself.

    Raises:
        NotFound: Nobody of this organ in service.
        Forbidden: ``staff.own``.
    """
    row = Person.objects.select_for_update().filter(pk=person, organ_id=actor.organ_id, left_at__isnull=True).first()
    if not isinstance(row, Person):
        raise NotFound("object.not_found")
    if str(row.pk) == actor.person_id:
        raise Forbidden("staff.own")
    return row


def _past(field: str, day: date | None, now: datetime) -> date:
    if day is not None and day > now.date():
        raise Invalid("date.in_future", (), fields={field: "date.in_future"})
    return day or now.date()


@procedure("personnel.vet", requires=OFFICE, step_up=True, clauses=("TL-50.1", "TL-50.3", "BMF-43.2"))
def vet(*, actor: Actor, now: datetime, person: UUID, passed: bool, opinion: str, on: date | None = None) -> Entered:
    """Record the vetting of a person, before the post or again; who does not pass loses clearance at once. 登记审查、复审。"""
    who = _person(actor, person)
    paper.block_of_text(opinion, "opinion", 400, required=True)
    day = _past("on", on, now)
    row = Vetting(
        person=who,
        on=day,
        passed=passed,
        opinion=opinion.strip(),
        due_again=Period(months=policy.number("vetting_months", day)).last_day(day),
        by=UUID(actor.person_id),
        at=now,
    )
    row.save()
    ended = [] if passed else end_clearances(who, now)
    if ended:
        hand_on(who.pk, now)
    data = {"passed": passed, "clearances_ended": len(ended)}
    append(actor, "personnel.vet", subject=("person", who.pk), at=now, data=data, rows=[row, *ended])
    return Entered(row.pk)


@dataclass(frozen=True, slots=True)
class Bound:
    """An undertaking registered, and what the law advises about it."""

    id: UUID
    advice: tuple[str, ...]


@procedure("personnel.sign_undertaking", requires=OFFICE, clauses=("BMF-43.3", "SEED-35", "TL-53", "NB-16"))
def sign_undertaking(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    kind: str,
    number: str,
    signed_on: date | None = None,
    through: date | None = None,
) -> Bound:
    """Register an undertaking or a contract that a person signed. 登记保密承诺书、保密合同。

    Args:
        kind: post, leaving, contract or non_compete (an agreement not to compete after leaving; at most two years, NB-16).
        through: Its last day, where it has a term.
    """
    who = _person(actor, person)
    if kind not in KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    day = _past("signed_on", signed_on, now)
    if through is not None and through < day:
        raise Invalid("input.invalid", (), fields={"through": "interval.empty"})
    row = Undertaking(
        person=who,
        kind=kind,
        number=require_text("number", number, 80),
        signed_on=day,
        through=through,
        by=UUID(actor.person_id),
        at=now,
    )
    row.save()
    append(actor, "personnel.sign_undertaking", subject=("person", who.pk), at=now, data={"kind": kind}, rows=[row])
    return Bound(row.pk, asked.advice(row))


@procedure(
    "personnel.take_post",
    requires=OFFICE,
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-43.1", "BMF-43.2", "BMF-43.3", "TL-50.1"),
)
def take_post(*, actor: Actor, now: datetime, person: UUID, category: str, post: str = "") -> Entered:
    """Put a person in a secret post of a category: vetted, trained and bound first. 确定涉密岗位类别，上岗。

    Raises:
        Refused: Everything that is missing, each with its clause.
    """
    who = _person(actor, person)
    verdict = asked.judge_post(who, category, now)
    facts.require(verdict)
    who.post_category, who.post = category, post.strip()[:80] or who.post
    who.save(update_fields=["post_category", "post"])
    terms = [*_end_posts(who, now), _begin_post(who, actor, now)]
    append(
        actor, "personnel.take_post", subject=("person", who.pk), at=now, data={"category": category}, rows=[who, *terms],
        verdict=verdict,
    )  # fmt: skip
    return Entered(who.pk)


@procedure("personnel.file_post", requires=OFFICE, clauses=("BJ-21",))
def file_post(
    *, actor: Actor, now: datetime, person: UUID, number: str, filed_on: date | None = None, expected_version: str
) -> Entered:
    """Record that a person in a secret post was filed with the secrecy administration. 登记涉密人员备案。

    Args:
        expected_version: The version of the post that is held, as ``personnel.file`` showed it.
    Raises:
        NotFound: The person holds no secret post.
        Conflict: ``record.stale``: it was changed meanwhile.
    """
    who = _person(actor, person)
    row = asked.held_posts(who.pk).select_for_update().first()
    if row is None:
        raise NotFound("object.not_found")
    require_current(row, "person", expected_version, of=who.pk)
    day = _past("filed_on", filed_on, now)
    if day < row.since:
        raise Invalid("input.invalid", (), fields={"filed_on": "interval.empty"})
    row.filing_no, row.filed_on = require_text("number", number, 80), day
    row.save(update_fields=["filing_no", "filed_on"])
    append(actor, "personnel.file_post", subject=("person", who.pk), at=now, data={"filed_on": day}, rows=[row])
    return Entered(row.pk)


def _end_posts(person: Person, now: datetime) -> list[Any]:
    """End the post that a person holds, for the next one or for leaving."""
    rows = list(PostTerm.objects.select_for_update().filter(person=person, until__isnull=True))
    for row in rows:
        row.until = now.date()
        row.save(update_fields=["until"])
    return rows


def _begin_post(person: Person, actor: Actor, now: datetime) -> PostTerm:
    row = PostTerm(
        person=person,
        category=person.post_category,
        post=person.post,
        department=person.department.name if person.department else "",
        since=now.date(),
        by=UUID(actor.person_id),
    )
    row.save()
    return row


@procedure(
    "personnel.leave",
    requires=(OFFICE, Role.HEAD),
    step_up=True,
    clauses=("BMF-46", "TL-53", "CS-41", "CS-42", "CS-44"),
)
def leave(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    talked_on: date | None,
    cooling_through: date,
    managed_by: str,
    carriers_returned: int,
    devices_returned: int,
    carriers_outstanding: int = 0,
    devices_outstanding: int = 0,
    systems_closed: bool,
    leaves_organ: bool = True,
) -> Left:
    """Let a person leave a secret post: access, clearance and office end now, and the cooling-off begins. 办理离岗离职。

    Args:
        carriers_outstanding: Carriers still held, as told; those that the register knows count anyway, and nobody leaves
            with any.
        systems_closed: Access to every other system and place that is secret has been taken away; here it ends with this act.
        managed_by: Who manages the cooling-off: the organ, the new one, or the former one (CS-44).
        leaves_organ: Leaves the organ, not only the post.
    Raises:
        Refused: Talk, undertaking, return of carriers or a cooling-off long enough is missing.
    """
    who = _person(actor, person)
    counts = (carriers_returned, devices_returned, carriers_outstanding, devices_outstanding)
    if any(not 0 <= n < 1_000_000 for n in counts):
        raise Invalid("input.invalid", (), fields={"carriers_returned": "number.range"})
    talk = None if talked_on is None else _past("talked_on", talked_on, now)
    verdict = asked.judge_leaving(
        who,
        now,
        approved_on=now.date(),
        talked=talk is not None,
        carriers=max(carriers_outstanding, held_by(who.pk)),
        devices=devices_outstanding,
        systems_closed=systems_closed,
        cooling_through=cooling_through,
    )
    facts.require(verdict)
    row = Leaving(
        person=who,
        category=who.post_category,
        approved_on=now.date(),
        talked_on=talk or now.date(),
        carriers_returned=carriers_returned,
        devices_returned=devices_returned,
        cooling_through=cooling_through,
        managed_by=require_text("managed_by", managed_by, 120),
        leaves_organ=leaves_organ,
        approved_by=UUID(actor.person_id),
        approved_at=now,
    )
    row.save()
    touched = _revoke(who, now, leaves_organ)
    waiting, without = hand_on(who.pk, now)
    data = {"cooling_through": cooling_through, "revoked": len(touched), "handed_on": waiting}
    append(
        actor, "personnel.leave", subject=("person", who.pk), at=now, data=data, rows=[row, *touched], verdict=verdict
    )
    return Left(row.pk, cooling_through, waiting, without)


def _revoke(person: Person, now: datetime, leaves_organ: bool) -> list[Any]:
    """End clearance, office, roles and sessions; past acts stay as they are."""
    touched: list[Any] = [*end_clearances(person, now), *_end_posts(person, now)]
    officer = Officer.objects.filter(person=person).first()
    if officer is not None:
        touched += tenure.end_at(officer, now, "leaving")
    grants = RoleGrant.objects.filter(account__person=person).filter(Q(until__isnull=True) | Q(until__gt=now))
    for grant in grants:
        grant.until = now
        grant.save(update_fields=["until"])
        touched.append(grant)
    if leaves_organ:
        for account in Account.objects.filter(person=person, is_active=True):
            account.is_active = False
            account.save(update_fields=["is_active"])
            touched.append(account)
        person.left_at = now
    person.post_category, person.is_principal = "", False
    person.save(update_fields=["left_at", "post_category", "is_principal"])
    return [*touched, person]


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("TL-50.3", "SEED-35", "CS-41"))
def follow(*, actor: Actor, now: datetime, today: date) -> Followed:
    """End cooling-off periods that are over; remind of vettings due again and undertakings that end. 涉密人员每日巡查。"""
    sweep.alone()
    over = list(Leaving.objects.filter(ended_at__isnull=True, cooling_through__lt=today).select_related("person")[:200])
    office = standing.holders(OFFICE, now)
    for row in over:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        for person in office:
            tell(person, "personnel.cooling_over", now, name=row.person.name, day=row.cooling_through.isoformat())
    reminded = _remind(today, now, office)
    data = {"today": today, "ended": len(over), "reminded": reminded}
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data=data, rows=over)
    return Followed(len(over), reminded)


def _remind(today: date, now: datetime, office: tuple[UUID, ...]) -> int:
    """Tell the office at the leads of policy of what ends, each step once."""
    sent = 0
    until = today + timedelta(days=max(policy.STAFF_LEAD_DAYS))
    for line in asked.cleared_staff(now):
        ends = (("vetting_due", line.due_again), ("undertaking_ends", line.bound_through))
        for kind, day in ends:
            if day is None or not today <= day <= until:
                continue
            lead = min(n for n in policy.STAFF_LEAD_DAYS if (day - today).days <= n)
            of = {"of": str(line.person), "lead": lead, "day": day.isoformat()}
            sent += tell_once(office, f"personnel.{kind}", now, of, name=line.name)
    return sent
