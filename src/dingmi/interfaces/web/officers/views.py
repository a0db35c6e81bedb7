"""定密责任人名册与档案: the register, one file, and the acts on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import Role
from dingmi.interfaces.web.door import ask, asked_with, page, show
from dingmi.interfaces.web.forms import LEVELS, Desk, Field, Form, answered, labelled
from dingmi.queries.officers import DUTY

PERSON = Field("person", n_("人员"), "hidden")
DESIGNATION = (
    Field("instrument", n_("任命文号")),
    Field("max_level", n_("最高密级"), "select", choices=LEVELS),
    Field(
        "matters", n_("事项代码"), "codes", needed=False, most=400, hint=n_("以顿号或空格隔开；不填为本单位全部事项。")
    ),
    Field("since", n_("自"), "from", needed=False, most=10, hint=n_("不填为即日起。")),
    Field("until", n_("至（含当日）"), "through", needed=False, most=10),
)
DESIGNATE = Form("officers.designate", n_("签名指定"), (Field("person", n_("人员"), "select"), *DESIGNATION))
AGAIN = Form("officers.designate", n_("签名指定"), (PERSON, *DESIGNATION))
SUSPEND = Form(
    "officers.suspend",
    n_("签名暂停"),
    (
        PERSON,
        Field("ground", n_("理由"), most=40),
        Field("until", n_("暂停至（含当日）"), "through", needed=False, most=10),
    ),
    danger=True,
)
END = Form(
    "officers.end",
    n_("签名免去"),
    (
        Field("designation", n_("任命"), "select"),
        Field(
            "ground",
            n_("法定情形"),
            "select",
            choices=(
                ("misclassification", n_("定密不当，情节严重")),
                ("left_post", n_("离岗离职")),
                ("administration_advice", n_("保密行政管理部门建议调整")),
                ("unsuitable", n_("其他不宜履职的情形")),
            ),
        ),
        Field("detail", n_("说明"), needed=False, most=200),
    ),
    danger=True,
)
RESUME = Form("officers.resume", n_("签名恢复"), (PERSON, Field("reason", n_("理由"), most=200)))
ADJUST = Form(
    "officers.adjust",
    n_("签名调整"),
    (
        PERSON,
        Field("instrument", n_("调整文号")),
        Field("reasons", n_("理由"), most=400),
        Field("max_level", n_("最高密级"), "select", needed=False, choices=LEVELS, hint=n_("只能缩小；不选为不变。")),
        Field("matters", n_("事项代码"), "codes", needed=False, most=400, hint=n_("不填为不变。")),
        Field("until", n_("至（含当日）"), "through", needed=False, most=10),
    ),
)
EVENT = Form(
    "officers.record_event",
    n_("签名登记"),
    (
        PERSON,
        Field(
            "kind",
            n_("事件"),
            "select",
            choices=(
                ("travel_duty", n_("因公出国（境）")),
                ("travel_private", n_("因私出国（境）")),
                ("leave", n_("长期请假")),
                ("inquiry", n_("接受核查")),
                ("transfer", n_("调动")),
                ("promotion", n_("升迁")),
                ("leaving", n_("离岗离职")),
            ),
            hint=n_("前四种到期自动恢复；后三种自该日起终止任命。"),
        ),
        Field("since", n_("自"), "from", needed=False, most=10, hint=n_("不填为即时。")),
        Field("until", n_("至（含当日）"), "through", needed=False, most=10),
        Field("detail", n_("说明"), needed=False, most=200),
    ),
)
TRAINING = Form(
    "officers.record_training",
    n_("登记"),
    (
        PERSON,
        Field("course", n_("课程"), most=120),
        Field("minutes", n_("分钟"), "number", most=5),
        Field("completed_at", n_("完成日期"), "day", most=10),
        Field("valid_until", n_("有效至（含当日）"), "through", most=10),
        Field("certificate", n_("证书编号"), needed=False, most=60),
    ),
)
QUALIFICATION = Form(
    "officers.record_qualification",
    n_("登记"),
    (
        PERSON,
        Field("grade", n_("资格等级"), "select", choices=LEVELS),
        Field("certificate", n_("证书编号"), most=60),
        Field("since", n_("自"), "day", most=10),
        Field("until", n_("至（含当日）"), "through", most=10),
    ),
)
STATEMENT = Form(
    "officers.sign_statement",
    n_("签名并下载"),
    (
        Field("words", n_("本人意见"), "area", most=400),
        Field("kind", n_("文件类型"), "select", choices=(("pdf", "PDF"), ("docx", "Word"))),
    ),
)


@page("query:officers", ("GET", "POST"))
def officers(request: Any) -> HttpResponse:
    """Show the register, found by name, kind or state; designate one."""
    found = ask(request, "officers", _asked(request))
    desk = Desk((DESIGNATE,) if found.takes_over else (), {"person": _people(request, found)})
    return answered(request, desk, "officers/officers.html", found, request.path, _beside(request))


@page("query:officers.profile", ("GET", "POST"))
def profile(request: Any, person: UUID) -> HttpResponse:
    """Show one officer's file beside the register, with what may be done about it."""
    found = ask(request, "officers.profile", {"person": str(person)})
    register = ask(request, "officers", _asked(request))
    return answered(
        request,
        _file(found, person, register.takes_over),
        "officers/officers.html",
        register,
        request.path,
        {**_beside(request), "file": found},
    )


@page("query:officers.records")
def records(request: Any, person: UUID, figure: str) -> HttpResponse:
    """List exactly the records that one figure of a file counts."""
    found = ask(request, "officers.records", {"person": str(person), "figure": figure})
    return show(request, "officers/records.html", {"page": found})


def _asked(request: Any) -> dict[str, Any]:
    """Return what to find in the register."""
    sent = asked_with(request)
    given: dict[str, Any] = {name: sent.get(name, "") for name in ("text", "state")}
    number = sent.get("page", "")
    return {**given, "page": int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1}


def _beside(request: Any) -> dict[str, Any]:
    """Return what those whose duty it is see beside the register: units without an officer, and how work spreads."""
    if not request.actor.holds(*DUTY):
        return {}
    cover = [u for u in ask(request, "officers.coverage") if not u.own]
    return {"uncovered": cover, "balance": ask(request, "officers.balance")}


def _file(found: Any, person: UUID, takes_over: bool) -> Desk:
    running = [(str(a.id), f"{a.instrument}（{a.max_level}）") for a in found.commissions if not a.ended]
    suspended, by_law = "suspended" in found.row.problems, found.row.kind == "法定"
    forms = (
        *((STATEMENT,) if found.is_own else ()),
        *((AGAIN,) if takes_over and not by_law else ()),
        *((RESUME,) if suspended else (SUSPEND,)),
        EVENT,
        *((ADJUST, END) if running and not by_law else ()),
        TRAINING,
        QUALIFICATION,
    )
    return Desk(forms, {"designation": running}, {"person": str(person)})


def _people(request: Any, register: Any) -> list[tuple[str, str]]:
    """Return who can be designated; only the head is asked to choose."""
    if not register.takes_over or not request.actor.holds(Role.HEAD):
        return []
    found = ask(request, "officers.candidates")
    return [(str(p.person), labelled(p.name, p.department, p.post)) for p in found]
