"""``dingmi bench officers``: the register of officers at size, each entered by the acts that enter spreadsheets.

``DINGMI_BENCH_OFFICERS`` says how many officers are entered (10,000). The organ has just been founded: officers in office are
entered in one step only then (QA-9), so this bench runs alone.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
Rows = tuple[Mapping[str, str], ...]


def count() -> int:
    """Return how many officers are entered."""
    return int(os.environ.get("DINGMI_BENCH_OFFICERS", "10000"))


def sheets(number: int) -> dict[str, tuple[str, Rows]]:
    """Return, for each spreadsheet in order, the act that enters it, and its rows."""
    numbers = [f"B{n:06}" for n in range(number)]
    people = tuple({"staff_no": n, "name": f"张{n}", "post": "处长", "post_category": "一般"} for n in numbers)
    cleared = tuple({"staff_no": n, "level": "秘密", "instrument": "涉密〔2026〕1号"} for n in numbers)
    terms = tuple({"staff_no": n, "instrument": "定密〔2026〕1号", "max_level": "秘密"} for n in numbers)
    return {
        "people": ("personnel.import_rows", people),
        "clearances": ("personnel.import_clearances", cleared),
        "officers": ("officers.import_rows", terms),
    }


def _median(work: Callable[[], Any], times: int = 5) -> float:
    """Return the median time of the processor of ``times`` runs, in milliseconds."""
    work()
    spans = []
    for _ in range(times):
        started = process_time()
        work()
        spans.append((process_time() - started) * 1000)
    return statistics.median(spans)


def officers(figure: Figure) -> list[dict[str, Any]]:
    """Enter officers from spreadsheets, then ask the register; beside its rows by the ORM alone."""
    from dingmi.interfaces.cli.demo.organ import plan
    from dingmi.procedures import ACTS
    from dingmi.procedures.bench import bare_officers
    from dingmi.queries import QUERIES, access

    number, made = count(), []
    now = plan()["founded_at"] + timedelta(hours=12)
    for kind, (act, rows) in sheets(number).items():
        user = "head" if kind == "officers" else "secrecy"
        actor = replace(access.actor_for_account(user, now), stepped_up=True)
        params: dict[str, Any] = {"rows": rows, "dry_run": False}
        if act == "personnel.import_rows":
            params["kind"] = kind
        started = perf_counter()
        done = ACTS[act](actor=actor, now=now, **params)
        if done.request is not None:
            second = replace(access.actor_for_account("secadmin", now), stepped_up=True)
            asked = QUERIES["personnel.clearances_asked"].function(actor=second, now=now)
            agreed = {"clearances": done.request, "expected_version": asked[0].version}
            ACTS["personnel.agree_clearance"](actor=second, now=now, **agreed)
        made.append(figure(f"{kind} from a sheet", perf_counter() - started, "s", 0, "none", f"{number} rows, {act}"))
    now += timedelta(hours=1)
    actor = access.actor_for_account("head", now)
    query = QUERIES["officers"].function
    bare = _median(lambda: bare_officers())
    floor = "officers, people and designations by the ORM, nothing judged"
    for name, params in (
        ("register", {}),
        ("found by state", {"state": "problems"}),
        ("found by name", {"text": "张B0077"}),
    ):
        span = _median(lambda p=params: query(actor=actor, now=now, **p))
        told = f"{number} officers, one page, by the time of the processor"
        made.append(figure(f"officers: {name}", span, "ms", bare, floor, told))
    return made
