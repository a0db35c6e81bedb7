"""``acts``, ``act``, ``asks``, ``ask``: every act and query by name."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Annotated, Any

import typer

from dingmi.base.errors import Forbidden, Invalid
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import AsFlag, DataFlag, JsonFlag, emit, read_json, use_data

KeyFlag = Annotated[str | None, typer.Option("--key", help="幂等键 · idempotency key")]


def _params() -> dict[str, Any]:
    """Read the parameters of an act or query: one JSON object on standard input, or nothing."""
    text = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    value = read_json(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise Invalid("input.not_object")
    return value


def acting(account: str) -> Any:
    """Return the actor for ``--as``: by token, by password and one-time code, or on trust in an installation that was
    founded as a demonstration.

    Raises:
        Refused: ``profile.laxer``: the configuration says less than the ledger kept.
    """
    from django.conf import settings

    from dingmi.procedures import access as doors
    from dingmi.queries import access, clock, founding

    founding.require_profile()
    now = clock.now()
    token = os.environ.get("DINGMI_TOKEN")
    if token:
        actor = access.actor_for_token(token, now)
        if actor.name != account and access.actor_for_account(account, now).account_id != actor.account_id:
            raise Forbidden("token.other_account")
        return actor
    actor = access.actor_for_account(account, now)
    if settings.DINGMI_PROFILE == "demo":
        return replace(actor, stepped_up=True)
    if not sys.stderr.isatty():
        raise Forbidden("token.required")
    password = typer.prompt("密码 · password", hide_input=True, err=True)
    asked = access.asks_code(actor.account_id)
    code = typer.prompt("动态验证码或者登录码 · one-time or sign-in code", err=True) if asked else ""
    doors.confirm_password(actor=actor, now=now, password=password, code=code)
    return replace(actor, stepped_up=True)


@policy("folder")
def acts(data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """列出全部法律行为 · list every act."""
    from dingmi.interfaces.cli.out import data_folder, start_django

    start_django(data_folder(data))
    from dingmi.procedures import ACTS

    rows = [
        {
            "name": a.name,
            "family": a.family,
            "requires": sorted(a.requires),
            "step_up": a.step_up,
            "title_zh": a.title_zh,
            "title_en": a.title_en,
            "clauses": sorted(a.clauses),
            "parameters": a.parameters_schema(),
        }
        for a in sorted(ACTS.values(), key=lambda a: a.name)
    ]
    if as_json:
        emit(rows)
        return
    for row in rows:
        print(f"{row['name']:<34}{row['title_zh']}  {row['title_en']}")


@policy("account+act")
def act(name: str, account: AsFlag, data: DataFlag = None, key: KeyFlag = None, as_json: JsonFlag = False) -> None:
    """执行一个法律行为，参数为标准输入的 JSON · perform one act, parameters as JSON on stdin."""
    use_data(data)
    from dingmi.procedures import perform
    from dingmi.queries import clock, jsonable

    emit(jsonable(perform(name, actor=acting(account), now=clock.now(), params=_params(), key=key)))


@policy("folder")
def asks(data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """列出全部查询 · list every query."""
    from dingmi.interfaces.cli.out import data_folder, start_django

    start_django(data_folder(data))
    from dingmi.queries import QUERIES

    rows = [
        {"name": q.name, "parameters": q.parameters_schema()} for q in sorted(QUERIES.values(), key=lambda q: q.name)
    ]
    if as_json:
        emit(rows)
        return
    for row in rows:
        print(row["name"])


@policy("account+query")
def ask(name: str, account: AsFlag, data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """查询，所见不超过该账号的知悉范围 · run one query, as that account may see it."""
    use_data(data)
    from dingmi.procedures.access import ask as ask_door
    from dingmi.queries import clock, jsonable

    emit(jsonable(ask_door(name, actor=acting(account), now=clock.now(), params=_params())))


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (acts, act, asks, ask):
        app.command(command.__name__)(command)
