"""补录既有事项: a sheet is checked first and told row by row; a whole one is registered in one act."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.styles import Font

from dingmi.base.errors import DingmiError, Finding, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show, told
from dingmi.interfaces.web.forms import upload
from dingmi.interfaces.web.printing.views import attachment
from dingmi.queries.legacy_sheet import HEADINGS

MEGABYTES = 8
FAULTS_SHOWN = 200
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
    faults = [
        (f, f.row + 1, HEADINGS.get(f.field, f.field), told(Finding(f.code, "block", (), {}), request.actor.language))
        for f in report.faults[:FAULTS_SHOWN]
    ]
    context = {
        "report": report,
        "faults": faults,
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
    found = ask(request, "legacy_read_sheet", {"upload": upload(file, MEGABYTES)})
    return list(found.rows), found.level


@page("act:keep.import_legacy")
def template(request: Any) -> HttpResponse:
    """Give an empty spreadsheet with the headings that are read."""
    book, out = Workbook(), BytesIO()
    sheet = book.active
    sheet.append(list(HEADINGS.values()))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 18
    sheet.freeze_panes = "A2"
    book.save(out)
    return attachment("补录表.xlsx", "xlsx", out.getvalue())
