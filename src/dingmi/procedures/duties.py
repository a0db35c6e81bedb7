"""What is due by the calendar: yearly reviews opened, reminders, breaches, deadlines of years just loaded, counts checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from dingmi.base.actor import Actor, Role
from dingmi.procedures import sweep
from dingmi.procedures.frame import procedure
from dingmi.queries import clock, delivery, facts, limits, policy, standing
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.matters.models import Counter, Decision, Matter, ReviewTask
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach
from dingmi.records.vault import store
from dingmi.regime import deadlines
from dingmi.regime.prc_state.life import review_due, reviewed_from

OPEN = "review.open_annual"
MARK = "review.mark_breaches"
REMIND = "notices.remind"
COMPUTE = "notices.compute_deadlines"
RECONCILE = "keep.reconcile_counts"
SWEEP_FILES = "keep.sweep_files"
ORPHANED_AFTER = timedelta(days=1)  # no act takes so long between its file and its row


@dataclass(frozen=True)
class FilesSwept:
    """How many files that no row names were removed."""

    removed: int


@dataclass(frozen=True)
class Opened:
    """How many yearly reviews were opened."""

    opened: int
    more: bool


@dataclass(frozen=True)
class Marked:
    """How many breaches were found."""

    breaches: int
    more: bool


@dataclass(frozen=True)
class Reminded:
    """How many reminders went out, and how many notices of extension were found undelivered too late."""

    reminded: int
    late_notices: int
    more: bool


@dataclass(frozen=True)
class Computed:
    """How many deadlines got their day because the calendar of their year has been loaded."""

    computed: int


@dataclass(frozen=True)
class Reconciled:
    """How many maintained counts differed from the rows; they were set right."""

    differences: int


def _swept(actor: Actor, act: str, now: datetime, **data: Any) -> None:
    """Leave the entry that the sweep was here, also when nothing was due."""
    append(actor, act, subject=("sweep", act), at=now, data=data)


@procedure(OPEN, requires=(Role.CLOCK,), clauses=("BMF-24.1",))
def open_annual(*, actor: Actor, now: datetime, today: date) -> Opened:
    """Open this year's review of a batch of the matters in force that this organ determined. 开启年度审核。

    It goes through the matters once a year, in the order of their ids; one determined later opens its own task.
    """
    sweep.alone()
    mark = sweep.place(OPEN, str(today.year))
    if mark.done_at is not None:
        _swept(actor, OPEN, now, today=today, opened=0)
        return Opened(0, False)
    rows = Matter.objects.filter(standing.OURS, state="active")
    rows = rows.filter(pk__gt=mark.cursor) if mark.cursor else rows
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: sweep.BATCH])
    held = set(
        ReviewTask.objects.filter(kind="annual", year=today.year, matter__in=ids).values_list("matter", flat=True)
    )
    held |= _decided_late(ids, today.year)
    due = review_due(today.year)
    first = policy.first_reminder("annual", today, due)
    made = [
        ReviewTask(matter_id=pk, kind="annual", year=today.year, opened_on=today, due_on=due, remind_on=first)
        for pk in ids
        if pk not in held
    ]
    ReviewTask.objects.bulk_create(made)
    sweep.move(mark, ids[-1] if ids else None, now)
    _swept(actor, OPEN, now, today=today, opened=len(made))
    return Opened(len(made), bool(ids))


def _decided_late(ids: Sequence[UUID], year: int) -> set[UUID]:
    """Return those first decided so late in ``year`` that the decision counts as its review (E40)."""
    since = facts.start_of(reviewed_from(year))
    found = Decision.objects.filter(matter__in=ids, act__in=facts.FIRST_DECISIONS, at__gte=since)
    return set(found.values_list("matter", flat=True))


@procedure(MARK, requires=(Role.CLOCK,), clauses=("BMF-24.1", "BMF-58.2"))
def mark_breaches(*, actor: Actor, now: datetime, today: date) -> Marked:
    """Keep a batch of the yearly reviews that were not done in their year as breaches; nothing is repaired. 标记逾期。"""
    sweep.alone()
    late = list(
        ReviewTask.objects.filter(
            kind="annual", done_at__isnull=True, breached=False, due_on__lt=today, matter__state="active"
        ).order_by("due_on", "pk")[: sweep.BATCH]
    )
    Breach.objects.bulk_create(
        [Breach(matter_id=t.matter_id, kind="review.annual_missed", clause="BMF-24.1", on=t.due_on) for t in late]
    )
    ReviewTask.objects.filter(pk__in=[t.pk for t in late]).update(breached=True)
    lines = [Line(("matter", t.matter_id), {"breach": "review.annual_missed", "due_on": t.due_on}) for t in late]
    append_lines(actor, MARK, lines, at=now)
    _swept(actor, MARK, now, today=today, breaches=len(late))
    return Marked(len(late), len(late) == sweep.BATCH)


@procedure(REMIND, requires=(Role.CLOCK,), clauses=("JM-4.1", "ZX-30.2"))
def remind(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind people of a batch of reviews that have reached a lead time; each step once (policy). 到期提醒。

    A late run sends the latest step reached only. Nothing is sent while a gap of the clock is unconfirmed (SR-63).
    """
    sweep.alone()
    if clock.unconfirmed() is not None:
        _swept(actor, REMIND, now, today=today, waits_for_date=True)
        return Reminded(0, 0, False)
    due = list(
        ReviewTask.objects.filter(done_at__isnull=True, remind_on__lte=today)
        .select_related("matter")
        .order_by("remind_on", "pk")[: sweep.BATCH]
    )
    live = [t for t in due if t.matter.state == "active" and (t.kind == "source" or t.due_on >= today)]
    told = [_reminder(t, person, now) for t in live for person in _told(t.matter)]
    Notice.objects.bulk_create(told, batch_size=500)
    following: dict[date | None, list[UUID]] = {}
    for task in due:
        following.setdefault(policy.next_reminder(task.kind, task.due_on, today), []).append(task.pk)
    for day, tasks in following.items():
        ReviewTask.objects.filter(pk__in=tasks).update(remind_on=day)
    more = len(due) == sweep.BATCH
    late = 0 if more else _late_extension_notices(today)
    _swept(actor, REMIND, now, today=today, reminded=len(told), late_notices=late)
    return Reminded(len(told), late, more)


def _told(matter: Matter) -> Iterable[UUID]:
    return dict.fromkeys(p for p in (matter.drafter_id, matter.officer_id) if p)


def _reminder(task: ReviewTask, person: UUID, now: datetime) -> Notice:
    params = {"task": str(task.pk), "kind": task.kind, "due_on": task.due_on.isoformat()}
    return Notice(person_id=person, code="review.due", matter_id=task.matter_id, params=params, created_at=now)


def _late_extension_notices(today: date) -> int:
    """Keep as a breach every extension that has not reached someone in scope by the old last day (ZX-30.2, E24)."""
    unsigned = delivery.undelivered(OuterRef("matter_id"), OuterRef("starts_on"))
    limits = Deadline.objects.filter(name=delivery.EXTENSION_NOTICE, done_at__isnull=True, due_on__lt=today)
    limits.filter(~Exists(unsigned)).update(done_at=facts.start_of(today))
    kept = Breach.objects.filter(matter=OuterRef("matter_id"), kind="extension.notice_late", on=OuterRef("due_on"))
    late = list(limits.filter(Exists(unsigned), ~Exists(kept)))
    Breach.objects.bulk_create(
        [Breach(matter_id=d.matter_id, kind="extension.notice_late", on=d.due_on, clause=d.clause) for d in late]
    )
    return len(late)


@procedure(COMPUTE, requires=(Role.CLOCK,), clauses=("CC-203",))
def compute_deadlines(*, actor: Actor, now: datetime, today: date) -> Computed:
    """Compute the limits that waited for the calendar of their year, where it has been loaded since. 补算期限。"""
    sweep.alone()
    waiting = Deadline.objects.filter(done_at__isnull=True, due_on__isnull=True, name__in=deadlines.names())
    lines = []
    for row in waiting.order_by("starts_on", "pk"):
        row.due_on = limits.limit(row.name, row.starts_on).due_on
        if row.due_on is None:
            continue
        row.save()
        lines.append(Line(("matter", row.matter_id), {"deadline": row.name, "due_on": row.due_on}))
    append_lines(actor, COMPUTE, lines, at=now)
    _swept(actor, COMPUTE, now, today=today, computed=len(lines))
    return Computed(len(lines))


@procedure(RECONCILE, requires=(Role.CLOCK,))
def reconcile_counts(*, actor: Actor, now: datetime, today: date) -> Reconciled:
    """Compare the maintained counts with the rows and set right what differs; a difference stands in the ledger. 核对计数。"""
    sweep.alone()
    names = ("department_id", "level", "state", "origin")
    rows = Matter.objects.order_by().values_list(*names).annotate(n=Count("*"))  # an index alone answers it
    right = {tuple(row[:4]): row[4] for row in rows}
    kept = {tuple(row[:4]): row[4] for row in Counter.objects.values_list(*names, "value")}
    wrong = {p for p in right.keys() | kept.keys() if right.get(p, 0) != kept.get(p, 0)}
    for place in wrong:
        found = dict(zip(names, place, strict=True))
        Counter.objects.filter(**found).delete()
        if right.get(place):
            Counter.objects.create(**found, value=right[place])
    steps = [[p[1], p[2], p[3], kept.get(p, 0), right.get(p, 0)] for p in sorted(wrong, key=str)][:100]
    _swept(actor, RECONCILE, now, today=today, differences=len(wrong), counts=steps)
    return Reconciled(len(wrong))


@procedure(SWEEP_FILES, requires=(Role.CLOCK,))
def sweep_files(*, actor: Actor, now: datetime, today: date) -> FilesSwept:
    """Remove the files of acts that were broken off, a day after they were written. 清理中断办理留下的文件。"""
    sweep.alone()
    removed = store.sweep_orphans((now - ORPHANED_AFTER).timestamp())
    _swept(actor, SWEEP_FILES, now, today=today, removed=removed)
    return FilesSwept(removed)
