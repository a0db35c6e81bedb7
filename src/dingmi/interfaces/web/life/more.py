"""其他办理: what is done to one matter now and then, each act by its form; a package of proof is handed out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.forms import LEVELS, VERSION, Choice, Desk, Field, Form, answered

MATTER = Field("matter", n_("事项"), "hidden")
REASON = Field("reason", n_("说明理由"), "area", most=2000)
EXTERNAL = Form(
    "change.register_external",
    n_("签名登记"),
    (
        MATTER,
        VERSION,
        Field("organ", n_("作出决定的机关"), "select"),
        Field(
            "outcome",
            n_("决定"),
            "select",
            choices=(("change", n_("变更")), ("release", n_("解密")), ("void", n_("撤销定密"))),
            hint=n_("解密、撤销登记后立即生效，不能撤回。"),
        ),
        Field("document_no", n_("决定文号")),
        Field("decided_on", n_("决定日期"), "date", most=10),
        Field("level", n_("变更后的密级"), "select", needed=False, choices=LEVELS, hint=n_("不填即不变。")),
        Field("tail", n_("变更后的保密期限"), needed=False, most=60, hint=n_("自原定密日起算；不填即不变。")),
    ),
    danger=True,
)
EVENT = Form(
    "declassification.confirm_event",
    n_("签名确认，自该时起解密"),
    (
        MATTER,
        VERSION,
        Field("happened_at", n_("条件成就的时间"), "moment"),
        Field("evidence", n_("依据"), "area", most=2000, hint=n_("拿不准的不要确认，事项继续保密。")),
    ),
    danger=True,
)
SHRINK = Form(
    "need_to_know.shrink",
    n_("签名提出"),
    (
        MATTER,
        VERSION,
        Field("persons", n_("不再知悉的人员"), "ticks", needed=False),
        Field("departments", n_("不再知悉的部门"), "ticks", needed=False),
        Field("organs", n_("不再知悉的外单位"), "ticks", needed=False),
        REASON,
    ),
)
JOIN = Form(
    "consultation.join",
    n_("登记"),
    (
        MATTER,
        VERSION,
        Field("co_organs", n_("共同形成的机关"), "ticks", needed=False),
        Field(
            "issuer",
            n_("以其名义印发的上级机关或者临时机构"),
            "select",
            needed=False,
            hint=n_("由该机关定密，本单位只提出意见。"),
        ),
    ),
)
PROVE = Form("keep.evidence", n_("导出存证包"), (MATTER,))


def _forms(found: Any, more: Any) -> tuple[Form, ...]:
    """Return the forms that the state of the matter allows; the reader's roles sort out the rest."""
    forms: list[Form] = []
    if found.row.state in ("draft", "proposed") and more.is_own:
        forms.append(JOIN)
    if found.row.state == "active" and more.is_ours:
        forms += [EVENT] if more.by_event else []
        forms += [f for f in (SHRINK,) if any(_chosen(getattr(more, kind)) for kind in KINDS)]
        forms.append(EXTERNAL)
    return (*forms, PROVE) if found.row.state != "draft" else tuple(forms)


KINDS = ("persons", "departments", "organs")


def _chosen(rows: Any) -> list[Choice]:
    return [(str(r.id), r.name) for r in rows if r.chosen]


@page("query:matter.affairs", ("GET", "POST"))
def more(request: Any, matter: UUID) -> HttpResponse:
    """Show what else can be done to a matter, and do it."""
    found = ask(request, "matter", {"matter": str(matter)})
    kept = ask(request, "matter.affairs", {"matter": str(matter)})
    others = [(str(o.id), o.name) for o in kept.organs]
    choices = {"organ": others, "co_organs": others, "issuer": others}
    scope = {kind: _chosen(getattr(kept, kind)) for kind in KINDS}
    given = {"matter": str(matter), "expected_version": str(found.version)}
    desk = Desk(_forms(found, kept), choices | scope, given)
    return answered(request, desk, "life/more.html", found, request.path, {"more": kept})
