"""检查与整改: the inspections of a year, one with its findings, and everything that is to be put right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, asked_with, page, show
from dingmi.interfaces.web.forms import Desk, Field, Form, answered, choices_of, versioned
from dingmi.queries.lists import words

NO_SECRETS = n_("不写国家秘密内容。")
DAY = n_("不填为本单位制度规定的期限。")
KINDS = choices_of(words.INSPECTION)
PLAN = Form(
    "oversight.plan",
    n_("列入计划"),
    (
        Field("kind", n_("类别"), "select", choices=KINDS),
        Field("title", n_("名称"), most=120),
        Field("planned_on", n_("计划日期"), "date", most=10),
        Field("lead", n_("负责人"), "select", needed=False, hint=n_("不选为本人。")),
        Field("unit", n_("部门"), "select", needed=False, hint=n_("不选为全单位。")),
        Field(
            "topics",
            n_("检查内容"),
            "ticks",
            needed=False,
            choices=choices_of(words.TOPIC),
            hint=n_("不选按类别确定。"),
        ),
        Field("repeats", n_("每隔几个月再查"), "number", needed=False, most=2, hint=n_("不填为只查一次。")),
        Field("document_no", n_("文号"), needed=False),
    ),
)
INSPECTION = Field("inspection", "", "hidden")
HOLD = Form(
    "oversight.hold",
    n_("登记结果"),
    (
        INSPECTION,
        Field("held_on", n_("检查日期"), "date", most=10),
        Field("participants", n_("参加人员"), most=400),
        Field("conclusion", n_("检查结论"), "area", most=1000, hint=NO_SECRETS),
        Field("document_no", n_("检查意见文号"), needed=False, hint=n_("保密行政管理部门检查的须填。")),
    ),
)
DRAW = Form(
    "oversight.draw",
    n_("抽取"),
    (INSPECTION, Field("size", n_("件数"), "number", most=3, hint=n_("按密级和类型分层，抽样密钥留存，可以复核。"))),
)
FIND = Form(
    "oversight.find",
    n_("登记问题"),
    (
        INSPECTION,
        Field("topic", n_("检查内容"), "select"),
        Field("words", n_("问题和整改要求"), "area", most=1000),
        Field(
            "register_no",
            n_("事项登记编号"),
            needed=False,
            most=40,
            hint=n_("针对具体事项的填写；内容按该事项的密级保护。"),
        ),
        Field(
            "error",
            n_("差错类型"),
            "select",
            needed=False,
            choices=choices_of(words.ERROR),
            hint=n_("属于定密不当的，同时登记为该事项的纠正。"),
        ),
        Field("responsible", n_("整改责任人"), "select"),
        Field("due_on", n_("整改期限"), "date", needed=False, most=10, hint=DAY),
    ),
)
CANCEL = Form(
    "oversight.cancel", n_("签名取消"), (INSPECTION, Field("words", n_("取消理由"), "area", most=400)), danger=True
)
FINDING = Field("finding", n_("问题"), "row")
OPINION = Field("opinion", n_("意见"), "area", most=1000)
RECTIFY = Form(
    "oversight.rectify",
    n_("报告完成"),
    (
        FINDING,
        Field("proof", n_("整改情况和证明材料"), "area", most=1000),
        Field("rectified_on", n_("完成日期"), "date", needed=False, most=10, hint=n_("不填为今日。")),
    ),
)
CLOSE = Form("oversight.close", n_("签名验收"), (FINDING, OPINION))
SEND_BACK = Form(
    "oversight.send_back",
    n_("退回"),
    (FINDING, OPINION, Field("due_on", n_("新的期限"), "date", needed=False, most=10, hint=n_("不填为原期限。"))),
    danger=True,
)
POSTPONE = Form(
    "oversight.postpone",
    n_("签名延期"),
    (
        FINDING,
        Field("due_on", n_("新的期限"), "date", most=10),
        OPINION,
        Field(
            "document_no", n_("同意延期的文号"), needed=False, hint=n_("检查意见规定的期限，须经作出意见的机关同意。")
        ),
    ),
)


def _steps(rows: Iterable[Any]) -> tuple[Form, ...]:
    """Return the forms for what can be done to these findings now, each offering the findings that it fits."""
    held = list(rows)

    def fitting(form: Form, chosen: Iterable[Any]) -> tuple[Form, ...]:
        choices = [(versioned(r.id, r.version), f"{r.number} {r.responsible} {r.due_on}") for r in chosen]
        return (form.choosing("finding", choices),) if choices else ()

    return (
        *fitting(RECTIFY, (r for r in held if r.may_rectify)),
        *fitting(CLOSE, (r for r in held if r.may_check)),
        *fitting(SEND_BACK, (r for r in held if r.may_check)),
        *fitting(POSTPONE, (r for r in held if r.may_postpone)),
    )


@page("query:oversight", ("GET", "POST"))
def inspections(request: Any) -> HttpResponse:
    """Show the inspections of a year, filtered; plan one."""
    given = asked_with(request)
    asked = {name: given[name] for name in ("year", "kind", "state") if given.get(name)}
    found = ask(request, "oversight", asked)
    form = PLAN if found.oversees else PLAN.choosing("kind", [c for c in KINDS if c[0] == "round"])
    desk = Desk((form,), {"lead": found.choices.people if found.oversees else (), "unit": found.choices.units})
    more = {"kinds": KINDS, "states": choices_of(words.INSPECTION_STATE), "asked": asked}
    return answered(request, desk, "oversight/inspections.html", found, request.path, more)


@page("query:oversight.pairs", ("GET", "POST"))
def pairs(request: Any) -> HttpResponse:
    """Show how often the same two people acted one after the other in a year."""
    given = asked_with(request)
    found = ask(request, "oversight.pairs", {"year": given["year"]} if given.get("year") else {})
    return show(request, "oversight/pairs.html", {"page": found})


@page("query:oversight.one", ("GET", "POST"))
def inspection(request: Any, inspection: UUID) -> HttpResponse:
    """Show one inspection; draw its sample, put down its result and findings, close what was put right."""
    found = ask(request, "oversight.one", {"inspection": str(inspection)})
    forms: tuple[Form, ...] = _steps(found.findings)
    if found.may_lead:
        unheld = found.row.held_on is None
        forms += (FIND, *((HOLD,) if unheld else ()), *((DRAW,) if unheld and not found.seed else ()))
    forms += (CANCEL,) if found.may_call_off else ()
    choices = {
        "topic": [c for c in choices_of(words.TOPIC) if c[0] in found.topics],
        "responsible": found.choices.people,
    }
    desk = Desk(forms, choices, {"inspection": str(inspection)})
    return answered(request, desk, "oversight/inspection.html", found, request.path)


@page("query:oversight.findings", ("GET", "POST"))
def findings(request: Any) -> HttpResponse:
    """Show what is to be put right; report it done, close it, send it back."""
    given = asked_with(request)
    asked = {name: given[name] for name in ("state", "kind") if given.get(name)}
    found = ask(request, "oversight.findings", asked)
    desk = Desk(_steps(found.rows))
    more = {"kinds": KINDS, "states": choices_of(words.FINDING), "asked": asked}
    return answered(request, desk, "oversight/findings.html", found, request.path, more)
