"""承继: matters handed on to the organ that answers for them from a day on."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import Desk, Field, Form, answered

SITUATIONS = (
    ("abolished", n_("机关撤销")),
    ("merged", n_("机关合并")),
    ("split", n_("机关分立")),
    ("body_dissolved", n_("临时机构撤销")),
)
ASSIGN = Form(
    "succession.assign",
    n_("签名登记"),
    (
        Field("matters", n_("事项"), "rows", hint=n_("请在左表勾选；职能分给几个机关的，分几次登记。")),
        Field("situation", n_("情形"), "select", choices=SITUATIONS),
        Field("successor", n_("承继机关"), "select"),
        Field("function_taker", n_("承担其职能的机关"), "select", needed=False),
        Field("superior", n_("上级机关"), "select", needed=False, hint=n_("没有机关承担职能的才填。")),
        Field("named", n_("指定的机关"), "select", needed=False, hint=n_("由保密行政管理部门指定的才填。")),
        Field("instrument", n_("依据文号")),
        Field("effective_on", n_("生效日期"), "date", most=10),
    ),
)
HAND_OVER = Form(
    "succession.hand_over",
    n_("签名登记移交"),
    (
        Field("to", n_("接收机关"), "select"),
        Field("on", n_("移交日期"), "date", most=10),
        Field("counted", n_("清点份数"), "number", most=6, hint=n_("与登记的份数一致才能移交；不一致的先查清。")),
        Field("received_by", n_("接收人"), most=60),
        Field("receipt", n_("签收编号")),
        Field("witness", n_("监交人"), needed=False, most=60),
    ),
)
GROUNDS = {"function": n_("承担职能"), "superior": n_("上级机关"), "named": n_("指定")}


@page("query:succession", ("GET", "POST"))
def succession(request: Any) -> HttpResponse:
    """Show what can be handed on and what was; hand the ticked matters on."""
    params = {"department": request.GET["department"]} if request.GET.get("department") else {}
    found = ask(request, "succession", params)
    organs = [(str(o.id), o.name) for o in found.organs]
    choices = dict.fromkeys(("successor", "function_taker", "superior", "named"), organs)
    choices["to"] = [(str(w.organ), w.name) for w in found.waiting]
    forms = (ASSIGN, HAND_OVER) if found.waiting else (ASSIGN,)
    words = {"situations": dict(SITUATIONS), "grounds": GROUNDS}
    return answered(request, Desk(forms, choices), "people/succession.html", found, reverse("succession"), words)
