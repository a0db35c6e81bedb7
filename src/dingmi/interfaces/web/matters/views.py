"""秘密台账, one 事项, and the acts on it: open, expand, review, extend, release."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web.door import act, ask, done, integer, page, show
from dingmi.interfaces.web.forms import through
from dingmi.queries.preferences import COLUMNS

COLUMN = {
    "department": n_("产生部门"),
    "decided": n_("定密日期"),
    "ends": n_("到期日"),
    "left": n_("剩余"),
    "origin": n_("类型"),
    "officer": n_("定密责任人"),
    "copies": n_("载体"),
    "state": n_("状态"),
}
DRAWN = 60  # matters of the derivation graph on each side; the list below it holds all


@page("query:register", ("GET", "POST"))
def register(request: Any) -> HttpResponse:
    """Show one page of the register; words to search travel in the body only (SR-69)."""
    given = request.POST if request.method == "POST" else request.GET
    params = {name: given[name] for name in ("view", "level", "state", "after") if given.get(name)}
    if request.method == "POST" and request.POST.get("text", "").strip():
        params["text"] = request.POST["text"].strip()
    try:
        found, error = ask(request, "register", params), None
    except DingmiError as caught:
        params.pop("text", None)
        found, error = ask(request, "register", {k: v for k, v in params.items() if k == "level"}), caught
    status = error.http_status if error else 200
    context = {"page": found, "error": error, "columns": tuple((c, _(COLUMN[c])) for c in COLUMNS)}
    return show(request, "matters/register.html", context, status=status)


def _shown(
    request: Any, matter: UUID, template: str = "matters/matter.html", error: DingmiError | None = None
) -> HttpResponse:
    context = {"page": ask(request, "matter", {"matter": str(matter)}), "error": error, "posted": request.POST}
    return show(request, template, context, status=error.http_status if error else 200)


@page("query:matter")
def matter(request: Any, matter: UUID) -> HttpResponse:
    """Show one matter."""
    return _shown(request, matter)


@page("query:derivation.graph")
def lineage(request: Any, matter: UUID) -> HttpResponse:
    """Draw and list every source and every descendant of a matter."""
    graph = ask(request, "derivation.graph", {"matter": str(matter)})
    context = {"matter": matter, "graph": graph, "drawn": graph.within(graph.downstream + graph.upstream, DRAWN)}
    return show(request, "matters/lineage.html", context)


@page("act:carriers.read", ("POST",))
def text(request: Any, matter: UUID) -> HttpResponse:
    """Open the text; the opening is recorded before the first word is shown."""
    opened = act(request, "carriers.read", {"matter": str(matter)})
    found = ask(request, "matter", {"matter": str(matter)})
    return show(request, "matters/text.html", {"page": found, "opened": opened})


def _through(text: str) -> str | None:
    """Return the end of a day as the act takes it; what is no day as it is, for the act to refuse."""
    try:
        return through(text).isoformat() if text else None
    except ValueError:
        return text


@page("act:need_to_know.expand", ("GET", "POST"))
def expand(request: Any, matter: UUID) -> HttpResponse:
    """Add people, departments or organs to the scope."""
    if request.method == "POST":
        form = request.POST
        params = {
            "matter": str(matter),
            "persons": form.getlist("persons"),
            "departments": form.getlist("departments"),
            "organs": form.getlist("organs"),
            "purpose": form.get("purpose", ""),
            "until": _through(form.get("until", "")),
            "originator_consents": form.get("consents") == "yes",
            "undertaken": form.get("undertaken") == "yes",
        }
        try:
            act(
                request, "need_to_know.expand", {**params, "expected_version": integer(request, "version")}, signed=True
            )
        except DingmiError as error:
            return _shown(request, matter, "matters/expand.html", error)
        return done(reverse("matter", args=[matter]), "expanded")
    return _shown(request, matter, "matters/expand.html")


@page("act:review.propose", ("GET", "POST"))
def review(request: Any, matter: UUID) -> HttpResponse:
    """Propose what becomes of a matter; or, for an officer, see the proposal that waits."""
    if request.method == "POST":
        form = request.POST
        params: dict[str, Any] = {
            "matter": str(matter),
            "outcome": form.get("outcome", ""),
            "reason": form.get("reason", ""),
        }
        if form.get("outcome") == "release":
            params |= {"ground": form.get("ground", ""), "interests": form.get("interests", "")}
        if form.get("outcome") == "extend":
            params |= {"level": form.get("level", ""), "tail": form.get("tail", "")}
        try:
            act(request, "review.propose", {**params, "expected_version": integer(request, "version")}, signed=True)
        except DingmiError as error:
            return _shown(request, matter, "matters/review.html", error)
        return done(reverse("matter", args=[matter]), "proposed")
    return _shown(request, matter, "matters/review.html")


def _decided(request: Any, matter: UUID, name: str, params: dict[str, Any], told: str) -> HttpResponse:
    """Perform a signed decision on a waiting proposal, or show why not."""
    try:
        given = {"matter": str(matter), "expected_version": integer(request, "version"), **params}
        act(request, name, given, signed=True)
    except DingmiError as error:
        template = "matters/release.html" if name.endswith("release") else "matters/review.html"
        return _shown(request, matter, template, error)
    return done(reverse("matter", args=[matter]), told)


@page("act:review.decide", ("POST",))
def decide(request: Any, matter: UUID) -> HttpResponse:
    """Sign a review that keeps a matter or lets it lapse."""
    return _decided(request, matter, "review.decide", {"opinion": request.POST.get("opinion", "")}, "reviewed")


@page("act:declassification.release", ("GET", "POST"))
def release(request: Any, matter: UUID) -> HttpResponse:
    """Show what a release does, then sign it with the register number typed."""
    if request.method == "POST":
        params = {"reason": request.POST.get("opinion", ""), "confirm": request.POST.get("confirm", "")}
        return _decided(request, matter, "declassification.release", params, "released")
    return _shown(request, matter, "matters/release.html")
