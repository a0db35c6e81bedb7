"""保密档案: rules, plans and registers of the organ, with what is to be looked at again."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import Desk, Field, Form, answered, choices_of, versioned
from dingmi.queries.lists import words

ENTER = Form(
    "secrecy_file.enter",
    n_("归档"),
    (
        Field("part", n_("类别"), "select", choices=choices_of(words.FILE_PART)),
        Field("title", n_("文件名称"), most=120),
        Field("number", n_("文号、批准或者协议编号")),
        Field(
            "summary",
            n_("内容摘要"),
            "area",
            needed=False,
            most=400,
            hint=n_("登记类须填，见左侧各类要求；不写国家秘密内容。"),
        ),
        Field("since", n_("施行日期"), "date", needed=False, most=10, hint=n_("不填为今日。")),
        Field("review_by", n_("复核期限"), "date", needed=False, most=10, hint=n_("不填为一年后（本单位制度）。")),
        Field("replaces", n_("代替"), "select", needed=False, hint=n_("被代替的文件即停用，记录保留。")),
    ),
)
REVIEW = Form(
    "secrecy_file.review",
    n_("登记复核"),
    (
        Field("entry", n_("文件"), "row"),
        Field("words", n_("复核意见"), "area", most=400),
        Field("review_by", n_("下次复核期限"), "date", needed=False, most=10, hint=n_("不填为一年后（本单位制度）。")),
    ),
)
APPROVE = Form("secrecy_file.approve", n_("签名批准"), (Field("entry", n_("文件"), "row"),))
END = Form(
    "secrecy_file.end",
    n_("签名停用"),
    (Field("entry", n_("文件"), "row"), Field("words", n_("停用理由"), "area", most=400)),
    danger=True,
)


@page("query:secrecy_file", ("GET", "POST"))
def secrecy_file(request: Any) -> HttpResponse:
    """Show the secrecy file; enter a paper, look at one again, end one."""
    found = ask(request, "secrecy_file")
    papers = [(versioned(p.id, p.version), f"{p.title}（{p.number}）") for p in found.rows]
    wanted = [(versioned(p.id, p.version), f"{p.title}（{p.number}）") for p in found.rows if p.approval == "wanted"]
    replaced = [(str(p.id), f"{p.title}（{p.number}）") for p in found.rows]
    forms = (ENTER, REVIEW, END) if papers else (ENTER,)
    forms = (*((APPROVE.choosing("entry", wanted),) if wanted else ()), *forms)
    desk = Desk(forms, {"replaces": replaced, "entry": papers})
    return answered(request, desk, "people/secrecy_file.html", found, request.path)
