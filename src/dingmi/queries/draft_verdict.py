"""What the law would say now, before anything is signed: of a draft, of its sources, of a proposal under review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import DingmiError, Finding, NotFound
from dingmi.queries import facts
from dingmi.queries.access import matter_for, visible
from dingmi.queries.draft import build, mark_text
from dingmi.queries.people import people_of, scope_words
from dingmi.queries.registry import query
from dingmi.queries.terms import Answers
from dingmi.records.matters.models import Matter, Proposal


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings of a verdict, worst first, and the codes of the rules that passed with their clauses."""

    findings: tuple[Finding, ...]
    passed: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What follows from the sources of a derived matter; the source numbers say where each element comes from."""

    level: str
    tail: str
    mark: str
    level_from: int
    day_from: int
    last_day: date | None
    released: date | None
    scope_words: str
    scope_count: int
    findings: tuple[Finding, ...]


def _judged(verdict: Any) -> Judged:
    order = {"block": 0, "warn": 1, "note": 2}
    findings = tuple(sorted(verdict.findings, key=lambda f: order.get(f.severity, 3)))
    return Judged(findings, passed_rules(verdict))


def passed_rules(verdict: Any) -> tuple[Finding, ...]:
    """Return the rules of the trace that fired nothing, one per rule, as notes."""
    broken = {f.code for f in verdict.findings}
    seen: dict[str, Finding] = {}
    for step in getattr(verdict, "trace", ()):
        code, clauses = getattr(step, "rule", ""), tuple(getattr(step, "clauses", ()))
        if code and code not in broken and getattr(step, "passed", True):
            seen.setdefault(code, Finding(code, "note", clauses))
    return tuple(seen.values())


def _own(actor: Actor, now: datetime, matter: UUID) -> Matter:
    row = matter_for(actor, now, matter)
    if str(row.drafter_id) != actor.person_id:
        raise NotFound()
    return row


@query("draft.verdict", roles=(Role.DRAFTER, Role.OFFICER), recorded=False)
def of_draft(*, actor: Actor, now: datetime, matter: UUID, answers: Answers) -> Judged:
    """Judge a draft with ``answers`` as if it were proposed now."""
    try:
        return _judged(facts.judge_proposal(_own(actor, now, matter), answers, actor, now))
    except DingmiError as error:
        return Judged(error.findings, ())


@query("draft.terms", roles=(Role.DRAFTER, Role.OFFICER), recorded=False)
def of_sources(*, actor: Actor, now: datetime, matter: UUID) -> Terms:
    """Return highest level, latest end and common scope of the sources that the drafter uses (TL-18, BMF-19)."""
    row = _own(actor, now, matter)
    page = build(actor, now, row)
    used = [s for s in page.sources if s.confirmed is not False]
    if not used:
        return Terms("", "", "", 0, 0, None, None, "", 0, ())
    rows = {m.pk: m for m in visible(actor, now).filter(pk__in=[s.source for s in used])}
    sources = tuple(facts.own_source(rows[s.source], UUID(actor.person_id), False, now) for s in used)
    inherited = facts.inherited(sources)
    scope = facts.common_scope(sources, now)
    answers = Answers(level=inherited.level, tail=inherited.tail, scope=page.answers.scope, trigger="identical")
    if not answers.scope.persons:
        answers = Answers(level=inherited.level, tail=inherited.tail, scope=scope, trigger="identical")
    verdict = facts.judge_derivation(row, answers, sources, actor, now)
    people = people_of(actor, now)
    named = frozenset(answers.scope.persons) | {p.pk for p in people if p.department_id in answers.scope.departments}
    last = max((s.last_day for s in used if s.last_day), default=None)
    return Terms(
        level=inherited.level,
        tail=inherited.tail,
        mark=mark_text(inherited.level, inherited.tail),
        level_from=next((s.number for s in used if s.level == inherited.level), used[0].number),
        day_from=next((s.number for s in used if s.last_day == last), used[0].number),
        last_day=last,
        released=last + timedelta(days=1) if last else None,
        scope_words=scope_words(people, named),
        scope_count=len(named),
        findings=tuple(verdict.findings),
    )


@query("review.verdict", roles=(Role.OFFICER,), recorded=False)
def of_proposal(*, actor: Actor, now: datetime, matter: UUID) -> Judged:
    """Judge the proposal of a matter as if the officer approved it now."""
    row = matter_for(actor, now, matter)
    proposal = Proposal.objects.filter(matter=row).order_by("-number").first()
    if proposal is None:
        raise NotFound()
    try:
        verdict = facts.judge_approval(row, proposal, facts.terms_of(proposal), actor, now, {})
    except DingmiError as error:
        return Judged(error.findings, ())
    return _judged(verdict)
