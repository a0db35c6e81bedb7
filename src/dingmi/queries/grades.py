"""Work secrets and trade secrets: who may see them, what their law is asked, and their marks.

Access is need-to-know alone: the scope, the drafter, whoever approves; clearance words of state secrets play no part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.queries import access, content, house, standing, unaltered
from dingmi.queries.decided import require_decided
from dingmi.queries.marking import Shown, day
from dingmi.queries.reading import reading
from dingmi.queries.terms import Scope, scope_from, scope_plain
from dingmi.records.matters.models import GRADE_STATES, Decision, Matter, Proposal
from dingmi.records.officers.models import Grader
from dingmi.records.organs.models import Organ, Person
from dingmi.regime import judge
from dingmi.regime.kernel import grading as asked
from dingmi.regime.kernel.periods import Window
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.trade_secret import Level as TradeLevel
from dingmi.regime.trade_secret import marks as trade_marks
from dingmi.regime.work_secret import Level as WorkLevel
from dingmi.regime.work_secret import marks as work_marks

WORK, TRADE = "work_secret", "trade_secret"
LIFTED = "已解除"
LEVELS: dict[str, tuple[str, ...]] = {
    WORK: tuple(level.word for level in WorkLevel),
    TRADE: tuple(level.word for level in TradeLevel),
}
HARMS = {WORK: ("duties", "interests"), TRADE: ("value", "advantage")}
GROUNDS = {WORK: ("to_be_public", "harmless", "converted"), TRADE: ("published", "worthless", "converted")}
APPROVING = ("grading.approve", "grading.change")


@dataclass(frozen=True)
class GradeTerms:
    """What is proposed: level and period where the regime knows them, scope, basis, and the answers the law asks for."""

    level: str = ""
    tail: str = ""
    scope: Scope = field(default_factory=Scope)
    basis: str = ""
    harm: str = ""
    reasons: str = ""
    is_state_item: bool | None = None
    provisional_until: date | None = None


def terms_plain(terms: GradeTerms) -> dict[str, Any]:
    """Return the terms as JSON values."""
    return {
        "level": terms.level,
        "tail": terms.tail,
        "scope": scope_plain(terms.scope),
        "basis": terms.basis,
        "harm": terms.harm,
        "reasons": terms.reasons,
        "is_state_item": terms.is_state_item,
        "provisional_until": terms.provisional_until.isoformat() if terms.provisional_until else None,
    }


def payload_of(proposal: Proposal) -> dict[str, Any]:
    """Return what the drafter signed."""
    return dict(json.loads(content.opened(proposal, "payload_ct", proposal.level)))


def terms_of(proposal: Proposal) -> GradeTerms:
    """Return the terms of a proposal."""
    value = payload_of(proposal)["terms"]
    until = value["provisional_until"]
    plain = {name: value[name] for name in ("level", "tail", "basis", "harm", "reasons", "is_state_item")}
    return GradeTerms(
        **plain, scope=scope_from(value["scope"]), provisional_until=date.fromisoformat(until) if until else None
    )


def signed_of(decision: Decision) -> dict[str, Any]:
    """Return what was signed with a decision."""
    return dict(json.loads(content.opened(decision, "payload_ct", decision.level)))


def require_regime(regime: str) -> None:
    """Refuse what is no regime of grades.

    Raises:
        Invalid: ``regime`` is neither of the two.
    """
    if regime not in LEVELS:
        raise Invalid("input.invalid", (), fields={"regime": "choice.unknown"})


# who may see


def limits(actor: Actor, now: datetime) -> tuple[str, ...]:
    """Return the levels of both regimes up to which the actor may approve: all for the principal."""
    if actor.holds(Role.HEAD):
        return (*LEVELS[WORK], *LEVELS[TRADE])
    found: list[str] = []
    for regime, highest in appointments(actor.person_id, now).values_list("regime", "max_level"):
        words = LEVELS.get(regime, ())
        found += words[: words.index(highest) + 1] if highest in words else ()
    return tuple(dict.fromkeys(found))


def appointments(person: UUID | str, now: datetime) -> QuerySet[Grader]:
    """Return the appointments of a person that are in force."""
    rows: QuerySet[Grader] = Grader.objects.filter(_running(now), person_id=person) if person else Grader.objects.none()
    return rows


def _running(now: datetime) -> Q:
    return Q(since__lte=now) & (Q(until__isnull=True) | Q(until__gt=now)) & Q(ended_at__isnull=True)


def approvers(row: Matter, level: str, now: datetime) -> tuple[UUID, ...]:
    """Return whom a proposal of ``level`` waits for: those appointed up to it, the principal where there is none of them."""
    words = LEVELS[row.regime]
    enough = words[words.index(level) :] if level in words else ()
    held = Grader.objects.filter(_running(now), regime=row.regime, max_level__in=enough, person__left_at__isnull=True)
    apart = {row.drafter_id, *standing.barred(row)}
    able = tuple(
        dict.fromkeys(p for p in held.order_by("since", "pk").values_list("person", flat=True) if p not in apart)
    )
    return able or tuple(p for p in standing.principals().values_list("pk", flat=True) if p not in apart)


def _unbarred(actor: Actor) -> QuerySet[Matter]:
    """Return the work and trade secrets that no conflict keeps the actor out of (SR-13)."""
    found: QuerySet[Matter] = Matter.objects.filter(state__in=GRADE_STATES)
    return found.exclude(pk__in=access.barred_from(actor)) if actor.person_id else found.none()


def visible(actor: Actor, now: datetime) -> QuerySet[Matter]:
    """Return the work and trade secrets whose content the actor may read."""
    matters: QuerySet[Matter] = _unbarred(actor)
    if not actor.person_id or actor.holds(*access.ADMINISTRATORS):
        return matters.none()
    knows = Q(drafter_id=actor.person_id) | Q(officer_id=actor.person_id) | Q(access.in_scope(actor, now))
    approves = Q(state="pending", organ_id=actor.organ_id or None, level__in=limits(actor, now))
    return matters.filter(knows | approves)


def to_approve(actor: Actor, now: datetime) -> QuerySet[Matter]:
    """Return those whose proposal waits for the actor: within the limits of an appointment, not of the actor's drafting."""
    open_proposal = Proposal.objects.filter(matter=OuterRef("pk"), decisions__isnull=True)
    rows: QuerySet[Matter] = visible(actor, now).filter(
        Exists(open_proposal), state__in=("pending", "graded"), level__in=limits(actor, now)
    )
    return rows.exclude(Q(drafter_id=actor.person_id))


def to_revise(actor: Actor, now: datetime) -> QuerySet[Matter]:
    """Return the actor's own ones that came back."""
    return visible(actor, now).filter(Q(drafter_id=actor.person_id), state="returned")


def existing(actor: Actor, now: datetime, regime: str) -> QuerySet[Any]:
    """Return those of one regime whose existence the actor may see; content only where ``is_content`` is true."""
    known = visible(actor, now).filter(regime=regime)
    if not actor.holds(*access.EXISTENCE_ROLES):
        return known.annotate(is_content=Value(True))
    here = Q(organ_id=actor.organ_id) | Exists(Organ.objects.filter(pk=actor.organ_id, is_home=True))
    rows = _unbarred(actor).filter(regime=regime).filter(here | Q(pk__in=known.values("pk")))
    marked: QuerySet[Any] = rows.annotate(is_content=Exists(known.filter(pk=OuterRef("pk"))))
    return marked


def known(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Return every matter, of whatever law, whose existence the actor may know; drafts apart."""
    seen = Q(pk__in=access.existing(actor, now).exclude(state="draft").values("pk"))
    for regime in LEVELS:
        seen |= Q(pk__in=existing(actor, now, regime).values("pk"))
    found: QuerySet[Any] = Matter.objects.filter(seen)
    return found


def matter_for(actor: Actor, now: datetime, matter: UUID) -> Matter:
    """Return one that the actor may read.

    Raises:
        NotFound: There is none, or the actor may not know of it: the same answer.
        Tampered: ``row.altered``: it is not what the ledger vouches for.
    """
    with reading(actor, now):
        found: Matter | None = visible(actor, now).filter(pk=matter).first()
        if found is None:
            raise NotFound("object.not_found")
        may_approve = found.state == "pending" and found.level in limits(actor, now)
        unaltered.require_matter(found, **require_decided(actor, now, found, may_approve=may_approve))
    return found


def waiting(matter: Matter) -> Proposal | None:
    """Return the proposal that nobody has decided yet."""
    last: Proposal | None = Proposal.objects.filter(matter=matter).order_by("-number").first()
    decided = last is not None and Decision.objects.filter(proposal=last).exists()
    return None if decided or matter.state not in ("pending", "graded") else last


def is_filed(matter: Matter) -> bool:
    """Tell whether the secrecy office has filed what was last approved."""
    acts = Decision.objects.filter(matter=matter, act__in=(*APPROVING, "grading.file")).order_by("-number")
    last: str | None = acts.values_list("act", flat=True).first()
    return last == "grading.file"


def unfiled(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those in force whose last approval or change the secrecy office has not filed; see ``is_filed``."""
    acts = Decision.objects.filter(matter=OuterRef("pk"), act__in=(*APPROVING, "grading.file")).order_by("-number")
    waiting: QuerySet[Any] = rows.filter(state="graded", regime=TRADE).alias(last_act=Subquery(acts.values("act")[:1]))
    return waiting.exclude(last_act="grading.file")


def ending(actor: Actor, now: datetime, by: date) -> QuerySet[Matter]:
    """Return the trade secrets in force that the actor drafted or approved and that end by a day."""
    rows: QuerySet[Matter] = _of_ones_own(actor, now).filter(state="graded", last_protected_day__lte=by)
    return rows


def recent(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Return the trade secrets that the actor drafted or approved, the one last changed first."""
    rows: QuerySet[Any] = _of_ones_own(actor, now).annotate(is_content=Value(True))
    return rows.select_related("department", "officer").order_by("-changed_at", "-pk")


def _of_ones_own(actor: Actor, now: datetime) -> QuerySet[Matter]:
    own = Q(drafter_id=actor.person_id) | Q(officer_id=actor.person_id)
    return visible(actor, now).filter(own, regime=TRADE)


def draft_made_of(matter: Matter) -> Matter | None:
    """Return the state-secret draft that was made of a matter, whatever became of it."""
    last = Decision.objects.filter(matter=matter, act="grading.convert").order_by("-number").first()
    found: Matter | None = Matter.objects.filter(pk=last.authority["draft"]).first() if last else None
    return found


# marks and periods


def mark_of(regime: str, level: str, tail: str) -> str:
    """Return the mark, with the separator that the house chose.

    Raises:
        Invalid: Level or period make no mark.
    """
    if regime == WORK:
        return work_marks.mark_text()
    if level not in LEVELS[TRADE]:
        raise Invalid("grade.level", ("SM-13",), levels="、".join(LEVELS[TRADE]))
    return trade_marks.mark_text(level, tail, standing.home().short_name, sign=house.house().separator)


def mark_now(matter: Matter) -> str:
    """Return the mark of a matter; nothing while level and period make none."""
    try:
        return mark_of(matter.regime, matter.level, matter.tail)
    except Invalid:
        return ""


def window(regime: str, tail: str, start: date) -> Window:
    """Return when protection runs; a work secret is protected until it is lifted."""
    if regime == WORK:
        return Window(start, None, None)
    return trade_marks.parse_tail(tail).window(start)


def next_mark(row: Matter, mark: str, on: date) -> Shown:
    """Return the mark that is to stand after a decision: an old one that differs is struck."""
    old = mark_now(row) if row.state == "graded" else ""
    return Shown(mark, old, f"{day(on)}变更") if old and old != mark else Shown(mark)


def lifted_mark(row: Matter, on: date) -> Shown:
    """Return what stands on a copy once protection is lifted."""
    return Shown(LIFTED, mark_now(row), day(on))


# what the law is asked


def grade_facts(row: Matter, terms: GradeTerms, now: datetime, state_marks: int = 0) -> asked.GradeFacts:
    """Return the facts of a proposed grade."""
    return asked.GradeFacts(
        at=now,
        level=terms.level,
        tail=terms.tail,
        drafter=str(row.drafter_id),
        names_scope=bool(terms.scope.persons or terms.scope.departments or terms.scope.organs),
        has_basis=bool(terms.basis.strip()),
        harm=terms.harm,
        is_state_item=terms.is_state_item,
        state_marks=state_marks,
        owner=standing.home().short_name,
        provisional_until=terms.provisional_until if row.regime == TRADE else None,
        has_reasons=bool(terms.reasons.strip()),
    )


def approver_facts(row: Matter, actor: Actor, now: datetime) -> asked.ApproverFacts:
    """Return what the actor is to this regime."""
    held = list(appointments(actor.person_id, now).filter(regime=row.regime).values_list("max_level", flat=True))
    words = LEVELS[row.regime]
    person = Person.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    return asked.ApproverFacts(
        person=actor.person_id,
        is_principal=actor.holds(Role.HEAD),
        max_level=max((w for w in held if w in words), key=words.index, default=""),
        is_same_department=person is not None and person.department_id == row.department_id,
    )


def judge_proposal(row: Matter, terms: GradeTerms, now: datetime, state_marks: int = 0) -> Verdict:
    """Judge a proposal by the law of its regime."""
    return judge(row.regime, "grading.propose", grade_facts(row, terms, now, state_marks), now.date())


def judge_approval(row: Matter, proposal: Proposal, actor: Actor, now: datetime, act: str) -> Verdict:
    """Judge whether the actor may bring a proposal into force; marks and notices follow within the same act."""
    marks_found = int(payload_of(proposal).get("state_marks", 0))
    grade = grade_facts(row, terms_of(proposal), now, marks_found)
    return judge(row.regime, act, asked.ApprovalFacts(now, grade, approver_facts(row, actor, now)), now.date())


def judge_lift(row: Matter, ground: str, reason: str, actor: Actor, now: datetime) -> Verdict:
    """Judge whether protection may be lifted on a ground."""
    made = draft_made_of(row)
    facts = asked.LiftFacts(
        now, ground, approver_facts(row, actor, now), bool(reason.strip()), made is not None and made.state == "active"
    )
    return judge(row.regime, "grading.lift", facts, now.date())


def judge_conversion(row: Matter, reason: str, now: datetime) -> Verdict:
    """Judge whether a matter may go the way of state secrets."""
    facts = asked.ConversionFacts(now, row.state == "graded", True, bool(reason.strip()))
    return judge(row.regime, "grading.convert", facts, now.date())


def judge_filing(row: Matter, actor: Actor, now: datetime) -> Verdict:
    """Judge whether the office may file a matter; only trade secrets are filed."""
    facts = asked.FilingFacts(now, actor.holds(Role.SECRECY_OFFICE), row.state == "graded")
    return judge(row.regime, "grading.file", facts, now.date())


def judge_mark(regime: str, shown: Shown, visible_text: str, is_bound: bool, on: date) -> Verdict:
    """Judge the mark on a copy as it was read back."""
    at = datetime.combine(on, datetime.min.time())
    owner = standing.home().short_name if regime == TRADE else ""
    found = shown.mark if visible_text == shown.text else visible_text
    facts = asked.GradeMarkFacts(at, shown.mark, found, is_bound=is_bound, owner=owner)
    return judge(regime, "grading.mark", facts, on)


def judge_unmarked(regime: str, names_scope: bool, on: date) -> Verdict:
    """Judge a matter without a file: its readers are told in writing instead."""
    at = datetime.combine(on, datetime.min.time())
    facts = asked.GradeMarkFacts(at, "", is_markable=False, is_told_in_writing=names_scope)
    return judge(regime, "grading.mark", facts, on)
