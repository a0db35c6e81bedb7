"""PostgreSQL measured in a cluster to throw away: the log with eight workers beside none, and what row security costs a reader.

The installation that is measured and each worker are processes of their own, on the same database.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from time import monotonic, perf_counter, sleep
from typing import Any

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
WORKERS = 8
ROUNDS = 3  # of each kind, one after the other
SECONDS = 4.0
MATTERS = 300
TIMES = 20  # that a reader asks
_CALLED = [sys.executable, "-c", f"from {__name__} import run; run()"]
PAIRS = {  # what writes an entry: what does the same without, what it is called, what its floor is called
    "entry": ("row alone", "a row changed, an entry in the log", "the row and a text as long"),
    "act": ("act alone", "act access.set_language", "the same act, its entry left out"),
    "draft": ("draft alone", "act determination.draft", "the same act, its entry left out"),
}
KINDS = tuple(kind for written, (bare, *_) in PAIRS.items() for kind in (bare, written))


def postgresql(figure: Figure) -> list[dict[str, Any]]:
    """Measure in a cluster of its own; one row that says so where PostgreSQL is not on this machine."""
    from dingmi.interfaces.cli.cluster import programs, throwaway

    bins = programs()
    if bins is None:
        return [figure("PostgreSQL", 0, "", 0, "none", "not on this machine")]
    with throwaway(bins, waits_for_disk=True) as url, tempfile.TemporaryDirectory() as place:
        sizes = {name: globals()[name] for name in ("WORKERS", "ROUNDS", "SECONDS", "MATTERS", "TIMES")}
        environment = os.environ | {
            "DINGMI_DATABASE": url,
            "DINGMI_TEST_DATABASE": "",
            "DINGMI_SIZES": json.dumps(sizes),
        }
        called = [*_CALLED, str(Path(place) / "data")]
        return [figure(*row) for row in json.loads(subprocess.check_output(called, env=environment, text=True))]


# --- the log with many workers -----------------------------------------------------------------------------------


def _works(number: int) -> dict[str, Callable[[], None]]:
    """Return what a worker does over and over, by kind; each worker has an account of its own."""
    from dingmi.procedures import access as doors
    from dingmi.procedures import bench, frame
    from dingmi.queries import access, clock

    username = bench.usernames()[number]
    actor = access.actor_for_account(username, clock.now())
    told = {"subject": ("account", actor.account_id), "data": {"language": "zh", "more": "x" * (bench.ENTRY - 500)}}

    def act() -> None:
        doors.set_language(actor=actor, now=clock.now(), language="zh")

    def entry() -> None:
        bench.changed_with(username, lambda: doors.append(actor, "access.set_language", at=clock.now(), **told))
        frame.sequence_committed()

    draft = _drafting(number)
    return {
        "row alone": lambda: bench.changed_with(username, bench.bare_entry),
        "entry": entry,
        "act alone": lambda: bench.without_entries(act),
        "act": act,
        "draft alone": lambda: bench.without_entries(draft),
        "draft": draft,
    }


def _drafting(number: int) -> Callable[[], object]:
    """Return an act that makes a matter: a page is read in its confined process, matched, sealed and kept."""
    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import determination
    from dingmi.procedures.terms import Upload
    from dingmi.queries import clock

    drafter = as_account("drafter", clock.now())
    paper = Upload(f"{number}.txt", ("供水设施防护方案，供有关部门内部使用。" * 20).encode())
    return lambda: determination.draft(actor=drafter, now=clock.now(), upload=paper, title=f"方案（{number}）")


def work(number: int) -> None:
    """Do one kind after another once told the moment, and print how often and how long the slowest took."""
    works, done = _works(number), []
    for kind in KINDS:
        works[kind]()
    print("ready", flush=True)
    at = float(sys.stdin.readline())
    for _ in range(ROUNDS):
        for kind in KINDS:
            sleep(max(0.0, at - monotonic()))
            spans = []
            while monotonic() < at + SECONDS:
                started = perf_counter()
                works[kind]()
                spans.append((perf_counter() - started) * 1000)
            done.append((kind, len(spans), statistics.quantiles(spans, n=100)[-1] if len(spans) > 1 else 0.0))
            at += SECONDS + 1
    print(json.dumps(done))


def _side_by_side() -> list[Any]:
    """Let the workers work side by side, and a thread number the log as beside the pages; return what each did.

    Raises:
        RuntimeError: A worker did not begin.
    """
    from dingmi.procedures.evidence import number_log

    stop = Event()
    numbering = Thread(target=number_log, args=(stop,))
    numbering.start()
    running = [
        subprocess.Popen([*_CALLED, "work", str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(WORKERS)
    ]
    try:
        for process in running:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("a worker did not begin")
        begin = f"{monotonic() + 0.5}\n"
        for process in running:
            if process.stdin is not None:
                process.stdin.write(begin)
                process.stdin.flush()
        return [json.loads(process.communicate()[0]) for process in running]
    finally:
        for process in running:
            process.kill()
        stop.set()
        numbering.join()


def _log() -> Iterator[tuple[Any, ...]]:
    """Measure the workers; yield figures, and whether the log is whole."""
    from dingmi.procedures import bench
    from dingmi.queries.verify import verify_log

    bench.bare_table()
    told = _side_by_side()
    each: dict[str, list[float]] = {kind: [] for kind in KINDS}
    slowest: dict[str, float] = dict.fromkeys(KINDS, 0.0)
    for rounds in zip(*told, strict=True):
        kind = rounds[0][0]
        each[kind].append(sum(count for _, count, _ in rounds) / SECONDS)
        slowest[kind] = max(slowest[kind], *(span for _, _, span in rounds))
    rate = {kind: statistics.median(rates) for kind, rates in each.items()}
    waits = f"{WORKERS} workers, each commit waits for the disk, median of {ROUNDS} rounds of {SECONDS:g} s"
    for kind, (bare, name, floor) in PAIRS.items():
        told_spans = f"{waits}; p99 of the slowest worker {slowest[kind]:.0f} ms beside {slowest[bare]:.0f}"
        yield f"{name}, PostgreSQL", rate[kind], "1/s", rate[bare], floor, told_spans
    found = verify_log()
    yield "findings in that log", len(found.findings), "", 0, "none", f"{found.entries} entries, each in its place"


# --- row security --------------------------------------------------------------------------------------------------


def _p50(work: Callable[[], Any]) -> float:
    work()
    spans = []
    for _ in range(TIMES):
        started = perf_counter()
        work()
        spans.append((perf_counter() - started) * 1000)
    return statistics.median(spans)


def _reads() -> Iterator[tuple[Any, ...]]:
    """Ask the same as two readers with row security and without; what is remembered between the questions is forgotten."""
    from dingmi.interfaces.cli.demo import large
    from dingmi.procedures import bench
    from dingmi.queries import QUERIES, access, clock

    now = clock.now()
    large.register(seed=11, count=MATTERS, end=now.date(), years=5, high_fraction=0.3)
    for user in ("officer", "head"):
        actor = access.actor_for_account(user, now)
        asked: list[tuple[str, dict[str, Any]]] = [("register", {}), ("register", {"text": "供水"}), ("expiry", {})]
        known = [row.matter for row in QUERIES["register"].function(actor=actor, now=now).rows if row.is_content]
        asked += [("matter", {"matter": matter}) for matter in known[:1]]
        for name, params in asked:
            query = QUERIES[name]
            if query.roles and not actor.holds(*query.roles):
                continue

            def ask(q: Any = query, p: dict[str, Any] = params, a: Any = actor) -> None:
                bench.forget()
                q.function(actor=a, now=now, **p)

            guarded = _p50(ask)
            with bench.without_row_security():
                bare = _p50(ask)
            shown = f"{name}{' by text' if 'text' in params else ''} as {user}, PostgreSQL"
            yield shown, guarded, "ms", bare, "row security switched off", f"{bench.size()} matters, median of {TIMES}"


def main(folder: Path) -> None:
    """Found the installation in ``folder``, measure, and print the rows."""
    from dingmi.interfaces.cli import bench
    from dingmi.interfaces.cli.install import write_profile
    from dingmi.interfaces.cli.out import start_django

    folder.mkdir(parents=True, exist_ok=True)
    write_profile(folder, demo=True, house="organ")
    start_django(folder)
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in here
    from dingmi.interfaces.cli.demo import story
    from dingmi.procedures.bench import durable
    from dingmi.queries import clock

    durable(False)
    bench.prepare(folder, told=False)
    with clock.simulated():
        for moment, step in sorted(story.staffing(clock.now().date()), key=lambda pair: pair[0]):
            step(moment)
    print(json.dumps([*_reads(), *_log()]))


def run() -> None:
    """Be the process that measures, or one of its workers, with the sizes of the process that began it."""
    globals().update(json.loads(os.environ["DINGMI_SIZES"]))
    if sys.argv[1] == "work":
        from dingmi.interfaces.cli.out import start_django

        start_django(Path(os.environ["DINGMI_DATA"]))
        work(int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
