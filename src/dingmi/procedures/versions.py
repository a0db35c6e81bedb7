"""Versions of what is learnt from decisions: learnt anew, signed into the ledger with their figures, put to use by an act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound, Refused
from dingmi.queries.versions import F, Fitted, Kind, digest, opened
from dingmi.records.ledger.append import append
from dingmi.records.matters.learnt import LearntVersion

FIGURES = ("before", "after", "error")
MOST_CASES = 5_000  # the latest decisions that a version is learnt from
AGAIN_AFTER = 50  # decisions after which one is learnt anew


def learn(kind: Kind[F], actor: Actor, act: str, now: datetime, *, count: int, fit: Callable[[], F]) -> int:
    """Learn a new version when enough was decided since the last; it runs as a shadow. Return its number, 0 for none.

    Args:
        count: How many decisions there are.
        fit: Learns; raises ValueError when the decisions are all of one sort.
    """
    last = kind.rows.objects.order_by("-number").first()
    if count < kind.least or (last is not None and count - last.cases < AGAIN_AFTER):
        return 0
    try:
        made = fit()
    except ValueError:
        return 0
    retired = _retired(kind.rows.objects.filter(state="shadow"))
    number = (last.number if last is not None else 0) + 1
    row = kind.rows(number=number, state="shadow", cases=count, fitted=made.to_text(), at=now)
    row.digest = digest(row.fitted)
    row.save()
    _prove(kind, actor, act, row, made, now, retired)
    return number


def serve(kind: Kind[F], actor: Actor, act: str, now: datetime, number: int) -> None:
    """Put the version ``number`` to use, and no other; with 0 none.

    Raises:
        NotFound: There is no such version.
        Refused: It runs no longer.
        Tampered: It was altered.
    """
    row = kind.rows.objects.select_for_update().filter(number=number).first() if number else None
    if number and row is None:
        raise NotFound(kind.missing, ())
    if row is not None and row.state == "retired":
        raise Refused(kind.retired, (), number=number)
    made = opened(kind, row) if row is not None else None
    retired = _retired(kind.rows.objects.filter(state="serving").exclude(number=number))
    if row is not None and made is not None:
        row.state, row.served_at, row.served_by_id = "serving", now, UUID(actor.person_id)
        row.save()
        _prove(kind, actor, act, row, made, now, retired)
    else:
        append(actor, act, subject=(kind.name, kind.nothing), at=now, data={"number": 0}, rows=retired)


def _retired(rows: QuerySet[LearntVersion]) -> list[LearntVersion]:
    """Put versions out of use."""
    found = list(rows.select_for_update().order_by("number"))
    for row in found:
        row.state = "retired"
        row.save()
    return found


def _prove(
    kind: Kind[F], actor: Actor, act: str, row: LearntVersion, made: Fitted, now: datetime, retired: list[LearntVersion]
) -> None:
    """Sign a version into the ledger, with how it did, and those that it puts out of use."""
    figures = {name: round(1000 * getattr(made, name)) for name in FIGURES}
    data = {"number": row.number, "state": row.state, "cases": row.cases, "digest": row.digest, **figures}
    append(actor, act, subject=(kind.name, row.pk), at=now, data=data, rows=[row, *retired])
