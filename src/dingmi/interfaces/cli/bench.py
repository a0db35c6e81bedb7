"""``dingmi bench``: each figure against its floor in the same run, on generated data in a throw-away directory."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli import bench_scale, bench_vault
from dingmi.interfaces.cli.out import JsonFlag, console, emit, start_django

Work = Callable[[], Any]
ROUNDS = 5


def rate(work: Work, count: int) -> float:
    """Return how many times a second ``work`` runs: the median of five rounds of ``count``."""
    work()
    rates = []
    for _ in range(ROUNDS):
        started = perf_counter()
        for _ in range(count):
            work()
        rates.append(count / (perf_counter() - started))
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
    from dingmi.queries import QUERIES, access, clock
    from dingmi.queries.numbers import bare_page

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
            "24 matters, SQLite",
        )
    ]


def ledger() -> list[dict[str, Any]]:
    """Perform a small act, and verify the log, against their floors."""
    from dingmi.engines import crypto
    from dingmi.procedures import access as doors
    from dingmi.queries import access, clock
    from dingmi.queries.verify import verify, verify_log

    actor = access.actor_for_account("officer", clock.now())
    act = rate(lambda: doors.set_language(actor=actor, now=clock.now(), language="zh"), 40)
    bare = rate(lambda: access.actor_for_account("officer", clock.now()), 40)
    entries = verify().entries
    verified, log_only = entries * rate(verify, 1), entries * rate(verify_log, 1)
    body = "x" * 400
    hashed = rate(lambda: crypto.sm3(body.encode()), 5000)
    return [
        figure(
            "act with ledger entry", act, "1/s", bare, "loading its actor alone", "access.set_language, SQLite FULL"
        ),
        figure(
            "verify, log only", log_only, "entries/s", hashed, "SM3 of 400 bytes", f"{entries} entries, one process"
        ),
        figure("verify", verified, "entries/s", hashed, "SM3 of 400 bytes", f"{entries} entries with rows and files"),
    ]


BENCHES: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "marks": marks,
    "reads": reads,
    "ledger": ledger,
    "lists": lambda: bench_scale.lists(figure),
    "seal": lambda: bench_vault.seal(figure),
    "simulate": lambda: bench_scale.simulate(figure),
}


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="、".join(BENCHES))] = None,
    as_json: JsonFlag = False,
) -> None:
    """测量，每个数都同时测其下限 · measure, each figure beside its floor."""
    chosen = names or list(BENCHES)
    unknown = sorted(set(chosen) - set(BENCHES))
    if unknown:
        raise Invalid("input.command", (), problem=", ".join(unknown))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if set(chosen) - {"marks", "seal"}:
            _prepare(folder)
        figures = [row for name in chosen for row in BENCHES[name]()]
    if as_json:
        emit(figures)
        return
    for row in figures:
        console.print(
            f"{row['name']:<24}{row['value']:>12} {row['unit']:<10} ratio {row['ratio']}  ({row['conditions']})",
            highlight=False,
        )


def _prepare(folder: Path) -> None:
    """Found a demo organ with 24 matters in ``folder``."""
    from dingmi.interfaces.cli.install import install

    install(folder, demo=True)
    start_django(folder)
    from dingmi.interfaces.cli.demo.story import fill
    from dingmi.queries import clock

    fill(seed=7, matters=24, end=clock.now().date())


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("bench")(bench)
