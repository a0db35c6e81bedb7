"""换稿、对照、往来批注：another file for a draft, what changed since it came back, and the talk about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web import door
from dingmi.interfaces.web.drafts import uploads, words
from dingmi.interfaces.web.drafts.pointing import span, uuid
from dingmi.interfaces.web.drafts.views import upload_of

BACK = {"review": "review_desk", "derive": "draft_derive"}


@door.page("act:determination.revise", ("GET", "POST"))
def revise(request: Any, matter: UUID) -> HttpResponse:
    """Take another file for a draft or for a proposal that came back."""
    error: DingmiError | None = None
    page = door.ask(request, "draft.page", {"matter": matter})
    if request.method == "POST":
        try:
            params = {
                "matter": matter,
                "upload": upload_of(request),
                "expected_version": door.integer(request, "version"),
            }
            with uploads.followed(request):
                door.act(request, "determination.revise", params)
            road = reverse("draft", kwargs={"matter": matter})
            if request.headers.get("X-Requested-With") == "upload":
                response = HttpResponse(status=204)
                response["X-Location"] = road
                return response
            return HttpResponseRedirect(road)
        except DingmiError as refused:
            error = refused
    context = {"page": page, "errors": words.errors(error, request.actor.language)}
    return door.show(request, "drafts/revise.html", context, status=error.http_status if error else 200)


@door.page("query:draft.compare")
def compare(request: Any, matter: UUID) -> HttpResponse:
    """Show what changed since the version that came back, or since a decided matter."""
    number, source = request.GET.get("version", ""), request.GET.get("source", "")
    params = {"matter": matter, "number": int(number) if number.isascii() and number.isdigit() else None}
    if source:
        params["source"] = uuid(source)
    found = door.ask(request, "draft.compare", params)
    road = request.GET.get("from", "")
    home = BACK.get(road, "draft") if found.mine else "review_desk"  # the pages of a draft are its drafter's alone
    back = reverse(home, kwargs={"matter": matter})
    return door.show(request, "drafts/compare.html", {"c": found, "back": back, "road": road})


@door.page("query:draft.page")
def talk(request: Any, matter: UUID) -> HttpResponse:
    """Show the drafter a proposal that waits or came back, with the comments on it."""
    page = door.ask(request, "draft.page", {"matter": matter})
    return door.show(request, "drafts/talk.html", {"page": page, "home": "talk", **words.threads(page)})


@door.page("act:review.comment", ("POST",))
def comment(request: Any, matter: UUID) -> HttpResponse:
    """Write, answer, resolve, open again or take back a comment, and go back to the text."""
    verb, _, rest = request.POST.get("do", "").partition(":")
    base = {"matter": matter}
    if verb in ("resolve", "reopen"):
        one, _, version = rest.partition(" ")
        given = {"comment": uuid(one), "resolved": verb == "resolve", "expected_version": version}
        door.act(request, "review.resolve", {**base, **given})
    elif verb == "withdraw":
        door.act(request, "review.withdraw_comment", {**base, "comment": uuid(rest)})
    elif verb == "answer":
        text = request.POST.get(f"text:{rest}", "")
        door.act(request, "review.comment", {**base, "parent": uuid(rest), "text": text})
    elif verb in ("say", "hold"):
        text = request.POST.get("text", "")
        door.act(request, "review.comment", {**base, **span(request), "text": text, "hold": verb == "hold"})
    else:
        raise Invalid("input.invalid", (), fields={"do": "missing"})
    road = "draft_talk" if request.POST.get("home") == "talk" else "review_desk"
    return HttpResponseRedirect(reverse(road, kwargs={"matter": matter}) + "#paper")
