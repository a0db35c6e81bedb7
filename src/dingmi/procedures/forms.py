"""Official forms handed out: printing is an act, recorded before the sheet leaves, with the printer's name on it (SR-59, TL-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Conflict, Invalid
from dingmi.engines.documents import forms
from dingmi.procedures.carriers import learned
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered
from dingmi.queries import access
from dingmi.queries import forms as sources
from dingmi.queries.forms import Sheet
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person


@dataclass(frozen=True)
class Shown:
    """A form as it is laid out on a page, and what it is about."""

    form: str
    case: UUID
    matter: UUID | None
    level: str
    sheet: forms.Laid
    copy: int


def _printing(actor: Actor, now: datetime, sheet: Sheet) -> forms.Printing:
    person = Person.objects.get(pk=actor.person_id)
    return forms.Printing(by=person.name, at=f"{now:%Y-%m-%d %H:%M}", copy=sources.prints(sheet) + 1)


def _record(act: str, actor: Actor, now: datetime, sheet: Sheet, kind: str, copy: int) -> None:
    """Write the print into the ledger: which sheet, its digest, which print; and who learns of the matter by it."""
    recorded = False
    if sheet.matter is not None:
        recorded = learned(access.matter_for(actor, now, sheet.matter), actor, "printed", now)
    append(
        actor,
        act,
        subject=sheet.subject,
        at=now,
        data={
            "form": sheet.filled.form,
            "case": sheet.case,
            "kind": kind,
            "copy": copy,
            "sheet": sheet.filled.sheet_sm3,
            "level": sheet.level,
            "knowledge": recorded,
        },
    )


@procedure("forms.render", clauses=("TL-20",))
def render(
    *, actor: Actor, now: datetime, form: str, case: UUID, kind: str = "pdf", prepared: dict[str, Any]
) -> Delivered:
    """Hand out an official form, filled from records, as a file with its mark, its proof and the printer's name. 打印表单。

    Args:
        case: What the form is about: a matter, a decision or another record, as ``forms.of_matter`` lists them.
        kind: ``pdf`` or ``docx``.
    Raises:
        NotFound: There is no such form, or the reader may not know what it is about.
    """
    sheet: Sheet = prepared["sheet"]
    if sources.prints(sheet) + 1 != prepared["copy"]:
        raise Conflict("version.stale", (), found=prepared["copy"])
    _record("forms.render", actor, now, sheet, kind, prepared["copy"])
    return Delivered(f"{sheet.name}.{kind}", prepared["content"], kind)


@render.prepare
def _painted(*, actor: Actor, now: datetime, form: str, case: UUID, kind: str = "pdf") -> dict[str, Any]:
    """Fill and paint the form."""
    if kind not in forms.KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "enum"})
    sheet = sources.filled(actor, now, form, case)
    printing = _printing(actor, now, sheet)
    label = {"form": form, "case": str(case), "matter": str(sheet.matter or ""), "level": sheet.level}
    made = forms.render(sheet.filled, kind, printing, label)
    return {"sheet": sheet, "content": made, "copy": printing.copy}


@procedure("forms.show", clauses=("TL-20",), replay=False)
def show(*, actor: Actor, now: datetime, form: str, case: UUID) -> Shown:
    """Show an official form as it prints; showing it counts as a print. 打印页面。

    Raises:
        NotFound: There is no such form, or the reader may not know what it is about.
    """
    sheet = sources.filled(actor, now, form, case)
    printing = _printing(actor, now, sheet)
    _record("forms.show", actor, now, sheet, "page", printing.copy)
    return Shown(form, case, sheet.matter, sheet.level, forms.sheet(sheet.filled, printing), printing.copy)
