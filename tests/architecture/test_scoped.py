"""Protected rows are reached through the scoped manager (SR-16), and time through the one clock (SR-61): both by checks that find what is planted."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT

LISTED = tomllib.loads((Path(__file__).parent / "unscoped.toml").read_text("utf-8"))["queries"]
MANAGERS = {"objects", "_default_manager", "_base_manager"}
PROTECTED = {"Matter"}
REGISTRY = {"get_model", "get_models"}  # another way to a model
CLOCKS = (
    "datetime.datetime.now()", "datetime.date.today()", "time.time()", "time.time_ns()", "time.localtime()", "time.gmtime()",
    "time.strftime('%Y')", "time.clock_gettime(0)", "django.utils.timezone.now()", "django.utils.timezone.localdate()",
    "django.utils.timezone.localtime()", "django.db.models.functions.Now()",
)  # fmt: skip


def managers_named(code: str) -> Iterator[str]:
    """Yield each model (or ``?``) whose manager ``code`` names, and each way of the registry of models."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            yield node.value.id if isinstance(node.value, ast.Name) else "?"
        elif (
            isinstance(node, ast.Attribute | ast.Name)
            and (getattr(node, "attr", "") or getattr(node, "id", "")) in REGISTRY
        ):
            yield "registry"


def found(room: str, models: set[str] | None = None) -> dict[str, set[str]]:
    """Return which files of a room name managers, of ``models`` only where given."""
    named = {}
    for path in sorted((PACKAGE / room).rglob("*.py")):
        seen = set(managers_named(path.read_text("utf-8")))
        if seen if models is None else seen & models:
            named[path.relative_to(PACKAGE / room).as_posix()] = seen
    return named


def test_no_view_command_or_job_names_the_manager_of_any_model() -> None:
    assert found("interfaces") == {}


def test_queries_name_matters_through_access_but_for_a_list_that_shrinks() -> None:
    named = set(found("queries", PROTECTED))
    assert named - set(LISTED) == set(), "reach matters through queries/access"
    assert set(LISTED) - named == set(), "no longer so: take them off the list"


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ("from dingmi.queries.access import Matter\nMatter.objects.all()", "Matter"),
        ("from django.apps import apps\napps.get_model('matters', 'Matter')", "registry"),
        ("models.Matter._default_manager.first()", "?"),
    ],
)
def test_a_planted_reach_past_the_scoped_manager_is_found(planted: str, name: str) -> None:
    assert name in set(managers_named(planted))


def test_every_planted_reading_of_the_clock_is_refused() -> None:
    code = "import datetime\nimport time\nimport django.db.models.functions\nimport django.utils.timezone\n"
    planted = code + "\n".join(f"print({call})" for call in CLOCKS) + "\n"
    place = "src/dingmi/queries/planted.py"
    lint = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--select",
        "TID251",
        "--output-format",
        "concise",
        "--stdin-filename",
        place,
        "-",
    ]
    told = subprocess.run(lint, cwd=ROOT, input=planted, capture_output=True, text=True, check=False).stdout
    refused = {int(line.split(":")[1]) - 4 for line in told.splitlines() if "TID251" in line}
    assert refused == set(range(1, len(CLOCKS) + 1))
