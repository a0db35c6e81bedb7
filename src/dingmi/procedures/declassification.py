"""P8–P9 解密：early release by two people, release when an event is confirmed, and lapse when the period has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures import decide, paper, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.review import require_pending
from dingmi.procedures.terms import Released
from dingmi.queries import facts
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter, Proposal, ReviewTask
from dingmi.records.notices.models import Deadline
from dingmi.records.oversight.models import Breach

RELEASE = "declassification.release"


@dataclass(frozen=True)
class Lapsed:
    """How many matters ended with their period, and how many of them without a review."""

    lapsed: int
    without_review: int


@procedure(RELEASE, requires=(Role.OFFICER,), step_up=True, clauses=("BMF-24.2b", "ZX-34.1", "ZX-34.2"))
def release(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    reason: str,
    confirm: str,
    consulted: tuple[str, ...] = (),
    expected_version: int,
) -> Released:
    """Release a matter before its period ends, as proposed. 提前解密。

    Args:
        confirm: The register number, typed by the officer.
        consulted: Organs that were consulted, each with its answer.
    """
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    for note in consulted:
        paper.line(note, "consulted", 200)
    if confirm.strip() != row.register_no:
        raise Invalid("confirm.mismatch", (), fields={"confirm": "confirm.mismatch"})
    proposal = require_pending(row, RELEASE)
    answers = facts.terms_of(proposal)
    verdict = facts.judge_decision("release", row, proposal, answers, actor, now)  # gather, judge
    facts.require(verdict)
    payload = {"reason": reason, "ground": facts.payload_of(proposal).get("ground", ""), "consulted": list(consulted)}
    return _released(RELEASE, row, proposal, actor, now, verdict, now, "early", payload)


@procedure(
    "declassification.confirm_event", requires=(Role.OFFICER,), step_up=True, clauses=("ZX-22.1", "ZX-32", "QA-7")
)
def confirm_event(
    *, actor: Actor, now: datetime, matter: UUID, happened_at: datetime, evidence: str, expected_version: int
) -> Released:
    """Confirm that the event on the mark has happened; the matter was released at that instant. 确认解密条件成就。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")  # load
    paper.block_of_text(evidence, "evidence", REASON_LIMIT, required=True)
    if happened_at.tzinfo is None:
        raise Invalid("input.invalid", (), fields={"happened_at": "time.without_zone"})
    verdict = facts.judge_event(row, actor, happened_at, evidence, now)  # gather, judge
    facts.require(verdict)
    payload = {"evidence": evidence, "happened_at": happened_at.isoformat()}
    return _released("declassification.confirm_event", row, None, actor, now, verdict, happened_at, "event", payload)


def _released(
    act: str,
    row: Matter,
    proposal: Proposal | None,
    actor: Actor,
    now: datetime,
    verdict: Any,
    released_at: datetime,
    ground: str,
    payload: dict[str, Any],
) -> Released:
    """Write a release: decision, state, carriers to be re-marked, entry, written notice to the scope."""
    kept = decide.record_decision(
        act,
        row,
        proposal,
        actor,
        now,
        level=row.level,
        tail=row.tail,
        starts_on=row.starts_on,
        verdict=verdict,
        released=released_at.date(),
        payload={**payload, "released_at": released_at.isoformat()},
    )
    shelf.close_reviews(row, now, "release", ("annual", "expiry", "source"))
    shelf.save(
        row,
        now,
        state="declassified",
        released_at=released_at,
        release_ground=ground,
        declassified_from=released_at.date(),
    )
    Deadline.objects.filter(matter_id=row.pk, done_at__isnull=True).update(done_at=now)
    carriers = _remark(row)
    append(
        actor,
        act,
        subject=("matter", row.pk),
        at=now,
        data={
            "decision": kept.pk,
            "digest": kept.digest,
            "ground": ground,
            "released_at": released_at,
            "carriers": carriers,
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row],
    )
    shelf.tell_scope(row, "matter.released", now, register_no=row.register_no, on=released_at.date().isoformat())
    shelf.tell_derived(row, now, "source.released")
    return Released(row.pk, row.version, kept.pk, released_at, carriers)


def _remark(row: Matter) -> int:
    """Put down that every carrier needs a 解密 mark beside the old one (TL-21.1b)."""
    return int(Carrier.objects.filter(matter=row).update(remark_due=True))


@procedure("declassification.lapse", requires=(Role.CLOCK,), clauses=("BMF-24.2a", "ZX-32", "ZX-35"))
def lapse(*, actor: Actor, now: datetime, today: date) -> Lapsed:
    """Release every matter whose period has ended; one that nobody reviewed is kept as a breach. 期满自行解密。

    Idempotent: a second run on the same day finds nothing.
    """
    due = list(
        Matter.objects.select_for_update()
        .filter(state="active", declassified_from__lte=today)
        .order_by("declassified_from", "pk")
    )
    reviewed = set(
        ReviewTask.objects.filter(kind="expiry", done_at__isnull=False, matter__in=[m.pk for m in due]).values_list(
            "matter", flat=True
        )
    )
    missed = [m for m in due if m.pk not in reviewed]
    Breach.objects.bulk_create(
        [Breach(matter=m, kind="review.expiry_missed", clause="JM-4.2", on=m.last_protected_day) for m in missed],
        batch_size=500,
    )
    for row in due:
        _lapse_one(actor, row, now, row.pk in reviewed)
    append(
        actor,
        "declassification.lapse",
        subject=("sweep", "declassification.lapse"),
        at=now,
        data={"today": today, "lapsed": len(due), "without_review": len(missed)},
    )
    return Lapsed(len(due), len(missed))


def _lapse_one(actor: Actor, row: Matter, now: datetime, reviewed: bool) -> None:
    """Write the end of one matter's period: state, review tasks, carriers, entry, notices to drafter and officer."""
    first = row.declassified_from
    shelf.save(row, now, state="declassified", released_at=facts.start_of(first), release_ground="expiry")
    ReviewTask.objects.filter(matter=row, done_at__isnull=True).update(done_at=now, outcome="lapse")
    Deadline.objects.filter(matter_id=row.pk, done_at__isnull=True).update(done_at=now)
    carriers = _remark(row)
    append(
        actor,
        "declassification.lapse",
        subject=("matter", row.pk),
        at=now,
        data={
            "register_no": row.register_no,
            "declassified_from": first,
            "reviewed": reviewed,
            "carriers": carriers,
            "version": row.version,
        },
        rows=[row],
    )
    people = [p for p in (row.drafter_id, row.officer_id) if p]
    shelf.tell(people, "matter.lapsed", row, now, register_no=row.register_no)
    shelf.tell_derived(row, now, "source.released")
