"""Whom a proposal takes into the scope of a matter, and whom it leaves out: what an officer signs is shown by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.queries import standing
from dingmi.records.matters.models import Matter, Proposal
from dingmi.records.organs.models import Department, Organ, Person


@dataclass(frozen=True, slots=True)
class Moved:
    """The names of people, departments and organs that come into a scope and that go out of it."""

    into: tuple[str, ...]
    out: tuple[str, ...]


def moved(matter: Matter, proposal: Proposal, now: datetime) -> Moved:
    """Return how the scope that is proposed differs from the one that holds.

    Source: BMF-21.1 (the scope is kept to the least), BMF-23.2 (whoever it concerns is told).
    """
    held = standing.scope_of(matter, now)
    into: list[str] = []
    out: list[str] = []
    kinds: tuple[tuple[str, Any, tuple[UUID, ...]], ...] = (
        ("persons", Person, held.persons),
        ("departments", Department, held.departments),
        ("organs", Organ, held.organs),
    )
    for name, kind, present in kinds:
        asked = {UUID(str(pk)) for pk in proposal.scope.get(name) or ()}
        into += _names(kind, asked - set(present))
        out += _names(kind, set(present) - asked)
    return Moved(tuple(into), tuple(out))


def _names(kind: Any, ids: set[UUID]) -> list[str]:
    return list(kind.objects.filter(pk__in=ids).order_by("name", "pk").values_list("name", flat=True)) if ids else []
