"""逐项确认：every press chooses and confirms one thing; nothing is preselected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web import door
from dingmi.interfaces.web.drafts import pointing, signing, words
from dingmi.queries import clock, jsonable
from dingmi.queries.terms import BOILERPLATE, NOT_USED, Answers, ReuseAnswer, Scope


@dataclass(frozen=True, slots=True)
class Card:
    """State of one question card: confirmed, following from the first, or open."""

    done: bool
    follows: bool = False


def _with(answers: Answers, *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*answers.confirmed, *names)))


def _without(answers: Answers, *names: str) -> tuple[str, ...]:
    return tuple(c for c in answers.confirmed if c not in names)


def _adopt(page: Any, item: Any) -> Answers:
    """Take one item: its level and bound with it; a scope confirmed for another item is asked again."""
    answers: Answers = page.answers
    confirmed = _with(replace(answers, confirmed=_without(answers, "none")), "item", "terms")
    reasons = answers.reasons if answers.reasons and answers.item is None else _reasons(item)
    return replace(answers, item=item.item, level=item.level, tail=item.tail, reasons=reasons, confirmed=confirmed)


def _reasons(item: Any) -> str:
    """Word the basis that the drafter adopts; it stands on the cards and the check page and can be changed there."""
    matched = f"，命中要素：{'、'.join(item.matched)}" if item.matched else ""
    found = f"，文本证据 {len(item.evidence)} 处" if item.evidence else ""
    return f"内容属于《{item.guide}》目录第 {item.item_number} 项“{item.text}”{found}{matched}。"


def _scope(answers: Answers, persons: tuple[UUID, ...]) -> Answers:
    scope = Scope(tuple(sorted(set(persons))), (), answers.scope.organs)
    return replace(answers, scope=scope, confirmed=_with(answers, "scope"))


TERMS = ("level.", "period.", "authority.", "tail.", "reuse.", "derivation.")  # findings told beside the terms


def _reuse(page: Any, changed: ReuseAnswer | None = None) -> tuple[ReuseAnswer, ...]:
    """Return the answer to every source: as answered before, else confirmed, with one put away or taken back."""
    found = []
    for source in (s for s in page.sources if s.source is not None):
        yes = source.confirmed is not False
        used = tuple(p.point for p in source.parts if p.is_used)
        kept = ReuseAnswer(source.source, yes, "" if yes else source.reason or NOT_USED, used if yes else ())
        found.append(changed if changed is not None and source.source == changed.source else kept)
    return tuple(found)


def _changed(verb: str, source: UUID) -> ReuseAnswer:
    """Return what a press says of one source: used, not used, or no more than the common language of papers."""
    return ReuseAnswer(source, verb == "use", {"drop": NOT_USED, "formula": BOILERPLATE}.get(verb, ""))


def _parted(page: Any, point: UUID) -> ReuseAnswer:
    """Return the answer to a source with one of its classified points used besides, or no longer.

    Raises:
        Invalid: No source of this draft has such a point.
    """
    found = next((s for s in page.sources if any(p.point == point for p in s.parts)), None)
    if found is None:
        raise Invalid("input.invalid", (), fields={"do": "id.unknown"})
    used = tuple(p.point for p in found.parts if p.is_used != (p.point == point))
    return ReuseAnswer(found.source, True, points=used)


def _terms(request: Any, page: Any) -> Answers:
    """Take a shorter period or another level that the drafter typed; the regime judges it."""
    answers: Answers = page.answers
    level = request.POST.get("level", "") or page.proposed_level
    tail = request.POST.get("tail", "").strip() or page.proposed_tail
    reasons = request.POST.get("reasons", "").strip()
    longer = request.POST.get("longer_reason", answers.longer_reason).strip()[:1000]
    return replace(
        answers, level=level, tail=tail, reasons=reasons, longer_reason=longer, confirmed=_with(answers, "terms")
    )


def answered(request: Any, page: Any, do: str) -> Answers | None:
    """Return the answers after the press ``do``; nothing when the press changes none."""
    answers: Answers = page.answers
    verb, _, rest = do.partition(":")
    if verb == "item":
        wanted = pointing.uuid(rest)
        hit = next((c for c in page.candidates if c.item == wanted), None) or _found(request, page, wanted)
        return _adopt(page, hit)
    if verb == "none":
        return replace(answers, item=None, confirmed=(*_without(answers, "item", "none"), "none"))
    if verb == "reuse":
        return replace(answers, reuse=_reuse(page), confirmed=_with(answers, "reuse"))
    if verb in ("drop", "use", "formula"):
        reuse = _reuse(page, _changed(verb, pointing.uuid(rest)))
        return replace(answers, reuse=reuse, confirmed=_without(answers, "reuse"))
    if verb == "part":
        reuse = _reuse(page, _parted(page, pointing.uuid(rest)))
        return replace(answers, reuse=reuse, confirmed=_without(answers, "reuse"))
    if verb == "scope":
        return _scope(answers, page.scope.persons)
    if verb == "pick":
        return _scope(answers, tuple(pointing.uuid(p) for p in request.POST.getlist("person")))
    if verb == "terms":
        return _terms(request, page)
    if verb == "open" and rest in ("item", "reuse", "scope"):
        return replace(answers, confirmed=_without(answers, rest, "none" if rest == "item" else ""))
    return None


def _found(request: Any, page: Any, wanted: UUID) -> Any:
    """Return an item that was searched for.

    Raises:
        Invalid: It is not in force or does not exist.
    """
    hits = door.ask(request, "draft.items", {"words": request.POST.get("words", ""), "matter": page.matter})
    hit = next((h for h in hits if h.item == wanted), None)
    if hit is None:
        raise Invalid("item.unknown", (), fields={"item": "item.unknown"})
    return hit


def candidates(items: tuple[Any, ...], language: str) -> list[dict[str, Any]]:
    """Return items with what else speaks for each and what speaks against it, in words."""
    return [{"c": c, "reasons": [t.text for t in words.in_words((*c.why, *c.why_not), language)]} for c in items]


def context(request: Any, page: Any, error: DingmiError | None = None, hits: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Return what the cards show."""
    confirmed = page.answers.confirmed
    language = request.actor.language
    verdict = signing.judged(request, page) if page.item is not None else None
    findings = verdict.findings if verdict else ()
    terms = tuple(f for f in findings if f.code.startswith(TERMS))
    blocked = tuple(f for f in terms if f.severity == "block")
    return {
        "page": page,
        "counts": words.counts(page),
        "steps": words.original_steps(2),
        "item_card": Card(page.none_fits or (page.item is not None and "item" in confirmed)),
        "reuse_card": Card("reuse" in confirmed and not page.is_waiting),
        "terms_card": Card("terms" in confirmed and not page.item, follows=True),
        "scope_card": Card("scope" in confirmed),
        "term_findings": words.in_words(tuple(f for f in terms if f.severity != "block"), language),
        "errors": words.errors(error, language) or words.in_words(blocked, language),
        "refer": words.refers(error) or bool(verdict and verdict.refer),
        "addressee": verdict.addressee if verdict else "",
        "cands": candidates(page.candidates, language),
        "hits": candidates(hits, language),
        "words": request.POST.get("words", ""),
        "levels": words.LEVELS,
        "until": words.until(page.proposed_tail, clock.now().date()),
        "edit": request.GET.get("edit", ""),
        "home": "draft",
        "bases": bases(page),
        "reasons_why": why(page, language),
        **words.threads(page),
    }


def bases(page: Any) -> list[dict[str, str]]:
    """Return what a classified point can rest on: the adopted item, the other candidates, the sources."""
    seen: dict[str, dict[str, str]] = {}
    for c in (page.item, *page.candidates):
        if c is None:
            continue
        words_of = _("目录第 %(n)s 项 %(t)s") % {"n": c.item_number, "t": c.text}
        seen.setdefault(str(c.item), {"value": f"item:{c.item}", "word": f"{c.level} · {words_of}"})
    for s in page.sources:
        if s.source is not None:
            name = s.doc_number or s.register_no
            seen[str(s.source)] = {"value": f"source:{s.source}", "word": f"{s.level} · {_('来源')} {s.number} {name}"}
    return list(seen.values())


def why(page: Any, language: str) -> dict[str, Any]:
    """Return what speaks for the suggested mark and what against the others: sentences of evidence, elements, bounds."""
    best = page.item or (page.candidates[0] if page.candidates else None)
    if best is None:
        return {}
    told = [e for e in page.evidence if e.number in best.evidence]
    others = [c for c in page.candidates if c.item != best.item]
    return {"c": best, "evidence": told, "others": candidates(tuple(others), language)}


@door.page("query:draft.page")
def page(request: Any, matter: UUID) -> HttpResponse:
    """Show the draft with its evidence and the four questions."""
    found = door.ask(request, "draft.page", {"matter": matter})
    return door.show(request, "drafts/assist.html", context(request, found))


def _save(request: Any, matter: UUID, answers: Answers) -> int:
    params = {"matter": matter, "answers": jsonable(answers), "expected_version": door.integer(request, "version")}
    version: int = door.act(request, "determination.fill", params).version
    return version


def _go(request: Any, url: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def _pressed(request: Any, page: Any, do: str) -> None:
    """Do what a press says: points, sources or answers; an item adopted or sources confirmed mark their evidence too."""
    if do.partition(":")[0] in pointing.VERBS:
        pointing.press(request, page, do)
        return
    answers = pointing.named(request, page, do) or answered(request, page, do)
    if answers is None:
        return
    version = _save(request, page.matter, answers)
    if do == "reuse" or do.startswith(("item:", "drop:", "formula:")):
        door.act(request, "points.take", {"matter": page.matter, "expected_version": version})


@door.page("act:determination.fill", ("POST",))
def fill(request: Any, matter: UUID) -> HttpResponse:
    """Take one press on a card or on the paper, save it, and show the page again."""
    do = request.POST.get("do", "")
    found = door.ask(request, "draft.page", {"matter": matter})
    home = "draft_derive" if request.POST.get("home") == "draft_derive" else "draft"
    hits: tuple[Any, ...] = ()
    error: DingmiError | None = None
    try:
        if do == "next":
            return _go(request, reverse("draft_check", kwargs={"matter": matter}))
        if do == "search":
            hits = door.ask(request, "draft.items", {"words": request.POST.get("words", ""), "matter": matter})
        else:
            before = found.level
            _pressed(request, found, do)
            if do == "none":  # what fits no item goes on as an unclear matter (TL-25.1)
                return _go(request, reverse("draft_unclear", kwargs={"matter": matter}))
            found = door.ask(request, "draft.page", {"matter": matter})
            if found.level != before or not getattr(request, "htmx", False):  # the banner may tell another level now
                return _go(request, reverse(home, kwargs={"matter": matter}))
    except DingmiError as refused:
        error = refused
        found = door.ask(request, "draft.page", {"matter": matter})
    status = error.http_status if error and not getattr(request, "htmx", False) else 200
    if home == "draft_derive":
        return door.show(request, "drafts/derive.html", signing.derive_context(request, found, error), status=status)
    return door.show(request, "drafts/assist.html", context(request, found, error, hits), status=status)
