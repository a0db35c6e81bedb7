"""工作台: the landing page of each role."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.shell import landing


@page("signed-in")
def home(request: Any) -> HttpResponse:
    """Show the workbench; whose role lands elsewhere goes there."""
    road = landing(request.actor)
    return workbench(request) if road == reverse("workbench") else HttpResponseRedirect(road)


@page("query:workbench")
def workbench(request: Any) -> HttpResponse:
    """Show what waits for the reader."""
    return show(request, "workbench/home.html", {"bench": ask(request, "workbench")})


@page("query:overview")
def overview(request: Any) -> HttpResponse:
    """Show the organ on one page: eight figures, no titles, each open to its records."""
    return show(request, "workbench/overview.html", {"page": ask(request, "overview")})
