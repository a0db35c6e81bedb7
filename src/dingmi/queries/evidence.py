"""Evidence in a text: numbered spans cut into paragraphs of pieces, so that overlapping spans nest (UI §8)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"^\s*([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|第[一二三四五六七八九十百]+[章节])")


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
    """One evidence mark around a piece."""

    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Words under the same set of marks, outermost first; ``ends`` are the marks that end with it."""

    text: str
    marks: tuple[Mark, ...]
    ends: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text: ``kind`` is ``title``, ``heading`` or ``body``; ``level`` is the highest level evidenced in it."""

    kind: str
    level: str
    pieces: tuple[Piece, ...]


def number(text: str, spans: Iterable[Span]) -> tuple[Evidence, ...]:
    """Number ``spans`` in document order; spans over the same words and of one kind become one evidence with several refs."""
    found: dict[tuple[int, int, str], Evidence] = {}
    usable = sorted((s for s in spans if 0 <= s.start < s.end <= len(text)), key=lambda s: (s.start, -s.end, s.kind))
    for span in usable:
        key = (span.start, span.end, span.kind)
        earlier = found.get(key)
        refs = (*earlier.refs, span.ref) if earlier else (span.ref,)
        place = earlier.number if earlier else len(found) + 1
        level = earlier.level if earlier else span.level
        words = " ".join(text[span.start : span.end].split())
        found[key] = Evidence(place, span.start, span.end, span.kind, level, refs, words)
    return tuple(found.values())


def paragraphs(text: str, evidence: Sequence[Evidence], ranks: dict[str, int]) -> tuple[Paragraph, ...]:
    """Cut ``text`` into its lines and each line into pieces under the marks that cover it.

    Args:
        text: The extracted text.
        evidence: Numbered evidence.
        ranks: Rank of every level word, to find the highest of a paragraph.
    """
    result: list[Paragraph] = []
    offset = 0
    for line in text.split("\n"):
        start, end = offset, offset + len(line)
        offset = end + 1
        if not line.strip():
            continue
        inside = [e for e in evidence if e.start < end and e.end > start]
        level = max((e.level for e in inside), key=lambda word: ranks.get(word, -1), default="")
        kind = "title" if not result else "heading" if _HEADING.match(line) and len(line) <= 40 else "body"
        result.append(Paragraph(kind, level, _pieces(text, start, end, inside)))
    return tuple(result)


def _pieces(text: str, start: int, end: int, inside: Sequence[Evidence]) -> tuple[Piece, ...]:
    """Cut [start, end) at every boundary of the evidence in it."""
    cuts = {start, end}
    for item in inside:
        cuts |= {max(item.start, start), min(item.end, end)}
    edges = sorted(cuts)
    pieces = []
    for left, right in itertools.pairwise(edges):
        over = [e for e in inside if e.start <= left and e.end >= right]
        marks = tuple(Mark(e.number, e.kind) for e in over)
        ends = tuple(Mark(e.number, e.kind) for e in over if min(e.end, end) == right and e.end <= end)
        words = text[left:right].lstrip() if left == start else text[left:right]
        pieces.append(Piece(words, marks, ends))
    return tuple(pieces)
