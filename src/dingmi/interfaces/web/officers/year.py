"""履职考核: one officer-year, for those who appraise and for the officer alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import Desk, Field, Form, answered
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
        for r in scheme_of(year).rules.values()
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
    return answered(
        request, Desk(forms, {}, {"review": str(found.review or "")}), "officers/year.html", found, request.path
    )
