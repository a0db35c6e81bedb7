"""A demonstration that was broken off is made anew; one that is being filled, and one that is filled, are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dingmi.interfaces.cli import unfinished

HOLD = "import sys, pathlib; from dingmi.interfaces.cli import unfinished as u; u.hold(pathlib.Path(sys.argv[1])); print(1, flush=True); sys.stdin.read()"


def begun(folder: Path, told: str = "12 2021-04-01") -> Path:
    """Lay out what a demonstration leaves that was broken off."""
    for name in ("keys", "vault"):
        (folder / name).mkdir()
        (folder / name / "x").write_text("x")
    for name in (unfinished.DATABASE, "founded", "demo-accounts.txt", "dingmi.toml"):
        (folder / name).write_text("x")
    (folder / unfinished.MARK).write_text(told)
    return folder


def test_of_a_broken_off_demonstration_the_configuration_alone_stays(tmp_path: Path) -> None:
    assert unfinished.clear(begun(tmp_path)) is True
    assert [p.name for p in tmp_path.iterdir()] == ["dingmi.toml"]
    assert unfinished.clear(tmp_path) is False


@pytest.mark.parametrize("lacks", [unfinished.MARK, unfinished.DATABASE, "story"])
def test_what_is_filled_or_kept_elsewhere_or_not_begun_stays(tmp_path: Path, lacks: str) -> None:
    begun(tmp_path, "" if lacks == "story" else "12 2021-04-01")
    if lacks != "story":
        (tmp_path / lacks).unlink()
    before = sorted(p.name for p in tmp_path.rglob("*"))
    assert unfinished.clear(tmp_path) is False
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_what_another_process_fills_or_shows_stays_until_it_ends(tmp_path: Path) -> None:
    begun(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"1\n"
        assert unfinished.clear(tmp_path) is False and (tmp_path / unfinished.DATABASE).exists()
        other.kill()
        other.wait()
        assert unfinished.clear(tmp_path) is True


def demo(folder: Path) -> subprocess.Popen[str]:
    """Start filling a small demonstration."""
    return subprocess.Popen(
        [sys.executable, "-m", "dingmi", "demo", "--seed", "7", "--matters", "0", "--data", str(folder)],
        env=os.environ | {"DINGMI_DATA": str(folder)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.deep
def test_a_demonstration_killed_while_it_is_filled_is_made_anew_and_a_made_one_is_not_made_twice(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as first:
        until = time.monotonic() + 120
        while not (tmp_path / unfinished.MARK).exists() or not (tmp_path / unfinished.MARK).stat().st_size:
            assert time.monotonic() < until and first.poll() is None
            time.sleep(0.2)
        time.sleep(2)
        first.send_signal(signal.SIGKILL)
    with demo(tmp_path) as second:
        out, err = second.communicate(timeout=600)
        assert second.returncode == 0, err
        assert "从头重新生成" in out + err and not (tmp_path / unfinished.MARK).exists()
    with demo(tmp_path) as third:
        out, err = third.communicate(timeout=60)
        assert third.returncode != 0 and "已经生成" in out + err
