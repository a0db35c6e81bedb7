"""保密事项范围: find items, compare editions, follow up a new one, import after a dry run, report defects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web import entry_sheet
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.files import MEGABYTES, upload
from dingmi.interfaces.web.forms import Choice, Desk, Field, Form, answered, typed_into
from dingmi.queries.guide_impact import KEEPERS
from dingmi.queries.guide_sheet import HEADINGS

DEFECTS = ("unclear", "missing", "too_high", "too_low", "period", "scope", "other")


@page("query:guides", ("GET", "POST"))
def guides(request: Any, edition: UUID | None = None) -> HttpResponse:
    """Show the items of one edition with one item in detail; words to search travel in the body only (SR-69)."""
    params: dict[str, Any] = {"edition": str(edition)} if edition else {}
    if request.GET.get("item"):
        params["item"] = request.GET["item"]
    if request.method == "POST" and request.POST.get("text", "").strip():
        params["text"] = request.POST["text"].strip()[:60]
    return _shown(request, params)


def _shown(request: Any, params: dict[str, Any], error: DingmiError | None = None) -> HttpResponse:
    context = {"page": ask(request, "guides", params), "error": error, "defects": DEFECTS, "posted": request.POST}
    return show(request, "guides/guides.html", context, status=error.http_status if error else 200)


@page("query:guides.diff")
def diff(request: Any, edition: UUID) -> HttpResponse:
    """Show everything that an edition changes against the one before it, or against another."""
    params = {"edition": str(edition)}
    if request.GET.get("against"):
        params["against"] = request.GET["against"]
    return show(request, "guides/diff.html", {"diff": ask(request, "guides.diff", params), "edition": edition})


@page("query:guides.impact", ("GET", "POST"))
def impact(request: Any, edition: UUID) -> HttpResponse:
    """Show which matters an edition touches, and open their tasks."""
    if request.method == "POST":
        act(request, "guides.run_impact", {"edition": str(edition)})
        return done(reverse("guide_impact", args=[edition]), "impact_run")
    found = ask(request, "guides.impact", {"edition": str(edition)})
    return show(request, "guides/impact.html", {"impact": found, "edition": edition})


DOMAINS: tuple[Choice, ...] = (("civil", n_("一般行业、领域")), ("military", n_("军事方面")))
ENTER_TEXT = Form(
    "guides.enter_text",
    n_("登记正文"),
    (
        Field("document_no", n_("发文字号")),
        Field("basis", n_("制定依据"), "area", most=4000),
        Field("basic_scope", n_("国家秘密的基本范围"), "area", most=4000),
        Field("relations", n_("与其他保密事项范围的关系"), "area", most=4000),
        Field("interpreter", n_("解释机关"), most=120),
        Field("effective_on", n_("施行日期"), "date", most=10),
        Field("issuers", n_("制定机关"), "list", most=1200, hint=n_("一行一个，牵头的在前。")),
        Field(
            "signatories",
            n_("签署的主要负责人所在机关"),
            "list",
            needed=False,
            most=1200,
            hint=n_("会同制定的，各部门主要负责人共同签署；名称与制定机关一致。"),
        ),
        Field("domain", n_("领域"), "select", choices=DOMAINS),
    ),
)


@page("query:guides.text", ("GET", "POST"))
def main_text(request: Any, edition: UUID) -> HttpResponse:
    """Show the main text that belongs to a catalogue; enter it, or enter it anew."""
    found = ask(request, "guides.text", {"edition": str(edition)})
    road = reverse("guide_text", args=[edition])
    given = {
        "edition": str(edition),
        "effective_on": found.since.isoformat(),
        "issuers": found.owner,
    }
    if found.text is not None:
        names = ("document_no", "basis", "basic_scope", "relations", "interpreter")
        given |= {name: getattr(found.text, name) for name in names}
        given |= {name: "\n".join(getattr(found.text, name)) for name in ("issuers", "signatories")}
        given["effective_on"] = found.text.effective_on.isoformat()
    form = replace(ENTER_TEXT, fields=(Field("edition", "", "hidden"), *ENTER_TEXT.fields))
    return answered(request, Desk((form,), given=given), "guides/text.html", found, road)


def _given(request: Any) -> dict[str, Any]:
    """Return what to check: the file as it came, or on the second step the rows that the report holds.

    Raises:
        Invalid: The file is too large, or there is none.
    """
    file = request.FILES.get("file")
    if file is None:
        return {"text": request.POST.get("document", "")}
    return {"upload": upload(file, MEGABYTES["guide"])}


@page("act:guides.import_edition", ("GET", "POST"))
def import_edition(request: Any) -> HttpResponse:
    """Check a file first; import it only from the report."""
    if request.method == "GET":
        return show(request, "guides/import.html")
    report, error = None, None
    try:
        if request.POST.get("step") == "import":
            act(request, "guides.import_edition", {"text": request.POST.get("document", "")}, signed=True)
            return done(reverse("guides"), "imported")
        report = ask(request, "guides.check_import", _given(request))
    except DingmiError as refused:
        error = refused
        if request.POST.get("step") == "import":
            report = ask(request, "guides.check_import", {"text": request.POST.get("document", "")})
    found = ((f.row, f.field, f.code) for f in report.faults) if report else ()
    context = {"error": error, "report": report, "faults": entry_sheet.faults(found, request.actor.language)}
    return show(request, "guides/import.html", context, status=error.http_status if error else 200)


@page("act:guides.import_edition")
def template(request: Any) -> HttpResponse:
    """Give an empty spreadsheet with the headings that the import reads."""
    return entry_sheet.blank("guide-template.xlsx", "保密事项范围", (names[0] for names in HEADINGS.values()))


@page("act:guides.report_defect", ("POST",))
def report_defect(request: Any, item: UUID) -> HttpResponse:
    """Report a defect of an item."""
    form, edition = request.POST, request.POST.get("edition", "")
    try:
        params = {"item": str(item), "kind": form.get("kind", ""), "text": form.get("text", "")}
        act(request, "guides.report_defect", params)
    except DingmiError as error:
        return _shown(request, {"item": str(item)} | ({"edition": edition} if edition else {}), error)
    return done(reverse("guides_feedback"), "reported")


@page("query:guides.feedback")
def feedback(request: Any) -> HttpResponse:
    """Show reported defects and how far each is."""
    return _reports(request)


def _reports(request: Any, error: DingmiError | None = None) -> HttpResponse:
    keeper = request.actor.holds(*KEEPERS)
    context = {"reports": ask(request, "guides.feedback", {}), "error": error, "may_keep": keeper}
    context["typed"] = typed_into(request.POST) if error is not None else ()
    return show(request, "guides/feedback.html", context, status=error.http_status if error else 200)


@page("act:guides.send_feedback", ("POST",))
def follow_feedback(request: Any, feedback: UUID, step: str) -> HttpResponse:
    """Record that a report was sent to the owner, or what the owner answered."""
    form = request.POST
    sent = {"sent_on": form.get("on", ""), "number": form.get("number", "")}
    answered = {"answered_on": form.get("on", ""), "answer": form.get("answer", "")}
    answered["adopted"] = form.get("adopted", "") == "on"
    answered["expected_version"] = form.get("expected_version", "")
    name, params = ("guides.send_feedback", sent) if step == "send" else ("guides.answer_feedback", answered)
    try:
        act(request, name, {"feedback": str(feedback), **params})
    except DingmiError as error:
        return _reports(request, error)
    return done(reverse("guides_feedback"), "recorded")
