"""What the law is asked about a matter in force: review, change, extension, release, disclosure, and what others decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import aggregation, consulted, facts, inheritance, parting, standing
from dingmi.queries.reading import reading
from dingmi.queries.terms import Answers
from dingmi.records.matters.models import Decision, Matter, Proposal
from dingmi.records.organs.models import Organ
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import facts_custody, facts_life
from dingmi.regime.prc_state.levels import covers

OFFICERS_ONLY = ("officer.", "authority.")  # what concerns only the deciding officer


def without(verdict: Verdict, *starts: str) -> Verdict:
    """Return the verdict without the findings whose code starts with one of ``starts``."""
    kept = tuple(f for f in verdict.findings if not f.code.startswith(starts))
    return replace(verdict, findings=kept)


@dataclass(frozen=True, slots=True)
class Change:
    """What a proposal to change says beside its three elements."""

    ground: str
    effective_on: date | None = None
    parts: tuple[str, ...] = ()
    paragraphs: tuple[int, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Tell whether a part is released while the rest stays secret."""
        return bool(self.parts or self.paragraphs)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values, to be signed with the proposal."""
        day = self.effective_on.isoformat() if self.effective_on else None
        return {
            "ground": self.ground,
            "effective_on": day,
            "released_parts": list(self.parts),
            "released_paragraphs": list(self.paragraphs),
        }


def change_of(proposal: Proposal) -> Change:
    """Return what the drafter signed beside the three elements."""
    signed = facts.payload_of(proposal)
    day = signed.get("effective_on")
    parts = tuple(str(p) for p in signed.get("released_parts") or ())
    numbers = tuple(int(n) for n in signed.get("released_paragraphs") or ())
    return Change(str(signed.get("ground") or ""), date.fromisoformat(day) if day else None, parts, numbers)


def judge_change(
    row: Matter,
    answers: Answers,
    change: Change,
    now: datetime,
    *,
    officer: str = "",
    drafter: str = "",
    opinion: str | None = None,
) -> Verdict:
    """Judge a change of level, period or scope; without an officer, as its drafter may propose it.

    Args:
        opinion: What the officer says to it; None where it is not asked yet.
    """
    held = Answers(level=standing.determined_level(row), tail=row.tail, scope=standing.scope_of(row, now))
    given = asked.ChangeFacts(
        at=now,
        drafter=drafter or str(row.drafter_id),
        officer=facts.officer_facts(officer, now),
        organ=facts.organ_facts(now),
        state=row.state,
        current=facts.terms_facts(held),
        terms=facts.terms_facts(answers),
        starts_on=row.starts_on or now.date(),
        ground=change.ground,
        item=facts.item_facts(facts.same_item_on(answers.item, now)),
        is_ours=standing.answers_for(row).is_home,
        origin=row.origin,
        has_reasons=bool(answers.reasons.strip()),
        effective_on=change.effective_on,
        released_parts=len(change.parts) + len(change.paragraphs),
        releases_all=_releases_all(row, change),
        has_central_approval=consulted.central_approval(row, "extend", answers.level, facts.tail(answers.tail).text)
        is not None,
        sources=inheritance.kept_sources(row, now),
        has_opinion=opinion is None or bool(opinion.strip()),
    )
    verdict = facts.judged("change.change", given, now.date())
    return facts.named(row, answers, now, verdict) if officer else without(verdict, "officer.")


def _releases_all(row: Matter, change: Change) -> bool:
    """Tell whether no paragraph would stay secret, with those that were released before."""
    if not change.paragraphs:
        return False
    before = {n for r in parting.releases(row) for n in r.paragraphs}
    return len(before | set(change.paragraphs)) >= len(parting.paragraphs(row))


def judge_external_decision(row: Matter, organ: Organ, outcome: str, number: str, on: date, now: datetime) -> Verdict:
    """Judge whether a decision of another organ about a matter of ours can be registered."""
    home = standing.home()
    given = facts_life.ExternalFacts(
        at=now,
        outcome=outcome,
        state=row.state,
        is_superior=home.superior_id is not None and home.superior_id == organ.pk,
        is_line_authority=bool(home.line) and organ.line == home.line and organ.tier != home.tier and not organ.is_home,
        decided_on=on,
        has_document=bool(number.strip()),
        is_ours=standing.answers_for(row).is_home,
    )
    return facts.judged("change.register_external", given, now.date())


def judge_succession(row: Matter, given: facts_life.SuccessionFacts) -> Verdict:
    """Judge which organ answers for a matter, by the law of the day the succession takes effect."""
    return facts.judged("succession.assign", given, given.at.date())


def knowledge_is_due(row: Matter, person: UUID, at: datetime) -> bool:
    """Tell whether the law asks to record that a person learns a matter (TL-20, E38)."""
    if row.state not in standing.SECRET:
        return False
    given = asked.ReadFacts(at, row.level, standing.admitted_from_outside(row, person, at))
    return bool(facts.judged("carriers.read", given, at.date()).values["knowledge_row"])


def judge_taking(row: Matter, at: datetime) -> Verdict:
    """Judge whether a copy of the content may be taken away: of 绝密 of another organ only with its consent (TL-29.4)."""
    whose = standing.answers_for(row)
    consent = whose.is_home or consulted.consents(row, whose, "use")
    given = asked.ReadFacts(at, row.level, excerpt=True, has_consent=consent)
    return facts.judged("carriers.read", given, at.date())


def keeps_register(level: str, on: datetime) -> bool:
    """Tell whether the law asks for a register of who learns what is of ``level`` (TL-20)."""
    return bool(facts.judged("carriers.read", asked.ReadFacts(on, level), on.date()).values["knowledge_row"])


def learning(matters: tuple[UUID, ...], actor: Actor, now: datetime) -> tuple[UUID, ...]:
    """Return those of ``matters`` whose register the reader goes into."""
    with reading(actor, now):
        rows = Matter.objects.filter(pk__in=matters).order_by("pk")
        return tuple(row.pk for row in rows if knowledge_is_due(row, UUID(actor.person_id), now))


def judge_originator_notice(row: Matter, kind: str, arrived_on: date, now: datetime) -> Verdict:
    """Judge a notice of the originator of a matter that we hold."""
    given = facts_life.OriginatorNoticeFacts(
        at=now,
        kind=kind,
        arrived_on=arrived_on,
        last_protected_day=row.last_protected_day,
        is_ours=standing.answers_for(row).is_home,
        state=row.state,
    )
    return facts.judged("reception.register_notice", given, now.date())


def treated_as_released(row: Matter, extension_on: date | None, on: date) -> bool:
    """Tell whether the holder of another's matter may take it for released on ``on`` (QA-8)."""
    given = facts_custody.HoldingFacts(on, row.last_protected_day, extension_on, row.published_at)
    return bool(facts.judged("holding.state", given, on).values["treated_as_released"])


def judge_correction(
    row: Matter, kind: str, remedy: str, finder: str, reason: str, actor: Actor, now: datetime
) -> Verdict:
    """Judge what is decided about an error that was found; its finder counts as the one who proposes."""
    given = facts_life.CorrectionFacts(
        at=now,
        kind=kind,
        remedy=remedy,
        drafter=finder,
        officer=facts.officer_facts(actor.person_id, now),
        state=row.state,
        is_ours=standing.answers_for(row).is_home,
        has_reasons=bool(reason.strip()),
    )
    return facts.judged("correction.decide", given, now.date())


def valid_record(row: Matter) -> Decision | None:
    """Return the decision that stands behind the mark of a matter, if there is a valid one (XX-14)."""
    found: Decision | None = (
        Decision.objects.filter(matter=row, starts_on__isnull=False).exclude(tail="").order_by("-number").first()
    )
    return found if row.state == "active" else None


@dataclass(frozen=True, slots=True)
class Disclosing:
    """What the reviewer of a text to be made public found."""

    refused: bool
    ground: str = ""
    aggregate_checked: bool = True
    third_party_consents: bool = False
    public_interest: bool = False
    must_be_public: bool = False


def judge_disclosure(
    row: Matter, found: Disclosing, hands: tuple[str, str, str], released: bool, now: datetime
) -> Verdict:
    """Judge a disclosure review at its approval: opinion, review and approval by three.

    Args:
        hands: The persons who gave the opinion, reviewed and approve; empty where it has not come to that.
        released: An officer reviewed the release of a matter in force, so that publication releases it.
    """
    given = facts_custody.DisclosureApprovalFacts(
        at=now,
        is_secret=row.state == "active" and not released,
        opinion_by=hands[0],
        reviewed_by=hands[1],
        approved_by=hands[2],
        aggregate_checked=found.aggregate_checked,
        is_refused=found.refused,
        ground=found.ground,
        has_record=valid_record(row) is not None,
        third_party_consents=found.third_party_consents,
        public_interest=found.public_interest,
        must_be_public=found.must_be_public,
    )
    return facts.judged("disclosure.approve", given, now.date())


def may_decide_level(actor: Actor, level: str, now: datetime) -> bool:
    """Tell whether the actor is an officer whose own standing covers ``level`` now."""
    held = standing.officer(UUID(actor.person_id), now)
    if held is None or held.suspended or held.trained_until is None or held.trained_until <= now:
        return False
    return (held.kind == "statutory" or covers(held.max_level, level)) and covers(held.clearance, level)


def judge_publication(row: Matter, reviewed: bool, released: bool, published_at: datetime, now: datetime) -> Verdict:
    """Judge a formal publication: what was in force is released at that instant (BMF-20.4)."""
    originator = standing.answers_for(row)
    given = asked.PublicationFacts(
        at=now,
        state=row.state,
        disclosure_reviewed=reviewed,
        is_ours=originator.is_home,
        has_originator_consent=consulted.consents(row, originator, "disclosure"),
        declassification_reviewed=released,
        is_subordinates=consulted.is_subordinates(row),
        published_at=published_at,
        aggregates_to=aggregation.with_what_is_public(row),
    )
    return facts.judged("disclosure.publish", given, now.date())


def judge_review(
    outcome: str, row: Matter, answers: Answers, actor: Actor, now: datetime, *, ground: str, interests: str = ""
) -> Verdict:
    """Judge what is proposed about a matter in force, leaving out what concerns only the deciding officer."""
    act = {"extend": "change.extend", "release": "declassification.release"}.get(outcome, "review.decide")
    given = _standing_facts(act, row, answers, "", now, ground)
    if isinstance(given, asked.ReleaseFacts):
        given = replace(given, weighs_interests=bool(interests.strip()))
    verdict = facts.judged(act, given, now.date())
    return without(verdict, *OFFICERS_ONLY)


def judge_decision(
    kind: str,
    row: Matter,
    proposal: Proposal,
    answers: Answers,
    actor: Actor,
    now: datetime,
    opinion: str | None = None,
) -> Verdict:
    """Judge the officer's decision about a matter in force; the proposer counts as its drafter (BMF-16.2).

    Args:
        opinion: What the officer says to it; None where it is not asked yet.
    """
    act = {"extend": "change.extend", "release": "declassification.release", "review": "review.decide"}[kind]
    signed = facts.payload_of(proposal)
    ground = str(signed.get("ground") or "")
    given = _standing_facts(act, row, answers, actor.person_id, now, ground, drafter=str(proposal.drafter_id))
    if isinstance(given, asked.ReleaseFacts):
        given = replace(given, weighs_interests=bool(str(signed.get("interests") or "").strip()))
    elif opinion is not None:
        given = replace(given, has_opinion=bool(opinion.strip()))
    return facts.named(row, answers, now, facts.judged(act, given, now.date()))


def _standing_facts(
    act: str, row: Matter, answers: Answers, officer: str, at: datetime, ground: str, *, drafter: str = ""
) -> Any:
    common: dict[str, Any] = {
        "at": at,
        "drafter": drafter or str(row.drafter_id),
        "officer": facts.officer_facts(officer, at),
        "state": row.state,
        "is_ours": standing.answers_for(row).is_home,
    }
    if act == "change.extend":
        current = Answers(level=standing.determined_level(row), tail=row.tail, scope=standing.scope_of(row, at))
        text = facts.tail(answers.tail).text
        return asked.ExtensionFacts(
            organ=facts.organ_facts(at),
            current=facts.terms_facts(current),
            terms=facts.terms_facts(answers),
            starts_on=row.starts_on or at.date(),
            last_protected_day=row.last_protected_day,
            item=facts.item_facts(facts.same_item_on(row.item_id, at)),
            has_reasons=bool(answers.reasons.strip()),
            origin=row.origin,
            has_central_approval=consulted.central_approval(row, "extend", answers.level, text) is not None,
            sources=inheritance.kept_sources(row, at),
            ends_at=standing.ends_at(row.declassified_from, row.tail),
            **common,
        )
    if act == "declassification.release":
        return asked.ReleaseFacts(
            ground=ground,
            tail_kind=row.tail_kind,
            has_reasons=bool(answers.reasons.strip()),
            has_central_approval=consulted.central_approval(row, "release", standing.determined_level(row), row.tail)
            is not None,
            is_challenged=standing.is_challenged(row),
            **consulted.counts(row, "release"),
            **common,
        )
    return asked.ReviewFacts(
        year=at.year,
        tail_kind=row.tail_kind,
        event_answered=row.tail_kind == "event",
        origin=row.origin,
        terms=facts.terms_facts(answers),
        starts_on=row.starts_on,
        sources=inheritance.kept_sources(row, at),
        **common,
    )


def judge_reviewer(row: Matter, proposal: Proposal, actor: Actor, now: datetime) -> Verdict:
    """Judge whether the actor may decide at all about what is proposed, whatever its terms."""
    given = asked.ReviewFacts(
        now,
        str(proposal.drafter_id),
        facts.officer_facts(actor.person_id, now),
        row.state,
        now.year,
        event_answered=True,
    )
    return facts.judged("review.decide", given, now.date())


def judge_event(row: Matter, actor: Actor, happened_at: datetime, evidence: str, now: datetime) -> Verdict:
    """Judge the confirmation of the event on a mark."""
    given = asked.EventFacts(
        at=now,
        happened_at=happened_at,
        officer=facts.officer_facts(actor.person_id, now),
        drafter=str(row.drafter_id),
        state=row.state,
        tail_kind=row.tail_kind,
        has_evidence=bool(evidence.strip()),
        is_ours=standing.answers_for(row).is_home,
    )
    return facts.judged("declassification.confirm_event", given, now.date())
