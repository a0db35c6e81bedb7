"""外部决定：a superior organ or the line authority changes, releases or withdraws a matter of ours; registered here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures import paper, rulings, shelf, telling
from dingmi.procedures.consultation import other_organ
from dingmi.procedures.declassification import write_release
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Scope
from dingmi.queries import access, contested, facts, facts_life, standing
from dingmi.queries.terms import Answers, is_named
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.regime.kernel.rulebook import Verdict

ACT = "change.register_external"


@procedure(
    ACT,
    requires=(Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD),
    step_up=True,
    waits_for_date=True,
    clauses=("ZX-26.2", "TL-24", "ZX-40.2"),
)
def register(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    organ: UUID,
    outcome: str,
    document_no: str,
    decided_on: date,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    expected_version: int,
    prepared: dict[str, Any],
) -> Changed:
    """Register what a superior or line authority decided about a matter of ours; it takes effect. 登记上级决定。

    Args:
        outcome: ``change``, ``release`` or ``void``.
        level, tail, scope: For a change; empty means as it stands.
    """
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    number = paper.line(document_no, "document_no", 80)
    decider = other_organ(organ)
    answers = _answers(row, level, tail, scope, now)
    verdict = _judged(row, actor, decider.pk, outcome, number, decided_on, answers, now)  # gather, judge
    facts.require(verdict)
    payload = {"document_no": number, "decided_on": decided_on.isoformat(), "organ": str(decider.pk)}
    by_whom = replace(actor, person_id="")  # the officer of record is the other organ's
    if outcome == "release":
        write_release(ACT, row, None, by_whom, now, verdict, now, "early", payload, {})
        return Changed(row.pk, row.version, row.state)
    if outcome == "void":
        rulings.void(rulings.Ruling(ACT, payload, verdict=verdict), row, by_whom, now)
        return Changed(row.pk, row.version, row.state)
    _change(row, answers, by_whom, actor, now, verdict, prepared, payload)
    return Changed(row.pk, row.version, row.state)


def _answers(row: Matter, level: str, tail: str, scope: Scope | None, now: datetime) -> Answers:
    return Answers(
        item=row.item_id,
        level=level or standing.determined_level(row),
        tail=tail or row.tail,
        scope=scope if scope is not None and is_named(scope) else standing.scope_of(row, now),
        reasons="",
    )


def _judged(
    row: Matter, actor: Actor, organ: UUID, outcome: str, number: str, on: date, answers: Answers, now: datetime
) -> Verdict:
    """Judge who decided, and for a change that it names three elements lawfully."""
    verdict = facts_life.judge_external_decision(row, other_organ(organ), outcome, number, on, now)
    if outcome != "change":
        return verdict
    terms = contested.judge_external(row, answers, actor, now)
    return replace(verdict, findings=verdict.findings + terms.findings)


def _change(
    row: Matter,
    answers: Answers,
    by_whom: Actor,
    actor: Actor,
    now: datetime,
    verdict: Verdict,
    prepared: dict[str, Any],
    payload: dict[str, Any],
) -> None:
    old_mark = facts.mark(standing.determined_level(row), row.tail)
    before = telling.recipients(row, now)
    kept = rulings.enter_force(
        rulings.Ruling(ACT, {**payload, "old_mark": old_mark}, verdict=verdict),
        row,
        answers,
        actor,
        now,
        prepared,
        starts_on=row.starts_on,
        issued_on=row.issued_on,
        officer=row.officer_id,
        decided_by=by_whom,
    )
    mark = facts.mark(kept.level, kept.tail)
    append(
        actor,
        ACT,
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "mark": mark, "outcome": "change", "version": row.version},
        verdict=verdict,
        rows=[kept, row],
    )
    on = now.date().isoformat()
    telling.tell_change(row, before, "matter.changed", now, old_mark=old_mark, mark=mark, on=on)
    shelf.tell_derived(row, now, "source.changed")


@register.prepare
def _stamp_external(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    organ: UUID,
    outcome: str,
    document_no: str,
    decided_on: date,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    expected_version: int,
) -> dict[str, Any]:
    """Stamp the mark that was decided elsewhere."""
    row = access.matter_for(actor, now, matter)
    if outcome != "change" or row.state != "active":
        return {}
    answers = _answers(row, level, tail, scope, now)
    verdict = _judged(row, actor, organ, outcome, document_no, decided_on, answers, now)
    return rulings.stamped(row, answers, None, actor, now, verdict)
