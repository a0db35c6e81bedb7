"""What people see when a page is missing, forbidden or broken."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from dingmi.base.errors import DingmiError, Forbidden, NotFound
from dingmi.interfaces.web.middleware import nobody


def _page(request: Any, status: int, code: str, error: DingmiError | None = None) -> HttpResponse:
    if not hasattr(request, "actor"):
        request.actor = nobody(request)
    from dingmi.interfaces.web.door import explain

    said = explain(error, request.actor.language) if error else ()
    with translation.override(request.actor.locale):
        return render(request, "errors/plain.html", {"status": status, "code": code, "told": said}, status=status)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _page(request, 403, "forbidden", Forbidden("page.forbidden"))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: too old, or from elsewhere."""
    return _page(request, 403, "form_stale")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer for what is missing and for what the reader may not know."""
    return _page(request, 404, "not_found", NotFound())


def broken(request: HttpRequest) -> HttpResponse:
    """500: nothing was written."""
    return _page(request, 500, "broken")
