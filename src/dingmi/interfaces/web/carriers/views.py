"""载体台账: the register of copies, one copy with its life, and the desk for several at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.carriers.forms import FORMS, PRODUCE, offered
from dingmi.interfaces.web.door import ask, asked_with, page
from dingmi.interfaces.web.forms import LEVELS, Desk, answered, choices_of
from dingmi.queries.lists import words

FILTERS = ("state", "form", "level", "text")
GROUPS = (  # of the state filter
    (n_("查看"), choices_of(words.CARRIER_VIEW)),
    (n_("状态"), choices_of(words.CARRIER)),
)


@page("query:carriers", ("GET", "POST"))
def carriers(request: Any) -> HttpResponse:
    """Show the register of copies, filtered; enter copies that were made, sign for those handed over."""
    given = asked_with(request)
    asked = {name: given[name] for name in FILTERS if given.get(name)}
    after = {"after": given["after"]} if given.get("after") else {}
    found = ask(request, "carriers", {**asked, **after})
    forms = (FORMS["carriers.sign"], PRODUCE) if found.to_sign else (PRODUCE,)
    more = {
        "asked": asked,
        "groups": GROUPS,
        "shapes": choices_of(words.CARRIER_FORM),
        "levels": LEVELS,
        "after": after,
    }
    return answered(request, Desk(forms), "carriers/carriers.html", found, request.path, more)


@page("query:carriers.one", ("GET", "POST"))
def carrier(request: Any, carrier: UUID) -> HttpResponse:
    """Show one copy with its life; do with it what its state allows."""
    found = ask(request, "carriers.one", {"carrier": str(carrier)})
    forms = tuple(FORMS[act] for act in found.allowed)
    given = {"numbers": found.row.number, "number": found.row.number, "place": ""}
    return answered(
        request, Desk(forms, offered(found.choices), given), "carriers/carrier.html", found, request.path
    )  # fmt: skip


@page("query:carriers.desk", ("GET", "POST"))
def desk(request: Any) -> HttpResponse:
    """Offer every act for several copies at once."""
    found = ask(request, "carriers.desk")
    return answered(request, Desk(tuple(FORMS.values()), offered(found)), "carriers/desk.html", found, request.path)
