"""``verify``: ledger, rows and stored files against each other."""

from __future__ import annotations

import os

import typer

from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, emit, use_data


def verify(data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """核验账本、记录与存储文件 · verify ledger, rows and stored files."""
    use_data(data)
    from dingmi.queries import jsonable
    from dingmi.queries.verify import verify as run

    result = jsonable(run(workers=os.cpu_count() or 1))
    if as_json:
        emit(result)
    else:
        console.print(f"{result['entries']} 条 · entries, root {result['root']}")
        for finding in result["findings"]:
            console.print(f"[red]✗[/red] {finding['kind']} {finding['object']} {finding['detail']}")
        console.print("完好 · intact" if result["ok"] else "[red]未通过 · failed[/red]")
    if not result["ok"]:
        raise typer.Exit(8)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("verify")(verify)
