"""建议引擎: the public texts and refused passages that it has learnt from; texts are added and taken out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.files import MEGABYTES
from dingmi.interfaces.web.forms import Desk, Field, Form, answered

LEARN = Form(
    "assist.learn",
    n_("签名加入"),
    (
        Field(
            "upload",
            n_("公开文本"),
            "file",
            most=MEGABYTES["public_text"],
            hint=n_("已依法公开的文件；只保存散列计数，不保存文字。"),
        ),
        Field("title", n_("名称"), needed=False, most=200, hint=n_("不填则用文件名。")),
    ),
)
FORGET = Form(
    "assist.forget",
    n_("签名撤出"),
    (
        Field("part", n_("撤出哪一部分"), "select"),
        Field("reason", n_("理由"), most=200, hint=n_("撤出后，建议不再以它为依据。")),
    ),
    danger=True,
)
BLIND = Form(
    "assist.blind",
    n_("设置"),
    (Field("per_cent", n_("每百件中几件不显示条目建议"), "number", most=2, hint=n_("0 至 20；0 为不抽样。建议 5。")),),
)
SERVE = Form("assist.serve", n_("签名启用"), (Field("number", n_("启用哪一版次序"), "select"),))
RATES = {
    "first": n_("采用首条建议"),
    "among": n_("采用所列建议之一"),
    "changed": n_("责任人改定"),
    "overturned": n_("事后被纠正"),
    "blind_first": n_("盲测中与首条建议一致"),
}


@page("query:assist", ("GET", "POST"))
def assist(request: Any) -> HttpResponse:
    """Show what was learnt; learn another text, or take a part out."""
    found = ask(request, "assist")
    live = [(str(p.part), f"{p.number} · {_called(p)}") for p in found.parts if p.ended_at is None]
    forms = (LEARN, FORGET.choosing("part", live), BLIND) if live else (LEARN, BLIND)
    orders = [(str(o.number), str(o.number)) for o in found.orders if o.state == "shadow" and not o.altered]
    if any(o.state == "serving" for o in found.orders):
        orders.append(("0", _("引擎原有次序")))
    if orders:
        forms = (*forms, SERVE.choosing("number", orders))
    rates = [(_(RATES[rate.name]), rate) for rate in found.rates]
    desk = Desk(forms, {}, {"per_cent": str(found.blind)})
    return answered(request, desk, "assist/assist.html", found, request.path, {"rates": rates})


def _called(part: Any) -> str:
    """Return what a part is called in the list to choose from."""
    return part.name or "、".join(number for _, number in part.matters) or part.digest[:8]
