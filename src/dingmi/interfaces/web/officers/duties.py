"""职责矩阵和职责清单: who does what, printed from the acts themselves."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from dingmi.base.actor import Role
from dingmi.base.errors import Invalid
from dingmi.interfaces.web.door import act, page, show
from dingmi.interfaces.web.files import attachment
from dingmi.interfaces.web.shell import ROLE_WORDS
from dingmi.procedures.matrix import matrix


@page("act:lists.export_duties", ("GET", "POST"))
def duties(request: Any) -> HttpResponse:
    """Show the matrix of acts and roles, or the duties of one role; hand it out as a file."""
    if request.method == "POST":
        params = {name: request.POST[name] for name in ("role", "format") if request.POST.get(name)}
        made = act(request, "lists.export_duties", params)
        return attachment(made.filename, made.media, made.content)
    roles = [(role, _(word)) for role, word in ROLE_WORDS.items()]
    asked = request.GET.get("role", "")
    chosen = next((role for role, _word in roles if role == asked), None)
    if asked and chosen is None:
        raise Invalid("input.invalid", (), fields={"role": "choice.unknown"})
    columns = (
        [(role, word) for role, word in roles if role == chosen] if chosen else [*roles, (Role.CLOCK, _("系统每日"))]
    )
    context = {
        "page": matrix(request.actor.language, Role(chosen) if chosen else None),
        "roles": roles,
        "columns": columns,
        "chosen": dict(roles).get(chosen, "") if chosen else "",
        "chosen_role": chosen or "",
        "span": len(columns) + (2 if chosen else 1),
    }
    return show(request, "officers/duties.html", context)
