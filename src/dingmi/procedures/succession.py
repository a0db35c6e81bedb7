"""P11 机关撤销、合并、分立：which organ answers for a matter from a day on; history keeps the old name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, Refused
from dingmi.procedures import paper, shelf, sweep
from dingmi.procedures.frame import procedure
from dingmi.queries import access, facts, facts_life, standing, succession
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.append import append
from dingmi.records.matters.life import Handover, HandoverLine, Succession
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Organ
from dingmi.regime import judge
from dingmi.regime.prc_state.facts_life import HandoverFacts, SuccessionFacts

ASSIGN, EFFECT, HAND_OVER = "succession.assign", "succession.take_effect", "succession.hand_over"
MOST = 500  # matters of one batch
LIVE = ("active", "referred", "declassified")


@dataclass(frozen=True)
class Assigned:
    """How many matters got a successor, and for how many it is in effect already."""

    assigned: int
    in_effect: int


@dataclass(frozen=True)
class Succeeded:
    """How many successions took effect, and whether more are due."""

    succeeded: int
    more: bool


@procedure(
    ASSIGN,
    requires=(Role.SECRECY_OFFICE, Role.HEAD),
    step_up=True,
    clauses=("TL-23", "TL14-17", "JM-7.2", "BJ-15"),
)
def assign(
    *,
    actor: Actor,
    now: datetime,
    matters: tuple[UUID, ...],
    successor: UUID,
    situation: str,
    function_taker: UUID | None = None,
    superior: UUID | None = None,
    named: UUID | None = None,
    instrument: str,
    effective_on: date,
) -> Assigned:
    """Hand matters on to the organ that answers for them from a day on; several calls split them up. 登记承继机关。

    Args:
        situation: ``abolished``, ``merged``, ``split`` or ``body_dissolved``.
        function_taker, superior, named: Who the law lets succeed: who took the function over, else the superior, or
            whom the secrecy administration (for a temporary body its creator) has named.
    """
    number = paper.line(instrument, "instrument", 80)
    if not matters or len(set(matters)) > MOST:
        raise Invalid("input.invalid", (), fields={"matters": "list.length"})
    if not Organ.objects.filter(pk=successor).exists():
        raise Invalid("input.invalid", (), fields={"successor": "id.unknown"})
    rows = [_lock(actor, now, pk) for pk in sorted(set(matters), key=str)]  # load
    if Succession.objects.filter(matter__in=rows, in_effect_at__isnull=True).exists():
        raise Refused("succession.pending", ())
    at = datetime.combine(effective_on, time.min, ZONE)
    in_effect = 0
    for row in rows:
        verdict = facts_life.judge_succession(  # gather, judge
            row,
            SuccessionFacts(
                at=at,
                situation=situation,
                chosen=str(successor),
                function_taker=str(function_taker or ""),
                superior=str(superior or ""),
                named=str(named or ""),
                has_instrument=bool(number),
                state=row.state,
            ),
        )
        facts.require(verdict)
        kept = Succession(  # write
            matter=row,
            from_organ=standing.answers_for(row),
            to_organ_id=successor,
            situation=situation,
            ground=_ground(successor, function_taker, superior),
            instrument=number,
            effective_on=effective_on,
            entered_at=now,
        )
        kept.save()
        if effective_on <= now.date():
            _take(kept, row, now)
            in_effect += 1
        append(  # prove
            actor,
            ASSIGN,
            subject=("matter", row.pk),
            at=now,
            data={"succession": kept.pk, "to": str(successor), "effective_on": effective_on, "version": row.version},
            verdict=verdict,
            rows=[kept, row],
        )
    return Assigned(len(rows), in_effect)


def _lock(actor: Actor, now: datetime, matter: UUID) -> Matter:
    """Return the row of a matter whose existence the actor may know; handing it on shows nothing of it."""
    if not access.existing(actor, now).filter(pk=matter).exists():
        raise Invalid("input.invalid", (), fields={"matters": "id.unknown"})
    row: Matter = Matter.objects.select_for_update().get(pk=matter)
    return row


def _ground(successor: UUID, taker: UUID | None, superior: UUID | None) -> str:
    return "function" if successor == taker else "superior" if successor == superior else "named"


def _take(kept: Succession, row: Matter, now: datetime) -> None:
    """Let the successor answer for the matter: its reviews are no longer ours, or are from now on."""
    kept.in_effect_at = now
    kept.save()
    was_ours = standing.answers_for(row).is_home
    shelf.save(row, now, successor=kept.to_organ)
    if was_ours and not kept.to_organ.is_home:
        shelf.close_reviews(row, now, "succeeded", ("annual", "source"))
    if not was_ours and kept.to_organ.is_home and row.state == "active":
        shelf.open_reviews(row, now)
    shelf.tell_scope(row, "matter.succeeded", now, organ=kept.to_organ.name, on=kept.effective_on.isoformat())


@procedure(EFFECT, requires=(Role.CLOCK,), clauses=("TL-23",))
def take_effect(*, actor: Actor, now: datetime, today: date) -> Succeeded:
    """Let a batch of successions take effect on their day. 承继生效。"""
    sweep.alone()
    due = list(
        Succession.objects.select_related("to_organ")
        .filter(in_effect_at__isnull=True, effective_on__lte=today)
        .order_by("effective_on", "pk")[: sweep.BATCH]
    )
    for kept in due:
        row = Matter.objects.select_for_update().get(pk=kept.matter_id)
        _take(kept, row, now)
        append(
            actor,
            EFFECT,
            subject=("matter", row.pk),
            at=now,
            data={"succession": kept.pk, "version": row.version},
            rows=[kept, row],
        )
    append(actor, EFFECT, subject=("sweep", EFFECT), at=now, data={"today": today, "succeeded": len(due)})
    return Succeeded(len(due), len(due) == sweep.BATCH)


@dataclass(frozen=True)
class HandedOver:
    """The copies of a batch of matters were handed over."""

    handover: UUID
    matters: int
    copies: int


@procedure(HAND_OVER, requires=(Role.SECRECY_OFFICE, Role.HEAD), step_up=True, clauses=("CS-60",))
def hand_over(
    *,
    actor: Actor,
    now: datetime,
    to: UUID,
    on: date,
    counted: int,
    received_by: str,
    receipt: str,
    witness: str = "",
) -> HandedOver:
    """Register that the copies of matters handed on were given to the organ that answers for them. 移交载体。

    Args:
        counted: Copies as counted at the handover; they are the registered ones or the handover is refused.
        received_by: Who signed for them; ``witness`` who oversaw it.
        receipt: Number of the receipt.
    """
    Organ.objects.select_for_update().filter(pk=to).first()  # of two handovers at once the later finds nothing left
    waiting = succession.waiting_copies(actor, now).get(to, ())  # load
    if not waiting:
        raise Refused("handover.nothing", ("CS-60",))
    names = {"received_by": received_by, "witness": witness}
    signed = {name: paper.line(given, name, 60) for name, given in names.items()}
    number = paper.line(receipt, "receipt", 80)
    if on > now.date():
        raise Invalid("date.in_future", (), fields={"on": "date.in_future"})
    copies = sum(line.copies for line in waiting)
    since = max(line.since for line in waiting)
    facts_given = HandoverFacts(now, copies, counted, on, since, bool(signed["received_by"]), bool(number))
    verdict = judge(facts.REGIME, HAND_OVER, facts_given, now.date())  # gather, judge
    verdict.require()
    kept = Handover(  # write
        from_organ=standing.home(),
        to_organ_id=to,
        on=on,
        receipt=number,
        handed_by_id=UUID(actor.person_id),
        copies=copies,
        at=now,
        **signed,
    )
    kept.save()
    lines = [
        HandoverLine(handover=kept, matter_id=w.matter, number=w.number, mark=w.mark, copies=w.copies) for w in waiting
    ]
    HandoverLine.objects.bulk_create(lines)
    data = {"to": str(to), "matters": len(lines), "copies": copies, "receipt": number}
    append(actor, HAND_OVER, subject=("organ", to), at=now, data=data, verdict=verdict, rows=[kept, *lines])  # prove
    return HandedOver(kept.pk, len(lines), copies)
