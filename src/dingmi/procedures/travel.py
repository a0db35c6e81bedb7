"""涉密人员出境 (BMF-45, TL-52.2): asked for, opinions given, approved or refused, briefed before leaving, back; told when it was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import paper, sweep, tenure
from dingmi.procedures.appointment import tell, tell_once
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries import facts, policy, standing
from dingmi.queries import travel as asked
from dingmi.queries.staff_reports import is_cleared
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person
from dingmi.records.organs.staff import Travel

OFFICE = Role.SECRECY_OFFICE
FOLLOW = "travel.follow"
LONGEST = 366  # days of one journey


@dataclass(frozen=True, slots=True)
class Reminded:
    """Reminders sent, and journeys that began without approval."""

    reminded: int
    unapproved: int


def _open(actor: Actor, travel: UUID) -> Travel:
    """Return a journey that is not over, locked.

    Raises:
        NotFound: There is none.
        Conflict: ``travel.over``: it was refused, withdrawn or has ended.
    """
    row = Travel.objects.select_for_update().filter(pk=travel, person__organ_id=actor.organ_id).first()
    if not isinstance(row, Travel):
        raise NotFound("object.not_found")
    if row.refused or row.withdrawn_on is not None or row.back_on is not None:
        raise Conflict("travel.over", ("BMF-45",))
    return row


def _of_another(actor: Actor, row: Travel) -> None:
    if str(row.person_id) == actor.person_id:
        raise Forbidden("staff.own")


def _prove(act: str, row: Travel, actor: Actor, now: datetime, *more: Any, **data: object) -> Entered:
    row.save()
    append(actor, act, subject=("person", row.person_id), at=now, data=data, rows=[row, *more])
    return Entered(row.pk)


@procedure("travel.ask", clauses=("BMF-45", "TL-52.2"))
def ask(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    place: str,
    purpose: str,
    starts_on: date,
    returns_on: date,
    person: UUID | None = None,
) -> Entered:
    """Ask for leave to travel abroad as cleared staff: for oneself, or by the office for another. 申请出国（境）。

    Args:
        kind: duty or private.
        place: Countries or regions.
        person: Who travels; by default oneself.
    Raises:
        Forbidden: ``travel.of_another``: only the office asks for another.
        Conflict: ``travel.not_cleared``: who is not cleared staff needs no approval under this clause.
    """
    if kind not in asked.KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    if not actor.person_id:
        raise Forbidden("session.required")
    today, of = now.date(), person or UUID(actor.person_id)
    if str(of) != actor.person_id and not actor.holds(OFFICE):
        raise Forbidden("travel.of_another", ("BMF-45",))
    who = Person.objects.filter(pk=of, organ_id=actor.organ_id, left_at__isnull=True).first()
    if who is None:
        raise NotFound("object.not_found")
    if not is_cleared(who, now):
        raise Conflict("travel.not_cleared", ("BMF-45",))
    if starts_on < today:
        raise Invalid("input.invalid", (), fields={"starts_on": "date.past"})
    if not starts_on <= returns_on <= starts_on + timedelta(days=LONGEST):
        raise Invalid("input.invalid", (), fields={"returns_on": "interval.empty"})
    row = Travel(
        person=who,
        kind=kind,
        place=require_text("place", place, 120),
        purpose=require_text("purpose", purpose, 200),
        starts_on=starts_on,
        returns_on=returns_on,
        asked_at=now,
        asked_by=UUID(actor.person_id),
    )
    for keeper in standing.holders(OFFICE, now):
        if str(keeper) != actor.person_id:
            tell(keeper, "travel.asked", now, name=who.name, day=starts_on.isoformat())
    return _prove("travel.ask", row, actor, now, kind=kind, starts_on=starts_on, returns_on=returns_on)


@procedure("travel.note_opinions", requires=OFFICE, clauses=("TL-52.2",))
def note_opinions(*, actor: Actor, now: datetime, travel: UUID, personnel: str, office: str) -> Entered:
    """Record what the personnel department and the secrecy office say of a journey; nobody of one's own. 提出意见。

    Args:
        personnel: The opinion of the personnel department.
        office: The opinion of the secrecy office.
    """
    row = _open(actor, travel)
    _of_another(actor, row)
    if row.approved_at is not None:
        raise Conflict("travel.decided", ("TL-52.2",))
    for name, text in (("personnel", personnel), ("office", office)):
        paper.block_of_text(text, name, 400, required=True)
    row.personnel_opinion, row.office_opinion, row.opinions_at = personnel.strip(), office.strip(), now
    for head in standing.principals().values_list("pk", flat=True):
        tell(head, "travel.to_decide", now, name=row.person.name, day=row.starts_on.isoformat())
    return _prove("travel.note_opinions", row, actor, now)


@procedure("travel.decide", requires=Role.HEAD, step_up=True, clauses=("BMF-45", "TL-52.2", "SEED-8"))
def decide(*, actor: Actor, now: datetime, travel: UUID, approve: bool, words: str = "") -> Entered:
    """Approve or refuse a journey abroad; an officer who travels is suspended for its days. 审批出国（境）。

    Args:
        words: Why it is refused, or on what conditions it is approved.
    Raises:
        Refused: Opinions are missing, or the journey has begun: nobody approves afterwards.
    """
    row = _open(actor, travel)
    _of_another(actor, row)
    if row.approved_at is not None:
        raise Conflict("travel.decided", ("TL-52.2",))
    paper.block_of_text(words, "words", 400, required=not approve)
    verdict = asked.judge("travel.approve" if approve else "travel.refuse", row, now)
    facts.require(verdict)
    row.decided_by, row.decision = UUID(actor.person_id), words.strip()
    moved: list[Any] = []
    if approve:
        row.approved_at = now
        moved = tenure.suspended_for(row.person_id, f"travel_{row.kind}", row.place, actor, now, _span(row, now))
    else:
        row.refused = True
    row.save()
    data = {"approved": approve, "suspended": bool(moved)}
    append(
        actor,
        "travel.decide",
        subject=("person", row.person_id),
        at=now,
        data=data,
        rows=[row, *moved],
        verdict=verdict,
    )
    tell(row.person_id, "travel.approved" if approve else "travel.refused", now, day=row.starts_on.isoformat())
    return Entered(row.pk)


def _span(row: Travel, now: datetime) -> tuple[datetime, datetime]:
    """Return the instants between which an officer does not decide: from the first day, or now, to the end of the last."""
    return max(now, facts.start_of(row.starts_on)), facts.start_of(row.returns_on + timedelta(days=1))


@procedure("travel.brief", requires=OFFICE, clauses=("TL-52.2", "BJ-21"))
def brief(
    *,
    actor: Actor,
    now: datetime,
    travel: UUID,
    briefed_on: date | None = None,
    filing_no: str = "",
    expected_version: str,
) -> Entered:
    """Record that a traveller was briefed before leaving, and the filing at the border where there is one. 行前保密教育。

    Args:
        filing_no: Of the filing with those who control exits, where the place asks for it.
        expected_version: The version of the journey, as ``travel`` showed it.
    Raises:
        Conflict: ``record.stale``: it was changed meanwhile.
        Refused: It is not approved, or the journey has begun.
    """
    row = _open(actor, travel)
    _of_another(actor, row)
    require_current(row, "person", expected_version, of=row.person_id)
    day = briefed_on or now.date()
    if day > now.date():
        raise Invalid("date.in_future", (), fields={"briefed_on": "date.in_future"})
    row.briefed_on = day
    verdict = asked.judge("travel.brief", row, now)
    facts.require(verdict)
    row.filing_no = filing_no.strip()[:80]
    row.save()
    append(actor, "travel.brief", subject=("person", row.person_id), at=now, rows=[row], verdict=verdict)
    return Entered(row.pk)


@procedure("travel.return_from", clauses=("BJ-24", "TL-52.2"))
def return_from(*, actor: Actor, now: datetime, travel: UUID, back_on: date, words: str) -> Entered:
    """Record the return from a journey and what is to be reported of it: by the traveller, or the office. 登记回国（境）。"""
    row = _open(actor, travel)
    if str(row.person_id) != actor.person_id and not actor.holds(OFFICE):
        raise NotFound("object.not_found")
    if not row.starts_on <= back_on <= now.date():
        raise Invalid("input.invalid", (), fields={"back_on": "date.in_future"})
    paper.block_of_text(words, "words", 400, required=True)
    row.back_on, row.back_words = back_on, words.strip()
    return _prove("travel.return_from", row, actor, now, back_on=back_on)


@procedure("travel.withdraw", clauses=("BMF-45",))
def withdraw(*, actor: Actor, now: datetime, travel: UUID) -> Entered:
    """Withdraw a journey that will not be made: by the traveller, or the office; an officer decides again. 撤回出国（境）申请。"""
    row = _open(actor, travel)
    if str(row.person_id) != actor.person_id and not actor.holds(OFFICE):
        raise NotFound("object.not_found")
    row.withdrawn_on = now.date()
    ended = tenure.unsuspended(row.person_id, f"travel_{row.kind}", _span(row, row.asked_at)[1], now)
    return _prove("travel.withdraw", row, actor, now, *ended, resumed=bool(ended))


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("BMF-45", "TL-52.2"))
def follow(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind before a journey of what is missing, alarm when one began without approval, ask after those due back. 出境提醒。"""
    sweep.alone()
    office, heads = standing.holders(OFFICE, now), tuple(standing.principals().values_list("pk", flat=True))
    sent = unapproved = 0
    for row in asked.running().order_by("starts_on", "pk"):
        of, name = {"of": str(row.pk)}, row.person.name
        left = (row.starts_on - today).days
        if left < 0 and row.approved_at is None:
            unapproved += tell_once((*office, *heads), "travel.unapproved", now, of, name=name)
        elif 0 <= left <= max(policy.TRAVEL_LEAD_DAYS) and row.briefed_on is None:
            lead = min(n for n in policy.TRAVEL_LEAD_DAYS if left <= n)
            code = "travel.not_briefed" if row.approved_at else "travel.not_decided"
            sent += tell_once(
                (*office, *(() if row.approved_at else heads)), code, now, {**of, "lead": lead}, name=name
            )
        late = (today - row.returns_on).days
        if row.approved_at is not None and late > 0:
            week = {**of, "week": late // 7}
            sent += tell_once((row.person_id, *office), "travel.return_due", now, week, name=name)
    for move in asked.unapproved_moves(now):
        unapproved += tell_once(
            (*office, *heads), "travel.unapproved", now, {"of": str(move.pk)}, name=move.person.name
        )
    data = {"today": today, "reminded": sent, "unapproved": unapproved}
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data=data)
    return Reminded(sent, unapproved)
