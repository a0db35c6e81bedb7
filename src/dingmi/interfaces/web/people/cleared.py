"""涉密人员管理: who is owed what, one person's file, and the acts from vetting to leaving."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.forms import CATEGORIES, VERSION, YES_NO, Desk, Field, Form, answered

PERSON = Field("person", n_("人员"), "hidden")
UNDERTAKINGS = (
    ("post", n_("上岗承诺书")),
    ("leaving", n_("离岗承诺书")),
    ("contract", n_("保密合同")),
    ("non_compete", n_("竞业限制协议（最长二年）")),
)
VET = Form(
    "personnel.vet",
    n_("签名登记"),
    (
        PERSON,
        Field("passed", n_("结论"), "truth", choices=(("yes", n_("通过")), ("no", n_("未通过")))),
        Field("opinion", n_("审查意见"), most=400, hint=n_("未通过的，涉密等级即时终止。")),
        Field("on", n_("审查日期"), "date", needed=False, most=10),
    ),
)
SIGN = Form(
    "personnel.sign_undertaking",
    n_("登记"),
    (
        PERSON,
        Field("kind", n_("种类"), "select", choices=UNDERTAKINGS),
        Field("number", n_("编号")),
        Field("signed_on", n_("签订日期"), "date", needed=False, most=10),
        Field("through", n_("有效至（含当日）"), "date", needed=False, most=10),
    ),
)
TAKE_POST = Form(
    "personnel.take_post",
    n_("签名上岗"),
    (
        PERSON,
        Field("category", n_("涉密岗位类别"), "select", choices=CATEGORIES),
        Field("post", n_("职务"), needed=False, hint=n_("不填为不变。")),
    ),
)
FILE_POST = Form(
    "personnel.file_post",
    n_("登记备案"),
    (
        PERSON,
        VERSION,
        Field("number", n_("备案号")),
        Field("filed_on", n_("备案日期"), "date", needed=False, most=10),
    ),
)
LEAVE = Form(
    "personnel.leave",
    n_("签名离岗"),
    (
        PERSON,
        Field("talked_on", n_("提醒谈话日期"), "date", most=10),
        Field("carriers_returned", n_("已清退载体件数"), "number", most=6),
        Field("devices_returned", n_("已清退设备件数"), "number", most=6),
        Field("carriers_outstanding", n_("未清退载体件数"), "number", needed=False, most=6),
        Field("devices_outstanding", n_("未清退设备件数"), "number", needed=False, most=6),
        Field(
            "systems_closed",
            n_("其他涉密信息系统、场所的权限已取消"),
            "truth",
            choices=YES_NO,
            hint=n_("本系统的权限随本操作取消。"),
        ),
        Field("cooling_through", n_("脱密期至（含当日）"), "date", most=10),
        Field("managed_by", n_("脱密期管理单位"), most=120),
        Field("leaves_organ", n_("离开本单位"), "truth", choices=YES_NO),
    ),
    danger=True,
)


@page("query:personnel.staff")
def staff(request: Any) -> HttpResponse:
    """Show cleared staff with what is owed, and the cooling-off periods."""
    return show(request, "people/cleared.html", {"page": ask(request, "personnel.staff")})


@page("query:personnel.file", ("GET", "POST"))
def file(request: Any, person: UUID) -> HttpResponse:
    """Show one person's file and what may be done."""
    found = ask(request, "personnel.file", {"person": str(person)})
    mine = str(person) == request.actor.person_id
    given = {"person": str(person), VERSION.name: found.post_version}
    forms = (
        () if found.has_left or mine else (VET, SIGN, TAKE_POST, *((FILE_POST, LEAVE) if found.line.category else ()))
    )
    return answered(request, Desk(forms, {}, given), "people/file.html", found, request.path)
