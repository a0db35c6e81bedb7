"""Three views: perform an act, run a query, describe both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from dingmi.base.actor import Actor
from dingmi.base.errors import DingmiError, Forbidden, Invalid
from dingmi.base.presentation import error_document
from dingmi.interfaces.api.openapi import document
from dingmi.procedures import access as doors
from dingmi.procedures import perform
from dingmi.queries import access, clock, jsonable

BODY_LIMIT = 64 * 1024 * 1024
View = Callable[..., HttpResponse]


def _answers(view: View) -> View:
    """Render every error of the house as its JSON document and status."""

    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except DingmiError as error:
            response = JsonResponse(error_document(error), status=error.http_status)
            if error.code == "token.required":
                response.status_code = 401
                response["WWW-Authenticate"] = "Bearer"
            return response

    return answered


def _actor(request: HttpRequest) -> Actor:
    """Return the actor of the bearer token; a token never steps up by itself: the password does, with the second factor.

    Raises:
        Forbidden: No token, or one that does not count.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Forbidden("token.required")
    now = clock.now()
    actor = replace(access.actor_for_token(token.strip(), now), terminal=request.META.get("REMOTE_ADDR", ""))
    password = request.headers.get("Dingmi-Password")
    if password is not None:
        code, shown = request.headers.get("Dingmi-Code", ""), getattr(request, "certificate", None)
        doors.confirm_password(actor=actor, now=now, password=password, code=code, presented=shown)
        actor = replace(actor, stepped_up=True)
    return actor


def _params(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of the body.

    Raises:
        Invalid: The body is too large, no JSON, or no object.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        raise Invalid("input.too_large", (), limit_mb=BODY_LIMIT // 1024 // 1024)
    try:
        value = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Invalid("input.not_json", (), problem=type(error).__name__) from error
    if not isinstance(value, dict):
        raise Invalid("input.not_object")
    return value


@csrf_exempt
@require_POST
@_answers
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Perform the act ``name`` under the ``Idempotency-Key`` header."""
    actor = _actor(request)
    key = request.headers.get("Idempotency-Key")
    return JsonResponse(
        jsonable(perform(name, actor=actor, now=clock.now(), params=_params(request), key=key)), safe=False
    )


@csrf_exempt
@require_POST
@_answers
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """Run the query ``name`` as the token's person may see it."""
    actor = _actor(request)
    return JsonResponse(jsonable(doors.ask(name, actor=actor, now=clock.now(), params=_params(request))), safe=False)


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """Describe every act and query as OpenAPI 3.1."""
    return JsonResponse(document())
