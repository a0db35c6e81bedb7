"""Every requirement on security names the tests that would fail if it were broken, and says what of it is left over (``security.toml``)."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

from tests.architecture.source import ROOT

WHOLE = tomllib.loads((Path(__file__).parent / "security.toml").read_text("utf-8"))
NOT_YET = WHOLE["not_yet"]
ENTRIES = {name: row for name, row in WHOLE.items() if name != "not_yet"}
EVERY = {f"SR-{number:02}" for number in range(1, 101)}
PROMISED = {  # whatever else is open, each of these has an entry
    f"SR-{number:02}"
    for first, last in (
        (1, 1), (4, 5), (7, 9), (11, 11), (13, 13), (15, 16), (19, 19), (24, 28), (30, 33), (35, 36), (54, 58), (60, 62),
        (64, 64), (66, 69), (71, 74), (76, 78),
    )
    for number in range(first, last + 1)
}  # fmt: skip
MOST_NOT_YET = 10  # only shrinks


@cache
def functions_of(file: str) -> frozenset[str]:
    """Return the functions of a file that are collected as tests, its classes' too."""
    made = ast.parse((ROOT / file).read_text("utf-8"))
    named = (node.name for node in ast.walk(made) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    machines = (
        target.id
        for node in made.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    return frozenset(name for name in (*named, *machines) if name.startswith("test_"))


def missing(node: str) -> bool:
    """Tell whether ``file::function`` names no test that there is."""
    file, _, function = node.partition("::")
    return not ((ROOT / file).is_file() and Path(file).name.startswith("test_") and function in functions_of(file))


def test_every_requirement_has_an_entry_or_says_why_not_yet() -> None:
    assert ENTRIES.keys() | NOT_YET.keys() == EVERY and not ENTRIES.keys() & NOT_YET.keys()
    assert ENTRIES.keys() >= PROMISED
    assert len(NOT_YET) <= MOST_NOT_YET, "the list only shrinks"


def test_every_named_test_is_there_and_no_line_is_empty() -> None:
    assert {node for row in ENTRIES.values() for node in row["tests"] if missing(node)} == set()
    for name, row in ENTRIES.items():
        assert row["tests"] and len(set(row["tests"])) == len(row["tests"]), name
        assert row.keys() <= {"tests", "left"} and row.get("left", "nothing").strip(), name
    assert all(reason.strip() for reason in NOT_YET.values())


def test_a_test_that_is_not_there_is_found() -> None:
    here = "tests/architecture/test_security.py"
    assert missing(f"{here}::test_no_such") and missing("tests/no_such.py::test_x") and missing(f"{here}::missing")
    assert not missing(f"{here}::test_a_test_that_is_not_there_is_found")


ATTACKERS = {f"A{number}" for number in range(1, 16)}
NAMED = re.compile(r"\b(test_\w+\.py)`")


def threat_rows() -> dict[str, str]:
    """Return the rows of the tables of ``docs/security.md`` that have a column of tests: what they are about, and that column."""
    found, place = dict[str, str](), None
    for line in (ROOT / "docs" / "security.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|"):
            place = None
        elif "Test" in cells:
            place = cells.index("Test")
        elif place is not None and not line.startswith("| ---"):
            found[" ".join(cells[: place - 1]).strip("| ")] = cells[place]
    return found


def test_every_row_of_the_threat_tables_names_a_test_that_there_is() -> None:
    rows, known = threat_rows(), {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert {about.split(" ")[0] for about in rows} >= ATTACKERS and len(rows) > 40
    named = {about: set(NAMED.findall(tests)) for about, tests in rows.items()}
    assert [about for about, tests in named.items() if not tests] == [], "a row without a test"
    assert {test for tests in named.values() for test in tests} - known == set(), "tests that are gone"
