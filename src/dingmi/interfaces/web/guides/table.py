"""国家秘密事项一览表: the organ's own table, drafted, approved, filed, printed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show

STEPS = {
    "approve": ("guides.approve_catalogue", True),
    "file": ("guides.file_catalogue", False),
    "discard": ("guides.discard_catalogue", False),
}


def _shown(request: Any, template: str = "guides/catalogue.html", error: DingmiError | None = None) -> HttpResponse:
    params = {"version": int(v)} if (v := request.GET.get("version", "")).isdigit() and len(v) < 7 else {}
    context = {"page": ask(request, "catalogue", params), "error": error, "posted": request.POST}
    return show(request, template, context, status=error.http_status if error else 200)


@page("query:catalogue")
def catalogue(request: Any) -> HttpResponse:
    """Show the table: one version with its rows, what is due, and the other versions."""
    return _shown(request)


@page("act:guides.draft_catalogue", ("GET", "POST"))
def draft(request: Any) -> HttpResponse:
    """Choose items in force, say where in the organ each arises, and make a draft of them."""
    if request.method == "GET":
        return _shown(request, "guides/catalogue_draft.html")
    form = request.POST
    lines = [
        {
            "item": item,
            "producing_unit": form.get(f"unit-{item}", ""),
            "scope": form.get(f"scope-{item}", ""),
            "carrier_form": form.get(f"form-{item}", ""),
        }
        for item in form.getlist("items")
    ]
    try:
        if not lines:
            raise Invalid("input.invalid", (), fields={"items": "field.missing"})
        made = act(request, "guides.draft_catalogue", {"lines": lines})
    except DingmiError as error:
        return _shown(request, "guides/catalogue_draft.html", error)
    return done(f"{reverse('catalogue')}?version={made.version}", "drafted")


@page("act:guides.file_catalogue", ("POST",))
def follow(request: Any, catalogue: UUID, step: str) -> HttpResponse:
    """Approve a draft (the head signs), record its filing, or put it away."""
    if step not in STEPS:
        raise Http404
    name, signed = STEPS[step]
    form = request.POST
    filing = {n: form.get(n, "") for n in ("filed_on", "filed_with", "receipt")} if step == "file" else {}
    try:
        act(request, name, {"catalogue": str(catalogue), **filing}, signed=signed)
    except DingmiError as error:
        return _shown(request, error=error)
    return done(reverse("catalogue"), "recorded")
