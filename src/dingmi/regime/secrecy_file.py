"""保密档案: its parts as data, each with the clauses that ask for it and what its papers have to say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``kept`` by every organ, or only where there is something to keep; ``asks`` says what each paper states."""

    code: str
    clauses: tuple[str, ...]
    kept: bool
    asks: Mapping[str, str]


@cache
def parts() -> Mapping[str, Part]:
    """Return the parts of the file in their order."""
    source = files("dingmi.regime").joinpath("secrecy_file.toml").read_text(encoding="utf-8")
    return {
        code: Part(code, tuple(row["clauses"]), row["kept"], row["asks"]) for code, row in tomllib.loads(source).items()
    }


def clauses() -> tuple[str, ...]:
    """Return every clause that asks for a part, each once."""
    return tuple(dict.fromkeys(clause for part in parts().values() for clause in part.clauses))
