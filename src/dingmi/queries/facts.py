"""What the law is asked about each act, gathered from the records, and the verdicts; nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor
from dingmi.base.errors import Finding, Invalid, Refused
from dingmi.queries import (
    aggregation,
    consulted,
    content,
    guard,
    inheritance,
    lineage,
    points,
    policy,
    sourcing,
    standing,
)
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import jsonable
from dingmi.queries.terms import Answers, Scope, scope_from, scope_plain
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Matter, Proposal, SourceLink
from dingmi.records.officers.models import Delegation
from dingmi.records.organs.models import Organ
from dingmi.regime import judge
from dingmi.regime.kernel.periods import Window
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.elements import damage_stated, provides_otherwise
from dingmi.regime.prc_state.levels import Level, covers, is_level

REGIME = "prc_state"
FIRST_DECISIONS = ("determination.approve", "determination.change_and_approve", "referral.answer")


@dataclass(frozen=True, slots=True)
class TailRead:
    """A tail as understood: its kind and canonical text; ``kind`` is empty where it cannot be read."""

    kind: str
    text: str


def tail(text: str) -> TailRead:
    """Return the canonical tail of ``text``, or the text itself without a kind where it is no tail."""
    try:
        read = marks.parse_tail(text, [])
    except Invalid:
        return TailRead("", text[:60])
    return TailRead(read.kind.value, read.text)


def dates(level: str, text: str, starts_on: date | None) -> Window:
    """Return when protection starts and ends under a tail; unknown ends are None."""
    if not text:
        return Window(starts_on, None, None)
    return marks.parse_tail(text, []).window(starts_on)


def mark(level: str, text: str) -> str:
    """Return the mark, or nothing where level and tail make none."""
    read = tail(text)
    return marks.mark_text(level, read.text) if read.kind and level in {x.word for x in Level} else ""


def start_of(day: date | None) -> datetime:
    """Return the first instant of a civil day in Beijing.

    Raises:
        ValueError: There is no day.
    """
    if day is None:
        raise ValueError("no day")
    return datetime.combine(day, time.min, ZONE)


def verdict_plain(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values, to be kept with the record that it allowed."""
    return dict(jsonable(verdict.payload()))


def is_blocked(verdict: Verdict) -> bool:
    """Tell whether the law refuses."""
    return bool(verdict.blocking)


def require(verdict: Verdict) -> None:
    """Raise when the law refuses, with everything that it says: warnings, and who could decide instead, too.

    Raises:
        Refused: With all findings.
    """
    if verdict.blocking:
        raise Refused.of(verdict.findings)


def payload_of(proposal: Proposal) -> dict[str, Any]:
    """Return what the drafter signed."""
    return dict(json.loads(content.opened(proposal, "payload_ct", proposal.level)))


def terms_of(
    proposal: Proposal,
    *,
    level: str | None = None,
    tail: str | None = None,
    scope: Scope | None = None,
    item: UUID | None = None,
    longer_reason: str = "",
) -> Answers:
    """Return the terms of a proposal, changed where an officer says so, with his reason for a longer period."""
    named = scope if scope is not None and (scope.persons or scope.departments or scope.organs) else None
    return Answers(
        item=item or proposal.item_id,
        level=level or proposal.level,
        tail=tail or proposal.tail,
        scope=named or scope_from(proposal.scope),
        bars={str(k): bool(v) for k, v in proposal.bars.items()},
        reasons=str(payload_of(proposal).get("reasons") or ""),
        longer_reason=longer_reason,
    )


def terms_facts(answers: Answers) -> asked.Terms:
    scope = scope_plain(answers.scope)
    return asked.Terms(
        level=answers.level,
        tail=tail(answers.tail).text,
        persons=tuple(scope["persons"]),
        departments=tuple(scope["departments"]),
        organs=tuple(scope["organs"]),
        foreign=standing.foreign_among(answers.scope.persons, answers.scope.departments),
    )


def item_facts(item: UUID | None) -> asked.ItemFacts | None:
    """Return what the law asks of a guide item; nothing without one."""
    row = GuideItem.objects.select_related("edition").filter(pk=item).first() if item else None
    if row is None:
        return None
    return asked.ItemFacts(
        id=str(row.pk),
        level=row.level,
        tail=row.tail,
        matter_code=row.matter_code,
        since=row.edition.since,
        until=row.edition.until,
        allows_over_cap=provides_otherwise(row.level, row.tail),
        is_silent_on_period=not row.tail,
    )


def same_item_on(item: UUID | None, at: datetime) -> UUID | None:
    """Return the item of the same guide and number in the edition in force, where there is one: terms are re-decided by it."""
    row = GuideItem.objects.select_related("edition").filter(pk=item).first() if item else None
    if row is None:
        return None
    day = at.date()
    running = GuideItem.objects.filter(edition__code=row.edition.code, number=row.number, edition__since__lte=day)
    now = running.filter(Q(edition__until__isnull=True) | Q(edition__until__gt=day)).first()
    found: UUID = now.pk if now is not None else row.pk
    return found


def organ_facts(at: datetime) -> asked.OrganFacts:
    """Return our organ with the delegations that it holds at ``at``."""
    return standing.organ_facts(standing.home(), at)


def officer_facts(person: str, at: datetime) -> asked.OfficerFacts:
    """Return a person as an officer at ``at``; without an appointment, only the name of the person."""
    held = standing.officer(UUID(person), at) if person else None
    if held is None:
        return asked.OfficerFacts(person=person)
    return asked.OfficerFacts(
        person=person,
        kind=held.kind,
        tier=held.tier,
        max_level=held.max_level,
        matters=held.matters,
        since=held.since,
        until=held.until,
        is_suspended=held.suspended,
        may_derive=held.may_derive,
        trained_until=held.trained_until,
        clearance=held.clearance,
        qualification=held.qualified if held.graded else None,
        instrument=held.instrument,
        has_commission=bool(held.instrument),
    )


def drafter_facts(person: str, at: datetime) -> asked.DrafterFacts:
    who = UUID(person)
    return asked.DrafterFacts(person, standing.trained_until(who, at), standing.clearance(who, at))


def judged(act: str, facts: Any, on: date) -> Verdict:
    return judge(REGIME, act, facts, on)


def judge_proposal(
    row: Matter, answers: Answers, sources: tuple[inheritance.Source, ...], actor: Actor, now: datetime
) -> Verdict:
    """Judge what the drafter is about to sign; ``sources`` are those that it uses beside its item."""
    facts = asked.ProposalFacts(
        at=now,
        drafter=drafter_facts(actor.person_id, now),
        terms=terms_facts(answers),
        item=item_facts(answers.item),
        has_reasons=bool(answers.reasons.strip()),
        bars=dict(answers.bars),
        points=points.asked_of(row),
        similar_tail=guard.longest(guard.similar_tails(actor, now, [answers.item], row.pk), now.date()),
        has_longer_reason=bool(answers.longer_reason.strip()),
        stated_damage=damage_stated(answers.reasons),
        aggregates=aggregation.together(row, answers.item, also=[s.matter for s in sources if s.matter is not None]),
        origin=row.origin,
        sources=sourcing.asked_of(row, sources),
    )
    return judged("determination.propose", facts, now.date())


def judge_approval(
    row: Matter,
    proposal: Proposal,
    answers: Answers,
    actor: Actor,
    now: datetime,
    answered: Mapping[str, str],
    issued_on: date | None = None,
) -> Verdict:
    """Judge what the officer is about to sign; a refusal names an officer who can decide.

    Args:
        answered: Reasons given to findings that only warn, by code; they are kept with the decision.
        issued_on: The day stated on the text; nothing where it is issued on the day of the decision.
    """
    asked_of = _approval(row, answers, actor.person_id, now)
    if issued_on is not None:
        asked_of = replace(asked_of, issued_on=issued_on, issued_from=issued_from(row))
    if _goes_beyond(proposal, answers, now):
        similar = guard.longest(guard.similar_tails(actor, now, [answers.item], row.pk), now.date())
        asked_of = replace(asked_of, similar_tail=similar, has_longer_reason=bool(answers.longer_reason.strip()))
    return named(row, answers, now, judged("determination.approve", asked_of, now.date()))


def issued_from(row: Matter) -> date:
    """Return the first day of issue that may be stated on the text of a matter, as the policy has it."""
    drafted = row.created_at.astimezone(ZONE).date()
    return drafted - timedelta(days=policy.number("issued_before_days", drafted))


def _goes_beyond(proposal: Proposal, answers: Answers, now: datetime) -> bool:
    """Tell whether a decision names another period or item than its drafter gave reasons for, and not a shorter period."""
    if answers.item != proposal.item_id:
        return True
    return tail(answers.tail).text != proposal.tail and not guard.is_longer(proposal.tail, answers.tail, now.date())


def _approval(row: Matter, answers: Answers, officer: str, at: datetime) -> asked.ApprovalFacts:
    return asked.ApprovalFacts(
        at=at,
        drafter=str(row.drafter_id),
        officer=officer_facts(officer, at),
        organ=organ_facts(at),
        terms=terms_facts(answers),
        item=item_facts(answers.item),
        origin=row.origin,
        bars=dict(answers.bars),
        sources=inheritance.kept_sources(row, at, answers.scope.persons if row.origin == "original" else ()),
        points=points.asked_of(row),
        aggregates=aggregation.together(row, answers.item, also=_own_sources(row)),
        **consulted.counts(row, "joint"),
        **consulted.issuer(row),
    )


def named(row: Matter, answers: Answers, at: datetime, verdict: Verdict) -> Verdict:
    """Add to a refusal that is about the officer who could decide instead."""
    if not any(f.code.startswith("officer.") for f in verdict.blocking):
        return verdict
    able = competent_officers(row, answers.level, answers.item, at, derivative=row.origin == "derivative")
    found = Finding("officer.who_can", "note", (), {"officers": "、".join(o.name for o in able[:3])})
    extra = (found,) if able else ()
    return replace(verdict, findings=verdict.findings + extra)


def competent_officers(
    row: Matter, level: str, item: UUID | None, at: datetime, *, derivative: bool = False
) -> tuple[standing.OfficerStanding, ...]:
    """Return the officers whose own standing lets them decide a matter of ``level`` at ``at``; never its drafter or who is barred."""
    apart = {row.drafter_id, *standing.barred(row)}
    able = able_among(standing.officers(at), level, item, at, derivative=derivative)
    return tuple(held for held in able if held.person not in apart)


def to_be_told(
    row: Matter, level: str, item: UUID | None, at: datetime, *, derivative: bool = False
) -> tuple[standing.OfficerStanding, ...]:
    """Return whom a proposal waits for: the officers designated for it, the principal where there is none of them."""
    return designated_first(competent_officers(row, level, item, at, derivative=derivative))


def designated_first(able: Iterable[standing.OfficerStanding]) -> tuple[standing.OfficerStanding, ...]:
    """Return the designated officers among those who are able, or all where none is."""
    found = tuple(able)
    return tuple(held for held in found if held.kind != "statutory") or found


def able_among(
    officers: Iterable[standing.OfficerStanding],
    level: str,
    item: UUID | None,
    at: datetime,
    *,
    derivative: bool = False,
) -> tuple[standing.OfficerStanding, ...]:
    """Return those of ``officers`` whose own standing lets them decide at ``level`` at ``at``."""
    found = item_facts(item)
    code = found.matter_code if found else ""
    return tuple(
        held
        for held in officers
        if held.tier != "assistant"
        and not held.suspended
        and held.trained_until is not None
        and held.trained_until > at
        and (covers(held.max_level, level) or (derivative and held.kind == "statutory"))
        and covers(held.clearance, level)
        and (not held.graded or covers(held.qualified, level))
        and (held.may_derive if derivative else standing.covers(list(held.matters), code))
    )


def judge_officer(row: Matter, actor: Actor, now: datetime) -> Verdict:
    """Judge whether the actor may decide about this proposal at all, whatever its terms."""
    facts = asked.ReviewFacts(now, str(row.drafter_id), officer_facts(actor.person_id, now), "active", now.year)
    return judged("review.decide", facts, now.date())


def _own_sources(row: Matter) -> list[Matter]:
    """Return the matters of ours whose words ``row`` uses."""
    links = SourceLink.objects.filter(matter=row, source__isnull=False).select_related("source")
    return [link.source for link in links if link.source is not None]


def judge_not_secret(row: Matter, now: datetime) -> Verdict:
    """Judge whether what was proposed can be found to be no state secret: its originators are heard first."""
    found = asked.NotSecretFacts(now, row.origin, inheritance.kept_sources(row, now))
    return judged("determination.not_secret", found, now.date())


def judge_derivation(
    row: Matter, answers: Answers, sources: tuple[inheritance.Source, ...], actor: Actor, now: datetime
) -> Verdict:
    """Judge a derivative proposal."""
    descended = lineage.family(row.pk)
    named = tuple(
        inheritance.source_facts(s, str(s.matter.pk) if s.matter else str(n), descended) for n, s in enumerate(sources)
    )
    drafter = drafter_facts(actor.person_id, now)
    facts = asked.DerivationFacts(
        at=now,
        drafter=drafter,
        terms=terms_facts(answers),
        sources=named,
        trigger=answers.trigger,
        points=points.asked_of(row),
        aggregates=aggregation.together(row, also=[s.matter for s in sources if s.matter is not None]),
    )
    return judged("derivation.propose", facts, now.date())


def judge_referral(row: Matter, answers: Answers, actor: Actor, now: datetime) -> Verdict:
    """Judge whether a matter is to be referred: an item is clear, and its level is above the organ's authority."""
    facts = asked.ReferralFacts(
        at=now,
        organ=organ_facts(now),
        terms=terms_facts(answers),
        item=item_facts(answers.item),
        has_superior=addressee(answers.level) is not None,
        **consulted.issuer(row),
    )
    return judged("referral.refer", facts, now.date())


def beyond_authority(row: Matter, answers: Answers, actor: Actor, now: datetime) -> Verdict | None:
    """Return the verdict on what only a higher organ may decide, None where item or level are open or ours to decide (BMF-17.3)."""
    if not is_level(answers.level) or answers.item is None:
        return None
    verdict = judge_referral(row, answers, actor, now)
    return None if any(f.code == "referral.within_authority" for f in verdict.findings) else verdict


def addressee(level: str) -> Organ | None:
    """Return the superior organ, or where none is entered the one that delegated to us; its own routing goes further."""
    home = standing.home()
    if home.superior is not None:
        superior: Organ = home.superior
        return superior
    grant = Delegation.objects.filter(grantee=home).select_related("grantor").order_by("-since", "-pk").first()
    return grant.grantor if grant else None
