"""保密事项范围: browse, and import an edition after a dry run."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.queries import jsonable

FILE_MOST = 4 * 1024 * 1024


@page("query:guides", ("GET", "POST"))
def guides(request: Any, edition: UUID | None = None) -> HttpResponse:
    """Show the items of one edition and the organ's own table."""
    params: dict[str, Any] = {"edition": str(edition)} if edition else {}
    if request.method == "POST" and request.POST.get("text", "").strip():
        params["text"] = request.POST["text"].strip()[:60]
    return show(request, "guides/guides.html", {"page": ask(request, "guides", params)})


def _document(request: Any) -> tuple[str, dict[str, Any]]:
    """Return the edition to import, as text and as an object.

    Raises:
        Invalid: No file, too large, or not JSON.
    """
    upload = request.FILES.get("file")
    if upload is not None and upload.size > FILE_MOST:
        raise Invalid("input.too_large", (), limit_mb=FILE_MOST // 1024 // 1024)
    text = upload.read().decode("utf-8-sig", "replace") if upload else request.POST.get("document", "")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("input.not_json", (), problem=type(error).__name__) from error
    if not isinstance(value, dict):
        raise Invalid("input.not_object")
    return text, value


@page("act:guides.import_edition", ("GET", "POST"))
def import_edition(request: Any) -> HttpResponse:
    """Check a file first; import it only from the report."""
    if request.method == "GET":
        return show(request, "guides/import.html")
    try:
        text, value = _document(request)
        if request.POST.get("step") == "import":
            act(request, "guides.import_edition", {"document": value})
            return done(reverse("guides"), "imported")
        report = jsonable(ask(request, "guides.check_import", {"document": value}))
    except DingmiError as error:
        return show(request, "guides/import.html", {"error": error}, status=error.http_status)
    lines = list(report.items()) if isinstance(report, dict) else []
    return show(request, "guides/import.html", {"report": lines, "document": text})
