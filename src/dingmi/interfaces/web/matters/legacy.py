"""补录既有事项: a sheet is checked first and told row by row; a whole one is registered in one act."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web import entry_sheet
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.files import MEGABYTES, upload
from dingmi.queries.legacy_sheet import HEADINGS

ROWS_A_SECOND = 250  # about, on two cores; for the words beside the button


@page("act:keep.import_legacy", ("GET", "POST"))
def entry(request: Any) -> HttpResponse:
    """Check a sheet of earlier matters; register them from the report."""
    if request.method == "GET":
        return show(request, "matters/legacy.html")
    try:
        rows, level = _given(request)
        if request.POST.get("step") == "enter":
            params = {"rows": rows, "basis": request.POST.get("basis", "")}
            act(request, "keep.import_legacy", params, signed=True)
            return done(reverse("register"), "kept")
        report, error = ask(request, "legacy_check", {"rows": rows}), None
    except DingmiError as caught:
        if request.POST.get("step") != "enter" or isinstance(caught, Invalid):
            return show(request, "matters/legacy.html", {"error": caught}, status=caught.http_status)
        report, error = ask(request, "legacy_check", {"rows": rows}), caught
    found = ((f.row + 1, HEADINGS.get(f.field, f.field), f.code) for f in report.faults)
    context = {
        "report": report,
        "faults": entry_sheet.faults(found, request.actor.language),
        "rows": json.dumps(rows, ensure_ascii=False),
        "level": level,
        "seconds": 1 + report.rows // ROWS_A_SECOND,
        "error": error,
        "posted": request.POST,
    }
    return show(request, "matters/legacy.html", context, status=error.http_status if error else 200)


def _given(request: Any) -> tuple[list[dict[str, str]], str]:
    """Return what to check and its highest level: the sheet as it came, or on the second step the rows of the report.

    Raises:
        Invalid: There is no file, it is too large, or the rows cannot be read.
    """
    file = request.FILES.get("file")
    if file is None:
        try:
            return list(json.loads(request.POST.get("rows", ""))), request.POST.get("level", "")
        except ValueError:
            raise Invalid("input.invalid", (), fields={"file": "missing"}) from None
    found = ask(request, "legacy_read_sheet", {"upload": upload(file, MEGABYTES["sheet"])})
    return list(found.rows), found.level


@page("act:keep.import_legacy")
def template(request: Any) -> HttpResponse:
    """Give an empty spreadsheet with the headings that are read."""
    return entry_sheet.blank("补录表.xlsx", "补录表", HEADINGS.values())
