"""P8–P9 解密：early release by two people, and release when an event is confirmed; ``lapse`` ends what has run out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures import decide, paper, remarking, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.review import pending, require_pending
from dingmi.procedures.terms import Released
from dingmi.queries import access, facts, facts_life, marking, standing
from dingmi.queries import consulted as asked
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import Record
from dingmi.records.matters.life import CentralApproval
from dingmi.records.matters.models import Matter, Proposal

RELEASE = "declassification.release"


@procedure(
    RELEASE,
    requires=(Role.OFFICER,),
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-24.2b", "ZX-34.1", "ZX-34.2", "TL-22.3"),
)
def release(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    reason: str,
    confirm: str,
    consulted: tuple[str, ...] = (),
    expected_version: int,
    prepared: dict[str, Any],
) -> Released:
    """Release a matter before its period ends, as proposed. 提前解密。

    Args:
        confirm: The register number, typed by the officer.
        consulted: Organs that were consulted, each with its answer.
    """
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    for note in consulted:
        paper.line(note, "consulted", 200)
    if confirm.strip() != row.register_no:
        raise Invalid("confirm.mismatch", (), fields={"confirm": "confirm.mismatch"})
    proposal = require_pending(row, RELEASE)
    answers = facts.terms_of(proposal)
    verdict = facts_life.judge_decision("release", row, proposal, answers, actor, now)  # gather, judge
    facts.require(verdict)
    ground = facts.payload_of(proposal).get("ground", "")
    leave = asked.central_approval(row, "release", standing.determined_level(row), row.tail)
    number = leave.document_no if leave else None
    payload = {"reason": reason, "ground": ground, "consulted": list(consulted), "approval": number}
    return write_release(RELEASE, row, proposal, actor, now, verdict, now, "early", payload, prepared, leave=leave)


@release.prepare
def _stamp_released(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    reason: str,
    confirm: str,
    consulted: tuple[str, ...] = (),
    expected_version: int,
) -> dict[str, Any]:
    """Stamp 解密 beside the old mark, unless the act will be refused anyway."""
    row = access.matter_for(actor, now, matter)
    if confirm.strip() != row.register_no or pending(row, RELEASE) is None:
        return {}
    return remarking.released(row, now.date(), "early", marking.next_number(row))


@procedure(
    "declassification.confirm_event",
    requires=(Role.OFFICER,),
    step_up=True,
    waits_for_date=True,
    clauses=("ZX-22.1", "ZX-32", "QA-7"),
)
def confirm_event(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    happened_at: datetime,
    evidence: str,
    expected_version: int,
    prepared: dict[str, Any],
) -> Released:
    """Confirm that the event on the mark has happened; the matter was released at that instant. 确认解密条件成就。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(evidence, "evidence", REASON_LIMIT, required=True)
    verdict = facts_life.judge_event(row, actor, happened_at, evidence, now)  # gather, judge
    facts.require(verdict)
    payload = {"evidence": evidence, "happened_at": happened_at.isoformat()}
    act = "declassification.confirm_event"
    return write_release(act, row, None, actor, now, verdict, happened_at, "event", payload, prepared)


@confirm_event.prepare
def _stamp_happened(
    *, actor: Actor, now: datetime, matter: UUID, happened_at: datetime, evidence: str, expected_version: int
) -> dict[str, Any]:
    """Stamp 解密 beside the old mark, unless the act will be refused anyway."""
    row = access.matter_for(actor, now, matter)
    if row.state != "active" or happened_at > now:
        return {}
    return remarking.released(row, happened_at.date(), "event")


def write_release(
    act: str,
    row: Matter,
    proposal: Proposal | None,
    actor: Actor,
    now: datetime,
    verdict: Any,
    released_at: datetime,
    ground: str,
    payload: dict[str, Any],
    prepared: dict[str, Any],
    *,
    told: bool = True,
    leave: CentralApproval | None = None,
    rows: tuple[Record, ...] = (),
) -> Released:
    """Write a release: decision, state, carriers re-marked or to be re-marked, entry, written notice to the scope.

    Args:
        prepared: The copy marked 解密, made before the transaction; without one the carriers are to be re-marked.
        told: Recipients are told in writing; a formal publication tells everyone by itself (ZX-35).
        leave: The approval from above that it rests on, used up by it.
        rows: What else was written with it, to be proved in the same entry.
    """
    copy = prepared if prepared.get("version") == row.version else {}
    kept = decide.record_decision(
        act,
        row,
        proposal,
        actor,
        now,
        level=standing.determined_level(row),
        tail=row.tail,
        starts_on=row.starts_on,
        verdict=verdict,
        released=released_at.date(),
        payload={**payload, "released_at": released_at.isoformat()},
    )
    if leave is not None:
        leave.used_by = kept
        leave.save()
        rows = (*rows, leave)
    shelf.close_reviews(row, now, "release", ("annual", "expiry", "source"))
    shelf.save(
        row,
        now,
        state="declassified",
        released_at=released_at,
        release_ground=ground,
        published_at=released_at if ground == "published" else None,
        declassified_from=released_at.date(),
    )
    shelf.end_limits([row.pk], now)
    carriers = remarking.file(row, copy, now)
    append(
        actor,
        act,
        subject=("matter", row.pk),
        at=now,
        data={
            "decision": kept.pk,
            "digest": kept.digest,
            "ground": ground,
            "released_at": released_at,
            "carriers": carriers,
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row, *rows],
    )
    if told:
        shelf.tell_scope(row, "matter.released", now, register_no=row.register_no, on=released_at.date().isoformat())
    shelf.tell_derived(row, now, "source.released")
    return Released(row.pk, row.version, kept.pk, released_at, carriers)
