"""``dingmi recover``: two people at the server let an administrator sign in again when nobody is left who could (SR-06)."""

from __future__ import annotations

from typing import Annotated

import typer

from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, emit, use_data


@policy("two")
def recover(
    username: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="被锁定的管理员账号 · the locked account of an administrator")
    ],
    by: Annotated[
        list[str], typer.Option("--by", help="在场两人的账号，写两次 · the accounts of the two, given twice")
    ],
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """没有安全保密管理员能登录时，由两人在服务器上解锁管理员 · two people unlock an administrator when none can."""
    use_data(data)
    from dingmi.procedures import recovery
    from dingmi.queries import access, clock

    proofs = []
    for person in by:
        password = typer.prompt(f"{person} 密码 · password", hide_input=True, err=True)
        code = ""
        if access.asks_code_of(person):
            code = typer.prompt(f"{person} 动态验证码 · one-time code", err=True)
        proofs.append(recovery.Proof(person, password, code))
    done = recovery.recover(now=clock.now(), username=username, proofs=proofs)
    if as_json:
        emit({"account": done.username})
        return
    console.print(f"{done.username} 已解锁，记入账本 · unlocked, and in the ledger")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("recover")(recover)
