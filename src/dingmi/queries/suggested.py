"""A stored suggestion, read back: which items may fit, and which passages stand in which source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dingmi.base.errors import Finding

CANDIDATES_SHOWN = 5
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fit:
    """One candidate of the stored suggestion: what it matched, what speaks against it, and where."""

    item: str
    matched: tuple[str, ...]
    why_not: tuple[Finding, ...]
    spans: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One source of reused words with every stretch of the draft that stands in it; ``coverage`` between 0 and 1."""

    source: str
    coverage: float
    kind: str
    spans: tuple[Stretch, ...]


def _stretch(raw: Any) -> Stretch:
    """Return [start, end) however it was written down."""
    return (int(raw["start"]), int(raw["end"])) if isinstance(raw, Mapping) else (int(raw[0]), int(raw[1]))


def _reason(raw: Mapping[str, Any]) -> Finding:
    return Finding(str(raw["code"]), "note", tuple(raw.get("clauses", ())), dict(raw.get("params", {})))


def fits(payload: Mapping[str, Any]) -> tuple[Fit, ...]:
    """Read the candidates of a stored suggestion, best first."""
    return tuple(
        Fit(
            item=str(raw["item_id"]),
            matched=tuple(raw.get("matched", ())),
            why_not=tuple(_reason(r) for r in raw.get("why_not", ())),
            spans=tuple(_stretch(s) for s in raw.get("evidence", ())),
        )
        for raw in payload.get("candidates", ())[:CANDIDATES_SHOWN]
    )


def passages(payload: Mapping[str, Any]) -> tuple[Passage, ...]:
    """Read the reused passages of a stored suggestion, joined by source in order of appearance."""
    found: dict[str, Passage] = {}
    for raw in payload.get("reused", ()):
        source = str(raw["source_id"])
        before = found.get(source, Passage(source, 0.0, str(raw.get("kind", "")), ()))
        coverage = max(before.coverage, float(raw.get("coverage", 0)))
        found[source] = Passage(source, coverage, before.kind, (*before.spans, _stretch(raw["draft"])))
    return tuple(found.values())
