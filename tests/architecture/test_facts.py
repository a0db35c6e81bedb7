"""A rule can fire only when somebody tells the law its facts: each is set by a query or an act, or stands on a list that shrinks."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import dingmi.regime
from tests.architecture.source import modules, tree
from tests.architecture.test_clauses import compare

LISTED = tomllib.loads((Path(__file__).parent / "clauses.toml").read_text(encoding="utf-8"))["without_facts"]
TELLERS = tuple(path for path in modules() if {"queries", "procedures"} & set(path.parts))


@cache
def facts_classes() -> dict[str, list[str]]:
    """Return the fields of every ``…Facts`` of the regimes, by class."""
    found: dict[str, list[str]] = {}
    for module in walk_packages(dingmi.regime.__path__, "dingmi.regime."):
        for name, kind in vars(import_module(module.name)).items():
            if name.endswith("Facts") and is_dataclass(kind):
                found[name] = [f.name for f in fields(kind)]
    return found


def called(node: ast.Call) -> str:
    """Return the last part of the name that is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def calls(path: Path) -> list[ast.Call]:
    """Return every call of a module."""
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


@cache
def loose(path: Path) -> frozenset[str]:
    """Return the names that a module gives values without saying to which class: keys of mappings, words of other calls."""
    keys = (k for node in ast.walk(tree(path)) if isinstance(node, ast.Dict) for k in node.keys)
    words = (k.arg for call in calls(path) if called(call) not in facts_classes() for k in call.keywords)
    return frozenset({str(k.value) for k in keys if isinstance(k, ast.Constant)} | {word for word in words if word})


def spread(call: ast.Call, path: Path) -> Iterator[str]:
    """Return what a call may be given by ``**``: the loose names of its module, and of the module that made the mapping."""
    for value in (k.value for k in call.keywords if k.arg is None):
        yield from loose(path)
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and isinstance(value.func.value, ast.Name)
        ):
            made_in = f"{value.func.value.id}.py"
            yield from (word for other in TELLERS if other.name == made_in for word in loose(other))


@cache
def told() -> dict[str, set[str]]:
    """Return which fields of each class the queries and acts set: by place, by name, spread, or replaced later."""
    found: dict[str, set[str]] = {}
    for path in TELLERS:
        for call in calls(path):
            own = facts_classes().get(called(call))
            if own is not None:
                named = {k.arg for k in call.keywords if k.arg}
                found.setdefault(called(call), set()).update(own[: len(call.args)], named, spread(call, path))
        replaced = {k.arg for call in calls(path) if called(call) == "replace" for k in call.keywords if k.arg}
        words = {getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(tree(path))}
        for name in words & set(facts_classes()) if replaced else ():
            found.setdefault(name, set()).update(replaced)
    return found


def test_every_fact_that_a_rule_asks_for_is_told_by_somebody_or_is_listed() -> None:
    untold = {f"{name}.{f}" for name, own in facts_classes().items() for f in own if f not in told().get(name, set())}
    whole = {name for name, own in facts_classes().items() if name not in told()}
    found = {f for f in untold if f.partition(".")[0] not in whole} | whole
    assert compare(found, LISTED) == {"not listed": [], "take off the list": []}
