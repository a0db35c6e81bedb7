"""其他机关的决定: what another organ decided about a matter of ours comes into force here, finds no secret, or withdraws it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Conflict
from dingmi.procedures import decide, shelf, source_links, telling
from dingmi.queries import contested, facts, standing
from dingmi.queries.terms import Answers, scope_plain
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import new_id
from dingmi.records.matters.models import Decision, Matter, Proposal


@dataclass(frozen=True)
class Ruling:
    """One registered decision: the act that registers it, the proposal it answers, and what is put down of it."""

    act: str
    payload: dict[str, Any]
    proposal: Proposal | None = None
    verdict: Any = None


def stamped(
    row: Matter, answers: Answers, issued_on: date | None, actor: Actor, now: datetime, *blocked: Any
) -> dict[str, Any]:
    """Return the marked copy for terms that were decided elsewhere; nothing where they are refused anyway.

    Args:
        issued_on: From when the mark counts; by default as it stands on the matter.
        blocked: Further verdicts of the act that prepares it.
    """
    if any(facts.is_blocked(v) for v in (contested.judge_external(row, answers, actor, now), *blocked)):
        return {}
    decision = new_id()
    issued = issued_on or row.issued_on or row.starts_on or now.date()
    made = decide.stamp(row, answers.level, answers.tail, issued, decision, on=now.date())
    return {"decision": decision, "stamped": made, "version": row.version}


def enter_force(
    ruling: Ruling,
    row: Matter,
    answers: Answers,
    actor: Actor,
    now: datetime,
    prepared: dict[str, Any],
    *,
    starts_on: date | None,
    issued_on: date | None,
    officer: UUID | None,
    decided_by: Actor | None = None,
) -> Decision:
    """Bring a matter into force on the terms that were decided elsewhere, with its mark, number, scope and tasks.

    Args:
        officer: Who is the officer of the matter here.
        decided_by: Whose name the decision bears, where it is not that of the one who registers it.
    Raises:
        Refused: The three elements are not all named, or unlawful.
        Conflict: Somebody changed the matter since its mark was made.
    """
    facts.require(contested.judge_external(row, answers, actor, now))
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    kept = decide.record_decision(
        ruling.act,
        row,
        ruling.proposal,
        decided_by or actor,
        now,
        level=answers.level,
        tail=answers.tail,
        starts_on=starts_on,
        scope=scope_plain(answers.scope),
        verdict=ruling.verdict,
        decision=prepared["decision"],
        payload=ruling.payload,
    )
    decide.drop_waiting(row, now)
    decide.settle(row, kept, answers, now, officer, issued_on)
    decide.file_marked(row, prepared["stamped"], facts.mark(kept.level, kept.tail), now)
    return kept


def no_secret(ruling: Ruling, row: Matter, actor: Actor, now: datetime) -> Decision:
    """Put down that a referred matter is no state secret; only now does its protection end."""
    shelf.move_to_level(row, shelf.INTERNAL, now)
    kept = decide.record_decision(
        ruling.act,
        row,
        ruling.proposal,
        actor,
        now,
        level=shelf.INTERNAL,
        verdict=ruling.verdict,
        payload=ruling.payload,
    )
    source_links.unlink(row)
    shelf.save(row, now, state="not_classified", tail="", tail_kind="")
    return kept


def void(ruling: Ruling, row: Matter, actor: Actor, now: datetime) -> Decision:
    """Withdraw a classification that should never have been: not a release, and counted as an error (ZX-42)."""
    kept = decide.record_decision(
        ruling.act,
        row,
        None,
        actor,
        now,
        level=standing.determined_level(row),
        tail=row.tail,
        verdict=ruling.verdict,
        payload=ruling.payload,
    )
    shelf.close_reviews(row, now, "void", ("annual", "expiry", "source"))
    told = telling.recipients(row, now)
    shelf.save(row, now, state="voided")
    shelf.end_limits([row.pk], now)
    carriers = decide.to_be_marked(row)
    append(
        actor,
        ruling.act,
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "carriers": carriers, "version": row.version},
        verdict=ruling.verdict,
        rows=[kept, row],
    )
    telling.tell(row, told, "matter.voided_notice", now, register_no=row.register_no, on=now.date().isoformat())
    shelf.tell_derived(row, now, "source.voided")
    return kept
