"""保密事项范围: editions and items, found by content, where they are used, what a new edition changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import access, guide_impact
from dingmi.queries.catalogue import TableState, state_of
from dingmi.queries.guide_impact import READERS, ImpactReport, ItemDiff, wording
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.records.guides.models import GuideEdition, GuideFeedback, GuideItem
from dingmi.records.matters.models import Decision
from dingmi.regime.prc_state import marks

SHOWN = 400
QUARTERS = 12
YEARS_OF_USE = 3
REJECTIONS = ("determination.return", "determination.change_and_approve", "determination.not_secret")


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of one guide; ``state`` is ``current``, ``coming`` or ``ended`` on the day asked about."""

    id: UUID
    code: str
    title: str
    owner: str
    edition: str
    level: str
    since: date
    until: date | None
    items: int
    state: str

    @property
    def is_current(self) -> bool:
        """Whether it is in force."""
        return self.state == "current"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a guide; ``mark`` is its level with the longest period or the condition."""

    id: UUID
    number: str
    text: str
    level: str
    tail: str
    mark: str
    scope_rule: str
    origin_tier: str
    conditions: tuple[str, ...]
    exceptions: tuple[str, ...]
    examples: tuple[str, ...]
    together: str
    used: int
    change: str


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of use: matters decided by the item, and proposals by it that the officer turned down or changed."""

    name: str
    adopted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """One report of a defect of an item, and how far it is."""

    id: UUID
    item: UUID
    item_number: str
    item_text: str
    kind: str
    text: str
    at: datetime
    sent_on: date | None
    sent_number: str
    answered_on: date | None
    answer: str
    adopted: bool
    version: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One item: what the other edition says of it, how it was used by quarter, what was reported of it."""

    item: Item
    diff: ItemDiff | None
    old_name: str
    new_name: str
    new_since: date | None
    old_until: date | None
    quarters: tuple[Quarter, ...]
    feedback: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True)
class Guides:
    """The page of guides."""

    guides: tuple[Edition, ...]
    editions: tuple[Edition, ...]
    chosen: Edition | None
    items: tuple[Item, ...]
    text: str
    detail: Detail | None
    impact: ImpactReport | None
    pivot: Edition | None
    unused: int
    table: TableState
    open_feedback: int
    may_import: bool


def _edition(row: Any, on: date) -> Edition:
    ended = row.until is not None and row.until <= on
    state = "coming" if row.since > on else "ended" if ended else "current"
    return Edition(
        row.pk, row.code, row.title, row.owner, row.edition, row.level, row.since, row.until, row.item_count, state
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(part for part in wording(value).split("；") if part)


def _together(value: Any) -> str:
    return f"{'、'.join(value['items'])} ≥ {value['at_least']}" if value else ""


def _item(row: GuideItem, used: int, change: str) -> Item:
    mark = marks.mark_text(row.level, row.tail) if row.tail else row.level
    return Item(
        row.pk, row.number, row.text, row.level, row.tail, str(mark), row.scope_rule, row.origin_tier,
        _texts(row.conditions), _texts(row.exceptions), _texts(row.examples), _together(row.together), used, change,
    )  # fmt: skip


def _bigrams(text: str) -> set[str]:
    words = [w for w in text.split() if w]
    return {w[i : i + 2] for w in words for i in range(max(1, len(w) - 1))}


def found_by(text: str, rows: Iterable[GuideItem]) -> list[GuideItem]:
    """Return the items whose wording, conditions or examples hold at least half of the pairs of characters, best first."""
    wanted = _bigrams(text)
    scored = []
    for row in rows:
        said = " ".join((row.text, wording(row.examples), wording(row.conditions), row.matter_code))
        share = sum(pair in said for pair in wanted) / len(wanted)
        if share >= 0.5 or row.number == text:
            scored.append((-2.0 if row.number == text else -share, row.order, row))
    return [row for _, _, row in sorted(scored, key=lambda s: s[:2])]


def _used(actor: Actor, now: datetime, editions: Iterable[UUID]) -> dict[tuple[str, str], int]:
    """Return how many matters of the last years the reader may count rest on an item, by code and number, all editions."""
    since = now.date() - timedelta(days=365 * YEARS_OF_USE)
    rows = access.existing(actor, now).filter(item__edition__in=list(editions), starts_on__gte=since)
    counts = rows.order_by().values_list("item__matter_code", "item__number").annotate(n=Count("pk", distinct=True))
    return {(code, number): n for code, number, n in counts}


def _siblings(item: GuideItem) -> list[UUID]:
    """Return the item in every edition of its guide."""
    same = Q(matter_code=item.matter_code, number=item.number)
    alone = GuideItem.objects.filter(edition=item.edition, matter_code=item.matter_code).count() == 1
    same |= Q(matter_code=item.matter_code) if alone else Q(pk=item.pk)
    return list(GuideItem.objects.filter(same, edition__code=item.edition.code).values_list("pk", flat=True))


def _quarters(actor: Actor, now: datetime, item: GuideItem) -> tuple[Quarter, ...]:
    places = []
    year, quarter = now.year, (now.month - 1) // 3 + 1
    for _ in range(QUARTERS):
        places.append((year, quarter))
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    ids, matters = _siblings(item), access.existing(actor, now)
    first = date(places[-1][0], 3 * places[-1][1] - 2, 1)
    adopted = matters.filter(item__in=ids, starts_on__gte=first).order_by()
    taken = adopted.values_list("starts_on__year", "starts_on__quarter").annotate(n=Count("pk", distinct=True))
    turned = Decision.objects.filter(
        act__in=REJECTIONS, proposal__item__in=ids, at__date__gte=first, matter__in=matters.values("pk")
    )
    turned_down = turned.order_by().values_list("at__year", "at__quarter").annotate(n=Count("pk", distinct=True))
    yes = {(y, q): n for y, q, n in taken}
    no = {(y, q): n for y, q, n in turned_down}
    return tuple(Quarter(f"{y % 100:02}Q{q}", yes.get((y, q), 0), no.get((y, q), 0)) for y, q in reversed(places))


def _feedback(row: GuideFeedback) -> Feedback:
    return Feedback(
        row.pk, row.item_id, row.item.number, row.item.text, row.kind, row.text, row.at, row.sent_on,
        row.sent_number, row.answered_on, row.answer, row.adopted, version_of(row),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two editions that are compared on the page: a coming one with today's, else today's with the one before."""

    old: GuideEdition
    new: GuideEdition
    by_item: dict[UUID, ItemDiff]


def _pair(chosen: GuideEdition, allowed: list[str]) -> _Pair | None:
    newer = guide_impact.after(chosen)
    old, new = (chosen, newer) if newer is not None else (guide_impact.before(chosen), chosen)
    if old is None or new is None or old.level not in allowed or new.level not in allowed:
        return None
    side = "old" if newer is not None else "new"
    found = [guide_impact.item_diff(c) for c in guide_impact.changes(old, new)]
    return _Pair(old, new, {key: d for d in found if (key := getattr(d, side)) is not None})


def _detail(actor: Actor, now: datetime, row: GuideItem, item: Item, pair: _Pair | None) -> Detail:
    reports = GuideFeedback.objects.filter(item__in=_siblings(row)).select_related("item").order_by("-at", "-pk")[:20]
    diff = pair.by_item.get(row.pk) if pair else None
    return Detail(
        item=item,
        diff=diff,
        old_name=pair.old.edition if pair else "",
        new_name=pair.new.edition if pair else "",
        new_since=pair.new.since if pair else None,
        old_until=pair.old.until if pair else None,
        quarters=_quarters(actor, now, row),
        feedback=tuple(_feedback(r) for r in reports),
    )


def _editions(actor: Actor, now: datetime, on: date) -> list[Edition]:
    rows = GuideEdition.objects.filter(level__in=guide_impact.readable(actor, now)).annotate(item_count=Count("items"))
    return [_edition(r, on) for r in rows.order_by("title", "code", "-since")]


def _tabs(editions: list[Edition]) -> tuple[Edition, ...]:
    """Return for each guide its edition in force, else its newest."""
    best: dict[str, Edition] = {}
    for edition in editions:
        if edition.code not in best or (edition.is_current and not best[edition.code].is_current):
            best[edition.code] = edition
    return tuple(best.values())


@query("guides", roles=READERS)
def guides(
    *,
    actor: Actor,
    now: datetime,
    edition: UUID | None = None,
    text: str = "",
    item: UUID | None = None,
    on: date | None = None,
) -> Guides:
    """Return editions, the items of one, one item with its changes and use, and what a new edition touches.

    Args:
        edition: The edition to show; the one in force when none is given.
        text: Words to find items by.
        on: A civil day: the editions in force then are shown.
    """
    everything = _editions(actor, now, on or now.date())
    tabs = _tabs(everything)
    chosen = next((e for e in everything if e.id == edition), None) if edition else (tabs[0] if tabs else None)
    if edition and chosen is None:
        raise NotFound("object.not_found")
    same = tuple(e for e in everything if chosen and e.code == chosen.code)
    rows: list[GuideItem] = []
    pair = None
    if chosen is not None:
        found = GuideItem.objects.filter(edition_id=chosen.id).select_related("edition").order_by("order")
        rows = found_by(text, found) if text.strip() else list(found)
        pair = _pair(GuideEdition.objects.get(pk=chosen.id), guide_impact.readable(actor, now))
    used = _used(actor, now, [e.id for e in same])
    items = tuple(
        _item(
            r, used.get((r.matter_code, r.number), 0), pair.by_item[r.pk].kind if pair and r.pk in pair.by_item else ""
        )
        for r in rows[:SHOWN]
    )
    picked = next((n for n, r in enumerate(rows[:SHOWN]) if r.pk == item), None)
    if picked is None and items:
        picked = next((n for n, i in enumerate(items) if i.change in ("changed", "removed")), 0)
    keeper = actor.holds(*guide_impact.KEEPERS)
    pivot = next((e for e in same if pair and e.id == pair.new.pk), None)
    return Guides(
        guides=tabs,
        editions=same,
        chosen=chosen,
        items=items,
        text=text,
        detail=_detail(actor, now, rows[picked], items[picked], pair) if picked is not None else None,
        impact=guide_impact.impact(actor=actor, now=now, edition=pair.new.pk) if pair and keeper else None,
        pivot=pivot,
        unused=sum(not i.used for i in items) if not text.strip() else 0,
        table=state_of(actor, now),
        open_feedback=GuideFeedback.objects.filter(answered_on__isnull=True).count(),
        may_import=keeper,
    )


@query("guides.on", roles=READERS)
def on_day(*, actor: Actor, now: datetime, code: str, on: date) -> tuple[Item, ...]:
    """Return the items of a guide as they were in force on a civil day: an old date is answered by the old edition.

    Raises:
        NotFound: No edition that the reader may see was in force then.
    """
    running = GuideEdition.objects.filter(Q(until__isnull=True) | Q(until__gt=on), code=code, since__lte=on)
    found = running.filter(level__in=guide_impact.readable(actor, now)).order_by("-since", "-pk").first()
    if found is None:
        raise NotFound("object.not_found")
    return tuple(_item(r, 0, "") for r in GuideItem.objects.filter(edition=found).order_by("order"))


@query("guides.feedback", roles=READERS)
def feedback(*, actor: Actor, now: datetime, open_only: bool = False) -> tuple[Feedback, ...]:
    """Return reported defects of guides that the reader may see, newest first, at most 200."""
    rows = GuideFeedback.objects.filter(item__edition__level__in=guide_impact.readable(actor, now)).select_related(
        "item"
    )
    rows = rows.filter(answered_on__isnull=True) if open_only else rows
    return tuple(_feedback(r) for r in rows.order_by("-at", "-pk")[:200])
