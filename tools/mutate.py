"""Mutation scores of access, cryptography and ledger: each small change of their code must be noticed by their tests. A long run, by hand.

``python tools/mutate.py [access|crypto|ledger …] [--all | --sample N] [--seed S] [--both]``; ``--list`` counts only.
A sample is drawn from all mutants of a group by the seed; 100 by default. ``mutation.toml`` says which tests prove which module, and
which mutants are another spelling of the same: each with its reason, counted apart.

Each mutant is run in a fork and stops at the first failure. One inside a function is put into a loaded program (``mutate_loaded.py``);
what lives there, and what cannot be put in so, is tried from the beginning: the source is changed on import. Changed are
comparisons, conditions, ``and``/``or``, ``not``, arithmetic, numbers, texts that are not documentation, truth values, what is
returned, calls made for their effect and errors raised. One whose tests never end is noticed. Prints survivors and scores.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from mutate_loaded import Runner

ROOT = Path(__file__).resolve().parent.parent
PLAN = Path(__file__).with_name("mutation.toml")
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
    """One change of a module: its line, what it was and became, and the tree."""

    module: str
    line: int
    text: str
    was: str
    became: str
    tree: ast.Module

    @property
    def told(self) -> str:
        """The change for people."""
        return f"{self.module}:{self.line}: {self.was}  ->  {self.became}"


@dataclass(frozen=True)
class Group:
    """Modules whose score is one figure, and the tests of each, those that notice most first."""

    name: str
    tests: dict[str, list[str]]
    same: list[dict[str, str]]

    def is_same(self, mutant: Mutant) -> bool:
        """Tell whether the plan says why this mutant behaves as the code does."""
        found = (mutant.module, mutant.text, mutant.was, mutant.became)
        return any(found == (one["module"], one["line"], one["was"], one["became"]) for one in self.same)


def groups() -> dict[str, Group]:
    """Return what ``mutation.toml`` plans, by name."""
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    same = plan.pop("same", [])
    return {name: Group(name, tests, [one for one in same if one["module"] in tests]) for name, tests in plan.items()}


def source(module: str) -> Path:
    """Return the file of a module."""
    return ROOT / "src" / Path(*module.split(".")).with_suffix(".py")


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
    elif isinstance(node, ast.Constant):
        yield from _another(node.value)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
        made = copy.copy(node)
        made.test = ast.UnaryOp(ast.Not(), node.test)
        yield made
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()


def _another(value: object) -> Iterator[ast.Constant]:
    """Yield another value in the place of a literal one."""
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str | bytes) and value and value != "utf-8":  # "utf-" names the same
        yield ast.Constant(value[:-1] if len(value) > 1 else value * 2)


def left_alone(tree: ast.Module) -> set[int]:
    """Return the nodes that say nothing at run time: documentation, annotations, what a class is declared as, an error's words."""
    found: set[int] = set()
    for node in ast.walk(tree):
        apart: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.append(node)
        if isinstance(node, ast.AnnAssign):
            apart.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            apart += [node.returns, *(a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg))]
        if isinstance(node, ast.ClassDef):
            apart += node.decorator_list
        if isinstance(node, ast.JoinedStr):
            apart.append(node)
        if isinstance(node, ast.Raise):
            apart += [node.exc, node.cause]
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            apart.append(node)
        found |= {id(inner) for one in apart if one is not None for inner in ast.walk(one)}
    return found


class _Put(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else super().visit(node)


def mutants(module: str, text: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree, lines = ast.parse(text), text.splitlines()
    apart = left_alone(tree)
    for node in ast.walk(tree):
        if id(node) in apart:
            continue
        for new in changed(node):
            line, was, became = getattr(node, "lineno", 0), _first(node), _first(new)
            made = ast.fix_missing_locations(_Put(node, ast.copy_location(new, node)).visit(tree))
            whole = ast.unparse(made)
            _Put(new, node).visit(tree)
            yield Mutant(module, line, lines[line - 1].strip(), was, became, ast.parse(whole))


def _first(node: ast.AST) -> str:
    """Return the first line of what a node says."""
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.mutant.module:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(source(fullname)))

    def exec_module(self, module: Any) -> None:
        module.__file__ = str(source(self.mutant.module))
        exec(compile(self.mutant.tree, module.__file__, "exec"), module.__dict__)


def _tested(tests: Sequence[str], *plugins: object) -> int:
    import pytest

    chosen = "not deep" if os.environ.get("DINGMI_TEST_DATABASE") else "not deep and not postgres"
    told = ["-x", "-q", "-p", "pytest_django.plugin", "-p", "no:cacheprovider", "-m", chosen, *tests]
    return int(pytest.main(told, plugins=list(plugins)))


def load_what_stays(tests: Sequence[str]) -> None:
    """Import once, in this process, what the tests import of others: each fork begins with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        for handle in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), handle)
        _tested(["--collect-only", *tests])
        ours = ("dingmi", "tests", "conftest", "django", "__main__")
        names = [name for name in list(sys.modules) if not name.startswith(ours) and "test_" not in name]
        os.write(writing, "\n".join(names).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        names = told.read().split("\n")
    os.waitpid(child, 0)
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)


def noticed(mutant: Mutant | None, tests: Sequence[str], seconds: int) -> bool:
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
                sys.meta_path.insert(0, _Finder(mutant))
            code = _tested(tests)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status != 0


def _limits(group: Group, chosen: Sequence[Mutant]) -> dict[str, int]:
    """Return how many seconds the tests of each module may run: many times what they take on the code as it is."""
    limits, taken = {}, dict[tuple[str, ...], int]()
    for module in sorted({mutant.module for mutant in chosen}):
        tests = tuple(group.tests[module])
        if tests not in taken:
            began = perf_counter()
            if noticed(None, tests, 900):
                raise SystemExit(f"{module}: its tests fail without any change")
            taken[tests] = 20 + 5 * int(perf_counter() - began)
        limits[module] = taken[tests]
    return limits


def tried_loaded(group: Group, chosen: Sequence[Mutant]) -> tuple[int, list[Mutant]]:
    """Try mutants on loaded programs, one for each list of tests; return how many were noticed, and those to try alone."""
    noticed_at_once, rest = 0, []
    for tests in sorted({tuple(group.tests[mutant.module]) for mutant in chosen}):
        some = [mutant for mutant in chosen if tuple(group.tests[mutant.module]) == tests]
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            for handle in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), handle)
            _tested(tests, Runner(some, source, writing))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as lines:
            ends = dict(line.split() for line in lines)
        os.waitpid(child, 0)
        if len(ends) != len(some):
            raise SystemExit(f"{', '.join(tests)}: fail without any change")
        noticed_at_once += sum(end == "noticed" for end in ends.values())
        rest += [mutant for place, mutant in enumerate(some) if ends[str(place)] != "noticed"]
        for place, mutant in enumerate(some):
            if ends[str(place)] == "lives":
                print(f"lives on the loaded program: {mutant.told}", flush=True)
    return noticed_at_once, rest


def _on(database: str) -> None:
    """Let the tests to come run on a database: PostgreSQL at an address, or SQLite."""
    os.environ.pop("DINGMI_TEST_DATABASE", None)
    if database:
        os.environ["DINGMI_TEST_DATABASE"] = database


def score(group: Group, chosen: Sequence[Mutant], *, is_alone: bool, databases: Sequence[str]) -> None:
    """Try each of the mutants; print those that live on every database, and the figures."""
    same = [mutant for mutant in chosen if group.is_same(mutant)]
    rest = [mutant for mutant in chosen if not group.is_same(mutant)]
    for database in databases:
        _on(database)
        count, rest = tried_loaded(group, rest)
        where = "PostgreSQL" if database else "SQLite"
        told = f"{group.name}, {where}: {count} of {count + len(rest)} noticed at once"
        print(f"{told}; {len(same)} the plan calls the same", flush=True)
    if not is_alone:
        for mutant in rest:
            print(f"to try alone: {mutant.told}", flush=True)
        return
    left = [*rest, *same]
    for database in databases:
        _on(database)
        limits = _limits(group, left)
        left = [one for one in left if not noticed(one, group.tests[one.module], limits[one.module])]
    alike = [mutant for mutant in same if mutant in left]
    for mutant in same:
        if mutant not in left:
            print(f"noticed, though the plan calls it the same: {mutant.told}", flush=True)
    lived = [mutant for mutant in left if mutant not in same]
    for mutant in lived:
        print(mutant.told, flush=True)
    tried = len(chosen) - len(alike)
    told = f"{tried - len(lived)} of {tried} noticed, {100 * (tried - len(lived)) / max(1, tried):.1f} %"
    print(f"{group.name}: {told}; {len(alike)} more are another spelling of the same", flush=True)


def main() -> None:
    planned = groups()
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", metavar="|".join(planned), default=list(planned))
    asked.add_argument("--sample", type=int, default=100, help="how many mutants of each group")
    asked.add_argument("--seed", type=int, default=0, help="which ones")
    asked.add_argument("--all", action="store_true", help="every mutant")
    asked.add_argument("--at-once", action="store_true", help="leave what must be tried from the beginning; list it")
    asked.add_argument("--both", action="store_true", help="on PostgreSQL too: what either database notices is noticed")
    asked.add_argument("--list", action="store_true", help="count the mutants, run nothing")
    asked.add_argument("--only", default="", help="only modules whose name ends so")
    given = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dingmi.site.settings")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with ExitStack() as held:
        databases = [""]
        if given.both:
            databases.append(held.enter_context(_cluster()))
        _tried(given, planned, databases)


def _cluster() -> AbstractContextManager[str]:
    """Return a PostgreSQL to throw away, as the address of its database."""
    place = ROOT / "src/dingmi/interfaces/cli/cluster.py"  # alone: its package would import what is changed
    spec = importlib.util.spec_from_file_location("cluster", place)
    assert spec is not None and spec.loader is not None
    cluster = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cluster)
    bins = cluster.programs()
    if bins is None:
        raise SystemExit("PostgreSQL is not on this machine")
    held: AbstractContextManager[str] = cluster.throwaway(bins, waits_for_disk=False)
    return held


def _tried(given: argparse.Namespace, planned: dict[str, Group], databases: Sequence[str]) -> None:
    for name in given.names:
        group = planned[name]
        wanted = [module for module in group.tests if module.endswith(given.only)]
        made = [one for module in wanted for one in mutants(module, source(module).read_text(encoding="utf-8"))]
        chosen = made if given.all else random.Random(given.seed).sample(made, min(given.sample, len(made)))
        print(f"{name}: {len(chosen)} of {len(made)} mutants of {len(wanted)} modules", flush=True)
        if not given.list:
            load_what_stays(sorted({test for module in wanted for test in group.tests[module]}))
            score(group, chosen, is_alone=not given.at_once, databases=databases)


if __name__ == "__main__":
    main()
