"""申请: one's own, and those that wait for one's answer; who may answer, and how long a granted export is good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.queries import access, numbers, standing
from dingmi.queries.registry import query
from dingmi.records.matters.applications import Application

EXPORT_APPROVERS = (Role.HEAD, Role.SECRECY_OFFICE)
EXPORT_DAYS = timedelta(days=7)  # policy: how long a granted export may be taken
SHOWN = 50


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One application as its reader may see it."""

    application: UUID
    kind: str
    state: str
    number: str
    matter: UUID | None
    by: str
    purpose: str
    conditions: str
    format: str
    asked_at: datetime
    answered_by: str
    answer: str
    good_until: datetime | None
    may_take: bool


@dataclass(frozen=True, slots=True)
class Applications:
    """The reader's own applications, and those that the reader may answer."""

    own: tuple[ApplicationRow, ...]
    waiting: tuple[ApplicationRow, ...]


def _person(actor: Actor) -> UUID | None:
    return UUID(actor.person_id) if actor.person_id else None


def approvers(actor: Actor, now: datetime) -> tuple[UUID, ...]:
    """Return who is told of an export that waits: the heads and the secrecy office, never the applicant."""
    heads = standing.principals().values_list("pk", flat=True)
    found = dict.fromkeys([*heads, *standing.holders(str(Role.SECRECY_OFFICE), now)])
    return tuple(p for p in found if str(p) != actor.person_id)


def answerable(actor: Actor, now: datetime) -> Any:
    """Return the open applications that the actor may answer."""
    seen = Q(pk__in=())
    if actor.holds(Role.OFFICER, Role.HEAD):
        seen |= Q(kind="know", matter__in=access.visible(actor, now).values("pk"))
    if actor.holds(*EXPORT_APPROVERS):
        seen |= Q(kind="export")
    return Application.objects.filter(seen, state="open").exclude(by=_person(actor))


@query("applications")
def applications(*, actor: Actor, now: datetime) -> Applications:
    """Applications of the reader, newest first, and those that wait for the reader's answer. 申请与审批。"""
    own = Application.objects.filter(by=_person(actor)).order_by("-asked_at", "-pk")[:SHOWN]
    waiting = answerable(actor, now).order_by("asked_at", "pk")[:SHOWN]
    related = ("by", "answered_by", "matter")
    mine, theirs = list(own.select_related(*related)), list(waiting.select_related(*related))
    ids = [a.matter_id for a in (*mine, *theirs) if a.matter_id]
    existing = dict(access.existing(actor, now).filter(pk__in=ids).values_list("pk", "is_content"))
    return Applications(
        tuple(_row(a, existing, now) for a in mine),
        tuple(_row(a, existing, now) for a in theirs),
    )


def _row(kept: Application, existing: dict[UUID, bool], now: datetime) -> ApplicationRow:
    terms = kept.terms
    good = kept.answered_at + EXPORT_DAYS if kept.kind == "export" and kept.answered_at else None
    named = kept.matter is not None and kept.matter_id in existing
    return ApplicationRow(
        application=kept.pk,
        kind=kept.kind,
        state=kept.state,
        number=numbers.shown(kept.matter.pk, kept.matter.register_no) if kept.matter and named else "",
        matter=kept.matter_id if kept.matter_id and existing.get(kept.matter_id) else None,
        by=kept.by.name,
        purpose=kept.purpose,
        conditions=" ".join(v for k, v in terms.items() if v and k not in ("format", "view")),
        format=terms.get("format", ""),
        asked_at=kept.asked_at,
        answered_by=kept.answered_by.name if kept.answered_by else "",
        answer=kept.answer,
        good_until=good,
        may_take=kept.kind == "export" and kept.state == "granted" and good is not None and now <= good,
    )
