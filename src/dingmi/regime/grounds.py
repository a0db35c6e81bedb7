"""Why an act is refused: the clauses of a refusal that cites none itself, as data; what law does not ground is policy and says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from dingmi.base.errors import DingmiError
from dingmi.regime.kernel.register import in_force


@cache
def table() -> Mapping[str, Any]:
    """Return the clauses by code, the codes held by policy, and the clauses of each family of acts."""
    return tomllib.loads(files("dingmi.regime").joinpath("grounds.toml").read_text(encoding="utf-8"))


@cache
def policies() -> frozenset[str]:
    """Return the codes that policy of this house grounds, where no clause is cited."""
    return frozenset(table()["policy"]["codes"])


def ground(error: DingmiError, on: date, act: str = "") -> None:
    """Let a refusal that cites nothing cite its clauses; one that has a finding of each kind cites them already.

    Args:
        on: The day of the act; the clauses in force that day are cited.
        act: The act that was refused, whose family says who does it and what it must put in writing.
    """
    if not error.clauses:
        error.clauses = tuple(c for c in _ever(error, act.partition(".")[0]) if in_force(c, on))


def _ever(error: DingmiError, family: str) -> tuple[str, ...]:
    of_family = table()["families"].get(family, {})
    if error.code == "role.required":
        return tuple(of_family.get("who", ()))
    if "text.missing" in (error.code, *dict(error.params.get("fields", {})).values()):
        return tuple(of_family.get("written", ())) or tuple(table()["clauses"].get(error.code, ()))
    return tuple(table()["clauses"].get(error.code, ()))
