"""从表格登记: a file is checked first and told row by row; only a whole one is entered."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.styles import Font

from dingmi.base.errors import DingmiError, Finding, Invalid, NotFound
from dingmi.interfaces.web.door import act, ask, done, page, show, told
from dingmi.interfaces.web.printing.views import attachment
from dingmi.queries.people_sheet import HEADINGS

FILE_MOST = 8 * 1024 * 1024
FAULTS_SHOWN = 200


@page("act:personnel.import_rows", ("GET", "POST"))
def sheet(request: Any) -> HttpResponse:
    """Check a file of people or training; enter it from the report."""
    if request.method == "GET":
        return show(request, "people/import.html")
    try:
        kind, rows = _given(request)
        if request.POST.get("step") == "enter":
            act(request, "personnel.import_rows", {"kind": kind, "rows": rows, "dry_run": False}, signed=True)
            return done(reverse("people" if kind == "people" else "training_hours"), "kept")
        report = act(request, "personnel.import_rows", {"kind": kind, "rows": rows}, signed=True)
    except DingmiError as error:
        return show(request, "people/import.html", {"error": error}, status=error.http_status)
    faults = [
        (f, HEADINGS[kind].get(f.column, f.column), told(Finding(f.code, "block", (), {}), request.actor.language))
        for f in report.faults[:FAULTS_SHOWN]
    ]
    context = {"report": report, "faults": faults, "kind": kind, "rows": json.dumps(rows, ensure_ascii=False)}
    return show(request, "people/import.html", context)


def _given(request: Any) -> tuple[str, list[dict[str, str]]]:
    """Return what to check: the rows of the file, or on the second step those that the report holds.

    Raises:
        Invalid: There is no file, it is too large, or the rows cannot be read.
    """
    kind, upload = request.POST.get("kind", ""), request.FILES.get("file")
    if upload is None:
        try:
            return kind, list(json.loads(request.POST.get("rows", "")))
        except ValueError:
            raise Invalid("input.invalid", (), fields={"file": "missing"}) from None
    if upload.size > FILE_MOST:
        raise Invalid("input.too_large", (), limit_mb=FILE_MOST // 1024 // 1024)
    sent = {"filename": upload.name[:200], "content": upload.read()}
    return kind, list(ask(request, "personnel.read_sheet", {"kind": kind, "upload": sent}).rows)


@page("act:personnel.import_rows")
def template(request: Any, kind: str) -> HttpResponse:
    """Give an empty spreadsheet with the headings of a kind.

    Raises:
        NotFound: No such kind.
    """
    if kind not in HEADINGS:
        raise NotFound("object.not_found")
    book, out = Workbook(), BytesIO()
    page_ = book.active
    page_.append(list(HEADINGS[kind].values()))
    for cell in page_[1]:
        cell.font = Font(bold=True)
        page_.column_dimensions[cell.column_letter].width = 18
    page_.freeze_panes = "A2"
    book.save(out)
    return attachment(f"{'人员' if kind == 'people' else '培训'}登记表.xlsx", "xlsx", out.getvalue())
