"""Tries mutants on a program that is loaded already: its tests collected, its database made; used by ``mutate.py``.

A fork is made when everything stands, the code of the functions that a mutant changes is put into it, and only then do the tests
run: a hundred times as fast as beginning anew. What a mutant changes outside functions, or in code that asks for other
variables around it, cannot be put in so; and what lives here is tried once more from the beginning by the caller, since
something kept from before the change may have hidden it.
"""

from __future__ import annotations

import ast
import gc
import os
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

AGAIN = 40  # mutants between two looks whether the tests still pass on the code as it is
Codes = dict[str, list[CodeType]]


def codes(code: CodeType) -> Codes:
    """Return the code of every function in a compiled module by its name, in the order in which they stand."""
    found: dict[str, list[CodeType]] = defaultdict(list)

    def walk(outer: CodeType) -> None:
        for inner in outer.co_consts:
            if isinstance(inner, CodeType):
                found[inner.co_qualname].append(inner)
                walk(inner)

    walk(code)
    return found


def _said(code: CodeType) -> tuple[Any, ...]:
    """Return what code does itself, nested functions and places in the file left out."""
    told = tuple(
        one.co_qualname if isinstance(one, CodeType) else (type(one).__name__, repr(one)) for one in code.co_consts
    )
    return code.co_code, told, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars


def _runs_once(code: CodeType) -> bool:
    """Tell whether code is the body of a class, which has run when the module is loaded."""
    return not code.co_flags & 0x02  # CO_NEWLOCALS: a body of a class has none


def swapped(module: str, file: Path, tree: ast.Module) -> list[tuple[FunctionType, CodeType]] | None:
    """Return the loaded functions of ``file`` that a mutant changes, each with its new code; None where that is not all of it."""
    plain = compile(ast.parse(ast.unparse(ast.parse(file.read_text(encoding="utf-8")))), str(file), "exec")
    mutant = compile(tree, str(file), "exec")
    if _said(plain) != _said(mutant):
        return None
    before, after = codes(plain), codes(mutant)
    if {name: len(found) for name, found in before.items()} != {name: len(found) for name, found in after.items()}:
        return None
    changed = [
        (name, place)
        for name, found in before.items()
        for place, one in enumerate(found)
        if _said(one) != _said(after[name][place])
    ]
    if not changed or any(_runs_once(before[name][place]) for name, place in changed):
        return None
    put = []
    for function in _loaded(str(file)):
        if not any(
            name == function.__code__.co_qualname or name.startswith(f"{function.__code__.co_qualname}.")
            for name, _ in changed
        ):
            continue
        new = _new_code(function, before, after)
        if new is None or len(new.co_freevars) != len(function.__code__.co_freevars):
            return None
        put.append((function, new))
    return put or None


@cache
def _loaded(file: str) -> list[FunctionType]:
    """Return every function of a file that exists in this process."""
    return [one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__.co_filename == file]


def _new_code(function: FunctionType, before: Codes, after: Codes) -> CodeType | None:
    """Return the mutant's code of a function: found by its name, and its place among those of one name."""
    code = function.__code__
    same = _order(Path(code.co_filename)).get(code.co_qualname, [])
    if code.co_firstlineno not in same or len(same) != len(after.get(code.co_qualname, [])):
        return None
    return after[code.co_qualname][same.index(code.co_firstlineno)]


@cache
def _order(file: Path) -> dict[str, list[int]]:
    written = codes(compile(file.read_text(encoding="utf-8"), str(file), "exec"))
    found = {name: [one.co_firstlineno for one in some] for name, some in written.items()}
    return {name: some for name, some in found.items() if len(set(some)) == len(some)}


class Runner:
    """A plugin of pytest that runs the collected tests once for each mutant, each time in a fork, and writes how each ended."""

    def __init__(self, mutants: Sequence[Any], source: Callable[[str], Path], told: int) -> None:
        self.mutants, self.source, self.told = mutants, source, told

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Let the first test of each kind make what the session shares; then try one mutant after another."""
        session.config.option.maxfail = 0  # with a failure that stops, pytest would take down what the session shares
        items = sorted(session.items, key=lambda item: item.get_closest_marker("db") is not None)
        session.items[:] = items
        for item, after in ((items[0], items[-1]), (items[-1], items[0])) if len(items) > 1 else ():
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed:
            raise SystemExit("a test fails without any change")
        kept = Path(str(session.config._tmp_path_factory.getbasetemp()))  # type: ignore[attr-defined]
        copy = kept.with_name(f"{kept.name}-copy")
        shutil.copytree(kept, copy, symlinks=True)
        limit = 0
        for number, mutant in enumerate(self.mutants):
            if number % AGAIN == 0:
                limit = max(limit, self._passes(session, kept, copy))
            put = swapped(mutant.module, self.source(mutant.module), mutant.tree)
            if put is None:
                self._tell(number, "alone")
            else:
                self._tell(number, "noticed" if self._fails(session, put, limit) else "lives")
                _laid_back(kept, copy)
        shutil.rmtree(copy)
        session.testsfailed = 0
        return True

    def _tell(self, number: int, how: str) -> None:
        os.write(self.told, f"{number} {how}\n".encode())

    def _passes(self, session: pytest.Session, kept: Path, copy: Path) -> int:
        """Require that the tests pass on the code as it is; return how many seconds of the processor a mutant may take."""
        began = os.times()
        if self._fails(session, [], 900):
            raise SystemExit("the tests fail without any change")
        _laid_back(kept, copy)
        ended = os.times()
        return 10 + 10 * int(ended.children_user - began.children_user)

    def _fails(self, session: pytest.Session, put: list[tuple[FunctionType, CodeType]], seconds: int) -> bool:
        if "django.db" in sys.modules:
            sys.modules["django.db"].connections.close_all()  # a fork asks on one of its own; one in memory stays
        child = os.fork()
        if child == 0:
            code = 1
            try:
                quiet = os.open(os.devnull, os.O_WRONLY)
                os.dup2(quiet, 1)
                os.dup2(quiet, 2)
                signal.setitimer(signal.ITIMER_PROF, seconds)
                signal.alarm(60 + 2 * seconds)  # one that waits for ever takes none of it
                for function, new in put:
                    function.__code__ = new
                code = int(_any_fails(session))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return status != 0


def _any_fails(session: pytest.Session) -> bool:
    # After the last comes the first again: what the session shares, a database among it, is not taken down by a fork.
    for item, after in zip(session.items, [*session.items[1:], session.items[0]], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed:
            return True
    return False


def _laid_back(kept: Path, copy: Path) -> None:
    """Put the folder of the tests back as it was when everything stood."""
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(copy, kept, symlinks=True)
