"""岗位津贴: the rules by tier and level, and what is due for a month."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import LEVELS, Desk, Field, Form, answered, choices_of
from dingmi.queries.lists import words

SET = Form(
    "officers.set_allowance",
    n_("签名确定"),
    (
        Field("tier", n_("层级"), "select", choices=choices_of(words.TIER)),
        Field("max_level", n_("最高密级"), "select", choices=LEVELS),
        Field("yuan", n_("每月（元）"), "number", most=6, hint=n_("填 0 为停发。")),
        Field("instrument", n_("依据文号")),
        Field("since", n_("自"), "date", needed=False, most=10, hint=n_("不填为今日；已过的日期不补发。")),
    ),
)


@page("query:officers.allowances", ("GET", "POST"))
def allowances(request: Any) -> HttpResponse:
    """Show the rules and what officers are due for a month; set a rule."""
    found = ask(request, "officers.allowances", {"month": request.GET.get("month", "")})
    return answered(request, Desk((SET,)), "officers/allowances.html", found, request.path)
