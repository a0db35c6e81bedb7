"""不明确事项、报请、异议与争议: lists, one case each, and the next step of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError, NotFound
from dingmi.interfaces.web.disputes import fields
from dingmi.interfaces.web.door import act, ask, done, integer, page, show
from dingmi.interfaces.web.drafts import signing
from dingmi.interfaces.web.forms import Desk, Field, Form, answered
from dingmi.queries import clock, jsonable
from dingmi.queries.terms import Scope

CATEGORIES = ("decisions", "defence", "foreign", "economy", "science", "security", "other", "party")


def _status(error: DingmiError | None) -> int:
    return error.http_status if error else 200


@page("query:unclear.list")
def unclear(request: Any) -> HttpResponse:
    """Show what was referred, the nearest limit first."""
    return show(request, "disputes/unclear.html", {"page": ask(request, "unclear.list")})


def _referral(request: Any, referral: UUID, error: DingmiError | None = None, taken: str = "") -> HttpResponse:
    found = ask(request, "unclear.one", {"referral": str(referral)})
    context = {
        "page": found,
        "steps": fields.named(fields.STEPS, found.may),
        "error": error,
        "posted": request.POST,
        "taken": taken,
        "today": clock.now().date(),
    }
    return show(request, "disputes/referral.html", context, status=_status(error))


@page("query:unclear.one")
def referral(request: Any, referral: UUID) -> HttpResponse:
    """Show one referral with its limit, its papers and the next step."""
    return _referral(request, referral)


def _step(steps: tuple[fields.Step, ...], slug: str) -> fields.Step:
    found = next((step for step in steps if step.slug == slug), None)
    if found is None:
        raise NotFound("object.not_found")
    return found


@page("query:unclear.one", ("POST",))
def referral_step(request: Any, referral: UUID, step: str) -> HttpResponse:
    """Take the next step of a referral, signed."""
    wanted = _step(fields.STEPS, step)
    found = ask(request, "unclear.one", {"referral": str(referral)})
    try:
        params = fields.read(wanted, request.POST)
        params |= {"matter": str(found.row.matter.matter), "expected_version": integer(request, "version")}
        act(request, wanted.act, params, signed=True)
    except DingmiError as error:
        return _referral(request, referral, error, step)
    return done(reverse("unclear"), "acted")


PREPARE = Form(
    "opinion.prepare",
    n_("提交拟写的意见"),
    (Field("case", "", "hidden"), Field("opinion", n_("意见"), "area", most=4000)),
)


@page("query:opinion.case", ("GET", "POST"))
def opinions(request: Any, case: UUID) -> HttpResponse:
    """Show the opinions prepared for a report or a reply; write one, with the special qualification."""
    found = ask(request, "opinion.case", {"case": str(case)})
    desk = Desk((PREPARE,) if found.may_prepare else (), given={"case": str(case)})
    return answered(request, desk, "disputes/opinions.html", found, request.path, {"case": case})


@page("query:dispute.list")
def disputes(request: Any) -> HttpResponse:
    """Show challenges, open ones first."""
    return show(request, "disputes/disputes.html", {"page": ask(request, "dispute.list")})


def _challenge(request: Any, challenge: UUID, error: DingmiError | None = None, taken: str = "") -> HttpResponse:
    found = ask(request, "dispute.one", {"challenge": str(challenge)})
    context = {
        "page": found,
        "steps": fields.named(fields.CONTESTED, found.may),
        "error": error,
        "posted": request.POST,
        "taken": taken,
        "today": clock.now().date(),
    }
    return show(request, "disputes/challenge.html", context, status=_status(error))


@page("query:dispute.one")
def challenge(request: Any, challenge: UUID) -> HttpResponse:
    """Show one challenge with its history and the next step."""
    return _challenge(request, challenge)


@page("query:dispute.one", ("POST",))
def challenge_step(request: Any, challenge: UUID, step: str) -> HttpResponse:
    """Take the next step of a challenge, signed; back to the list, for the matter may be out of sight by then."""
    wanted = _step(fields.CONTESTED, step)
    try:
        params = fields.read(wanted, request.POST)
        params |= {"challenge": str(challenge), "expected_version": integer(request, "version")}
        act(request, wanted.act, params, signed=True)
    except DingmiError as error:
        return _challenge(request, challenge, error, step)
    return done(reverse("disputes"), "acted")


@page("act:challenge.raise", ("GET", "POST"))
def raise_challenge(request: Any, matter: UUID) -> HttpResponse:
    """State another position on a matter in force."""
    error: DingmiError | None = None
    if request.method == "POST":
        form = request.POST
        names = ("position", "reasons", "level", "tail", "challenger", "document_no", "raised_on")
        given = {name: form.get(name, "").strip() for name in names if form.get(name, "").strip()}
        if given.get("position") == "not_secret":
            given.pop("level", None)
        try:
            params = {"position": "", "reasons": "", **given, "matter": str(matter)}
            act(request, "challenge.raise", {**params, "expected_version": integer(request, "version")}, signed=True)
            return done(reverse("disputes"), "acted")
        except DingmiError as refused:
            error = refused
    context = {
        "page": ask(request, "matter", {"matter": str(matter)}),
        "error": error,
        "posted": request.POST,
        "levels": fields.LEVELS,
    }
    return show(request, "disputes/raise.html", context, status=_status(error))


@page("act:unclear.refer", ("GET", "POST"))
def draft_unclear(request: Any, matter: UUID) -> HttpResponse:
    """Set the three elements provisionally where nothing fits: category, level with its period, scope as shown."""
    error: DingmiError | None = None
    if request.method == "POST":
        try:
            _refer(request, matter)
            return done(reverse("drafts"), "acted")
        except DingmiError as refused:
            error = refused
    context = {
        "page": ask(request, "draft.page", {"matter": matter}),
        "categories": CATEGORIES,
        "levels": fields.LEVELS,
        "error": error,
        "posted": request.POST,
    }
    return show(request, "disputes/draft.html", context, status=_status(error))


def _refer(request: Any, matter: UUID) -> None:
    """Save the provisional terms on the draft, then refer it; the level is the one whose period is filled in."""
    form = request.POST
    found, version = ask(request, "draft.page", {"matter": matter}), integer(request, "version")
    tails = {level: form.get(f"tail_{n}", "").strip() for n, (level, _) in enumerate(fields.LEVELS)}
    filled = [level for level, tail in tails.items() if tail]
    level = filled[0] if len(filled) == 1 else ""
    scope = found.answers.scope if found.scope_count else Scope(persons=found.scope.persons)
    plain = jsonable(signing.declared(found.answers))
    terms = {
        "item": None,
        "level": level,
        "tail": tails.get(level, ""),
        "scope": jsonable(scope),
        "reasons": form.get("reasons", "").strip(),
    }
    params = {"matter": matter, "answers": {**plain, **terms}, "expected_version": version}
    saved = act(request, "determination.fill", params)
    given = {"category": form.get("category", ""), "does_damage": bool(form.get("category"))}
    act(
        request,
        "unclear.refer",
        {"matter": matter, **given, "opinion": form.get("opinion", ""), "expected_version": saved.version},
        signed=True,
    )
