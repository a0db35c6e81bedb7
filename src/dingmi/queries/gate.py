"""One question about every decision ever made: was its officer entitled to it, as things stood at the instant of signing?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, facts, numbers
from dingmi.queries.registry import query
from dingmi.records.matters.models import Decision, Matter, Proposal
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


KEPT = "outside"  # in the authority of a decision: what stood against its officer when it was signed


Found = tuple[tuple[str, tuple[str, ...]], ...]  # codes with their clauses


def findings(row: Decision) -> Found:
    """Return what stood against the officer of ``row`` at the instant of signing: codes and clauses."""
    return judged(row.matter, row.proposal, row.act, str(row.officer_id or ""), row.level, row.at)


def judged(matter: Matter, proposal: Proposal | None, act: str, officer: str, level: str, at: datetime) -> Found:
    """Judge whether ``officer`` is entitled to ``act`` at an instant."""
    drafter = proposal.drafter_id if proposal is not None else matter.drafter_id
    original = act in facts.FIRST_DECISIONS and matter.origin != "derivative"
    given = asked.ApprovalFacts(
        at=at,
        drafter=str(drafter),
        officer=facts.officer_facts(officer, at),
        organ=facts.organ_facts(at),
        terms=asked.Terms(level=level if act in facts.FIRST_DECISIONS else ""),
        item=facts.item_facts(proposal.item_id) if proposal is not None else None,
        origin="original" if original else "derivative",
    )
    verdict = judge(facts.REGIME, "determination.approve", given, at.date())
    return tuple((f.code, f.clauses) for f in verdict.blocking if f.code.startswith(FORMAL))


def kept(matter: Matter, proposal: Proposal | None, act: str, officer: str, level: str, at: datetime) -> dict[str, Any]:
    """Return what is frozen into a decision as it is signed, so that nobody has to judge it again to count it."""
    if act not in JUDGED or not officer:
        return {}
    return {KEPT: [[code, list(clauses)] for code, clauses in judged(matter, proposal, act, officer, level, at)]}


def outside_of(rows: QuerySet[Decision]) -> Iterator[tuple[Decision, Found]]:
    """Yield each decision outside authority with what stands against it, every one judged anew."""
    for row in rows.select_related("matter", "proposal", "officer").iterator(chunk_size=500):
        found = findings(row)
        if found:
            yield row, found


def kept_outside(rows: QuerySet[Decision]) -> Iterator[Decision]:
    """Yield the decisions that were outside authority as they were judged at signing; only older ones are judged here."""
    held = rows.exclude(**{f"authority__{KEPT}": []}).select_related("matter", "proposal", "officer")
    for row in held.iterator(chunk_size=500):
        if row.authority[KEPT] if KEPT in row.authority else findings(row):
            yield row


@query(
    "gate.outside",
    roles=(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR),
    clauses=("BMF-16.2", "BMF-17.1", "SEED-3"),
    over_all=True,
)
def gate_outside(*, actor: Actor, now: datetime, year: int | None = None) -> GateReport:
    """Every decision made outside authority, judged by its own date; of one year, or ever. No title is shown.

    It is told of the matters whose existence the reader may know (SR-28).
    """
    may_know = access.existing(actor, now).values("pk")
    rows = Decision.objects.filter(act__in=JUDGED, matter__in=may_know).order_by("at", "pk")
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
