"""``report``: one report of a year, reproducible as of a date."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli.acts import acting
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import AsFlag, DataFlag, JsonFlag, console, use_data


def _day(text: str) -> str | None:
    """Return the day that was given, as JSON has it.

    Raises:
        Invalid: It is no day.
    """
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        raise Invalid("input.invalid", (), fields={"as_of": "date.malformed"}) from None


@policy("act:statistics.render")
def report(
    name: Annotated[str, typer.Argument(help="classification、work、filing")],
    year: Annotated[int, typer.Option("--year", help="年度 · year")],
    as_of: Annotated[str, typer.Option("--as-of", help="数据截至哪一天 · the day it is known as of")] = "",
    department: Annotated[
        str, typer.Option("--department", help="只列一个部门，写部门编号 · one department, by its id")
    ] = "",
    format: Annotated[str, typer.Option("--format", help="json、xlsx、docx、pdf")] = "json",
    out: Annotated[Path | None, typer.Option("--out", help="写到文件 · write to a file")] = None,
    account: AsFlag = "secrecy",
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """年度报表：同一年度、日期和账号每次相同 · a report of a year, the same bytes for the same year, day and account.

    Written to --out, else to standard output; on a terminal, files are written beside you.
    """
    use_data(data)
    from dingmi.procedures import perform
    from dingmi.queries import clock

    if out is not None and out.exists():
        raise Invalid("file.exists", (), path=out.name)
    params = {
        "name": name,
        "year": year,
        "as_of": _day(as_of),
        "department": department,
        "format": "json" if as_json else format,
    }
    made = perform("statistics.render", actor=acting(account), now=clock.now(), params=params)
    if out is None and made.media != "json" and sys.stdout.isatty():
        out = Path(f"{name}-{year}.{made.media}")
        if out.exists():
            raise Invalid("file.exists", (), path=out.name)
    if out is None:
        sys.stdout.buffer.write(made.content)
        sys.stdout.buffer.flush()
        return
    out.write_bytes(made.content)
    console.print(f"{out}  {len(made.content)} B")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("report")(report)
