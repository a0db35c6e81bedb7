"""Every bench of ``dingmi bench`` runs to its end and gives figures in the shape of INTERFACE."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from dingmi.interfaces.cli import bench_postgresql
from dingmi.interfaces.cli.bench import ALONE, BENCHES, figure
from dingmi.interfaces.cli.cluster import programs

pytestmark = [pytest.mark.db, pytest.mark.django_db]
FIRST = {  # bench → the first of its figures
    "marks": "mark parse",
    "seal": "seal a file",
    "assist": "index of sources",
    "clauses": "clauses to enforce, carried",
    "start": "second start to first answer",
    "reads": "register query",
    "ledger": "ledger append alone",
    "document": "document read",
    "imprints": "imprints taken",
    "answers": "index of one reader made",
    "locks": "write locks over 200 ms",
    "timing": "unknown account told from wrong password, with Argon2",
    "flood": "tries to sign in, turned away",
    "lists": "register earlier matters",
    "web": "register earlier matters",
    "simulate": "sweep of one day",
}


def _migrated(folder: Path) -> None:
    """Put the empty tables of this run where an installation looks for them: they need not be made again."""
    folder.mkdir(mode=0o700)
    with sqlite3.connect(folder / "dingmi.sqlite3") as target:
        target.executescript("\n".join(connection.connection.iterdump()))


def test_every_bench_runs_to_its_end_on_tiny_data(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("an installation of its own, on SQLite")
    assert sorted(FIRST) == sorted(set(BENCHES) - ALONE)  # that of officers: test_gate_kept.py; of PostgreSQL: below
    _migrated(tmp_path / "data")
    environment = os.environ | {
        "DINGMI_DATA": str(tmp_path / "data"),
        "DINGMI_TEST_DATABASE": "",
        "DINGMI_DATABASE": "",
    }
    called = [sys.executable, "-m", "tests.interfaces.tiny_bench", str(tmp_path / "data")]
    ran = subprocess.run(called, env=environment, capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr[-3000:]
    figures: list[dict[str, Any]] = json.loads(ran.stdout)
    told = {row["name"]: row for row in figures}
    assert set(FIRST.values()) <= set(told)
    for row in figures:
        assert set(row) == {"name", "value", "unit", "floor", "ratio", "conditions"} and "floor: " in row["conditions"]
    assert told["silent expiries"]["value"] == 0 and "2 editions of the guide" in told["silent expiries"]["conditions"]
    asked = [f"{page} {what}" for page in ("list", "detail", "draft (fill)") for what in ("requests", "p95")]
    for name in [*asked, "list, first after a change p95", "approve, with password and marked file p95"]:
        assert told[name]["value"] > 0 and told[name]["ratio"] > 0, name


@pytest.mark.deep
@pytest.mark.skipif(programs() is None, reason="no PostgreSQL on this machine")
def test_the_log_on_postgresql_is_whole_after_workers_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WORKERS": 3, "ROUNDS": 1, "SECONDS": 2.0, "MATTERS": 3, "TIMES": 1}.items():
        monkeypatch.setattr(bench_postgresql, name, value)
    told = {row["name"]: row for row in bench_postgresql.postgresql(figure)}
    assert told["findings in that log"]["value"] == 0
    assert all(told[f"act {name}, PostgreSQL"]["ratio"] > 0 for name in ("access.set_language", "determination.draft"))
    assert told["register as officer, PostgreSQL"]["ratio"] > 0 and told["matter as officer, PostgreSQL"]["ratio"] > 0
