"""``dingmi bench``: each figure against its floor in the same run, on generated data in a throw-away directory."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated, Any

import typer

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli import (
    bench_answers,
    bench_assist,
    bench_document,
    bench_door,
    bench_imprints,
    bench_locks,
    bench_officers,
    bench_postgresql,
    bench_scale,
    bench_start,
    bench_vault,
    bench_web,
)
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import JsonFlag, console, emit, start_django

Work = Callable[[], Any]
ROUNDS = 5
COMMITS = 40  # in each round
STORY = 6  # matters of the demo story beside those registered


def rate(work: Work, count: int, time: Callable[[], float] = perf_counter) -> float:
    """Return how many times a second ``work`` runs: the median of five rounds of ``count``, by the wall unless told."""
    work()
    rates = []
    for _ in range(ROUNDS):
        started = time()
        for _ in range(count):
            work()
        rates.append(count / (time() - started))
    return statistics.median(rates)


def figure(name: str, value: float, unit: str, floor: float, floor_name: str, conditions: str) -> dict[str, Any]:
    """Return one figure in the shape of INTERFACE."""
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "floor": round(floor, 2),
        "ratio": round(value / floor, 4) if floor else None,
        "conditions": f"{conditions}; floor: {floor_name}",
    }


def marks() -> list[dict[str, Any]]:
    """Parse a mark, against a bare regular expression."""
    import re
    from datetime import date

    from dingmi.regime.prc_state import marks as grammar

    pattern = re.compile(r"(绝密|机密|秘密)★(\d+)年")
    day = date(2026, 1, 1)
    mine = rate(lambda: grammar.parse("机密★10年", issued=day), 2000)
    floor = rate(lambda: pattern.fullmatch("机密★10年"), 2000)
    return [figure("mark parse", mine, "1/s", floor, "one regular expression", "机密★10年 with its window")]


def reads() -> list[dict[str, Any]]:
    """Run the register query, against fetching the same rows through the ORM alone."""
    from dingmi.procedures.bench import bare_page
    from dingmi.queries import QUERIES, access, clock

    now = clock.now()
    actor = access.actor_for_account("officer", now)
    query = QUERIES["register"].function
    mine = rate(lambda: query(actor=actor, now=now), 10)
    floor = rate(lambda: bare_page(50), 10)
    return [
        figure(
            "register query",
            mine,
            "1/s",
            floor,
            "the same 50 rows by the ORM, no filter, no decryption",
            "the demo story, SQLite",
        )
    ]


def ledger() -> list[dict[str, Any]]:
    """Append to the ledger, perform an act with its entry and without, and verify the log against bare digests."""
    from dingmi.engines import crypto
    from dingmi.queries.verify import verify, verify_log

    made = _appends()
    entries = verify().entries
    verified, log_only = (entries * rate(work, 1, process_time) for work in (verify, verify_log))
    body = b"x" * 1000
    hashed = rate(lambda: crypto.sm3(body), 5000, process_time)
    told = f"{entries} entries, one process, by the time of the processor"
    return [
        *made,
        figure("verify, log only", log_only, "entries/s", hashed, "SM3 of 1,000 bytes", told),
        figure("verify", verified, "entries/s", hashed, "SM3 of 1,000 bytes", f"{told}, with rows and files"),
    ]


def _appends() -> list[dict[str, Any]]:
    """Commit entries alone, and one act with its entry, with it left out, and as its row alone."""
    from dingmi.procedures import access as doors
    from dingmi.procedures.bench import bare_commit, bare_entry, bare_table, without_entries
    from dingmi.queries import access, clock

    actor = access.actor_for_account("officer", clock.now())
    looking = {"query": "bench", "count": 0, "digest": "0" * 64}

    def act() -> None:
        doors.set_language(actor=actor, now=clock.now(), language="zh")

    bare_table()
    alone = rate(lambda: doors.looked(actor=actor, now=clock.now(), **looking), COMMITS)
    bare_row = rate(bare_entry, COMMITS)
    with_entry = rate(act, COMMITS)
    without = rate(lambda: without_entries(act), COMMITS)
    row = rate(lambda: bare_commit("officer"), COMMITS)
    one = "access.set_language, one commit each, waiting for the disk"
    return [
        figure(
            "ledger append alone", alone, "1/s", bare_row, "a row as long, by SQL", "access.looked, one commit each"
        ),
        figure("act with ledger", with_entry, "1/s", without, "the same act, its entry left out", one),
        figure("act without ledger", without, "1/s", row, "its row alone, written and committed by SQL", one),
    ]


def clauses() -> list[dict[str, Any]]:
    """Count the clauses that something carries, and those of them that a test proves, against those of the register."""
    from dingmi.interfaces.cli import clauses as register

    told, floor = "as dingmi rules clauses tells them", "the clauses of the register with that response"
    return [
        figure(f"clauses to {row['response']}, {what}", row[what], "", row["clauses"], floor, told)
        for row in register.summary(register.rows())
        if row["response"] != "out"
        for what in ("carried", "proved")
    ]


BENCHES: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "marks": lambda _: marks(),
    "seal": lambda _: bench_vault.seal(figure),
    "assist": lambda _: bench_assist.assist(figure),
    "clauses": lambda _: clauses(),
    "start": lambda folder: bench_start.start(folder, figure),
    "reads": lambda _: reads(),
    "ledger": lambda _: ledger(),
    "postgresql": lambda _: bench_postgresql.postgresql(figure),
    "document": lambda _: bench_document.document(figure),
    "imprints": lambda _: bench_imprints.imprints(figure),
    "answers": lambda _: bench_answers.answers(figure),
    "lists": lambda _: bench_scale.lists(figure),
    "officers": lambda _: bench_officers.officers(figure),
    "locks": lambda _: bench_locks.locks(figure),
    "timing": lambda folder: bench_door.timing(folder, figure),
    "flood": lambda folder: bench_door.flood(folder, figure),
    "web": lambda folder: bench_web.web(folder, figure),
    "simulate": lambda _: bench_scale.simulate(figure),
    "clone": lambda _: bench_start.clone(figure),
    "browser": lambda _: bench_start.browser(figure),
}
# named alone: an organ that has just been founded, a cluster, a clone, a browser of its own
ALONE = {"officers", "postgresql", "clone", "browser"}
WITHOUT = {"marks", "seal", "assist", "clauses", "postgresql", "clone", "browser"}  # need no installation


@policy("file")
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="、".join(BENCHES))] = None,
    as_json: JsonFlag = False,
) -> None:
    """测量，每个数都同时测其下限 · measure, each figure beside its floor."""
    chosen = names or [name for name in BENCHES if name not in ALONE]
    unknown = sorted(set(chosen) - set(BENCHES)) or (sorted(ALONE & set(chosen)) if len(chosen) > 1 else [])
    if unknown:
        raise Invalid("input.command", (), problem=", ".join(unknown))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if set(chosen) - WITHOUT:
            prepare(folder, told=not ALONE & set(chosen))
        else:
            start_django(folder)
        figures = measure(chosen, folder, lambda row: None if as_json else _show(row))
    if as_json:
        emit(figures)


def measure(names: list[str], folder: Path, tell: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Run the benches one after another in the installation of ``folder``; ``tell`` each figure once it is there."""
    figures = []
    for name in names:
        console.print(f"… {name}", highlight=False)
        for row in BENCHES[name](folder):
            figures.append(row)
            tell(row)
    return figures


def _show(row: dict[str, Any]) -> None:
    console.print(
        f"{row['name']:<40}{row['value']:>12} {row['unit']:<10} ratio {row['ratio']}  ({row['conditions']})",
        highlight=False,
    )


def prepare(folder: Path, *, told: bool = True) -> None:
    """Found a demo organ in ``folder``; with a few matters, unless the story is not told."""
    from dingmi.interfaces.cli.install import install

    install(folder, demo=True)
    start_django(folder)
    if not told:
        return
    from dingmi.interfaces.cli.demo.story import fill
    from dingmi.queries import clock

    fill(seed=7, matters=STORY, end=clock.now().date())


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("bench")(bench)
