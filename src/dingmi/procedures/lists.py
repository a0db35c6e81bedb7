"""名单导出: any list as its reader sees it, in one file with inert cells that names who took it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.engines.crypto import sm3
from dingmi.engines.documents import tables
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered
from dingmi.queries.lists import LISTS
from dingmi.queries.registry import QUERIES, validated
from dingmi.records.ledger.append import append
from dingmi.records.ledger.tree import canonical
from dingmi.records.organs.models import Person

FORMATS = ("xlsx", "csv")
MOST = 20_000  # rows at once


@dataclass(frozen=True, slots=True)
class Written:
    """A list as it leaves: its file, how many rows, and the digest of what they say."""

    title: str
    content: bytes
    rows: int
    digest: str


@procedure("lists.export", clauses=("SEED-7", "ZX-15", "CS-37"))
def export(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    filters: dict[str, str] | None = None,
    format: str = "xlsx",
    prepared: dict[str, Any],
) -> Delivered:
    """Hand out a list with the rows and filters of its page; numbers and marks of matters, never their text. 导出名单。

    A list that has pages leaves up to its limit, and says in its first line that it was cut.

    Args:
        name: The list: ``officers``, ``people``, ``training.hours``, ``exams``, ``archives``, ``admin.log`` …
        filters: The parameters of its query, as the page has them.
        format: ``xlsx`` or ``csv``.
    Raises:
        NotFound: There is no such list.
        Forbidden: The reader may not see it.
        Refused: ``export.too_many``.
    """
    made: Written = prepared["written"]
    data = {
        "list": name,
        "rows": made.rows,
        "format": format,
        "filters": sorted(filters or {}),
        "digest": made.digest,
    }
    append(actor, "lists.export", subject=("organ", UUID(actor.organ_id)), at=now, data=data)
    return Delivered(f"{made.title}-{now:%Y%m%d}.{format}", made.content, format)


@export.prepare
def _written(
    *, actor: Actor, now: datetime, name: str, filters: Mapping[str, str] | None = None, format: str = "xlsx"
) -> dict[str, Any]:
    """Ask the list's own query as the reader may, and write what it answers."""
    if format not in FORMATS:
        raise Invalid("input.invalid", (), fields={"format": "choice.unknown"})
    listing = LISTS.get(name)
    if listing is None:
        raise NotFound("object.not_found")
    query = QUERIES[listing.query]
    given = filters or {}
    if listing.every is None:
        rows = listing.of(query.run(actor=actor, now=now, params=given))
        if len(rows) > MOST:
            raise Refused("export.too_many", (), most=MOST)
    else:
        query.require(actor)
        rows = tuple(islice(listing.every(actor=actor, now=now, **validated(query.model, given)), MOST + 1))
    cut = f" 仅列前 {MOST} 行，其余未导出" if len(rows) > MOST else ""
    texts = listing.texts(rows[:MOST])
    reader = Person.objects.get(pk=actor.person_id)
    mark = f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M}{cut}"
    heading = [column.word for column in listing.columns]
    content = tables.write(format, "", heading, texts, mark)
    digest = sm3(canonical([list(row) for row in texts]).encode()).hex()
    return {"written": Written(listing.title, content, len(texts), digest)}
