"""人员、机构与定密授权: who works here, what they may read, and the authority that other organs granted."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import CATEGORIES, LEVELS, VERSION, YES_NO, Desk, Field, Form, answered

FOREIGN = n_("境外人员不能由本单位自行列入知悉范围（实施条例第四十四条）。")
TIERS = (
    ("central", n_("中央国家机关")),
    ("provincial", n_("省级机关")),
    ("prefecture", n_("设区的市级机关")),
    ("security", n_("公安、国家安全机关")),
    ("other", n_("其他")),
)
TIER = Field("tier", n_("层级"), "select", choices=TIERS)
OWN_AUTHORITY = Field(
    "own_authority",
    n_("本系统规定的最高定密权限"),
    "select",
    needed=False,
    choices=LEVELS,
    hint=n_("只有公安、国家安全机关填写（保密法第十七条第四款）。"),
)
RUN_BY = Field("run_by", n_("承担日常工作的机关"), "select", needed=False)
ENTER_PERSON = Form(
    "personnel.enter_person",
    n_("登记"),
    (
        Field("name", n_("姓名"), most=60),
        Field("staff_no", n_("工号"), most=30, hint=n_("一人一号，离职后也不再用于他人。")),
        Field("department", n_("部门"), "select", needed=False),
        Field("post", n_("职务"), needed=False),
        Field("post_category", n_("涉密岗位类别"), "select", needed=False, choices=CATEGORIES),
        Field("is_foreign", n_("境外人员"), "truth", needed=False, choices=YES_NO, hint=FOREIGN),
    ),
)
NOTE_FOREIGN = Form(
    "personnel.note_foreign",
    n_("签名登记"),
    (
        Field("person", n_("人员"), "select"),
        Field("is_foreign", n_("境外人员"), "truth", choices=YES_NO, hint=FOREIGN),
        Field("basis", n_("依据"), hint=n_("护照、居留证件或者有关文件。")),
    ),
)
ENTER_DEPARTMENT = Form(
    "personnel.enter_department",
    n_("登记"),
    (Field("name", n_("部门名称"), most=60), Field("order", n_("排列次序"), "number", needed=False, most=5)),
)
GRANT_CLEARANCE = Form(
    "personnel.grant_clearance",
    n_("签名申请确定"),
    (
        Field("person", n_("人员"), "select"),
        Field("level", n_("最高可知悉密级"), "select", choices=LEVELS),
        Field("instrument", n_("依据文号")),
        Field(
            "until",
            n_("有效至（含当日）"),
            "through",
            needed=False,
            most=10,
            hint=n_("另一名有权的人十分钟内在“涉密等级同意”页签名同意才生效；只降低的即时生效。"),
        ),
    ),
)
ENTER_ORGAN = Form(
    "personnel.enter_organ",
    n_("登记"),
    (
        Field("name", n_("机关、单位全称"), most=120),
        TIER,
        OWN_AUTHORITY,
        Field("short_name", n_("简称"), needed=False, most=60),
        Field("unit_code", n_("单位代码"), needed=False, most=20, hint=n_("用于登记编号。")),
        Field("line", n_("业务系统"), needed=False, most=60),
        Field("superior", n_("上级机关"), "select", needed=False),
        Field("is_temporary", n_("临时机构"), "truth", needed=False, choices=YES_NO),
        RUN_BY,
    ),
)
AMEND_ORGAN = Form(
    "personnel.amend_organ",
    n_("签名更正"),
    (
        Field("organ", "", "hidden"),
        VERSION,
        TIER,
        OWN_AUTHORITY,
        Field("superior", n_("上级机关"), "select", needed=False, hint=n_("留空则不改。")),
        RUN_BY,
        Field("basis", n_("依据文号")),
    ),
)
REGISTER_DELEGATION = Form(
    "delegation.register",
    n_("签名登记"),
    (
        Field("grantor", n_("授权机关"), "select"),
        Field("grantee", n_("被授权机关、单位"), "select"),
        Field("instrument", n_("授权文号")),
        Field("max_level", n_("最高密级"), "select", choices=LEVELS),
        Field("matters", n_("事项代码"), "codes", most=400, hint=n_("以顿号或空格隔开；“*”为全部事项。")),
        Field("since", n_("自"), "day", most=10),
        Field("until", n_("至（含当日）"), "through", most=10),
        Field("filed_on", n_("备案日期"), "date", needed=False, most=10),
    ),
)


@page("query:people", ("GET", "POST"))
def people(request: Any) -> HttpResponse:
    """Show the people of the organ; enter one, a department, a clearance."""
    found = ask(request, "people")
    choices = {
        "department": [(str(d.department), d.name) for d in found.departments],
        "person": [(str(p.person), f"{p.name}（{p.department or p.staff_no}）") for p in found.rows if not p.left_on],
    }
    desk = Desk((ENTER_PERSON, GRANT_CLEARANCE, NOTE_FOREIGN, ENTER_DEPARTMENT), choices)
    return answered(request, desk, "people/people.html", found, reverse("people"))


def _as_entered(organ: Any) -> dict[str, str]:
    """Return how an organ stands, for the form that corrects it."""
    return {
        "organ": str(organ.organ),
        "expected_version": organ.version,
        "tier": organ.tier_code,
        "own_authority": organ.own_authority,
    }


@page("query:organs", ("GET", "POST"))
def organs(request: Any) -> HttpResponse:
    """Show organs and delegations; enter one or the other."""
    found = ask(request, "organs")
    every = [(str(o.organ), o.name) for o in found.rows]
    choices = dict.fromkeys(("superior", "grantor", "grantee", "run_by"), every)
    chosen = next((o for o in found.rows if str(o.organ) == (request.POST or request.GET).get("organ")), None)
    given = {} if chosen is None else _as_entered(chosen)
    first = (AMEND_ORGAN,) if chosen is not None else ()
    desk = Desk((*first, REGISTER_DELEGATION, ENTER_ORGAN), choices, given)
    return answered(request, desk, "people/organs.html", found, reverse("organs"))
