"""A stored suggestion, read back: which items may fit, and which passages stand in which source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dingmi.base.errors import Finding

CANDIDATES_SHOWN = 5
MARK_CLAUSES = {"suggest.mark_work_secret_star": "BMF-22.3"}  # others offend the clause on how carriers are marked
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fit:
    """One candidate of the stored suggestion: what it matched, what speaks against it, and where."""

    item: str
    matched: tuple[str, ...]
    why_not: tuple[Finding, ...]
    spans: tuple[Stretch, ...]
    chance: int | None = None  # per cent; only of an order that is calibrated


@dataclass(frozen=True, slots=True)
class Passage:
    """One source of reused words with every stretch of the draft that stands in it; ``coverage`` between 0 and 1."""

    source: str
    coverage: float
    kind: str
    spans: tuple[Stretch, ...]
    source_spans: tuple[Stretch, ...] = ()


def _stretch(raw: Any) -> Stretch:
    """Return [start, end) however it was written down."""
    return (int(raw["start"]), int(raw["end"])) if isinstance(raw, Mapping) else (int(raw[0]), int(raw[1]))


def _reason(raw: Any) -> Finding:
    """Read one reason against, kept as its code alone or with clauses and parameters."""
    if isinstance(raw, Mapping):
        return Finding(str(raw["code"]), "note", tuple(raw.get("clauses", ())), dict(raw.get("params", {})))
    return Finding(str(raw), "note")


def mark_faults(payload: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Tell what is wrong with the marks that a text came with, each fault once, with the clause that it offends."""
    codes = dict.fromkeys(str(code) for code in payload.get("findings", ()) if str(code).startswith("suggest.mark"))
    heads = {str(raw["text"]) for raw in payload.get("marks", ()) if raw.get("place") == "head"}
    return tuple(Finding(code, "warn", (MARK_CLAUSES.get(code, "BMF-22.2"),), {"count": len(heads)}) for code in codes)


def fits(payload: Mapping[str, Any]) -> tuple[Fit, ...]:
    """Read the candidates of a stored suggestion, best first."""
    return tuple(
        Fit(
            item=str(raw["item"]),
            matched=tuple(raw.get("matched", ())),
            why_not=tuple(_reason(r) for r in raw.get("missing", ())),
            spans=tuple(_stretch(s) for s in raw.get("spans", ())),
            chance=round(100 * raw["chance"]) if "chance" in raw else None,
        )
        for raw in payload.get("candidates", ())[:CANDIDATES_SHOWN]
    )


def passages(payload: Mapping[str, Any]) -> tuple[Passage, ...]:
    """Read the reused passages of a stored suggestion, one entry for each source in order of appearance."""
    return tuple(
        Passage(
            source=str(raw["source"]),
            coverage=float(raw.get("similarity", 0)),
            kind=str(raw.get("trigger", "")),
            spans=tuple(_stretch(s) for s in raw.get("spans", ())),
            source_spans=tuple(_stretch(s) for s in raw.get("source_spans", ())),
        )
        for raw in payload.get("reuse", ())
    )


def work_secrets(payload: Mapping[str, Any]) -> tuple[Stretch, ...]:
    """Read the sentences that look like work secrets."""
    return tuple(_stretch(s) for s in payload.get("work_secret", ()))
