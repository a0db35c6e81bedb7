"""The rooms and their arrows: the contracts hold, and each of them catches a planted violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, modules, name

CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}


def lint(folder: Path) -> tuple[int, str]:
    """Run the import contracts on the source tree in ``folder``."""
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as c; c()",
            "--no-cache",
            "--no-logo",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": ""},
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the sources, to plant violations in."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in PACKAGE.rglob("*.py"):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def test_the_tree_keeps_every_contract(copy: Path):
    code, output = lint(copy)
    assert code == 0, output


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("base/planted.py", "import dingmi.engines.crypto", "storeys"),
        ("records/planted.py", "import dingmi.queries", "storeys"),
        ("queries/planted.py", "import dingmi.procedures", "storeys"),
        ("utils/__init__.py", "", "storeys"),
        ("records/organs/planted.py", "import dingmi.records.matters", "records"),
        ("engines/crypto/planted.py", "import django", "pure"),
        ("engines/suggest/planted.py", "import socket", "pure"),
        ("base/planted.py", "import sqlite3", "pure"),
        ("interfaces/cli/planted.py", "from dingmi.records.matters import models", "interfaces call down"),
        ("queries/planted.py", "from dingmi.records.ledger import append", "one writer"),
        ("engines/suggest/planted.py", "import dingmi.engines.crypto", "engines apart"),
        ("interfaces/api/planted.py", "import dingmi.interfaces.jobs", "interfaces apart"),
    ],
    ids=lambda value: value or "empty",
)
def test_a_planted_violation_is_caught(copy: Path, module: str, line: str, contract: str):
    target = copy / "src/dingmi" / module
    target.parent.mkdir(exist_ok=True)
    target.write_text(line + "\n")
    code, output = lint(copy)
    assert code != 0
    assert f"{contract} BROKEN" in output


def test_every_room_that_exists_is_under_its_contract():
    """Contracts may only name what exists, so a new package must be added to them."""
    pure = set(CONTRACTS["pure"]["source_modules"])
    assert {f"dingmi.{room}" for room in ("regime", "engines", "base") if (PACKAGE / room).is_dir()} <= pure
    kinds = {path.parent.name for path in PACKAGE.glob("regime/*/__init__.py")} - {"kernel", "calendar", "access"}
    named = CONTRACTS.get("regimes apart", {}).get("modules", [])
    assert {f"dingmi.regime.{kind}" for kind in kinds} == set(named)


def test_no_module_is_called_utils():
    vague = {"utils", "util", "helpers", "common", "misc"}
    assert [name(path) for path in modules() if vague & {path.stem, path.parent.name}] == []
