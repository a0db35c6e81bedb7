"""Versions of what is learnt from decisions: each signed into the ledger with its figures, and retired by the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from dingmi.base.actor import Actor
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import Record
from dingmi.records.ledger.tree import sm3

LIVE = ("shadow", "serving")
FIGURES = ("before", "after", "error")
T = TypeVar("T", bound=Record)


def digest(fitted: str) -> str:
    """Return what the ledger keeps of a version."""
    return sm3(fitted.encode("utf-8")).hex()


def retire(rows: QuerySet[T]) -> list[T]:
    """Put versions out of use."""
    found = list(rows.select_for_update().order_by("number"))
    for row in found:
        row.state = "retired"  # type: ignore[attr-defined]
        row.save()
    return found


def told(actor: Actor, act: str, kind: str, row: Any, made: Any, now: datetime, retired: list[T]) -> None:
    """Sign a version into the ledger, with how it did, and those that it puts out of use."""
    figures = {name: round(1000 * getattr(made, name)) for name in FIGURES}
    data = {"number": row.number, "state": row.state, "cases": row.cases, "digest": row.digest, **figures}
    append(actor, act, subject=(kind, row.pk), at=now, data=data, rows=[row, *retired])
