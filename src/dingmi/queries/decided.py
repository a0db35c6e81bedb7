"""The one decision asked at run time (SR-11): what a filter let through is opened only if ``regime.access.decide`` allows it too.

Facts are gathered as far as the answer needs them: who drafted or decided a matter is on its row; its scope is read only for
others; challenges only for those whom the scope does not admit. Who is barred is asked always, for it denies (SR-13). What was
read of a matter is handed on to who holds it against the ledger, so that it is read once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.records.ledger.guard import first_time
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Matter, ScopeEntry
from dingmi.records.matters.recusals import Recusal
from dingmi.records.organs.models import Organ
from dingmi.regime.access import Object, Subject, decide

LOG = logging.getLogger("dingmi.access")


def require_decided(
    actor: Actor, now: datetime, matter: Matter, *, officer_level: str = "", may_approve: bool = False
) -> Mapping[str, Sequence[Any]]:
    """Open the content of ``matter`` only if the decision allows it; return what of its relations was read for that.

    Inside an act it is asked the first time, before the act writes.

    Args:
        officer_level: The highest level that designations in force let the reader decide.
        may_approve: Of a work or trade secret: the reader may approve its level.

    Raises:
        NotFound: A filter was wider than the decision; the answer is that of a matter that does not exist.
    """
    if not first_time(f"decided:{actor.person_id}:{matter.pk}"):
        return {}
    asking = Subject(
        person=actor.person_id,
        roles=frozenset(actor.roles),
        clearance=actor.clearance,
        departments=frozenset(actor.department_ids),
        organ=actor.organ_id,
        officer_level=officer_level,
    )
    bars = list(Recusal.objects.filter(matter=matter))
    target = Object(
        level=matter.level,
        state=matter.state,
        drafter=str(matter.drafter_id),
        officer=str(matter.officer_id or ""),
        organ=str(matter.organ_id),
        blocked=frozenset(str(b.person_id) for b in bars if b.ended_at is None),
        may_approve=may_approve,
    )
    if decide(asking, "content", target):
        return {"recusals": bars}
    scope = list(ScopeEntry.objects.filter(matter=matter))
    target = _admitting(target, [e for e in scope if e.since <= now and (e.until is None or e.until > now)])
    if decide(asking, "content", target) or decide(asking, "content", _challenged(actor, matter, target)):
        return {"recusals": bars, "scope_entries": scope}
    LOG.error("a filter let through what the decision denies: matter %s", matter.pk)
    raise NotFound("object.not_found")


def _admitting(target: Object, live: Sequence[ScopeEntry]) -> Object:
    return replace(
        target,
        persons=frozenset(str(e.person_id) for e in live if e.person_id),
        departments=frozenset(str(e.department_id) for e in live if e.department_id),
        organs=frozenset(str(e.organ_id) for e in live if e.organ_id),
    )


def _challenged(actor: Actor, matter: Matter, target: Object) -> Object:
    """Return the target with what is known of its disputes; the organ of this installation keeps every record here."""
    is_open = Challenge.objects.filter(matter=matter, ended_at__isnull=True).exists()
    at_home = is_open and bool(actor.organ_id) and Organ.objects.filter(pk=actor.organ_id, is_home=True).exists()
    return replace(target, is_challenged=is_open, holder=actor.organ_id if at_home else "")
