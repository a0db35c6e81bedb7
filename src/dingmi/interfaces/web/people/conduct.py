"""违规和离职情况: of cleared staff, told to the administration in writing; what it recommended, answered."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import Desk, Field, Form, answered, choices_of
from dingmi.queries.lists.words import CONDUCT

ENTER = Form(
    "personnel.enter_conduct",
    n_("登记"),
    (
        Field("person", n_("人员"), "select"),
        Field("kind", n_("事项"), "select", choices=choices_of(CONDUCT)),
        Field("on", n_("发生日期"), "date", most=10),
        Field("words", n_("情况说明"), "area", most=400, hint=n_("不写国家秘密内容。")),
    ),
)
TELL = Form(
    "personnel.tell_conduct",
    n_("登记报告"),
    (
        Field("conduct", n_("事项"), "select"),
        Field("document_no", n_("报告文号")),
        Field("told_on", n_("报告日期"), "date", needed=False, most=10, hint=n_("不填为今日。")),
        Field("words", n_("报告内容"), "area", most=400, hint=n_("不写国家秘密内容。")),
    ),
)


@page("query:personnel.conduct", ("GET", "POST"))
def conduct(request: Any) -> HttpResponse:
    """Show the cases; enter one, put down how the administration was told."""
    found = ask(request, "personnel.conduct")
    waiting = [(str(r.id), f"{r.name} {r.on}") for r in found.rows if r.told_on is None]
    desk = Desk((*((TELL,) if waiting else ()), ENTER), {"person": found.people, "conduct": waiting})
    return answered(request, desk, "people/conduct.html", found, request.path)
