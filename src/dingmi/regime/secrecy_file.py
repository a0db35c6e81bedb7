"""保密档案: its parts as data, each with the clauses that ask for it and the columns that its papers fill as a register."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from dingmi.regime.prc_state.levels import is_level

LONGEST = 200  # characters of one cell


@dataclass(frozen=True, slots=True)
class Detail:
    """One column of a part: its word, what its cells hold (``text``, ``day``, ``level``, ``choice``), and the clause naming it."""

    code: str
    word: str
    kind: str
    needed: bool
    clause: str
    choices: tuple[str, ...] = ()

    def fault(self, text: str) -> str:
        """Return the code of what is wrong with a cell, or nothing."""
        if not text:
            return "text.missing" if self.needed else ""
        if self.kind == "day":
            return "" if _is_day(text) else "date.malformed"
        if self.kind == "level":
            return "" if is_level(text) else "level.unknown"
        if self.kind == "choice":
            return "" if text in self.choices else "choice.unknown"
        return "" if len(text) <= LONGEST and text.isprintable() else "text.too_long"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``kept`` by every organ, or only where there is something to keep; ``asks`` says what is no column."""

    code: str
    clauses: tuple[str, ...]
    kept: bool
    asks: Mapping[str, str]
    columns: tuple[Detail, ...]

    def filled(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the cells that were filled in, by column."""
        return {code: text.strip() for code, text in given.items() if text.strip()}

    def faults(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what is wrong, by column: a needed cell left blank, one that is no day, level or choice, an unknown column."""
        held = self.filled(given)
        found = {one.code: one.fault(held.get(one.code, "")) for one in self.columns}
        unknown = dict.fromkeys(set(given) - set(found), "choice.unknown")
        return {code: fault for code, fault in {**found, **unknown}.items() if fault}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@cache
def parts() -> Mapping[str, Part]:
    """Return the parts of the file in their order."""
    source = files("dingmi.regime").joinpath("secrecy_file.toml").read_text(encoding="utf-8")
    return {code: _part(code, row) for code, row in tomllib.loads(source).items()}


def _part(code: str, row: dict[str, Any]) -> Part:
    columns = (
        Detail(name, c["word"], c["kind"], c["needed"], c["clause"], tuple(c.get("choices", ())))
        for name, c in row["columns"].items()
    )
    return Part(code, tuple(row["clauses"]), row["kept"], row["asks"], tuple(columns))


def clauses() -> tuple[str, ...]:
    """Return every clause that asks for a part or a column, each once."""
    return tuple(dict.fromkeys(clause for part in parts().values() for clause in part.clauses))
