"""``dingmi check`` tells, and ``dingmi up`` refuses to start on, what makes an installation unfit to be served (SR-91)."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import Refused
from dingmi.interfaces.cli import serve
from dingmi.interfaces.cli.health import examine
from dingmi.procedures.keep import add_keys
from dingmi.queries import clock, soundness
from dingmi.records.keys import asking
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def folder(story: Story) -> Path:
    add_keys()
    place = asking.folder().parent
    place.chmod(0o700)
    return place


def blocking(folder: Path, *, deploy: bool = False) -> set[str]:
    """Return the codes of what ``dingmi check`` calls unsafe, each in words of both languages that say what to do."""
    found = [f for f in examine(folder, deploy=deploy) if f["severity"] == "block"]
    assert all(f[name] for f in found for name in ("message_zh", "message_en", "remedy_zh", "remedy_en"))
    return {f["code"] for f in found} - {"check.database_role"}  # the tests of PostgreSQL connect as its owner


def refused_start(folder: Path) -> str:
    """Return the code with which ``dingmi up`` refuses to start; empty where it would go on."""
    try:
        serve._require_sound(folder)
    except Refused as refused:
        return refused.code
    return ""


def test_a_fresh_installation_is_sound(folder: Path) -> None:
    assert (blocking(folder), refused_start(folder)) == (set(), "")


def test_debug_mode_is_told_and_not_served(folder: Path, settings: Any) -> None:
    settings.DEBUG = True
    assert (blocking(folder), refused_start(folder)) == ({"check.debug"}, "check.debug")


@pytest.mark.parametrize("name", ["session.key", "ledger.key", "mimi.key", "juemi.key"])
def test_a_secret_that_nobody_drew_is_told_and_not_served(folder: Path, name: str) -> None:
    path = next(place / name for place in (folder / "keys", folder / "keys-juemi") if (place / name).exists())
    drawn = path.read_text("ascii")
    for known in ("changeme", "0" * 64, drawn[: soundness.LEAST - 1], "abcabcab" * 8):
        path.write_text(known)
        assert (blocking(folder), refused_start(folder)) == ({"check.weak_secret"}, "check.weak_secret"), known
    path.write_text(drawn)
    assert (blocking(folder), refused_start(folder)) == (set(), "")


def test_two_secrets_that_are_one_are_told(folder: Path) -> None:
    shutil.copy(folder / "keys" / "mimi.key", folder / "keys" / "jimi.key")
    assert blocking(folder) == {"check.weak_secret"} and soundness.weak_secrets() == ("jimi.key", "mimi.key")


@pytest.mark.parametrize(
    ("place", "mode"), [(".", 0o750), ("keys", 0o711), ("keys/ledger.key", 0o640), ("keys-juemi/juemi.key", 0o604)]
)
def test_a_file_or_folder_that_others_may_open_is_told_and_not_served(folder: Path, place: str, mode: int) -> None:
    (folder / place).chmod(mode)
    assert (blocking(folder), refused_start(folder)) == ({"check.file_mode"}, "check.file_mode")


def test_the_key_of_the_pages_is_looked_at_wherever_it_is(folder: Path, settings: Any, tmp_path: Path) -> None:
    key = tmp_path / "elsewhere.pem"
    key.write_text("key")
    settings.CONFIG = {**settings.CONFIG, "tls": {"certificate": "c.pem", "key": str(key)}}
    for mode, told in ((0o644, "check.file_mode"), (0o640, ""), (0o600, "")):
        key.chmod(mode)
        assert refused_start(folder) == told


def test_a_clock_behind_the_ledger_is_told(folder: Path, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for back, told in ((299, set()), (300, set()), (301, {"check.clock_behind"})):
        monkeypatch.setattr(clock, "now", lambda back=back: story.now - timedelta(seconds=back))
        assert blocking(folder) == told, back


def test_first_passwords_in_a_file_and_a_demonstration_are_no_way_to_serve_people(folder: Path, settings: Any) -> None:
    settings.DINGMI_PROFILE = "enterprise"
    before = blocking(folder, deploy=True)
    for name, code in (("demo-accounts.txt", "check.demo_accounts"), ("first-accounts.txt", "check.first_accounts")):
        (folder / name).write_text("x")
        assert blocking(folder, deploy=True) == before | {code}
        (folder / name).unlink()
    settings.DINGMI_PROFILE = "demo"
    assert "check.profile_demo" in blocking(folder, deploy=True)


def test_a_rule_changed_added_or_taken_since_the_installation_is_told_and_not_served(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dingmi"
    shutil.copytree(soundness.PROGRAM / "regime", program / "regime", ignore=shutil.ignore_patterns("__pycache__"))
    names = [str(path.relative_to(program)) for path in sorted(program.rglob("*")) if path.is_file()]
    listed = {name: soundness._digest(program / name) for name in names}
    monkeypatch.setattr(soundness, "PROGRAM", program)
    monkeypatch.setattr(soundness, "released", lambda: listed)
    (program / "regime" / "__pycache__").mkdir()
    (program / "regime" / "__pycache__" / "made.pyc").write_bytes(b"by Python")
    assert (blocking(folder), refused_start(folder)) == (set(), "")
    rules = next(program / name for name in names if name.endswith(".toml"))
    good = rules.read_bytes()
    rules.write_bytes(good.replace(b"1", b"2", 1))
    assert blocking(folder) == {"check.program_altered"} and soundness.altered(program, listed) == (
        str(rules.relative_to(program)),
    )
    rules.unlink()
    assert refused_start(folder) == "check.program_altered"
    rules.write_bytes(good)
    (program / "regime" / "more.toml").write_text("")
    assert refused_start(folder) == "check.program_altered"


def test_a_wheel_that_is_installed_lists_every_file_of_the_program(tmp_path: Path, monkeypatch: Any) -> None:
    from importlib import metadata

    site = tmp_path / "site"
    (site / "dingmi" / "regime").mkdir(parents=True)
    (site / "dingmi" / "regime" / "law.toml").write_text("a = 1")
    (site / "dingmi-1.dist-info").mkdir()
    record = f"dingmi/regime/law.toml,sha256={soundness._digest(site / 'dingmi' / 'regime' / 'law.toml')},5\n"
    (site / "dingmi-1.dist-info" / "RECORD").write_text(record + "dingmi-1.dist-info/RECORD,,\n")
    (site / "dingmi-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: dingmi\nVersion: 1\n")
    monkeypatch.setattr(soundness, "distribution", lambda name: next(metadata.distributions(path=[str(site)])))
    assert soundness.released() == {}, "a list of another program than the one that runs says nothing"
    monkeypatch.setattr(soundness, "PROGRAM", (site / "dingmi").resolve())
    assert list(soundness.released()) == ["regime/law.toml"]
    assert soundness.altered(soundness.PROGRAM, soundness.released()) == ()
    (site / "dingmi" / "regime" / "law.toml").write_text("a = 2")
    assert soundness.altered(soundness.PROGRAM, soundness.released()) == ("regime/law.toml",)
