"""What the law is asked about widening a scope, and its verdict."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import consulted, standing
from dingmi.queries.recusals import KEEPERS
from dingmi.queries.staff import bound_among
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Person
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked

CONSENT = "consent"
WIDENING = ("", CONSENT, "never")  # what an originator may have said of a wider scope


def judge_admission(
    row: Matter,
    actor: Actor,
    persons: tuple[UUID, ...],
    organs_outside: int,
    purpose: str,
    consent: bool,
    undertaken: bool,
    now: datetime,
    barred: frozenset[UUID],
) -> Verdict:
    """Judge whether the scope may be widened to these persons.

    An officer is whom the principal designated in writing, so his approval is that of a designee (ADR 0048).

    Args:
        barred: Who is kept out of the matter by a conflict.
        undertaken: The approver states that everyone has signed an undertaking, kept here or elsewhere.
    """
    bound = bound_among(persons, now.date())
    known = Person.objects.in_bulk(persons)
    admitted = tuple(
        asked.AdmissionFacts(
            known[p].name if p in known else str(p),
            standing.clearance(p, now),
            organ_in_scope=standing.works_here(p),
            is_foreign=p in known and known[p].is_foreign,
            has_undertaking=undertaken or p in bound,
            is_barred=p in barred,
        )
        for p in persons
    )
    facts = asked.NeedToKnowFacts(
        at=now,
        level=row.level,
        state=row.state,
        approver_is_principal_or_designee=standing.approves_admissions(UUID(actor.person_id), now),
        admitted=admitted,
        organs_outside=organs_outside,
        has_originator_consent=consent,
        keeps_originators_rule=_keeps(row, consent),
        is_ours=standing.answers_for(row).is_home,
        has_purpose=bool(purpose.strip()),
        approver_knows_bars=actor.holds(*KEEPERS),
    )
    return judge("prc_state", "need_to_know.expand", facts, now.date())


def _keeps(row: Matter, consent: bool) -> bool:
    """Tell whether what its originator said of widening the scope is kept: not without it, or not at all (BMF-21.3)."""
    came = consulted.reception(row)
    rule = came.widening if came is not None else ""
    return rule == "" or (rule == CONSENT and consent)
