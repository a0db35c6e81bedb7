"""Values that the documents engine hands out; all frozen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dingmi.engines.documents.traces import Trace

Label = dict[str, Any]
MARK_PATTERN = re.compile(
    r"(?:绝\s{0,2}密|机\s{0,2}密|秘\s{0,2}密)\s{0,2}[★☆＊*]\s{0,2}"
    r"(?:长期|\d{1,4}\s?(?:年|个月|日|天)(?:\d{1,2}月\d{1,2}日)?|[^\s，。；、]{1,16}?(?:前|后|时|止|日)?(?=$|[\s，。；、（(]))"
)
GRADE_MARK = re.compile(  # of work secrets and trade secrets, first or behind a struck one; never with a ★
    r"^(?:内部(?:事项 注意保管)?|(?:[^\s★☆，。；]{1,40} )?(?:核心商密|普通商密)[▲◆●]"
    r"(?:长期|公布前|\d{1,4}年(?:\d{1,2}(?:个月|月\d{1,2}日))?|\d{1,2}个月))(?=$|[ （])"
)
BARE_MARK = re.compile(r"^\s*(?:绝\s{0,4}密|机\s{0,4}密|秘\s{0,4}密)(?:级)?\s*$")

LONGEST_OWN = 300


def is_own_mark(text: str) -> bool:
    """Say whether a text in a place of ours is a mark, so that no text can hide there."""
    looks = MARK_PATTERN.match(text) or BARE_MARK.match(text[:4]) or text.startswith(("解密", "撤销定密"))
    return bool(looks or GRADE_MARK.match(text)) and len(text) <= LONGEST_OWN


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph-like piece of text at ``[start, end)`` of :attr:`Extracted.text`; never holds a line break.

    ``kind``: paragraph, heading, table, textbox, header, footer, footnote, endnote, comment. ``page`` counts from 1,
    None where the format has no pages. ``where`` says more, for example ``header.first``, ``textbox.header``, or ``row.3``
    for the cells of one row of a table.
    """

    kind: str
    start: int
    end: int
    page: int | None = None
    where: str = "body"


@dataclass(frozen=True, slots=True)
class MarkFound:
    """Something in the text that looks like a security mark."""

    text: str
    start: int
    end: int
    where: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Extracted:
    """What people see in a file, and apart from it what they do not see.

    ``text`` is the visible text, one block a line. ``hidden_text`` was in the file but is not shown; ``deleted_text``
    is struck by change tracking. ``warnings`` and ``removed`` are codes (``pages_without_text:2,3``). ``own_mark`` is
    the visible mark that this software stamped, which is not part of ``text``.
    """

    kind: str
    text: str
    blocks: tuple[Block, ...]
    pages: int | None
    hidden_text: str
    deleted_text: str
    marks_found: tuple[MarkFound, ...]
    warnings: tuple[str, ...]
    removed: tuple[str, ...]
    own_mark: str = ""


@dataclass(frozen=True, slots=True)
class ReadMark:
    """Marks read from a file: ``visible`` text, machine ``label``, and whether the visible one stands where it must."""

    visible: str
    label: Label | None
    place_ok: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """``word`` is valid, altered-content, altered-mark, stripped-known, unknown or superseded."""

    word: str
    mark: ReadMark
    content_sm3: str


@dataclass(frozen=True, slots=True)
class Format:
    """One accepted format; its functions run only inside the worker process."""

    name: str
    extract: Callable[..., Extracted]
    stamp: Callable[..., bytes]
    read_mark: Callable[..., ReadMark]
    content_sm3: Callable[..., str]
    watermark: Callable[..., bytes]
    unmark: Callable[..., bytes]
    traces: Callable[..., tuple[Trace, ...]]
    clean: Callable[..., bytes]
    stamped_kind: str


class TextBuilder:
    """Collects blocks into one text with offsets."""

    def __init__(self, limit: int) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._limit = limit
        self.truncated = False

    @property
    def text(self) -> str:
        """What was collected so far, one block a line."""
        return "\n".join(self._parts)

    def add(self, text: str, kind: str, *, page: int | None = None, where: str = "body") -> None:
        """Append one block; blank text is dropped."""
        text = " ".join(text.splitlines()).strip()
        if not text or self.truncated:
            return
        if self._length + len(text) + 1 > self._limit:
            self.truncated = True
            return
        start = self._length
        self._blocks.append(Block(kind, start, start + len(text), page, where))
        self._parts.append(text)
        self._length += len(text) + 1

    def build(
        self,
        kind: str,
        pages: int | None,
        *,
        hidden: str = "",
        deleted: str = "",
        warnings: tuple[str, ...] = (),
        own_mark: str = "",
    ) -> Extracted:
        """Return the finished value with marks searched."""
        text, blocks = self.text, tuple(self._blocks)
        marks = tuple(_marks(text, blocks))
        return Extracted(kind, text, blocks, pages, hidden, deleted, marks, warnings, (), own_mark)


def _marks(text: str, blocks: tuple[Block, ...]) -> list[MarkFound]:
    found = []
    for block in blocks:
        line = text[block.start : block.end]
        hits = list(MARK_PATTERN.finditer(line)) or [m for m in [BARE_MARK.match(line)] if m]
        for hit in hits:
            start = block.start + hit.start()
            found.append(MarkFound(hit.group().strip(), start, block.start + hit.end(), block.where, block.page))
    return found


def plain_extracted(value: Extracted) -> Mapping[str, Any]:
    """Return JSON values for the way out of the worker."""
    return {
        "kind": value.kind,
        "text": value.text,
        "blocks": [[b.kind, b.start, b.end, b.page, b.where] for b in value.blocks],
        "pages": value.pages,
        "hidden_text": value.hidden_text,
        "deleted_text": value.deleted_text,
        "marks_found": [[m.text, m.start, m.end, m.where, m.page] for m in value.marks_found],
        "warnings": list(value.warnings),
        "removed": list(value.removed),
        "own_mark": value.own_mark,
    }


def extracted_from(values: Mapping[str, Any]) -> Extracted:
    """Rebuild the value from :func:`plain_extracted`."""
    return Extracted(
        kind=values["kind"],
        text=values["text"],
        blocks=tuple(Block(*b) for b in values["blocks"]),
        pages=values["pages"],
        hidden_text=values["hidden_text"],
        deleted_text=values["deleted_text"],
        marks_found=tuple(MarkFound(*m) for m in values["marks_found"]),
        warnings=tuple(values["warnings"]),
        removed=tuple(values["removed"]),
        own_mark=values["own_mark"],
    )
