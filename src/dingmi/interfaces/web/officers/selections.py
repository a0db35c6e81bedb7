"""公开选拔: announcements for everyone; the office posts, people apply, the head decides."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import LEVELS, Desk, Field, Form, answered

SELECTION = Field("selection", n_("选拔公告"), "select")
APPLY = Form("selection.apply", n_("报名"), (SELECTION, Field("statement", n_("本人情况和理由"), most=400)))
WITHDRAW = Form("selection.withdraw", n_("撤回报名"), (SELECTION,), danger=True)
POST = Form(
    "selection.post",
    n_("发布"),
    (
        Field("title", n_("岗位名称"), most=120),
        Field("max_level", n_("最高密级"), "select", choices=LEVELS),
        Field("matters", n_("事项代码"), "codes", needed=False, most=400, hint=n_("不填为本单位全部事项。")),
        Field("conditions", n_("任职条件"), most=400),
        Field("closes_at", n_("报名截止"), "moment", most=16),
        Field("exam", n_("须通过的考核"), "select", needed=False),
    ),
)
DECIDE = Form(
    "selection.decide",
    n_("签名决定"),
    (
        SELECTION,
        Field(
            "chosen", n_("入选人员"), "ticks", needed=False, hint=n_("入选即提名，随后考察、培训、委托；可以无人入选。")
        ),
        Field("reasons", n_("决定理由"), most=400),
    ),
)


@page("query:selections", ("GET", "POST"))
def selections(request: Any) -> HttpResponse:
    """Show announcements, one's own applications, and what may be done."""
    found = ask(request, "selections")
    open_ = [(str(r.id), r.title) for r in found.rows if r.state == "open" and r.mine != "applied"]
    mine = [(str(r.id), r.title) for r in found.rows if r.state != "decided" and r.mine == "applied"]
    closed = [r for r in found.rows if r.state == "closed"]
    people = [
        (str(c.person), f"{c.name}（{r.title}{'' if c.score is None else f'，{c.score}'}）")
        for r in closed
        for c in r.candidates
    ]
    forms = (
        *((APPLY.choosing("selection", open_),) if open_ else ()),
        *((WITHDRAW.choosing("selection", mine),) if mine else ()),
        *((DECIDE.choosing("selection", [(str(r.id), r.title) for r in closed]),) if closed else ()),
        POST,
    )
    desk = Desk(forms, {"chosen": people, "exam": found.exams})
    return answered(request, desk, "officers/selections.html", found, reverse("selections"))
