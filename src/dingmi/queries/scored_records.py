"""The records behind the points of an appraisal: which matter each is about, for a reader who may know it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import access, numbers
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Decision, Referral
from dingmi.records.oversight.models import Breach, Correction

ABOUT: dict[str, Any] = {
    "decision": Decision,
    "breach": Breach,
    "correction": Correction,
    "referral": Referral,
    "challenge": Challenge,
}
ENTRY = "entry"
STREAM = "matter:"
Named = tuple[UUID, str]  # a matter and its number


def matters_of(records: Iterable[str], actor: Actor, now: datetime) -> dict[str, Named]:
    """Return the matter of each record (``kind:id``) that is about one whose existence the reader may know."""
    of: dict[str, UUID] = {}
    wanted = [record.partition(":")[::2] for record in records]
    for kind, model in ABOUT.items():
        ids = [key for name, key in wanted if name == kind]
        of |= {f"{kind}:{pk}": matter for pk, matter in model.objects.filter(pk__in=ids).values_list("pk", "matter")}
    ids = [key for name, key in wanted if name == ENTRY]
    for pk, stream in Entry.objects.filter(pk__in=ids, stream__startswith=STREAM).values_list("pk", "stream"):
        of[f"{ENTRY}:{pk}"] = UUID(stream.removeprefix(STREAM))
    known = {m.pk: m for m in access.existing(actor, now).filter(pk__in=set(of.values()))}
    return {
        record: (matter, numbers.shown(matter, known[matter].register_no))
        for record, matter in of.items()
        if matter in known
    }
