"""P12 异议与争议：to the originator first, then to the administrations; the highest asserted level is in force meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.procedures import paper, rulings, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content, contested, facts, limits, standing
from dingmi.queries.terms import Answers
from dingmi.records.ledger.append import append
from dingmi.records.matters.disputes import Challenge, ChallengeStep
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.models import Organ

TASK = "dispute"  # the kind of review task that a challenge leaves
DECIDERS = (Role.OFFICER, Role.HEAD)
REGISTRARS = (Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE)


@dataclass(frozen=True)
class Contested:
    """A challenge moved on: its state, and the level at which the matter is protected now."""

    challenge: UUID
    matter: UUID
    version: int
    state: str
    level: str
    due_on: date | None = None
    warnings: tuple[str, ...] = ()


@procedure("challenge.raise", requires=REGISTRARS, step_up=True, clauses=("TL-26.1", "TL-26.3", "BMF-14.1"))
def raise_(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    position: str,
    reasons: str,
    level: str = "",
    tail: str = "",
    challenger: UUID | None = None,
    document_no: str = "",
    raised_on: date | None = None,
    expected_version: int,
) -> Contested:
    """State another position on a matter in force; it is protected at the highest level asserted from now on. 提出异议。

    Args:
        position: ``level`` (another level or period) or ``not_secret``.
        challenger: The organ that challenges what we determined; none: we challenge a matter of another organ.
        raised_on: When it was stated; by default today.
    """
    row = shelf.lock(actor, now, matter, expected_version)  # load
    paper.block_of_text(reasons, "reasons", REASON_LIMIT, required=True)
    number = paper.line(document_no, "document_no", 80)
    period = facts.tail(tail).text if tail else ""
    on = _past(raised_on, "raised_on", now)
    who = challenger or standing.home().pk
    if not Organ.objects.filter(pk=who).exists():
        raise Invalid("input.invalid", (), fields={"challenger": "organ.unknown"})
    verdict = contested.judge_challenge(row, who, position, level, period, reasons, now)  # gather, judge
    facts.require(verdict)
    due = limits.limit(contested.ANSWER, on).due_on
    kept = Challenge.objects.create(  # write
        matter=row,
        challenger_id=who,
        is_received=standing.answers_for(row).is_home,
        raised_by_id=UUID(actor.person_id),
        position=position,
        asserted_level=level,
        asserted_tail=period,
        challenged_level=standing.determined_level(row),
        answer_due_on=due,
        raised_at=now,
        changed_at=now,
    )
    before = row.level
    _hold(row, now)
    Deadline.objects.create(
        matter_id=row.pk, name=contested.ANSWER, clause="TL-26.1", is_policy=True, starts_on=on, due_on=due
    )
    said = {"position": position, "level": level, "tail": period, "reasons": reasons}
    step = _step(kept, "challenge.raise", actor, now, said, number, on, verdict)
    _prove(actor, "challenge.raise", kept, step, now, verdict, {"position": position, "level": row.level})  # prove
    _tell(row, "challenge.raised", now, level=row.level)  # tell
    if row.level != before:
        shelf.tell_scope(row, "challenge.held", now, level=row.level)
    return _outcome(kept, due, contested.warnings(verdict))


def _past(day: date | None, field: str, now: datetime) -> date:
    if day is not None and day > now.date():
        raise Invalid("date.in_future", (), fields={field: "date.in_future"})
    return day or now.date()


def _hold(row: Matter, now: datetime) -> None:
    """Bring a matter to the level that holds now: as determined, or higher while a challenge says so."""
    shelf.move_to_level(row, standing.determined_level(row), now)
    shelf.save(row, now)


def _locked(actor: Actor, now: datetime, challenge: UUID, expected_version: int) -> Challenge:
    """Return a challenge and its matter, locked; version is that of the matter.

    Raises:
        NotFound: There is none, or the actor may not know of its matter: the same answer.
    """
    found = Challenge.objects.filter(pk=challenge).first()
    if found is None:
        raise NotFound("object.not_found")
    row = shelf.lock(actor, now, found.matter_id, expected_version)
    kept: Challenge = Challenge.objects.select_for_update().get(pk=challenge)
    kept.matter = row
    return kept


def _step(
    challenge: Challenge,
    act: str,
    actor: Actor,
    now: datetime,
    said: dict[str, Any],
    document_no: str,
    on: date,
    verdict: Any,
) -> ChallengeStep:
    """Write what was said or decided, sealed under the level that holds now, with the digest of what was signed."""
    row = challenge.matter
    number = ChallengeStep.objects.filter(challenge=challenge).count() + 1
    text, digest = shelf.sealed_payload(
        {
            "act": act,
            "challenge": str(challenge.pk),
            "number": number,
            "by": actor.person_id,
            "document_no": document_no,
            "on": on.isoformat(),
            "at": now.isoformat(),
            **said,
        }
    )
    step = ChallengeStep(
        challenge=challenge,
        number=number,
        act=act,
        by_id=UUID(actor.person_id),
        document_no=document_no,
        on=on,
        level=row.level,
        digest=digest,
        verdict=facts.verdict_plain(verdict),
        at=now,
    )
    step.payload_ct = content.sealed(step, "payload_ct", row.level, text)
    step.save()
    return step


def _prove(
    actor: Actor, act: str, challenge: Challenge, step: ChallengeStep, now: datetime, verdict: Any, data: dict[str, Any]
) -> None:
    row = challenge.matter
    append(
        actor,
        act,
        subject=("matter", row.pk),
        at=now,
        data={
            "challenge": challenge.pk,
            "state": challenge.state,
            "step": step.number,
            "digest": step.digest,
            "version": row.version,
            **data,
        },
        verdict=verdict,
        rows=[step, challenge, row],
    )


def _tell(row: Matter, code: str, now: datetime, **params: Any) -> None:
    shelf.tell([p for p in (row.drafter_id, row.officer_id) if p], code, row, now, acknowledge=True, **params)


def _outcome(challenge: Challenge, due: date | None = None, warnings: tuple[str, ...] = ()) -> Contested:
    row = challenge.matter
    return Contested(challenge.pk, row.pk, row.version, challenge.state, row.level, due, warnings)


def _moved(challenge: Challenge, state: str, now: datetime, **changes: Any) -> None:
    """Bring a challenge to ``state``, then the matter to the level that holds by it."""
    for name, value in changes.items():
        setattr(challenge, name, value)
    challenge.state, challenge.changed_at = state, now
    challenge.save()
    _hold(challenge.matter, now)


@procedure("challenge.answer", requires=DECIDERS, step_up=True, clauses=("TL-26.1", "BMF-16.2"))
def answer(
    *,
    actor: Actor,
    now: datetime,
    challenge: UUID,
    outcome: str,
    reasons: str,
    level: str = "",
    document_no: str = "",
    answered_on: date | None = None,
    expected_version: int,
) -> Contested:
    """Decide on a challenge as the originator, or register the originator's decision on ours. 原定密机关作出决定。

    A change or voiding that was decided is then carried out by its own acts; protection does not drop before that.

    Args:
        outcome: ``keep``, ``change`` (to ``level``) or ``not_secret``.
    """
    kept = _locked(actor, now, challenge, expected_version)  # load
    paper.block_of_text(reasons, "reasons", REASON_LIMIT, required=True)
    number = paper.line(document_no, "document_no", 80, required=not kept.is_received)
    on = _past(answered_on, "answered_on", now)
    if outcome == "change" and not level:
        raise Invalid("input.invalid", (), fields={"level": "text.missing"})
    verdict = contested.judge_answer(kept, outcome, level, reasons, actor, now)  # gather, judge
    facts.require(verdict)
    _moved(kept, "answered", now, outcome=outcome, outcome_level=level if outcome == "change" else "")  # write
    Deadline.objects.filter(matter_id=kept.matter_id, name=contested.ANSWER, done_at__isnull=True).update(done_at=now)
    if kept.is_received and outcome != "keep":
        shelf.prompt([kept.matter], TASK, now.date())  # what was decided is carried out by an act of its own
    said = {"outcome": outcome, "level": level, "reasons": reasons}
    step = _step(kept, "challenge.answer", actor, now, said, number, on, verdict)
    _prove(actor, "challenge.answer", kept, step, now, verdict, {"outcome": outcome})  # prove
    _tell(kept.matter, "challenge.answered", now, outcome=outcome)  # tell
    return _outcome(kept)


@procedure("challenge.dispute", requires=Role.OFFICER, step_up=True, clauses=("TL-26.2", "QA-6"))
def dispute(*, actor: Actor, now: datetime, challenge: UUID, reasons: str, expected_version: int) -> Contested:
    """Review the report that takes our challenge to the administration, at the highest level and longest period. 审核报请。"""
    kept = _ours(_locked(actor, now, challenge, expected_version))  # load
    paper.block_of_text(reasons, "reasons", REASON_LIMIT, required=True)
    verdict = contested.judge_dispute("challenge.dispute", kept, actor, now, reasons=reasons)  # gather, judge
    facts.require(verdict)
    _moved(kept, "reviewed", now, route=str(verdict.values["route"]), reviewed_by_id=UUID(actor.person_id))  # write
    said = {
        "reasons": reasons,
        "packet_level": verdict.values["packet_level"],
        "packet_tail": verdict.values["packet_tail"],
    }
    step = _step(kept, "challenge.dispute", actor, now, said, "", now.date(), verdict)
    _prove(actor, "challenge.dispute", kept, step, now, verdict, {"route": kept.route})  # prove
    _tell(kept.matter, "dispute.reviewed", now)  # tell
    return _outcome(kept, warnings=contested.warnings(verdict))


def _ours(challenge: Challenge) -> Challenge:
    """Return a challenge that we raised.

    Raises:
        Invalid: ``challenge.not_ours``: the other side takes its own challenge further.
    """
    if challenge.is_received:
        raise Invalid("challenge.not_ours", (), fields={"challenge": "challenge.not_ours"})
    return challenge


@procedure("challenge.send", requires=Role.HEAD, step_up=True, clauses=("QA-6", "TL-26.2"))
def send(
    *,
    actor: Actor,
    now: datetime,
    challenge: UUID,
    document_no: str,
    sent_on: date | None = None,
    opinion: str = "",
    expected_version: int,
) -> Contested:
    """Approve the reviewed report as the head and register that it went up. 负责人批准报出。"""
    kept = _ours(_locked(actor, now, challenge, expected_version))  # load
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    number = paper.line(document_no, "document_no", 80, required=True)
    on = _past(sent_on, "sent_on", now)
    verdict = contested.judge_dispute("challenge.send", kept, actor, now)  # gather, judge
    facts.require(verdict)
    _moved(kept, "disputed", now, route=str(verdict.values["route"]))  # write
    step = _step(kept, "challenge.send", actor, now, {"opinion": opinion}, number, on, verdict)
    _prove(actor, "challenge.send", kept, step, now, verdict, {"route": kept.route})  # prove
    _tell(kept.matter, "dispute.sent", now)  # tell
    return _outcome(kept)


@procedure("challenge.register_dispute", requires=REGISTRARS, step_up=True, clauses=("TL-26.2",))
def register_dispute(
    *,
    actor: Actor,
    now: datetime,
    challenge: UUID,
    document_no: str,
    disputed_on: date | None = None,
    expected_version: int,
) -> Contested:
    """Register that the challenger took its challenge of our matter to the administration. 登记对方报请。"""
    kept = _locked(actor, now, challenge, expected_version)  # load
    if not kept.is_received:
        raise Invalid("challenge.is_ours", (), fields={"challenge": "challenge.is_ours"})
    number = paper.line(document_no, "document_no", 80, required=True)
    on = _past(disputed_on, "disputed_on", now)
    verdict = contested.judge_dispute("challenge.register_dispute", kept, actor, now)  # gather, judge
    facts.require(verdict)
    _moved(kept, "disputed", now, route=str(verdict.values["route"]))  # write
    step = _step(kept, "challenge.register_dispute", actor, now, {}, number, on, verdict)
    _prove(actor, "challenge.register_dispute", kept, step, now, verdict, {"route": kept.route})  # prove
    _tell(kept.matter, "dispute.sent", now)  # tell
    return _outcome(kept)


@procedure("challenge.register_decision", requires=DECIDERS, step_up=True, clauses=("BMF-25", "TL-26.2"))
def register_decision(
    *,
    actor: Actor,
    now: datetime,
    challenge: UUID,
    ruled_by: str,
    outcome: str,
    document_no: str,
    decided_on: date,
    level: str = "",
    tail: str = "",
    expected_version: int,
    prepared: dict[str, Any],
) -> Contested:
    """Register what the administration decided; it binds, takes effect at once and ends the protection above it. 登记裁决。

    Args:
        ruled_by: ``national`` or ``provincial``.
        outcome: ``keep``, ``change`` (to ``level`` and ``tail``) or ``not_secret``.
    """
    kept = _locked(actor, now, challenge, expected_version)  # load
    row, number = kept.matter, paper.line(document_no, "document_no", 80, required=True)
    if outcome not in ("keep", "change", contested.NOT_SECRET):
        raise Invalid("input.invalid", (), fields={"outcome": "challenge.no_outcome"})
    wanted = {"keep": standing.determined_level(row), "change": level or standing.determined_level(row)}.get(
        outcome, ""
    )
    verdict = contested.judge_ruling(kept, ruled_by, wanted, number, decided_on, now)  # gather, judge
    facts.require(verdict)
    final = ruled_by == "national"
    ended = {"outcome": outcome, "outcome_level": wanted, "ruled_by": ruled_by, "ended_at": now}
    kept.ended_at = now  # the assertion holds no longer: what follows moves the matter to what was decided
    Challenge.objects.filter(pk=kept.pk).update(ended_at=now)
    said = {"outcome": outcome, "level": level, "tail": tail, "ruled_by": ruled_by}
    payload = {"document_no": number, "decided_on": decided_on.isoformat(), "challenge": str(kept.pk)}
    ruling = rulings.Ruling("challenge.register_decision", payload, verdict=verdict)
    if outcome == "change":  # write
        terms = _ruled_terms(row, wanted, tail, now)
        rulings.enter_force(
            ruling,
            row,
            terms,
            actor,
            now,
            prepared,
            starts_on=row.starts_on,
            issued_on=row.issued_on,
            officer=row.officer_id,
        )
        shelf.tell_derived(row, now, "source.changed")
    elif outcome == contested.NOT_SECRET:
        rulings.void(ruling, row, actor, now)
    _moved(kept, "final" if final else "decided", now, **ended)
    step = _step(kept, "challenge.register_decision", actor, now, said, number, decided_on, verdict)
    _prove(actor, "challenge.register_decision", kept, step, now, verdict, {"outcome": outcome, "level": row.level})
    shelf.tell_scope(row, "dispute.decided", now, outcome=outcome, level=row.level)  # tell
    return _outcome(kept)


@register_decision.prepare
def _stamp_decided(
    *,
    actor: Actor,
    now: datetime,
    challenge: UUID,
    ruled_by: str,
    outcome: str,
    document_no: str,
    decided_on: date,
    level: str = "",
    tail: str = "",
    expected_version: int,
) -> dict[str, Any]:
    """Stamp the mark that was decided, where the decision changes it."""
    kept = Challenge.objects.filter(pk=challenge).first()
    if kept is None or outcome != "change":
        return {}
    row = access.matter_for(actor, now, kept.matter_id)
    return rulings.stamped(row, _ruled_terms(row, level, tail, now), None, actor, now)


def _ruled_terms(row: Matter, level: str, tail: str, now: datetime) -> Answers:
    """Return the terms of a ruling: what it does not name stays as it stands."""
    scope = standing.scope_of(row, now)
    level, tail = level or standing.determined_level(row), tail or row.tail
    return Answers(item=row.item_id, level=level, tail=tail, scope=scope, reasons="-")


@procedure("challenge.appeal", requires=DECIDERS, step_up=True, clauses=("TL-26.2",))
def appeal(
    *,
    actor: Actor,
    now: datetime,
    challenge: UUID,
    reasons: str,
    document_no: str,
    appealed_on: date | None = None,
    expected_version: int,
) -> Contested:
    """Take a provincial decision to the national administration, or register that the other side did. 再报国家局。

    What was asserted holds again until the national decision.
    """
    kept = _locked(actor, now, challenge, expected_version)  # load
    paper.block_of_text(reasons, "reasons", REASON_LIMIT, required=True)
    number = paper.line(document_no, "document_no", 80, required=True)
    on = _past(appealed_on, "appealed_on", now)
    verdict = contested.judge_dispute("challenge.appeal", kept, actor, now, reasons=reasons)  # gather, judge
    facts.require(verdict)
    _moved(kept, "appealed", now, route=str(verdict.values["route"]), ended_at=None)  # write
    step = _step(kept, "challenge.appeal", actor, now, {"reasons": reasons}, number, on, verdict)
    _prove(actor, "challenge.appeal", kept, step, now, verdict, {"level": kept.matter.level})  # prove
    _tell(kept.matter, "dispute.appealed", now, level=kept.matter.level)  # tell
    return _outcome(kept)


@procedure("challenge.settle", requires=REGISTRARS, step_up=True, clauses=("TL-26.1", "TL-26.3"))
def settle(
    *, actor: Actor, now: datetime, challenge: UUID, reasons: str, document_no: str = "", expected_version: int
) -> Contested:
    """End a challenge whose decision by the originator the challenger accepts; never one that is undecided. 了结异议。"""
    kept = _locked(actor, now, challenge, expected_version)  # load
    paper.block_of_text(reasons, "reasons", REASON_LIMIT, required=True)
    number = paper.line(document_no, "document_no", 80)
    outstanding = contested.change_outstanding(kept)
    verdict = contested.judge_dispute("challenge.settle", kept, actor, now, change_outstanding=outstanding)
    facts.require(verdict)  # gather, judge
    _moved(kept, "settled", now, ended_at=now)  # write
    step = _step(kept, "challenge.settle", actor, now, {"reasons": reasons}, number, now.date(), verdict)
    _prove(actor, "challenge.settle", kept, step, now, verdict, {"level": kept.matter.level})  # prove
    _tell(kept.matter, "challenge.settled", now, level=kept.matter.level)  # tell
    return _outcome(kept)
