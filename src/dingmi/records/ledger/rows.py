"""Digests of rows that carry authority, so that an edited row is found (``verify``) against its latest leaf.

Left out are the columns that change outside the deciding acts: failed sign-ins, lock-out, the running session, and what
the sweep of the vault notes. The log proves them another way: a session is real when the account's last sign-in entry
names it, a lock-out is over when an unlocking entry follows the one that locked (``queries.verify``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from dingmi.records.ledger.tree import canonical, sm3

BATCH = 400
_VOLATILE = frozenset({"failed_count", "locked_at", "session_key", "session_started_at", "swept_at"})


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
    """Return the digest of each record as the database holds it now, by table and id; one query a few hundred rows."""
    wanted: dict[type[models.Model], dict[Any, None]] = {}
    for record in records:
        wanted.setdefault(type(record), {})[record.pk] = None
    found = {}
    for model, keys in wanted.items():
        ids = list(keys)
        for start in range(0, len(ids), BATCH):
            for row in model._default_manager.filter(pk__in=ids[start : start + BATCH]):
                digest = row_digest(row)
                found[(digest["table"], digest["id"])] = digest
    return found


def row_digest(record: models.Model) -> dict[str, str]:
    """Return table, id and SM3 of every lasting column of ``record``; only the digest, never a value."""
    values = {f.attname: _plain(getattr(record, f.attname)) for f in record._meta.concrete_fields}
    text = canonical({k: v for k, v in values.items() if k not in _VOLATILE})
    return {"table": record._meta.db_table, "id": str(record.pk), "sm3": sm3(text.encode("utf-8")).hex()}
