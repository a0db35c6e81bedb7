"""保密档案: rules, plans and registers of the organ, with what is to be looked at again."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import LEVELS, Desk, Field, Form, answered, versioned
from dingmi.regime.secrecy_file import LONGEST, Detail, parts

KINDS = {"text": "text", "day": "date", "level": "select", "choice": "select"}
BEFORE = (
    Field("part", n_("类别"), "hidden"),
    Field("title", n_("文件名称"), most=120),
    Field("number", n_("文号、批准或者协议编号")),
)
AFTER = (
    Field("summary", n_("内容摘要"), "area", needed=False, most=400, hint=n_("不写国家秘密内容。")),
    Field("since", n_("施行日期"), "date", needed=False, most=10, hint=n_("不填为今日。")),
    Field("review_by", n_("复核期限"), "date", needed=False, most=10, hint=n_("不填为一年后（本单位制度）。")),
    Field("replaces", n_("代替"), "select", needed=False, hint=n_("被代替的文件即停用，记录保留。")),
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


def _field(detail: Detail) -> Field:
    """Return the field in which one column of a part is filled in."""
    choices = LEVELS if detail.kind == "level" else tuple((c, c) for c in detail.choices)
    most = 10 if detail.kind == "day" else LONGEST
    return Field(f"details.{detail.code}", detail.word, KINDS[detail.kind], detail.needed, most, choices=choices)


def _enter(part: str) -> Form:
    """Return the form that enters a paper of one part, with the columns of that part."""
    return Form("secrecy_file.enter", n_("归档"), (*BEFORE, *map(_field, parts()[part].columns), *AFTER))


@page("query:secrecy_file", ("GET", "POST"))
def secrecy_file(request: Any) -> HttpResponse:
    """Show the secrecy file part by part; enter a paper of one part, look at one again, end one."""
    found = ask(request, "secrecy_file")
    asked = request.POST.get("part") or request.GET.get("part") or next(iter(found.missing), "rules")
    part = asked if asked in parts() else "rules"
    papers = [(versioned(p.id, p.version), f"{p.title}（{p.number}）") for p in found.rows]
    wanted = [(versioned(p.id, p.version), f"{p.title}（{p.number}）") for p in found.rows if p.approval == "wanted"]
    replaced = [(str(p.id), f"{p.title}（{p.number}）") for p in found.rows if p.part == part]
    enter = _enter(part)
    forms = (enter, REVIEW, END) if papers else (enter,)
    forms = (*((APPROVE.choosing("entry", wanted),) if wanted else ()), *forms)
    desk = Desk(forms, {"replaces": replaced, "entry": papers}, {"part": part})
    held = [(p, f"secrecy_file.{p.code}", [row for row in found.rows if row.part == p.code]) for p in found.parts]
    return answered(request, desk, "people/secrecy_file.html", found, request.path, {"held": held, "part": part})
