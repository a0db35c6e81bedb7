"""Upload, my drafts, what is no state secret, and what this organ may not decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web import door
from dingmi.interfaces.web.drafts import signing, uploads, words
from dingmi.interfaces.web.files import MEGABYTES, upload
from dingmi.queries import readying

STATES = {
    "draft": n_("草稿"),
    "proposed": n_("待审核（预定密）"),
    "active": n_("在密"),
    "declassified": n_("已解密"),
    "not_classified": n_("不属于国家秘密"),
    "referred": n_("报请中"),
    "voided": n_("撤销错误定密"),
    "discarded": n_("已弃用"),
}


def upload_of(request: HttpRequest) -> dict[str, Any]:
    """Return the uploaded file as the act takes it.

    Raises:
        Invalid: No file, or one above the limit.
    """
    return upload(request.FILES.get("file"), MEGABYTES["draft"])


def _after_upload(request: Any, matter: UUID) -> str:
    """Return where a new draft goes on: to its sources when nothing but reused words was found."""
    page = door.ask(request, "draft.page", {"matter": matter})
    return reverse("draft_derive" if page.derivative else "draft", kwargs={"matter": matter})


@door.page("act:determination.draft", ("GET", "POST"))
def new(request: Any) -> HttpResponse:
    """Take a file, by drop or choice, and go on to what was found in it."""
    error: DingmiError | None = None
    if request.method == "POST":
        try:
            upload = upload_of(request)
            title = request.POST.get("title", "").strip()
            params = {"upload": upload, "title": title, "doc_number": request.POST.get("doc_number", "").strip()}
            with uploads.followed(request) as reading:
                drafted = door.act(request, "determination.draft", params)
            if reading.stopped:
                unwanted = {"matter": drafted.matter, "expected_version": drafted.version}
                door.act(request, "determination.discard", unwanted)
            reading.require_wanted()
            target = _after_upload(request, drafted.matter)
            if request.headers.get("X-Requested-With") == "upload":
                response = HttpResponse(status=204)
                response["X-Location"] = target
                return response
            return HttpResponseRedirect(target)
        except DingmiError as refused:
            error = refused
    readying.begin(request.actor)
    told = words.errors(error, request.actor.language)
    context = {"steps": words.original_steps(1), "errors": told, "typed": request.POST}
    return door.show(request, "drafts/new.html", context, status=error.http_status if error else 200)


@door.page("act:determination.compare", ("POST",))
def comparing(request: Any, matter: UUID) -> HttpResponse:
    """Compare a draft that waits for it once that can be done, and tell until then how far it has come."""
    state = door.ask(request, "draft.comparing", {"matter": matter})
    error: DingmiError | None = None
    if state.waiting and state.ready:
        try:
            door.act(request, "determination.compare", {"matter": matter, "expected_version": state.version})
        except DingmiError as refused:
            error = refused
    if error or (state.waiting and not state.ready and getattr(request, "htmx", False)):
        context = {"state": state, "page": state, "problems": words.errors(error, request.actor.language)}
        return door.show(request, "drafts/_comparing.html", context)
    target = _after_upload(request, matter)
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def _href(row: Any) -> str:
    """Return where a row of my matters leads: back to work, or to the matter."""
    if row.state == "draft":
        return reverse("draft", kwargs={"matter": row.matter})
    if row.state == "proposed":
        return reverse("draft_talk", kwargs={"matter": row.matter})
    return f"/m/{row.matter}"


@door.page("query:draft.mine")
def mine(request: Any) -> HttpResponse:
    """List what the reader drafted."""
    rows = [
        {
            "row": r,
            "href": reverse("draft", kwargs={"matter": r.matter}) if r.returned else _href(r),
            "state_word": _("已退回") if r.returned else _(STATES.get(r.state, r.state)),
        }
        for r in door.ask(request, "draft.mine")
    ]
    return door.show(request, "drafts/list.html", {"rows": rows})


@door.page("act:determination.not_secret", ("GET", "POST"))
def not_secret(request: Any, matter: UUID) -> HttpResponse:
    """End a draft as no state secret, with the reason and what it is instead."""
    error: DingmiError | None = None
    if request.method == "POST":
        try:
            params = {
                "matter": matter,
                "reason": request.POST.get("reason", ""),
                "instead": request.POST.get("instead", ""),
                "expected_version": door.integer(request, "version"),
            }
            door.act(request, "determination.not_secret", params, signed=True)
            return door.done(reverse("drafts"), "not_secret")
        except DingmiError as refused:
            error = refused
    page = door.ask(request, "draft.page", {"matter": matter})
    context = {
        "page": page,
        "errors": words.errors(error, request.actor.language),
        "reason": request.POST.get("reason", ""),
    }
    return door.show(request, "drafts/not_secret.html", context, status=error.http_status if error else 200)


@door.page("act:referral.refer", ("GET", "POST"))
def refer(request: Any, matter: UUID) -> HttpResponse:
    """Protect first and refer to the organ that may decide (GD-11.2)."""
    error: DingmiError | None = None
    if request.method == "POST":
        try:
            opinion, version = request.POST.get("opinion", ""), door.integer(request, "version")
            params = {"matter": matter, "opinion": opinion, "expected_version": version}
            door.act(request, "referral.refer", params, signed=True)
            return door.done(reverse("drafts"), "referred")
        except DingmiError as refused:
            error = refused
    page = door.ask(request, "draft.page", {"matter": matter})
    verdict = signing.judged(request, page)
    language = request.actor.language
    above = tuple(f for f in verdict.findings if f.code.startswith("authority."))
    context = {
        "page": page,
        "addressee": verdict.addressee,
        "above": words.in_words(above, language),
        "errors": words.errors(error, language),
    }
    return door.show(request, "drafts/refer.html", context, status=error.http_status if error else 200)
