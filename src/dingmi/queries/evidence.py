"""Evidence in a text: numbered spans cut into paragraphs of pieces, so that overlapping spans nest (UI §8)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_HEADING = re.compile(r"^\s*([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|第[一二三四五六七八九十百]+[章节])")

SCRAP = 4  # characters of a neighbouring line that a stretch may not end with


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of the text and what it is evidence for.

    ``kind`` is ``guide``, ``reuse`` or ``work``; ``level`` is the level word it would carry; ``ref`` names the item or source.
    """

    start: int
    end: int
    kind: str
    level: str
    ref: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span with its number in document order and the words it covers."""

    number: int
    start: int
    end: int
    kind: str
    level: str
    refs: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark around a piece: evidence, a classified point (``point``) or a stretch spoken of (``thread``)."""

    number: int
    kind: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words under the same set of marks, outermost first, from ``start`` of the text; ``ends`` are the marks that end with it."""

    start: int
    text: str
    marks: tuple[Mark, ...]
    ends: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text, [start, end): ``kind`` is ``title``, ``heading``, ``body`` or ``cell``.

    ``level`` is the highest level pointed out or evidenced in it; ``row`` numbers the row of a table that a cell stands in;
    ``pointed`` tells that a classified point covers some of it; ``threads`` are the comment threads that end in it.
    """

    kind: str
    level: str
    pieces: tuple[Piece, ...]
    start: int = 0
    end: int = 0
    number: int = 0
    row: int = 0
    page: int = 0
    pointed: bool = False
    threads: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The words of the line."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch [start, end) that somebody marked: a classified point or what a thread is about."""

    number: int
    start: int
    end: int
    kind: str
    level: str = ""


def number(text: str, spans: Iterable[Span]) -> tuple[Evidence, ...]:
    """Number ``spans`` in document order; spans over the same words and of one kind become one evidence with several refs."""
    found: dict[tuple[int, int, str], Evidence] = {}
    cut = (Span(*trimmed(text, s.start, s.end), s.kind, s.level, s.ref) for s in spans)
    usable = sorted((s for s in cut if 0 <= s.start < s.end <= len(text)), key=lambda s: (s.start, -s.end, s.kind))
    for span in usable:
        key = (span.start, span.end, span.kind)
        earlier = found.get(key)
        refs = (*earlier.refs, span.ref) if earlier else (span.ref,)
        place = earlier.number if earlier else len(found) + 1
        level = earlier.level if earlier else span.level
        words = " ".join(text[span.start : span.end].split())
        found[key] = Evidence(place, span.start, span.end, span.kind, level, refs, words)
    return tuple(found.values())


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch without a scrap of fewer than ``SCRAP`` characters of the line before or after it."""
    last = text.rfind("\n", start, end)
    if last >= 0 and end - last - 1 < SCRAP:
        end = last
    first = text.find("\n", start, end)
    if 0 <= first < start + SCRAP:
        start = first + 1
    return start, end


def by_line(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return a stretch as one stretch a line, without scraps and without headings."""
    found = []
    offset = 0
    for line in text.split("\n"):
        left, right = max(start, offset), min(end, offset + len(line))
        offset += len(line) + 1
        if right - left >= SCRAP and _kind(line, {}, False) != "heading":
            found.append((left, right))
    return found


def paragraphs(
    text: str,
    evidence: Sequence[Evidence],
    ranks: dict[str, int],
    stretches: Sequence[Stretch] = (),
    blocks: Sequence[dict[str, Any]] = (),
) -> tuple[Paragraph, ...]:
    """Cut ``text`` into its lines and each line into pieces under the marks that cover it.

    Args:
        text: The extracted text.
        evidence: Numbered evidence.
        ranks: Rank of every level word, to find the highest of a paragraph.
        stretches: Classified points and stretches spoken of.
        blocks: Blocks of the text as they were kept: table rows and pages.
    """
    known = {int(b["start"]): b for b in blocks}
    result: list[Paragraph] = []
    offset = 0
    for line in text.split("\n"):
        start, end = offset, offset + len(line)
        offset = end + 1
        if not line.strip():
            continue
        block = known.get(start, {})
        inside = [e for e in evidence if e.start < end and e.end > start]
        over = [s for s in stretches if s.start < end and s.end > start]
        points = [s for s in over if s.kind == "point"]
        level = max((x.level for x in points or inside), key=lambda word: ranks.get(word, -1), default="")
        result.append(
            Paragraph(
                kind=_kind(line, block, not result),
                level=level,
                pieces=_pieces(text, start, end, inside, over),
                start=start,
                end=end,
                number=len(result) + 1,
                row=int(block.get("row") or 0),
                page=int(block.get("page") or 0),
                pointed=bool(points),
                threads=tuple(s.number for s in over if s.kind == "thread" and s.end <= end),
            )
        )
    return tuple(result)


def _kind(line: str, block: dict[str, Any], first: bool) -> str:
    if first:
        return "title"
    if block.get("row") or block.get("kind") == "table":
        return "cell"
    short = len(line) <= 40 and not line.rstrip().endswith(("。", "；", "："))
    return "heading" if short and (_HEADING.match(line) or block.get("kind") == "heading") else "body"


def _pieces(text: str, start: int, end: int, inside: Sequence[Evidence], over: Sequence[Stretch]) -> tuple[Piece, ...]:
    """Cut [start, end) at every boundary of what is marked in it; stretches lie outside evidence."""
    marked = [(s, Mark(s.number, s.kind, s.level)) for s in over] + [(e, Mark(e.number, e.kind)) for e in inside]
    cuts = {start, end}
    for item, _ in marked:
        cuts |= {max(item.start, start), min(item.end, end)}
    pieces = []
    for left, right in itertools.pairwise(sorted(cuts)):
        marks = [(item, mark) for item, mark in marked if item.start <= left and item.end >= right]
        ends = tuple(mark for item, mark in marks if min(item.end, end) == right and item.end <= end)
        words = text[left:right].lstrip() if left == start else text[left:right]
        pieces.append(Piece(right - len(words), words, tuple(mark for _, mark in marks), ends))
    return tuple(pieces)
