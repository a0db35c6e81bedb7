"""Totals stop at the cap (SR-28): a query that counts rows without it is on a list that shrinks, with the reason."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from dingmi.queries import rows
from tests.architecture.source import PACKAGE

LISTED = tomllib.loads((Path(__file__).parent / "uncapped.toml").read_text("utf-8"))["queries"]


def uncapped(code: str) -> int:
    """Return how often ``code`` counts rows to the end: ``.count()`` of what is not cut before."""
    calls = (n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and not n.args and not n.keywords)
    counts = (n.func for n in calls if isinstance(n.func, ast.Attribute) and n.func.attr == "count")
    return sum(not isinstance(of.value, ast.Subscript) for of in counts)


def test_totals_stop_at_the_cap_but_for_a_list_that_shrinks() -> None:
    room = PACKAGE / "queries"
    found = Counter({p.relative_to(room).as_posix(): uncapped(p.read_text("utf-8")) for p in room.rglob("*.py")})
    assert dict(+found) == {name: row["times"] for name, row in LISTED.items()}, (
        "use rows.capped, or take it off the list"
    )
    assert all(row["why"] for row in LISTED.values())


@pytest.mark.parametrize(
    ("code", "times"),
    [("rows.filter(a=1).count()", 1), ("rows[:100].count()", 0), ("line.count('x')", 0), ("capped(rows)", 0)],
)
def test_a_planted_count_to_the_end_is_found(code: str, times: int) -> None:
    assert uncapped(code) == times


def test_a_total_past_the_cap_is_told_as_more_than_it() -> None:
    assert rows.COUNTED_TO == 1000
    assert [rows.at_most(n) for n in (999, 1000, 1001, 50_000)] == [999, 1000, 1001, 1001]
    assert [rows.count_word(n) for n in (1000, 1001)] == ["1000", "1000+"]
