"""What one worker of the screening does with one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from dingmi.base.errors import DingmiError, Invalid
from dingmi.base.presentation import error_document, plain
from dingmi.engines import crypto, documents, suggest
from dingmi.interfaces.cli.learn import model_of
from dingmi.regime.prc_state import levels


@dataclass(frozen=True, slots=True)
class Task:
    """One file: where it is, what it is called in the results, and how large and old it is."""

    path: str
    name: str
    size: int
    modified: int


class _Ready:
    """What a worker holds: guides and sources made ready once."""

    assessor: suggest.Assessor
    source_levels: Mapping[str, str]


def rows_of(path: str) -> list[dict[str, Any]]:
    """Read JSON Lines; none for no path.

    Raises:
        Invalid: The file is something else.
    """
    if not path:
        return []
    try:
        return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise Invalid("input.not_json", (), problem=type(error).__name__) from error


def basis_of(guides: str, sources: str, model: str) -> str:
    """A digest of everything a result rests on besides the file: guides, sources, boilerplate model, engine."""
    parts = [Path(path).read_bytes() if path else b"" for path in (guides, sources, model)]
    model_of(Path(model) if model else None)
    digests = b"".join(crypto.sm3(part) for part in parts)
    for rows, read in ((rows_of(guides), suggest.item_from_row), (rows_of(sources), suggest.source_from_row)):
        for row in rows:
            read(row)
    return crypto.sm3(digests + suggest.ENGINE_VERSION.encode()).hex()[:16]


def prepare(guides: str, sources: str, model: str) -> None:
    """Make guides and sources ready in this process."""
    known = [suggest.source_from_row(row) for row in rows_of(sources)]
    items = [suggest.item_from_row(row) for row in rows_of(guides)]
    _Ready.assessor = suggest.Assessor(items, known, known=model_of(Path(model) if model else None))
    _Ready.source_levels = {source.id: source.level for source in known}


def examine(task: Task) -> dict[str, Any]:
    """Return the row of one file; whatever is wrong with the file is told in the row."""
    row: dict[str, Any] = {"file": task.name, "size": task.size, "modified": task.modified}
    started = perf_counter()
    try:
        data = Path(task.path).read_bytes()
        row["sm3"] = crypto.sm3(data).hex()
        extracted = documents.extract(data, Path(task.path).name)
        row["reading_seconds"] = round(perf_counter() - started, 4)
        found = _Ready.assessor.assess(extracted.text, extracted.blocks)
    except DingmiError as error:
        return row | error_document(error) | {"seconds": round(perf_counter() - started, 4)}
    except (OSError, MemoryError) as error:
        failure = Invalid("screen.unreadable", (), problem=type(error).__name__)
        return row | error_document(failure) | {"seconds": round(perf_counter() - started, 4)}
    row["text_characters"] = len(extracted.text)
    row["text_sm3"] = crypto.sm3("".join(extracted.text.split()).encode()).hex() if extracted.text.strip() else ""
    row |= plain(suggest.as_json(found))
    row["concerns"] = concerns(found, _Ready.source_levels)
    return row | {"seconds": round(perf_counter() - started, 4)}


def concerns(found: suggest.Suggestion, source_levels: Mapping[str, str]) -> list[str]:
    """What a secrecy office should look at, as codes.

    ``mark_missing``: reuse or a likely item, and no mark at the head. ``mark_wrong``: a mark that is no good as written.
    ``mark_low``: the mark is lower than the highest source reused. ``reuse`` and ``likely_item`` say what was found.
    """
    codes = []
    heads = tuple(mark.level for mark in found.marks if mark.place == "head")
    reused = levels.highest(tuple(source_levels.get(one.source_id, "") for one in found.reused))
    if (found.reused or found.candidates) and not heads:
        codes.append("mark_missing")
    if any(mark.problems for mark in found.marks):
        codes.append("mark_wrong")
    if heads and reused and not levels.covers(levels.highest(heads), reused):
        codes.append("mark_low")
    if found.reused:
        codes.append("reuse")
    if found.candidates:
        codes.append("likely_item")
    return codes
