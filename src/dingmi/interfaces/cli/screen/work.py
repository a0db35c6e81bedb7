"""What one worker of the screening does with one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from dingmi.base.errors import DingmiError, Finding, Invalid
from dingmi.base.presentation import error_document, plain
from dingmi.engines import crypto, documents, suggest
from dingmi.interfaces.cli.learn import model_of
from dingmi.regime.prc_state import levels

DEEPEST = 3  # an archive in an archive in an archive


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


def examine(task: Task) -> list[dict[str, Any]]:
    """Return the rows of one file: those of the files that it holds, if any, and its own last.

    Whatever is wrong with a file is told in its row.
    """
    row: dict[str, Any] = {"file": task.name, "size": task.size, "modified": task.modified}
    started = perf_counter()
    try:
        data = Path(task.path).read_bytes()
    except (OSError, MemoryError) as error:
        failure = Invalid("screen.unreadable", (), problem=type(error).__name__)
        return [row | error_document(failure) | {"seconds": round(perf_counter() - started, 4)}]
    return _rows(row, data, DEEPEST)


def _rows(row: dict[str, Any], data: bytes, depth: int) -> list[dict[str, Any]]:
    """Return the rows of the files in ``data`` and, last, ``row`` with what was found in it."""
    started = perf_counter()
    name = str(row["file"])
    row["sm3"] = crypto.sm3(data).hex()
    rows: list[dict[str, Any]] = []
    try:
        if documents.holds_files(name):
            if not depth:
                raise Invalid("screen.too_deep", (), depth=DEEPEST)
            text, members = documents.unpack(data, name)
            rows = [one for member in members for one in _member(row, member, depth - 1)]
            row["members"] = len(members)
            blocks: tuple[documents.Block, ...] = ()
            notes: tuple[Finding, ...] = ()
        else:
            extracted = documents.extract(data, Path(name).name)
            text, blocks, notes = extracted.text, extracted.blocks, documents.notes(extracted.warnings)
        row["reading_seconds"] = round(perf_counter() - started, 4)
        if text.strip() or not rows:
            row |= _found(text, blocks, notes)
    except DingmiError as error:
        row |= error_document(error)
    except MemoryError as error:
        row |= error_document(Invalid("screen.unreadable", (), problem=type(error).__name__))
    inside = sum(one["seconds"] for one in rows)
    return [*rows, row | {"seconds": round(max(0.0, perf_counter() - started - inside), 4)}]


def _member(outer: dict[str, Any], member: documents.Member, depth: int) -> list[dict[str, Any]]:
    """Return the rows of one file inside another; its time is that of the file on disk."""
    row = {"file": f"{outer['file']}!/{member.name}", "size": len(member.data), "modified": outer["modified"]}
    if member.problem:
        return [row | error_document(Invalid(member.problem)) | {"seconds": 0.0}]
    return _rows(row, member.data, depth)


def _found(text: str, blocks: tuple[documents.Block, ...], notes: tuple[Finding, ...]) -> dict[str, Any]:
    """Return what a text holds, for its row, and what of its file was not read or recognised from pictures."""
    found = _Ready.assessor.assess(text, blocks)
    digest = crypto.sm3("".join(text.split()).encode()).hex() if text.strip() else ""
    known = {"text_characters": len(text), "text_sm3": digest, **plain(suggest.as_json(found))}
    known["findings"] += plain(suggest.as_json(notes))
    unread = ["unread"] if any(one.code.endswith("_without_text") for one in notes) else []
    return known | {"concerns": [*concerns(found, _Ready.source_levels), *unread]}


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
