"""The encrypted fields of a matter, read: title, document number, answers, text; under the field key of its level."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import Model

from dingmi.queries import fields
from dingmi.records.matters.models import Matter, MatterFile, MatterText, Suggestion


def aad(row: Model, column: str) -> str:
    """Return what binds a cipher to its place: ``<table>.<column>:<row id>``."""
    return f"{row._meta.db_table}.{column}:{row.pk}"


def sealed(row: Model, column: str, level: str, text: str) -> bytes:
    """Return ``text`` encrypted under the field key of ``level``, bound to ``column`` of ``row``; empty stays empty."""
    return fields.encrypt(level, text, aad=aad(row, column)) if text else b""


def opened(row: Model, column: str, level: str) -> str:
    """Return the text of ``column``.

    Raises:
        Tampered: The cipher was altered or moved from another row.
    """
    blob = bytes(getattr(row, column) or b"")
    return fields.decrypt(level, blob, aad=aad(row, column)) if blob else ""


def title(matter: Matter) -> str:
    """Return the title of ``matter``."""
    return opened(matter, "title_ct", matter.level)


CLOSED = "〔密钥未启封 · keys closed〕"  # in place of a title; nothing is ever written of it


def listed_title(matter: Matter) -> str:
    """Return the title of ``matter`` for a list, which is shown though the keys of the highest level are closed."""
    return CLOSED if fields.is_away(matter.level) else title(matter)


def doc_number(matter: Matter) -> str:
    """Return the 发文字号 that the drafter typed, or nothing."""
    return opened(matter, "doc_number_ct", matter.level)


def fill(matter: Matter) -> dict[str, Any]:
    """Return the drafter's answers so far as JSON values; empty when nothing is filled in."""
    text = opened(matter, "fill_ct", matter.level)
    return dict(json.loads(text)) if text else {}


def body(matter: Matter) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return the extracted text and its blocks; empty when the matter has no text."""
    row = MatterText.objects.filter(matter=matter).first()
    if row is None:
        return "", ()
    blocks = opened(row, "blocks_ct", matter.level)
    return opened(row, "text_ct", matter.level), tuple(json.loads(blocks)) if blocks else ()


def file_name(file: MatterFile, level: str) -> str:
    """Return the name of one file of a matter of ``level``."""
    return opened(file, "name_ct", level)


def suggestion(matter_id: UUID) -> dict[str, Any]:
    """Return the latest suggestion's payload, or nothing."""
    row = Suggestion.objects.filter(matter_id=matter_id).order_by("-number").first()
    return dict(json.loads(opened(row, "payload_ct", row.level))) if row else {}
