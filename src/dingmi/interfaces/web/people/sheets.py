"""从表格登记: a file is checked first and told row by row; only a whole one is entered."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid, NotFound
from dingmi.interfaces.web import entry_sheet
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.forms import upload
from dingmi.queries.people_sheet import HEADINGS


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
    found = ((f.row, HEADINGS[kind].get(f.column, f.column), f.code) for f in report.faults)
    faults = entry_sheet.faults(found, request.actor.language)
    context = {"report": report, "faults": faults, "kind": kind, "rows": json.dumps(rows, ensure_ascii=False)}
    return show(request, "people/import.html", context)


def _given(request: Any) -> tuple[str, list[dict[str, str]]]:
    """Return what to check: the rows of the file, or on the second step those that the report holds.

    Raises:
        Invalid: There is no file, it is too large, or the rows cannot be read.
    """
    kind, file = request.POST.get("kind", ""), request.FILES.get("file")
    if file is None:
        try:
            return kind, list(json.loads(request.POST.get("rows", "")))
        except ValueError:
            raise Invalid("input.invalid", (), fields={"file": "missing"}) from None
    sent = upload(file, entry_sheet.MEGABYTES)
    return kind, list(ask(request, "personnel.read_sheet", {"kind": kind, "upload": sent}).rows)


@page("act:personnel.import_rows")
def template(request: Any, kind: str) -> HttpResponse:
    """Give an empty spreadsheet with the headings of a kind.

    Raises:
        NotFound: No such kind.
    """
    if kind not in HEADINGS:
        raise NotFound("object.not_found")
    name = f"{'人员' if kind == 'people' else '培训'}登记表"
    return entry_sheet.blank(f"{name}.xlsx", name, HEADINGS[kind].values())
