"""从表格登记: a file is checked first and told row by row; only a whole one is entered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError, Invalid, NotFound
from dingmi.interfaces.web import entry_sheet
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.files import MEGABYTES, upload
from dingmi.procedures import ACTS
from dingmi.queries import QUERIES
from dingmi.queries.people_sheet import HEADINGS


@dataclass(frozen=True, slots=True)
class Kind:
    """What a spreadsheet can hold: its word, the act that enters it, the page that shows it then, and what to know."""

    name: str
    word: str
    act: str
    shown_on: str = ""  # empty: the page of people
    params: tuple[tuple[str, str], ...] = ()
    hint: str = ""


KINDS = (
    Kind("people", n_("人员"), "personnel.import_rows", params=(("kind", "people"),)),
    Kind("training", n_("培训记录"), "personnel.import_rows", "training_hours", (("kind", "training"),)),
    Kind(
        "clearances",
        n_("涉密等级"),
        "personnel.import_clearances",
        hint=n_("涉密等级由另一人十分钟内在“涉密等级同意”页一并签名同意才生效；整份只降低的即时生效。"),
    ),
    Kind(
        "officers",
        n_("在任定密责任人"),
        "officers.import_rows",
        "officers",
        hint=n_(
            "任期的起始日期不填为登记时起；登记以前的任期不追溯，任命文号记录原文件。事项代码不填为本单位全部事项。"
        ),
    ),
    Kind(
        "rules",
        n_("考核规则"),
        "performance.load_rules",
        "officers",
        hint=n_("考核规则整份代替本年的规则，可以先从年度考核页导出再改；已送达考核结果的年度不能更改。"),
    ),
)


def _mine(request: Any) -> tuple[Kind, ...]:
    """Return the kinds that the reader may enter."""
    return tuple(k for k in KINDS if request.actor.holds(*ACTS[k.act].requires))


def _kind(request: Any, name: str) -> Kind | None:
    """Return one kind by its name, if the reader may enter it."""
    return next((k for k in _mine(request) if k.name == name), None)


def _home(request: Any) -> str:
    """Return the page of people that the reader may open: the security administrator has only that of clearances."""
    return "people" if request.actor.holds(*QUERIES["people"].roles) else "admin_security"


@page("query:personnel.read_sheet", ("GET", "POST"))
def sheet(request: Any) -> HttpResponse:
    """Check a file of people, training, clearances or officers; enter it from the report."""
    context: dict[str, Any] = {"kinds": _mine(request), "chosen": request.GET.get("kind", "")}
    context["home"] = home = _home(request)
    if request.method == "GET":
        return show(request, "people/import.html", context)
    try:
        kind = _kind(request, request.POST.get("kind", ""))
        if kind is None:
            raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
        rows = _given(request, kind)
        params = {**dict(kind.params), "rows": rows}
        if request.POST.get("step") == "enter":
            made = act(request, kind.act, {**params, "dry_run": False}, signed=True)
            waits = kind.name == "clearances" and made.request is not None
            return done(reverse("clearances" if waits else kind.shown_on or home), "kept")
        report = act(request, kind.act, params, signed=True)
    except DingmiError as error:
        return show(request, "people/import.html", {**context, "error": error}, status=error.http_status)
    found = ((f.row, HEADINGS[kind.name].get(f.column, f.column), f) for f in report.faults)
    context |= {
        "report": report,
        "faults": entry_sheet.faults(found, request.actor.language),
        "kind": kind,
        "rows": json.dumps(rows, ensure_ascii=False),
    }
    return show(request, "people/import.html", context)


def _given(request: Any, kind: Kind) -> list[dict[str, str]]:
    """Return what to check: the rows of the file, or on the second step those that the report holds.

    Raises:
        Invalid: There is no file, it is too large, or the rows cannot be read.
    """
    file = request.FILES.get("file")
    if file is None:
        try:
            return list(json.loads(request.POST.get("rows", "")))
        except ValueError:
            raise Invalid("input.invalid", (), fields={"file": "missing"}) from None
    sent = upload(file, MEGABYTES["sheet"])
    return list(ask(request, "personnel.read_sheet", {"kind": kind.name, "upload": sent}).rows)


@page("query:personnel.read_sheet")
def template(request: Any, kind: str) -> HttpResponse:
    """Give an empty spreadsheet with the headings of a kind.

    Raises:
        NotFound: No such kind, or not for this reader.
    """
    found = _kind(request, kind)
    if found is None:
        raise NotFound("object.not_found")
    name = f"{found.word}登记表"
    return entry_sheet.blank(f"{name}.xlsx", name, HEADINGS[kind].values())
