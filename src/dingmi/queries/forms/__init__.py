"""Official forms filled from records: which ones a matter has, and the values of each.

``SOURCES`` says for every form of ``engines.documents.forms`` how it is filled and which cases of it a matter has; a new form
is its description there and one line here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import access, parting
from dingmi.queries.forms import (
    appointments,
    base,
    carriers,
    delegations,
    determination,
    disputes,
    handover,
    incident,
    knowledge,
    life,
    officers,
    oversight,
    referral,
)
from dingmi.queries.forms.base import Case, Sheet, Source
from dingmi.queries.registry import query
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.models import Entry

SOURCES: tuple[Source, ...] = (
    determination.APPROVAL,
    life.CHANGE,
    life.NOTICE,
    life.REMARK,
    referral.REFERRAL,
    disputes.UNCLEAR,
    disputes.CHALLENGE,
    disputes.DISPUTE,
    disputes.APPRAISAL,
    knowledge.KNOWLEDGE,
    handover.HANDOVER,
    carriers.SLIP,
    carriers.CARD,
    carriers.DESTRUCTION,
    appointments.COMMISSION,
    officers.STATEMENT,
    delegations.LETTER,
    delegations.APPLICATION,
    oversight.INSPECTION,
    incident.LEAK,
    incident.OUTCOME,
)
BY_FORM: dict[str, Source] = {source.form: source for source in SOURCES}
PRINTS = ("forms.show", "forms.render")  # the acts that count as a print

__all__ = ["BY_FORM", "SOURCES", "Case", "FormLink", "Sheet", "Source", "filled", "of_matter", "prints"]


@dataclass(frozen=True, slots=True)
class FormLink:
    """One form that a matter has, as a page lists it."""

    form: str
    id: UUID
    title: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Papers:
    """The official documents of one matter, and what can be done to its copies."""

    matter: UUID
    number: str
    level: str
    provisional: bool
    version: int
    released: bool
    part: tuple[int, ...] | None  # paragraphs that were released while the rest stays secret; None where nothing was
    forms: tuple[FormLink, ...]
    due: tuple[int, ...]  # numbers of the copies whose mark is to be changed


def filled(actor: Actor, now: datetime, form: str, case: UUID) -> Sheet:
    """Return one form filled from records, for a reader who may know what it is about.

    Raises:
        NotFound: There is no such form or case, or the reader may not know of it: the same answer.
    """
    source = BY_FORM.get(form)
    if source is None:
        raise NotFound("object.not_found")
    return source.fill(actor, now, case)


def prints(sheet: Sheet) -> int:
    """Return how often a sheet was shown to be printed or handed out, as the ledger tells."""
    kind, subject = sheet.subject
    entries = Entry.objects.filter(stream=f"{kind}:{subject}", act__in=PRINTS)
    told = ({"form": sheet.filled.form, "case": str(sheet.case)}.items() <= e["data"].items() for e in _bodies(entries))
    return sum(told)


def _bodies(entries: QuerySet[Entry]) -> list[dict[str, Any]]:
    return [json.loads(body) for body in entries.values_list("body", flat=True)]


@query("forms.of_matter", recorded=True)
def of_matter(*, actor: Actor, now: datetime, matter: UUID) -> tuple[FormLink, ...]:
    """Return every official form that can be had of a matter, newest first."""
    row = access.matter_for(actor, now, matter)
    cases = [case for source in SOURCES for case in source.cases(row)]
    return tuple(
        FormLink(c.form, c.id, c.title, c.words, c.at) for c in sorted(cases, key=lambda c: c.at, reverse=True)
    )


@query("forms.papers", recorded=True)
def papers(*, actor: Actor, now: datetime, matter: UUID) -> Papers:
    """Return the page of official documents of a matter: its forms, and the copies whose mark is to be changed."""
    row = access.matter_for(actor, now, matter)
    due = Carrier.objects.filter(matter=row, remark_due=True).order_by("copy_no")
    part = parting.parted(row)
    return Papers(
        matter=row.pk,
        number=base.label_of(row),
        level=row.level,
        provisional=row.state in ("proposed", "referred"),
        version=row.version,
        released=row.state == "declassified",
        part=part.paragraphs if part else None,
        forms=of_matter(actor=actor, now=now, matter=matter),
        due=tuple(due.values_list("copy_no", flat=True)),
    )
