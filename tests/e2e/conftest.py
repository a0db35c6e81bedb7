"""A served house and a browser: real data directory, real server, Debian's chromium, no other host."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import pytest

from tests.e2e.steps import speak

pytest.importorskip("playwright", reason="browser tests need playwright")
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = Path(__file__).parents[2] / ".test-artifacts" / "screens"


def keep_figure(name: str, value: int) -> None:
    """Append a figure to the file that ``DINGMI_FIGURES`` names; nothing where nobody measures."""
    if place := os.environ.get("DINGMI_FIGURES"):
        with Path(place).open("a", encoding="utf-8") as kept:
            kept.write(json.dumps({"name": name, "value": value}) + "\n")


@dataclass
class Served:
    """A running installation."""

    url: str
    password: str
    first: dict[str, str]
    known: str
    environment: dict[str, str]

    def daily(self) -> None:
        """Let the clock do what is due now, as the jobs of a house do."""
        done = subprocess.run(
            [sys.executable, "-m", "dingmi", "daily", "--json"], env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]


@dataclass
class Visit:
    """One person in one browser context, with everything that went wrong on the way."""

    page: object
    context: object
    house: Served
    faults: list[str] = field(default_factory=list)
    interactions: int = 0

    def count(self, path: str) -> int:
        """Return the interactions so far, and keep them as those of ``path`` for ``dingmi bench browser``."""
        keep_figure(path, self.interactions)
        return self.interactions

    def press(self, key: str) -> None:
        """Press a key and count it."""
        self.interactions += 1
        self.page.keyboard.press(key)

    def drop(self, file: Path) -> None:
        """Drop a file on the upload field and count it."""
        self.interactions += 1
        self.page.set_input_files("#file", str(file))

    def sign_in(self, username: str, password: str | None = None) -> None:
        """Sign in through the form; the pages speak Chinese whatever an earlier test left them in."""
        self.page.goto(self.house.url + "/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password or self.house.password)
        self.page.click("form[action='/sign-in'] button")
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        speak(self.page, "zh")

    def see(self, name: str) -> None:
        """Keep a screenshot."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENS / f"{name}.png"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Build the organ in a data directory of its own and serve it."""
    yield from served(tmp_path_factory.mktemp("house"))


def served(folder: Path, builder: str = "tests.e2e.house") -> Iterator[Served]:
    """Let ``builder`` build an organ in ``folder`` and serve it until the caller is done."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root / "src"), str(root), os.environ.get("PYTHONPATH", "")])
    environment = {
        **os.environ,
        "DINGMI_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "dingmi.site.settings",
        "PYTHONPATH": paths,
    }
    environment.pop("DINGMI_TEST_DATABASE", None)
    made = subprocess.run(
        [sys.executable, "-m", builder],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    told = json.loads(made.stdout.splitlines()[-1])
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(
        [*command, "dingmi.site.wsgi:application"], env=environment, cwd=root, stdout=log, stderr=log
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        else:
            pytest.fail((folder / "server.log").read_text()[-2000:])
        yield Served(f"http://127.0.0.1:{port}", told["password"], told["first"], told["known"], environment)
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Start the browser once."""
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def visit(browser, house):
    """Return a maker of visits; at the end no page may have broken the policy or asked another host."""
    made: list[Visit] = []

    def start(width: int = 1440, height: int = 900, javascript: bool = True) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            java_script_enabled=javascript,
            accept_downloads=True,
        )
        page = context.new_page()
        page.set_default_timeout(60000)
        one = Visit(page, context, house)
        host = urlparse(house.url).netloc
        page.on("console", lambda m: one.faults.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("pageerror", lambda e: one.faults.append(str(e)))
        page.on(
            "request",
            lambda r: one.faults.append(r.url) if r.url.startswith("http") and urlparse(r.url).netloc != host else None,
        )
        made.append(one)
        return one

    yield start
    faults = [fault for one in made for fault in one.faults]
    for one in made:
        one.context.close()
    assert faults == []
