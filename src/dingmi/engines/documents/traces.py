"""What a file carries and its pages do not show: names of people, comments, revisions, hidden text (SR-81)."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = (  # in the order in which they are told; each has its words in the messages, ``hidden.KIND``
    "properties",
    "comments",
    "revisions",
    "hidden_text",
    "covered_text",
    "hidden_cells",
    "hidden_sheets",
    "hidden_slides",
    "notes",
    "formulas",
    "cached_data",
    "embedded",
    "custom_xml",
    "annotations",
    "form_fields",
    "attachments",
    "layers",
    "earlier_versions",
    "pictures",
    "program_data",
    "stray_parts",
    "other_parts",
)
_SAMPLES, _LONGEST = 5, 60


@dataclass(frozen=True, slots=True)
class Trace:
    """One kind of what is hidden in a file: how often, and the first words of it."""

    kind: str
    count: int
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Traces:
    """Collects what is found, kind by kind."""

    _counts: dict[str, int] = field(default_factory=dict)
    _words: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, kind: str, words: str = "", count: int = 1) -> None:
        """Count one more, with what it says."""
        if kind not in KINDS:
            raise KeyError(kind)
        self._counts[kind] = self._counts.get(kind, 0) + count
        line, kept = " ".join(words.split()), self._words.setdefault(kind, {})
        if line and len(kept) < _SAMPLES:
            kept[line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"] = None

    def found(self) -> tuple[Trace, ...]:
        """Return what was found, in the order of the kinds."""
        return tuple(Trace(k, self._counts[k], tuple(self._words[k])) for k in KINDS if k in self._counts)
