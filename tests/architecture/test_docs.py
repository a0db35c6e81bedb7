"""What README promises: every command in it is run from a fresh clone, and every file it links to exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dingmi.interfaces.cli.unfinished import MARK
from tests.architecture.source import ROOT

READMES = ("README.md", "README.en.md")
PAGES = (*READMES, "CONTRIBUTING.md", "CHANGELOG.md", "docs/adr/README.md", "docs/release.md")
STARTS = {
    "./run",
    "./run --port 8080 --data /srv/dingmi --empty",
}  # run by the fixture, with a port and data of its own
OURSELVES = {"./test"}
PREPARED = ("Installing dependencies", "Building page assets")  # what the first start tells, and no other
PATIENCE = 300  # seconds until a start is given up; how long it takes is a figure of ``dingmi bench start clone``


def commands(page: str) -> list[str]:
    """Return each line of the fenced ``sh`` blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines() if line]


DINGMI = [line for line in commands("README.md") if line.startswith(".venv/bin/dingmi ")]


@dataclass
class Installation:
    """A clone that was started by ``./run``."""

    clone: Path
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> str:
        """Start ``./run`` in a process group of its own; return what it told until the first page was served."""
        command = ["./run", "--port", str(self.port), "--data", str(self.data), *arguments]
        log = self.data.with_suffix(".log")
        with log.open("wb") as told:
            self.process = subprocess.Popen(command, cwd=self.clone, stdout=told, stderr=told, start_new_session=True)
        self._wait(self.process)
        return log.read_text(encoding="utf-8")

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            assert process.poll() is None, "./run ended by itself"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as page:
                    assert page.status == 200
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"no page after {PATIENCE} s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server as a service manager does; everything that it started ends with it."""
    process.terminate()
    try:
        process.wait(20)
        for _ in range(100):
            os.killpg(process.pid, 0)
            time.sleep(0.1)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    raise AssertionError("processes were left behind")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Clone what is committed and start it from nothing, with the demo."""
    folder = tmp_path_factory.mktemp("clone")
    subprocess.check_call(["git", "clone", "-q", str(ROOT), str(folder / "dingmi")])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = Installation(folder / "dingmi", folder / "data", port)
    try:
        told = here.start()
        assert [word for word in PREPARED if word not in told] == []
        yield here
    finally:
        if here.process is not None:
            stop(here.process)


def test_both_readmes_show_the_same_commands_and_each_is_run():
    assert commands("README.md") == commands("README.en.md")
    assert set(commands("README.md")) == {*DINGMI, *STARTS, *OURSELVES}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_inside_the_project_leads_somewhere(page: str):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.clone
@pytest.mark.parametrize("line", DINGMI)
def test_a_command_of_the_readme_does_what_it_says(installation: Installation, line: str):
    environment = {**os.environ, "DINGMI_DATA": str(installation.data)}
    run = subprocess.run(shlex.split(line), cwd=installation.clone, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    if "--json" in line:
        json.loads(run.stdout)


@pytest.mark.clone
def test_the_demo_accounts_are_readable_by_their_owner_alone(installation: Installation):
    accounts = installation.data / "demo-accounts.txt"
    assert accounts.stat().st_mode & 0o777 == 0o600
    assert installation.data.stat().st_mode & 0o077 == 0


@pytest.mark.clone
def test_a_second_start_prepares_and_founds_nothing_anew(installation: Installation):
    assert installation.process is not None
    accounts = (installation.data / "demo-accounts.txt").read_bytes()
    founded = (installation.data / "founded").stat().st_mtime_ns
    stop(installation.process)
    (installation.data / MARK).unlink(missing_ok=True)  # as it stands when its story has been told to the end
    told = installation.start()
    assert [word for word in PREPARED if word in told] == []
    assert accounts.decode().split()[0] in told, "the accounts are told again"
    assert (installation.data / "demo-accounts.txt").read_bytes() == accounts
    assert (installation.data / "founded").stat().st_mtime_ns == founded


@pytest.mark.clone
def test_a_release_is_made_twice_the_same_and_installed_by_what_its_page_says(
    installation: Installation, tmp_path: Path
):
    key, make, *rest = commands("docs/release.md")
    asked = ["git", "rev-parse", "--is-shallow-repository"]
    if subprocess.check_output(asked, cwd=installation.clone, text=True).strip() == "true":
        make += " --number 1"
    again = make.replace(" dingmi.release", " again.release") + " --wheelhouse /opt/dingmi/current/wheelhouse"
    python_first = os.environ | {"PATH": f"{installation.clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    for line in (key, make, *rest, again):
        run = subprocess.run(
            shlex.split(line.replace("/opt/dingmi", str(tmp_path / "opt"))),
            cwd=installation.clone,
            env=python_first,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
    one, two = ((installation.clone / name).read_bytes() for name in ("dingmi.release", "again.release"))
    note = one[: one.index(b"\n\n")]
    assert two.startswith(note + b"\n\n"), "the digest of the archive stands there"
    program = tmp_path / "opt" / "current" / "env" / "bin" / "dingmi"
    told = subprocess.run([program, "rules", "clauses", "--json"], cwd=tmp_path, env={}, capture_output=True, text=True)
    assert told.returncode == 0 and json.loads(told.stdout), told.stderr


@pytest.mark.clone
def test_an_installation_without_the_demo_is_served_too(installation: Installation, tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    empty = Installation(installation.clone, tmp_path / "data", port)
    try:
        assert "demo" not in empty.start("--empty")
        assert (tmp_path / "data" / "first-accounts.txt").stat().st_mode & 0o777 == 0o600
    finally:
        if empty.process is not None:
            stop(empty.process)
