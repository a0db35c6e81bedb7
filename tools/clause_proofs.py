"""Write down which tests prove which clause, by reading the marks in the tests: no test is run, none need be there later.

A mark is ``@pytest.mark.clause("BMF-20.2", …)`` on a test, a module's ``pytestmark``, or on a row of a table: of a call
with ``marks=`` or of a helper whose ``marks`` are made of its arguments (as ``case`` in the tables of cases), or of the
``clauses`` of each row of a TOML table that stands beside the module.
"""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/dingmi/regime/register/proofs.tsv"
CLAUSES = ROOT / "src/dingmi/regime/register/clauses.csv"


def known() -> set[str]:
    """Return the ids of the register."""
    with CLAUSES.open(encoding="utf-8", newline="") as table:
        return {row["id"] for row in csv.DictReader(table)}


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clause"


def _texts(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _marked(node: ast.AST) -> set[str]:
    return set().union(*(_texts(n) for n in ast.walk(node) if _is_mark(n)), set())


def _tables(tree: ast.Module) -> dict[str, set[str]]:
    """Return for each module-level table the clauses that its rows are marked with, by helpers of the module too."""
    helpers = {
        n.name for n in tree.body if isinstance(n, ast.FunctionDef) and any(_is_mark(m) for m in ast.walk(n))
        and not n.name.startswith("test")
    }  # fmt: skip
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            rows = [n for n in ast.walk(node.value) if isinstance(n, ast.Call) and getattr(n.func, "id", "") in helpers]
            clauses = _marked(node.value)
            for row in rows:
                clauses |= set().union(*(_texts(a) for a in row.args), set())
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({t.id: clauses for t in targets if isinstance(t, ast.Name)})
    return found


def _files(tree: ast.Module, folder: Path) -> dict[str, dict[str, Any]]:
    """Return the TOML files that a module reads into a name of its own."""
    return {
        node.targets[0].id: tomllib.loads((folder / name).read_text(encoding="utf-8"))
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and "tomllib" in _names(node.value)
        for name in _texts(node.value)
        if name.endswith(".toml") and (folder / name).is_file()
    }


def _of_rows(decorator: ast.AST, files: dict[str, dict[str, Any]]) -> set[str]:
    """Return the clauses of the rows of a file that a decorator marks one by one."""
    if not any(_is_mark(n) and any(isinstance(a, ast.Starred) for a in n.args) for n in ast.walk(decorator)):
        return set()
    tables = [n for n in ast.walk(decorator) if isinstance(n, ast.Subscript) and getattr(n.value, "id", "") in files]
    rows = [r for t in tables for key in _texts(t.slice) for r in files[t.value.id].get(key, ())]
    return {clause for row in rows for clause in row.get("clauses", ())}


def proofs(folder: Path = ROOT / "tests") -> Iterator[tuple[str, str]]:
    """Yield each clause with a test that proves it, as ``path::name``."""
    ids = known()
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if not re.search(r"mark\.clause", text):
            continue
        tree = ast.parse(text)
        tables, files = _tables(tree), _files(tree, path.parent)
        common = tables.get("pytestmark", set())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                clauses = set(common)
                for decorator in node.decorator_list:
                    clauses |= _marked(decorator) | _of_rows(decorator, files)
                    clauses |= set().union(*(tables.get(name, set()) for name in _names(decorator)), set())
                for clause in sorted(clauses & ids):
                    yield clause, f"{path.relative_to(folder.parent).as_posix()}::{node.name}"


def _changed_at() -> float:
    """Return when the tests, their folders, the register or this module changed last."""
    folders = (path for path in (ROOT / "tests").rglob("*") if path.is_dir() or path.suffix in (".py", ".toml"))
    return max(path.stat().st_mtime for path in (*folders, ROOT / "tests", CLAUSES, Path(__file__)))


def build() -> None:
    """Write the table if something changed since; without the tests at hand the one that is there stays."""
    if not (ROOT / "tests").is_dir() or (TARGET.exists() and TARGET.stat().st_mtime >= _changed_at()):
        return
    TARGET.write_text("".join(f"{clause}\t{test}\n" for clause, test in sorted(set(proofs()))), encoding="utf-8")


if __name__ == "__main__":
    build()
