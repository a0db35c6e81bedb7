"""建议引擎: what it has learnt from, for the secrecy office; never a word of a text that is not public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.engines.suggest import ENGINE_VERSION
from dingmi.engines.suggest.lookup import COLLECTION
from dingmi.queries import access, boilerplate, numbers, overturned, policy, ranking, suggestions, versions
from dingmi.queries.registry import query
from dingmi.records.matters.assist import LearntPart, LearntText, Outcome
from dingmi.records.matters.learnt import LearntVersion
from dingmi.records.organs.models import Person
from dingmi.records.oversight.models import Correction

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the boilerplate model; ``name`` is of a public text, ``matters`` of what the reader may know of."""

    part: UUID
    number: int
    kind: str
    name: str
    matters: tuple[tuple[UUID, str], ...]
    level: str
    texts: int
    grams: int
    digest: str
    by: str
    at: datetime
    ended_at: datetime | None
    ended_because: str


@dataclass(frozen=True, slots=True)
class Rate:
    """One figure of what became of suggestions; ``per_cent`` is nothing where too few decisions say anything."""

    name: str  # first / among / changed / overturned / blind_first
    count: int
    of: int
    per_cent: int | None


@dataclass(frozen=True, slots=True)
class Order(versions.Version):
    """One version of the order learnt from decisions: how it did on decisions kept apart, and as it ran since.

    ``before`` and ``after`` are per cent of first items decided, in the engine's order and in the one learnt; ``error`` is
    the calibration error in per cent. ``ran`` is how many decisions it ran beside, ``first`` of how many it had the first.
    """

    ran: int
    first: int
    engine_first: int


@dataclass(frozen=True, slots=True)
class AssistPage:
    """The model as it stands: how many texts it rests on, how many it wants, its parts, and what became of suggestions."""

    engine: str
    version: int
    texts: int
    wanted: int
    corrections: int
    altered: bool
    parts: tuple[Part, ...]
    more: int
    rates: tuple[Rate, ...]
    orders: tuple[Order, ...]
    blind: int


@query("assist", roles=READERS)
def page(*, actor: Actor, now: datetime) -> AssistPage:
    """Return what the suggestions have learnt from: public texts, and passages put away as boilerplate."""
    live = LearntPart.objects.filter(ended_at__isnull=True)
    counts = {kind: sum(live.filter(kind=kind).values_list("texts", flat=True)) for kind in ("public", "correction")}
    known = boilerplate.known(lambda _: True)  # whether any part was altered
    rows = list(LearntPart.objects.order_by("-number")[:SHOWN])
    names = dict(Person.objects.filter(pk__in={r.by_id for r in rows if r.by_id}).values_list("pk", "name"))
    texts = _texts(actor, now, rows)
    return AssistPage(
        engine=ENGINE_VERSION,
        version=known.version,
        texts=counts["public"],
        wanted=COLLECTION,
        corrections=counts["correction"],
        altered=known.altered,
        parts=tuple(_part(row, texts[row.pk], names) for row in rows),
        more=LearntPart.objects.count() - len(rows),
        rates=rates(now),
        orders=_orders(now),
        blind=suggestions.blind_share(),
    )


def rates(now: datetime) -> tuple[Rate, ...]:
    """Return, of the decisions of the last year: how often the first item or one of those suggested was decided, how often
    an officer decided otherwise than proposed, how often a decision was overturned since, and the first item when blind.
    """
    rows = Outcome.objects.filter(at__gt=now - timedelta(days=365), at__lte=now)
    wrong = Correction.objects.filter(
        matter=OuterRef("matter"), decided_at__gte=OuterRef("at"), remedy__in=overturned.REMEDIES
    )
    seen, hidden = rows.filter(is_blind=False), rows.filter(is_blind=True)
    return (
        _rate("first", seen.filter(place=1), seen),
        _rate("among", seen.filter(place__gt=0), seen),
        _rate("changed", rows.filter(is_changed=True), rows),
        _rate("overturned", rows.filter(Exists(wrong)), rows),
        _rate("blind_first", hidden.filter(place=1), hidden),
    )


def _orders(now: datetime) -> tuple[Order, ...]:
    """Return the latest versions, newest first, with what each would have put first in the decisions it ran beside."""
    since = now - timedelta(days=365)
    ran = list(Outcome.objects.filter(at__gt=since, item__isnull=False).values_list("ranked", "place"))
    return tuple(
        _order(row, [(r[n], r.get(ranking.ENGINE, p)) for r, p in ran if (n := str(row.number)) in r])
        for row in versions.latest(ranking.KIND)
    )


def _order(row: LearntVersion, ran: list[tuple[int, int]]) -> Order:
    return Order(
        ran=len(ran),
        first=sum(place == 1 for place, _ in ran),
        engine_first=sum(place == 1 for _, place in ran),
        **versions.shown(row, versions.sound(ranking.KIND, row)),
    )


def _rate(name: str, part: QuerySet[Outcome], whole: QuerySet[Outcome]) -> Rate:
    count, of = part.count(), whole.count()
    return Rate(name, count, of, round(100 * count / of) if of >= policy.SEEN_LEAST else None)


def _texts(actor: Actor, now: datetime, rows: list[LearntPart]) -> dict[UUID, list[tuple[str, UUID | None, str]]]:
    """Return name, matter and register number of each text of ``rows``; of matters those the reader may know of."""
    seen = {
        m.pk: numbers.shown(m.pk, m.register_no)
        for m in access.existing(actor, now).filter(
            pk__in=LearntText.objects.filter(part__in=rows, matter__isnull=False).values("matter")
        )
    }
    found: dict[UUID, list[tuple[str, UUID | None, str]]] = {row.pk: [] for row in rows}
    for part, matter, name in LearntText.objects.filter(part__in=rows).values_list("part_id", "matter_id", "name"):
        if matter is None or matter in seen:
            found[part].append((name, matter, seen.get(matter, "")))
    return found


def _part(row: LearntPart, texts: list[tuple[str, UUID | None, str]], names: dict[UUID, str]) -> Part:
    return Part(
        part=row.pk,
        number=row.number,
        kind=row.kind,
        name="、".join(sorted(name for name, matter, _ in texts if matter is None)),
        matters=tuple(sorted(((m, no) for _, m, no in texts if m is not None), key=lambda pair: pair[1])),
        level=row.level,
        texts=row.texts,
        grams=row.grams,
        digest=row.digest,
        by=names.get(row.by_id, "") if row.by_id else "",
        at=row.at,
        ended_at=row.ended_at,
        ended_because=row.ended_because,
    )
