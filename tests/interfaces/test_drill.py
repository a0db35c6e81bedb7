"""The drill with the commands alone: a running installation is copied and comes back whole in an empty place."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOUND = """
import os
from pathlib import Path
from dingmi.interfaces.cli.install import install
install(Path(os.environ["DINGMI_DATA"]), demo=True)
from dingmi.interfaces.cli.demo.story import fill
from dingmi.queries import clock
fill(seed=7, matters=2, end=clock.now().date())
"""
LIGHT = """
import sys
from dingmi.engines.crypto import passphrase
passphrase.parameters.__defaults__ = (passphrase.Cost(memory_kib=64, passes=1, lanes=1),)
from dingmi.interfaces.cli import main
main()
"""


def run(data: Path, *arguments: str, program: tuple[str, ...] = ("-c", LIGHT)) -> tuple[int, dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if name != "DINGMI_TEST_DATABASE"}
    command = [sys.executable, *program, *arguments]
    done = subprocess.run(command, env={**environment, "DINGMI_DATA": str(data)}, capture_output=True, timeout=300)
    return done.returncode, json.loads(done.stdout or b"{}")


@pytest.mark.deep
def test_a_running_installation_is_backed_up_and_comes_back_whole(tmp_path: Path):
    data, folder, again, words = (tmp_path / name for name in ("data", "backup", "again", "words"))
    words.write_text("梅花 堤坝 三月 铜钟 river lamp\n", encoding="utf-8")
    assert run(data, program=("-c", FOUND))[0] == 0
    with sqlite3.connect(data / "dingmi.sqlite3") as reader:  # somebody reads meanwhile
        reader.execute("SELECT count(*) FROM ledger_entry").fetchone()
        code, made = run(data, "backup", str(folder), "--passphrase-file", str(words), "--json")
    reader.close()
    assert code == 0 and made["files"] > 2, made
    code, told = run(again, "restore", str(folder), "--passphrase-file", str(words), "--json")
    assert code == 0 and told["log_size"] == made["log_size"], told
    held = [path for path in again.rglob("*") if path.is_file() and path.name != "founded"]
    assert [path.name for path in (again, *held) if path.stat().st_mode & 0o077] == []
    code, found = run(again, "verify", "--json")
    assert code == 0 and found["ok"] and found["entries"] == told["entries"] + 1
    code, told = run(again, "restore", str(folder), "--passphrase-file", str(words), "--json")
    assert (code, told["error"]["code"]) == (3, "place.not_empty")
