"""不明确与争议: what the law is asked about them, gathered from the records, and what an open challenge holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import facts, limits, points, standing
from dingmi.queries.facts import drafter_facts, item_facts, officer_facts, terms_facts
from dingmi.queries.terms import Answers
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Matter, Proposal, Referral
from dingmi.records.organs.models import Account, RoleGrant
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import dispute_facts as asked
from dingmi.regime.prc_state.facts import ItemFacts, ProposalFacts

LEVELS: tuple[str, ...] = ("内部", "秘密", "机密", "绝密")  # lowest first
NOT_SECRET = "not_secret"
RAISING = ("change.change", "change.extend")  # proposals that protect at a higher level until they are decided
REPORT, RULING = "unclear_matter_report", "unclear_matter_decision"  # names of limits in the regime
ANSWER = limits.CHALLENGE


def held(matter: Matter, level: str) -> str:
    """Return ``level``, or a higher one asserted in an open challenge or proposed for a matter in force (TL-26.3, TL-17.1)."""
    asserted = list(
        Challenge.objects.filter(matter=matter, ended_at__isnull=True).values_list("asserted_level", flat=True)
    )
    last = Proposal.objects.filter(matter=matter).order_by("-number").first()
    if last is not None and last.act in RAISING and not last.decisions.exists():
        asserted.append(last.level)
    higher = [word for word in asserted if word in LEVELS]
    highest: str = max((level, *higher), key=LEVELS.index) if higher else level
    return highest


def _judged(act: str, given: Any, now: datetime) -> Verdict:
    return judge(facts.REGIME, act, given, now.date())


def judge_external(row: Matter, answers: Answers, actor: Actor, now: datetime) -> Verdict:
    """Judge whether a decision of another organ can be registered: it names all three elements, and lawfully so."""
    given = ProposalFacts(
        at=now,
        drafter=drafter_facts(str(row.drafter_id), now),
        terms=terms_facts(answers),
        item=item_facts(answers.item),
        bars=dict(answers.bars),
    )
    verdict = _judged("determination.propose", given, now)
    return _only(verdict, "element.", "tail.", "period.over_cap", "period.over_item")


def _only(verdict: Verdict, *codes: str) -> Verdict:
    """Return the verdict with the findings whose code starts with one of ``codes``."""
    kept = tuple(f for f in verdict.findings if f.code.startswith(codes))
    return replace(verdict, findings=kept)


def judge_unclear(
    row: Matter, answers: Answers, category: str, does_damage: bool, actor: Actor, now: datetime
) -> Verdict:
    """Judge provisional terms where no item of any guide fits."""
    given = asked.UnclearFacts(
        at=now,
        drafter=drafter_facts(actor.person_id, now),
        organ_tier=standing.home().tier,
        terms=terms_facts(answers),
        category=category,
        does_damage=does_damage,
        has_reasons=bool(answers.reasons.strip()),
        bars=dict(answers.bars),
        item=ItemFacts(str(answers.item), answers.level, answers.tail) if answers.item else None,
        points=points.asked_of(row),
    )
    return _judged("unclear.refer", given, now)


def judge_sending(referral: Referral, actor: Actor, sent_on: date, now: datetime) -> Verdict:
    """Judge the registration that a report went out."""
    given = asked.SendFacts(
        at=now,
        drafter=str(referral.drafter_id),
        sender=actor.person_id,
        provisional_on=referral.provisional_on or now.date(),
        due_on=referral.due_on,
        sent_on=sent_on,
        is_sent=referral.sent_on is not None,
    )
    return _judged("unclear.send", given, now)


def judge_unclear_ruling(
    referral: Referral,
    ruled_by: str,
    level: str,
    document_no: str,
    decided_on: date,
    now: datetime,
    issued_on: date | None = None,
) -> Verdict:
    """Judge the registration of what an administration decided about an unclear matter.

    Args:
        issued_on: The day stated on the text; nothing where protection counts from the decision.
    """
    state = "sent" if referral.sent_on is not None else "referred"
    given = asked.RulingFacts(now, ruled_by, referral.route, state, decided_on, level, bool(document_no))
    if issued_on is not None:
        given = replace(given, issued_on=issued_on, issued_from=facts.issued_from(referral.matter))
    return _judged("unclear.answer", given, now)


def originator_of_record(ruled_by: UUID, issued_for: UUID | None, now: datetime) -> UUID:
    """Return whose matter it is after another organ decided: its issuer's, else that organ's (QA-5, BMF-17.3)."""
    given = asked.ReferralAnswerFacts(now, str(ruled_by), str(issued_for or ""))
    return UUID(str(_judged("referral.answer", given, now).values["originator_of_record"]))


def judge_challenge(
    row: Matter, challenger: UUID, position: str, level: str, tail: str, reasons: str, now: datetime
) -> Verdict:
    """Judge a position against what was determined."""
    answering = standing.answers_for(row)
    given = asked.ChallengeFacts(
        at=now,
        state=row.state,
        determined_level=standing.determined_level(row),
        effective_level=row.level,
        position=position,
        asserted_level=level,
        asserted_tail=tail,
        is_ours=answering.is_home,
        challenger_is_originator=challenger == answering.pk,
        has_reasons=bool(reasons.strip()),
        originator_is_gone=row.successor_id is not None,
        has_successor=row.successor_id is not None,
    )
    return _judged("challenge.raise", given, now)


def judge_answer(challenge: Challenge, outcome: str, level: str, reasons: str, actor: Actor, now: datetime) -> Verdict:
    """Judge the originator's decision on a challenge of what we determined."""
    row = challenge.matter
    given = asked.AnswerFacts(
        at=now,
        drafter=str(row.drafter_id),
        officer=officer_facts(actor.person_id, now),
        terms=terms_facts(
            Answers(level=standing.determined_level(row), tail=row.tail, scope=standing.scope_of(row, now))
        ),
        state=challenge.state,
        outcome=outcome,
        level=level,
        item=item_facts(row.item_id),
        has_reasons=bool(reasons.strip()),
    )
    verdict = _judged("challenge.answer", given, now)
    if standing.answers_for(row).is_home:
        return verdict
    kept = tuple(f for f in verdict.findings if not f.code.startswith("officer."))  # theirs is only registered
    return replace(verdict, findings=kept)


def judge_dispute(
    act: str,
    challenge: Challenge,
    actor: Actor,
    now: datetime,
    *,
    reasons: str = "-",
    change_outstanding: bool = False,
) -> Verdict:
    """Judge a step of a dispute by how far it has come."""
    row = challenge.matter
    open_ones = list(Challenge.objects.filter(matter=row, ended_at__isnull=True).order_by("raised_at", "pk"))
    given = asked.DisputeFacts(
        at=now,
        state=challenge.state,
        determined_level=challenge.challenged_level,
        originator_tier=standing.answers_for(row).tier,
        asserted_levels=tuple(c.asserted_level for c in open_ones if c.asserted_level),
        asserted_tails=tuple(dict.fromkeys(t for t in (row.tail, *(c.asserted_tail for c in open_ones)) if t)),
        raised_by=str(challenge.raised_by_id),
        reviewed_by=str(challenge.reviewed_by_id or ""),
        approved_by=actor.person_id,
        approver_is_head=actor.holds(Role.HEAD),
        answer_due_on=challenge.answer_due_on,
        ruled_by=challenge.ruled_by,
        change_outstanding=change_outstanding,
        has_reasons=bool(reasons.strip()),
    )
    return _judged(act, given, now)


def judge_ruling(
    challenge: Challenge, ruled_by: str, level: str, document_no: str, decided_on: date, now: datetime
) -> Verdict:
    """Judge the registration of what an administration decided about a dispute."""
    given = asked.RulingFacts(now, ruled_by, challenge.route, challenge.state, decided_on, level, bool(document_no))
    return _judged("challenge.register_decision", given, now)


def judge_applicant(kind: str, rank: str, document_no: str, lacking: tuple[str, ...], now: datetime) -> Verdict:
    """Judge whether an organ may ask for an appraisal, of whom, and whether what has to come along is there."""
    return _judged("appraisal.receive", asked.AppraisalFacts(now, kind, rank, bool(document_no), lacking), now)


def change_outstanding(challenge: Challenge) -> bool:
    """Tell whether what was decided about a challenge has not come about yet in the matter itself."""
    row = challenge.matter
    if challenge.outcome == "change":
        return row.state == "active" and standing.determined_level(row) != challenge.outcome_level
    return challenge.outcome == NOT_SECRET and row.state == "active"


def warnings(verdict: Verdict) -> tuple[str, ...]:
    """Return the codes of the findings that do not refuse."""
    return tuple(f.code for f in verdict.findings if f.severity == "warn")


def secrecy_office(now: datetime) -> list[UUID]:
    """Return the people of the secrecy office: they feed a new precedent back to catalogue and guide (SEED-13)."""
    held = RoleGrant.objects.filter(role=Role.SECRECY_OFFICE, since__lte=now).exclude(until__lte=now)
    return list(Account.objects.filter(pk__in=held.values("account"), is_active=True).values_list("person", flat=True))
