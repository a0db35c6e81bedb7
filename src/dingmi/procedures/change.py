"""P5–P6 变更与延期：proposed by one, decided by another; up at once, down on its day; an extension before the last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, Refused
from dingmi.procedures import decide, paper, shelf, sweep, telling
from dingmi.procedures.determination import REASON_LIMIT, record_proposal
from dingmi.procedures.frame import procedure
from dingmi.procedures.review import EFFECT, pending, require_pending, require_quiet
from dingmi.procedures.terms import Approved, Proposed, Scope
from dingmi.queries import access, consulted, facts, facts_life, marking, parting, standing
from dingmi.queries.facts_life import Change
from dingmi.queries.forms.base import scope_words
from dingmi.queries.terms import Answers, is_named, scope_from, scope_plain
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import new_id
from dingmi.records.matters.life import CentralApproval
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.notices.models import Deadline
from dingmi.regime.prc_state.levels import covers, is_level

CHANGE, EXTEND = "change.change", "change.extend"
PART_LIMIT = 200  # characters that name one released part
SCOPE_LIMIT = 30  # characters of a scope that stand on a carrier; a longer one stands in the notice alone
SEE_NOTICE = "见通知"


@dataclass(frozen=True)
class TakenEffect:
    """How many decided changes took effect, and whether more are due."""

    changed: int
    more: bool


@procedure(
    "change.propose",
    requires=(Role.DRAFTER,),
    step_up=True,
    clauses=("BMF-23.1", "ZX-26.1", "ZX-29.1", "BMF-16.2"),
)
def propose(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    item: UUID | None = None,
    ground: str,
    reason: str,
    effective_on: date | None = None,
    released_parts: tuple[str, ...] = (),
    released_paragraphs: tuple[int, ...] = (),
    expected_version: int,
) -> Proposed:
    """Propose another level, period or scope; a higher level protects from now on. 提出变更意见。

    Args:
        level, tail, scope: What is to be in force; empty means as it stands. Periods count from the original start.
        ground: ``basis_changed``, ``damage_changed``; for scope alone ``need_changed``; for a partial release
            ``no_longer_secret`` or ``harmless``.
        effective_on: The day a lower level or shorter period takes effect; none for the day of the decision.
        released_parts: The parts that are released while the rest is determined again (partial release), in words.
        released_paragraphs: The same by the numbers of paragraphs of the text, from 1: a public copy is made of these only.
    Raises:
        Invalid: ``paragraph.unknown``: a number that the text has not.
    """
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    parts = tuple(paper.line(p, "released_parts", PART_LIMIT, required=True) for p in released_parts)
    if not set(released_paragraphs) <= set(range(1, len(parting.paragraphs(row)) + 1)):
        raise Invalid("paragraph.unknown", (), fields={"released_paragraphs": "paragraph.unknown"})
    held = standing.scope_of(row, now)
    answers = Answers(
        item=item or row.item_id,
        level=level or standing.determined_level(row),
        tail=tail or row.tail,
        scope=scope if scope is not None and is_named(scope) else held,
        reasons=reason,
    )
    return propose_change(
        row, answers, Change(ground, effective_on, parts, tuple(sorted(set(released_paragraphs)))), actor, now
    )


def propose_change(row: Matter, answers: Answers, change: Change, actor: Actor, now: datetime) -> Proposed:
    """Judge, sign and keep a proposal to change a matter; protect it higher at once where it is to rise."""
    require_quiet(row)
    if is_level(answers.level) and not covers(actor.clearance, answers.level):
        raise Refused("change.above_your_clearance", ("BMF-43.3",), level=answers.level)
    verdict = facts_life.judge_change(row, answers, change, now)  # gather, judge
    facts.require(verdict)
    kept = record_proposal(row, CHANGE, actor, now, answers, verdict, more=change.plain())  # write
    shelf.move_to_level(row, standing.determined_level(row), now)  # a higher one protects from its proposal on
    shelf.save(row, now)
    append(  # prove
        actor,
        "change.propose",
        subject=("matter", row.pk),
        at=now,
        data={
            "proposal": kept.pk,
            "digest": kept.digest,
            "ground": change.ground,
            "protected_at": row.level,
            "parts": len(change.parts) + len(change.paragraphs),
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row],
    )
    told = facts.to_be_told(row, kept.level, kept.item_id, now, derivative=row.origin == "derivative")  # tell
    shelf.tell([o.person for o in told], "review.waiting", row, now, outcome="change")
    warnings = tuple(f.code for f in verdict.findings if f.severity != "block")
    return Proposed(row.pk, row.version, kept.pk, kept.digest, facts.mark(kept.level, kept.tail), warnings)


@procedure(
    CHANGE,
    requires=(Role.OFFICER,),
    step_up=True,
    clauses=("BMF-23.1", "BMF-23.2", "TL-21.1b", "ZX-29.1", "ZX-30.1"),
)
def change(
    *, actor: Actor, now: datetime, matter: UUID, opinion: str = "", expected_version: int, prepared: dict[str, Any]
) -> Approved:
    """Decide a change as proposed; it is in force at once, or on the day proposed. 变更密级、期限、知悉范围。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    proposal = require_pending(row, CHANGE)
    answers, said = facts.terms_of(proposal), facts_life.change_of(proposal)
    verdict = facts_life.judge_change(  # gather, judge
        row, answers, said, now, officer=actor.person_id, drafter=str(proposal.drafter_id), opinion=opinion
    )
    facts.require(verdict)
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    waits = said.effective_on is not None and said.effective_on > now.date()
    leave = consulted.central_approval(row, "extend", answers.level, facts.tail(answers.tail).text)
    old_mark, rescoped = facts.mark(standing.determined_level(row), row.tail), _rescoped(row, answers, now)
    kept = decide.record_decision(  # write
        CHANGE,
        row,
        proposal,
        actor,
        now,
        level=answers.level,
        tail=answers.tail,
        starts_on=row.starts_on,
        scope=scope_plain(answers.scope),
        verdict=verdict,
        decision=prepared["decision"],
        payload={
            "opinion": opinion,
            "old_mark": old_mark,
            "approval": leave.document_no if leave else None,
            "rescoped": rescoped,
            **said.plain(),
        },
    )
    _use(leave, kept)
    shelf.close_reviews(row, now, "change", ("annual", "source"))
    before = telling.recipients(row, now)
    mark, day = facts.mark(kept.level, kept.tail), said.effective_on if waits else now.date()
    if waits:
        decide.to_be_told_in_time(row, kept)
        shelf.save(row, now)
        Deadline.objects.create(
            matter_id=row.pk, name=EFFECT, clause="BMF-23.1", starts_on=now.date(), due_on=said.effective_on
        )
    else:
        decide.settle(row, kept, answers, now, UUID(actor.person_id), row.issued_on)
        if said.is_partial or rescoped:
            decide.to_be_marked(row)  # the note is due on every copy, though the mark may stay
        decide.file_marked(row, prepared["stamped"], mark, now)
    append(  # prove
        actor,
        CHANGE,
        subject=("matter", row.pk),
        at=now,
        data={
            "decision": kept.pk,
            "digest": kept.digest,
            "old_mark": old_mark,
            "mark": mark,
            "effective_on": day,
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row, *([leave] if leave else ())],
    )
    telling.tell_change(row, before, "matter.changed", now, old_mark=old_mark, mark=mark, on=str(day))  # tell
    shelf.tell_derived(row, now, "source.changed")
    return Approved(row.pk, row.version, kept.pk, row.register_no or "", mark, kept.last_protected_day, kept.digest)


def _rescoped(row: Matter, answers: Answers, now: datetime) -> str:
    """Return whom a change lets know, as its carriers are to say; nothing where it leaves the scope as it stands."""
    scope = scope_plain(answers.scope)
    if scope == scope_plain(standing.scope_of(row, now)):
        return ""
    words = scope_words(scope)
    return words if len(words) <= SCOPE_LIMIT else SEE_NOTICE


def _use(leave: CentralApproval | None, kept: Decision) -> None:
    """Put down that an approval from above has been used by a decision; it serves once."""
    if leave is not None:
        leave.used_by = kept
        leave.save()


@change.prepare
def _stamp_changed(
    *, actor: Actor, now: datetime, matter: UUID, opinion: str = "", expected_version: int
) -> dict[str, Any]:
    """Stamp the new mark on a copy, unless the verdict already refuses or the change waits for its day."""
    row = access.matter_for(actor, now, matter)
    proposal = pending(row, CHANGE) if row.state == "active" else None
    if proposal is None:
        return {}
    answers, said = facts.terms_of(proposal), facts_life.change_of(proposal)
    who = {"officer": actor.person_id, "drafter": str(proposal.drafter_id), "opinion": opinion}
    verdict = facts_life.judge_change(row, answers, said, now, **who)
    if facts.is_blocked(verdict):
        return {}
    decision = new_id()
    made: dict[str, Any] = {"decision": decision, "stamped": None, "version": row.version}
    if said.effective_on is None or said.effective_on <= now.date():
        issued = row.issued_on or row.starts_on or now.date()
        made["stamped"] = decide.stamp(
            row,
            answers.level,
            answers.tail,
            issued,
            decision,
            on=now.date(),
            parts=said.is_partial,
            scope=_rescoped(row, answers, now),
            freed=said.paragraphs,
        )
    return made


@procedure("change.take_effect", requires=(Role.CLOCK,), clauses=("BMF-23.1", "TL-21.1b"))
def take_effect(*, actor: Actor, now: datetime, today: date) -> TakenEffect:
    """Bring a batch of decided changes into force on their day; their carriers are to be re-marked. 变更生效。"""
    sweep.alone()
    limits = Deadline.objects.filter(name=EFFECT, done_at__isnull=True, due_on__lte=today)
    due = list(limits.order_by("due_on", "pk")[: sweep.BATCH])
    for limit in due:
        row = Matter.objects.select_for_update().get(pk=limit.matter_id)
        kept = Decision.objects.select_related("proposal").filter(matter=row, act=CHANGE).latest("number")
        item = kept.proposal.item_id if kept.proposal else row.item_id
        answers = Answers(item=item, level=kept.level, tail=kept.tail, scope=scope_from(kept.scope))
        decide.settle(row, kept, answers, now, kept.officer_id, row.issued_on)
        carriers = decide.to_be_marked(row)
        limit.done_at = now
        limit.save()
        append(
            actor,
            "change.take_effect",
            subject=("matter", row.pk),
            at=now,
            data={"decision": kept.pk, "effective_on": limit.due_on, "carriers": carriers, "version": row.version},
            rows=[row],
        )
    append(
        actor,
        "change.take_effect",
        subject=("sweep", "change.take_effect"),
        at=now,
        data={"today": today, "changed": len(due)},
    )
    return TakenEffect(len(due), len(due) == sweep.BATCH)


@procedure(EXTEND, requires=(Role.OFFICER,), step_up=True, clauses=("BMF-24.2c", "ZX-27.2", "ZX-30.2"))
def extend(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    reason: str,
    expected_version: int,
    prepared: dict[str, Any],
) -> Approved:
    """Extend the protection of a matter before it ends, counted from its first day. 延长保密期限。

    Raises:
        Refused: ``extension.too_late`` from the day after the last protected day on (BMF-24.2a, E26).
    """
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    proposal = require_pending(row, EXTEND)
    answers = facts.terms_of(proposal)
    verdict = facts_life.judge_decision("extend", row, proposal, answers, actor, now)  # gather, judge
    facts.require(verdict)
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    old_last, old_mark = row.last_protected_day, facts.mark(standing.determined_level(row), row.tail)
    before = telling.recipients(row, now)
    leave = consulted.central_approval(row, "extend", answers.level, facts.tail(answers.tail).text)
    kept = decide.record_decision(  # write
        EXTEND,
        row,
        proposal,
        actor,
        now,
        level=answers.level,
        tail=answers.tail,
        starts_on=row.starts_on,
        scope=scope_plain(answers.scope),
        verdict=verdict,
        decision=prepared["decision"],
        payload={"reason": reason, "old_mark": old_mark, "approval": leave.document_no if leave else None},
    )
    _use(leave, kept)
    shelf.close_reviews(row, now, "extend", ("annual", "expiry", "source"))
    decide.settle(row, kept, answers, now, UUID(actor.person_id), row.issued_on)
    mark = facts.mark(kept.level, kept.tail)
    decide.file_marked(row, prepared["stamped"], mark, now)
    append(  # prove
        actor,
        EXTEND,
        subject=("matter", row.pk),
        at=now,
        data={
            "decision": kept.pk,
            "digest": kept.digest,
            "old_mark": old_mark,
            "mark": mark,
            "last_protected_day": kept.last_protected_day,
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row, *([leave] if leave else ())],
    )
    by = old_last.isoformat() if old_last else ""
    telling.tell_change(row, before, "matter.extended", now, old_mark=old_mark, mark=mark, deliver_by=by)  # tell
    shelf.tell_derived(row, now, "source.extended")
    return Approved(row.pk, row.version, kept.pk, row.register_no or "", mark, kept.last_protected_day, kept.digest)


@extend.prepare
def _stamp_extended(*, actor: Actor, now: datetime, matter: UUID, reason: str, expected_version: int) -> dict[str, Any]:
    """Stamp the new mark on a copy, unless the verdict already refuses."""
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    row = access.matter_for(actor, now, matter)
    proposal = pending(row, EXTEND) if row.state == "active" else None
    if proposal is None:
        return {}
    answers = facts.terms_of(proposal)
    if facts.is_blocked(facts_life.judge_decision("extend", row, proposal, answers, actor, now)):
        return {}
    decision = new_id()
    issued = row.issued_on or row.starts_on or now.date()
    return {
        "decision": decision,
        "stamped": decide.stamp(
            row, answers.level, answers.tail, issued, decision, on=now.date(), word=marking.EXTENDED
        ),
        "version": row.version,
    }
