"""What an act writes over has a version (SR-55): acts that overwrite ask for the one their caller saw, or are on a list that shrinks."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dingmi.base.actor import Role
from dingmi.procedures import ACTS
from tests.architecture.source import PACKAGE, tree

ROOM = "dingmi.procedures"
LISTED = tomllib.loads((Path(__file__).parent / "unversioned.toml").read_text("utf-8"))
Place = tuple[str, str]  # a module of acts, a function of it


@cache
def functions() -> dict[Place, ast.FunctionDef]:
    """Return every function of the room of acts."""
    paths = sorted((PACKAGE / "procedures").glob("*.py"))
    return {(p.stem, n.name): n for p in paths for n in tree(p).body if isinstance(n, ast.FunctionDef)}


@cache
def imported(module: str) -> dict[str, tuple[str, str | None]]:
    """Return which names of a module are other modules of the room, or functions of them."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(tree(PACKAGE / "procedures" / f"{module}.py")):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOM):
            of = (node.module or "").removeprefix(ROOM).removeprefix(".")
            for name in node.names:
                found[name.asname or name.name] = (of, name.name) if of else (name.name, None)
    return found


def called(module: str, node: ast.AST) -> Iterator[Place]:
    """Yield the functions of the room that ``node`` calls."""
    names = imported(module)
    for call in (n.func for n in ast.walk(node) if isinstance(n, ast.Call)):
        if isinstance(call, ast.Name):
            where, name = names.get(call.id, (module, call.id))
            yield where, name or ""
        elif isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
            where, name = names.get(call.value.id, ("", ""))
            if name is None:
                yield where, call.attr


def overwritten(node: ast.AST) -> Iterator[str]:
    """Yield each row that a function changes and saves, and did not make itself."""
    made, changed = set(), set()
    for assign in (n for n in ast.walk(node) if isinstance(n, ast.Assign)):
        of = assign.value.func if isinstance(assign.value, ast.Call) else None
        if isinstance(of, ast.Name) and of.id[0].isupper():
            made |= {ast.unparse(t) for t in assign.targets}
        parts = [p for t in assign.targets for p in (t.elts if isinstance(t, ast.Tuple) else [t])]
        changed |= {ast.unparse(p.value) for p in parts if isinstance(p, ast.Attribute)}
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)):
        assert isinstance(call.func, ast.Attribute)
        row = ast.unparse(call.func.value)
        partly = any(k.arg == "update_fields" for k in call.keywords)
        if call.func.attr == "save" and row not in made and (partly or row in changed):
            yield row


def overwrites(start: Place) -> bool:
    """Tell whether a function of the room writes over a row, itself or by what it calls there."""
    seen: set[Place] = set()
    todo = [start]
    while todo:
        place = todo.pop()
        node = functions().get(place)
        if node is None or place in seen:
            continue
        if any(overwritten(node)):
            return True
        seen.add(place)
        todo += called(place[0], node)
    return False


@cache
def unversioned() -> frozenset[str]:
    """Return the acts of people that overwrite and do not ask which version their caller saw."""
    return frozenset(
        name
        for name, act in ACTS.items()
        if act.requires != {Role.CLOCK}
        and "expected_version" not in inspect.signature(act.function).parameters
        and overwrites((act.function.__module__.rpartition(".")[2], act.function.__name__))
    )


def test_an_act_that_overwrites_asks_which_version_its_caller_saw_but_for_a_list_that_shrinks() -> None:
    listed = {name for group in LISTED.values() for name in group["acts"]}
    assert unversioned() - listed == set(), "give it expected_version, as procedures/current.py does"
    assert listed - unversioned() == set(), "no longer so: take them off the list"


def test_every_group_of_the_list_says_why_and_names_an_act_once() -> None:
    names = [name for group in LISTED.values() for name in group["acts"]]
    assert len(names) == len(set(names)) and all(group["why"] for group in LISTED.values())


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("def f(row):\n    row.words = 'new'\n    row.save()", ["row"]),
        ("def f(row):\n    row.a, row.b = 1, 2\n    row.save()", ["row"]),
        ("def f(row):\n    row.save(update_fields=['a'])", ["row"]),
        ("def f():\n    row = Row(a=1)\n    row.b = 2\n    row.save()", []),
    ],
)
def test_a_planted_overwriting_is_found_and_the_making_of_a_row_is_none(code: str, rows: list[str]) -> None:
    assert list(overwritten(ast.parse(code))) == rows
