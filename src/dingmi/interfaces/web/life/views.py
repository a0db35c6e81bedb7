"""变更、延期、纠正、相关办理、送达、收文：each form names the act it performs; the act decides."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, integer, page, show

GROUNDS = (
    ("basis_changed", n_("定密依据变化")),
    ("damage_changed", n_("泄露后的损害程度明显变化")),
    ("need_changed", n_("工作需要变化（只改知悉范围）")),
    ("no_longer_secret", n_("部分解密：该部分不再属于国家秘密")),
    ("harmless", n_("部分解密：该部分公开无害")),
)
KINDS = (
    ("wrong", n_("错定：不应定密")),
    ("over", n_("高定：密级过高")),
    ("under", n_("低定：密级过低")),
    ("over_authority", n_("超越权限")),
    ("procedure", n_("违反程序")),
    ("unmarked", n_("未作标志")),
    ("unchanged", n_("应变更未变更")),
    ("unreviewed", n_("未审核")),
    ("unreleased", n_("应解密未解密")),
    ("wrongly_released", n_("不当解密")),
)
SOURCES = (
    ("own", n_("自查")),
    ("superior", n_("上级通知")),
    ("administration", n_("保密行政管理部门通知")),
    ("inspection", n_("检查")),
    ("challenge", n_("异议")),
    ("appraisal", n_("鉴定")),
)
REMEDIES = (
    ("void", n_("撤销定密")),
    ("change", n_("变更")),
    ("remark", n_("补作、改正标志")),
    ("review", n_("补作审核")),
    ("release", n_("解密")),
    ("classify", n_("重新定密")),
    ("none", n_("不需纠正")),
)
ANSWERS = {"agrees": n_("同意"), "objects": n_("不同意"), "granted": n_("批准"), "refused": n_("不予批准")}
ASKED = {
    "joint": n_("共同定密"),
    "source": n_("派生：所用部分不属于国家秘密"),
    "use": n_("派生：同意摘抄、汇编"),
    "release": n_("解密"),
    "disclosure": n_("公开"),
    "extend": n_("延期"),
}
CHOICES = {
    "grounds": GROUNDS,
    "kinds": KINDS,
    "sources": SOURCES,
    "remedies": REMEDIES,
    "asked": tuple(ASKED.items()),
    "levels": ("秘密", "机密", "绝密"),
}
RECEIVED = ("title", "doc_number", "originator", "level", "tail", "received_on", "received_no", "widening")
REVIEWED = ("aggregate_checked", "third_party_consents", "public_interest", "must_be_public")
PERMITTED = {  # forms of the page of affairs: act, fields, fields that are yes or no
    "consultation.ask": (("organ", "kind", "document_no"), ()),
    "consultation.answer": (("consultation", "answer", "answer_no", "answered_on"), ()),
    "consultation.request_approval": (("kind", "authority", "level", "tail", "reason"), ()),
    "consultation.register_approval": (("approval", "document_no", "decided_on"), ("granted",)),
    "disclosure.submit": (("opinion",), ()),
    "disclosure.review": (("outcome", "ground", "opinion"), REVIEWED),
    "disclosure.approve": (("opinion",), ("agreed",)),
    "disclosure.publish": (("published_at", "place"), ()),
    "reception.register_notice": (("kind", "document_no", "arrived_on", "effective_on", "tail"), ()),
    "reception.suggest": (("what", "reason", "document_no"), ()),
}
OF_NO_MATTER = ("consultation.answer", "consultation.register_approval")
VERSIONED = ("disclosure.publish", "reception.register_notice")
SCOPE = ("persons", "departments", "organs")
PROPOSING = {"life/change.html": "change", "life/extension.html": "extend"}  # a level or a period is chosen there
WHERE = "+08:00"  # an hour in a form is an hour in Beijing


def _shown(request: Any, matter: UUID, template: str, error: DingmiError | None = None) -> HttpResponse:
    context = {
        "page": ask(request, "matter", {"matter": str(matter)}),
        "more": ask(request, "matter.affairs", {"matter": str(matter)}),
        "error": error,
        "posted": request.POST,
        "kept": frozenset(v for name in SCOPE for v in request.POST.getlist(name)),
        "outcome": PROPOSING.get(template, ""),
        "answers": ANSWERS,
        **CHOICES,
    }
    if template in PROPOSING and context["more"].may_propose:
        weighed = {name: request.POST.get(name, "").strip()[:60] for name in ("level", "tail")}
        context["guard"] = ask(request, "draft.guard", {"matter": str(matter), **weighed})
    return show(request, template, context, status=error.http_status if error else 200)


def _scope(request: Any) -> dict[str, list[str]] | None:
    """Return the scope that the form names; nothing where it names nobody, so that it stays."""
    named = {kind: request.POST.getlist(kind) for kind in SCOPE}
    return named if any(named.values()) else None


def _performed(request: Any, matter: UUID, name: str, params: dict[str, Any], template: str, told: str) -> HttpResponse:
    given = {"matter": str(matter), **params}
    try:
        act(request, name, {**given, "expected_version": integer(request, "version")}, signed=True)
    except DingmiError as error:
        return _shown(request, matter, template, error)
    return done(reverse("matter", args=[matter]), told)


def _decided(request: Any, matter: UUID, template: str, decide: str) -> HttpResponse | None:
    """Perform a decision on what waits: agree, refuse, or take back; nothing where the form proposes."""
    step, words = request.POST.get("step", ""), request.POST.get("opinion", "")
    if step == "decide":
        name = "reason" if decide == "change.extend" else "opinion"
        return _performed(request, matter, decide, {name: words}, template, "changed")
    if step in ("refuse", "withdraw"):
        return _performed(request, matter, f"review.{step}", {"reason": words}, template, "turned_down")
    return None


@page("act:change.propose", ("GET", "POST"))
def change(request: Any, matter: UUID) -> HttpResponse:
    """Propose a change, or decide the one that waits."""
    template = "life/change.html"
    if request.method != "POST":
        return _shown(request, matter, template)
    answer = _decided(request, matter, template, "change.change")
    if answer is not None:
        return answer
    form = request.POST
    params = {
        "level": form.get("level", ""),
        "tail": form.get("tail", "").strip(),
        "scope": _scope(request),
        "item": form.get("item") or None,
        "ground": form.get("ground", ""),
        "reason": form.get("reason", ""),
        "effective_on": form.get("effective_on") or None,
        "released_parts": [line.strip() for line in form.get("parts", "").splitlines() if line.strip()],
    }
    try:
        params["released_paragraphs"] = _paragraphs(form.get("paragraphs", ""))
    except DingmiError as error:
        return _shown(request, matter, template, error)
    return _performed(request, matter, "change.propose", params, template, "proposed")


def _paragraphs(text: str) -> list[int]:
    """Return the numbers that a field names, as ``2、4-6``.

    Raises:
        Invalid: ``paragraph.unknown``: there is something else in it.
    """
    found: list[int] = []
    for word in re.split(r"[、，,\s]+", text.strip()) if text.strip() else ():
        span = re.fullmatch(r"(\d{1,5})(?:[-－–~～至](\d{1,5}))?", word, re.ASCII)
        if span is None:
            raise Invalid("paragraph.unknown", (), fields={"released_paragraphs": "paragraph.unknown"})
        found += range(int(span[1]), int(span[2] or span[1]) + 1)
    return found


@page("act:change.extend", ("GET", "POST"))
def extension(request: Any, matter: UUID) -> HttpResponse:
    """Ask for approval, propose an extension with all three elements, or decide the one that waits."""
    template = "life/extension.html"
    if request.method != "POST":
        return _shown(request, matter, template)
    answer = _decided(request, matter, template, "change.extend")
    if answer is not None:
        return answer
    form = request.POST
    terms = {"level": form.get("level", ""), "tail": form.get("tail", "").strip(), "reason": form.get("reason", "")}
    if form.get("step") == "approval":
        try:
            given = {"matter": str(matter), "kind": "extend", "authority": form.get("authority", ""), **terms}
            act(request, "consultation.request_approval", given)
        except DingmiError as error:
            return _shown(request, matter, template, error)
        return done(reverse("matter_affairs", args=[matter]), "asked")
    params = {"outcome": "extend", "scope": _scope(request), **terms}
    return _performed(request, matter, "review.propose", params, template, "proposed")


@page("act:correction.find", ("GET", "POST"))
def errors(request: Any, matter: UUID) -> HttpResponse:
    """Put down an error, decide how it is put right, close it with a reply."""
    template, form = "life/errors.html", request.POST
    if request.method != "POST":
        return _shown(request, matter, template)
    fields = {
        "find": ("correction.find", ("kind", "source", "notifier", "notice_no", "found_on", "detail")),
        "decide": ("correction.decide", ("correction", "remedy", "reason")),
        "close": ("correction.close", ("correction", "reply_no", "register_no", "reason")),
    }
    step = form.get("step", "")
    try:
        if step not in fields:
            raise Invalid("input.invalid", (), fields={"step": "choice.unknown"})
        name, wanted = fields[step]
        params: dict[str, Any] = {field: form.get(field, "") for field in wanted}
        if step == "find":
            params["matter"] = str(matter)
        if step == "decide":
            params["expected_version"] = integer(request, "version")
        act(request, name, params, signed=step == "decide")
    except DingmiError as error:
        return _shown(request, matter, template, error)
    voided = step == "decide" and form.get("remedy") == "void"
    return done(reverse("matter" if voided else "matter_void", args=[matter]), "corrected")


@page("query:matter.affairs", ("GET", "POST"))
def affairs(request: Any, matter: UUID) -> HttpResponse:
    """Show what runs about a matter; perform the act that a form names."""
    template, form = "life/affairs.html", request.POST
    if request.method != "POST":
        return _shown(request, matter, template)
    name = form.get("act", "")
    try:
        if name not in PERMITTED:
            raise Invalid("input.invalid", (), fields={"act": "choice.unknown"})
        words, flags = PERMITTED[name]
        params: dict[str, Any] = {field: form.get(field, "") for field in words}
        params |= {flag: form.get(flag) == "yes" for flag in flags}
        if "published_at" in params:
            params["published_at"] += WHERE
        if name not in OF_NO_MATTER:
            params["matter"] = str(matter)
        if name in VERSIONED:
            params["expected_version"] = integer(request, "version")
        act(request, name, params, signed="password" in form)
    except DingmiError as error:
        return _shown(request, matter, template, error)
    return done(reverse("matter_affairs", args=[matter]), "written")


@page("query:notices.deliveries", ("GET", "POST"))
def deliveries(request: Any) -> HttpResponse:
    """List what is to be delivered, the red ones first; record a delivery with its receipt."""
    error = None
    if request.method == "POST":
        form = request.POST
        params = {
            "notice": form.get("notice", ""),
            "delivered_at": form.get("delivered_at", "") + WHERE,
            "means": form.get("means", ""),
            "evidence": form.get("evidence", ""),
            "remarked": form.get("remarked") == "yes",
        }
        try:
            act(request, "notices.record_delivery", params)
            return done(reverse("deliveries"), "delivered")
        except DingmiError as caught:
            error = caught
    found = ask(request, "notices.deliveries")
    status = error.http_status if error else 200
    return show(request, "life/deliveries.html", {"found": found, "error": error}, status=status)


@page("act:reception.receive", ("GET", "POST"))
def receive(request: Any) -> HttpResponse:
    """Register a matter of another organ."""
    error, form = None, request.POST
    if request.method == "POST":
        params: dict[str, Any] = {name: form.get(name, "") for name in RECEIVED}
        params |= {day: form[day] for day in ("issued_on", "notice_on", "return_by") if form.get(day)}
        try:
            params["copies"] = integer(request, "copies")
            params["scope"] = _scope(request) or {"persons": [], "departments": [], "organs": []}
            made = act(request, "reception.receive", params, signed=True)
            return done(reverse("matter", args=[made.matter]), "received")
        except DingmiError as caught:
            error = caught
    context = {"choices": ask(request, "reception.choices"), "error": error, "posted": form, **CHOICES}
    return show(request, "life/receive.html", context, status=error.http_status if error else 200)
