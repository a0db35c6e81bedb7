"""Guides and sources as rows of a file, and one object that matches drafts against them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.suggest.boilerplate import Boilerplate
from dingmi.engines.suggest.engine import suggest
from dingmi.engines.suggest.guides import GuideIndex
from dingmi.engines.suggest.sources import SourceIndex
from dingmi.engines.suggest.types import (
    DEFAULT_LIMITS,
    Block,
    Condition,
    Limits,
    Suggestion,
    SuggestItem,
    SuggestSource,
)


def item_from_row(row: Mapping[str, Any]) -> SuggestItem:
    """Read a guide item from a row: ``id, guide, no|number, item|text, level, period|tail, scope|scope_rule, …``.

    Raises:
        Invalid: The row has no id or no text.
    """
    identity, text = row.get("id"), row.get("text") or row.get("item")
    if not identity or not text:
        raise Invalid("suggest.row_incomplete", (), given=sorted(map(str, row))[:12])
    return SuggestItem(
        id=str(identity),
        guide=str(row.get("guide") or ""),
        number=str(row.get("number") or row.get("no") or ""),
        text=str(text),
        level=str(row.get("level") or ""),
        tail=str(row.get("tail") or row.get("period") or ""),
        scope_rule=str(row.get("scope_rule") or row.get("scope") or ""),
        sector=str(row.get("sector") or ""),
        conditions=tuple(_condition(c) for c in row.get("conditions") or ()),
        examples=tuple(map(str, row.get("examples") or ())),
        exceptions=tuple(map(str, row.get("exceptions") or ())),
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    names = {field.name for field in fields(Condition)}
    given: dict[str, Any] = {
        key: tuple(value) if key == "words" else value for key, value in row.items() if key in names
    }
    return Condition(**given)


def source_from_row(row: Mapping[str, Any]) -> SuggestSource:
    """Read a source from a row: ``id, text`` and, where known, ``title, level, tail``.

    Raises:
        Invalid: The row has no id or no text.
    """
    if not row.get("id") or "text" not in row:
        raise Invalid("suggest.row_incomplete", (), given=sorted(map(str, row))[:12])
    words: dict[str, Any] = {name: str(row.get(name) or "") for name in ("title", "level", "tail")}
    return SuggestSource(id=str(row["id"]), text=str(row["text"]), **words)


class Assessor:
    """Guides and sources made ready once, for many drafts; its source index lives and dies with its own key."""

    def __init__(
        self,
        items: Sequence[SuggestItem],
        sources: Sequence[SuggestSource],
        limits: Limits = DEFAULT_LIMITS,
        known: Boilerplate | None = None,
    ):
        self._guide = GuideIndex(tuple(items))
        self._texts = {source.id: source.text for source in sources}
        self._sources = SourceIndex(secrets.token_bytes(16))
        self._limits, self._known = limits, known
        for source in sources:
            self._sources.add(source)

    def assess(self, text: str, blocks: Sequence[Block] = ()) -> Suggestion:
        """Return the suggestion for one draft."""
        return suggest(text, blocks, self._guide, self._sources, self._texts.get, self._limits, boilerplate=self._known)


def as_json(value: Any) -> Any:
    """Return a suggestion, or any part of it, as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list | tuple) else value
