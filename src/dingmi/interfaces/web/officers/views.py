"""定密责任人名册与档案: the register, one file, and the acts on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import Role
from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import LEVELS, Desk, Field, Form, answered

PERSON = Field("person", n_("人员"), "hidden")
DESIGNATION = (
    Field("instrument", n_("任命文号")),
    Field("max_level", n_("最高密级"), "select", choices=LEVELS),
    Field(
        "matters", n_("事项代码"), "codes", needed=False, most=400, hint=n_("以顿号或空格隔开；不填为本单位全部事项。")
    ),
    Field("since", n_("自"), "from", needed=False, most=10, hint=n_("不填为即日起。")),
    Field("until", n_("至（含当日）"), "through", needed=False, most=10),
)
DESIGNATE = Form("officers.designate", n_("签名指定"), (Field("person", n_("人员"), "select"), *DESIGNATION))
AGAIN = Form("officers.designate", n_("签名指定"), (PERSON, *DESIGNATION))
SUSPEND = Form(
    "officers.suspend",
    n_("签名暂停"),
    (
        PERSON,
        Field("ground", n_("理由"), most=40),
        Field("until", n_("暂停至（含当日）"), "through", needed=False, most=10),
    ),
    danger=True,
)
END = Form(
    "officers.end",
    n_("签名免去"),
    (Field("designation", n_("任命"), "select"), Field("ground", n_("理由"), most=40)),
    danger=True,
)
TRAINING = Form(
    "officers.record_training",
    n_("登记"),
    (
        PERSON,
        Field("course", n_("课程"), most=120),
        Field("minutes", n_("分钟"), "number", most=5),
        Field("completed_at", n_("完成日期"), "day", most=10),
        Field("valid_until", n_("有效至（含当日）"), "through", most=10),
        Field("certificate", n_("证书编号"), needed=False, most=60),
    ),
)
QUALIFICATION = Form(
    "officers.record_qualification",
    n_("登记"),
    (
        PERSON,
        Field("grade", n_("资格等级"), "select", choices=LEVELS),
        Field("certificate", n_("证书编号"), most=60),
        Field("since", n_("自"), "day", most=10),
        Field("until", n_("至（含当日）"), "through", most=10),
    ),
)


@page("query:officers", ("GET", "POST"))
def officers(request: Any, person: UUID | None = None) -> HttpResponse:
    """Show the register, and one officer's file with what may be done about it."""
    found = ask(request, "officers", {"person": str(person)} if person else {})
    desk = _file(found.chosen, person) if found.chosen else Desk((DESIGNATE,), {"person": _people(request, found)})
    return answered(request, desk, "officers/officers.html", found, request.path)


def _file(chosen: Any, person: UUID | None) -> Desk:
    running = [(str(a.id), f"{a.instrument}（{a.max_level}）") for a in chosen.appointments if not a.ended]
    forms = (AGAIN, SUSPEND, *((END,) if running else ()), TRAINING, QUALIFICATION)
    return Desk(forms, {"designation": running}, {"person": str(person)})


def _people(request: Any, found: Any) -> list[tuple[str, str]]:
    """Return who can be designated; only the head is asked to choose."""
    if not request.actor.holds(Role.HEAD):
        return []
    serving = {row.person for row in found.rows if "no_designation" not in row.problems}
    people = ask(request, "people").rows
    return [
        (str(p.person), f"{p.name}（{p.department} {p.post}）")
        for p in people
        if p.person not in serving and not p.left_on
    ]
