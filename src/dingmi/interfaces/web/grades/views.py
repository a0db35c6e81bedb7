"""工作秘密、商业秘密: registers, proposing, one matter with what can be done to it, and who approves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, integer, page, show
from dingmi.interfaces.web.files import MEGABYTES, attachment, upload
from dingmi.interfaces.web.forms import Desk, Field, Form, answered
from dingmi.queries.house import house

ROADS = {"work_secret": "work_secrets", "trade_secret": "trade_secrets"}
NEW = {"work_secret": "work_secret_new", "trade_secret": "trade_secret_new"}
NAMES = {"work_secret": n_("工作秘密"), "trade_secret": n_("商业秘密")}
HARMS = {
    "duties": n_("妨碍履行职能"),
    "interests": n_("对国家安全、公共利益造成不利影响"),
    "value": n_("失去商业价值"),
    "advantage": n_("失去竞争优势"),
}
GROUNDS = {
    "to_be_public": n_("应予公开"),
    "harmless": n_("情况变化，公开后没有不利影响"),
    "published": n_("已经公布"),
    "worthless": n_("不再具有商业价值"),
    "converted": n_("已确定为国家秘密"),
    "expired": n_("期满"),
}
STATES = {"pending": n_("待审批"), "returned": n_("已退回"), "graded": n_("保护中"), "lifted": n_("已解除")}
APPOINT = Form(
    "grading.appoint",
    n_("签名指定"),
    (
        Field("person", n_("人员"), "select"),
        Field("regime", n_("种类"), "select", choices=tuple(NAMES.items())),
        Field("max_level", n_("审批权限"), "select"),
        Field("instrument", n_("指定文号")),
        Field("until", n_("有效至（含当日）"), "through", needed=False, most=10),
    ),
)


def _words(request: Any, regime: str) -> dict[str, Any]:
    """Return what the templates call things, as the house does."""
    language = request.actor.language
    return {
        "regime": regime,
        "name": _(NAMES[regime]),
        "road": reverse(ROADS[regime]),
        "propose_word": house().word("grading.propose", language) if regime == "trade_secret" else _("拟定工作秘密"),
    }


@page("query:grading.register", ("GET", "POST"))
def register(request: Any, regime: str) -> HttpResponse:
    """Show one page of a register; words to search travel in the body only (SR-69)."""
    given = request.POST if request.method == "POST" else request.GET
    params = {"regime": regime} | {name: given[name] for name in ("view", "level", "after") if given.get(name)}
    if request.method == "POST" and request.POST.get("text", "").strip():
        params["text"] = request.POST["text"].strip()
    try:
        found, error = ask(request, "grading.register", params), None
    except DingmiError as caught:
        found, error = ask(request, "grading.register", {"regime": regime}), caught
    context = {"page": found, "error": error, "new": reverse(NEW[regime]), **_words(request, regime)}
    context["may_file"] = request.actor.holds(Role.SECRECY_OFFICE)
    context["may_export"] = request.actor.holds(Role.SECRECY_OFFICE, Role.HEAD)
    context["export"] = reverse(f"{ROADS[regime]}_export")
    return show(request, "grades/register.html", context, status=error.http_status if error else 200)


@page("query:grading.export", ("POST",))
def export(request: Any, regime: str) -> HttpResponse:
    """Hand out the register as a table."""
    params = {"regime": regime} | {name: request.POST[name] for name in ("view", "level") if request.POST.get(name)}
    sheet = ask(request, "grading.export", params)
    return attachment(sheet.filename, "csv", sheet.text.encode())


def _terms(request: Any) -> dict[str, Any]:
    """Return the terms as the acts take them."""
    form = request.POST
    item = {"yes": True, "no": False}.get(form.get("is_state_item", ""))
    return {
        "level": form.get("level", ""),
        "tail": form.get("tail", "").strip(),
        "scope": {"persons": form.getlist("persons"), "departments": form.getlist("departments"), "organs": []},
        "basis": form.get("basis", ""),
        "harm": form.get("harm", ""),
        "reasons": form.get("reasons", ""),
        "is_state_item": item,
        "provisional_until": form.get("provisional_until") or None,
    }


def _sources(request: Any) -> dict[str, Any]:
    """Return where the content comes from: a file, a description, a draft closed as no state secret.

    Raises:
        Invalid: The file is too large.
    """
    file = request.FILES.get("file")
    made: dict[str, Any] = {"statement": request.POST.get("statement", "")}
    if file is not None:
        made["upload"] = upload(file, MEGABYTES["grade"])
    if request.POST.get("source"):
        made["source"] = request.POST["source"]
    return made


def _form(request: Any, regime: str, error: DingmiError | None, **more: Any) -> HttpResponse:
    given = request.POST
    context = {
        "form": ask(request, "grading.form", {"regime": regime}),
        "error": error,
        "posted": given,
        "chosen": (*given.getlist("persons"), *given.getlist("departments")),
        "harms": {k: _(v) for k, v in HARMS.items()},
        **_words(request, regime),
        **more,
    }
    return show(request, "grades/new.html", context, status=error.http_status if error else 200)


@page("act:grading.propose", ("GET", "POST"))
def new(request: Any, regime: str) -> HttpResponse:
    """Propose a work secret or a trade secret."""
    if request.method == "POST":
        try:
            params = {"regime": regime, "title": request.POST.get("title", ""), "terms": _terms(request)}
            made = act(request, "grading.propose", params | _sources(request), signed=True)
        except DingmiError as error:
            return _form(request, regime, error)
        return done(reverse("grade", args=[made.matter]), "kept")
    return _form(request, regime, None)


@page("act:grading.revise", ("GET", "POST"))
def revise(request: Any, matter: UUID) -> HttpResponse:
    """Revise what was returned, or propose a change of what is in force."""
    found = ask(request, "grading.matter", {"matter": str(matter)})
    regime = found.row.regime
    if request.method == "POST":
        params = {"matter": str(matter), "title": request.POST.get("title", ""), "terms": _terms(request)}
        try:
            version = integer(request, "version")
            act(request, "grading.revise", {**params, "expected_version": version}, signed=True)
        except DingmiError as error:
            return _form(request, regime, error, page=found)
        return done(reverse("grade", args=[matter]), "kept")
    held = {"title": found.row.title, "level": found.row.level, "tail": found.row.tail, "basis": found.basis}
    held |= {"harm": found.harm, "reasons": found.reasons, "is_state_item": "no"}
    return _form(request, regime, None, page=found, posted=held, chosen=tuple(map(str, found.chosen)))


ACTS = {
    "approve": ("grading.approve", ("opinion",), True),
    "return": ("grading.return", ("text",), True),
    "lift": ("grading.lift", ("ground", "reason"), True),
    "convert": ("grading.convert", ("reason",), True),
    "file": ("grading.file", ("note",), False),
}


@page("query:grading.matter", ("GET", "POST"))
def matter(request: Any, matter: UUID) -> HttpResponse:
    """Show one matter; perform the act whose form was sent."""
    error: DingmiError | None = None
    if request.method == "POST":
        try:
            name, fields, signed = ACTS[request.POST["act"]]
            params = {"matter": str(matter), "expected_version": integer(request, "version")}
            made = act(request, name, params | {f: request.POST.get(f, "") for f in fields}, signed=signed)
            if name == "grading.convert":
                return done(reverse("draft", args=[made.matter]), "kept")
            return done(reverse("grade", args=[matter]), "kept")
        except KeyError:
            error = Invalid("input.invalid", (), fields={"act": "choice.unknown"})
        except DingmiError as caught:
            error = caught
    found = ask(request, "grading.matter", {"matter": str(matter)})
    language = request.actor.language
    context = {
        "page": found,
        "error": error,
        "steps": [(house().word(s.act, language), s) for s in found.steps],
        "state": _(STATES[found.row.state]),
        "grounds": [(g, _(GROUNDS[g])) for g in found.grounds],
        "harm": _(HARMS[found.harm]) if found.harm in HARMS else found.harm,
        **_words(request, found.row.regime),
    }
    return show(request, "grades/matter.html", context, status=error.http_status if error else 200)


@page("act:grading.file", ("POST",))
def file(request: Any, regime: str, matter: UUID) -> HttpResponse:
    """File one line of the register, whose content the office need not know."""
    params = {"matter": str(matter), "expected_version": integer(request, "version")}
    act(request, "grading.file", params)
    return done(reverse(ROADS[regime]), "kept")


@page("act:grading.read", ("POST",))
def text(request: Any, matter: UUID) -> HttpResponse:
    """Open the text; the opening is recorded before the first word is shown."""
    opened = act(request, "grading.read", {"matter": str(matter)})
    return show(request, "grades/text.html", {"opened": opened})


@page("query:grading.files")
def files(request: Any, matter: UUID) -> HttpResponse:
    """Show what the marked copy carries beside what it shows, before it is handed out."""
    found = ask(request, "grading.files", {"matter": matter})
    return show(request, "printing/files.html", {"page": found, "of": "grade", "send": "grade_file"})


@page("act:grading.download", ("POST",))
def download(request: Any, matter: UUID) -> HttpResponse:
    """Hand out the marked copy."""
    made = act(request, "grading.download", {"matter": str(matter)})
    return attachment(made.filename, made.filename.rpartition(".")[2], made.content)


@page("query:grading.approvers", ("GET", "POST"))
def approvers(request: Any) -> HttpResponse:
    """Show who approves beside the principal; appoint somebody, or end an appointment."""
    found = ask(request, "grading.approvers")
    choices = {
        "person": [(str(p.id), p.name) for p in found.persons],
        "max_level": [(word, word) for words in found.levels.values() for word in words],
    }
    road = reverse("grade_approvers")
    if request.method == "POST" and request.POST.get("end"):
        act(request, "grading.end_appointment", {"appointment": request.POST["end"]}, signed=True)
        return done(road, "kept")
    return answered(request, Desk((APPOINT,), choices), "grades/approvers.html", found, road)
