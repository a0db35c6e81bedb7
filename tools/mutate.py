"""Mutation score of a module: each small change of its code must be noticed by its tests. A long run, by hand.

``python tools/mutate.py dingmi.regime.access tests/regime/test_access_oracle.py [more tests] [--every N] [--seconds S]``

Each mutant is run in a fork: one place of the source is changed on import, pytest stops at the first failure. Changed are
comparisons, ``and``/``or``, ``not``, arithmetic, numbers, texts that are not documentation, truth values and what is returned.
Prints the survivors and the score; exit code 0 whatever the score is.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COUNTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: its line, what it was and became, and the tree."""

    line: int
    was: str
    became: str
    tree: ast.Module


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what could stand in the place of ``node``."""
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            made = copy.deepcopy(node)
            made.ops[place] = COMPARED[type(op)]()
            yield made
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for place in range(len(node.values)):
            left = [v for n, v in enumerate(node.values) if n != place]
            yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED:
        yield ast.BinOp(node.left, COUNTED[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and node.value:
        yield ast.Constant(node.value[:-1] if len(node.value) > 1 else node.value * 2)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))


def left_alone(tree: ast.Module) -> set[int]:
    """Return the nodes that say nothing at run time: documentation, annotations, what marks an error and its words."""
    found: set[int] = set()
    for node in ast.walk(tree):
        apart: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.append(node)
        if isinstance(node, ast.AnnAssign):
            apart.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            apart += [node.returns, *(a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg))]
        if isinstance(node, ast.JoinedStr):
            apart.append(node)
        if isinstance(node, ast.Raise):
            apart.append(node)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            apart.append(node)
        found |= {id(inner) for one in apart if one is not None for inner in ast.walk(one)}
    return found


class _Put(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else super().visit(node)


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(source)
    apart = left_alone(tree)
    for node in ast.walk(tree):
        if id(node) in apart:
            continue
        for new in changed(node):
            kept = copy.copy(node)
            made = ast.fix_missing_locations(_Put(node, ast.copy_location(new, node)).visit(tree))
            text = ast.unparse(made)
            _Put(new, node).visit(tree)
            yield Mutant(getattr(node, "lineno", 0), ast.unparse(kept), ast.unparse(new), ast.parse(text))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutant in the place of its module."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self.path))

    def exec_module(self, module: Any) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def noticed(name: str, path: Path, mutant: Mutant | None, tests: Sequence[str], seconds: int) -> bool:
    """Tell whether the tests fail on a mutant; one that never ends is noticed too."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            signal.alarm(seconds)
            if mutant is not None:
                sys.meta_path.insert(0, _Finder(name, path, mutant.tree))
            import pytest

            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-m", "not deep", *tests]))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status != 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("module")
    asked.add_argument("tests", nargs="+")
    asked.add_argument("--every", type=int, default=1, help="only every so many of the mutants")
    asked.add_argument("--seconds", type=int, default=120, help="the longest that the tests of one mutant may run")
    given = asked.parse_args()
    path = ROOT / "src" / Path(*given.module.split(".")).with_suffix(".py")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dingmi.site.settings")
    for heavy in ("pytest", "hypothesis", "django", "pydantic", "numpy"):
        __import__(heavy)
    if noticed(given.module, path, None, given.tests, given.seconds * 3):
        raise SystemExit("the tests fail without any change")
    chosen = list(mutants(path.read_text(encoding="utf-8")))[:: given.every]
    survivors = 0
    for mutant in chosen:
        if not noticed(given.module, path, mutant, given.tests, given.seconds):
            survivors += 1
            print(f"{path.name}:{mutant.line}: {mutant.was}  ->  {mutant.became}", flush=True)
    killed = len(chosen) - survivors
    print(f"{given.module}: {killed} of {len(chosen)} noticed, {100 * killed / max(1, len(chosen)):.1f} %")


if __name__ == "__main__":
    main()
