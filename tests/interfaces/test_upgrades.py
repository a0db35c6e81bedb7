"""Migrations that are killed midway are finished by the next start, with the same tables, log and rows (T13)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def told(folder: Path, every: int) -> dict[str, dict[str, object]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DINGMI_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.upgrades", str(folder), str(every)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_migrations_killed_at_some_points_are_finished_by_the_next_start(tmp_path: Path) -> None:
    found = told(tmp_path, 9)
    assert {name: one["faults"] for name, one in found.items()} == {"upgrade": {}, "empty": {}}
    assert all(int(str(one["killed"])) >= 1 for one in found.values()), found


@pytest.mark.deep
def test_migrations_killed_at_every_point_are_finished_by_the_next_start(tmp_path: Path) -> None:
    found = told(tmp_path, 1)
    assert {name: one["faults"] for name, one in found.items()} == {"upgrade": {}, "empty": {}}
    assert found["upgrade"]["killed"] == found["upgrade"]["points"] and int(str(found["empty"]["killed"])) >= 20, found
