"""核对并提交 and 派生快速通道：the declaration is part of what is signed; the password is asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web import door
from dingmi.interfaces.web.drafts import words
from dingmi.queries import clock, jsonable, limits
from dingmi.queries.terms import Answers, scope_plain, source_plain
from dingmi.regime.prc_state.bars import BARS

PREVIEW_LINES = 6


def declared(answers: Answers) -> Answers:
    """Return the answers with the four bars answered with "no", as the declaration above the sign button says (ZX-19)."""
    return replace(answers, bars={bar: False for bar in BARS})


def judged(request: Any, page: Any) -> Any:
    """Return what the law would say if the draft were signed now."""
    params = {"matter": page.matter, "answers": jsonable(declared(page.answers))}
    return door.ask(request, "draft.verdict", params)


def _first_lines(page: Any) -> list[str]:
    lines = ["".join(piece.text for piece in p.pieces) for p in page.paragraphs if p.kind != "title"]
    return lines[:PREVIEW_LINES]


def _context(request: Any, page: Any, error: DingmiError | None) -> dict[str, Any]:
    verdict = judged(request, page)
    language = request.actor.language
    points = Counter(p.level for p in page.points)
    return {
        "page": page,
        "days": limits.count(limits.PROPOSAL, clock.now().date()),
        "steps": words.original_steps(3),
        "until": words.until(page.proposed_tail, clock.now().date()),
        "points": [{"level": level, "count": points[level]} for level in words.LEVELS if points[level]],
        "first_lines": _first_lines(page),
        "findings": words.in_words(tuple(f for f in verdict.findings if f.severity != "note"), language),
        **words.asked(verdict, language),
        "errors": words.errors(error, language),
        "refer": verdict.refer,
        "addressee": verdict.addressee,
    }


@door.page("act:determination.propose", ("GET", "POST"))
def check(request: Any, matter: UUID) -> HttpResponse:
    """Show everything once more with the mark at its place; sign and submit."""
    error: DingmiError | None = None
    page = door.ask(request, "draft.page", {"matter": matter})
    if request.method == "POST":
        try:
            version = door.integer(request, "version")
            if page.version == version and dict(page.answers.bars) != dict(declared(page.answers).bars):
                params = {"matter": matter, "answers": jsonable(declared(page.answers)), "expected_version": version}
                version = door.act(request, "determination.fill", params).version
            door.act(request, "determination.propose", {"matter": matter, "expected_version": version}, signed=True)
            return door.done(reverse("drafts"), "proposed")
        except DingmiError as refused:
            error = refused
            page = door.ask(request, "draft.page", {"matter": matter})
    status = error.http_status if error else 200
    return door.show(request, "drafts/check.html", _context(request, page, error), status=status)


def derive_context(request: Any, page: Any, error: DingmiError | None = None) -> dict[str, Any]:
    """Return what the derive page shows."""
    terms = door.ask(request, "draft.terms", {"matter": page.matter})
    language = request.actor.language
    return {
        "page": page,
        "days": limits.count(limits.PROPOSAL, clock.now().date()),
        "counts": words.counts(page),
        "steps": words.derivative_steps(2),
        "terms": terms,
        "sources_done": "reuse" in page.answers.confirmed,
        "findings": words.in_words(tuple(f for f in terms.findings if f.severity != "note"), language),
        "errors": words.errors(error, language),
        "home": "draft_derive",
        "levels": words.LEVELS,
        "triggers": words.triggers(),
        "bases": [
            {
                "value": f"source:{s.source}",
                "word": f"{s.level} · {_('来源')} {s.number} {s.doc_number or s.register_no}",
            }
            for s in page.sources
            if s.source is not None
        ],
        **words.threads(page),
    }


def _derivation(request: Any, page: Any) -> dict[str, Any]:
    """Return the parameters of a derivative proposal from the confirmed sources."""
    terms = door.ask(request, "draft.terms", {"matter": page.matter})
    own = [
        {"matter": str(s.source), "points": [str(p.point) for p in s.parts if p.is_used]}
        for s in page.sources
        if s.confirmed and s.source is not None
    ]
    return {
        "matter": page.matter,
        "sources": [*own, *(source_plain(s) for s in page.answers.outside)],
        "trigger": terms.trigger,
        "scope": scope_plain(page.answers.scope),
        "reasons": page.answers.reasons,
        "expected_version": door.integer(request, "version"),
    }


@door.page("act:derivation.propose", ("GET", "POST"))
def derive(request: Any, matter: UUID) -> HttpResponse:
    """Confirm the sources, see what follows from them, sign and submit."""
    error: DingmiError | None = None
    page = door.ask(request, "draft.page", {"matter": matter})
    if request.method == "POST":
        try:
            door.act(request, "derivation.propose", _derivation(request, page), signed=True)
            return door.done(reverse("drafts"), "proposed")
        except DingmiError as refused:
            error = refused
            page = door.ask(request, "draft.page", {"matter": matter})
    status = error.http_status if error else 200
    return door.show(request, "drafts/derive.html", derive_context(request, page, error), status=status)
