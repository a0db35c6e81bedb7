"""``dingmi rules``: the legal core, usable without a database."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Annotated, Any

import typer

from dingmi.base.errors import Invalid
from dingmi.base.presentation import finding_document, plain
from dingmi.interfaces.cli import told
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import JsonFlag, day_of, emit, read_json

OUTSIDE = {"zh": "产品之外", "en": "outside"}
WITHOUT_PROOFS = (
    "这个安装没有证明清单（由 tools/clause_proofs.py 从测试收集），所以看不到由哪些测试证明。\n"
    "This installation has no list of proofs (tools/clause_proofs.py collects it from the tests), so no tests are shown."
)
app = typer.Typer(no_args_is_help=True, help="法规内核 · the legal core")
marks_app = typer.Typer(no_args_is_help=True, help="国家秘密标志 · marks")
app.add_typer(marks_app, name="marks")


@marks_app.command("parse")
@policy("file")
def parse(
    text: str,
    issued: Annotated[str | None, typer.Option("--issued", help="制发日 · date of issue")] = None,
    notified: Annotated[str | None, typer.Option("--notified", help="通知日 · date of notice")] = None,
    as_json: JsonFlag = False,
) -> None:
    """解析一个标志 · parse a mark."""
    from dingmi.regime.prc_state import marks

    parsed = plain(marks.parse(text, issued=day_of(issued, "issued"), notified=day_of(notified, "notified")).as_dict())
    if as_json:
        emit(parsed)
        return
    told.say(told.mark(parsed))


@app.command("deadline")
@policy("file")
def deadline(
    name: str,
    from_: Annotated[str, typer.Option("--from", help="起算日（可带时刻） · start date, or instant")],
    as_json: JsonFlag = False,
) -> None:
    """计算一个期限 · compute a deadline."""
    from dingmi.regime import deadlines

    try:
        start: date | datetime = datetime.fromisoformat(from_) if len(from_) > 10 else date.fromisoformat(from_)
    except ValueError as error:
        raise Invalid("input.not_a_date", (), field="from", given=from_) from error
    value = plain(deadlines.compute(name, start))
    emit(value) if as_json else print(
        value["due"], value["clause"], *(("政策 · policy",) if value["is_policy"] else ())
    )


@app.command("deadlines")
@policy("file")
def deadline_names(as_json: JsonFlag = False) -> None:
    """列出期限名称 · list the deadlines."""
    from dingmi.regime import deadlines

    names = list(deadlines.names())
    emit(names) if as_json else print("\n".join(names))


@app.command("schema")
@policy("file")
def schema(act: str, regime_name: Annotated[str, typer.Option("--regime")] = "prc_state") -> None:
    """某一行为据以判断的事实的 JSON Schema · JSON Schema of the facts of an act."""
    from dingmi import regime

    emit(regime.schema(act, regime_name))


def _judged(regime_name: str, act: str, facts: Any, on: date) -> dict[str, Any]:
    from dingmi import regime

    verdict = regime.judge(regime_name, act, regime.facts_from_json(act, facts, regime_name), on=on)
    payload = plain(verdict.payload())
    payload["findings"] = [finding_document(f) for f in verdict.findings]
    return dict(payload)


@app.command("judge")
@policy("file")
def judge(
    act: str,
    on: Annotated[str, typer.Option("--on", help="行为日期 · date of the act")],
    regime_name: Annotated[str, typer.Option("--regime")] = "prc_state",
    lines: Annotated[bool, typer.Option("--lines", help="JSON Lines 输入输出")] = False,
    as_json: JsonFlag = False,
) -> None:
    """按当日法律判断一个行为，事实为标准输入的 JSON · judge an act by the law of its date."""
    day = day_of(on, "on")
    assert day is not None
    if lines:
        for line in sys.stdin:
            if line.strip():
                emit(_judged(regime_name, act, read_json(line), day))
        return
    emit(_judged(regime_name, act, read_json(sys.stdin.read()), day))


@app.command("clauses")
@policy("file")
def clauses(
    response: Annotated[str | None, typer.Option("--response", help="只看一类 · enforce, decide, remind…")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="只看未承担的 · only what nothing carries")] = False,
    as_json: JsonFlag = False,
) -> None:
    """逐条列出登记条款由什么承担、由什么证明 · every clause, what carries it and what proves it."""
    from dingmi.interfaces.cli import clauses as register
    from dingmi.interfaces.cli.out import console, data_folder, start_django

    start_django(data_folder(None))
    if not register.proofs():
        console.print(WITHOUT_PROOFS, highlight=False)
    found = register.rows()
    chosen = [
        row
        for row in found
        if (response is None or row["response"] == response)
        and not (missing and any(row[name] for name in register.CARRIERS))
    ]
    if as_json:
        emit(plain(chosen))
        return
    for row in chosen:
        until = f"{row['since']} – {row['until'] or ''}" + ("（沿用）" if row["carried_over"] else "")
        print(f"{row['id']:<12}{row['response']:<9}{until}")
        for name in (*register.CARRIERS, "tests"):
            if row[name]:
                print(f"  {name}: {', '.join(row[name])}")
        for language in row["outside"]:
            print(f"  {OUTSIDE[language]}: {row['outside'][language]}")
    for line in register.summary(found):
        print(
            "{response:<9} {carried} / {clauses} 承担 carried, {proved} 证明 proved, {outside} 产品之外 outside".format(
                **line
            )
        )
