"""What the state of a matter stands in the way of: one finding a state and regime, with its clauses, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from dingmi.base.errors import Finding
from dingmi.regime.kernel.register import in_force


@cache
def table() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the code and the clauses of every state, by regime."""
    return tomllib.loads(files("dingmi.regime").joinpath("states.toml").read_text(encoding="utf-8"))


def in_the_way(regime: str, state: str, on: date) -> Finding:
    """Return what is told to who asks of a matter what its state does not allow.

    Args:
        regime: One of ``regime.REGIMES``.
        on: The day of the act; the clauses in force that day are cited.
    """
    row = table()[regime][state]
    return Finding(row["code"], "block", tuple(c for c in row["clauses"] if in_force(c, on)), {"state": state})
