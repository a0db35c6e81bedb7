"""任命与授权的办理: cases of appointment and delegations, each with the acts that come next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.forms import LEVELS, VERSION, YES_NO, Desk, Field, Form, answered, choices_of, labelled
from dingmi.queries.lists import words

MATTERS = n_("以顿号或空格隔开；不填为本单位全部事项。")
CASE = Field("case", n_("任命"), "hidden")
NOMINATE = Form(
    "officers.nominate",
    n_("提名"),
    (
        Field("person", n_("人员"), "select"),
        Field("max_level", n_("最高密级"), "select", choices=LEVELS),
        Field("matters", n_("事项代码"), "codes", needed=False, most=400, hint=MATTERS),
        Field("tier", n_("层级"), "select", choices=choices_of(words.TIER), hint=n_("辅助责任人协助办理，不审批。")),
        Field("derives_only", n_("只用于派生定密"), "truth", needed=False, choices=YES_NO),
        Field("reasons", n_("提名理由"), most=400),
    ),
)
PRINCIPAL = Form(
    "officers.appoint_principal",
    n_("签名登记任职"),
    (
        Field("person", n_("人员"), "select"),
        Field("instrument", n_("任职文号"), hint=n_("任职即为法定定密责任人；前任的法定权限同时终止。")),
    ),
)
VET = Form(
    "officers.vet",
    n_("签名登记考察"),
    (
        CASE,
        Field(
            "criteria",
            n_("符合的任职条件"),
            "ticks",
            needed=False,
            choices=(
                ("political", n_("政治可靠")),
                ("expertise", n_("熟悉业务")),
                ("experience", n_("有保密工作经验")),
                ("character", n_("品行端正")),
                ("computing", n_("具备信息技术知识")),
            ),
        ),
        Field("passed", n_("考察结论"), "truth", choices=(("yes", n_("通过")), ("no", n_("未通过")))),
        Field("opinion", n_("考察意见"), most=400),
    ),
)
CONFIRM = Form("officers.confirm_training", n_("确认培训合格"), (CASE,))
COMMISSION = Form(
    "officers.commission",
    n_("签名下达"),
    (
        CASE,
        Field("instrument", n_("委托书文号")),
        Field("max_level", n_("最高密级"), "select", needed=False, choices=LEVELS, hint=n_("不选为按提名。")),
        Field("matters", n_("事项代码"), "codes", needed=False, most=400, hint=n_("不填为按提名。")),
        Field("since", n_("自"), "from", needed=False, most=10, hint=n_("不填为即日起。")),
        Field("until", n_("至（含当日）"), "through", needed=False, most=10),
    ),
)
PUBLISH = Form(
    "officers.publish",
    n_("登记公布"),
    (CASE, VERSION, Field("published_on", n_("公布日期"), "date", needed=False, most=10)),
)
FILE = Form(
    "officers.file",
    n_("登记备案回执"),
    (CASE, VERSION, Field("number", n_("回执编号")), Field("filed_on", n_("备案日期"), "date", needed=False, most=10)),
)
WITHDRAW = Form("officers.withdraw", n_("撤回"), (CASE, Field("reason", n_("理由"), most=200)), danger=True)
NEXT = {"vet": VET, "train": CONFIRM, "commission": COMMISSION, "publish": PUBLISH, "file": FILE}


@page("query:officers.cases", ("GET", "POST"))
def cases(request: Any) -> HttpResponse:
    """Show the cases of appointment; nominate someone."""
    found = ask(request, "officers.cases")
    people = [
        (str(p.person), labelled(p.name, p.department, p.post)) for p in ask(request, "people").rows if not p.left_on
    ]
    context = {"rows": found, "cover": ask(request, "officers.coverage")}
    return answered(
        request,
        Desk((NOMINATE, PRINCIPAL), {"person": people}),
        "officers/cases.html",
        context,
        reverse("officer_cases"),
    )


@page("query:officers.case", ("GET", "POST"))
def case(request: Any, case: UUID) -> HttpResponse:
    """Show one case with its steps and the act that comes next."""
    found = ask(request, "officers.case", {"case": str(case)})
    forms = tuple(NEXT[name] for name in found.line.awaits)
    if found.line.state not in ("active", "refused", "withdrawn"):
        forms = (*forms, WITHDRAW)
    desk = Desk(forms, {}, {"case": str(case), VERSION.name: found.version})
    return answered(request, desk, "officers/case.html", found, request.path)


@page("query:gate.outside")
def outside(request: Any) -> HttpResponse:
    """Show every decision whose officer was not entitled to it when signing."""
    return show(request, "officers/outside.html", {"page": ask(request, "gate.outside")})


DELEGATION = Field("delegation", n_("定密授权"), "select")
APPLY = Form(
    "delegation.apply",
    n_("签名申请"),
    (
        Field("addressee", n_("受理机关"), "select"),
        Field("level", n_("申请的最高密级"), "select", choices=LEVELS),
        Field("matters", n_("事项代码"), "codes", most=400),
        Field("since", n_("自"), "date", most=10),
        Field("until", n_("至（含当日）"), "date", most=10),
        Field("basis", n_("依据"), most=400),
        Field("reasons", n_("理由"), most=400),
        Field(
            "declared",
            n_("系统启用前各年件数"),
            "numbers",
            needed=False,
            most=40,
            hint=n_("由远到近，最多三年，以空格隔开；与系统记录的件数相加。"),
        ),
    ),
)
BUNDLE = Form(
    "delegation.bundle",
    n_("下载申请材料"),
    (
        Field(
            "request",
            n_("申请"),
            "select",
            hint=n_("公文、申请表、三张一览表、近三年原始定密情况和定密制度目录，由记录生成。"),
        ),
    ),
)
ANSWER = Form(
    "delegation.answer",
    n_("签名登记决定"),
    (
        Field("request", n_("申请"), "select"),
        Field("granted", n_("决定"), "truth", choices=(("yes", n_("授权")), ("no", n_("不予授权")))),
        Field("number", n_("文号")),
        Field("max_level", n_("授予的最高密级"), "select", needed=False, choices=LEVELS, hint=n_("不选为按申请。")),
        Field("answered_on", n_("决定日期"), "date", needed=False, most=10),
    ),
)
FILING = Form(
    "delegation.file",
    n_("登记备案回执"),
    (
        DELEGATION,
        Field("side", n_("备案方"), "select", choices=(("grantor", n_("授权机关")), ("grantee", n_("被授权单位")))),
        Field("number", n_("回执编号")),
        Field("filed_on", n_("备案日期"), "date", needed=False, most=10),
    ),
)
SUPERVISE = Form("delegation.supervise", n_("登记监督"), (DELEGATION, Field("words", n_("监督情况"), most=400)))
REGRANT = Form(
    "delegation.regrant",
    n_("签名登记"),
    (
        DELEGATION,
        Field("instrument", n_("新授权文号")),
        Field("max_level", n_("最高密级"), "select", choices=LEVELS),
        Field("matters", n_("事项代码"), "codes", most=400),
        Field("until", n_("至（含当日）"), "through", most=10),
    ),
)
REVOKE = Form(
    "delegation.revoke",
    n_("签名登记撤销"),
    (DELEGATION, Field("number", n_("文号")), Field("reason", n_("理由"), most=400)),
    danger=True,
)


@page("query:delegations", ("GET", "POST"))
def delegations(request: Any) -> HttpResponse:
    """Show delegations of authority through their life, and what is owed."""
    found = ask(request, "delegations")
    organs = ask(request, "organs").rows
    choices = {
        "addressee": [(str(o.organ), o.name) for o in organs if not o.is_home],
        "request": [(str(r.id), f"{r.addressee} {r.level} {r.applied_on}") for r in found.requests if not r.answer],
        "delegation": [(str(d.id), d.instrument) for d in found.delegations if d.running],
    }
    every = [(str(r.id), f"{r.addressee} {r.level} {r.applied_on}") for r in found.requests]
    forms = (
        APPLY,
        *((BUNDLE.choosing("request", every),) if every else ()),
        *((ANSWER,) if choices["request"] else ()),
    )
    if choices["delegation"]:
        forms = (*forms, FILING, SUPERVISE, REGRANT, REVOKE)
    return answered(request, Desk(forms, choices), "officers/delegations.html", found, reverse("delegations"))
