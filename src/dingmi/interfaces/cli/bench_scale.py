"""Figures at size: registering, lists, and the sweep day by day, on 1,000 matters or as many as ``DINGMI_BENCH`` says."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter
from typing import Any

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
SEED = 11
DAYS = 60


def count() -> int:
    """Return how many matters are registered for the measurement."""
    return int(os.environ.get("DINGMI_BENCH", "1000"))


def _p95(work: Callable[[], Any], times: int = 20) -> float:
    """Return the 95th percentile of ``times`` runs, in milliseconds."""
    work()
    spans = []
    for _ in range(times):
        started = perf_counter()
        work()
        spans.append((perf_counter() - started) * 1000)
    return statistics.quantiles(spans, n=20)[-1]


def lists(figure: Figure) -> list[dict[str, Any]]:
    """Register matters, then ask the lists; each beside the same page by the ORM alone."""
    from dingmi.interfaces.cli.demo import large
    from dingmi.queries import QUERIES, access, clock
    from dingmi.queries.numbers import bare_page

    now, number = clock.now(), count()
    started = perf_counter()
    large.register(seed=SEED, count=number, end=now.date(), years=5, high_fraction=0.3)
    speed = number / (perf_counter() - started)
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


def simulate(figure: Figure) -> list[dict[str, Any]]:
    """Sweep day after day; silent expiries must be 0."""
    from dingmi.interfaces.cli.demo import large
    from dingmi.interfaces.cli.demo.story import at
    from dingmi.procedures import daily
    from dingmi.queries import clock
    from dingmi.queries.forecast import silent_expiries

    today, number = clock.now().date(), count()
    large.register(seed=SEED + 1, count=number, end=today, years=5, high_fraction=0.3)
    spans, due = [], 0
    with clock.simulated():
        daily.run(now=at(today, 3))
        for step in range(1, DAYS + 1):
            day = today + timedelta(days=step)
            started = perf_counter()
            counts = daily.run(now=at(day, 3))
            spans.append((perf_counter() - started) * 1000)
            due += sum(sum(row.values()) for row in counts.values())
    silent = silent_expiries(today + timedelta(days=DAYS))
    conditions = f"{number} matters, {DAYS} days, {due} rows due"
    return [
        figure("sweep of one day", statistics.fmean(spans), "ms", min(spans), "the day with least due", conditions),
        figure("silent expiries", silent, "matters", 0, "none", conditions),
    ]
