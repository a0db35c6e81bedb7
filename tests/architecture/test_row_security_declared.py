"""Who may read every matter is declared, one by one, with its reason."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

from dingmi.queries import QUERIES
from tests.architecture.source import PACKAGE

NAMES_NOBODY = re.compile(r"\beverything\(|\"everything\"|row_security\.told\((?!_described\()")
DECLARED = tomllib.loads((Path(__file__).parent / "row_security.toml").read_text(encoding="utf-8"))


def test_whoever_reads_every_matter_says_why():
    used = {
        str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if NAMES_NOBODY.search(path.read_text("utf-8"))
    }
    assert used - {"records/matters/row_security.py"} == set(DECLARED["modules"])
    assert {name for name, one in QUERIES.items() if one.over_all} == set(DECLARED["queries"])
    assert all(reason.strip() for part in DECLARED.values() for reason in part.values())


def test_a_query_that_looks_over_all_is_for_roles_that_oversee():
    for name in DECLARED["queries"]:
        assert QUERIES[name].roles, name
        assert inspect.getdoc(QUERIES[name].function)
