"""Acts that are killed at a write point leave nothing half there (T11); every point of every act in ``./test deep``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crashes import SCENES


def killed(folder: Path, every: int, *scenes: str) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DINGMI_")}
    command = [sys.executable, "-m", "tests.crashes", str(folder), str(every), *scenes]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_drafting_and_approving_killed_at_some_points_stand_before_or_after(tmp_path: Path) -> None:
    told = killed(tmp_path, 10, "draft", "approve")
    assert {name: one["faults"] for name, one in told.items()} == {"draft": {}, "approve": {}}
    assert all(one["killed"] >= 1 and one["points"] >= 5 for one in told.values()), told


@pytest.mark.deep
def test_every_act_that_writes_files_killed_at_every_write_point_stands_before_or_after(tmp_path: Path) -> None:
    told = killed(tmp_path, 1, *SCENES)
    assert {name: one["faults"] for name, one in told.items()} == {name: {} for name in SCENES}
    assert {name for name, one in told.items() if one["killed"] == one["points"]} == set(SCENES)
