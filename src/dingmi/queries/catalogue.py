"""国家秘密事项一览表: the organ's own table, its versions, and whether one must exist (TL-13a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.queries import access, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.records.guides.models import Catalogue, CatalogueRow, GuideItem
from dingmi.records.organs.models import Person
from dingmi.regime import judge
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.guides import CatalogueFacts

READERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
VALID = ("approved", "filed")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the table."""

    id: UUID
    version: int
    state: str
    rows: int
    approved_on: date | None
    approved_by: str
    filed_on: date | None
    filed_with: str
    receipt: str


@dataclass(frozen=True, slots=True)
class TableState:
    """The table as it stands: the version in force or last drafted, and what the law asks for."""

    current: Version | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an item as it arises in the organ; level and period are the item's and never wider."""

    number: int
    item: UUID
    item_number: str
    guide: str
    matter: str
    level: str
    mark: str
    producing_unit: str
    scope: str
    carrier_form: str
    item_ended: bool


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """One item in force that a new draft can take up; ``unit`` and ``scope`` come from the version before."""

    id: UUID
    number: str
    guide: str
    text: str
    mark: str
    unit: str
    scope: str
    carrier_form: str
    taken: bool


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """The page of the organ's own table."""

    organ: str
    state: TableState
    versions: tuple[Version, ...]
    chosen: Version | None
    rows: tuple[Row, ...]
    choices: tuple[ItemChoice, ...]
    may_draft: bool
    may_approve: bool


def _version(row: Any) -> Version:
    person = Person.objects.filter(pk=row.approved_by).values_list("name", flat=True).first() if row.approved_by else ""
    day = row.approved_at.astimezone(ZONE).date() if row.approved_at else None
    return Version(
        row.pk, row.version, row.state, row.row_count, day, person or "", row.filed_on, row.filed_with, row.receipt
    )


def _versions(actor: Actor) -> list[Version]:
    rows = Catalogue.objects.filter(organ_id=actor.organ_id).annotate(row_count=Count("rows"))
    return [_version(r) for r in rows.order_by("-version")[:50]]


def has_authority(at: datetime) -> bool:
    """Tell whether the organ may decide originally: by its tier or by a delegation that runs (BMF-17.2)."""
    home = standing.home()
    return home.tier in ("central", "provincial", "prefecture") or bool(standing.delegations(home, at))


def state_of(actor: Actor, now: datetime) -> TableState:
    """Return the version in force, else the newest, and what the law finds missing (TL-13a)."""
    versions = _versions(actor)
    valid = next((v for v in versions if v.state in VALID), None)
    current = valid or next((v for v in versions if v.state != "discarded"), None)
    return TableState(current, _findings(current.state if current else "", now))


def _findings(state: str, now: datetime) -> tuple[Finding, ...]:
    asked = CatalogueFacts(has_authority(now), state)
    return judge("prc_state", "guides.keep_catalogue", asked, now.date()).findings


def missing(now: datetime) -> str | None:
    """Return the state of our organ's table where the law wants one in force: ``draft``, ``stale``, or empty for none.

    Nothing (None) where the table is in force, or the organ has no authority and needs none (TL-13a).
    """
    rows = Catalogue.objects.filter(organ_id=standing.home().pk).exclude(state="discarded").order_by("-version")
    states = list(rows.values_list("state", flat=True))
    current = next((s for s in states if s in VALID), states[0] if states else "")
    return current if _findings(current, now) else None


def _row(row: CatalogueRow, today: date) -> Row:
    edition = row.item.edition
    mark = marks.mark_text(row.level, row.tail) if row.tail else row.level
    return Row(
        row.number, row.item_id, row.item.number, edition.title, row.matter, row.level, str(mark), row.producing_unit,
        row.scope, row.carrier_form, edition.until is not None and edition.until <= today,
    )  # fmt: skip


def _choices(actor: Actor, today: date, last: Version | None) -> tuple[ItemChoice, ...]:
    """Return the items in force with what the version before said of the same matter."""
    before = CatalogueRow.objects.filter(catalogue=last.id).select_related("item") if last else ()
    said = {(r.item.matter_code, r.item.number): r for r in before}
    running = Q(edition__until__isnull=True) | Q(edition__until__gt=today)
    levels = ["", *access.readable(actor.clearance)]
    rows = GuideItem.objects.filter(running, edition__since__lte=today, edition__level__in=levels)
    made = []
    for item in rows.select_related("edition").order_by("edition__code", "order"):
        old = said.get((item.matter_code, item.number))
        mark = marks.mark_text(item.level, item.tail) if item.tail else item.level
        made.append(
            ItemChoice(
                item.pk, item.number, item.edition.title, item.text, str(mark), old.producing_unit if old else "",
                old.scope if old else item.scope_rule, old.carrier_form if old else "", old is not None,
            )
        )  # fmt: skip
    return tuple(made)


@query("catalogue", roles=READERS)
def catalogue(*, actor: Actor, now: datetime, version: int | None = None) -> CataloguePage:
    """Return the organ's own table: the version asked for, else the one in force, else the newest."""
    state, versions = state_of(actor, now), _versions(actor)
    chosen = next((v for v in versions if v.version == version), None) if version else state.current
    levels = ["", *access.readable(actor.clearance)]
    lines = CatalogueRow.objects.filter(catalogue=chosen.id if chosen else None, item__edition__level__in=levels)
    may = actor.holds(Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD)  # officers take part in drawing it up (TL-15.3)
    return CataloguePage(
        organ=standing.home().name,
        state=state,
        versions=tuple(versions),
        chosen=chosen,
        rows=tuple(_row(r, now.date()) for r in lines.select_related("item__edition").order_by("number")),
        choices=_choices(actor, now.date(), state.current) if may else (),
        may_draft=may,
        may_approve=actor.holds(Role.HEAD),
    )
