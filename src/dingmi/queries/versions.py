"""Versions of what is learnt from decisions: read back, checked against the digest that the ledger has, and told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from dingmi.base.errors import Tampered
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.learnt import LearntVersion

LIVE = ("shadow", "serving")
SHOWN = 10  # versions of one kind
STEP = 50  # in which numbers of decisions are told to those who may not know of all of them (SR-28)


class Fitted(Protocol):
    """What was learnt, with how it did on decisions kept apart: ``before`` without it, ``after`` with it."""

    @property
    def before(self) -> float: ...
    @property
    def after(self) -> float: ...
    @property
    def error(self) -> float: ...
    @property
    def is_calibrated(self) -> bool: ...
    def to_text(self) -> str: ...


F = TypeVar("F", bound=Fitted)


@dataclass(frozen=True, slots=True)
class Kind(Generic[F]):
    """One thing that is learnt: its name in the ledger, its rows, how one is read, and the codes of what is refused.

    Attributes:
        least: From how many decisions on the first version is learnt.
        nothing: The subject in the ledger when no version is put to use.
    """

    name: str
    rows: type[LearntVersion]
    read: Callable[[str], F]
    least: int
    nothing: str
    altered: str
    missing: str
    retired: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version as pages show it; ``before``, ``after`` and ``error`` in per cent, 0 when it was altered."""

    number: int
    state: str
    cases: int
    before: int
    after: int
    error: int
    is_calibrated: bool
    at: datetime
    served_by: str
    altered: bool


def in_steps(count: int) -> int:
    """Return a number of decisions of the whole unit as anyone may be told it: at least so many."""
    return count // STEP * STEP


def digest(fitted: str) -> str:
    """Return what the ledger keeps of a version."""
    return sm3(fitted.encode("utf-8")).hex()


def opened(kind: Kind[F], row: LearntVersion) -> F:
    """Return what was learnt.

    Raises:
        Tampered: It is not what was signed into the ledger.
        ValueError: It was learnt over other facts than are kept today.
    """
    if digest(row.fitted) != row.digest:
        raise Tampered(kind.altered, (), number=row.number)
    return kind.read(row.fitted)


def sound(kind: Kind[F], row: LearntVersion) -> F | None:
    """Return what was learnt; nothing when it was altered or rests on other facts than are kept today."""
    try:
        return opened(kind, row)
    except (Tampered, ValueError):
        return None


def live(kind: Kind[F]) -> Iterator[tuple[str, F]]:
    """Yield number and content of every version that runs, in use or as a shadow; an altered one is left out."""
    for row in kind.rows.objects.filter(state__in=LIVE).order_by("number"):
        made = sound(kind, row)
        if made is not None:
            yield str(row.number), made


def serving(kind: Kind[F]) -> LearntVersion | None:
    """Return the version in use."""
    row: LearntVersion | None = kind.rows.objects.filter(state="serving").order_by("-number").first()
    return row


def latest(kind: Kind[F]) -> list[LearntVersion]:
    """Return the latest versions, newest first."""
    return list(kind.rows.objects.select_related("served_by").order_by("-number")[:SHOWN])


def shown(row: LearntVersion, made: Fitted | None) -> dict[str, Any]:
    """Return the fields of ``Version``."""
    return {
        "number": row.number,
        "state": row.state,
        "cases": row.cases,
        "before": round(100 * made.before) if made else 0,
        "after": round(100 * made.after) if made else 0,
        "error": round(100 * made.error) if made else 0,
        "is_calibrated": made is not None and made.is_calibrated,
        "at": row.at,
        "served_by": row.served_by.name if row.served_by else "",
        "altered": made is None,
    }
