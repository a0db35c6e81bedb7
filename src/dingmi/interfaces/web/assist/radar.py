"""一致性雷达: near-identical matters that differ, one case a page; its owner rules, the secrecy office names the owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.forms import VERSION, Desk, Field, Form, answered
from dingmi.queries.lists.words import DIFFERENCE, RULING

CASE = Field("case", n_("案件"), "hidden")
OUTCOMES = tuple((code, said.text) for code, said in RULING.items())
RULE = Form(
    "radar.rule",
    n_("签名裁定"),
    (
        CASE,
        VERSION,
        Field("outcome", n_("裁定"), "select", choices=OUTCOMES),
        Field(
            "item",
            n_("依据的条目"),
            "select",
            needed=False,
            hint=n_("以一件为准的，须有现行条目，不得比照另一件定密。"),
        ),
        Field("reason", n_("理由"), "area", most=1000),
    ),
)
ASSIGN = Form(
    "radar.assign", n_("指定"), (CASE, VERSION, Field("officer", n_("裁定人（可知悉两件的责任人）"), "select"))
)


@page("query:radar")
def cases(request: Any) -> HttpResponse:
    """Show the cases, open ones first."""
    return show(request, "assist/radar.html", {"page": ask(request, "radar")})


@page("query:radar.case", ("GET", "POST"))
def case(request: Any, case: UUID) -> HttpResponse:
    """Show both matters side by side; rule, or name who rules."""
    found = ask(request, "radar.case", {"case": str(case)})
    forms = []
    if found.may_rule:
        forms.append(RULE.choosing("item", [(str(pk), words) for pk, words in found.items]))
    if found.may_assign:
        forms.append(ASSIGN.choosing("officer", [(str(pk), name) for pk, name in found.officers]))
    desk = Desk(tuple(forms), {}, {"case": str(case), VERSION.name: found.version})
    more = {
        "sides": (found.row.one, found.row.other),
        "differs": [_(DIFFERENCE[name].text) for name in found.row.differs],
    }
    return answered(request, desk, "assist/case.html", found, request.path, more)
