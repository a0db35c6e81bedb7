"""P6 延长保密期限：decided on or before the last protected day; all three elements are decided again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict
from dingmi.procedures import decide, paper, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.review import pending, require_pending
from dingmi.procedures.terms import Approved
from dingmi.queries import access, facts, marking, standing
from dingmi.queries.terms import scope_plain
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import new_id
from dingmi.records.notices.models import Deadline

EXTEND = "change.extend"


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
    verdict = facts.judge_decision("extend", row, proposal, answers, actor, now)  # gather, judge
    facts.require(verdict)
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    old_last, old_mark = row.last_protected_day, facts.mark(standing.determined_level(row), row.tail)
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
        payload={"reason": reason, "old_mark": old_mark},
    )
    shelf.close_reviews(row, now, "extend", ("annual", "expiry", "source"))
    decide.settle(row, kept, answers, now, UUID(actor.person_id), row.issued_on)
    mark = facts.mark(kept.level, kept.tail)
    decide.file_marked(row, prepared["stamped"], mark, now)
    Deadline.objects.create(
        matter_id=row.pk, name="extension_notice", clause="ZX-30.2", starts_on=now.date(), due_on=old_last
    )
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
        rows=[kept, row],
    )
    by = old_last.isoformat() if old_last else ""
    shelf.tell_scope(row, "matter.extended", now, old_mark=old_mark, mark=mark, deliver_by=by)  # tell
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
    if facts.is_blocked(facts.judge_decision("extend", row, proposal, answers, actor, now)):
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
