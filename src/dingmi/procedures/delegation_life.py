"""P14 定密授权的一生：applied for with figures, answered, filed on both sides, supervised yearly, revoked, given anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound
from dingmi.procedures import delegation as registry
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on_lapsed
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries import delegations as asked
from dingmi.queries import facts
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.officers.appointments import DelegationRequest, DelegationStep
from dingmi.records.officers.models import Delegation
from dingmi.records.organs.models import Organ

OFFICE = (Role.SECRECY_OFFICE, Role.HEAD)
WORDS = 400  # characters


@dataclass(frozen=True, slots=True)
class Applied:
    """An application: the figures that it stands on, and to whom it goes."""

    id: UUID
    originals: tuple[int, ...]
    addressed_to: str


@dataclass(frozen=True, slots=True)
class Supervised:
    """The yearly record: the figures, and what the law advises."""

    id: UUID
    originals: tuple[int, ...]
    advice: tuple[str, ...]


@procedure(
    "delegation.apply",
    requires=Role.HEAD,
    step_up=True,
    clauses=("ZX-9.1", "ZX-9.2", "ZX-9.3", "ZX-44.4", "TL-16.1"),
)
def apply(
    *,
    actor: Actor,
    now: datetime,
    addressee: UUID,
    level: str,
    matters: tuple[str, ...],
    since: date,
    until: date,
    basis: str,
    reasons: str,
    declared: tuple[int, ...] = (),
) -> Applied:
    """Apply for a delegation, on the figures of the last three years. 申请定密授权。

    Args:
        declared: Matters of each year, the oldest first, that came up before they were recorded here; added to the figures.
    Raises:
        Refused: Not frequent, not needed, or not complete.
    """
    years = asked.years_counted(now)
    if level not in LEVELS[1:] or len(declared) > years or any(not 0 <= n < 100_000 for n in declared):
        raise Invalid("input.invalid", (), fields={"declared": "number.range", "level": "level.unknown"})
    organ = Organ.objects.filter(pk=addressee, is_home=False).first()
    if organ is None:
        raise NotFound("object.not_found")
    for field, text in (("basis", basis), ("reasons", reasons)):
        paper.block_of_text(text, field, WORDS)
    before = (0,) * (years - len(declared)) + tuple(declared)
    counted = tuple(a + b for a, b in zip(asked.originals(now), before, strict=True))
    verdict = asked.judge_application(level, tuple(matters), counted, since, until, basis, reasons, now)
    facts.require(verdict)
    row = DelegationRequest(
        addressee=organ,
        level=level,
        matters=list(matters),
        since=since,
        until=until,
        basis=basis.strip(),
        reasons=reasons.strip(),
        originals=list(counted),
        by_person_id=UUID(actor.person_id),
        applied_at=now,
    )
    row.save()
    data = {"level": level, "originals": list(counted), "declared": list(declared)}
    append(actor, "delegation.apply", subject=("organ", addressee), at=now, data=data, rows=[row], verdict=verdict)
    return Applied(row.pk, counted, str(verdict.values.get("apply_to", "")))


@procedure("delegation.answer", requires=OFFICE, step_up=True, waits_for_date=True, clauses=("ZX-10.1", "ZX-10.2"))
def answer(
    *,
    actor: Actor,
    now: datetime,
    request: UUID,
    granted: bool,
    number: str,
    answered_on: date | None = None,
    max_level: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Entered:
    """Register the decision on our application; a grant becomes a delegation on its own terms. 登记授权决定。"""
    row = DelegationRequest.objects.select_for_update().filter(pk=request).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.answer:
        raise Conflict("delegation.answered_already", (), number=row.answer_no)
    row.answer_no = require_text("number", number, 80)
    row.answer, row.answered_on = "granted" if granted else "refused", _past("answered_on", answered_on, now)
    verdict: Any = None
    if granted:
        row.delegation, verdict = registry.write(
            grantor=row.addressee_id,
            grantee=UUID(actor.organ_id),
            instrument=number,
            max_level=max_level or row.level,
            matters=tuple(row.matters),
            since=since or facts.start_of(row.since),
            until=until or facts.start_of(row.until + timedelta(days=1)),
            now=now,
        )
    row.save()
    data = {"answer": row.answer, "number": row.answer_no}
    rows = [row] if row.delegation is None else [row, row.delegation]
    append(
        actor, "delegation.answer", subject=("organ", row.addressee_id), at=now, data=data, rows=rows, verdict=verdict
    )
    return Entered(row.delegation_id or row.pk)


def _past(field: str, day: date | None, now: datetime) -> date:
    if day is not None and day > now.date():
        raise Invalid("date.in_future", (), fields={field: "date.in_future"})
    return day or now.date()


def _locked(delegation: UUID) -> Delegation:
    found = Delegation.objects.select_for_update().filter(pk=delegation).first()
    if not isinstance(found, Delegation):
        raise NotFound("object.not_found")
    return found


def _step(
    row: Delegation, kind: str, actor: Actor, now: datetime, *, on: date, number: str = "", words: str = "",
    findings: tuple[str, ...] = (),
) -> DelegationStep:  # fmt: skip
    made = DelegationStep(
        delegation=row,
        kind=kind,
        on=on,
        number=number,
        words=words,
        findings=list(findings),
        by=UUID(actor.person_id),
        at=now,
    )
    made.save()
    return made


@procedure("delegation.file", requires=Role.SECRECY_OFFICE, clauses=("TL-16.4", "ZX-13.1", "ZX-13.2"))
def file(
    *, actor: Actor, now: datetime, delegation: UUID, side: str, number: str, filed_on: date | None = None
) -> Entered:
    """Record the receipt of a filing, of the grantor's or of the grantee's side; each once. 登记授权备案回执。"""
    row = _locked(delegation)
    if side not in asked.SIDES:
        raise Invalid("input.invalid", (), fields={"side": "choice.unknown"})
    if DelegationStep.objects.filter(delegation=row, kind=f"filed_{side}").exists():
        raise Conflict("delegation.filed_already", (), side=side)
    on = _past("filed_on", filed_on, now)
    step = _step(row, f"filed_{side}", actor, now, on=on, number=require_text("number", number, 80))
    if side == "grantee":
        row.filed_on = on
        row.save(update_fields=["filed_on"])
    data = {"side": side, "number": step.number, "filed_on": on}
    append(actor, "delegation.file", subject=("organ", row.grantee_id), at=now, data=data, rows=[row, step])
    return Entered(step.pk)


@procedure("delegation.supervise", requires=OFFICE, clauses=("TL-16.3b", "ZX-11", "ZX-12.1", "ZX-12.2"))
def supervise(*, actor: Actor, now: datetime, delegation: UUID, words: str) -> Supervised:
    """Record the yearly supervision of a delegation; frequency and guide are tested anew. 授权监督。"""
    row = _locked(delegation)
    paper.block_of_text(words, "words", WORDS, required=True)
    verdict = asked.judge_supervision(row, now)
    advice = tuple(f.code for f in verdict.findings)
    step = _step(row, "supervised", actor, now, on=now.date(), words=words.strip(), findings=advice)
    counted = asked.originals(now)
    data = {"originals": list(counted), "advice": list(advice)}
    append(
        actor,
        "delegation.supervise",
        subject=("organ", row.grantee_id),
        at=now,
        data=data,
        rows=[step],
        verdict=verdict,
    )
    return Supervised(step.pk, counted, advice)


@procedure("delegation.revoke", requires=OFFICE, step_up=True, clauses=("ZX-12.1", "ZX-13.1"))
def revoke(*, actor: Actor, now: datetime, delegation: UUID, number: str, reason: str) -> Entered:
    """Register that a delegation was revoked: it gives nothing from this instant; decisions taken stay valid. 撤销授权。"""
    row = _locked(delegation)
    _require_running(row, now)
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    step = _step(
        row,
        "revoked",
        actor,
        now,
        on=now.date(),
        number=require_text("number", number, 80),
        words=require_text("reason", reason, WORDS),
    )
    data = {"number": step.number, "handed_on": hand_on_lapsed(now)}
    append(actor, "delegation.revoke", subject=("organ", row.grantee_id), at=now, data=data, rows=[row, step])
    return Entered(step.pk)


def _require_running(row: Delegation, now: datetime) -> None:
    if row.until <= now or (row.revoked_at is not None and row.revoked_at <= now):
        raise Conflict("delegation.over", (), instrument=row.instrument)


@procedure(
    "delegation.regrant", requires=OFFICE, step_up=True, waits_for_date=True, clauses=("ZX-12.2", "ZX-10.2", "LC-2")
)
def regrant(
    *,
    actor: Actor,
    now: datetime,
    delegation: UUID,
    instrument: str,
    max_level: str,
    matters: tuple[str, ...],
    until: datetime,
) -> Entered:
    """Register a new instrument in place of a running one, at this instant: no overlap, no gap. 重新授权。"""
    row = _locked(delegation)
    _require_running(row, now)
    made, verdict = registry.write(
        grantor=row.grantor_id,
        grantee=row.grantee_id,
        instrument=instrument,
        max_level=max_level,
        matters=tuple(matters),
        since=now,
        until=until,
        now=now,
    )
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    step = _step(row, "replaced", actor, now, on=now.date(), number=made.instrument)
    data = {"replaces": row.pk, "level": max_level}
    append(
        actor, "delegation.regrant", subject=("organ", row.grantee_id), at=now, data=data, rows=[row, made, step],
        verdict=verdict,
    )  # fmt: skip
    return Entered(made.pk)
