"""回避: the register of bars, the bars on one matter, and one's own conflict declared (SR-13, ADR 0050)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.forms import VERSION, Desk, Field, Form, answered

MATTER = Field("matter", n_("事项"), "hidden")
WHY = (
    Field("ground", n_("事由"), "select"),
    Field("reason", n_("情况说明"), "area", most=500, hint=n_("按事项的密级加密保存，只有能解除回避的人员看得到。")),
)
ALSO = Field("also", n_("一并回避的来源和派生事项"), "ticks", needed=False)
BAR = Form(
    "need_to_know.bar", n_("签名登记回避"), (MATTER, Field("person", n_("回避人员"), "select"), *WHY, ALSO, VERSION)
)
LIFT = Form(
    "need_to_know.lift_bar",
    n_("签名解除"),
    (Field("recusal", n_("回避人员"), "select"), Field("reason", n_("解除理由"), "area", most=500), VERSION),
)
RECUSE = Form("need_to_know.recuse", n_("签名回避"), (MATTER, *WHY, VERSION), danger=True)


@page("query:need_to_know.bar_list")
def register(request: Any) -> HttpResponse:
    """Show every bar on matters that the reader may know of."""
    return show(request, "matters/bar_list.html", {"page": ask(request, "need_to_know.bar_list")})


@page("query:need_to_know.bars", ("GET", "POST"))
def bars(request: Any, matter: UUID) -> HttpResponse:
    """Show who is kept out of one matter; bar somebody, lift a bar."""
    found = ask(request, "need_to_know.bars", {"matter": str(matter)})
    lifting = [(str(b.id), f"{b.person} {b.staff_no}") for b in found.bars if b.may_lift]
    forms = ((BAR,) if found.may_bar else ()) + ((LIFT,) if lifting else ())
    choices = {"person": found.people, "ground": found.grounds, "also": found.related, "recusal": lifting}
    desk = Desk(forms, choices, {"matter": str(matter), VERSION.name: str(found.version)})
    return answered(request, desk, "matters/bars.html", found, request.path)


@page("query:need_to_know.declaring", ("GET", "POST"))
def recuse(request: Any, matter: UUID) -> HttpResponse:
    """Declare one's own conflict; the matter is closed to oneself afterwards."""
    found = ask(request, "need_to_know.declaring", {"matter": str(matter)})
    given = {"matter": str(matter), VERSION.name: str(found.version)}
    desk = Desk((RECUSE,), {"ground": found.grounds}, given)
    return answered(request, desk, "matters/recuse.html", found, reverse("workbench"))
