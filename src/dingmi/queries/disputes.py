"""不明确与争议 as pages show them: what was referred and is not answered, challenges and how far each has come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding, NotFound
from dingmi.queries import access, content, contested, limits, numbers
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, capped, row_of
from dingmi.records.matters.disputes import Challenge, ChallengeStep
from dingmi.records.matters.models import Decision, Matter, Referral
from dingmi.records.notices.models import Deadline

BUSINESS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
SHOWN = 200
OPEN_STEPS: dict[tuple[str, bool], tuple[str, ...]] = {  # state, is_received → what may be done next
    ("challenged", True): ("answer", "register_dispute"),
    ("challenged", False): ("answer", "dispute"),
    ("answered", True): ("settle", "register_dispute"),
    ("answered", False): ("settle", "dispute"),
    ("reviewed", False): ("send",),
    ("disputed", True): ("register_decision",),
    ("disputed", False): ("register_decision",),
    ("decided", True): ("appeal",),
    ("decided", False): ("appeal",),
    ("appealed", True): ("register_decision",),
    ("appealed", False): ("register_decision",),
}
ROLES: dict[str, tuple[Role, ...]] = {
    "answer": (Role.OFFICER, Role.HEAD),
    "dispute": (Role.OFFICER,),
    "send": (Role.HEAD,),
    "register_decision": (Role.OFFICER, Role.HEAD),
    "appeal": (Role.OFFICER, Role.HEAD),
    "settle": (Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE),
    "register_dispute": (Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE),
}


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One matter that was referred; title empty where only its existence may be known."""

    id: UUID
    matter: MatterRow
    kind: str
    category: str
    addressee: str
    route: str
    referred_on: date
    due_on: date | None
    days_left: int | None
    state: str  # waiting / sent / decided / not_secret
    sent_on: date | None
    answer_by: date | None


@dataclass(frozen=True, slots=True)
class Referrals:
    """Everything that was referred and that the reader may know of, open ones first."""

    rows: tuple[ReferralRow, ...]
    open: int
    late: int
    challenges: int


@dataclass(frozen=True, slots=True)
class Precedent:
    """An unclear matter of the same category that was decided."""

    number: str
    outcome: str
    ruled_by: str
    document_no: str
    on: date | None


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """One referral with what may be done."""

    row: ReferralRow
    version: int
    drafter: str
    sender: str
    sent_number: str
    answer_number: str
    decided_on: date | None
    reasons: str
    clause: str
    precedents: tuple[Precedent, ...]
    may: tuple[str, ...]
    form: str
    opinions: int


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """One challenge of a matter."""

    id: UUID
    matter: MatterRow
    challenger: str
    is_received: bool
    position: str
    asserted: str
    state: str
    is_open: bool
    held: bool
    route: str
    due_on: date | None
    days_left: int | None
    changed_on: date


@dataclass(frozen=True, slots=True)
class Challenges:
    """Every challenge that the reader may know of, open ones first."""

    rows: tuple[ChallengeRow, ...]
    open: int
    late: int
    referrals: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing said or decided."""

    number: int
    on: date
    title: str
    by: str
    document_no: str
    words: str
    outcome: str
    level: str
    tail: str


@dataclass(frozen=True, slots=True)
class ChallengePage:
    """One challenge with its history and what may be done."""

    row: ChallengeRow
    version: int
    steps: tuple[StepRow, ...]
    may: tuple[str, ...]
    forms: tuple[str, ...]
    determined: str
    tail: str


def _known(actor: Actor, now: datetime) -> dict[UUID, Matter]:
    rows = access.existing(actor, now).exclude(state="draft").select_related("department", "officer")
    touched = rows.filter(referrals__isnull=False) | rows.filter(challenges__isnull=False)
    return {m.pk: m for m in touched.distinct()[: SHOWN * 5]}


def _left(due: date | None, today: date) -> int | None:
    return (due - today).days if due else None


def _state(referral: Referral) -> str:
    return str(referral.answer) or ("sent" if referral.sent_on else "waiting")


def _referral_row(referral: Referral, matter: Matter, today: date) -> ReferralRow:
    limits = Deadline.objects.filter(matter_id=matter.pk, name=contested.RULING, done_at__isnull=True)
    state = _state(referral)
    return ReferralRow(
        id=referral.pk,
        matter=row_of(matter, today),
        kind=referral.kind,
        category=referral.category,
        addressee=referral.addressee_name,
        route=referral.route,
        referred_on=referral.referred_at.date(),
        due_on=referral.due_on if state == "waiting" else None,
        days_left=_left(referral.due_on, today) if state == "waiting" else None,
        state=state,
        sent_on=referral.sent_on,
        answer_by=limits.values_list("due_on", flat=True).first() if state == "sent" else None,
    )


@query("unclear.list", roles=BUSINESS)
def referrals(*, actor: Actor, now: datetime) -> Referrals:
    """What was referred because it is unclear or above our authority, the nearest limit first."""
    today, known = now.date(), _known(actor, now)
    found = Referral.objects.filter(matter__in=list(known)).order_by("-referred_at", "-pk")[:SHOWN]
    rows = [_referral_row(r, known[r.matter_id], today) for r in found]
    rows.sort(key=lambda r: (r.state not in ("waiting", "sent"), r.due_on or r.answer_by or date.max))
    waiting = [r for r in rows if r.state in ("waiting", "sent")]
    challenges = capped(Challenge.objects.filter(matter__in=list(known), ended_at__isnull=True))
    late = sum(r.days_left is not None and r.days_left < 0 for r in waiting)
    return Referrals(tuple(rows), len(waiting), late, challenges)


@query("unclear.one", roles=BUSINESS)
def referral(*, actor: Actor, now: datetime, referral: UUID) -> ReferralPage:
    """One referral, for a reader who may know its matter.

    Raises:
        NotFound: There is none, or the reader may not know it.
    """
    found = Referral.objects.filter(pk=referral).select_related("drafter", "sender").first()
    if found is None:
        raise NotFound("object.not_found")
    matter: Any = access.matter_for(actor, now, found.matter_id)
    last = matter.proposals.order_by("-number").first()
    said = json.loads(content.opened(last, "payload_ct", last.level)) if last else {}
    row = _referral_row(found, matter, now.date())
    return ReferralPage(
        row=row,
        version=matter.version,
        drafter=found.drafter.name if found.drafter else matter.drafter.name,
        sender=found.sender.name if found.sender else "",
        sent_number=found.sent_number,
        answer_number=found.answer_number,
        decided_on=found.decided_on,
        reasons=str(said.get("reasons") or ""),
        clause=limits.limit(contested.REPORT, found.provisional_on).clause if found.provisional_on else "BMF-17.3",
        precedents=_precedents(found, actor, now),
        may=_may_refer(found, row, matter, actor),
        form="unclear" if found.kind == "unclear" else "referral",
        opinions=matter.preparations.filter(case=found.pk).count(),
    )


def _may_refer(referral: Referral, row: ReferralRow, matter: Matter, actor: Actor) -> tuple[str, ...]:
    others = actor.person_id != str(referral.drafter_id or "")
    if referral.kind != "unclear":
        may = actor.holds(Role.OFFICER, Role.HEAD) and actor.person_id != str(matter.drafter_id)
        return ("answer_referral",) if row.state == "waiting" and may else ()
    if row.state == "waiting":
        return ("send",) if others and actor.holds(Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE) else ()
    return ("answer",) if row.state == "sent" and others and actor.holds(Role.OFFICER, Role.HEAD) else ()


def _precedents(referral: Referral, actor: Actor, now: datetime) -> tuple[Precedent, ...]:
    """Return decided matters of the same category that the reader may know of: marks and numbers only."""
    same = Referral.objects.filter(kind="unclear", category=referral.category, answered_at__isnull=False)
    known = {m.pk: m for m in access.existing(actor, now).filter(referrals__in=same)[:SHOWN]}
    rows = [r for r in same.exclude(pk=referral.pk).order_by("-decided_on", "-pk")[:20] if r.matter_id in known]
    return tuple(
        Precedent(
            number=numbers.shown(r.matter_id, known[r.matter_id].register_no),
            outcome=_outcome(r),
            ruled_by=r.ruled_by,
            document_no=r.answer_number,
            on=r.decided_on,
        )
        for r in rows[:5]
    )


def _outcome(referral: Referral) -> str:
    if referral.answer != "decided":
        return ""
    kept = Decision.objects.filter(matter=referral.matter_id, act="unclear.answer").first()
    return f"{kept.level}★{kept.tail}" if kept else ""


def _challenge_row(challenge: Challenge, matter: Matter, today: date) -> ChallengeRow:
    waiting = challenge.state == "challenged"
    due = challenge.answer_due_on if waiting else None
    return ChallengeRow(
        id=challenge.pk,
        matter=row_of(matter, today),
        challenger=challenge.challenger.short_name,
        is_received=challenge.is_received,
        position=challenge.position,
        asserted=" ".join(w for w in (challenge.asserted_level, challenge.asserted_tail) if w),
        state=challenge.state,
        is_open=challenge.ended_at is None,
        held=bool(matter.determined_level),
        route=challenge.route,
        due_on=due,
        days_left=_left(due, today),
        changed_on=challenge.changed_at.date(),
    )


@query("dispute.list", roles=BUSINESS)
def challenges(*, actor: Actor, now: datetime) -> Challenges:
    """Challenges of our matters and ours of others', open ones first."""
    today, known = now.date(), _known(actor, now)
    found = Challenge.objects.filter(matter__in=list(known)).select_related("challenger").order_by("-changed_at", "-pk")
    rows = [_challenge_row(c, known[c.matter_id], today) for c in found[:SHOWN]]
    rows.sort(key=lambda r: (not r.is_open, r.due_on or date.max))
    waiting = capped(Referral.objects.filter(matter__in=list(known), answered_at__isnull=True))
    late = sum(r.days_left is not None and r.days_left < 0 for r in rows)
    return Challenges(tuple(rows), sum(r.is_open for r in rows), late, waiting)


@query("dispute.one", roles=BUSINESS)
def challenge(*, actor: Actor, now: datetime, challenge: UUID) -> ChallengePage:
    """One challenge with everything said in it, for a reader who may know its matter.

    Raises:
        NotFound: There is none, or the reader may not know it.
    """
    found = Challenge.objects.filter(pk=challenge).select_related("challenger").first()
    if found is None:
        raise NotFound("object.not_found")
    matter: Any = access.matter_for(actor, now, found.matter_id)
    steps = ChallengeStep.objects.filter(challenge=found).select_related("by").order_by("number")
    wanted = OPEN_STEPS.get((found.state, found.is_received), ())
    if found.state == "decided" and found.ruled_by == "national":
        wanted = ()
    return ChallengePage(
        row=_challenge_row(found, matter, now.date()),
        version=matter.version,
        steps=tuple(_step_row(s, actor.language) for s in steps),
        may=tuple(name for name in wanted if actor.holds(*ROLES[name])),
        forms=("challenge", *(("dispute",) if found.reviewed_by_id else ())),
        determined=str(matter.determined_level or matter.level),
        tail=matter.tail,
    )


def _step_row(step: ChallengeStep, language: str) -> StepRow:
    said = json.loads(content.opened(step, "payload_ct", step.level))
    return StepRow(
        number=step.number,
        on=step.on,
        title=messages.render(Finding(step.act, "note"), language).text,
        by=step.by.name if step.by else "",
        document_no=step.document_no,
        words=str(said.get("reasons") or said.get("opinion") or ""),
        outcome=str(said.get("outcome") or said.get("position") or ""),
        level=str(said.get("level") or said.get("packet_level") or ""),
        tail=str(said.get("tail") or said.get("packet_tail") or ""),
    )
