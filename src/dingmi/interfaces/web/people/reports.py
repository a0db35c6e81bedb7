"""重大事项报告: personal events of cleared staff, reported by them and answered by the office."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import Desk, Field, Form, answered, choices_of
from dingmi.queries.lists import words

EVENT = (
    Field("kind", n_("事项"), "select", choices=choices_of(words.EVENT)),
    Field("on", n_("发生日期"), "date", most=10),
    Field("words", n_("情况说明"), "area", most=400, hint=n_("不写国家秘密内容。")),
)
OWN = Form("personnel.report_event", n_("报告"), EVENT)
FOR_OTHERS = Form(
    "personnel.report_event",
    n_("报告"),
    (Field("person", n_("人员"), "select", needed=False, hint=n_("不选为本人。")), *EVENT),
)
ANSWER = Form(
    "personnel.answer_event",
    n_("答复"),
    (Field("report", n_("报告"), "select"), Field("answer", n_("核查情况和处理意见"), "area", most=400)),
)


@page("query:personnel.reports", ("GET", "POST"))
def reports(request: Any) -> HttpResponse:
    """Show the events reported; report one, answer one."""
    found = ask(request, "personnel.reports")
    waiting = [(str(r.id), f"{r.name} {r.on}") for r in found.rows if r.answered_at is None]
    report = (FOR_OTHERS,) if found.people else (OWN,) if found.may_report else ()
    desk = Desk((*report, *((ANSWER,) if waiting else ())), {"person": found.people, "report": waiting})
    return answered(request, desk, "people/reports.html", found, request.path)
