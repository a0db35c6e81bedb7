"""What the law is asked about widening a scope, and its verdict."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import standing
from dingmi.records.matters.models import Matter
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked


def judge_admission(
    row: Matter,
    actor: Actor,
    persons: tuple[UUID, ...],
    organs_outside: int,
    purpose: str,
    consent: bool,
    now: datetime,
) -> Verdict:
    """Judge whether the scope may be widened to these persons."""
    admitted = tuple(
        asked.AdmissionFacts(str(p), standing.clearance(p, now), organ_in_scope=standing.works_here(p)) for p in persons
    )
    facts = asked.NeedToKnowFacts(
        at=now,
        level=row.level,
        state=row.state,
        approver_is_principal_or_designee=standing.officer(UUID(actor.person_id), now) is not None,
        admitted=admitted,
        organs_outside=organs_outside,
        has_originator_consent=consent,
        is_ours=standing.answers_for(row).is_home,
        has_purpose=bool(purpose.strip()),
    )
    return judge("prc_state", "need_to_know.expand", facts, now.date())
