"""What the law would say of an act, before anyone signs: same facts, same rules, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Finding, Invalid
from dingmi.queries import access, content, facts, facts_life, sourcing, standing
from dingmi.queries.registry import query
from dingmi.queries.terms import Answers, answers_from, scope_from
from dingmi.records.matters.models import Matter, Proposal


@dataclass(frozen=True, slots=True)
class Preview:
    """Findings, decided values, and the mark and last protected day that the act would give."""

    findings: tuple[Finding, ...]
    values: dict[str, Any]
    mark: str
    last_protected_day: date | None


def preview(actor: Actor, now: datetime, act: str, params: Mapping[str, Any]) -> Preview:
    """Judge ``act`` with ``params`` as the act itself would.

    Args:
        params: ``matter``, and for acts with terms any of ``level``, ``tail``, ``scope``, ``item``, ``outcome``,
            ``ground``, ``interests``, ``issued_on``, ``longer_reason``.
    Raises:
        NotFound: The reader may not know of the matter.
        Invalid: ``act.no_preview``.
    """
    row = access.matter_for(actor, now, UUID(str(params["matter"])))
    verdict, answers = _judged(row, actor, now, act, params)
    starts = row.starts_on or _day(params.get("issued_on")) or now.date()
    try:
        last = facts.dates(answers.level, answers.tail, starts).last_protected_day
    except Invalid:
        last = None
    return Preview(verdict.findings, dict(verdict.values), facts.mark(answers.level, answers.tail), last)


def _judged(row: Matter, actor: Actor, now: datetime, act: str, params: Mapping[str, Any]) -> tuple[Any, Answers]:
    proposal = Proposal.objects.filter(matter=row).order_by("-number").first()
    if act == "determination.propose":
        answers = answers_from({**content.fill(row), **{k: v for k, v in params.items() if k != "matter"}})
        sources = sourcing.used(row, answers, actor, now)
        return facts.judge_proposal(row, answers, sources, actor, now), answers
    if act == "referral.refer" and row.state == "draft":
        answers = answers_from(content.fill(row))
        return facts.judge_referral(row, answers, actor, now), answers
    if proposal is None:
        raise Invalid("act.no_preview", (), fields={"act": "act.no_preview"})
    answers = _changed(proposal, params)
    if act in ("determination.approve", "determination.change_and_approve"):
        return facts.judge_approval(row, proposal, answers, actor, now, {}, _day(params.get("issued_on"))), answers
    if act == "referral.refer":
        return facts.judge_referral(row, answers, actor, now), answers
    if act == "review.propose":
        held = Answers(
            item=row.item_id,
            level=str(params.get("level") or standing.determined_level(row)),
            tail=str(params.get("tail") or row.tail),
            scope=standing.scope_of(row, now),
            reasons=str(params.get("reason") or ""),
        )
        outcome = str(params.get("outcome") or "keep")
        said = {name: str(params.get(name) or "") for name in ("ground", "interests")}
        return facts_life.judge_review(outcome, row, held, actor, now, **said), held
    kinds = {"change.extend": "extend", "declassification.release": "release", "review.decide": "review"}
    if act in kinds:
        return facts_life.judge_decision(kinds[act], row, proposal, answers, actor, now), answers
    raise Invalid("act.no_preview", (), fields={"act": "act.no_preview"})


def _changed(proposal: Proposal, params: Mapping[str, Any]) -> Answers:
    item = params.get("item")
    return facts.terms_of(
        proposal,
        level=params.get("level"),
        tail=params.get("tail"),
        scope=scope_from(params["scope"]) if params.get("scope") else None,
        item=UUID(str(item)) if item else None,
        longer_reason=str(params.get("longer_reason") or ""),
    )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value if isinstance(value, date) else None


@query("preview", recorded=False)
def ask_preview(*, actor: Actor, now: datetime, act: str, params: dict[str, Any]) -> Preview:
    """Tell what the law would say of an act, without performing it."""
    if not params.get("matter"):
        raise Invalid("input.invalid", (), fields={"params.matter": "missing"})
    try:
        return preview(actor, now, act, params)
    except ValueError:
        raise Invalid("input.invalid", (), fields={"params": "malformed"}) from None
