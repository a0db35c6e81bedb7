"""保密事项范围: editions, items, where they are used, and the organ's 一览表."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from dingmi.base.actor import Actor, Role
from dingmi.queries import access
from dingmi.queries.registry import query
from dingmi.records.guides.models import Catalogue, CatalogueRow, GuideEdition, GuideItem

READERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
CATALOGUE_STATES = {"draft": "拟制中", "approved": "已批准", "filed": "已备案", "stale": "须修订"}


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of one guide."""

    id: UUID
    title: str
    owner: str
    edition: str
    since: date
    until: date | None
    items: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a guide."""

    id: UUID
    number: str
    text: str
    level: str
    tail: str
    scope_rule: str
    origin_tier: str
    conditions: tuple[str, ...]
    exceptions: tuple[str, ...]
    used: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the organ's own table."""

    number: int
    matter: str
    level: str
    tail: str
    producing_unit: str
    scope: str


@dataclass(frozen=True, slots=True)
class Guides:
    """The page of guides."""

    editions: tuple[Edition, ...]
    chosen: Edition | None
    items: tuple[Item, ...]
    text: str
    table_version: int
    table_state: str
    table_filed_on: date | None
    table: tuple[TableRow, ...]
    may_import: bool


def _readable(actor: Actor) -> Q:
    """Editions that are open, or classified no higher than the reader's clearance (GD-8.2)."""
    return Q(level="") | Q(level__in=access.readable(actor.clearance))


def _edition(row: Any, today: date) -> Edition:
    current = row.since <= today and (row.until is None or today < row.until)
    return Edition(row.pk, row.title, row.owner, row.edition, row.since, row.until, row.item_count, current)


def _words(value: Any) -> tuple[str, ...]:
    """Return a list of texts; a condition kept as an object shows its wording."""
    shown = (v.get("text") or v.get("name", "") if isinstance(v, dict) else v for v in value)
    return tuple(str(v) for v in shown) if isinstance(value, list) else ()


@query("guides", roles=READERS)
def guides(*, actor: Actor, now: datetime, edition: UUID | None = None, text: str = "") -> Guides:
    """Editions, the items of one, and the organ's table in force."""
    today = now.date()
    rows = GuideEdition.objects.filter(_readable(actor)).annotate(item_count=Count("items")).order_by("title", "-since")
    editions = tuple(_edition(r, today) for r in rows)
    chosen = next((e for e in editions if e.id == edition), None) if edition else None
    chosen = chosen or next((e for e in editions if e.is_current), editions[0] if editions else None)
    used = dict(
        access.existing(actor, now).filter(item__isnull=False).values_list("item").annotate(n=Count("pk")).order_by()
    )
    found = GuideItem.objects.filter(edition_id=chosen.id).order_by("order") if chosen else GuideItem.objects.none()
    found = found.filter(text__icontains=text) if text else found
    items = tuple(
        Item(
            i.pk, i.number, i.text, i.level, i.tail, i.scope_rule, i.origin_tier, _words(i.conditions),
            _words(i.exceptions), used.get(i.pk, 0),
        )
        for i in found[:200]
    )  # fmt: skip
    table = Catalogue.objects.filter(organ_id=actor.organ_id).order_by("-version").first()
    lines = CatalogueRow.objects.filter(catalogue=table).order_by("number")[:200] if table else ()
    return Guides(
        editions=editions,
        chosen=chosen,
        items=items,
        text=text,
        table_version=table.version if table else 0,
        table_state=CATALOGUE_STATES.get(table.state, "") if table else "",
        table_filed_on=table.filed_on if table else None,
        table=tuple(TableRow(r.number, r.matter, r.level, r.tail, r.producing_unit, r.scope) for r in lines),
        may_import=actor.holds(Role.SECRECY_OFFICE),
    )
