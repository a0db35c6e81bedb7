"""销毁、清点: lists of copies to be destroyed, approved, counted and destroyed; counts, and what they did not find."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.carriers.forms import COUNTED, NUMBERS
from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import Desk, Field, Form, answered

LIST = Field("destruction", "", "hidden")
APPROVE = Form("carriers.approve_destruction", n_("签名批准"), (LIST, Field("document_no", n_("批准文号"))))
REFUSE = Form("carriers.refuse_destruction", n_("签名不批准"), (LIST, Field("reason", n_("理由"))), danger=True)
WATCH = Form("carriers.count_destruction", n_("确认清点"), (LIST, NUMBERS, COUNTED))
FINISH = Form("carriers.finish_destruction", n_("签名登记销毁"), (LIST,), danger=True)
COUNT = Field("count", "", "hidden")
OPEN = Form("carriers.open_count", n_("开始清点"), ())
SEE = Form("carriers.count", n_("登记"), (COUNT, NUMBERS))
CLOSE = Form("carriers.close_count", n_("签名结束"), (COUNT,))
REPORT = Form("carriers.report_unseen", n_("签名报告下落不明"), (COUNT,), danger=True)


@page("query:carriers.destructions")
def destructions(request: Any) -> HttpResponse:
    """Show the lists of copies to be destroyed, and of those destroyed."""
    return answered(
        request, Desk(()), "carriers/destructions.html", ask(request, "carriers.destructions"), request.path
    )


@page("query:carriers.destruction", ("GET", "POST"))
def destruction(request: Any, destruction: UUID) -> HttpResponse:
    """Show one list; approve it, count its copies, put down that they were destroyed."""
    found = ask(request, "carriers.destruction", {"destruction": str(destruction)})
    steps = (
        (APPROVE, found.may_answer),
        (REFUSE, found.may_answer),
        (WATCH, found.may_count),
        (FINISH, found.may_finish),
    )
    desk = Desk(tuple(form for form, may in steps if may), {}, {"destruction": str(destruction)})
    return answered(request, desk, "carriers/destruction.html", found, request.path)


@page("query:carriers.counts", ("GET", "POST"))
def counts(request: Any) -> HttpResponse:
    """Show the counts so far; begin one."""
    found = ask(request, "carriers.counts")
    return answered(request, Desk((OPEN,) if found.may_open else ()), "carriers/counts.html", found, request.path)


@page("query:carriers.count_one", ("GET", "POST"))
def count(request: Any, count: UUID) -> HttpResponse:
    """Show one count; put down what was seen, close it, report what was not found."""
    found = ask(request, "carriers.count_one", {"count": str(count)})
    steps = ((SEE, found.may_count), (CLOSE, found.may_close), (REPORT, found.may_report))
    desk = Desk(tuple(form for form, may in steps if may), {}, {"count": str(count)})
    return answered(request, desk, "carriers/count.html", found, request.path)
