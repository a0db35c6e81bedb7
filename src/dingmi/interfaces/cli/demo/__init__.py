"""``dingmi demo``: a synthetic, lawful organ, built by running acts only."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from typing import Annotated

import typer

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, data_folder, emit, start_django


def demo(
    seed: Annotated[int, typer.Option("--seed", help="随机种子 · seed")] = 7,
    matters: Annotated[int, typer.Option("--matters", min=0, max=1000, help="事项数 · matters")] = 200,
    on: Annotated[str | None, typer.Option("--on", help="数据截止日 · the day the data end")] = None,
    then_jobs: Annotated[bool, typer.Option("--then-jobs", hidden=True)] = False,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """生成演示单位及其事项 · build the demo organ and its matters."""
    from dingmi.interfaces.cli.install import install

    folder = data_folder(data)
    install(folder, demo=True)
    start_django(folder)
    from dingmi.interfaces.cli.demo.story import fill
    from dingmi.queries import clock

    try:
        end = date.fromisoformat(on) if on else clock.now().date()
    except ValueError as error:
        raise Invalid("input.not_a_date", (), field="on", given=on) from error
    counts = fill(seed=seed, matters=matters, end=end)
    (folder / "demo.unfinished").unlink(missing_ok=True)
    if as_json:
        emit(counts)
    else:
        console.print(counts)
    if then_jobs:
        os.environ["DINGMI_DATA"] = str(folder)
        raise typer.Exit(subprocess.call([sys.executable, "-m", "dingmi.interfaces.jobs"]))


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("demo")(demo)
