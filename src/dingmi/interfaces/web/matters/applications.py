"""申请与审批: asking to know a matter or to take rows of the register out, answering, taking them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.files import attachment

FILTER = ("view", "level", "state", "text")
ANSWERS = {"know": "need_to_know.answer", "export": "register.answer_export"}


def _shown(request: Any, error: DingmiError | None = None) -> HttpResponse:
    context = {"page": ask(request, "applications"), "error": error}
    return show(request, "matters/applications.html", context, status=error.http_status if error else 200)


@page("query:applications")
def applications(request: Any) -> HttpResponse:
    """Show one's own applications and those to answer."""
    return _shown(request)


@page("act:need_to_know.request", ("GET", "POST"))
def know(request: Any, matter: UUID) -> HttpResponse:
    """Ask to know a matter of which only number and mark are shown."""
    error = None
    if request.method == "POST":
        try:
            params = {"matter": str(matter), "purpose": request.POST.get("purpose", "")}
            made = act(request, "need_to_know.request", params)
        except DingmiError as caught:
            error = caught
        else:
            return done(f"{reverse('applications')}?undo={made.application}", "applied")
    context = {"matter": matter, "error": error, "posted": request.POST}
    return show(request, "matters/apply_know.html", context, status=error.http_status if error else 200)


@page("act:register.request_export", ("POST",))
def export(request: Any) -> HttpResponse:
    """First ask what for and in which format, then send the application; the filter travels in the body."""
    given = {name: request.POST[name] for name in FILTER if request.POST.get(name)}
    error = None
    if "purpose" in request.POST:
        params = {**given, "purpose": request.POST["purpose"], "format": request.POST.get("format", "")}
        try:
            made = act(request, "register.request_export", params)
        except DingmiError as caught:
            error = caught
        else:
            return done(f"{reverse('applications')}?undo={made.application}", "applied")
    context = {"filter": given, "error": error, "posted": request.POST}
    return show(request, "matters/apply_export.html", context, status=error.http_status if error else 200)


@page("act:need_to_know.answer", ("POST",))
def answer(request: Any, application: UUID) -> HttpResponse:
    """Grant or refuse an application."""
    verdict = request.POST.get("verdict", "")
    name = ANSWERS.get(request.POST.get("kind", ""))
    if name is None or verdict not in ("grant", "refuse"):
        raise Invalid("input.invalid", (), fields={"verdict": "choice.unknown"})
    params = {"application": str(application), "grant": verdict == "grant", "reason": request.POST.get("reason", "")}
    try:
        act(request, name, params, signed=True)
    except DingmiError as error:
        return _shown(request, error)
    return done(reverse("applications"), "answered")


@page("act:application.withdraw", ("POST",))
def withdraw(request: Any, application: UUID) -> HttpResponse:
    """Take back one's own application."""
    try:
        act(request, "application.withdraw", {"application": str(application)})
    except DingmiError as error:
        return _shown(request, error)
    return done(reverse("applications"), "withdrawn")


@page("act:register.export", ("POST",))
def take(request: Any, application: UUID) -> HttpResponse:
    """Hand out the file of a granted export, once; the ledger has it before the bytes leave."""
    try:
        made = act(request, "register.export", {"application": str(application)}, signed=True)
    except DingmiError as error:
        return _shown(request, error)
    return attachment(made.filename, made.media, made.content)
