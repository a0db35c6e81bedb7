"""What every page uses: perform an act, ask a query, show a template, tell what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dingmi.base import messages
from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError, Finding, Forbidden, Invalid
from dingmi.procedures import access as doors
from dingmi.procedures import perform
from dingmi.queries import QUERIES, clock

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Told:
    """One finding as a person reads it."""

    code: str
    severity: str
    text: str
    remedy: str
    clauses: tuple[str, ...]


def told(finding: Finding, language: str) -> Told:
    """Return ``finding`` in words."""
    said = messages.render(finding, language)
    return Told(finding.code, finding.severity, said.text, said.remedy, finding.clauses)


def explain(error: DingmiError, language: str) -> tuple[Told, ...]:
    """Return everything an error says, in words; blocking findings first."""
    order = {"block": 0, "warn": 1, "note": 2}
    return tuple(told(f, language) for f in sorted(error.findings, key=lambda f: order.get(f.severity, 3)))


FACTOR_AGAIN = frozenset({"access.issue_token"})  # outlives the session: the password alone does not do


def act(request: Any, name: str, params: Mapping[str, Any], *, signed: bool = False) -> Any:
    """Perform the act ``name`` for the request's person, once per form (``_key``).

    Args:
        signed: The act is signed: the form's ``password`` is checked first (SR-10).

    Raises:
        DingmiError: The act was refused.
    """
    actor, now = request.actor, clock.now()
    if signed:
        code = request.POST.get("code", "") if name in FACTOR_AGAIN else None
        doors.confirm_password(
            actor=actor,
            now=now,
            password=request.POST.get("password", ""),
            code=code,
            presented=getattr(request, "certificate", None),
        )
        actor = replace(actor, stepped_up=True)
    key = request.POST.get("_key") or None
    return perform(name, actor=actor, now=now, params=params, key=f"{name}:{key}" if key else None)


def ask(request: Any, name: str, params: Mapping[str, Any] | None = None) -> Any:
    """Run the query ``name`` as the request's person may see it; the looking is recorded.

    Raises:
        DingmiError: Not found, not allowed, or malformed.
    """
    return doors.ask(name, actor=request.actor, now=clock.now(), params=dict(params or {}))


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a page."""
    return render(request, template, dict(context or {}), status=status)


def refusal(request: Any, error: DingmiError, road: str = "") -> HttpResponse:
    """Render an error as a page, or as a fragment for a swap, with its clause, its remedy and a way on."""
    context = {"error": error, "told": explain(error, request.actor.language), "road": road or reverse("home")}
    if getattr(request, "htmx", False):
        response = render(request, "components/errors.html", context, status=error.http_status)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
        response["HX-Reselect"] = "#error-summary"
        return response
    return render(request, "errors/refused.html", context, status=error.http_status)


def page(policy: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Declare who may come to a view and how; errors of the house become pages.

    Args:
        policy: ``public``, ``signed-in``, ``act:<name>``, ``query:<name>`` or ``role:<role>``.
        methods: The HTTP methods the view answers.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                return HttpResponseNotAllowed(methods)
            if policy != "public" and not request.actor.account_id:
                return _to_sign_in(request)
            if policy.startswith("role:") and not _holds(request, policy):
                return refusal(request, Forbidden("role.required", (), roles=_roles(policy)))
            try:
                if policy.startswith("query:"):
                    QUERIES[policy.removeprefix("query:")].require(request.actor)
                return view(request, **kwargs)
            except DingmiError as error:
                return refusal(request, error)

        guarded.dingmi_policy = policy  # type: ignore[attr-defined]
        guarded.dingmi_methods = list(methods)  # type: ignore[attr-defined]
        return guarded

    return declare


def _roles(policy: str) -> list[Role]:
    return [Role(name) for name in policy.removeprefix("role:").split("|")]


def _holds(request: Any, policy: str) -> bool:
    return bool(request.actor.holds(*_roles(policy)))


def _to_sign_in(request: Any) -> HttpResponse:
    road = request.path if request.method in ("GET", "HEAD") else reverse("home")
    response = HttpResponseRedirect(reverse("sign_in") + (f"?next={road}" if road != "/" else ""))
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("sign_in")
    return response


FIND = "find"  # a field of the forms that ask a list anew; other forms of the page perform an act


def asked_with(request: Any, *typed: str) -> Any:
    """Return what a list is asked with: words that were typed travel in the body only (SR-69), choices in the address too.

    Args:
        typed: Fields that are never taken from the address, beside ``text``.
    """
    if FIND in request.POST:
        return request.POST
    given = request.GET.copy()
    for name in ("text", *typed):
        given.pop(name, None)
    return given


def integer(request: Any, name: str) -> int:
    """Return a whole number of the form.

    Raises:
        Invalid: It is missing or not a number.
    """
    value = request.POST.get(name, "")
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise Invalid("input.invalid", (), fields={name: "int_parsing"})
    return int(value)


def done(url: str, code: str) -> HttpResponse:
    """Go to ``url`` and say there what was done (a code of ``components/toast.html``)."""
    return HttpResponseRedirect(f"{url}{'&' if '?' in url else '?'}done={code}")
