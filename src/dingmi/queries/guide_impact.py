"""What an edition changes against the one before it, and which matters in force it touches."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, numbers
from dingmi.queries.registry import query
from dingmi.queries.rows import mark_of
from dingmi.records.guides.models import GuideEdition, GuideItem, Impact
from dingmi.records.matters.models import Matter
from dingmi.records.officers.models import Delegation
from dingmi.regime import judge
from dingmi.regime.prc_state import guide_change
from dingmi.regime.prc_state.guide_change import Cited, ItemChange, ItemText
from dingmi.regime.prc_state.guides import GuideReadFacts
from dingmi.regime.prc_state.levels import is_level

READERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
KEEPERS = (Role.SECRECY_OFFICE, Role.HEAD)
SHOWN = 200
COLUMNS = (
    ("text", "text"),
    ("level", "level"),
    ("tail", "tail"),
    ("scope", "scope_rule"),
    ("tier", "origin_tier"),
    ("conditions", "conditions"),
    ("exceptions", "exceptions"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: kept, struck or inserted."""

    text: str
    kind: str  # same / gone / new


@dataclass(frozen=True, slots=True)
class ElementDiff:
    """One element of an item in both editions, cut where they differ."""

    name: str
    changed: bool
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ItemDiff:
    """One item in both editions: ``added``, ``removed``, ``changed`` or ``same``."""

    kind: str
    old: UUID | None
    new: UUID | None
    number: str
    text: str
    elements: tuple[ElementDiff, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two editions of one guide, item by item; counts by kind."""

    old: UUID
    new: UUID
    old_name: str
    new_name: str
    old_until: date | None
    new_since: date
    items: tuple[ItemDiff, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Touched:
    """A matter that an edition touches; the title is empty where the reader may only know that it exists."""

    matter: UUID
    number: str
    title: str
    level: str
    mark: str
    outcome: str
    item_number: str
    is_content: bool
    tasked: bool


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """What an edition means for matters in force: how many by outcome, how many stay as they are, and the list."""

    edition: UUID
    compared: int
    counts: dict[str, int]
    unaffected: int
    tasked: int
    officers: int
    delegations: tuple[str, ...]
    rows: tuple[Touched, ...]

    @property
    def open(self) -> int:
        """How many are touched and have no task yet."""
        return max(0, sum(self.counts.values()) - self.tasked)


def readable(actor: Actor, now: datetime) -> list[str]:
    """Return the levels of guides that the reader may see: open ones, and up to the clearance held (GD-8.2)."""
    return list(_readable(actor.clearance, now.date()))


@lru_cache(maxsize=64)
def _readable(clearance: str, on: date) -> tuple[str, ...]:
    """Return the levels of guides that the law of a day lets somebody read who holds ``clearance``."""
    return tuple(
        level
        for level in ("", *access.LEVELS)
        if judge("prc_state", "guides.read", GuideReadFacts(level if is_level(level) else "", clearance), on).allowed
    )


def edition_for(actor: Actor, edition: UUID, now: datetime) -> GuideEdition:
    """Return an edition that the reader may see.

    Raises:
        NotFound: It does not exist, or is classified above the reader's clearance: the same answer (GD-8.2).
    """
    found = GuideEdition.objects.filter(pk=edition, level__in=readable(actor, now)).first()
    if not isinstance(found, GuideEdition):
        raise NotFound("object.not_found")
    return found


def before(edition: GuideEdition) -> GuideEdition | None:
    """Return the edition that came before ``edition`` of the same guide."""
    found = GuideEdition.objects.filter(code=edition.code, since__lt=edition.since).order_by("-since", "-pk").first()
    return found if isinstance(found, GuideEdition) else None


def after(edition: GuideEdition) -> GuideEdition | None:
    """Return the edition that follows ``edition``."""
    found = GuideEdition.objects.filter(code=edition.code, since__gt=edition.since).order_by("since", "pk").first()
    return found if isinstance(found, GuideEdition) else None


def wording(value: Any) -> str:
    """Return a list of conditions or exceptions as one text."""
    shown = (v.get("text") or v.get("name", "") if isinstance(v, dict) else v for v in value)
    return "；".join(str(v) for v in shown) if isinstance(value, list) else ""


def _plain(item: GuideItem) -> ItemText:
    texts = {name: getattr(item, column) for name, column in COLUMNS}
    texts = {name: value if isinstance(value, str) else wording(value) for name, value in texts.items()}
    return ItemText(str(item.pk), item.number, item.matter_code, **texts)


def changes(old: GuideEdition, new: GuideEdition) -> tuple[ItemChange, ...]:
    """Compare two editions item by item."""
    pair = (GuideItem.objects.filter(edition=edition).order_by("order") for edition in (old, new))
    return guide_change.compare(*([_plain(i) for i in items] for items in pair))


def _pieces(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    left, right = [], []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[a:b]:
            left.append(Piece(old[a:b], "same" if tag == "equal" else "gone"))
        if new[c:d]:
            right.append(Piece(new[c:d], "same" if tag == "equal" else "new"))
    return tuple(left), tuple(right)


def _element(name: str, change: ItemChange) -> ElementDiff:
    old, new = (getattr(side, name) if side else "" for side in (change.old, change.new))
    if name in ("level", "tail") and old != new:
        left = (Piece(old, "gone"),) if old else ()
        return ElementDiff(name, True, left, (Piece(new, "new"),) if new else ())
    return ElementDiff(name, old != new, *_pieces(old, new))


def item_diff(change: ItemChange) -> ItemDiff:
    """Return one change as people see it."""
    side = change.new or change.old
    old, new = (UUID(s.id) if s else None for s in (change.old, change.new))
    elements = tuple(_element(name, change) for name, _ in COLUMNS)
    return ItemDiff(change.kind, old, new, side.number if side else "", side.text if side else "", elements)


@query("guides.diff", roles=READERS)
def diff(*, actor: Actor, now: datetime, edition: UUID, against: UUID | None = None) -> Diff:
    """Compare an edition with the one before it, or with ``against``, element by element.

    Raises:
        NotFound: Either edition does not exist or is above the reader's clearance, or there is none before it.
    """
    new = edition_for(actor, edition, now)
    old = edition_for(actor, against, now) if against else before(new)
    if old is None or old.level not in readable(actor, now):
        raise NotFound("guide.no_other_edition")
    found = [item_diff(c) for c in changes(old, new)]
    counts = dict(Counter(i.kind for i in found))
    return Diff(old.pk, new.pk, old.edition, new.edition, old.until, new.since, tuple(found), counts)


def touched(edition: GuideEdition, *, untasked: bool = False) -> list[tuple[Matter, str, ItemChange]]:
    """Return the matters in force of ours that an edition touches, with outcome and change.

    A matter counts by the item that it cites, followed through the editions up to the one before (procedures P21).

    Args:
        untasked: Only those that the edition has not given a task yet.
    """
    current = _current(edition)
    rows = _citing(item for item, change in current.items() if change.kind != "same")
    if untasked:
        rows = rows.exclude(pk__in=Impact.objects.filter(edition=edition).values("matter_id"))
    rows = rows.select_related("item").defer("title_ct", "doc_number_ct", "fill_ct")
    found = []
    for row in rows.order_by("register_no").iterator(chunk_size=2000):
        change = current[row.item_id]
        cited = Cited(row.level, row.tail, row.starts_on, row.last_protected_day)
        if outcome := guide_change.outcome(change, cited):
            found.append((row, outcome, change))
    return found


def _citing(items: Iterable[UUID]) -> QuerySet[Any]:
    """Return the matters in force that we determined by one of ``items``."""
    rows = Matter.objects.filter(state="active", organ__is_home=True, item__in=list(items))
    return rows.exclude(origin="derivative")


def _current(edition: GuideEdition) -> dict[UUID, ItemChange]:
    """Return what ``edition`` changes of every item of its guide's editions before it."""
    last = before(edition)
    if last is None:
        return {}
    return _followed(edition.code, last, {UUID(c.old.id): c for c in changes(last, edition) if c.old})


def _followed(code: str, last: GuideEdition, known: dict[UUID, ItemChange]) -> dict[UUID, ItemChange]:
    """Return the change for every item of earlier editions too, followed edition by edition to ``last``."""
    found = dict(known)
    newer = last
    for older in GuideEdition.objects.filter(code=code, since__lt=last.since).order_by("-since", "-pk"):
        for step in changes(older, newer):
            if step.old and step.new and UUID(step.new.id) in found:
                found[UUID(step.old.id)] = found[UUID(step.new.id)]
        newer = older
    return found


@query("guides.impact", roles=KEEPERS)
def impact(*, actor: Actor, now: datetime, edition: UUID) -> ImpactReport:
    """Say which matters in force an edition touches and what has to be reviewed of each, before and after the run."""
    new = edition_for(actor, edition, now)
    found, compared = touched(new), _citing(_current(new)).count()
    tasked = set(Impact.objects.filter(edition=new).values_list("matter_id", flat=True))
    counts = Counter(outcome for _, outcome, _ in found)
    ids = [row.pk for row, _, _ in found[:SHOWN]]
    seen: dict[UUID, Any] = {m.pk: m for m in access.existing(actor, now).filter(pk__in=ids)}
    rows = tuple(
        _touched_row(seen[row.pk], outcome, change, row.pk in tasked)
        for row, outcome, change in found[:SHOWN]
        if row.pk in seen
    )
    officers = len({row.officer_id for row, _, _ in found if row.officer_id})
    return ImpactReport(
        new.pk, compared, dict(guide_change.summary(counts)), compared - len(found), len(tasked), officers,
        _delegations(new), rows,
    )  # fmt: skip


def _touched_row(row: Any, outcome: str, change: ItemChange, tasked: bool) -> Touched:
    name = content.listed_title(row) if row.is_content else ""
    number = change.old.number if change.old else ""
    shown = numbers.shown(row.pk, row.register_no)
    return Touched(row.pk, shown, name, row.level, mark_of(row), outcome, number, bool(row.is_content), tasked)


def _delegations(edition: GuideEdition) -> tuple[str, ...]:
    """Return the instruments whose matters the edition removes or gives another level (P14, ZX-12.2)."""
    last = before(edition)
    if last is None:
        return ()
    codes = {c.old.code for c in changes(last, edition) if c.old and (c.kind == "removed" or "level" in c.elements)}
    running = Delegation.objects.filter(revoked_at__isnull=True).order_by("instrument")
    return tuple(d.instrument for d in running if codes & set(d.matters))
