"""``dingmi demo``: a synthetic, lawful organ, built by running acts only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dingmi.base.errors import Invalid, Refused
from dingmi.interfaces.cli import told
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, data_folder, day_of, emit, start_django
from dingmi.interfaces.cli.unfinished import MARK, hold

MOST_BY_ACTS = 1000  # larger sets are registered by the batch act, beside a story of
FEW_BY_ACTS = 60
HOUSES = ("organ", "enterprise")
EARLIEST = date(
    2021, 4, 1
)  # the organ is founded in February 2016, and some matters are told from five years before the end


@policy("folder")
def demo(
    seed: Annotated[int, typer.Option("--seed", help="随机种子 · seed")] = 7,
    matters: Annotated[int, typer.Option("--matters", min=0, max=2_000_000, help="事项数 · matters")] = 200,
    on: Annotated[str | None, typer.Option("--on", help="数据截止日 · the day the data end")] = None,
    high_fraction: Annotated[
        float, typer.Option("--high-fraction", min=0, max=1, help="大批量中机密的比例 · share of 机密 in a large set")
    ] = 0.3,
    years: Annotated[int, typer.Option("--years", min=1, max=30, help="大批量的年数 · years a large set covers")] = 10,
    profile: Annotated[
        str, typer.Option("--profile", help="organ 机关，enterprise 企业商业秘密 · kind of unit")
    ] = "organ",
    then_jobs: Annotated[bool, typer.Option("--then-jobs", hidden=True)] = False,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """生成演示单位及其事项 · build the demo organ and its matters."""
    from dingmi.interfaces.cli.install import install, is_founded, read_configuration

    folder = data_folder(data)
    if profile not in HOUSES:
        raise Invalid("house.unknown", (), kinds="、".join(HOUSES))
    asked = day_of(on, "on")
    if asked is not None and asked < EARLIEST:
        raise Invalid("demo.too_early", (), earliest=EARLIEST.isoformat())
    if is_founded(folder) and not (folder / MARK).exists() and read_configuration(folder).get("profile") == "demo":
        raise Refused("demo.filled", ())
    install(folder, demo=True, house=profile)
    hold(folder)
    start_django(folder)
    from dingmi.interfaces.cli.demo.story import fill
    from dingmi.queries import clock

    end = asked or clock.now().date()
    if profile == "enterprise":
        from dingmi.interfaces.cli.demo.company import fill_company

        _finish(folder, fill_company(end=end), as_json, then_jobs)
        return
    by_acts = matters if matters <= MOST_BY_ACTS else FEW_BY_ACTS
    counts = fill(seed=seed, matters=by_acts, end=end, tell=teller(folder))
    if matters > by_acts:
        from dingmi.interfaces.cli.demo import large

        counts["registered"] = large.register(
            seed=seed, count=matters - by_acts, end=end, years=years, high_fraction=high_fraction
        )
    _finish(folder, counts, as_json, then_jobs)


def teller(folder: Path) -> Callable[[date, int], None]:
    """Return what writes down how far the story has come, for the pages to say; nothing for a fill that nobody waits for."""
    mark = folder / MARK

    def tell(day: date, per_cent: int) -> None:
        if mark.exists():
            mark.write_text(f"{per_cent} {day.isoformat()}", encoding="utf-8")

    return tell


def _finish(folder: Path, counts: dict[str, int], as_json: bool, then_jobs: bool) -> None:
    """Tell what was made; become the jobs process where asked, so that whoever ends this process ends that one."""
    (folder / MARK).unlink(missing_ok=True)
    if as_json:
        emit(counts)
    else:
        told.say(told.counts(counts))
    if then_jobs:
        environment = dict(os.environ, DINGMI_DATA=str(folder))
        os.execve(sys.executable, [sys.executable, "-m", "dingmi.interfaces.jobs"], environment)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("demo")(demo)
