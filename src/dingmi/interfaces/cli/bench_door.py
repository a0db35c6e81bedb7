"""The door: what a flood of tries to sign in does to others (SR-05), and whether time tells what words do not (SR-07, SR-24).

``DINGMI_BENCH_FLOOD`` says for how many seconds it floods (10; SR-05 says 60), ``DINGMI_BENCH_PROBES`` how many pairs are probed (200).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any
from unittest import mock
from urllib.parse import urlencode
from uuid import UUID, uuid4

from dingmi.base.errors import DingmiError, NotFound
from dingmi.interfaces.cli import bench_document, bench_web
from dingmi.interfaces.cli.install import read_accounts

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
Probe = tuple[Callable[[str], Any], Callable[[], str]]  # what is timed, and what it is given
RATE = 500  # tries a second (SR-05)
LINKS = 25
STRANGER = "officer4"  # whose drafts are others'
WRONG = "wrong-password-1"
NAMES = [f"guess{number}" for number in range(97)]


def flood_seconds() -> float:
    """Return for how long it floods."""
    return float(os.environ.get("DINGMI_BENCH_FLOOD", "10"))


def probes() -> int:
    """Return how many pairs are probed."""
    return int(os.environ.get("DINGMI_BENCH_PROBES", "200"))


def flooding(port: int, seconds: float, rate: float) -> int:
    """Try to sign in ``rate`` times a second from one terminal, evenly, each over the link whose turn it is; return how often the door answered.

    Each try carries the form as a person sends it, so that only the count of tries turns it away.
    """
    form, headers = bench_web._form(HTTPConnection("127.0.0.1", port, timeout=60))
    tries = [urlencode(form | {"username": name, "password": WRONG}) for name in NAMES]
    begun = monotonic() + 0.1

    def keep_trying(own: int) -> int:
        link, done = HTTPConnection("127.0.0.1", port, timeout=60), 0
        for number in range(own, int(seconds * rate), LINKS):
            sleep(max(0.0, begun + number / rate - monotonic()))
            if monotonic() - begun > seconds:
                break
            link.request("POST", "/sign-in", tries[number % len(tries)], headers)
            link.getresponse().read()
            done += 1
        return done

    with ThreadPoolExecutor(LINKS) as pool:
        return sum(pool.map(keep_trying, range(LINKS)))


def flood(folder: Path, figure: Figure) -> list[dict[str, Any]]:
    """Fetch a page as somebody signed in while another terminal floods the door; beside the same page in peace."""
    user = bench_web.SIGNER
    password = dict(line.split()[:2] for line in read_accounts(folder))[user]
    told = f"the account page, granian, 1 worker, 4 threads, {flood_seconds():g} s, both clients on the same machine"
    with bench_web._served("dingmi.site.wsgi:application", folder) as port:
        reader = bench_web._sign_in(port, user, password)
        with mock.patch.object(bench_web, "SECONDS", flood_seconds()):
            peace = bench_web._load(port, "/account", reader, connections=1)
            call = f"flooding({port}, {flood_seconds() + 1}, {RATE})"
            command = [sys.executable, "-c", f"from dingmi.interfaces.cli.bench_door import flooding; print({call})"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
                war = bench_web._load(port, "/account", reader, connections=1)
                answered = int(running.communicate()[0])
    rate = answered / (flood_seconds() + 1)
    return [
        figure(
            "tries to sign in, turned away",
            rate,
            "1/s",
            RATE,
            "what SR-05 asks for",
            f"one terminal, {len(NAMES)} names, {LINKS} links",
        ),
        figure("page of another reader in a flood, p95", war[1], "ms", peace[1], "the same page in peace", told),
    ]


def told_apart(one: list[float], other: list[float]) -> float:
    """Return how well time tells the two apart: 0.5 not at all, 1 always (the area under the ROC curve, either way round)."""
    ranked = sorted((span, side) for side, spans in enumerate((one, other)) for span in spans)
    ranks = sum(place for place, (_, side) in enumerate(ranked, start=1) if side)
    area = (ranks - len(other) * (len(other) + 1) / 2) / (len(one) * len(other))
    return max(area, 1 - area)


def _probed(one: Probe, other: Probe) -> tuple[float, float]:
    """Return how well the time of a refusal tells ``one`` from ``other``, and from itself."""
    kinds = {"one": one, "other": other, "one again": one}
    spans: dict[str, list[float]] = {kind: [] for kind in kinds}
    rng = random.Random(0)
    for _ in range(probes()):
        for kind in rng.sample(sorted(kinds), len(kinds)):
            work, asked = kinds[kind]
            wanted = asked()
            began = perf_counter()
            try:
                work(wanted)
            except DingmiError:
                spans[kind].append((perf_counter() - began) * 1000)
            else:
                raise RuntimeError("a probe was not refused")
    return told_apart(spans["one"], spans["other"]), told_apart(spans["one"], spans["one again"])


def timing(folder: Path, figure: Figure) -> list[dict[str, Any]]:
    """Probe the door with a wrong password and an unknown account, and reads with ids of what one may not know and of nothing."""
    from dingmi.procedures import passwords

    none, about = "two probes of the same kind", f"{probes()} probes of each kind, in the process"
    made = []
    unlocked = mock.patch.dict(passwords.LIMITS, failures_to_lock=10**9, per_account=10**9, per_terminal=10**9)
    light = mock.patch.object(passwords, "check_password", lambda *_: False)
    for name, hashing in (("with Argon2", nullcontext()), ("the hash left out", light)):
        with unlocked, hashing:
            made.append(
                (
                    f"unknown account told from wrong password, {name}",
                    _probed((_tried, lambda: bench_web.WRITER), (_tried, lambda: f"nobody-{uuid4().hex[:8]}")),
                )
            )
    for name, kinds in _reads().items():
        made.append((f"matter one may not know told from none, {name}", _probed(*kinds)))
    with _fetched(folder) as kinds:
        made.append(("matter one may not know told from none, page over HTTP", _probed(*kinds)))
    return [figure(name, found, "AUC", bare, none, about) for name, (found, bare) in made]


def _tried(name: str) -> None:
    from dingmi.procedures import access
    from dingmi.queries import clock

    access.sign_in(username=name, password=WRONG, terminal="bench", now=clock.now())


def _drafted() -> str:
    """Draft a matter that the stranger may not know; return its id."""
    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import ACTS
    from dingmi.procedures.terms import Upload
    from dingmi.queries import clock

    now, paper = clock.now(), Upload("1.docx", bench_document._file())
    made = ACTS["determination.draft"](actor=as_account(bench_web.WRITER, now), now=now, upload=paper, title="综合方案")
    return str(made.matter)


@contextmanager
def _fetched(folder: Path) -> Iterator[tuple[Probe, Probe]]:
    """Yield the same reads as pages of a served installation, as an attacker times them."""
    held = _drafted()
    password = dict(line.split()[:2] for line in read_accounts(folder))[STRANGER]
    with bench_web._served("dingmi.site.wsgi:application", folder) as port:
        reader, link = bench_web._sign_in(port, STRANGER, password), HTTPConnection("127.0.0.1", port, timeout=60)

        def fetch(matter: str) -> None:
            status, _, _ = bench_web._ask(link, "GET", f"/matters/{matter}", headers=reader)
            if status == NotFound.http_status:
                raise NotFound()

        with suppress(NotFound):
            fetch(held)  # the first page of a server is slower
        yield (fetch, lambda: held), (fetch, lambda: str(uuid4()))


def _reads() -> dict[str, tuple[Probe, Probe]]:
    """Return reads of one matter by somebody who may not know it: of that one, and of one that there is not."""
    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import ACTS
    from dingmi.procedures import access as doors
    from dingmi.queries import clock

    held, reader = _drafted(), as_account(STRANGER, clock.now())

    def page(matter: str) -> Any:
        return doors.ask("matter", actor=reader, now=clock.now(), params={"matter": matter})

    def read(matter: str) -> Any:
        return ACTS["carriers.read"](actor=reader, now=clock.now(), matter=UUID(matter))

    return {
        name: ((work, lambda: held), (work, lambda: str(uuid4()))) for name, work in (("page", page), ("act", read))
    }
