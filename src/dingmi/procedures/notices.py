"""通知：acknowledged by whom they reach, and reminders before periods end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Noted
from dingmi.queries import facts, policy
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import ReviewTask
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach


@dataclass(frozen=True)
class Reminded:
    """How many reminders went out, and how many notices were found undelivered too late."""

    reminded: int
    late_notices: int


@procedure("notices.acknowledge", clauses=("TL-21.1b",))
def acknowledge(*, actor: Actor, now: datetime, notice: UUID) -> Noted:
    """Sign for a notice; a second time changes nothing. 签收。"""
    row = Notice.objects.select_for_update().filter(pk=notice, person_id=actor.person_id or None).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.acknowledged_at is None:
        row.acknowledged_at = now
        row.save()
    append(
        actor,
        "notices.acknowledge",
        subject=("notice", row.pk),
        at=now,
        data={"code": row.code, "matter": row.matter_id, "acknowledged_at": row.acknowledged_at},
    )
    return Noted(row.pk, row.matter_id)


@procedure("notices.remind", requires=(Role.CLOCK,), clauses=("JM-4.1", "ZX-30.2"))
def remind(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind people of reviews before expiry and of yearly reviews; each step once (policy lead times). 到期提醒。"""
    due = _expiring(today) + _yearly(today)
    sent = _already([task.pk for task, _ in due])
    made: list[Notice] = []
    for task, step in due:
        if (str(task.pk), step) in sent:
            continue
        params = {"task": str(task.pk), "step": step, "kind": task.kind, "due_on": task.due_on.isoformat()}
        for person in dict.fromkeys(p for p in (task.matter.drafter_id, task.matter.officer_id) if p):
            made.append(
                Notice(person_id=person, code="review.due", matter_id=task.matter_id, params=params, created_at=now)
            )
    Notice.objects.bulk_create(made, batch_size=500)
    late = _late_extension_notices(today)
    append(
        actor,
        "notices.remind",
        subject=("sweep", "notices.remind"),
        at=now,
        data={"today": today, "reminded": len(made), "late_notices": late},
    )
    return Reminded(len(made), late)


def _expiring(today: date) -> list[tuple[ReviewTask, str]]:
    """Return the reviews before expiry that have reached a lead time, each with the latest one reached."""
    tasks = ReviewTask.objects.filter(
        kind="expiry", done_at__isnull=True, due_on__gte=today, opened_on__lte=today, matter__state="active"
    ).select_related("matter")
    found = []
    for task in tasks.order_by("due_on", "pk"):
        reached = [d for d in policy.EXPIRY_LEAD_DAYS if (task.due_on - today).days <= d]
        if reached:
            found.append((task, f"{task.due_on.isoformat()}/{min(reached)}"))
    return found


def _yearly(today: date) -> list[tuple[ReviewTask, str]]:
    """Return the yearly reviews not done, monthly from September."""
    if today.month < policy.ANNUAL_REMINDED_FROM_MONTH:
        return []
    tasks = ReviewTask.objects.filter(
        kind="annual", year=today.year, done_at__isnull=True, matter__state="active"
    ).select_related("matter")
    return [(task, f"{today:%Y-%m}") for task in tasks.order_by("pk")]


def _already(tasks: list[UUID]) -> set[tuple[str, str]]:
    """Return the reminders that went out before: task and step."""
    wanted = {str(t) for t in tasks}
    matters = ReviewTask.objects.filter(pk__in=tasks).values("matter")
    rows = Notice.objects.filter(code="review.due", matter_id__in=matters).values_list("params", flat=True)
    return {(p["task"], p["step"]) for p in rows if p.get("task") in wanted}


def _late_extension_notices(today: date) -> int:
    """Keep as a breach every extension that someone in scope has not signed for by the old last day (ZX-30.2, E24)."""
    late = 0
    limits = Deadline.objects.filter(name="extension_notice", done_at__isnull=True)
    for limit in limits:
        open_notices = Notice.objects.filter(
            code="matter.extended", matter_id=limit.matter_id, must_acknowledge=True, acknowledged_at__isnull=True
        )
        if not open_notices.exists():
            Deadline.objects.filter(pk=limit.pk).update(done_at=facts.start_of(today))
        elif limit.due_on is not None and limit.due_on < today:
            kind = {"matter_id": limit.matter_id, "kind": "extension.notice_late", "on": limit.due_on}
            if not Breach.objects.filter(**kind).exists():
                Breach.objects.create(**kind, clause=limit.clause)
                late += 1
    return late
