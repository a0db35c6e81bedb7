"""泄密事件: reported by anyone; filled in, told, answered for and closed by those admitted to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, asked_with, page
from dingmi.interfaces.web.forms import LEVELS, VERSION, YES_NO, Choice, Desk, Field, Form, answered, choices_of
from dingmi.queries.lists import words
from dingmi.regime.oversight import liability

ITEMS = words.INCIDENT_ITEM
DISCOVER = Form(
    "incident.discover",
    n_("立即报告"),
    (
        Field(
            "certain", n_("已经确定泄露"), "truth", choices=YES_NO, hint=n_("不能确定的选“否”，可能泄露同样须报告。")
        ),
        Field("discovered_at", n_("发现时间"), "moment", most=16, hint=n_("精确到分，报告时限从此时起算。")),
        Field("level", n_("最高密级"), "select", choices=LEVELS, hint=n_("不确定的按可能的最高密级。")),
        Field("leaked", ITEMS["leaked"].text, "area", most=2000),
        Field("discovery", ITEMS["discovery"].text, "area", most=2000),
        Field(
            "register_nos", n_("涉及事项的登记编号"), "list", needed=False, most=400, hint=n_("知道的填写，一行一个。")
        ),
    ),
)
INCIDENT = Field("incident", "", "hidden")
FILL = Form(
    "incident.fill",
    n_("保存"),
    (INCIDENT, VERSION, *(Field(code, word.text, "area", needed=False, most=2000) for code, word in ITEMS.items())),
)
NOTE = Form(
    "incident.note",
    n_("登记"),
    (
        INCIDENT,
        Field("step", n_("进展"), "select", choices=choices_of(words.INCIDENT_STEP)),
        Field("to", n_("告知"), "select", needed=False, choices=choices_of(words.RECIPIENT)),
        Field("at", n_("时间"), "moment", needed=False, most=16, hint=n_("不填为现在。")),
        Field("document_no", n_("文号"), needed=False, hint=n_("书面报告、进展、结果须填。")),
        Field("words", n_("内容"), "area", most=2000),
    ),
)
PERSON = Field("person", n_("人员"), "select")
ADMIT = Form("incident.admit", n_("签名列入"), (INCIDENT, PERSON))
EXCLUDE = Form("incident.exclude", n_("签名撤销"), (INCIDENT, PERSON), danger=True)
LIABLE = Form(
    "incident.hold_liable",
    n_("签名登记"),
    (
        INCIDENT,
        PERSON,
        Field("basis", n_("依据"), "select"),
        Field("sanction", n_("处理"), most=200),
        Field("document_no", n_("决定文号")),
        Field("on", n_("决定日期"), "date", needed=False, most=10, hint=n_("不填为今日。")),
    ),
)
CLOSE = Form("incident.close", n_("签名办结"), (INCIDENT, VERSION))


def _grounds(language: str) -> tuple[Choice, ...]:
    """Return the grounds of liability in the reader's language."""
    return tuple((clause, row["en" if language == "en" else "zh"]) for clause, row in liability().items())


@page("query:incidents", ("GET", "POST"))
def incidents(request: Any) -> HttpResponse:
    """Show the incidents that the reader may know of; report one."""
    state = asked_with(request).get("state")
    asked = {"state": state} if state else {}
    found = ask(request, "incidents", asked)
    more = {"states": choices_of(words.INCIDENT), "asked": asked}
    return answered(request, Desk((DISCOVER,)), "oversight/incidents.html", found, request.path, more)


@page("query:incidents.one", ("GET", "POST"))
def incident(request: Any, incident: UUID) -> HttpResponse:
    """Show one incident; fill in its report, put down what is done and told, close it."""
    found = ask(request, "incidents.one", {"incident": str(incident)})
    language = request.actor.language
    forms: tuple[Form, ...] = ()
    if found.may_act:
        forms = (NOTE, FILL, LIABLE.choosing("basis", _grounds(language)).choosing("person", found.people))
    if found.may_admit:
        held = {str(pk) for pk, _name in found.readers}
        others = [(pk, name) for pk, name in found.people if pk not in held]
        admitted = [(str(pk), name) for pk, name in found.readers if str(pk) != request.actor.person_id]
        forms += (ADMIT.choosing("person", others), EXCLUDE.choosing("person", admitted))
    forms += (CLOSE,) if found.may_act else ()
    given = {"incident": str(incident), VERSION.name: found.version, **{item.code: item.words for item in found.items}}
    return answered(request, Desk(forms, {}, given), "oversight/incident.html", found, request.path)
