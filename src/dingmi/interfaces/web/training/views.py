"""培训: courses and sessions, one roll, hours by person and year, and one's own training."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.forms import VERSION, Desk, Field, Form, answered, choices_of, labelled, versioned
from dingmi.queries.lists import words

SESSION = Field("session", n_("场次"), "hidden")
OPEN_COURSE = Form(
    "training.open_course",
    n_("开设"),
    (
        Field("code", n_("课程代码"), most=16, hint=n_("证书编号以它开头，例如 DMJC。")),
        Field("title", n_("课程名称"), most=120),
        Field("audience", n_("对象"), "select", choices=choices_of(words.AUDIENCE)),
        Field("minutes", n_("分钟"), "number", most=4, hint=n_("45 分钟为 1 学时。")),
        Field("valid_months", n_("证书有效月数"), "number", most=3, hint=n_("本单位制度，法律没有规定。")),
        Field("outline", n_("内容"), needed=False, most=400),
        Field("topics", n_("内容类别"), "ticks", needed=False, choices=choices_of(words.LESSON)),
    ),
)
PLAN = Form(
    "training.plan_session",
    n_("安排"),
    (
        Field("course", n_("课程"), "select"),
        Field("starts_at", n_("开始时间"), "moment", most=16),
        Field("place", n_("地点"), most=80),
        Field("seats", n_("座位"), "number", most=4),
        Field("teacher", n_("讲授人"), needed=False, most=60),
        Field("minutes", n_("分钟"), "number", needed=False, most=4, hint=n_("不填为按课程。")),
    ),
)
NAME_TOPICS = Form(
    "training.name_topics",
    n_("登记"),
    (
        Field("course", n_("课程"), "row"),
        Field("topics", n_("内容类别"), "ticks", needed=False, choices=choices_of(words.LESSON)),
    ),
)
CLOSE_COURSE = Form("training.close_course", n_("停开"), (Field("course", n_("课程"), "select"),), danger=True)
ROLL = Form(
    "training.take_roll",
    n_("登记到课"),
    (
        SESSION,
        VERSION,
        Field("attended", n_("到课人员"), "ticks", needed=False),
        Field(
            "walk_ins",
            n_("其他到课人员的工号"),
            "list",
            needed=False,
            most=4000,
            hint=n_("没有报名而到课的，一行一个或者从表格整列粘贴。"),
        ),
    ),
)
ENROL = Form(
    "training.enrol",
    n_("报名"),
    (SESSION, Field("staff_nos", n_("工号"), "list", most=4000, hint=n_("一行一个或者从表格整列粘贴。"))),
)
CANCEL = Form("training.cancel_session", n_("取消该场"), (SESSION, Field("reason", n_("理由"), most=200)), danger=True)
JOIN = Form("training.enrol", n_("报名"), (SESSION,))
LEAVE = Form("training.withdraw", n_("取消报名"), (SESSION,))


@page("query:training", ("GET", "POST"))
def training(request: Any) -> HttpResponse:
    """Show courses and sessions; open a course, plan a session."""
    found = ask(request, "training")
    courses = [(str(c.id), f"{c.title}（{c.code}）") for c in found.courses if c.is_open]
    shown = [(versioned(c.id, c.version), f"{c.title}（{c.code}）") for c in found.courses if c.is_open]
    topics = NAME_TOPICS.choosing("course", shown)
    forms = (PLAN, OPEN_COURSE, topics, CLOSE_COURSE) if courses else (OPEN_COURSE,)
    return answered(request, Desk(forms, {"course": courses}), "training/training.html", found, request.path)


@page("query:training.session", ("GET", "POST"))
def session(request: Any, session: UUID) -> HttpResponse:
    """Show one session with its roll, and the acts that come next."""
    found = ask(request, "training.session", {"session": str(session)})
    forms = {"planned": (ENROL, CANCEL), "due": (ROLL, CANCEL)}.get(found.line.state, ())
    enrolled = [(str(r.person), labelled(r.name, r.staff_no, r.department)) for r in found.roll]
    desk = Desk(forms, {"attended": enrolled}, {"session": str(session), VERSION.name: found.version})
    return answered(request, desk, "training/session.html", found, request.path)


@page("query:training.hours")
def hours(request: Any) -> HttpResponse:
    """Show the hours of a year by person."""
    sent = request.GET
    year = sent.get("year", "")
    params = {"only": sent.get("only", ""), "department": sent.get("department", "")}
    params |= {"year": int(year)} if year.isascii() and year.isdigit() and len(year) == 4 else {}
    return show(
        request, "training/hours.html", {"page": ask(request, "training.hours", params), "only": params["only"]}
    )


@page("query:training.mine", ("GET", "POST"))
def mine(request: Any) -> HttpResponse:
    """Show one's own training; enrol in a session, or give the seat back."""
    context = {"mine": ask(request, "training.mine"), "exams": ask(request, "exams.mine")}
    return answered(request, Desk((JOIN, LEAVE)), "training/mine.html", context, request.path)
