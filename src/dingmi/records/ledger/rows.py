"""Digests of rows that carry authority, so that an edited row is found (``verify``) against its latest leaf."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from dingmi.records.ledger.tree import canonical, sm3

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


def row_digest(record: models.Model) -> dict[str, str]:
    """Return table, id and SM3 of every lasting column of ``record``; only the digest, never a value."""
    values = {f.attname: _plain(getattr(record, f.attname)) for f in record._meta.concrete_fields}
    text = canonical({k: v for k, v in values.items() if k not in _VOLATILE})
    return {"table": record._meta.db_table, "id": str(record.pk), "sm3": sm3(text.encode("utf-8")).hex()}
