"""What the law is asked on the road to an appointment, gathered from the records, and its verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import facts_office, standing
from dingmi.queries.facts import REGIME, start_of
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Designation, Officer
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts_appointment as asked
from dingmi.regime.prc_state import facts_office as asked_office

OPEN = ("nominated", "vetted", "trained", "commissioned")
DERIVES_ONLY = ("派生",)  # the matters of a commission that gives no original determination


def terms_of(person: UUID, at: datetime) -> tuple[asked.Term, ...]:
    """Return the terms of a person's designations that run at ``at`` or start later."""
    rows = Designation.objects.filter(officer__person=person)
    ends = ((r.since, min((e for e in (r.until, r.ended_at) if e is not None), default=None)) for r in rows)
    return tuple((since, until) for since, until in ends if until is None or (until > at and until > since))


def judge_nomination(
    actor: Actor, person: UUID, max_level: str, matters: tuple[str, ...], tier: str, reasons: str, now: datetime
) -> Verdict:
    """Judge whether the actor may nominate this person for this authority."""
    facts = asked.NominationFacts(
        at=now,
        nominator=actor.person_id,
        nominee=str(person),
        max_level=max_level,
        matters=matters,
        tier=tier,
        has_reasons=bool(reasons.strip()),
        has_open_case=Appointment.objects.filter(person=person, state__in=OPEN).exists(),
    )
    return judge(REGIME, "officers.nominate", facts, now.date())


def judge_vetting(actor: Actor, case: Appointment, passed: bool, criteria: tuple[str, ...], now: datetime) -> Verdict:
    """Judge the vetting of a nominee."""
    facts = asked.VettingFacts(
        at=now,
        vetter=actor.person_id,
        nominee=str(case.person_id),
        passed=passed,
        max_level=case.max_level,
        clearance=standing.clearance(case.person_id, now),
        post_category=case.person.post_category,
        criteria_met=len(set(criteria)),
    )
    return judge(REGIME, "officers.vet", facts, now.date())


def commission_facts(
    actor: Actor,
    case: Appointment,
    *,
    instrument: str,
    max_level: str,
    matters: tuple[str, ...],
    since: datetime,
    until: datetime | None,
    now: datetime,
    state: str = "",
) -> asked.CommissionFacts:
    """Return what the law asks of a 定密委托书 for ``case``."""
    reached = state or case.state
    return asked.CommissionFacts(
        at=now,
        organ=standing.organ_facts(standing.home(), max(now, since)),
        max_level=max_level,
        matters=matters,
        since=since,
        until=until,
        by_principal=facts_office.is_principal(actor.person_id),
        is_self=str(case.person_id) == actor.person_id,
        clearance=standing.clearance(case.person_id, now),
        trained_until=standing.trained_until(case.person_id, now),
        qualification=standing.qualified(case.person_id, now),
        has_instrument=bool(instrument.strip()),
        was_nominated=case.kind != standing.BY_LAW,
        was_vetted=reached in ("vetted", "trained"),
        was_trained=reached == "trained",
        derives_only=case.derives_only,
        granted_level=case.max_level,
        granted_matters=tuple(case.matters),
        other_terms=terms_of(case.person_id, now),
    )


def judge_training(case: Appointment, now: datetime) -> Verdict:
    """Judge whether the certificates that the commission needs are there, before the instrument is written."""
    facts = asked.CommissionFacts(
        at=now,
        organ=standing.organ_facts(standing.home(), now),
        max_level=case.max_level,
        matters=tuple(case.matters),
        since=now,
        until=None,
        by_principal=True,
        is_self=False,
        clearance=standing.clearance(case.person_id, now),
        trained_until=standing.trained_until(case.person_id, now),
        qualification=standing.qualified(case.person_id, now),
        derives_only=True,  # what the organ may give is asked of the instrument
    )
    return judge(REGIME, "officers.commission", facts, now.date())


def judge_commission(facts: asked.CommissionFacts, act: str = "officers.commission") -> Verdict:
    """Judge a written instrument by the law of the day it is signed."""
    return judge(REGIME, act, facts, facts.at.date())


def judge_activation(case: Appointment, now: datetime) -> Verdict:
    """Judge whether a commission may take effect."""
    facts = asked.ActivationFacts(now, case.published_on, case.filed_on, bool(case.filing_no))
    return judge(REGIME, "officers.activate", facts, now.date())


def judge_replacement(actor: Actor, person: UUID, ground: str, now: datetime) -> Verdict:
    """Judge the removal of an officer, or that his authority is narrowed."""
    held = standing.officer(person, now)
    by_law = held is not None and held.in_office and held.kind == "statutory"
    facts = asked_office.ReplacementFacts(now, ground, facts_office.is_principal(actor.person_id), by_law)
    return judge(REGIME, "officers.end", facts, now.date())


def holding(person: UUID, at: datetime) -> tuple[Officer, Designation] | None:
    """Return the officer and the designation in force at ``at``, if there is one."""
    rows = standing.running(Designation.objects.filter(officer__person=person), at).select_related("officer")
    live = next((r for r in rows.order_by("-since", "-pk") if r.ended_at is None or r.ended_at > at), None)
    return (live.officer, live) if live is not None else None


def narrowing(facts: asked.CommissionFacts, until: datetime | None) -> asked.CommissionFacts:
    """Return the facts of an adjustment of a term that ends at ``until``."""
    return replace(facts, granted_until=until, other_terms=())


def instant(day: date | None) -> datetime | None:
    """Return the first instant of a day in Beijing, or nothing."""
    return start_of(day) if day else None
