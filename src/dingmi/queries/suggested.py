"""A stored suggestion, read back: which items may fit, and which passages stand in which source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dingmi.base.errors import Finding, Refused

CANDIDATES_SHOWN = 5
WAITING = "assist.waiting"  # the text was not yet compared with what its drafter may read
WITHOUT = (  # what a suggestion did not rest on
    "suggest.text_cut",
    "assist.model_altered",
    "assist.ranking_altered",
    "assist.imprint_altered",
    WAITING,
)
MARK_CLAUSES = {"suggest.mark_work_secret_star": "BMF-22.3"}  # others offend the clause on how carriers are marked
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fit:
    """One candidate of the stored suggestion: what it matched, what else speaks for it and against it, and where."""

    item: str
    matched: tuple[str, ...]
    why: tuple[Finding, ...]
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
    """Read one reason against or finding, kept as its code alone or with clauses and parameters."""
    if isinstance(raw, Mapping):
        return Finding(str(raw["code"]), "note", tuple(raw.get("clauses", ())), dict(raw.get("params", {})))
    return Finding(str(raw), "note")


def notes(payload: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Tell the drafter what a suggestion did without, and what is wrong with the marks of the text; each code once.

    A fault of a mark carries the clause that it offends.
    """
    found = {one.code: one for one in map(_reason, payload.get("findings", ()))}
    heads = {str(raw["text"]) for raw in payload.get("marks", ()) if raw.get("place") == "head"}
    told = tuple(Finding(code, "warn", (), found[code].params) for code in WITHOUT if code in found)
    return told + tuple(
        Finding(code, "warn", (MARK_CLAUSES.get(code, "BMF-22.2"),), {"count": len(heads)})
        for code in found
        if code.startswith("suggest.mark")
    )


def is_waiting(payload: Mapping[str, Any]) -> bool:
    """Tell whether the text was not yet compared: nothing is known of reuse, which is not to say that there is none."""
    return any(_reason(raw).code == WAITING for raw in payload.get("findings", ()))


def require_compared(payload: Mapping[str, Any]) -> None:
    """Refuse what would rest on a comparison that was not made.

    Raises:
        Refused: ``assist.not_compared``.
    """
    if is_waiting(payload):
        raise Refused("assist.not_compared", ("TL-18.1",))


def fits(payload: Mapping[str, Any]) -> tuple[Fit, ...]:
    """Read the candidates of a stored suggestion, best first."""
    return tuple(
        Fit(
            item=str(raw["item"]),
            matched=tuple(raw.get("matched", ())),
            why=tuple(_reason(r) for r in raw.get("grounds", ())),
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
