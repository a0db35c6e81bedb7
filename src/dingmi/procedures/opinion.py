"""拟写意见 (SEED-2): who holds the special qualification writes for a report or a reply; whoever answers for it decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.procedures import paper, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content, facts
from dingmi.queries import opinions as asked
from dingmi.records.ledger.append import append
from dingmi.records.matters.disputes import Preparation


@dataclass(frozen=True, slots=True)
class Prepared:
    """The number of the opinion: how many were written for the case."""

    matter: UUID
    number: int


@procedure("opinion.prepare", requires=asked.READERS, clauses=("SEED-2",))
def prepare(*, actor: Actor, now: datetime, case: UUID, opinion: str) -> Prepared:
    """Write an opinion for the report of an unclear matter, or for the reply of an appraisal; nothing is decided. 拟写意见。

    Args:
        case: The referral of an unclear matter, or the request of a case organ.
    Raises:
        NotFound: There is none, or the actor may not know its matter.
        Refused: The actor holds no special qualification, or the report went out, or the reply was given.
    """
    paper.block_of_text(opinion, "opinion", REASON_LIMIT, required=True)
    of = asked.case_of(case)  # load
    row = access.matter_for(actor, now, of.matter)
    verdict = asked.judge_preparing(of, actor, now)  # gather, judge
    facts.require(verdict)
    kept = Preparation(  # write
        matter_id=row.pk,
        case=of.id,
        number=Preparation.objects.filter(case=of.id).count() + 1,
        by_id=UUID(actor.person_id),
        at=now,
        level=row.level,
    )
    kept.text_ct = content.sealed(kept, "text_ct", row.level, opinion.strip())
    kept.save()
    append(  # prove
        actor,
        "opinion.prepare",
        subject=("matter", row.pk),
        at=now,
        data={"case": of.id, "kind": of.kind, "number": kept.number},
        verdict=verdict,
        rows=[kept],
    )
    shelf.tell([p for p in of.answerers(row) if str(p) != actor.person_id], "opinion.prepared", row, now)  # tell
    return Prepared(row.pk, kept.number)
