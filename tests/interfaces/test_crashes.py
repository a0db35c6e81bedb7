"""Acts that are killed, lose the power or find no room at a write point leave nothing half there (T11, T16); every point of
every act in ``./test deep``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crashes import SCENES
from tests.faults import FAULTS


def met(folder: Path, every: int, fault: str, *scenes: str) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DINGMI_")}
    command = [sys.executable, "-m", "tests.crashes", str(folder), str(every), fault, *scenes]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("fault", FAULTS)
def test_drafting_and_approving_met_with_a_fault_at_some_points_stand_before_or_after(
    tmp_path: Path, fault: str
) -> None:
    """Killed, without power, with a full or a read-only disk; of the last two people are told that nothing was done."""
    told = met(tmp_path, 14 if fault == "kill" else 28, fault, "draft", "approve")
    assert {name: one["faults"] for name, one in told.items()} == {"draft": {}, "approve": {}}
    assert all(one["met"] >= 1 and one["points"] >= 5 for one in told.values()), told


@pytest.mark.deep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_act_that_writes_files_met_with_a_fault_at_every_write_point_stands_before_or_after(
    tmp_path: Path, fault: str
) -> None:
    told = met(tmp_path, 1, fault, *SCENES)
    assert {name: one["faults"] for name, one in told.items()} == {name: {} for name in SCENES}
    assert {name for name, one in told.items() if one["met"] == one["points"] + 1} == set(SCENES)
