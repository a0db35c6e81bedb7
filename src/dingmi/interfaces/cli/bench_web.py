"""Pages and acts under granian, as ``dingmi up`` serves them, beside bare Django pages served the same way."""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urlencode

from dingmi.interfaces.cli.bench_scale import count, registered
from dingmi.interfaces.cli.bench_start import granian, until_answered
from dingmi.interfaces.cli.cluster import free_port
from dingmi.interfaces.cli.install import read_accounts

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
Ask = Callable[[HTTPConnection], int]
CONNECTIONS = 8
SECONDS = 5.0
WRITES = 30
SIGNED = 8  # proposals that are approved
WRITER, SIGNER = "drafter", "officer"


@contextmanager
def _served(application: str, folder: Path) -> Iterator[int]:
    """Serve ``application`` with the options of ``dingmi up``; yield the port."""
    port = free_port()
    running = subprocess.Popen(granian(application, port), env=dict(os.environ, DINGMI_DATA=str(folder)))
    try:
        until_answered(running, port)
        yield port
    finally:
        running.terminate()
        running.wait()


def _ask(
    link: HTTPConnection, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, bytes, Any]:
    link.request(method, path, body=body or None, headers=headers or {})
    answer = link.getresponse()
    return answer.status, answer.read(), answer


def _cookies(answer: Any, held: dict[str, str]) -> dict[str, str]:
    for line in answer.headers.get_all("Set-Cookie") or ():
        held |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
    return held


def _form(link: HTTPConnection) -> tuple[dict[str, str], dict[str, str]]:
    """Open the sign-in page; return the hidden field of its form and the headers to send the form with."""
    _, page, answer = _ask(link, "GET", "/sign-in")
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    headers = {"Cookie": _spelled(_cookies(answer, {})), "Content-Type": "application/x-www-form-urlencoded"}
    return {"csrfmiddlewaretoken": found[1].decode() if found else ""}, headers


def _sign_in(port: int, user: str, password: str) -> dict[str, str]:
    """Sign in as a person does; return the headers of a signed-in browser."""
    link = HTTPConnection("127.0.0.1", port, timeout=60)
    form, headers = _form(link)
    _, _, answer = _ask(link, "POST", "/sign-in", urlencode(form | {"username": user, "password": password}), headers)
    held = {name: morsel.value for name, morsel in SimpleCookie(headers["Cookie"]).items()}
    return {"Cookie": _spelled(_cookies(answer, held))}


def _spelled(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _p95(spans: list[float]) -> float:
    """Return the 95th percentile; of a single one itself."""
    return statistics.quantiles(spans, n=20)[-1] if len(spans) > 1 else spans[0]


def _load(port: int, path: str, headers: dict[str, str], connections: int = CONNECTIONS) -> tuple[float, float]:
    """Fetch a page over keep-alive connections for some seconds; return requests a second and p95 in milliseconds.

    Raises:
        RuntimeError: An answer was not 200.
    """
    spans: list[float] = []
    wrong: list[int] = []
    until = monotonic() + SECONDS

    def run() -> None:
        link = HTTPConnection("127.0.0.1", port, timeout=60)
        while not wrong:
            began = perf_counter()
            status, _, _ = _ask(link, "GET", path, headers=headers)
            spans.append((perf_counter() - began) * 1000)
            if status != 200:
                wrong.append(status)
            if monotonic() >= until:
                break

    _ask(HTTPConnection("127.0.0.1", port, timeout=60), "GET", path, headers=headers)
    began, threads = monotonic(), [threading.Thread(target=run) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{path}: {wrong[0]}")
    return len(spans) / (monotonic() - began), _p95(spans)


def _acts(port: int, name: str, calls: list[dict[str, Any]], headers: dict[str, str]) -> tuple[float, float]:
    """Perform acts one after another over the API; return how many a second and p95 in milliseconds.

    Raises:
        RuntimeError: One was refused.
    """
    link, spans, began = HTTPConnection("127.0.0.1", port, timeout=120), [], monotonic()
    for call in calls:
        start = perf_counter()
        status, body, _ = _ask(
            link, "POST", f"/api/v1/acts/{name}", json.dumps(call), headers | {"Content-Type": "application/json"}
        )
        spans.append((perf_counter() - start) * 1000)
        if status != 200:
            raise RuntimeError(f"{name}: {status} {body[:300]!r}")
    return len(spans) / (monotonic() - began), _p95(spans)


def _after_changes(port: int, reader: dict[str, str], token: dict[str, str]) -> tuple[float, float]:
    """Fetch the list each time after an act has changed something, so that no count is remembered; return as ``_load``."""
    link, spans = HTTPConnection("127.0.0.1", port, timeout=60), []
    for _ in range(WRITES):
        _acts(port, "access.set_language", [{"language": "zh"}], token)
        start = perf_counter()
        status, _, _ = _ask(link, "GET", "/matters", headers=reader)
        spans.append((perf_counter() - start) * 1000)
        if status != 200:
            raise RuntimeError(f"/matters: {status}")
    return 1000 * len(spans) / sum(spans), _p95(spans)


def _token(user: str) -> str:
    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import access
    from dingmi.queries import clock

    now = clock.now()
    return str(access.issue_token(actor=as_account(user, now), now=now, label="bench").token)


class _First(random.Random):
    """Chooses the first of what there is: one drafter and one officer throughout."""

    def choice(self, seq: Any) -> Any:
        return seq[0]


def _prepared() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Draft and propose as the story does; return the calls that fill one draft again and again, and that approve."""
    from dingmi.interfaces.cli.demo import story
    from dingmi.procedures.bench import latest_of
    from dingmi.queries import clock
    from dingmi.queries.standing import items_by_number

    now = clock.now()
    with clock.simulated():
        for number in range(SIGNED + 1):
            world = story.World(_First(number), now.date())
            for _ in story.original(world, now - timedelta(hours=2), "7", "proposed" if number else "draft"):
                pass
    item = items_by_number(now)["7"]
    scope = {"persons": [str(person) for person in story.usual_scope(now.date()).persons]}
    answers = {"item": str(item.id), "level": item.level, "tail": item.tail, "scope": scope}
    answers |= {"reasons": story.REASON, "bars": story.BARS}
    matter, version = latest_of("draft", 1)[0]
    fills = [{"matter": matter, "answers": answers, "expected_version": version + n} for n in range(WRITES)]
    waiting = latest_of("proposed", SIGNED)
    return fills, [{"matter": pk, "opinion": "同意。", "expected_version": held} for pk, held in waiting]


def web(folder: Path, figure: Figure) -> list[dict[str, Any]]:
    """List, detail, draft and approval over HTTP, each beside a bare page with as many connections."""
    from dingmi.procedures.bench import size
    from dingmi.queries import QUERIES, access, clock

    population = figure(
        "register earlier matters", registered(), "1/s", 0, "none", f"{count()} rows, keep.import_legacy"
    )
    fills, approvals = _prepared()
    passwords = dict(line.split()[:2] for line in read_accounts(folder))
    tokens = {user: {"Authorization": f"Bearer {_token(user)}"} for user in (WRITER, SIGNER)}
    now = clock.now()
    known = QUERIES["register"].function(actor=access.actor_for_account(SIGNER, now), now=now).rows[0].matter
    with _served("dingmi.interfaces.cli.bench_floor:application", folder) as port:
        floors = {path: _load(port, path, {}) for path in ("/list", "/one")}
        alone, single = (_load(port, path, {}, connections=1) for path in ("/one", "/list"))
    with _served("dingmi.site.wsgi:application", folder) as port:
        reader = _sign_in(port, SIGNER, passwords[SIGNER])
        made = {
            "list": (_load(port, "/matters", reader), floors["/list"], "a table of 18 rows by the ORM"),
            "detail": (_load(port, f"/m/{known}", reader), floors["/one"], "a table of one row by the ORM"),
            "draft (fill)": (
                _acts(port, "determination.fill", fills, tokens[WRITER]),
                alone,
                "the same, one connection",
            ),
        }
        signing = tokens[SIGNER] | {"Dingmi-Password": passwords[SIGNER]}
        done = _acts(port, "determination.approve", approvals, signing)
        made["approve, with password and marked file"] = (done, alone, "the same, one connection")
        changed = _after_changes(port, reader, tokens[SIGNER])
        made["list, first after a change"] = (changed, single, "a table of 18 rows, one connection")
    return [population] + [row for name, told in made.items() for row in _told(figure, name, *told, size())]


def _told(
    figure: Figure, name: str, mine: tuple[float, float], bare: tuple[float, float], what: str, matters: int
) -> Iterator[dict[str, Any]]:
    conditions = f"{matters} matters, granian, 1 worker, 4 threads, client on the same machine"
    yield figure(f"{name} requests", mine[0], "1/s", bare[0], what, conditions)
    yield figure(f"{name} p95", mine[1], "ms", bare[1], what, conditions)
