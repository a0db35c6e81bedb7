"""工作台: the landing page of each role."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dingmi.base.actor import Role
from dingmi.interfaces.web.door import ask, page, show

DOORS = (
    (Role.SYSTEM_ADMIN, "admin_accounts"),
    (Role.SECURITY_ADMIN, "admin_security"),
    (Role.AUDIT_ADMIN, "admin_audit"),
)


@page("signed-in")
def home(request: Any) -> HttpResponse:
    """Show what waits for the reader; administrators go to their own door."""
    for role, name in DOORS:
        if request.actor.holds(role):
            return HttpResponseRedirect(reverse(name))
    return show(request, "workbench/home.html", {"bench": ask(request, "workbench")})


@page("query:overview")
def overview(request: Any) -> HttpResponse:
    """Show the organ on one page: eight figures, no titles, each open to its records."""
    return show(request, "workbench/overview.html", {"page": ask(request, "overview")})
