"""统计年报: the page of figures, the records behind each, and the reports of a year."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import act, ask, page, show
from dingmi.interfaces.web.files import attachment
from dingmi.interfaces.web.forms import Desk, Field, Form, answered

GIVEN = (Field("name", n_("报表"), "hidden"), Field("year", n_("年度"), "hidden"))
SIGN = Form(
    "statistics.sign",
    n_("签名签发"),
    (*GIVEN, Field("explained", n_("对需说明情况的说明"), needed=False, most=600)),
)
FILE = Form(
    "statistics.file",
    n_("登记"),
    (*GIVEN, Field("number", n_("受理文号或者回执号")), Field("filed_on", n_("报送日期"), "date", most=10)),
)
ASKED = ("table", "row", "column")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _when(request: Any) -> dict[str, Any]:
    """Return the year, the day and the department that the address asks for."""
    given: dict[str, Any] = {"year": _number(request.GET.get("year", ""))}
    given |= {name: request.GET.get(name, "") for name in ("as_of", "department")}
    return {name: value for name, value in given.items() if value}


@page("query:statistics")
def statistics(request: Any) -> HttpResponse:
    """Show the figures of a year as of a day, of the organ or a department, on request beside those of the year before."""
    asked = _when(request) | {"compare": request.GET.get("compare") == "1"}
    page = ask(request, "statistics", asked)
    return show(request, "statistics/statistics.html", {"page": page, "by_month": request.GET.get("by") == "month"})


@page("query:statistics.signal")
def signal(request: Any, name: str) -> HttpResponse:
    """Show one sign of quality: its meaning, its quarters and departments."""
    found = ask(request, "statistics.signal", {"name": name, **_when(request)})
    return show(request, "statistics/signal.html", {"page": found})


@page("query:statistics.records")
def records(request: Any) -> HttpResponse:
    """List exactly the records that one figure counts; without a figure, show the figures to choose from."""
    if not request.GET.get("table"):
        return redirect("statistics")
    given = {name: request.GET[name] for name in ASKED if request.GET.get(name)}
    number = _number(request.GET.get("page", "")) or 1
    found = ask(request, "statistics.records", {"table": "", **given, **_when(request), "page": number})
    return show(request, "statistics/records.html", {"page": found})


@page("query:statistics.report", ("GET", "POST"))
def report(request: Any, name: str, year: int) -> HttpResponse:
    """Show a report of a year with what looks wrong; sign it, record its filing."""
    found = ask(request, "statistics.report", {"name": name, **_when(request), "year": year})
    state = next(r for r in ask(request, "statistics.reports", {"year": year}) if r.name == name)
    forms = {"ready": (SIGN,), "signed": (FILE,)}.get("" if found.department else state.state, ())
    desk = Desk(forms, {}, {"name": name, "year": str(year)})
    return answered(request, desk, "statistics/report.html", found, request.path, {"state": state})


@page("act:statistics.render", ("POST",))
def report_file(request: Any, name: str, year: int) -> HttpResponse:
    """Hand out a report as a file."""
    params: dict[str, Any] = {"name": name, "year": year, "format": request.POST.get("format", "pdf")}
    params |= {name: request.POST[name] for name in ("as_of", "department") if request.POST.get(name)}
    delivered = act(request, "statistics.render", params)
    return attachment(delivered.filename, delivered.media, delivered.content)
