"""What a configuration may loosen and what it may not: idle time, cookies, how the database keeps what it was told (SR-08, SR-60)."""

from __future__ import annotations

import runpy
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import dingmi.site


def settings_of(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, Any]:
    """Return the settings that a configuration gives."""
    (folder / "dingmi.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DINGMI_DATA", str(folder))
    monkeypatch.delenv("DINGMI_DATABASE", raising=False)
    monkeypatch.delenv("DINGMI_TEST_DATABASE", raising=False)
    return runpy.run_path(str(Path(next(iter(dingmi.site.__path__))) / "settings.py"))


@pytest.mark.parametrize(("asked", "given"), [(30, 10), (10, 10), (3, 3)])
def test_idle_time_is_configured_down_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: int, given: int
) -> None:
    made = settings_of(tmp_path, monkeypatch, f"[session]\nidle_minutes = {asked}\nabsolute_hours = 24\n")
    assert (made["DINGMI_IDLE_MINUTES"], made["DINGMI_ABSOLUTE_HOURS"]) == (given, 8)


def test_sqlite_writes_through_and_waits_for_its_writer_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = settings_of(tmp_path, monkeypatch, "")["DATABASES"]["default"]["OPTIONS"]
    assert (kept["transaction_mode"], kept["timeout"]) == ("IMMEDIATE", 20)
    with closing(sqlite3.connect(tmp_path / "kept.sqlite3")) as database:
        database.executescript(kept["init_command"])
        told = [
            database.execute(f"PRAGMA {of}").fetchone()[0] for of in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert told == ["wal", 2, 1]
