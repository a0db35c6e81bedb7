"""三员: three front doors that never open into each other."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web.door import act, ask, done, page, show


def _accounts(request: Any, template: str, error: DingmiError | None = None) -> HttpResponse:
    context = {"page": ask(request, "admin.accounts"), "error": error}
    return show(request, template, context, status=error.http_status if error else 200)


def _performed(request: Any, name: str, params: dict[str, Any], door: str, template: str) -> HttpResponse:
    """Perform a signed act and go back to its door, or show there why not."""
    try:
        act(request, name, params, signed=True)
    except DingmiError as error:
        return _accounts(request, template, error)
    return done(reverse(door), "kept")


@page("role:system_admin")
def accounts(request: Any) -> HttpResponse:
    """Show accounts."""
    return _accounts(request, "admin/accounts.html")


@page("role:system_admin", ("POST",))
def create_account(request: Any) -> HttpResponse:
    """Open an account for a person who has none."""
    form = request.POST
    params = {
        "person": form.get("person", ""),
        "username": form.get("username", ""),
        "password": form.get("new_password", ""),
        "roles": ["drafter"] if form.get("drafter") else [],
    }
    return _performed(request, "access.create_account", params, "admin_accounts", "admin/accounts.html")


@page("role:system_admin")
def system(request: Any) -> HttpResponse:
    """Show how the installation runs."""
    return show(request, "admin/system.html", {"page": ask(request, "admin.system")})


@page("role:security_admin")
def security(request: Any) -> HttpResponse:
    """Show roles, clearances and locked accounts."""
    return _accounts(request, "admin/security.html")


@page("role:security_admin", ("POST",))
def grant_role(request: Any) -> HttpResponse:
    """Grant a business role."""
    params = {"account": request.POST.get("account", ""), "role": request.POST.get("role", "")}
    return _performed(request, "access.grant_role", params, "admin_security", "admin/security.html")


@page("role:security_admin", ("POST",))
def grant_clearance(request: Any) -> HttpResponse:
    """Record the clearance of a person."""
    params = {name: request.POST.get(name, "") for name in ("person", "level", "instrument")}
    return _performed(request, "personnel.grant_clearance", params, "admin_security", "admin/security.html")


@page("role:security_admin", ("POST",))
def unlock(request: Any) -> HttpResponse:
    """Unlock an account."""
    params = {"account": request.POST.get("account", "")}
    return _performed(request, "access.unlock", params, "admin_security", "admin/security.html")


@page("role:audit_admin")
def audit(request: Any) -> HttpResponse:
    """Show the log."""
    before = request.GET.get("before", "0")
    params = {"before": int(before) if before.isascii() and before.isdigit() and len(before) < 18 else 0}
    return show(request, "admin/audit.html", {"page": ask(request, "admin.log", params)})


@page("role:audit_admin", ("POST",))
def verify(request: Any) -> HttpResponse:
    """Verify the whole ledger and show the result beside the log."""
    result = ask(request, "admin.verify")
    return show(request, "admin/audit.html", {"page": ask(request, "admin.log"), "verified": result})
