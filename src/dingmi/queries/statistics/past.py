"""What stood at the end of a day, told from decisions that are never edited, of the matters a reader may know of.

A figure of a past day is the same whenever it is asked: decisions carry their instant, what the ledger shows was entered later
is left out, and ends by the calendar follow from the terms. Title, text and scope are never read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor
from dingmi.queries import access, facts, standing
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision
from dingmi.records.notices.models import Deadline

IMPORT = "keep.import_legacy"
DETERMINING = (*facts.FIRST_DECISIONS, "unclear.answer", IMPORT)
ENDINGS = {
    "declassification.release": "early",
    "declassification.confirm_event": "event",
    "disclosure.publish": "published",
}
VOIDING = ("correction.decide",)
ELSEWHERE = ("change.register_external", "challenge.register_decision")  # another organ decided, registered here
LEVELS = ("秘密", "机密", "绝密")


@dataclass(frozen=True, slots=True)
class Deed:
    """One decision as figures see it: who decided what when, and the terms that it set."""

    id: UUID
    matter: UUID
    act: str
    at: datetime
    level: str
    kind: str  # of the tail
    last_day: date | None
    ends: date | None
    officer: UUID | None
    proposed_at: datetime | None
    has_scope: bool
    starts: date | None
    item: UUID | None

    @property
    def day(self) -> date:
        """The civil day of the decision."""
        return self.at.astimezone(ZONE).date()


@dataclass(frozen=True, slots=True)
class Step:
    """What a deed did: ``determined``, ``changed``, ``extended``, ``ended``, ``voided``, ``reviewed``, ``returned``, ``not_secret``."""

    what: str
    on: date  # when it takes effect
    deed: Deed
    before: Deed | None  # the terms until then
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """One matter: where it comes from, and its steps in order."""

    matter: UUID
    origin: str
    department: UUID | None
    steps: tuple[Step, ...]

    def terms(self, day: date) -> Deed | None:
        """Return the terms in force at the end of ``day``; none once protection has ended, or before it was determined."""
        held: Deed | None = None
        for step in self.steps:
            if step.on > day:
                break
            if step.what in ("determined", "changed", "extended"):
                held = step.deed
            elif step.what in ("ended", "voided", "not_secret"):
                held = None
        return held


@dataclass(frozen=True)
class Past:
    """The lives of the matters that a reader may know of, as they were known at the end of ``day``."""

    day: date
    lives: tuple[Life, ...]
    undecided: tuple[UUID, ...] = ()  # matters within sight about which nothing had been decided

    @property
    def end(self) -> datetime:
        """The first instant that is no longer known."""
        return end_of(self.day)

    def steps(self, first: date, last: date, *what: str) -> Iterable[tuple[Life, Step]]:
        """Yield the steps that took effect over [first, last]; each is counted once."""
        for life in self.lives:
            for step in life.steps:
                if first <= step.on <= min(last, self.day) and step.what in what:
                    yield life, step


def end_of(day: date) -> datetime:
    """Return the first instant after a civil day in Beijing."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZONE)


def entered_after(end: datetime, *acts: str) -> frozenset[UUID]:
    """Return the ids of the rows that ``acts`` entered from ``end`` on, as the ledger tells: nobody knew of them before."""
    found: set[UUID] = set()
    for body in Entry.objects.filter(act__in=acts, at__gte=end).values_list("body", flat=True).iterator():
        found.update(UUID(row["id"]) for row in json.loads(body)["rows"])
    return frozenset(found)


def of(
    actor: Actor, now: datetime, day: date, officer: UUID | None = None, where: Mapping[str, object] | None = None
) -> Past:
    """Return the past of ``day`` as ``actor`` may know it now: matters of ours within sight, with all that was decided by then.

    Args:
        officer: Only matters about which this officer decided something.
        where: Only matters with these values.
    """
    end = end_of(day)
    rows = access.existing(actor, now).filter(standing.OURS, **(where or {})).exclude(origin="received")
    if officer is not None:
        rows = rows.filter(pk__in=Decision.objects.filter(officer=officer).values("matter"))
    matters = dict[UUID, tuple[str, UUID | None]]()
    for pk, origin, department in rows.order_by().values_list("pk", "origin", "department"):
        matters[pk] = (origin, department)
    hidden = entered_after(end, IMPORT)
    effects = _effects(end)
    deeds = _deeds(rows, end)
    lives = []
    for pk, group in groupby(deeds, key=lambda d: d.matter):
        held = [d for d in group if d.id not in hidden]
        if held and pk in matters:
            lives.append(Life(pk, *matters[pk], _steps(held, effects, day)))
    return Past(day, tuple(lives), tuple(matters.keys() - {life.matter for life in lives}))


COLUMNS = (
    "pk",
    "matter",
    "act",
    "at",
    "level",
    "tail_kind",
    "last_protected_day",
    "declassified_from",
    "officer",
    "proposal__at",
    "scope",
    "starts_on",
    "proposal__item",
)
SCOPE = COLUMNS.index("scope")


def _deeds(rows: QuerySet[Any], end: datetime) -> Iterable[Deed]:
    """Return what was decided about ``rows`` by ``end``, matter by matter, in order."""
    found = Decision.objects.filter(matter__in=rows.order_by().values("pk"), at__lt=end)
    for row in found.order_by("matter", "number", "pk").values_list(*COLUMNS).iterator(chunk_size=5000):
        values: tuple[Any, ...] = (*row[:SCOPE], bool(row[SCOPE]), *row[SCOPE + 1 :])
        yield Deed(*values)


def _effects(end: datetime) -> dict[tuple[UUID, date], date]:
    """Return the later days on which changes decided earlier take effect."""
    rows = Deadline.objects.filter(name="change_effect", starts_on__lt=end.date())
    return {(m, s): d for m, s, d in rows.values_list("matter_id", "starts_on", "due_on") if m is not None}


def _read(deed: Deed) -> tuple[str, str]:
    """Say what a decision did, and the ground of an end."""
    if deed.act in DETERMINING:
        return ("determined", "") if deed.kind else ("not_secret", "")
    if deed.act in ENDINGS:
        return "ended", ENDINGS[deed.act]
    if deed.act in VOIDING:
        return "voided", ""
    if deed.act in ELSEWHERE:
        if deed.starts is None or not deed.has_scope:
            ended = deed.starts is not None and deed.ends == deed.day
            return ("ended", "early") if ended else ("voided", "")
        return "changed", ""
    named = {
        "change.change": "changed",
        "change.extend": "extended",
        "review.decide": "reviewed",
        "determination.return": "returned",
        "determination.not_secret": "not_secret",
    }
    return named.get(deed.act, ""), ""


def _steps(deeds: list[Deed], effects: dict[tuple[UUID, date], date], day: date) -> tuple[Step, ...]:
    """Tell a life: each decision, and where the calendar ends protection before the next one."""
    steps: list[Step] = []
    held: Deed | None = None
    for deed in deeds:
        what, ground = _read(deed)
        on = effects.get((deed.matter, deed.day), deed.day) if what == "changed" else deed.day
        if held is not None and held.ends is not None and held.ends <= on and what:
            steps.append(Step("ended", held.ends, held, held, "expiry"))
            held = None
        if what:
            steps.append(Step(what, on, deed, held, ground))
        if what in ("determined", "changed", "extended"):
            held = deed
        elif what in ("ended", "voided", "not_secret"):
            held = None
    if held is not None and held.ends is not None and held.ends <= day:
        steps.append(Step("ended", held.ends, held, held, "expiry"))
    return tuple(sorted(steps, key=lambda s: s.on))
