"""What a flood of tries to sign in gets: one kept page, before session, form token, hashing or any row is looked at (SR-05)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from dingmi.base.errors import Forbidden
from dingmi.interfaces.web.door import told
from dingmi.interfaces.web.middleware import Next, nobody
from dingmi.procedures import access as doors
from dingmi.queries import clock

DOOR = "/sign-in"


class FloodMiddleware:
    """Turn away who tried to sign in too often, for a thousandth of what a try costs."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the kept page while the account or the terminal is throttled."""
        if request.method != "POST" or request.path != DOOR:
            return self.get_response(request)
        reader = nobody(request)
        refusal = doors.turned_away(
            username=request.POST.get("username", ""), terminal=reader.terminal, now=clock.now()
        )
        if refusal is None:
            response = self.get_response(request)
            if getattr(request, "csrf_refused", False):
                doors.count_unread(terminal=reader.terminal, now=clock.now())
            return response
        seconds = int(refusal.findings[0].params["seconds"])
        response = HttpResponse(_page(refusal.code, seconds, reader.language), status=refusal.http_status)
        response["Retry-After"] = str(seconds)
        return response


@cache
def _page(code: str, seconds: int, language: str) -> bytes:
    """Return the page in ``language``; it names nobody, so one serves everybody."""
    refusal = Forbidden(code, (), seconds=seconds)
    with translation.override("en" if language == "en" else "zh-hans"):
        shown = {"told": told(refusal.findings[0], language), "language": language, "door": DOOR}
        return render_to_string("errors/throttled.html", shown).encode(settings.DEFAULT_CHARSET)
