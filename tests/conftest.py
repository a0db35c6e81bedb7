"""What every test shares: data and chances of its own, and the clauses that the collected tests prove.

Chance is drawn from the name of the test, so that what was green once is green everywhere; ``./test deep`` sets
``DINGMI_TEST_CHANCE=free`` and looks for what no run has met yet.
"""

from __future__ import annotations

import random
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings

from tests import bars
from tests.chance import IS_FREE

CLAUSE_TESTS: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()
EVERYTHING: pytest.StashKey[bool] = pytest.StashKey()

settings.register_profile("fixed", derandomize=True)
settings.load_profile("default" if IS_FREE else "fixed")


@pytest.fixture(autouse=True)
def own_chance(request: pytest.FixtureRequest) -> Iterator[None]:
    """Draw ids, salts and every other chance of a test from its name."""
    from dingmi.records.ledger.guard import seeded_ids

    if IS_FREE:
        yield
        return
    seed = crc32(request.node.nodeid.encode())
    random.seed(seed)
    with seeded_ids(seed):
        yield


@pytest.fixture(autouse=True)
def sees_everything() -> Iterator[None]:
    """Let a test look at every matter itself; what pages and commands read, they read in a frame that names a reader."""
    from django.db import connection

    from dingmi.records.matters.row_security import concerned, everything, named

    with everything("test"):
        ours = named()

        def framed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if named() == ours and isinstance(sql, str) and concerned(sql):
                callers = {frame.f_code.co_filename for frame, _ in traceback.walk_stack(None)}
                assert not any("/dingmi/interfaces/" in name for name in callers), "read in no frame: nothing is shown"
            return execute(sql, params, many, context)

        with connection.execute_wrapper(framed):
            yield


@pytest.fixture(scope="session", autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep keys and vault of this process in a folder of its own, never those of an installation; hash lightly."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("data")
    light = ["tests.hashing.LightArgon2"]
    places = {"DATA": folder, "DINGMI_KEYS": folder / "keys", "DINGMI_VAULT": folder / "vault"}
    lax = {"DINGMI_PROFILE": "demo", "DINGMI_SECOND_FACTOR": "offered"}  # without a configuration it is the strictest
    with override_settings(PASSWORD_HASHERS=light, **places, **lax):
        yield folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the database, and note which clause is proved by which tests, before ``-m`` deselects any."""
    proofs: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ()):
            item.add_marker("db")
        for mark in item.iter_markers("clause"):
            for clause in mark.args:
                proofs[clause].append(item.nodeid)
    config.stash[CLAUSE_TESTS] = proofs
    config.stash[EVERYTHING] = list(config.args) == list(config.getini("testpaths"))


@pytest.fixture
def bar(record_property: Callable[[str, object], None]) -> bars.Reached:
    """Return what a long test calls with its row, the cases it made and its bar: told at the end, and fewer is a failure."""

    def reached(row: str, made: int, least: int) -> None:
        record_property("bar", bars.line(row, made, least))
        assert made >= bars.part(least), f"{row}: {made} cases, {bars.part(least)} wanted"

    return reached


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was made of each bar."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    for text in sorted({str(v) for one in reports for name, v in one.user_properties if name == "bar"}):
        terminalreporter.write_line(f"bar {text}")


@pytest.fixture
def clause_tests(pytestconfig: pytest.Config) -> dict[str, list[str]]:
    """Return the tests by clause; skip unless the whole suite was collected."""
    if not pytestconfig.stash[EVERYTHING]:
        pytest.skip("needs the whole suite: run pytest without paths")
    return pytestconfig.stash[CLAUSE_TESTS]
