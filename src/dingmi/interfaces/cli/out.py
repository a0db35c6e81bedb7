"""How a command speaks: JSON on stdout, everything else on stderr; and how it finds the data directory."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from dingmi.base.errors import DingmiError, Invalid
from dingmi.base.presentation import error_document, plain

console = Console(stderr=True, markup=False)  # brackets in names, paths and our own words stand as they are
JsonFlag = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档 · print one JSON document")]
DataFlag = Annotated[Path | None, typer.Option("--data", help="数据目录 · data directory (DINGMI_DATA)")]
AsFlag = Annotated[str, typer.Option("--as", help="以哪个账号 · the account that acts")]


def emit(value: Any) -> None:
    """Print ``value`` as exactly one JSON document."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2))


def report_error(error: DingmiError, *, as_json: bool) -> int:
    """Print an error and return its exit code."""
    document = error_document(error)
    if as_json:
        emit(document)
    else:
        head = document["error"]
        for finding in head["findings"] or [head]:
            console.print("✗", style="red", end=" ")
            console.print(f"{finding['message_zh']}\n  {finding['remedy_zh']}", highlight=False)
            console.print(f"  {finding['message_en']} {finding['remedy_en']}", style="dim", highlight=False)
    return error.exit_code


def use_data(data: Path | None) -> Path:
    """Choose the data directory and start Django on it; return the directory.

    Raises:
        Invalid: The directory holds no installation.
    """
    folder = data_folder(data)
    if not (folder / "keys").is_dir():
        raise Invalid("data.not_founded", (), folder=str(folder))
    start_django(folder)
    return folder


def data_folder(data: Path | None) -> Path:
    """Return the data directory that the option, ``DINGMI_DATA`` or the default ``data`` names."""
    return Path(data or os.environ.get("DINGMI_DATA", "data")).resolve()


def start_django(folder: Path) -> None:
    """Load the settings for ``folder``; once per process."""
    os.environ["DINGMI_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dingmi.site.settings")
    import django

    django.setup()


def day_of(text: str | None, field: str) -> date | None:
    """Parse an ISO date option.

    Raises:
        Invalid: The text is no ISO date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("input.not_a_date", (), field=field, given=text) from error


def read_json(text: str) -> Any:
    """Parse JSON from standard input.

    Raises:
        Invalid: The text is not JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid("input.not_json", (), problem=str(error)) from error
