"""P7 年度审核：propose an outcome and decide it; ``duties`` opens the tasks and keeps what was missed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, Refused
from dingmi.procedures import decide, paper, shelf
from dingmi.procedures.determination import REASON_LIMIT, record_proposal
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Proposed, Scope
from dingmi.queries import facts, facts_life, standing
from dingmi.queries.terms import Answers, is_named, scope_plain
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Decision, Matter, Proposal
from dingmi.records.notices.models import Deadline

OUTCOMES = {
    "keep": "review.keep",
    "lapse": "review.lapse",
    "extend": "change.extend",
    "release": "declassification.release",
}
GROUNDS = ("no_longer_secret", "harmless")  # BMF-24.2b: early release
PENDING = (*OUTCOMES.values(), "change.change")  # proposals on a matter in force
EFFECT = "change_effect"  # the limit on which a decided change takes effect


@procedure("review.propose", requires=(Role.DRAFTER,), step_up=True, clauses=("BMF-24.1", "BMF-16.2", "SEED-20"))
def propose(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    outcome: str,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    reason: str,
    ground: str = "",
    interests: str = "",
    expected_version: int,
) -> Proposed:
    """Propose what becomes of a matter: keep, extend, release, or let it lapse. 审核意见。

    Args:
        level, tail, scope: For an extension, all three are decided again; empty means as they are.
        ground: For a release: ``no_longer_secret`` or ``harmless``.
        interests: For a release: what speaks for publicity and for secrecy, and how it was weighed (SEED-20).
    """
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    if outcome not in OUTCOMES:
        raise Invalid("input.invalid", (), fields={"outcome": "outcome.unknown"})
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    weighed = paper.block_of_text(interests, "interests", REASON_LIMIT)
    if outcome == "release" and ground not in GROUNDS:
        raise Invalid("input.invalid", (), fields={"ground": "ground.unknown"})
    require_quiet(row)
    answers = _answers(row, outcome, level, tail, scope, reason, now)
    verdict = facts_life.judge_review(  # gather, judge
        outcome, row, answers, actor, now, ground=ground, interests=weighed
    )
    facts.require(verdict)
    said = {"outcome": outcome, "ground": ground, "interests": weighed}
    kept = record_proposal(row, OUTCOMES[outcome], actor, now, answers, verdict, more=said)  # write
    if outcome == "extend":
        shelf.move_to_level(row, standing.determined_level(row), now)  # a higher one protects from its proposal on
    shelf.save(row, now)
    append(  # prove
        actor,
        "review.propose",
        subject=("matter", row.pk),
        at=now,
        data={"proposal": kept.pk, "digest": kept.digest, "outcome": outcome, "version": row.version},
        verdict=verdict,
        rows=[kept, row],
    )
    told = facts.to_be_told(row, kept.level, row.item_id, now)  # tell
    shelf.tell([o.person for o in told], "review.waiting", row, now, outcome=outcome)
    mark = facts.mark(kept.level, kept.tail)
    return Proposed(row.pk, row.version, kept.pk, kept.digest, mark, tuple(f.code for f in verdict.warnings))


def _answers(
    row: Matter, outcome: str, level: str, tail: str, scope: Scope | None, reason: str, now: datetime
) -> Answers:
    """Return the terms proposed: those in force, changed only where an extension says so."""
    held = standing.scope_of(row, now)
    if outcome != "extend":
        return Answers(
            item=row.item_id, level=standing.determined_level(row), tail=row.tail, scope=held, reasons=reason
        )
    named = scope if scope is not None and is_named(scope) else held
    return Answers(
        item=row.item_id, level=level or standing.determined_level(row), tail=tail, scope=named, reasons=reason
    )


def pending(row: Matter, *acts: str) -> Proposal | None:
    """Return the proposal on a matter in force that waits for an officer, if it is one of ``acts``."""
    last = Proposal.objects.filter(matter=row).order_by("-number").first()
    wanted = acts or PENDING
    if last is None or last.act not in wanted or Decision.objects.filter(proposal=last).exists():
        return None
    return last  # type: ignore[no-any-return]


def require_pending(row: Matter, *acts: str) -> Proposal:
    """Return the waiting proposal.

    Raises:
        Refused: ``proposal.none_waiting``: two people decide, so somebody must propose first.
    """
    found = pending(row, *acts)
    if found is None:
        raise Refused("proposal.none_waiting", ("BMF-16.2",), state=row.state)
    return found


def require_quiet(row: Matter) -> None:
    """Refuse while a proposal waits, or a decided change has not taken effect.

    Raises:
        Refused: ``proposal.waiting_for_officer`` or ``change.effect_pending``.
    """
    if pending(row) is not None:
        raise Refused("proposal.waiting_for_officer", ("BMF-16.2",), state=row.state)
    waiting = Deadline.objects.filter(matter_id=row.pk, name=EFFECT, done_at__isnull=True).first()
    if waiting is not None:
        raise Refused("change.effect_pending", (), effective_on=waiting.due_on)


@procedure("review.decide", requires=(Role.OFFICER,), step_up=True, clauses=("BMF-24.1", "TL-15.2", "ZX-31.1"))
def decide_(*, actor: Actor, now: datetime, matter: UUID, opinion: str = "", expected_version: int) -> Changed:
    """Sign a yearly review that keeps a matter, or lets it lapse. 审核决定。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    proposal = require_pending(row, "review.keep", "review.lapse")
    answers = facts.terms_of(proposal)
    verdict = facts_life.judge_decision("review", row, proposal, answers, actor, now, opinion)  # gather, judge
    facts.require(verdict)
    outcome = proposal.act.partition(".")[2]
    kept = decide.record_decision(  # write
        "review.decide",
        row,
        proposal,
        actor,
        now,
        level=standing.determined_level(row),
        tail=row.tail,
        starts_on=row.starts_on,
        scope=scope_plain(answers.scope),
        verdict=verdict,
        payload={"opinion": opinion, "outcome": outcome},
    )
    shelf.save(row, now)
    kinds = ("annual", "expiry", "source") if outcome == "lapse" else ("annual", "source")
    closed = shelf.close_reviews(row, now, outcome, kinds)
    append(  # prove
        actor,
        "review.decide",
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "outcome": outcome, "closed": closed, "version": row.version},
        verdict=verdict,
        rows=[kept, row],
    )
    shelf.tell([row.drafter_id], "review.decided", row, now, outcome=outcome)  # tell
    return Changed(row.pk, row.version, row.state)


@procedure("review.refuse", requires=(Role.OFFICER,), step_up=True, clauses=("BMF-16.2", "TL-15.1", "SEED-38"))
def refuse(*, actor: Actor, now: datetime, matter: UUID, reason: str, expected_version: int) -> Changed:
    """Turn down whatever is proposed about a matter in force; it stays as it was determined. 不同意。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    proposal = require_pending(row)
    facts.require(facts_life.judge_reviewer(row, proposal, actor, now))  # gather, judge
    return _turned_down("review.refuse", row, proposal, actor, now, reason)


@procedure("review.withdraw", requires=(Role.DRAFTER,), step_up=True, clauses=("BMF-16.2",))
def withdraw(*, actor: Actor, now: datetime, matter: UUID, reason: str, expected_version: int) -> Changed:
    """Take back one's own proposal about a matter in force while nobody has decided on it. 撤回意见。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    proposal = require_pending(row)
    if str(proposal.drafter_id) != actor.person_id:
        raise Forbidden("drafter.not_yours")
    return _turned_down("review.withdraw", row, proposal, actor, now, reason)


def _turned_down(act: str, row: Matter, proposal: Proposal, actor: Actor, now: datetime, reason: str) -> Changed:
    """Write that a proposal came to nothing; protection falls back to what was determined."""
    kept = decide.record_decision(
        act, row, proposal, actor, now, level=proposal.level, payload={"reason": reason, "proposed": proposal.act}
    )
    shelf.move_to_level(row, standing.determined_level(row), now)
    shelf.save(row, now)
    append(
        actor,
        act,
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "proposed": proposal.act, "version": row.version},
        rows=[kept, row],
    )
    if str(proposal.drafter_id) != actor.person_id:
        shelf.tell([proposal.drafter_id], "review.refused", row, now, acknowledge=True)
    return Changed(row.pk, row.version, row.state)
