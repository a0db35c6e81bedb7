"""The sources of a draft: what its drafter says is used, papers received elsewhere, and what its classified points rest on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Refused
from dingmi.queries import access, consulted, content, inheritance, lineage, numbers, standing
from dingmi.queries.suggested import passages
from dingmi.queries.terms import Answers
from dingmi.records.matters.models import ClassifiedPoint, Matter, SourceLink
from dingmi.regime.prc_state import facts as asked


def pointed(row: Matter) -> frozenset[UUID]:
    """Return the matters of ours that the classified points of ``row`` rest on."""
    found = ClassifiedPoint.objects.filter(matter=row, source__isnull=False).values_list("source", flat=True)
    return frozenset(found)


def named(row: Matter, answers: Answers) -> tuple[UUID, ...]:
    """Return the matters of ours that a draft uses: confirmed by its drafter, or under one of its points."""
    confirmed = [r.source for r in answers.reuse if r.confirmed]
    return tuple(dict.fromkeys((*confirmed, *sorted(pointed(row), key=str))))


def used(row: Matter, answers: Answers, actor: Actor, now: datetime) -> tuple[inheritance.Source, ...]:
    """Return the sources that an original determination uses beside its guide item, each with how it uses them.

    Raises:
        Refused: ``derivation.source_unknown``: one does not exist for the drafter; told the same whether it exists at all.
        Invalid: Level and period of a received paper make no mark.
    """
    ours = named(row, answers)
    known = {m.pk: m for m in access.visible(actor, now).filter(pk__in=ours).select_related("organ")}
    for source in ours:
        if source not in known:
            raise Refused("derivation.source_unknown", ("TL-18",), source=str(source))
    how = {UUID(p.source): p.kind for p in passages(content.suggestion(row.pk))} if ours else {}
    how |= dict.fromkeys(pointed(row) if ours else (), "point")
    who = UUID(actor.person_id)
    own = (
        inheritance.own_source(known[s], who, standing.answers_for(known[s]).is_home, now, answers.scope.persons)
        for s in ours
    )
    found = [replace(source, trigger=how.get(pk) or "rework") for pk, source in zip(ours, own, strict=True)]
    found += [replace(inheritance.external_source(s, now), trigger="rework") for s in answers.outside]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Linked:
    """One source that a matter is linked to, by its document number or register number; ``last_day`` as it was linked."""

    name: str
    level: str
    last_day: date | None


def linked(row: Matter) -> tuple[Linked, ...]:
    """Return the sources that a matter is linked to, in the words of its form."""
    found = []
    for link in SourceLink.objects.filter(matter=row).select_related("source").order_by("at", "pk"):
        if link.source is not None:
            name = content.doc_number(link.source) or numbers.shown(link.source.pk, link.source.register_no)
        else:
            given = json.loads(content.opened(link, "external_ct", row.level)) if link.external_ct else {}
            name = "".join(str(given.get(k, "")) for k in ("originator", "number"))
        found.append(Linked(str(name), link.level, link.last_protected_day))
    return tuple(found)


def asked_of(row: Matter, sources: Iterable[inheritance.Source]) -> tuple[asked.SourceFacts, ...]:
    """Return what the law asks of the sources of a proposal."""
    descended: Collection[UUID] = lineage.family(row.pk)
    heard = consulted.heard(row)
    return tuple(
        inheritance.source_facts(s, str(s.matter.pk) if s.matter else str(n), descended, None if s.consent else heard)
        for n, s in enumerate(sources)
    )
