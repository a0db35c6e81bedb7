"""One question about every decision ever made: was its officer entitled to it, as things stood at the instant of signing?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.queries import facts, numbers
from dingmi.queries.registry import query
from dingmi.records.matters.models import Decision
from dingmi.regime import judge
from dingmi.regime.prc_state import facts as asked

JUDGED = (*facts.FIRST_DECISIONS, "change.extend", "change.change", "declassification.release", "review.decide")
FORMAL = ("officer.", "authority.")  # what findings about entitlement are called


@dataclass(frozen=True, slots=True)
class Outside:
    """A decision whose officer was not entitled to it, and why."""

    decision: UUID
    matter: UUID
    number: str
    act: str
    at: datetime
    officer: str
    level: str
    codes: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateReport:
    """Every decision judged anew, and those outside authority; imported history names no officer and is counted apart."""

    judged: int
    without_officer: int
    outside: tuple[Outside, ...]


def findings(row: Decision) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what stood against the officer of ``row`` at the instant of signing: codes and clauses."""
    drafter = row.proposal.drafter_id if row.proposal is not None else row.matter.drafter_id
    original = row.act in facts.FIRST_DECISIONS and row.matter.origin != "derivative"
    given = asked.ApprovalFacts(
        at=row.at,
        drafter=str(drafter),
        officer=facts.officer_facts(str(row.officer_id or ""), row.at),
        organ=facts.organ_facts(row.at),
        terms=asked.Terms(level=row.level if row.act in facts.FIRST_DECISIONS else ""),
        item=facts.item_facts(row.proposal.item_id) if row.proposal is not None else None,
        origin="original" if original else "derivative",
    )
    verdict = judge(facts.REGIME, "determination.approve", given, row.at.date())
    return tuple((f.code, f.clauses) for f in verdict.blocking if f.code.startswith(FORMAL))


def outside_of(rows: QuerySet[Decision]) -> Iterator[tuple[Decision, tuple[tuple[str, tuple[str, ...]], ...]]]:
    """Yield each decision outside authority with what stood against it."""
    for row in rows.select_related("matter", "proposal", "officer").iterator(chunk_size=500):
        found = findings(row)
        if found:
            yield row, found


@query(
    "gate.outside", roles=(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR), clauses=("BMF-16.2", "BMF-17.1", "SEED-3")
)
def gate_outside(*, actor: Actor, now: datetime, year: int | None = None) -> GateReport:
    """Every decision made outside authority, judged by its own date; of one year, or ever. No title is shown."""
    rows = Decision.objects.filter(act__in=JUDGED).order_by("at", "pk")
    rows = rows.filter(at__year=year) if year is not None else rows
    named = rows.filter(officer__isnull=False)
    outside = tuple(
        Outside(
            decision=row.pk,
            matter=row.matter_id,
            number=numbers.shown(row.matter_id, row.matter.register_no),
            act=row.act,
            at=row.at,
            officer=row.officer.name if row.officer else "",
            level=row.level,
            codes=tuple(code for code, _ in found),
            clauses=tuple(sorted({c for _, many in found for c in many})),
        )
        for row, found in outside_of(named)
    )
    return GateReport(named.count(), rows.count() - named.count(), outside)
