"""What goes into the suggestion engine and what comes out: plain frozen values.

All offsets are character offsets (Python string indices) into the text that the caller gave, never into a
normalised form. The engine proposes; it never decides and never stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dingmi.base.errors import Finding

ENGINE_VERSION = "suggest-1.6"

VERBATIM = "verbatim"
EDITED = "edited"
CONDENSED = "condensed"
NUMBER = "number"
NAMED = "named"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text, ``start`` inclusive and ``end`` exclusive, in characters of the original text."""

    start: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of structure that the document reader saw: ``kind`` is e.g. paragraph, heading, table, note, header."""

    start: int
    end: int
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a guide item as data.

    Attributes:
        kind: ``number`` (a quantity compared with ``value``) or ``named`` (a term that must, or must not, occur).
        name: What is measured or named, as a person reads it (e.g. ``比例尺``).
        words: Words one of which must stand near the quantity, or the terms looked for; empty means ``name``.
        op: ``<``, ``<=``, ``>``, ``>=``, ``=`` for numbers; ``has`` or ``lacks`` for terms.
        value: Bound of a number, in ``unit``.
        unit: Unit of the number (e.g. ``平方公里``); for a scale ``1:N`` write ``1:`` and N as value.
        clause: Id of the article that grounds the condition.
    """

    kind: str
    name: str
    words: tuple[str, ...] = ()
    op: str = "has"
    value: float = 0.0
    unit: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class SuggestItem:
    """One item of a guide (保密事项范围 目录). ``tail`` is the text after ★; ``number`` as printed in the guide."""

    id: str
    guide: str
    number: str
    text: str
    level: str
    tail: str = ""
    scope_rule: str = ""
    sector: str = ""
    conditions: tuple[Condition, ...] = ()
    examples: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestSource:
    """A text already classified. ``points`` are the spans of its 密点; empty when the whole text is meant."""

    id: str
    title: str
    text: str
    level: str = ""
    tail: str = ""
    points: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or why not: a message code of topic ``suggest`` with plain parameters, its article and where it shows."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    clauses: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A guide item that may govern the draft; there is never a level without an item, nor an item without evidence.

    ``score`` is between 0 and 1 and orders candidates; it is not a probability.
    """

    item_id: str
    level: str
    tail: str
    scope_rule: str
    score: float
    matched: tuple[str, ...]
    evidence: tuple[Span, ...]
    why: tuple[Reason, ...] = ()
    why_not: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Reused:
    """A passage of the draft that stands in a source. ``coverage`` is the idf-weighted share of the draft span found."""

    source_id: str
    kind: str
    draft: Span
    source: Span
    coverage: float
    score: float


@dataclass(frozen=True, slots=True)
class FoundMark:
    """A mark-shaped string in the draft. ``place`` is ``head`` (where a mark belongs), ``portion`` or ``body``."""

    text: str
    span: Span
    level: str
    tail: str
    place: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one run.

    Attributes:
        max_chars: Characters of the draft that are read; the rest is reported as unread.
        max_candidates: Guide items shown at most.
        max_reused: Reused passages reported at most.
        max_sources: Source texts opened for comparison at most, beside those that a long verbatim run needs.
        guide_threshold: Least score of a guide item; below it the engine is silent.
        reuse_threshold: Least score of an edited passage; verbatim runs do not need it.
    """

    max_chars: int = 2_000_000
    max_candidates: int = 5
    max_reused: int = 200
    max_sources: int = 50
    guide_threshold: float = 0.45
    reuse_threshold: float = 0.5


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The answer. ``abstained`` says why ``candidates`` is empty (a message code), or is empty itself."""

    candidates: tuple[Candidate, ...]
    reused: tuple[Reused, ...]
    marks: tuple[FoundMark, ...]
    findings: tuple[Finding, ...]
    abstained: str = ""
    engine_version: str = ENGINE_VERSION
