"""What the law would say now, before anything is signed: of a draft, of its sources, of a proposal under review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import DingmiError, Finding, Invalid, NotFound
from dingmi.queries import facts, inheritance, sourcing, standing
from dingmi.queries.access import matter_for, visible
from dingmi.queries.draft import answers_of, build
from dingmi.queries.draft_sources import Source, mark_text
from dingmi.queries.people import people_of, scope_words
from dingmi.queries.registry import query
from dingmi.queries.terms import Answers
from dingmi.records.matters.models import Matter, Proposal
from dingmi.regime.kernel.register import clauses
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.bars import BARS


@dataclass(frozen=True, slots=True)
class Asked:
    """One clause that was asked of the case, in both languages."""

    clause: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings of a verdict, worst first, and the clauses found kept; ``refer``: only a higher organ may decide.

    ``waiting`` are those that the drafter answers by signing, ``apart`` those that are about other cases.
    """

    findings: tuple[Finding, ...]
    passed: tuple[Asked, ...] = ()
    waiting: tuple[Asked, ...] = ()
    apart: tuple[Asked, ...] = ()
    refer: bool = False
    addressee: str = ""


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
    trigger: str = ""
    dropped: tuple[int, ...] = ()


def trigger_of(sources: Sequence[Source]) -> str:
    """Return the first of the four cases that holds (P2): all words the same, a marked point touched, else reworked."""
    kinds = {s.trigger for s in sources}
    return "identical" if kinds == {"identical"} else "point" if "point" in kinds else "rework"


def _judged(
    verdict: Verdict, more: tuple[Finding, ...] = (), addressee: str = "", unanswered: Collection[str] = ()
) -> Judged:
    """Sort what a verdict says; each clause that no finding names is told once.

    Args:
        unanswered: The bars that nobody has answered yet; their rules were asked as the declaration will answer them.
    """
    order = {"block": 0, "warn": 1, "note": 2}
    findings = tuple(sorted((*verdict.findings, *more), key=lambda f: order.get(f.severity, 3)))
    told = {c for f in verdict.findings for c in f.clauses}
    rules: dict[str, set[str]] = {"waiting": {f"bar_{name}" for name in unanswered}, "passed": set(), "apart": set()}
    for step in verdict.trace:
        rule = step.rpartition(" ")[0]
        if rule not in rules["waiting"]:
            rules["apart" if rule in verdict.apart else "passed"].add(rule)
    kinds: dict[str, tuple[Asked, ...]] = {}
    for kind, names in rules.items():
        kinds[kind] = tuple(_asked(c) for c in _clauses(verdict, names) if c not in told)
        told |= {a.clause for a in kinds[kind]}
    refer = any(f.code.startswith("authority.") for f in findings)
    return Judged(findings, kinds["passed"], kinds["waiting"], kinds["apart"], refer, addressee)


def _clauses(verdict: Verdict, rules: Collection[str]) -> list[str]:
    """Return the clauses that these rules of ``verdict`` asked, each once and in its order."""
    steps = (step.rpartition(" ") for step in verdict.trace)
    return list(dict.fromkeys(clause for rule, _, clause in steps if rule in rules and clause in clauses()))


def _asked(clause: str) -> Asked:
    row = clauses()[clause]
    return Asked(row.id, row.requirement_zh, row.requirement_en)


def _above_authority(row: Matter, answers: Answers, actor: Actor, now: datetime) -> tuple[Finding, ...]:
    """Return the finding that this organ may not decide the level, told before anyone signs (BMF-17.1)."""
    verdict = facts.beyond_authority(row, answers, actor, now)
    if verdict is None:
        return ()
    held = str(verdict.values.get("organ_authority") or "")
    params = {"level": answers.level, "held": held or "无", "tier": standing.home().tier}
    return (Finding("authority.insufficient" if held else "authority.none", "block", ("BMF-17.1",), params),)


def _own(actor: Actor, now: datetime, matter: UUID) -> Matter:
    row = matter_for(actor, now, matter)
    if str(row.drafter_id) != actor.person_id:
        raise NotFound()
    return row


@query("draft.verdict", roles=(Role.DRAFTER, Role.OFFICER), recorded=False)
def of_draft(*, actor: Actor, now: datetime, matter: UUID, answers: Answers) -> Judged:
    """Judge a draft with ``answers`` as if it were proposed now."""
    row = _own(actor, now, matter)
    try:
        above = _above_authority(row, answers, actor, now)
        to = facts.addressee(answers.level) if above else None
        sources = sourcing.used(row, answers, actor, now)
        verdict = facts.judge_proposal(row, answers, sources, actor, now)
        kept = answers_of(row).bars
        return _judged(verdict, above, to.name if to else "", [name for name in BARS if name not in kept])
    except DingmiError as error:
        return Judged(error.findings)


@query("draft.terms", roles=(Role.DRAFTER, Role.OFFICER), recorded=False)
def of_sources(*, actor: Actor, now: datetime, matter: UUID) -> Terms:
    """Return highest level, latest end and common scope of the sources that the drafter uses (TL-18, BMF-19)."""
    row = _own(actor, now, matter)
    page = build(actor, now, row)
    used = [s for s in page.sources if s.confirmed is not False]
    if not used:
        return Terms("", "", "", 0, 0, None, None, "", 0, ())
    rows = {m.pk: m for m in visible(actor, now).filter(pk__in=[s.source for s in used if s.source])}
    outside = page.answers.outside
    sources = tuple(
        inheritance.own_source(
            rows[s.source], UUID(actor.person_id), False, now, points=[p.point for p in s.parts if p.is_used]
        )
        if s.source is not None
        else inheritance.external_source(outside[s.outside or 0], now)
        for s in used
    )
    inherited = inheritance.inherited(sources)
    scope = inheritance.common_scope(sources)
    trigger = page.answers.trigger or trigger_of(used)
    answers = Answers(level=inherited.level, tail=inherited.tail, scope=page.answers.scope, trigger=trigger)
    if not answers.scope.persons:
        answers = Answers(level=inherited.level, tail=inherited.tail, scope=scope, trigger=trigger)
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
        trigger=trigger,
        dropped=tuple(s.number for s in page.sources if s.confirmed is False),
    )


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A matter of ours that a drafter names as a source."""

    source: UUID
    number: str
    mark: str


@query("draft.find_source", roles=(Role.DRAFTER, Role.OFFICER), recorded=True)
def find_source(*, actor: Actor, now: datetime, number: str) -> FoundSource:
    """Return the matter in force under a register number that the drafter may read.

    Raises:
        Invalid: There is none that he may know.
    """
    row = visible(actor, now).filter(register_no=number.strip()[:40], state="active").first() if number else None
    if row is None:
        raise Invalid("source.not_found", (), fields={"own_number": "source.not_found"})
    return FoundSource(row.pk, row.register_no or "", mark_text(row.level, row.tail))


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
        return Judged(error.findings)
    return _judged(verdict)
