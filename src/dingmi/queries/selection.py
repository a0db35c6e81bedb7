"""公开选拔 as the pages show it: announcements for everyone, candidates and their examinations for those who decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries.facts import REGIME
from dingmi.queries.facts_office import is_principal
from dingmi.queries.registry import query
from dingmi.queries.rows import place_of
from dingmi.records.officers.exams import Exam, Paper
from dingmi.records.officers.selection import Candidacy, Selection
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts_appointment import SelectionFacts

DECIDERS = (Role.SECRECY_OFFICE, Role.HEAD)


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One candidate; ``score`` of the examination asked for, if it was sat."""

    person: UUID
    name: str
    post: str
    statement: str
    state: str
    score: int | None
    passed: bool
    case: UUID | None


@dataclass(frozen=True, slots=True)
class SelectionLine:
    """One announcement: ``state`` is open, closed (to be decided) or decided; ``mine`` one's own application."""

    id: UUID
    title: str
    max_level: str
    matters: str
    conditions: str
    exam: str
    closes_at: datetime
    state: str
    mine: str
    count: int
    candidates: tuple[CandidateLine, ...]
    reasons: str


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """Every announcement, and the examinations that one can ask for."""

    rows: tuple[SelectionLine, ...]
    exams: tuple[tuple[str, str], ...]


def passed(row: Selection, person: UUID) -> Paper | None:
    """Return the paper of a person in the examination that an announcement asks for."""
    return Paper.objects.filter(exam=row.exam_id, person=person).first() if row.exam_id else None


def judge_choice(row: Selection, person: UUID, actor: Actor, reasons: str, now: datetime) -> Verdict:
    """Judge whether a candidate may be chosen."""
    paper = passed(row, person)
    facts = SelectionFacts(
        at=now,
        closes_at=row.closes_at,
        by_principal=is_principal(actor.person_id),
        needs_exam=row.exam_id is not None,
        passed_exam=bool(paper and paper.passed),
        has_reasons=bool(reasons.strip()),
    )
    return judge(REGIME, "selection.decide", facts, now.date())


def _candidate(row: Candidacy) -> CandidateLine:
    paper = passed(row.selection, row.person_id)
    return CandidateLine(
        person=row.person_id,
        name=row.person.name,
        post=place_of(row.person.department.name if row.person.department else "", row.person.post),
        statement=row.statement,
        state=row.state,
        score=paper.score if paper else None,
        passed=bool(paper and paper.passed),
        case=row.case_id,
    )


@query("selections", clauses=("SEED-26",))
def selections(*, actor: Actor, now: datetime) -> SelectionPage:
    """Announcements, the open ones first; candidates only for the office and the head."""
    found = Selection.objects.select_related("exam").order_by("-posted_at", "pk")[:100]
    decides = actor.holds(*DECIDERS)
    lines = []
    for row in found:
        entries = row.candidates.select_related("selection", "person__department").order_by("applied_at", "pk")
        people = list(entries)
        lines.append(
            SelectionLine(
                id=row.pk,
                title=row.title,
                max_level=row.max_level,
                matters="" if "*" in row.matters else "、".join(row.matters),
                conditions=row.conditions,
                exam=row.exam.title if row.exam else "",
                closes_at=row.closes_at,
                state="decided" if row.decided_at else "open" if now < row.closes_at else "closed",
                mine=next((c.state for c in people if str(c.person_id) == actor.person_id), ""),
                count=sum(c.state != "withdrawn" for c in people),
                candidates=tuple(_candidate(c) for c in people if c.state != "withdrawn") if decides else (),
                reasons=row.reasons if decides else "",
            )
        )
    order = {"open": 0, "closed": 1, "decided": 2}
    exams = Exam.objects.filter(cancelled_at__isnull=True).order_by("-opens_at", "pk")[:50] if decides else ()
    return SelectionPage(tuple(sorted(lines, key=lambda x: order[x.state])), tuple((str(e.pk), e.title) for e in exams))
