"""保密事项范围 and 国家秘密事项一览表: editions are imported whole; the organ's own table is drafted, approved and filed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound, Refused
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.queries import guide_impact, guide_texts, standing
from dingmi.queries.guide_check import GuideRow, newest, read
from dingmi.queries.terms import Upload
from dingmi.records.guides.models import Catalogue, CatalogueRow, GuideEdition, GuideItem, GuideText
from dingmi.records.ledger.append import append
from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Organ
from dingmi.regime import judge
from dingmi.regime.prc_state.guides import CatalogueFacts

FAULTS_SHOWN = 200
TEXT_LIMIT = 4000  # characters of one part of a main text
MOST_ISSUERS = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """The editions that were imported, the number of their items, and how many editions they closed."""

    editions: tuple[UUID, ...]
    items: int
    closed: int


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """One row of the 一览表: an item, and where in the organ its secrets arise; level and period are the item's."""

    item: UUID
    producing_unit: str = ""
    scope: str = ""
    matter: str = ""
    carrier_form: str = ""


@dataclass(frozen=True, slots=True)
class TextEntered:
    """A main text was entered: its number, and what the law advises of it."""

    id: UUID
    number: int
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A version of the organ's 一览表."""

    id: UUID
    version: int
    rows: int


def _digest(rows: tuple[GuideRow, ...]) -> str:
    plain = [[r.number, r.text, r.level, r.tail, r.scope, r.origin_tier, r.matter_code] for r in rows]
    return sm3(canonical({"rows": plain}).encode("utf-8")).hex()


def _close(guide: str, since: date) -> list[GuideEdition]:
    last = newest(guide)
    if last is None or (last.until is not None and last.until <= since):
        return []
    last.until = since
    last.save(update_fields=["until"])
    return [last]


def _write(rows: tuple[GuideRow, ...], now: datetime) -> tuple[GuideEdition, list[GuideItem]]:
    head = rows[0]
    edition = GuideEdition(
        code=head.guide,
        title=head.title,
        owner=head.owner,
        sector=head.sector,
        edition=head.edition,
        level=head.guide_level,
        since=head.since,
        digest=_digest(rows),
        imported_at=now,
    )
    edition.save()
    items = [
        GuideItem(
            edition=edition,
            number=row.number,
            text=row.text,
            level=row.level,
            tail=row.tail,
            scope_rule=row.scope,
            origin_tier=row.origin_tier,
            matter_code=row.matter_code,
            conditions=list(row.conditions),
            examples=list(row.examples),
            exceptions=list(row.exceptions),
            together=dict(row.together),
            order=order,
        )
        for order, row in enumerate(rows, start=1)
    ]
    GuideItem.objects.bulk_create(items)
    return edition, items


@procedure(
    "guides.import_edition",
    requires=(Role.SECRECY_OFFICE, Role.HEAD),
    step_up=True,
    clauses=("BMF-15.1", "TL-12.1", "TL-13c", "BMF-15.3", "FW-9.2?"),
)
def import_edition(
    *,
    actor: Actor,
    now: datetime,
    rows: tuple[dict[str, Any], ...] = (),
    text: str = "",
    upload: Upload | None = None,
) -> Imported:
    """Import editions of 保密事项范围, whole or not at all; the edition before is closed. 导入保密事项范围。

    Args:
        rows: Rows as objects.
        text: JSON Lines, one row a line.
        upload: A file: JSON Lines, or a spreadsheet (xlsx) with one heading row.
    Raises:
        Invalid: ``guide.faulty`` with every fault as ``rows.<number>.<key>``.
    """
    found = read(rows, text, upload)
    if found.faults:
        shown = {f"rows.{f.row}.{f.field}".rstrip("."): f.code for f in found.faults[:FAULTS_SHOWN]}
        raise Invalid("guide.faulty", (), count=len(found.faults), fields=shown)
    made: list[UUID] = []
    count = closed = 0
    for guide, kept in found.guides.items():
        ended = _close(guide, kept[0].since)
        edition, items = _write(kept, now)
        stale = Catalogue.objects.filter(rows__item__edition__in=ended, state__in=("approved", "filed")).distinct()
        outdated = list(stale)
        for table in outdated:
            table.state = "stale"
            table.save(update_fields=["state"])
            _tell_office(table, edition, now)
        data = {"guide": guide, "since": edition.since, "items": len(items), "digest": edition.digest}
        touched = [edition, *items, *ended, *outdated]
        append(actor, "guides.import_edition", subject=("guide", edition.pk), at=now, data=data, rows=touched)
        made.append(edition.pk)
        count, closed = count + len(items), closed + len(ended)
    return Imported(tuple(made), count, closed)


def _tell_office(table: Catalogue, edition: GuideEdition, now: datetime) -> None:
    """Tell the secrecy office that its 一览表 has to follow a new edition (TL-13c)."""
    params = {"version": table.version, "edition": edition.edition, "since": edition.since.isoformat()}
    Notice.objects.bulk_create(
        [
            Notice(person_id=person, code="catalogue.stale", params=params, must_acknowledge=True, created_at=now)
            for person in standing.holders(Role.SECRECY_OFFICE, now)
        ]
    )


@procedure(
    "guides.enter_text",
    requires=(Role.SECRECY_OFFICE, Role.HEAD),
    clauses=("GD-7", "FW-6", "FW-7", "GD-6.2", "BMF-15.2"),
)
def enter_text(
    *,
    actor: Actor,
    now: datetime,
    edition: UUID,
    document_no: str,
    basis: str,
    basic_scope: str,
    relations: str,
    interpreter: str,
    effective_on: date,
    issuers: tuple[str, ...],
    signatories: tuple[str, ...] = (),
    domain: str = "civil",
) -> TextEntered:
    """Enter the main text that belongs to the catalogue of a guide; entered again, the newest counts. 登记事项范围正文。

    Args:
        basis: On what law it was made.
        relations: How it stands to other guides.
        issuers: Who made it, the lead first.
        signatories: Whose principals signed it.
        domain: ``civil`` or ``military``.
    Raises:
        Refused: Something that a main text says is missing, it is not signed by all, or is of another day.
    """
    found = guide_impact.edition_for(actor, edition, now)  # load
    words = {"basis": basis, "basic_scope": basic_scope, "relations": relations}
    for name, given in words.items():
        words[name] = paper.block_of_text(given, name, TEXT_LIMIT).strip()
    made_by = _names(issuers, "issuers", required=True)
    if domain not in ("civil", "military"):
        raise Invalid("input.invalid", (), fields={"domain": "choice.unknown"})
    kept = GuideText(
        edition=found,
        number=found.texts.count() + 1,
        document_no=paper.line(document_no, "document_no", 80, required=True),
        interpreter=paper.line(interpreter, "interpreter", 120),
        effective_on=effective_on,
        issuers=made_by,
        signatories=_names(signatories, "signatories"),
        domain=domain,
        entered_by=UUID(actor.person_id),
        at=now,
        **words,
    )
    verdict = judge("prc_state", "guides.enter_text", guide_texts.asked(found, kept), now.date())  # gather, judge
    verdict.require()
    kept.save()  # write
    data = {"edition": found.edition, "number": kept.number, "document_no": kept.document_no}
    append(actor, "guides.enter_text", subject=("guide", found.pk), at=now, data=data, rows=[kept], verdict=verdict)
    return TextEntered(kept.pk, kept.number, tuple(f.code for f in verdict.warnings))


def _names(given: tuple[str, ...], field: str, *, required: bool = False) -> list[str]:
    names = [name for one in given if (name := paper.line(one, field, 60))]
    if len(names) > MOST_ISSUERS or (required and not names):
        raise Invalid("input.invalid", (), fields={field: "list.length"})
    return names


def _in_force(today: date) -> dict[UUID, GuideItem]:
    running = Q(edition__until__isnull=True) | Q(edition__until__gt=today)
    rows = GuideItem.objects.filter(running, edition__since__lte=today).select_related("edition")
    return {row.pk: row for row in rows.order_by("edition__code", "order")}


@procedure(
    "guides.draft_catalogue",
    requires=(Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD),
    clauses=("QA-4", "TL-15.3", "TL-13a"),
)
def draft_catalogue(*, actor: Actor, now: datetime, lines: tuple[CatalogueLine, ...] = ()) -> Drawn:
    """Draft the organ's 国家秘密事项一览表 from items in force; of every item when no line is given. 拟制一览表。"""
    seen = guide_impact.readable(actor, now)  # GD-8.2
    items = {pk: item for pk, item in _in_force(now.date()).items() if item.edition.level in seen}
    wanted = lines or tuple(CatalogueLine(item) for item in items)
    if not wanted:
        raise Refused("catalogue.no_items")
    missing = {f"lines.{n}.item": "guide.item_not_in_force" for n, li in enumerate(wanted) if li.item not in items}
    if missing:
        raise Invalid("input.invalid", (), fields=missing)
    organ = Organ.objects.get(pk=actor.organ_id)
    versions = Catalogue.objects.select_for_update().filter(organ_id=organ.pk).order_by("-version")
    last = versions.first()
    older = list(versions.filter(state="draft"))
    for table in older:
        table.state = "stale"
        table.save(update_fields=["state"])
    made = Catalogue(organ_id=organ.pk, version=last.version + 1 if last else 1, state="draft")
    made.save()
    rows = [
        CatalogueRow(
            catalogue=made,
            item=items[line.item],
            number=number,
            matter=(line.matter.strip() or items[line.item].text)[:300],
            level=items[line.item].level,
            tail=items[line.item].tail,
            producing_unit=(line.producing_unit.strip() or organ.short_name)[:120],
            scope=(line.scope.strip() or items[line.item].scope_rule)[:300],
            carrier_form=line.carrier_form.strip()[:60],
        )
        for number, line in enumerate(wanted, start=1)
    ]
    CatalogueRow.objects.bulk_create(rows)
    data = {"version": made.version, "rows": len(rows)}
    append(
        actor, "guides.draft_catalogue", subject=("catalogue", made.pk), at=now, data=data, rows=[made, *rows, *older]
    )
    return Drawn(made.pk, made.version, len(rows))


def _catalogue(actor: Actor, catalogue: UUID, *states: str) -> Catalogue:
    found = Catalogue.objects.select_for_update().filter(pk=catalogue, organ_id=actor.organ_id).first()
    if not isinstance(found, Catalogue):
        raise NotFound("object.not_found")
    if found.state not in states:
        raise Conflict("catalogue.other_state", (), version=found.version)
    return found


@procedure("guides.approve_catalogue", requires=Role.HEAD, step_up=True, clauses=("GD-10.2",))
def approve_catalogue(*, actor: Actor, now: datetime, catalogue: UUID) -> Drawn:
    """Approve the organ's 一览表; the version in force before is replaced. 批准一览表。"""
    found = _catalogue(actor, catalogue, "draft")
    items = _in_force(now.date())
    if any(item not in items for item in found.rows.values_list("item_id", flat=True)):
        raise Refused("catalogue.items_ended", (), version=found.version)
    older = list(Catalogue.objects.filter(organ_id=actor.organ_id, state__in=("approved", "filed")))
    for table in older:
        table.state = "stale"
        table.save(update_fields=["state"])
    found.state, found.approved_by, found.approved_at = "approved", UUID(actor.person_id), now
    found.save(update_fields=["state", "approved_by", "approved_at"])
    data = {"version": found.version}
    append(actor, "guides.approve_catalogue", subject=("catalogue", found.pk), at=now, data=data, rows=[found, *older])
    return Drawn(found.pk, found.version, found.rows.count())


@procedure("guides.file_catalogue", requires=(Role.SECRECY_OFFICE, Role.HEAD), clauses=("TL-13b", "GD-10.2"))
def file_catalogue(
    *,
    actor: Actor,
    now: datetime,
    catalogue: UUID,
    filed_on: date,
    filed_with: str = "",
    receipt: str = "",
) -> Drawn:
    """Record that the approved 一览表 was filed with the secrecy administration of the same level. 登记一览表备案。

    Args:
        filed_with: The administration.
        receipt: Number of its receipt.
    Raises:
        Refused: ``catalogue.not_approved``: the head has not approved this version (GD-10.2).
    """
    found = _catalogue(actor, catalogue, "draft", "approved")
    facts = CatalogueFacts(True, found.state, found.approved_by is not None, is_filing=True)
    judge("prc_state", "guides.file_catalogue", facts, now.date()).require()
    place, number = paper.line(filed_with, "filed_with", 120), paper.line(receipt, "receipt", 60)
    if filed_on > now.date() or (found.approved_at and filed_on < found.approved_at.date()):
        raise Invalid("input.invalid", (), fields={"filed_on": "date.range"})
    found.state, found.filed_on, found.filed_with, found.receipt = "filed", filed_on, place, number
    found.save(update_fields=["state", "filed_on", "filed_with", "receipt"])
    data = {"on": filed_on, "with": place, "receipt": number}
    append(actor, "guides.file_catalogue", subject=("catalogue", found.pk), at=now, data=data, rows=[found])
    return Drawn(found.pk, found.version, found.rows.count())


@procedure("guides.discard_catalogue", requires=(Role.SECRECY_OFFICE, Role.HEAD))
def discard_catalogue(*, actor: Actor, now: datetime, catalogue: UUID) -> Drawn:
    """Put away a draft of the 一览表; the version in force stays. 弃用一览表草稿。"""
    found = _catalogue(actor, catalogue, "draft")
    found.state = "discarded"
    found.save(update_fields=["state"])
    data = {"version": found.version}
    append(actor, "guides.discard_catalogue", subject=("catalogue", found.pk), at=now, data=data, rows=[found])
    return Drawn(found.pk, found.version, found.rows.count())
