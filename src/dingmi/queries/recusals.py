"""回避: who is kept out of a matter by a conflict, for those who may lift it (SR-13, ADR 0050)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, grades, lineage, numbers, people, standing
from dingmi.queries.registry import query
from dingmi.records.matters.models import GRADE_STATES, Matter
from dingmi.records.matters.recusals import Recusal
from dingmi.records.organs.models import Account
from dingmi.regime.recusal import grounds

KEEPERS = (Role.SECRECY_OFFICE, Role.HEAD)  # who bars and lifts
STATES = (
    "proposed",
    "referred",
    "active",
    "pending",
    "returned",
    "graded",
)  # of a matter that somebody can be kept out of
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Bar:
    """One person kept out of one matter; ``lifted_at`` is nothing while the bar stands."""

    id: UUID
    matter: UUID
    number: str
    level: str
    person: str
    staff_no: str
    ground: str
    reason: str
    is_declared: bool
    follows: str
    by: str
    since: datetime
    lifted_at: datetime | None
    lifted_by: str
    lifted_because: str
    may_lift: bool


@dataclass(frozen=True, slots=True)
class BarsPage:
    """The bars on one matter, and what the form that adds one offers; ``version`` is that of the matter."""

    matter: UUID
    version: int
    number: str
    level: str
    state: str
    is_content: bool
    is_grade: bool
    bars: tuple[Bar, ...]
    people: tuple[tuple[str, str], ...]
    grounds: tuple[tuple[str, str], ...]
    related: tuple[tuple[str, str], ...]
    may_bar: bool


@dataclass(frozen=True, slots=True)
class Declaring:
    """The matter of which somebody declares a conflict, and the grounds."""

    matter: UUID
    version: int
    number: str
    is_grade: bool
    grounds: tuple[tuple[str, str], ...]


def keepers(row: Matter, now: datetime) -> frozenset[UUID]:
    """Return who may lift a bar on ``row`` now: of the secrecy office and the heads, cleared for it, and not barred themselves."""
    people = standing.overseers([Role.SECRECY_OFFICE], now) - standing.barred(row)
    if row.state not in GRADE_STATES:
        people &= {p for p, held in standing.cleared(now).items() if row.level in access.readable(held)}
    usable = Account.objects.filter(person__in=people, is_active=True, locked_at__isnull=True)
    return frozenset(usable.values_list("person", flat=True))


def related(actor: Actor, now: datetime, matter: UUID) -> QuerySet[Any]:
    """Return the sources and descendants of a matter, at any depth, whose existence the actor may know."""
    around = {*lineage.ancestors(matter), *lineage.descendants(matter)} - {matter}
    return grades.known(actor, now).filter(pk__in=around, state__in=STATES).order_by("created_at", "pk")


def _words(actor: Actor, ground: str) -> str:
    return grounds().get(ground, {}).get(actor.language, ground)


def _grounds(actor: Actor) -> tuple[tuple[str, str], ...]:
    return tuple((code, _words(actor, code)) for code in grounds())


def _bar(row: Recusal, actor: Actor, may_lift: bool) -> Bar:
    source, reads = row.follows, row.level in _reads(actor)
    return Bar(
        id=row.pk,
        matter=row.matter_id,
        number=numbers.shown(row.matter_id, row.matter.register_no),
        level=row.matter.level,
        person=row.person.name,
        staff_no=row.person.staff_no,
        ground=_words(actor, row.ground),
        reason=content.opened(row, "reason_ct", row.level) if reads else "",
        is_declared=row.by_id == row.person_id,
        follows=numbers.shown(source.matter_id, source.matter.register_no) if source else "",
        by=row.by.name,
        since=row.since,
        lifted_at=row.ended_at,
        lifted_by=row.ended_by.name if row.ended_by else "",
        lifted_because=content.opened(row, "ended_reason_ct", row.level) if reads else "",
        may_lift=may_lift and row.ended_at is None,
    )


def _reads(actor: Actor) -> tuple[str, ...]:
    return (*access.readable(actor.clearance), *grades.LEVELS[grades.WORK], *grades.LEVELS[grades.TRADE])


def _rows(actor: Actor, rows: QuerySet[Any]) -> tuple[Bar, ...]:
    beside = ("matter", "person", "by", "ended_by", "follows__matter")
    found = rows.select_related(*beside).order_by("ended_at", "-since", "pk")[:SHOWN]
    return tuple(_bar(row, actor, actor.holds(*KEEPERS)) for row in found)


@query("need_to_know.bars", roles=KEEPERS, clauses=("BMF-21.1",))
def bars(*, actor: Actor, now: datetime, matter: UUID) -> BarsPage:
    """Who is and was kept out of one matter, and why; for those who may lift it. 回避情况。

    Raises:
        NotFound: There is no such matter, or the reader may not know that there is: the same answer.
    """
    row: Any = grades.known(actor, now).filter(pk=matter).first()
    if row is None:
        raise NotFound("object.not_found")
    is_grade = row.state in GRADE_STATES
    content_of = grades.visible(actor, now) if is_grade else access.visible(actor, now)
    apart = {*standing.barred(row), UUID(actor.person_id)}
    administrators = {p for role in access.ADMINISTRATORS for p in standing.holders(role, now)}
    return BarsPage(
        matter=row.pk,
        version=row.version,
        number=numbers.shown(row.pk, row.register_no),
        level=row.level,
        state=row.state,
        is_content=content_of.filter(pk=row.pk).exists(),
        is_grade=is_grade,
        bars=_rows(actor, Recusal.objects.filter(matter=row)),
        people=tuple(
            (str(p.pk), f"{p.name} {p.staff_no}")
            for p in people.people_of(actor, now)
            if p.pk not in {*apart, *administrators}
        ),
        grounds=_grounds(actor),
        related=tuple(
            (str(r.pk), f"{numbers.shown(r.pk, r.register_no)} {r.level}") for r in related(actor, now, row.pk)[:SHOWN]
        ),
        may_bar=row.state in STATES,
    )


@query("need_to_know.bar_list", roles=KEEPERS, clauses=("BMF-21.1",))
def bar_list(*, actor: Actor, now: datetime) -> tuple[Bar, ...]:
    """Every bar on matters that the reader may know of, standing ones first. 回避登记。"""
    return _rows(actor, Recusal.objects.filter(matter__in=grades.known(actor, now).values("pk")))


def own(actor: Actor, now: datetime, matter: UUID) -> Matter:
    """Return a matter of whatever law that the actor may read.

    Raises:
        NotFound: There is none, or the actor may not know it: the same answer.
    """
    try:
        return access.matter_for(actor, now, matter)
    except NotFound:
        return grades.matter_for(actor, now, matter)


@query("need_to_know.declaring", clauses=("BMF-21.1",))
def declaring(*, actor: Actor, now: datetime, matter: UUID) -> Declaring:
    """What one's own conflict is declared of, for whoever may read it. 申请回避。

    Raises:
        NotFound: There is none, or the reader may not know it: the same answer.
    """
    row = own(actor, now, matter)
    number = numbers.shown(row.pk, row.register_no)
    return Declaring(row.pk, row.version, number, row.state in GRADE_STATES, _grounds(actor))
