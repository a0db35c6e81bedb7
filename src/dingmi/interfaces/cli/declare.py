"""Who may run a command: each declares its policy, as pages do, and ``dingmi routes`` lists it (SR-15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import typer

F = TypeVar("F", bound=Callable[..., Any])
POLICY_ATTRIBUTE = "dingmi_policy"
# Beside ``act:<name>`` and ``query:<name>``, which are judged as the account that ``--as`` names:
POLICIES = {
    "file": "works on what it is given; no installation is opened",
    "folder": "whoever the system lets read the data directory (mode 0700)",
    "custodian": "at the server, with a passphrase, a PIN or shares",
    "two": "at the server, by two people, each with the own password",
    "account+act": "as the account of --as: the act that is named says who",
    "account+query": "as the account of --as: the query that is named says who",
}


def policy(name: str) -> Callable[[F], F]:
    """Declare who may run a command; alternatives are joined by ``|``."""

    def declare(command: F) -> F:
        setattr(command, POLICY_ATTRIBUTE, name)
        return command

    return declare


def commands(app: typer.Typer, prefix: str = "dingmi") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every command below ``app`` as it is typed, with its function."""
    for one in app.registered_commands:
        if one.callback is not None:
            yield f"{prefix} {one.name or one.callback.__name__.replace('_', '-')}", one.callback
    for group in app.registered_groups:
        if group.typer_instance is not None:
            yield from commands(group.typer_instance, f"{prefix} {group.name}")
