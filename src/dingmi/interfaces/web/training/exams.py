"""考核与练习: the office's examinations and their results, a paper sat in time, its result, and practice."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web.door import act, ask, done, explain, page, show
from dingmi.interfaces.web.forms import LEVELS, Desk, Field, Form, answered

GRADES = (*LEVELS, ("特殊", n_("特殊（只协助拟定，不得审批）")))
SET_UP = Form(
    "exams.set_up",
    n_("设置考核"),
    (
        Field("title", n_("考核名称"), most=120),
        Field("editions", n_("保密事项范围"), "ticks"),
        Field("grade", n_("对应资格等级"), "select", needed=False, choices=GRADES, hint=n_("不选则不发证书。")),
        Field("count", n_("题数"), "number", most=3, hint=n_("每个条目至少出一题后才重复。")),
        Field("minutes", n_("答题分钟"), "number", most=3),
        Field(
            "pass_mark", n_("合格分"), "number", needed=False, most=3, hint=n_("满分 100；不填为本单位规定的合格分。")
        ),
        Field("opens_at", n_("开放时间"), "moment", most=16),
        Field("closes_at", n_("截止时间"), "moment", most=16),
        Field(
            "staff_nos",
            n_("考生工号"),
            "list",
            needed=False,
            most=4000,
            hint=n_("一行一个或者从表格整列粘贴；不填为所有人员。"),
        ),
    ),
)
CANCEL = Form(
    "exams.cancel",
    n_("取消考核"),
    (Field("exam", n_("考试"), "hidden"), Field("reason", n_("理由"), most=200)),
    danger=True,
)
CERTIFY = Form("exams.certify", n_("签名发证"), (Field("paper", n_("考生"), "select"),))
PRACTICE_QUESTIONS = 5


@page("query:exams", ("GET", "POST"))
def exams(request: Any) -> HttpResponse:
    """Show examinations with their figures; set one up."""
    found = ask(request, "exams")
    desk = Desk((SET_UP,), {"editions": found.editions})
    return answered(request, desk, "training/exams.html", found, request.path)


@page("query:exams.one", ("GET", "POST"))
def exam(request: Any, exam: UUID) -> HttpResponse:
    """Show one examination with its papers; give certificates, or cancel it."""
    found = ask(request, "exams.one", {"exam": str(exam)})
    ready = [(str(p.id), f"{p.name}（{p.score}）") for p in found.papers if p.can_certify]
    forms = (*((CERTIFY,) if ready else ()), *((CANCEL,) if found.line.state in ("planned", "open") else ()))
    desk = Desk(forms, {"paper": ready}, {"exam": str(exam)})
    return answered(request, desk, "training/exam.html", found, request.path)


@page("act:exams.start", ("POST",))
def start(request: Any, exam: UUID) -> HttpResponse:
    """Begin one's paper, or go on with it."""
    begun = act(request, "exams.start", {"exam": str(exam)})
    return redirect("exam_paper", begun.paper)


def _answers(request: Any, count: int) -> dict[str, list[str]]:
    """Return the answers of the form: of every question that was shown, so that a tick taken away is taken away."""
    return {str(n): request.POST.getlist(f"q{n}") for n in range(1, count + 1)}


@page("query:exams.sheet", ("GET", "POST"))
def paper(request: Any, paper: UUID) -> HttpResponse:
    """Show one's paper; save answers, or hand it in (asked again while questions are open)."""
    found = ask(request, "exams.sheet", {"paper": str(paper)})
    if request.method == "POST":
        try:
            return _kept(request, found)
        except DingmiError as error:
            return show(request, "training/paper.html", {"page": found, "error": error}, status=error.http_status)
    return show(request, "training/paper.html", {"page": found, "asks": "left" in request.GET})


def _kept(request: Any, found: Any) -> HttpResponse:
    """Save what was sent while time is left, hand the paper in where that was asked for."""
    road, named = reverse("exam_paper", args=[found.paper]), {"paper": str(found.paper)}
    if found.seconds_left:
        answers = _answers(request, len(found.questions))
        saved = act(request, "exams.save", named | {"answers": answers})
        if "save" in request.POST:
            return done(road, "kept")
        if saved.answered < len(found.questions) and "sure" not in request.POST:
            return redirect(f"{road}?left=1")
    act(request, "exams.submit", named)
    return redirect("exam_result", found.paper)


@page("act:exams.save", ("POST",))
def save(request: Any, paper: UUID) -> HttpResponse:
    """Save one answer while the paper is filled in; the page goes on."""
    number = request.POST.get("number", "")
    try:
        saved = act(
            request, "exams.save", {"paper": str(paper), "answers": {number: request.POST.getlist(f"q{number}")}}
        )
    except DingmiError as error:
        told = explain(error, request.actor.language)
        return JsonResponse({"text": told[0].text if told else ""}, status=error.http_status)
    return JsonResponse({"answered": saved.answered})


@page("query:exams.result")
def result(request: Any, paper: UUID) -> HttpResponse:
    """Show a paper handed in, question by question."""
    return show(request, "training/result.html", {"page": ask(request, "exams.result", {"paper": str(paper)})})


@page("query:practice", ("GET", "POST"))
def practice(request: Any) -> HttpResponse:
    """Practise on made-up cases; nothing is kept."""
    sent = request.POST if request.method == "POST" else request.GET
    edition, seed = sent.get("edition", ""), sent.get("seed", "")
    params = {"edition": edition, "count": PRACTICE_QUESTIONS}
    if request.method == "POST":
        answers = _answers(request, PRACTICE_QUESTIONS)
        found = ask(request, "practice.marked", params | {"seed": seed, "answers": answers})
        context = {"page": found, "edition": edition, "again": secrets.token_hex(6)}
        return show(request, "training/practice_result.html", context)
    found = ask(request, "practice", params | {"seed": seed or secrets.token_hex(6)})
    return show(request, "training/practice.html", {"page": found})
