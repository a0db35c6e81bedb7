"""From the session cookie to the actor, and the headers that every answer carries (SR-66, SR-67)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation

from dingmi.base.actor import Actor
from dingmi.base.errors import DingmiError
from dingmi.interfaces.web.files import OF_PAGE
from dingmi.queries import access, clock

Next = Callable[[HttpRequest], HttpResponse]
_OWN = "__Host-" if settings.DINGMI_TLS else ""  # browsers take such a cookie from this host alone, over TLS
SESSION_COOKIE = f"{_OWN}dingmi"
SALT = "dingmi.session"
LANGUAGE_COOKIE = f"{_OWN}dingmi_language"
KEYS_COOKIE = f"{_OWN}dingmi_keys"
MEGABYTE = 1024 * 1024
MOST = 64 * MEGABYTE  # bytes of a request
MOST_OF_STRANGERS = 16 * 1024  # a name, a password, a token of a form
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def nobody(request: HttpRequest) -> Actor:
    """Return the actor of a request without a session."""
    language = "en" if request.COOKIES.get(LANGUAGE_COOKIE) == "en" else "zh"
    terminal = request.META.get("REMOTE_ADDR", "")
    return Actor("", "", "", (), frozenset(), "", "", terminal, language=language)


class ActorMiddleware:
    """Put ``request.actor`` and the language in place; end what the session rules have ended."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Answer the request as the person of its session cookie."""
        request.actor = nobody(request)
        request.session_token, request.session_ended = "", False
        cookie = request.COOKIES.get(SESSION_COOKIE, "")
        if cookie and not request.path.startswith(settings.STATIC_URL) and not request.path.startswith("/api/"):
            self._recognise(request, cookie)
        with translation.override(request.actor.locale):
            response = self.get_response(request)
        if request.session_ended:
            response.delete_cookie(SESSION_COOKIE, samesite="Strict")
        elif request.session_token and SESSION_COOKIE not in response.cookies:
            keep_session(response, request.session_token)
        return response

    @staticmethod
    def _recognise(request: Any, cookie: str) -> None:
        """Set the actor of a live session, or note that it has ended."""
        try:
            token, seen, struck = signing.loads(cookie, salt=SALT)
            terminal, now = request.META.get("REMOTE_ADDR", ""), clock.now()
            request.actor = access.actor_for_session(
                token, datetime.fromisoformat(seen), now, terminal, request.certificate
            )
            access.require_awake(datetime.fromisoformat(struck), now)
            request.session_token = token
        except (DingmiError, signing.BadSignature, ValueError, TypeError):
            request.actor, request.session_ended = nobody(request), True


def name_own_origin(request: HttpRequest) -> None:
    """Give a form of our own its origin back: under ``no-referrer`` browsers send ``Origin: null`` with it.

    ``Sec-Fetch-Site`` is set by the browser alone, so no other site can claim to be ours; the token is asked all the same.
    """
    if request.META.get("HTTP_ORIGIN") == "null" and request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin":
        request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"


class HeadersMiddleware:
    """Add the security headers to every answer; pages are never stored."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers set; nothing is answered in the name of another host."""
        from dingmi.interfaces.web import errors

        try:
            request.get_host()
        except DisallowedHost:
            response = errors.wrong_host(request)
        else:
            name_own_origin(request)
            response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class BodyMiddleware:
    """Turn away what is longer than its place takes, before a byte of it is read (SR-71)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse by the length that is announced; what announces none has no body for us."""
        from dingmi.interfaces.web import errors

        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            return errors.unmeasured(request)
        length, most = request.META.get("CONTENT_LENGTH") or "0", self._most(request)
        if not length.isascii() or not length.isdigit() or int(length) > most:
            return errors.too_large(request, most)
        return self.get_response(request)

    @staticmethod
    def _most(request: HttpRequest) -> int:
        """Return how many bytes are taken: little from who shows neither a session of ours nor a token."""
        if request.path_info.startswith("/api/"):
            return MOST if request.META.get("HTTP_AUTHORIZATION") else MOST_OF_STRANGERS
        try:
            signing.loads(request.COOKIES.get(SESSION_COOKIE, ""), salt=SALT)
        except signing.BadSignature:
            return MOST_OF_STRANGERS
        with suppress(Resolver404):
            return max(MOST, OF_PAGE.get(resolve(request.path_info).url_name or "", 0) * MEGABYTE + MEGABYTE)
        return MOST


def keep_session(response: HttpResponse, token: str) -> None:
    """Hand the session to the browser with the time it was last used: no script reads it, no other site sends it.

    The time is that of the ledger, which an earlier clock does not move, and beside it what the clock struck: while the clock
    stands behind the ledger, it alone tells how long a reader was idle (SR-08, SR-62).
    """
    now = clock.now()
    response.set_cookie(
        SESSION_COOKIE,
        signing.dumps([token, clock.never_behind(now).isoformat(), now.isoformat()], salt=SALT),
        max_age=settings.DINGMI_ABSOLUTE_HOURS * 3600,
        httponly=True,
        samesite="Strict",
        secure=settings.DINGMI_TLS,
        path="/",
    )
