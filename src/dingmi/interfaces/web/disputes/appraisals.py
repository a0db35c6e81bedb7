"""密级鉴定: requests of case organs, and the one screen that answers their three questions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web.disputes.fields import LEVELS
from dingmi.interfaces.web.door import act, ask, done, integer, page, show
from dingmi.interfaces.web.printing.views import attachment

KINDS = ("discipline", "investigation", "prosecution", "trial")


@page("query:appraisal.list")
def listed(request: Any) -> HttpResponse:
    """Show the requests, waiting ones first."""
    return show(request, "disputes/appraisals.html", {"rows": ask(request, "appraisal.list")})


def _screen(request: Any, matter: UUID, error: DingmiError | None = None) -> HttpResponse:
    context = {
        "page": ask(request, "appraisal.screen", {"matter": str(matter)}),
        "error": error,
        "posted": request.POST,
        "kinds": KINDS,
        "levels": LEVELS,
    }
    return show(request, "disputes/appraisal.html", context, status=error.http_status if error else 200)


@page("query:appraisal.screen", ("GET", "POST"))
def screen(request: Any, matter: UUID) -> HttpResponse:
    """Show what the records answer, and register a request."""
    if request.method != "POST":
        return _screen(request, matter)
    form, file = request.POST, request.FILES.get("file")
    names = ("applicant", "applicant_kind", "applicant_rank", "document_no", "received_on")
    params: dict[str, Any] = {"matter": str(matter), **{name: form.get(name, "").strip() for name in names}}
    if form.get("reply_by"):
        params["reply_by"] = form["reply_by"]
    if file is not None:
        params["upload"] = {"filename": file.name or "", "content": file.read()}
    try:
        act(request, "appraisal.receive", params)
    except DingmiError as error:
        return _screen(request, matter, error)
    return done(reverse("appraisal", args=[matter]), "acted")


@page("act:appraisal.answer", ("POST",))
def answer(request: Any, matter: UUID) -> HttpResponse:
    """Sign the three answers."""
    try:
        params = {name: request.POST.get(name, "") for name in ("appraisal_id", "should_be", "opinion")}
        act(request, "appraisal.answer", {**params, "expected_version": integer(request, "version")}, signed=True)
    except DingmiError as error:
        return _screen(request, matter, error)
    return done(reverse("appraisal", args=[matter]), "acted")


@page("act:appraisal.export", ("POST",))
def export(request: Any, matter: UUID, appraisal: UUID) -> HttpResponse:
    """Hand out the dossier; the handing out is recorded first."""
    try:
        made = act(request, "appraisal.export", {"appraisal_id": str(appraisal)}, signed=True)
    except DingmiError as error:
        return _screen(request, matter, error)
    return attachment(made.filename, made.media, made.content)
