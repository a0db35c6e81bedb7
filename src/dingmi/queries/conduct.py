"""严重违规、擅自离职和调离建议 as its page shows it: those the administration is still to be told of first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries.registry import query
from dingmi.queries.staff_reports import cleared_among
from dingmi.records.organs.models import Person
from dingmi.records.oversight.conduct import Conduct

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)


@dataclass(frozen=True, slots=True)
class ConductLine:
    """One case."""

    id: UUID
    name: str
    kind: str
    on: date
    words: str
    document_no: str
    told_on: date | None
    told_words: str


@dataclass(frozen=True, slots=True)
class ConductPage:
    """The cases, and the cleared people of whom one may be entered."""

    rows: tuple[ConductLine, ...]
    waiting: int
    people: tuple[tuple[str, str], ...]


@query("personnel.conduct", roles=READERS, clauses=("TL-54", "BMF-51.2"))
def conduct(*, actor: Actor, now: datetime) -> ConductPage:
    """Desertions, serious breaches and recommendations to remove someone, those without a document first."""
    rows = Conduct.objects.filter(person__organ_id=actor.organ_id).select_related("person").order_by("-on", "-pk")
    lines = [
        ConductLine(r.pk, r.person.name, r.kind, r.on, r.words, r.document_no, r.told_on, r.told_words) for r in rows
    ]
    return ConductPage(
        rows=tuple(sorted(lines, key=lambda r: r.told_on is not None)),
        waiting=sum(r.told_on is None for r in lines),
        people=cleared_among(Person.objects.filter(organ_id=actor.organ_id), now),
    )
