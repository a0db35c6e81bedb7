"""到期与审核: what ends soon, and signing the reviews of 秘密 matters together, each with its own decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError, Invalid, Refused
from dingmi.interfaces.web.door import act, ask, explain, page, show
from dingmi.interfaces.web.forms import Desk, Field, Form, answered

BATCH_MOST = 60
SERVE = Form("outlook.serve", n_("签名启用"), (Field("number", n_("启用哪一版审核参考"), "select"),))
ACTS = {"keep": "review.decide", "lapse": "review.decide", "extend": "change.extend"}


@page("query:expiry")
def expiry(request: Any) -> HttpResponse:
    """Show what ends or is to be reviewed."""
    params = {name: request.GET[name] for name in ("view", "by", "row") if request.GET.get(name)}
    return show(request, "expiry/expiry.html", {"page": ask(request, "expiry", params)})


@page("query:outlook", ("GET", "POST"))
def outlook(request: Any) -> HttpResponse:
    """Show what the order of reviews has learnt, and put a version to use."""
    found = ask(request, "outlook")
    live = [(str(v.number), str(v.number)) for v in found.versions if v.state == "shadow" and not v.altered]
    if found.serving:
        live.append(("0", _("不用，按期限排列")))
    forms = (SERVE.choosing("number", live),) if live and found.may_serve else ()
    return answered(request, Desk(forms), "expiry/outlook.html", found, request.path)


@page("query:expiry_forecast")
def forecast(request: Any) -> HttpResponse:
    """Show what ends in the coming months and years, drawn and as tables."""
    return show(request, "expiry/forecast.html", {"page": ask(request, "expiry_forecast")})


def _chosen(request: Any) -> list[tuple[str, int]]:
    """Return the rows chosen, as matter and version.

    Raises:
        Invalid: Nothing chosen, too many, or a malformed row.
    """
    made = []
    for value in request.POST.getlist("row"):
        matter, _, version = value.partition(":")
        try:
            made.append((str(UUID(matter)), int(version)))
        except ValueError:
            raise Invalid("input.invalid", (), fields={"row": "row.malformed"}) from None
    if not made or len(made) > BATCH_MOST:
        raise Invalid("batch.size", (), fields={"row": "batch.size"}, most=BATCH_MOST)
    return made


@page("act:review.decide", ("POST",))
def batch(request: Any) -> HttpResponse:
    """Decide the chosen 秘密 matters as their proposals say; one decision each, failures told one by one."""
    results: list[tuple[str, str, Any]] = []
    for matter, version in _chosen(request):
        number = matter[:8]
        try:
            found = ask(request, "matter", {"matter": matter})
            number = found.row.number
            results.append((number, matter, _settle(request, found, version)))
        except DingmiError as error:
            if error.code == "password.wrong":
                raise
            results.append((number, matter, explain(error, request.actor.language)))
    return show(request, "expiry/batch.html", {"results": results})


def _settle(request: Any, found: Any, version: int) -> tuple[()]:
    """Perform the decision that the waiting proposal calls for, with the reason written for this matter.

    Raises:
        Refused: 机密 and above are signed one by one, and a release is never part of a batch.
        Invalid: ``batch.reason_missing``.
    """
    waiting = found.waiting
    reason = request.POST.get(f"reason-{found.matter}", "").strip()
    if found.row.level != "秘密":
        raise Refused("batch.secret_only", (), level=found.row.level)
    if waiting is None or waiting.outcome not in ACTS:
        raise Refused("batch.no_proposal", ())
    if not reason:
        raise Invalid("batch.reason_missing", (), fields={"reason": "text.missing"})
    words = {"reason": reason} if waiting.outcome == "extend" else {"opinion": reason}
    params = {"matter": str(found.matter), "expected_version": version, **words}
    request.POST = request.POST.copy()
    request.POST["_key"] = ""
    act(request, ACTS[waiting.outcome], params, signed=True)
    return ()
