"""保密事项范围: browse, and import an edition after a dry run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show

FILE_MOST = 4 * 1024 * 1024


@page("query:guides", ("GET", "POST"))
def guides(request: Any, edition: UUID | None = None) -> HttpResponse:
    """Show the items of one edition and the organ's own table."""
    params: dict[str, Any] = {"edition": str(edition)} if edition else {}
    if request.method == "POST" and request.POST.get("text", "").strip():
        params["text"] = request.POST["text"].strip()[:60]
    return show(request, "guides/guides.html", {"page": ask(request, "guides", params)})


def _text(request: Any) -> str:
    """Return the JSON Lines to import, from the file or from the report's form.

    Raises:
        Invalid: The file is too large.
    """
    upload = request.FILES.get("file")
    if upload is not None and upload.size > FILE_MOST:
        raise Invalid("input.too_large", (), limit_mb=FILE_MOST // 1024 // 1024)
    return upload.read().decode("utf-8-sig", "replace") if upload else request.POST.get("document", "")


@page("act:guides.import_edition", ("GET", "POST"))
def import_edition(request: Any) -> HttpResponse:
    """Check a file first; import it only from the report."""
    if request.method == "GET":
        return show(request, "guides/import.html")
    try:
        text = _text(request)
        if request.POST.get("step") == "import":
            act(request, "guides.import_edition", {"text": text})
            return done(reverse("guides"), "imported")
        report = ask(request, "guides.check_import", {"text": text})
    except DingmiError as error:
        return show(request, "guides/import.html", {"error": error}, status=error.http_status)
    return show(request, "guides/import.html", {"report": report, "document": text})
