"""密级鉴定: requests of case organs, and the one screen that answers their three questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError
from dingmi.engines import documents
from dingmi.interfaces.web.disputes.fields import LEVELS
from dingmi.interfaces.web.door import act, ask, done, integer, page, show
from dingmi.interfaces.web.files import MEGABYTES, attachment, upload
from dingmi.interfaces.web.forms import YES_NO, Choice, Desk, Field, Form, answered
from dingmi.interfaces.web.templatetags.disputes import WORDS


@page("query:appraisal.list")
def listed(request: Any) -> HttpResponse:
    """Show the requests, waiting ones first."""
    return show(request, "disputes/appraisals.html", {"rows": ask(request, "appraisal.list")})


def _words(topic: str, *names: str) -> tuple[Choice, ...]:
    return tuple((name, str(WORDS[topic][name])) for name in names or WORDS[topic])


NOTE = Form(
    "appraisal.note",
    n_("登记进展"),
    (
        Field("step", n_("进展"), "select", choices=_words("course")),
        Field("on", n_("日期"), "date", most=10),
        Field("document_no", n_("文号"), needed=False, hint=n_("鉴定书、复核决定书须填。")),
        Field("organ", n_("征求或复核的机关"), "select", needed=False, choices=_words("party")),
        Field(
            "outcome",
            n_("结论"),
            "select",
            needed=False,
            choices=(*LEVELS, ("not_secret", n_("不属于国家秘密"))),
            hint=n_("鉴定书、复核决定书须填。"),
        ),
        Field("head_agrees", n_("延长经负责人批准"), "truth", needed=False, choices=YES_NO),
        Field("copied", n_("复核决定书已抄送原鉴定的省级部门"), "truth", needed=False, choices=YES_NO),
    ),
)


@page("query:appraisal.course", ("GET", "POST"))
def course(request: Any, appraisal: UUID) -> HttpResponse:
    """Show how far the administration is with one appraisal; register what it tells."""
    found = ask(request, "appraisal.course", {"appraisal_id": str(appraisal)})
    form = replace(NOTE, fields=(Field("appraisal_id", "", "hidden"), *NOTE.fields))
    desk = Desk((form,), given={"appraisal_id": str(appraisal)})
    return answered(request, desk, "disputes/course.html", found, reverse("appraisal_course", args=[appraisal]))


def _screen(request: Any, matter: UUID, error: DingmiError | None = None) -> HttpResponse:
    context = {
        "page": ask(request, "appraisal.screen", {"matter": str(matter)}),
        "error": error,
        "posted": request.POST,
        "kinds": WORDS["applicant"],
        "materials": WORDS["material"],
        "lacking": request.POST.getlist("lacking"),
        "levels": LEVELS,
        "accepted": ",".join(f".{one}" for one in documents.EXTENSIONS),
        "megabytes": MEGABYTES["appraisal"],
    }
    return show(request, "disputes/appraisal.html", context, status=error.http_status if error else 200)


@page("query:appraisal.screen", ("GET", "POST"))
def screen(request: Any, matter: UUID) -> HttpResponse:
    """Show what the records answer, and register a request."""
    if request.method != "POST":
        return _screen(request, matter)
    form, file = request.POST, request.FILES.get("file")
    names = ("applicant", "applicant_kind", "applicant_rank", "document_no", "received_on")
    params: dict[str, Any] = {"matter": str(matter), **{name: form.get(name, "").strip() for name in names}}
    if form.get("reply_by"):
        params["reply_by"] = form["reply_by"]
    params["lacking"] = form.getlist("lacking")
    try:
        if file is not None:
            params["upload"] = upload(file, MEGABYTES["appraisal"])
        act(request, "appraisal.receive", params)
    except DingmiError as error:
        return _screen(request, matter, error)
    return done(reverse("appraisal", args=[matter]), "acted")


@page("act:appraisal.answer", ("POST",))
def answer(request: Any, matter: UUID) -> HttpResponse:
    """Sign the three answers."""
    try:
        params = {name: request.POST.get(name, "") for name in ("appraisal_id", "should_be", "opinion")}
        act(request, "appraisal.answer", {**params, "expected_version": integer(request, "version")}, signed=True)
    except DingmiError as error:
        return _screen(request, matter, error)
    return done(reverse("appraisal", args=[matter]), "acted")


@page("act:appraisal.export", ("POST",))
def export(request: Any, matter: UUID, appraisal: UUID) -> HttpResponse:
    """Hand out the dossier; the handing out is recorded first."""
    try:
        made = act(request, "appraisal.export", {"appraisal_id": str(appraisal)}, signed=True)
    except DingmiError as error:
        return _screen(request, matter, error)
    return attachment(made.filename, made.media, made.content)
