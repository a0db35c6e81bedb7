"""Digests of rows that carry authority, so that an edited row is found (``verify``) against its latest leaf.

Left out are the columns that change outside the deciding acts: failed sign-ins, lock-out, the running session, and the
note that a copy is to bear the new mark of its matter. The log proves them another way: a session is real when the account's
last sign-in entry names it, a lock-out is over when an unlocking entry follows the one that locked (``queries.verify``).
A model may name relations in ``COVERED``: their rows belong to the digest of the one row they hang on, so that a row added
beside it, such as one more person who may know, is found like an edited one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models

from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.ledger.worded import Blank, Worded

BATCH = 400
_VOLATILE = frozenset({"failed_count", "locked_at", "session_key", "session_started_at", "last_step", "remark_due"})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return sm3(bytes(value)).hex()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {"k": [[str(k), _plain(v)] for k, v in sorted(value.items())]}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def row_digests(records: Iterable[models.Model]) -> dict[tuple[str, str], dict[str, str]]:
    """Return the digest of each record as the database holds it now, by table and id."""
    wanted: dict[type[models.Model], dict[Any, None]] = {}
    for record in records:
        wanted.setdefault(type(record), {})[record.pk] = None
    return {
        (digest["table"], digest["id"]): digest
        for model, keys in wanted.items()
        for digest in held_digests(model, list(keys))
    }


def held_digests(model: type[models.Model], ids: Sequence[Any]) -> Iterator[dict[str, str]]:
    """Yield the digest of every row with one of ``ids`` that the database holds; a few queries a few hundred rows."""
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        rows = _one(model).records(pk=some[0]) if len(some) == 1 else list(model._default_manager.filter(pk__in=some))
        parts = _parts(model, rows)
        for row in rows:
            yield _digest(row, parts.get(row.pk, {}))


@cache
def _one(model: type[models.Model]) -> Worded:
    """Return the words that read one row, which most acts ask for."""
    return Worded(model._default_manager.filter(pk=Blank("pk", model._meta.pk)))


def row_digest(record: models.Model, **parts: Sequence[models.Model]) -> dict[str, str]:
    """Return the digest of one record as it was read; what belongs to it is read now, but for ``parts`` that were."""
    return _digest(record, _parts(type(record), [record], parts).get(record.pk, {}))


def _parts(
    model: type[models.Model], rows: Sequence[models.Model], held: Mapping[str, Sequence[models.Model]] | None = None
) -> dict[Any, dict[str, list[Any]]]:
    """Return the rows that a digest covers beside the row's own (``COVERED``), by row, relation and id.

    Args:
        held: Relations whose rows were read already.
    """
    found: dict[Any, dict[str, list[Any]]] = {}
    for name in getattr(model, "COVERED", ()):
        relation: Any = model._meta.get_field(name)
        owner = relation.field
        asked = relation.related_model._default_manager.filter(**{f"{owner.name}__in": [r.pk for r in rows]})
        for part in (held or {}).get(name, asked):
            found.setdefault(getattr(part, owner.attname), {}).setdefault(name, []).append(_values(part))
    for parts in found.values():
        for held in parts.values():
            held.sort(key=lambda values: str(values["id"]))
    return found


def _values(record: models.Model) -> dict[str, Any]:
    values = {f.attname: _plain(getattr(record, f.attname)) for f in record._meta.concrete_fields}
    return {k: v for k, v in values.items() if k not in _VOLATILE}


def _digest(record: models.Model, parts: dict[str, list[Any]]) -> dict[str, str]:
    """Return table, id and SM3 of every lasting column of ``record`` and its parts; only the digest, never a value."""
    text = canonical({**_values(record), **parts})
    return {"table": record._meta.db_table, "id": str(record.pk), "sm3": sm3(text.encode("utf-8")).hex()}


_ROW = re.compile(r'\{"id":"([^"]*)","sm3":"([0-9a-f]{64})","table":"([^"]*)"\}')


def rows_named(body: str, end: int) -> list[tuple[str, str, str]]:
    """Return id, digest and table of the rows in a canonical body, which stand before the stream at ``end``.

    The keys of a body are sorted and quotes in texts are escaped, so the last ``"rows":[`` before the stream is the list
    itself, written by this program alone; reading only that is several times as fast as parsing the whole.
    """
    return _ROW.findall(body, body.rfind(',"rows":[', 0, end), end)
