"""The command box: matters, people and clauses that a few words find; never more than the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base import messages
from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid
from dingmi.queries import officers, search
from dingmi.queries.register import EVERYONE
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, rows_of
from dingmi.records.officers.models import Officer
from dingmi.regime.kernel import register as law

SHOWN = 8  # of each kind


@dataclass(frozen=True, slots=True)
class PersonHit:
    """An officer whose file the reader may open."""

    person: UUID
    name: str
    department: str


@dataclass(frozen=True, slots=True)
class ClauseHit:
    """One clause of the register of law."""

    id: str
    cited: str


@dataclass(frozen=True, slots=True)
class Command:
    """What was found; ``too_short`` when the words are too few to look for a matter."""

    text: str
    matters: tuple[MatterRow, ...]
    people: tuple[PersonHit, ...]
    clauses: tuple[ClauseHit, ...]
    more: bool
    too_short: bool


@query("command", roles=EVERYONE)
def command(*, actor: Actor, now: datetime, text: str) -> Command:
    """Find matters by words of title or number, officers by name, clauses by id or citation. 命令框。"""
    words = " ".join(text.split())[:60]
    try:
        hits, short = search.find(actor, now, words), False
    except Invalid:
        hits, short = [], True
    for hit in hits[:SHOWN]:
        hit.is_content = True  # type: ignore[attr-defined]
    return Command(
        text=words,
        matters=rows_of(hits[:SHOWN], now.date()),
        people=_people(actor, words),
        clauses=_clauses(words, actor.language),
        more=len(hits) > SHOWN,
        too_short=short,
    )


def _people(actor: Actor, words: str) -> tuple[PersonHit, ...]:
    if not words or not actor.holds(*officers.READERS):
        return ()
    found = Officer.objects.filter(person__name__icontains=words).select_related("person__department")
    return tuple(
        PersonHit(o.person.pk, o.person.name, o.person.department.name if o.person.department else "")
        for o in found.order_by("person__staff_no")[:SHOWN]
    )


def _clauses(words: str, language: str) -> tuple[ClauseHit, ...]:
    wanted = words.lower().replace(" ", "")
    if len(wanted) < 2:
        return ()
    found = []
    for clause in law.clauses():
        cited = messages.cited((clause,), language)
        if wanted in clause.lower() or wanted in cited.lower().replace(" ", ""):
            found.append(ClauseHit(clause, cited))
        if len(found) == SHOWN:
            break
    return tuple(found)
