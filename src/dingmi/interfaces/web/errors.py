"""What people see when a page is missing, forbidden or broken."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from dingmi.base.errors import DingmiError, Forbidden, Invalid, NotFound
from dingmi.base.presentation import error_document
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
    request.csrf_refused = True  # type: ignore[attr-defined]  # a try to sign in without a form counts too (SR-05)
    return _page(request, 403, "form_stale")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer for what is missing and for what the reader may not know."""
    return _page(request, 404, "not_found", NotFound())


def wrong_host(request: HttpRequest) -> HttpResponse:
    """400: the address names a host that is not this one."""
    return _answer(request, 400, "refused", Invalid("request.host"))


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """413: more than this place takes, or than is taken from who has not signed in."""
    megabytes = most // 1024 // 1024
    error = Invalid("upload.too_large", (), limit_mb=megabytes) if megabytes else Invalid("request.of_stranger")
    return _answer(request, 413, "refused", error)


def unmeasured(request: HttpRequest) -> HttpResponse:
    """411: a body that does not say how long it is."""
    return _answer(request, 411, "refused", Invalid("request.unmeasured"))


def _answer(request: HttpRequest, status: int, code: str, error: DingmiError) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return JsonResponse(error_document(error), status=status)
    return _page(request, status, code, error)


def broken(request: HttpRequest) -> HttpResponse:
    """500: nothing was written."""
    return _page(request, 500, "broken")
