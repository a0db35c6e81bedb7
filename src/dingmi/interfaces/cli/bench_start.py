"""How long an installation takes to answer, second start and fresh clone, and what the browser tests count.

``start`` needs an installation alone; ``clone`` and ``browser`` need the checkout that this program runs from.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from dingmi.base.errors import Unavailable
from dingmi.interfaces.cli.cluster import free_port
from dingmi.interfaces.cli.unfinished import MARK

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
CHECKOUT = Path(__file__).resolve().parents[4]
READY_SECONDS, FILLED_SECONDS, END_SECONDS = 600.0, 3600.0, 120.0
MIB = 1 << 20
FLOOR = "dingmi.interfaces.cli.bench_floor:application"
INTERACTIONS = {"original": 6, "derivative": 3}  # what the drawings take (UI §9)
BROWSER_TESTS = (  # in the order of ./test: what the main job decides is known to the drafts that come after it
    "tests/e2e/test_accessibility.py",
    "tests/e2e/test_main_job.py",
)


def granian(application: str, port: int) -> list[str]:
    """Return the command that serves ``application`` with the options of ``dingmi up``."""
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    return [*server, "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "error", application]


def until_answered(running: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers.

    Raises:
        Unavailable: ``bench.no_answer``: it ended by itself, or took too long.
    """
    began = monotonic()
    while running.poll() is None and monotonic() - began < READY_SECONDS:
        try:
            link = HTTPConnection("127.0.0.1", port, timeout=60)
            link.request("GET", "/sign-in")
            link.getresponse().read()
            return
        except (OSError, HTTPException):
            sleep(0.02)
    raise Unavailable("bench.no_answer")


@contextmanager
def _running(command: Sequence[str], port: int, here: Path, **more: str) -> Iterator[float]:
    """Run a server in the folder ``here``; yield the seconds until its first answer, and end it with all that it started."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DINGMI_DATA")
    } | more
    began = monotonic()
    running = subprocess.Popen(list(command), cwd=here, env=environment, stdout=sys.stderr, start_new_session=True)
    try:
        until_answered(running, port)
        yield monotonic() - began
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def start(folder: Path, figure: Figure) -> list[dict[str, Any]]:
    """Start the installation of ``folder`` as people do, against a bare page served the same way."""
    port, code = free_port(), {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    with _running(granian(FLOOR, port), port, folder, DINGMI_DATA=str(folder), **code) as bare:
        pass
    port = free_port()
    up = [sys.executable, "-m", "dingmi", "up", "--port", str(port), "--data", str(folder)]
    with _running(up, port, folder, **code) as mine:
        pass
    what = "dingmi up on an installation that stands, with key service and jobs"
    return [figure("second start to first answer", mine, "s", bare, "granian with a bare Django page", what)]


def _checkout(*needed: str) -> Path:
    """Return the checkout that this program runs from.

    Raises:
        Unavailable: ``bench.no_checkout``: it was installed without one.
    """
    if not all((CHECKOUT / name).exists() for name in needed):
        raise Unavailable("bench.no_checkout")
    return CHECKOUT


def clone(figure: Figure) -> list[dict[str, Any]]:
    """Clone what is committed, start it by ``./run`` from nothing, wait until its demo is filled, and start it again."""
    source = _checkout("run", ".git")
    with tempfile.TemporaryDirectory() as place:
        here, data = Path(place, "dingmi"), Path(place, "data")
        began = monotonic()
        subprocess.run([sys.executable, "-m", "venv", str(Path(place, "bare"))], check=True)
        bare = monotonic() - began
        began = monotonic()
        subprocess.run(["git", "clone", "-q", str(source), str(here)], check=True)
        port = free_port()
        run = ["./run", "--port", str(port), "--data", str(data)]
        with _running(run, port, here):
            fresh = monotonic() - began
            while (data / MARK).exists() and monotonic() - began < FILLED_SECONDS:
                sleep(0.5)
            filled = monotonic() - began
        with _running(run, port, here) as again:
            pass
        size = sum(p.lstat().st_size for p in here.rglob("*") if not p.is_dir()) / MIB
    told, empty = "git clone, ./run: environment, page assets, database, keys, organ", "an empty virtual environment"
    return [
        figure("fresh clone to first answer", fresh, "s", bare, empty, told),
        figure("fresh clone to filled demo", filled, "s", bare, empty, f"{told}, and the demo behind it"),
        figure("second ./run to first answer", again, "s", bare, empty, "./run on the filled demo"),
        figure("size of the clone when it serves", size, "MiB", 0, "none", "with its environment, without data"),
    ]


def browser(figure: Figure) -> list[dict[str, Any]]:
    """Run the browser tests of the main job and of accessibility, and tell what they counted."""
    here = _checkout(*BROWSER_TESTS)
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place, "figures.jsonl")
        environment = dict(os.environ, DINGMI_FIGURES=str(kept))
        called = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "e2e", *BROWSER_TESTS]
        ran = subprocess.run(called, cwd=here, env=environment, stdout=sys.stderr)
        counted = [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []
    if not counted:
        raise Unavailable("bench.no_browser")
    told = f"counted by the browser tests, which ended with {ran.returncode}"
    pages = Counter(row["name"] for row in counted)["axe"]
    violations = sum(row["value"] for row in counted if row["name"] == "axe")
    paths = {row["name"]: row["value"] for row in counted if row["name"] in INTERACTIONS}
    return [
        *(
            figure(f"interactions, {name} path", count, "", INTERACTIONS[name], "as drawn", told)
            for name, count in paths.items()
        ),
        figure("axe violations", violations, "", 0, "none", f"{pages} pages looked at, {told}"),
    ]
