"""``verify`` and ``evidence``: what is kept against itself, and the record of one matter for an outsider to check."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli.acts import acting
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import AsFlag, DataFlag, JsonFlag, console, emit, use_data


@policy("folder")
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
            console.print("✗", style="red", end=" ")
            console.print(f"{finding['kind']} {finding['object']} {finding['detail']}")
        for name in result["loose"]:
            console.print(
                f"无登记的文件，每日巡查清理 · file without a row, removed by the daily round: {name}", style="dim"
            )
        console.print("完好 · intact" if result["ok"] else "未通过 · failed", style="" if result["ok"] else "red")
    if not result["ok"]:
        raise typer.Exit(8)


@policy("act:keep.evidence")
def evidence(
    matter: str, out: Path, account: AsFlag = "auditor", data: DataFlag = None, as_json: JsonFlag = False
) -> None:
    """导出一件事项的存证（不含正文） · export the checkable record of one matter, without its text.

    MATTER is an id or register number. tools/verify_evidence.py OUT --trust KEYS/checkpoint.pub checks the file anywhere.
    """
    use_data(data)
    from dingmi.procedures import perform
    from dingmi.queries import clock

    if out.exists():
        raise Invalid("file.exists", (), path=out.name)
    made = perform("keep.evidence", actor=acting(account), now=clock.now(), params={"matter": matter})
    out.write_bytes(made.content)
    result = {"file": str(out), "sm3": made.sm3, "log_size": made.size}
    if as_json:
        emit(result)
    else:
        console.print(f"{out}  SM3 {made.sm3}  账本 · log {made.size}")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("verify")(verify)
    app.command("evidence")(evidence)
