"""The command ``dingmi``: the same acts and queries as the pages, for people who script."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.cli import (
    acts,
    assist,
    backup,
    bench,
    demo,
    files,
    keys,
    proof,
    recovery,
    report,
    rules,
    screen,
    serve,
    services,
    vault,
)
from dingmi.interfaces.cli.out import report_error

app = typer.Typer(
    name="dingmi",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="定密与定密责任人管理 · classification and its accountable officers",
)
for module in (serve, demo, acts, files, vault, screen, assist, proof, recovery, report, backup, bench):
    module.register(app)
app.add_typer(rules.app, name="rules")
app.add_typer(keys.app, name="keys")
app.add_typer(services.app, name="services")


def main() -> None:
    """Run one command and end with the exit code of INTERFACE."""
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
    except DingmiError as error:
        code = report_error(error, as_json=as_json)
    except typer.Exit as stop:
        code = stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("已中止。 Stopped.", file=sys.stderr)
        code = 130
    except TyperException as error:
        problem = error.format_message() if hasattr(error, "format_message") else str(error)
        if not problem:
            print(app.info.help)
        code = report_error(Invalid("input.command", (), problem=problem), as_json=as_json)
    except BrokenPipeError:
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
