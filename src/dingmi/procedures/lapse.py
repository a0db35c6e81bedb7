"""P9 期满自行解密：the law releases what has run out, in batches; marks and notices follow once the date is sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Count, F

from dingmi.base.actor import Actor, Role
from dingmi.procedures import shelf, sweep
from dingmi.procedures.frame import procedure
from dingmi.queries import clock, facts, standing
from dingmi.records.carriers.models import markable
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.matters.models import Matter, ReviewTask, SourceLink
from dingmi.records.notices.models import Notice, OutboxItem
from dingmi.records.oversight.models import Breach
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts import LapseFacts

LAPSE = "declassification.lapse"
FOLLOW = "declassification.follow_lapse"
WAITING = "lapse"  # the channel of what follows once the date is sure


@dataclass(frozen=True)
class Lapsed:
    """How many matters ended with their period, how many of them without a review, and whether more are due."""

    lapsed: int
    without_review: int
    more: bool


@dataclass(frozen=True)
class Followed:
    """For how many ended matters the marks and notices that had waited were made."""

    followed: int
    more: bool


@procedure(LAPSE, requires=(Role.CLOCK,), clauses=("BMF-24.2a", "ZX-32", "ZX-35"))
def lapse(*, actor: Actor, now: datetime, today: date) -> Lapsed:
    """Release a batch of matters whose period has ended; one that nobody reviewed is kept as a breach. 期满自行解密。

    While a gap of the clock is unconfirmed the state follows the law, and marks and notices wait (SR-63).
    """
    sweep.alone()
    at = now if now.date() == today else facts.start_of(today)
    due = list(standing.ended(at).select_for_update().order_by("declassified_from", "pk")[: sweep.BATCH + 1])  # load
    due, more = due[: sweep.BATCH], len(due) > sweep.BATCH
    ids = [m.pk for m in due]
    done = ReviewTask.objects.filter(kind="expiry", done_at__isnull=False, matter__in=ids)
    reviewed = set(done.values_list("matter", flat=True))
    ends = {m.pk: standing.ends_at(m.declassified_from, m.tail) for m in due}
    verdicts = {end: _judged(end, at) for end in set(ends.values())}  # gather, judge
    home = standing.home().pk  # what another organ answers for is not ours to review (QA-8, TL-23)
    missed = [m for m in due if m.pk not in reviewed and (m.successor_id or m.organ_id) == home]
    _write(due, ends, missed, now)  # write
    waits = clock.unconfirmed() is not None
    carriers = Counter[UUID]() if waits else _remark(ids)
    if waits:
        OutboxItem.objects.bulk_create(
            [OutboxItem(channel=WAITING, payload={"matter": str(pk)}, created_at=now) for pk in ids]
        )
    lines = [
        Line(
            ("matter", m.pk),
            {
                "register_no": m.register_no,
                "declassified_from": m.declassified_from,
                "reviewed": m.pk in reviewed,
                "carriers": carriers[m.pk],
                "waits_for_date": waits,
                "version": m.version,
            },
            [m],
            verdicts[ends[m.pk]],
        )
        for m in due
    ]
    append_lines(actor, LAPSE, lines, at=now)  # prove
    data = {"today": today, "lapsed": len(due), "without_review": len(missed)}
    append(actor, LAPSE, subject=("sweep", LAPSE), at=now, data=data)
    if not waits:
        _tell(due, now)  # tell
    return Lapsed(len(due), len(missed), more)


def _judged(end: datetime | None, at: datetime) -> Verdict:
    """Judge one instant at which protection ended; every matter that ended at it has the same verdict."""
    day, hour = (end.date(), end.time()) if end else (None, time.min)
    given = LapseFacts(at.date(), "active", "period", day, hour=hour, time_of_day=at.time())
    verdict = judge(facts.REGIME, LAPSE, given, at.date())
    if verdict.values["lapses"] is not True:
        raise RuntimeError(f"the law does not release what ended at {end}")
    return verdict


def _write(
    due: Sequence[Matter], ends: Mapping[UUID, datetime | None], missed: Sequence[Matter], now: datetime
) -> None:
    """Write the end of the periods: states, counters, review tasks, deadlines, breaches."""
    ids = [m.pk for m in due]
    Breach.objects.bulk_create(
        [
            Breach(matter=m, kind="review.expiry_missed", clause="JM-4.2", on=m.last_protected_day)
            for m in missed
            if m.last_protected_day
        ]
    )
    shelf.move_counts(due, "declassified")
    for end in set(ends.values()):
        ended = {"state": "declassified", "release_ground": "expiry", "released_at": end}
        together = [m for m in due if ends[m.pk] == end]
        Matter.objects.filter(pk__in=[m.pk for m in together]).update(**ended, version=F("version") + 1, changed_at=now)
        for row in together:
            row.version += 1
    ReviewTask.objects.filter(matter__in=ids, done_at__isnull=True).update(done_at=now, outcome="lapse")
    shelf.end_limits(ids, now)


def _remark(ids: Sequence[UUID]) -> Counter[UUID]:
    """Put down that every carrier needs a 解密 mark beside the old one (TL-21.1b); return how many a matter."""
    carriers = markable(matter__in=ids)
    counts = Counter[UUID](dict(carriers.values_list("matter").annotate(n=Count("pk"))))
    carriers.update(remark_due=True)
    return counts


def _tell(due: Sequence[Matter], now: datetime) -> None:
    """Queue notices to drafters and officers, and open a task on whatever of ours derives from an ended matter."""

    def notice(person: UUID, m: Matter) -> Notice:
        params: dict[str, Any] = {"register_no": m.register_no}
        return Notice(person_id=person, code="matter.lapsed", matter_id=m.pk, params=params, created_at=now)

    told = [notice(p, m) for m in due for p in dict.fromkeys((m.drafter_id, m.officer_id)) if p]
    Notice.objects.bulk_create(told, batch_size=500)
    ids = [m.pk for m in due]
    sources = set(SourceLink.objects.filter(source__in=ids).values_list("source", flat=True))
    for row in due:
        if row.pk in sources:
            shelf.tell_derived(row, now, "source.released")


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("TL-21.1b", "ZX-35"))
def follow(*, actor: Actor, now: datetime, today: date) -> Followed:
    """Make the marks and notices that waited for the date to be confirmed (SR-63). 补办期满后续事项。"""
    sweep.alone()
    waiting = list(
        OutboxItem.objects.filter(channel=WAITING, sent_at__isnull=True).order_by("created_at", "pk")[: sweep.BATCH]
        if clock.unconfirmed() is None
        else ()
    )
    rows = list(Matter.objects.filter(pk__in=[w.payload["matter"] for w in waiting]))
    carriers = _remark([m.pk for m in rows])
    _tell(rows, now)
    OutboxItem.objects.filter(pk__in=[w.pk for w in waiting]).update(sent_at=now)
    append_lines(actor, FOLLOW, [Line(("matter", m.pk), {"carriers": carriers[m.pk]}) for m in rows], at=now)
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data={"today": today, "followed": len(rows)})
    return Followed(len(rows), len(waiting) == sweep.BATCH)
