"""出国（境）审批: journeys of cleared staff, asked for, given opinions, decided, briefed for, and come back from."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import YES_NO, Desk, Field, Form, answered, choices_of, versioned
from dingmi.queries.lists import words

JOURNEY = Field("travel", n_("申请"), "select")
NO_SECRETS = n_("不写国家秘密内容。")
WANTED = (
    Field("kind", n_("种类"), "select", choices=choices_of(words.TRAVEL)),
    Field("place", n_("前往国家或者地区"), most=120),
    Field("purpose", n_("事由"), most=200, hint=NO_SECRETS),
    Field("starts_on", n_("启程日期"), "date", most=10),
    Field("returns_on", n_("返回日期"), "date", most=10),
)
OWN = Form("travel.ask", n_("申请"), WANTED)
FOR_OTHERS = Form(
    "travel.ask",
    n_("申请"),
    (Field("person", n_("人员"), "select", needed=False, hint=n_("不选为本人。")), *WANTED),
)
OPINIONS = Form(
    "travel.note_opinions",
    n_("登记意见"),
    (
        JOURNEY,
        Field("personnel", n_("组织人事部门意见"), "area", most=400),
        Field("office", n_("保密办意见"), "area", most=400),
    ),
)
DECIDE = Form(
    "travel.decide",
    n_("签名审批"),
    (
        JOURNEY,
        Field("approve", n_("是否批准"), "truth", choices=YES_NO),
        Field("words", n_("审批意见"), "area", needed=False, most=400, hint=n_("不批准的写明理由。")),
    ),
)
BRIEF = Form(
    "travel.brief",
    n_("登记行前教育"),
    (
        Field("travel", n_("申请"), "row"),
        Field("briefed_on", n_("行前教育日期"), "date", needed=False, most=10),
        Field("filing_no", n_("出入境备案号"), needed=False),
    ),
)
RETURN = Form(
    "travel.return_from",
    n_("登记返回"),
    (
        JOURNEY,
        Field("back_on", n_("实际返回日期"), "date", most=10),
        Field("words", n_("返回报告"), "area", most=400, hint=NO_SECRETS),
    ),
)
WITHDRAW = Form("travel.withdraw", n_("撤回"), (JOURNEY,), danger=True)
# the form, the states of a journey in which it may be used, whether on one's own journey
STEPS = (
    (OPINIONS, ("asked", "opinions"), False),
    (DECIDE, ("opinions",), False),
    (BRIEF, ("approved", "briefed"), False),
    (RETURN, ("away", "due_back", "approved", "briefed"), True),
    (WITHDRAW, ("asked", "opinions", "approved", "briefed", "unapproved"), True),
)


@page("query:travel", ("GET", "POST"))
def travel(request: Any) -> HttpResponse:
    """Show journeys abroad with what may be done about each."""
    found = ask(request, "travel")
    forms = [FOR_OTHERS.choosing("person", found.people)] if found.people else [OWN] if found.may_ask else []
    for form, states, own in STEPS:
        choices = [
            (
                versioned(r.id, r.version) if form is BRIEF else str(r.id),
                _("%(name)s %(day)s 前往%(place)s") % {"name": r.name, "day": r.starts_on, "place": r.place},
            )
            for r in found.rows
            if r.state in states and (not r.is_own or own) and (r.is_own or found.keeps or form is DECIDE)
        ]
        if choices:
            forms.append(form.choosing("travel", choices))
    return answered(request, Desk(tuple(forms)), "people/travel.html", found, request.path)
