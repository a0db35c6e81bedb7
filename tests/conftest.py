"""What every test shares: data of its own, and the clauses that the collected tests prove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

CLAUSE_TESTS: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()
EVERYTHING: pytest.StashKey[bool] = pytest.StashKey()


@pytest.fixture(scope="session", autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep keys and vault of this process in a folder of its own, never those of an installation; hash lightly."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("data")
    light = ["tests.hashing.LightArgon2"]
    places = {"DATA": folder, "DINGMI_KEYS": folder / "keys", "DINGMI_VAULT": folder / "vault"}
    with override_settings(PASSWORD_HASHERS=light, **places):
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
def clause_tests(pytestconfig: pytest.Config) -> dict[str, list[str]]:
    """Return the tests by clause; skip unless the whole suite was collected."""
    if not pytestconfig.stash[EVERYTHING]:
        pytest.skip("needs the whole suite: run pytest without paths")
    return pytestconfig.stash[CLAUSE_TESTS]
