"""Dated parameters: no number of a statute stands in Python."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from dingmi.regime.kernel.register import clauses


@dataclass(frozen=True)
class Parameters:
    """Tables of ``{since, value, unit, clause}`` rows."""

    text: str

    @cached_property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Every table by name, rows in order of ``since``.

        Raises:
            ValueError: A row cites a clause that the register does not hold.
        """
        loaded = tomllib.loads(self.text)
        for name, table in loaded.items():
            for row in table["values"]:
                if row["clause"] not in clauses():
                    raise ValueError(f"parameter {name} cites an unknown clause {row['clause']}")
        return {name: sorted(table["values"], key=lambda r: r["since"]) for name, table in loaded.items()}

    def row(self, name: str, on: date) -> dict[str, Any]:
        """Return the row in force on ``on``; before the first, the first (older law was not loaded)."""
        rows = self.tables[name]
        return next((row for row in reversed(rows) if row["since"] <= on), rows[0])

    def value(self, name: str, on: date) -> Any:
        """Return the value in force on ``on``."""
        return self.row(name, on)["value"]
