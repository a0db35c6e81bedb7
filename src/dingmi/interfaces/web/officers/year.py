"""履职考核: one officer-year, for those who appraise and for the officer alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.files import attachment
from dingmi.interfaces.web.forms import Desk, Field, Form, answered
from dingmi.interfaces.web.radar import WORDS
from dingmi.queries import clock
from dingmi.regime.performance import scheme_of

PERSON = Field("person", n_("人员"), "hidden")
REVIEW = Field("review", n_("考核"), "hidden")
RECORD = Form(
    "performance.record",
    n_("签名登记"),
    (
        PERSON,
        Field("rule", n_("考核规则"), "select"),
        Field("on", n_("发生日期"), "date", most=10),
        Field("evidence", n_("依据文件、记录编号"), most=200),
    ),
)
NOTIFY = Form("performance.notify", n_("签名送达"), (PERSON, Field("year", n_("年度"), "hidden")))
SIGN = Form("performance.sign", n_("签名确认"), (REVIEW,))
OBJECT = Form("performance.object", n_("签名提出复核"), (REVIEW, Field("reasons", n_("理由"), most=600)))
DECIDE = Form(
    "performance.decide",
    n_("签名决定"),
    (
        REVIEW,
        Field("strike", n_("不予采纳的扣分、加分"), "ticks", needed=False),
        Field("decision", n_("决定和理由"), most=600),
    ),
)


@page("query:performance.year", ("GET", "POST"))
def year(request: Any, person: UUID, year: int) -> HttpResponse:
    """Show the appraisal of an officer-year to those who appraise, with what comes next."""
    found = ask(request, "performance.year", {"person": str(person), "year": year})
    forms: tuple[Form, ...] = ()
    if not found.review:
        forms = (RECORD, *((NOTIFY,) if year < clock.now().year else ()))
    elif found.state == "objected":
        forms = (DECIDE,)
    english = request.actor.language == "en"
    rules = [
        (r.code, f"{r.en if english else r.zh}（{r.points:+d}）")
        for r in ask(request, "performance.rules", {"year": year}).rows
        if r.source == "office"
    ]
    lines = [(line.evidence, f"{line.words}（{line.points:+d}，{line.on}）") for line in found.lines]
    given = {"person": str(person), "year": str(year), "review": str(found.review or "")}
    desk = Desk(forms, {"rule": rules, "strike": lines}, given)
    return answered(request, desk, "officers/year.html", found, request.path)


@page("query:performance.mine", ("GET", "POST"))
def mine(request: Any, year: int | None = None) -> HttpResponse:
    """Show one's own appraisal; sign it, or object within the window."""
    found = ask(request, "performance.mine", {"year": year or clock.now().year})
    forms = (SIGN, OBJECT) if found.state == "noticed" else ()
    desk = Desk(forms, {}, {"review": str(found.review or "")})
    years = [found.year - 1, *([found.year + 1] if found.year < clock.now().year else [])]
    return answered(request, desk, "officers/year.html", found, request.path, {"years": years})


@page("query:performance.of_year", ("GET", "POST"))
def everyone(request: Any, year: int) -> HttpResponse:
    """Show the appraisals of a year by name, and what other weights would have made of them; set them from here."""
    error = None
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in scheme_of(year).weights}
        params = {"year": year, "weights": given, "instrument": request.POST.get("instrument", "")}
        try:
            act(request, "performance.set_weights", params, signed=True)
            return done(reverse("appraisals_of_year", args=[year]), "kept")
        except DingmiError as refused:
            error = refused
    asked = {name: request.GET.get(name, "").strip() for name in scheme_of(year).weights}
    tried = any(asked.values())
    try:
        found = ask(request, "performance.of_year", {"year": year, **({"weights": asked} if tried else {})})
    except Invalid as refused:
        error, found = refused, ask(request, "performance.of_year", {"year": year})
    indicators = [(name, _(WORDS.get(name, name)), asked[name] if tried else value) for name, value in found.weights]
    context = {
        "page": found,
        "indicators": indicators,
        "error": error,
        "may_set": request.actor.holds(Role.HEAD) and year >= clock.now().year,
        "is_closed": year < clock.now().year,
        "rules": ask(request, "performance.rules", {"year": year}),
    }
    return show(request, "officers/appraisals.html", context, status=error.http_status if error else 200)


@page("query:performance.rules")
def rules(request: Any, year: int) -> HttpResponse:
    """List the rules by which a year is scored."""
    return show(request, "officers/rules.html", {"page": ask(request, "performance.rules", {"year": year})})


@page("act:performance.export", ("POST",))
def export(request: Any, year: int) -> HttpResponse:
    """Hand out the appraisals of a closed year for the year-end review."""
    delivered = act(request, "performance.export", {"year": year})
    return attachment(delivered.filename, delivered.media, delivered.content)
