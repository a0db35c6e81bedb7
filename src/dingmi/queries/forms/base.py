"""What every form source uses: cases, sheets, the mark as it stands now, dates, law and place in the ledger in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from dingmi.base import messages
from dingmi.base.actor import Actor
from dingmi.base.chinese import long_date
from dingmi.base.errors import Finding
from dingmi.engines.documents.forms import BY_NAME, Filled
from dingmi.engines.documents.forms.model import Value
from dingmi.queries import content, numbers
from dingmi.queries.clock import last_day
from dingmi.queries.marking import LEVELS, ZONE, Shown, mark_now, mark_text
from dingmi.queries.people import scope_words as scope_by_department
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, Matter, Proposal
from dingmi.records.organs.models import Department, Organ, Person
from dingmi.regime.kernel.register import cite

__all__ = ["LEVELS", "ZONE", "Case", "Sheet", "Shown", "Source", "filled", "mark_of", "mark_text"]
DEMO_NOTICE = "演示数据，机关、人员、事项均为虚构"


@dataclass(frozen=True, slots=True)
class Case:
    """One form that can be had: its name, the id to ask for it by, its title and since when it can be had."""

    form: str
    id: UUID
    title: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filled form, the case it was asked by, the matter that it is about (if any), and what its file is called."""

    filled: Filled
    case: UUID
    matter: UUID | None
    level: str
    name: str

    @property
    def subject(self) -> tuple[str, UUID]:
        """What the ledger says a print of it is about."""
        return ("matter", self.matter) if self.matter else ("form", self.case)


def of_no_matter(matter: Matter) -> Iterable[Case]:
    """Return no case: a form about people, organs or many matters at once is not among the papers of a matter."""
    return ()


@dataclass(frozen=True, slots=True)
class Source:
    """How a form is filled, and which cases of it a matter has.

    ``fill`` raises NotFound where the actor may not know what the form is about; ``cases`` gets a matter that the reader
    may read.
    """

    form: str
    fill: Callable[[Actor, datetime, UUID], Sheet]
    cases: Callable[[Matter], Iterable[Case]] = of_no_matter


def day(value: date | datetime | None) -> str:
    """Return a date as forms have it (2026 年 11 月 23 日), or nothing."""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return long_date(value) if value else ""


def mark_of(matter: Matter) -> Shown:
    """Return the mark that a paper about ``matter`` carries now: none where it is no state secret.

    Only carriers of the matter show what was struck by a change; a paper made today has nothing old on it.
    """
    shown = mark_now(matter)
    return Shown(shown.mark) if matter.state == "active" else shown


def scope_words(scope: Mapping[str, Any]) -> str:
    """Say whom a scope names: people by department, whole departments, other organs, and how many people of ours."""
    ids = {kind: [UUID(str(i)) for i in scope.get(kind) or ()] for kind in ("persons", "departments", "organs")}
    named = Person.objects.select_related("department").filter(pk__in=ids["persons"])
    inside = Person.objects.filter(department_id__in=ids["departments"], left_at__isnull=True)
    people = list(named.exclude(department_id__in=ids["departments"]).order_by("department__order", "staff_no"))
    words = [
        scope_by_department(people, frozenset(p.pk for p in people)),
        *Department.objects.filter(pk__in=ids["departments"]).order_by("order").values_list("name", flat=True),
        *Organ.objects.filter(pk__in=ids["organs"]).order_by("name").values_list("name", flat=True),
    ]
    shown = "、".join(w for w in words if w)
    count = len({p.pk for p in people} | set(inside.values_list("pk", flat=True)))
    return f"{shown}，共 {count} 人" if shown and count else shown


def label_of(matter: Matter) -> str:
    """Return the register number, or the first characters of the random id while there is none."""
    return str(numbers.shown(matter.pk, matter.register_no))


def payload(row: Proposal | Decision | None) -> dict[str, Any]:
    """Return what was signed with a proposal or a decision; empty without one."""
    if row is None or not row.payload_ct:
        return {}
    return dict(json.loads(content.opened(row, "payload_ct", row.level)))


def place(matter: Matter, row: Proposal | Decision) -> int | None:
    """Return which entry about ``matter`` carries the digest of ``row``, from 1; never its place in the whole log (SR-25)."""
    entries = Entry.objects.filter(stream=f"matter:{matter.pk}").order_by("-stream_no")
    return next((e.stream_no for e in entries.only("stream_no", "body") if f'"{row.digest}"' in e.body), None)


def ticks(names: Iterable[str], *chosen: str) -> tuple[tuple[str, bool], ...]:
    """Return choices with the chosen ones ticked."""
    return tuple((name, name in chosen) for name in names)


ORIGINATORS = {  # by what the law makes a matter ours that is not ours alone (QA-5, ZX-25)
    "issuer": "以上级机关名义印发，由印发机关定密",
    "organ_of_daily_work": "由承担临时机构日常工作的机关定密",
    "lead_organ": "与其他机关共同产生，由主办机关定密",
}


def authority_words(authority: Mapping[str, Any]) -> str:
    """Say the authority that a decision used as it stood: appointment, levels, delegation of the organ."""
    if not authority:
        return ""
    kind = "法定定密责任人" if authority.get("kind") == "statutory" else "指定定密责任人"
    instrument = str(authority.get("instrument") or "")
    words = [f"{kind}（{instrument}）" if instrument else kind]
    if authority.get("max_level"):
        words.append(f"{authority['max_level']}级以下（含）")
    if authority.get("originator") in ORIGINATORS:
        words.append(ORIGINATORS[authority["originator"]])
    for held in (authority.get("organ") or {}).get("delegations", ()):
        until = last_day(datetime.fromisoformat(held["until"])) if held.get("until") else ""
        words.append(f"定密授权（{held.get('instrument', '')}，{held.get('max_level', '')}，至 {until}）")
    return "；".join(words) + "。"


def act_words(act: str) -> str:
    """Return the Chinese name of an act."""
    return messages.render(Finding(act, "note"), "zh").text


def law_of(form: str) -> str:
    """Return the law of a form as its last line says it."""
    return "依据" + "、".join(cite(clause) for clause in BY_NAME[form].clauses) + "。"


def apart(
    form: str, fields: Mapping[str, Value], *, mark: str = "", number: str = "", ledger_no: int | None = None
) -> Filled:
    """Return a form that is about no one matter: what is filled in, its law, and what a demonstration says of itself."""
    return Filled(
        form=form,
        fields={name: value for name, value in fields.items() if value},
        mark=mark,
        number=number,
        ledger_no=ledger_no,
        law=law_of(form),
        notice=DEMO_NOTICE if getattr(settings, "DINGMI_PROFILE", "") == "demo" else "",
    )


def filled(
    form: str,
    matter: Matter,
    fields: Mapping[str, Value],
    *,
    signed: Proposal | Decision | None = None,
    number: str = "",
    mark: Shown | None = None,
    serial: str = "",
) -> Filled:
    """Return a form about a matter: its mark as it stands now, its number, and the proof of what was signed.

    Args:
        signed: The proposal or decision whose digest and ledger place the form shows.
    """
    shown = mark if mark is not None else mark_of(matter)
    made = apart(
        form,
        fields,
        mark=shown.mark,
        number=number or label_of(matter),
        ledger_no=place(matter, signed) if signed else None,
    )
    return replace(
        made,
        strike=shown.strike,
        note=shown.note,
        serial=serial if shown.mark else "",
        digest=signed.digest if signed else "",
    )
