"""Figures at size: registering, lists, and the sweep day by day.

``DINGMI_BENCH`` says how many matters are registered (1,000), ``DINGMI_BENCH_DAYS`` how many days are swept (30).
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from time import perf_counter, process_time
from typing import Any

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
SEED = 11
DAYS = 30
EDITIONS = 4  # of the guide that come into force over the sweep
TIMES = 20  # that a list is asked


def count() -> int:
    """Return how many matters are registered for the measurement."""
    return int(os.environ.get("DINGMI_BENCH", "1000"))


def days() -> int:
    """Return how many days are swept."""
    return int(os.environ.get("DINGMI_BENCH_DAYS", str(DAYS)))


@lru_cache
def registered() -> float:
    """Register the matters, once in a run; return how many a second."""
    from dingmi.interfaces.cli.demo import large
    from dingmi.queries import clock

    started, number = perf_counter(), count()
    large.register(seed=SEED, count=number, end=clock.now().date(), years=5, high_fraction=0.3)
    return number / (perf_counter() - started)


def _p95(work: Callable[[], Any]) -> float:
    """Return the 95th percentile of some runs, in milliseconds."""
    work()
    spans = []
    for _ in range(TIMES):
        started = perf_counter()
        work()
        spans.append((perf_counter() - started) * 1000)
    return statistics.quantiles(spans, n=20)[-1]


def lists(figure: Figure) -> list[dict[str, Any]]:
    """Register matters, then ask the lists; each beside the same page by the ORM alone."""
    from dingmi.procedures.bench import bare_page
    from dingmi.queries import QUERIES, access, clock

    now, number = clock.now(), count()
    speed = registered()
    bare = _p95(lambda: bare_page(18))
    made = [figure("register earlier matters", speed, "1/s", 0, "none", f"{number} rows, keep.import_legacy")]
    asked = [("register", {}), ("register", {"level": "机密"}), ("register", {"view": "annual"}), ("expiry", {})]
    for user in ("officer", "head"):
        actor = access.actor_for_account(user, now)
        for name, params in [*asked, ("expiry_forecast", {})]:
            query = QUERIES[name]
            if query.roles and not actor.holds(*query.roles):
                continue
            span = _p95(lambda q=query, p=params, a=actor: q.function(actor=a, now=now, **p))
            shown = f"{name} {params or ''} as {user}".replace("  ", " ")
            made.append(figure(shown, span, "ms p95", bare, "18 rows by the ORM, unfiltered", f"{number} matters"))
    return made


def _announce(number: int, now: datetime) -> None:
    """Enter an edition of the guide that is in force from the next day on; each departs from the one before."""
    from dingmi.interfaces.cli.demo import keeping, organ
    from dingmi.procedures import guides

    since = now.date() + timedelta(days=1)
    changed = keeping.next_rows(since) if number % 2 == 0 else organ.guide_rows("", since.isoformat())
    rows = tuple(row | {"edition": f"{since}版"} for row in changed)
    guides.import_edition(actor=organ.as_account("secrecy", now), now=now, rows=rows)


def _announced() -> list[int]:
    """Return the steps on whose eve an edition is announced: after that of the story, evenly over the sweep."""
    from dingmi.interfaces.cli.demo.keeping import NEXT_EDITION_IN

    stretch = max(1, days() // (EDITIONS + 1))
    return [n * stretch for n in range(1, EDITIONS + 1) if NEXT_EDITION_IN < n * stretch <= days()]


def simulate(figure: Figure) -> list[dict[str, Any]]:
    """Sweep day after day, without waiting for the disk; silent expiries must be 0."""
    from dingmi.interfaces.cli.demo.story import at
    from dingmi.procedures import daily
    from dingmi.procedures.bench import durable, size
    from dingmi.queries import clock
    from dingmi.queries.forecast import silent_expiries

    registered()
    today, spans, due = clock.now().date(), [], []
    announced = _announced()
    durable(False)
    with clock.simulated():
        daily.run(now=at(today, 3))
        for step in range(1, days() + 1):
            if step in announced:
                _announce(announced.index(step) + 1, at(today + timedelta(days=step - 1), 16))
            started = process_time()
            counts = daily.run(now=at(today + timedelta(days=step), 3))
            spans.append((process_time() - started) * 1000)
            due.append(sum(sum(row.values()) for row in counts.values()))
    durable(True)
    silent = silent_expiries(today + timedelta(days=days()))
    least = min(spans)
    conditions = f"{size()} matters, {days()} days, {len(announced)} editions of the guide, {sum(due)} rows due"
    conditions += ", by the time of the processor, no fsync"
    each = (sum(spans) - least * len(spans)) / sum(due) if sum(due) else 0
    return [
        figure("sweep of one day", statistics.fmean(spans), "ms", least, "the cheapest day", conditions),
        figure("sweep of one row due", each, "ms", least, "the cheapest day", conditions),
        figure("silent expiries", silent, "matters", 0, "none", conditions),
    ]
