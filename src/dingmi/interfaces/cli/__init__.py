"""The command ``dingmi``: the same acts and queries as the pages, for people who script."""

from __future__ import annotations

import sys

import click
import typer

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.cli import acts, bench, demo, files, proof, rules, serve
from dingmi.interfaces.cli.out import report_error

app = typer.Typer(
    name="dingmi",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="定密与定密责任人管理 · classification and its accountable officers",
)
for module in (serve, demo, acts, files, proof, bench):
    module.register(app)
app.add_typer(rules.app, name="rules")


def main() -> None:
    """Run one command and end with the exit code of INTERFACE."""
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
    except DingmiError as error:
        code = report_error(error, as_json=as_json)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.exceptions.NoArgsIsHelpError as stop:
        print(stop.format_message())
        code = 2
    except click.ClickException as error:
        code = report_error(Invalid("input.command", (), problem=error.format_message()), as_json=as_json)
    except (KeyboardInterrupt, click.exceptions.Abort):
        print("已中止。 Stopped.", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
