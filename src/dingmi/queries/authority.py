"""The authority that a decision uses, as it stands and as the law counts it: of the organ, of the officer; and whose matter it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import consulted, facts, standing
from dingmi.records.matters.models import Matter
from dingmi.regime.prc_state.facts_custody import OriginFacts
from dingmi.regime.prc_state.facts_office import AuthorityFacts


def used(row: Matter, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return the officer's instrument, training and clearance and the organ's authority, as they stand at ``at``."""
    if not actor.person_id:
        return {}
    held = standing.officer(UUID(actor.person_id), at)
    organ = facts.organ_facts(at)
    found: dict[str, Any] = {
        "organ": {
            "tier": organ.tier,
            "delegations": [
                {"instrument": d.instrument, "max_level": d.max_level, "until": d.until.isoformat()}
                for d in organ.delegations
            ],
        },
        "reaches": _reaches(row, actor, at),
        "originator": originator(row, at),
    }
    if held is not None:
        found |= {
            "kind": held.kind,
            "tier": held.tier,
            "instrument": held.instrument,
            "max_level": held.max_level,
            "matters": list(held.matters),
            "trained_until": held.trained_until.isoformat() if held.trained_until else None,
            "clearance": held.clearance,
            "qualified": held.qualified,
            "since": held.since.isoformat() if held.since else None,
            "until": held.until.isoformat() if held.until else None,
            "suspended": held.suspended,
        }
    return found


def _reaches(row: Matter, actor: Actor, at: datetime) -> dict[str, str]:
    """Return how high the organ may determine of itself and with what it was delegated, and the officer for it."""
    item = facts.item_facts(row.item_id)
    given = AuthorityFacts(
        at,
        facts.organ_facts(at),
        facts.officer_facts(actor.person_id, at),
        item.matter_code if item is not None else "",
    )
    values = facts.judged("authority.of", given, at.date()).values
    return {
        "inherent": values["inherent_authority"],
        "organ": values["authority"],
        "officer": values["officer_authority"],
    }


def originator(row: Matter, at: datetime) -> str:
    """Return who decides a matter: ``own``, ``issuer``, ``organ_of_daily_work`` or ``lead_organ`` (QA-5, ZX-25)."""
    issuer = row.issuer
    runs_a_body = issuer is not None and issuer.run_by_id is not None
    given = OriginFacts(
        at,
        issued_by_superior=issuer is not None and not runs_a_body,
        of_temporary_body=runs_a_body,
        is_joint=bool(consulted.co_organs(row)),
    )
    return str(facts.judged("determination.originate", given, at.date()).values["originator"])
