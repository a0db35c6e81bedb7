"""P17 载体销毁: a sealed file handed out is destroyed by destroying the secret without which no copy of it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound, Refused
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.queries import access, facts
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person
from dingmi.records.vault import store
from dingmi.records.vault.models import SealedFile
from dingmi.regime import judge
from dingmi.regime.prc_state.facts_custody import DestructionFacts


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A sealed file that no longer opens anywhere."""

    id: str
    level: str


@procedure("carriers.destroy", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("TL-28.2", "BMF-28", "CS-58"))
def destroy(*, actor: Actor, now: datetime, file: UUID, approval: str, witness: UUID, other_witness: UUID) -> Destroyed:
    """Destroy a sealed file: its secret goes, so that no copy of it opens, wherever it is. 销毁密封文件。

    Backups made before still hold the secret; they have to go too.

    Args:
        approval: The instrument by which the destruction was approved.
        witness: One of the two people who watched it; ``other_witness`` the other.
    Raises:
        Refused: ``seal.destroyed``; findings of the law: not approved, too few witnesses.
    """
    row = SealedFile.objects.select_for_update().filter(pk=file).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.matter is not None:
        access.matter_for(actor, now, row.matter)
    if row.destroyed_at is not None:
        raise Refused("seal.destroyed", ("TL-28.2",))
    instrument = paper.line(approval, "approval", 80)
    present = set(Person.objects.filter(pk__in=(witness, other_witness)).values_list("pk", flat=True))
    given = DestructionFacts(  # the register counts it, and the entry of this act is kept for ever
        at=now,
        level=row.level,
        is_approved=bool(instrument),
        at_designated_facility=False,
        with_own_equipment=True,
        witnesses=len(present),
    )
    verdict = judge("prc_state", "carriers.destroy", given, now.date())
    facts.require(verdict)
    row.destroyed_at = now
    store.shred(row)
    row.save()
    data = {"level": row.level, "approval": instrument, "witnesses": sorted(present)}
    append(actor, "carriers.destroy", subject=("sealed", row.pk), at=now, data=data, rows=[row], verdict=verdict)
    return Destroyed(str(row.pk), row.level)
