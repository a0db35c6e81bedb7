"""P2 派生定密：level, end and scope come from the sources; the organ's own authority is not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, Refused
from dingmi.procedures import paper, shelf
from dingmi.procedures.determination import REASON_LIMIT, lock_own, protect, record_proposal
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Proposed, Scope, SourceIn
from dingmi.queries import access, facts, inheritance, lineage, sourcing
from dingmi.queries.terms import Answers, is_named
from dingmi.records.ledger.append import append


@procedure(
    "derivation.propose",
    requires=(Role.DRAFTER,),
    step_up=True,
    clauses=("TL-18.1", "TL-18.2", "TL-18.3", "GD-11.3", "BMF-16.2", "PS-3"),
)
def propose(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    sources: tuple[SourceIn, ...],
    trigger: str,
    scope: Scope,
    reasons: str,
    expected_version: int,
) -> Proposed:
    """Sign a derivative proposal: highest level, latest end as a date, common scope of its sources. 派生定密。

    Raises:
        Refused: With every finding at once; a released source is refused, and so is one's own descendant.
    """
    _require_no_circle(actor, now, matter, sources)
    row = lock_own(actor, now, matter, expected_version)  # load
    paper.block_of_text(reasons, "reasons", REASON_LIMIT)
    if not sources:
        raise Invalid("sources.missing", (), fields={"sources": "sources.missing"})
    given = {s.matter for s in sources}
    rest = tuple(SourceIn(matter=m) for m in sorted(sourcing.pointed(row) - given, key=str))
    found = tuple(replace(_source(actor, now, s), trigger=trigger) for s in (*sources, *rest))
    inherited = inheritance.inherited(found)  # gather
    named = scope if is_named(scope) else inheritance.common_scope(found)
    answers = Answers(level=inherited.level, tail=inherited.tail, scope=named, reasons=reasons, trigger=trigger)
    verdict = facts.judge_derivation(row, answers, found, actor, now)  # judge
    facts.require(verdict)
    more = {"sources": [s.plain() for s in found]}
    kept = record_proposal(row, "derivation.propose", actor, now, answers, verdict, more=more)  # write
    protect(row, answers, "derivative", actor, now, sources=found)
    told = facts.to_be_told(row, answers.level, None, now, derivative=True)
    append(  # prove
        actor,
        "derivation.propose",
        subject=("matter", row.pk),
        at=now,
        data={
            "proposal": kept.pk,
            "digest": kept.digest,
            "level": kept.level,
            "tail": kept.tail,
            "sources": [str(s.matter.pk) if s.matter else "external" for s in found],
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row],
    )
    shelf.tell([o.person for o in told], "proposal.waiting", row, now)  # tell
    warnings = tuple(f.code for f in verdict.findings if f.severity != "block")
    return Proposed(row.pk, row.version, kept.pk, kept.digest, facts.mark(kept.level, kept.tail), warnings)


def _require_no_circle(actor: Actor, now: datetime, matter: UUID, sources: tuple[SourceIn, ...]) -> None:
    """Refuse for the circle, not for its state, a matter that is derived from already and shall now derive from the same.

    Raises:
        Refused: ``derivation.cyclic``. A draft and a proposal are judged with everything else that is wrong.
    """
    row = access.matter_for(actor, now, matter)
    if row.state in ("draft", "proposed"):
        return
    below = lineage.family(row.pk)
    for given in sources:
        if given.matter in below:
            raise Refused("derivation.cyclic", ("TL-18",), source=access.matter_for(actor, now, given.matter).pk)


def _source(actor: Actor, now: datetime, given: SourceIn) -> inheritance.Source:
    """Return what is known of a source; one of ours must be known to the drafter, else it does not exist for him."""
    if given.matter is not None:
        row = access.matter_for(actor, now, given.matter)
        made = inheritance.own_source(row, UUID(actor.person_id), given.consent, now, points=given.points)
        if len(made.points) < len(set(given.points)):
            raise Invalid("input.invalid", (), fields={"sources.points": "id.unknown"})
        return made
    for name in ("number", "originator", "level", "tail"):
        paper.line(getattr(given, name), f"sources.{name}", 120, required=name != "number")
    if given.issued_on is None:
        raise Invalid("text.missing", (), fields={"sources.issued_on": "text.missing"})
    return inheritance.external_source(given, now)
