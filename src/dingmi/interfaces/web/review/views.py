"""The queue and the 审核台：one form holds verdict, opinion, answers to findings and the signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_
from django.utils.translation import pgettext

from dingmi.base import messages
from dingmi.base.errors import Conflict, DingmiError, Finding, Invalid, NotFound
from dingmi.interfaces.web import door
from dingmi.interfaces.web.drafts import words
from dingmi.queries import clock, policy

VERDICTS = (
    ("approve", "1", n_("同意")),
    ("change", "2", n_("修改后同意")),
    ("return", "3", n_("退回承办人")),
    ("not_secret", "4", n_("不属于国家秘密")),
)
REASONS = (
    ("basis", n_("依据不当")),
    ("level", n_("密级不当")),
    ("period", n_("期限不当")),
    ("scope", n_("知悉范围不当")),
    ("points", n_("密点标注不当")),
    ("text", n_("文稿需修改")),
)
INSTEAD = (("work_secret", n_("工作秘密")), ("internal", n_("内部资料")), ("public", n_("可以公开")))
ELEMENTS = {"level": n_("密级"), "period": n_("期限"), "scope": n_("知悉范围"), "points": n_("密点")}


@dataclass(frozen=True, slots=True)
class Choice:
    """One verdict of the decision bar."""

    value: str
    key: str
    word: str


@door.page("query:review.queue")
def queue(request: Any) -> HttpResponse:
    """List what waits, earliest due day first."""
    return door.show(
        request, "review/queue.html", {"rows": door.ask(request, "review.queue"), "today": clock.now().date()}
    )


def _changed(request: Any, desk: Any, persons: list[str]) -> dict[str, Any]:
    """Return the terms that the officer decides instead; what stays empty stays as proposed."""
    scope = {
        "persons": persons or [str(p) for p in desk.scope_persons],
        "departments": [] if persons else [str(d) for d in desk.scope_departments],
        "organs": [str(o) for o in desk.scope_organs],
    }
    return {
        "level": request.POST.get("level", "") or desk.level,
        "tail": request.POST.get("tail", "").strip() or desk.tail,
        "scope": scope,
        "item": str(desk.item.item) if desk.item else None,
        "reason": request.POST.get("opinion", ""),
        "longer_reason": request.POST.get("longer_reason", "").strip(),
    }


def _sign(request: Any, desk: Any, matter: UUID) -> str:
    """Perform the chosen verdict; return its toast."""
    base = {"matter": matter, "expected_version": door.integer(request, "version")}
    verdict, opinion = request.POST.get("verdict", ""), request.POST.get("opinion", "").strip()
    if verdict == "approve":
        answered = {
            k.removeprefix("answer:"): v for k, v in request.POST.items() if k.startswith("answer:") and v.strip()
        }
        door.act(request, "determination.approve", {**base, "opinion": opinion, "answered": answered}, signed=True)
        return "approved"
    if verdict == "change":
        params = {**base, **_changed(request, desk, request.POST.getlist("person"))}
        door.act(request, "determination.change_and_approve", params, signed=True)
        return "approved"
    if verdict == "return":
        params = {**base, "reason_code": request.POST.get("reason_code", ""), "text": opinion}
        door.act(request, "determination.return", params, signed=True)
        return "returned"
    if verdict == "not_secret":
        params = {**base, "reason": opinion, "instead": request.POST.get("instead", "")}
        door.act(request, "determination.not_secret", params, signed=True)
        return "not_secret"
    if verdict == "refer":
        door.act(request, "referral.refer", {**base, "opinion": opinion}, signed=True)
        return "referred"
    raise Invalid("input.invalid", (), fields={"verdict": "missing"})


def _context(request: Any, desk: Any, error: DingmiError | None) -> dict[str, Any]:
    verdict = door.ask(request, "review.verdict", {"matter": desk.page.matter})
    language = request.actor.language
    said = words.in_words(tuple(verdict.findings), language)
    refer = verdict.refer or words.refers(error)
    choices = [Choice(value, key, pgettext("verdict", word)) for value, key, word in VERDICTS]
    if refer:
        choices.append(Choice("refer", "5", pgettext("verdict", "先行保护并报请")))
    return {
        "desk": desk,
        "today": clock.now().date(),
        "page": desk.page,
        "counts": words.counts(desk.page),
        "rows": [{"c": c, "word": _(ELEMENTS[c.element])} for c in desk.comparison],
        "blocks": [t for t in said if t.severity == "block"],
        "warns": [t for t in said if t.severity == "warn"],
        **words.asked(verdict, language),
        "history": [{"h": h, "words": messages.render(Finding(h.act), language).text} for h in desk.history],
        "verdicts": choices,
        "verdict": request.POST.get("verdict", ""),
        "opinion": request.POST.get("opinion", ""),
        "reasons": [{"value": value, "word": _(word)} for value, word in REASONS],
        "instead": [{"value": value, "word": _(word)} for value, word in INSTEAD],
        "typed": request.POST,
        "levels": words.LEVELS,
        "errors": words.errors(error, language),
        "home": "review",
        "reading_seconds": policy.READING_SECONDS,
        **words.threads(desk.page),
    }


def _over(request: Any, matter: UUID) -> HttpResponse:
    """Tell a reader who may know the matter that nothing of it waits any more, with what was written about it.

    Raises:
        NotFound: There is no such matter, or the reader may not know it.
    """
    page = door.ask(request, "matter", {"matter": matter})
    if request.method != "POST":
        return HttpResponseRedirect(reverse("matter", kwargs={"matter": matter}))
    context = {"page": page, "error": Conflict("version.stale"), "posted": request.POST}
    return door.show(request, "review/over.html", context, status=Conflict.http_status)


@door.page("act:determination.approve", ("GET", "POST"))
def desk(request: Any, matter: UUID) -> HttpResponse:
    """Show one proposal for review; sign the verdict and open the next."""
    try:
        found = door.ask(request, "review.desk", {"matter": matter})
    except NotFound:
        return _over(request, matter)
    error: DingmiError | None = None
    if request.method == "POST":
        try:
            toast = _sign(request, found, matter)
            following = found.following or found.previous
            road = reverse("review_desk", kwargs={"matter": following}) if following else reverse("review")
            return door.done(road, toast)
        except DingmiError as refused:
            error = refused
            found = door.ask(request, "review.desk", {"matter": matter})
    status = error.http_status if error else 200
    return door.show(request, "review/desk.html", _context(request, found, error), status=status)
