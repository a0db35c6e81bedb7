"""泄密报告 and 处理结果告知函 filled from one incident, for those admitted to it (BW-4, TL-60)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import content, incident, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Sheet, Source
from dingmi.queries.lists import words
from dingmi.records.matters.models import Matter
from dingmi.records.oversight.incidents import Incident, IncidentStep
from dingmi.regime import oversight as book


def _moment(at: datetime | None) -> str:
    return f"{base.day(at)}{at.astimezone(ZONE):%H时%M分}" if at else ""


def _found(actor: Actor, now: datetime, case: UUID) -> Incident:
    """Return an incident for one who may know its words; to others there is none."""
    row = incident.known(actor, now).filter(pk=case).first()
    if not isinstance(row, Incident) or not incident.is_admitted(actor, row, now):
        raise NotFound("object.not_found")
    return row


def _mark(row: Incident, matters: Iterable[Matter]) -> str:
    """Return the mark of the highest of the matters known; without one nothing is marked, for nothing was determined."""
    first = next((m for m in matters if m.level == row.level), None)
    return base.mark_of(first).mark if first else ""


def _last(row: Incident, kind: str) -> IncidentStep | None:
    found: IncidentStep | None = row.steps.filter(kind=kind).order_by("-at", "-number").first()
    return found


def fill_report(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the report of one incident with its seven items."""
    row = _found(actor, now, case)
    matters = incident.concerned(actor, row, now)
    sent = _last(row, "report")
    head = standing.principals().first()
    fields = {
        "organ": standing.home().name,
        "incident": incident.called(row, actor),
        "to": "、".join(words.RECIPIENT[to].text for to in incident.to_be_told()),
        "certain": words.CERTAIN[row.certain].text,
        "discovered_at": _moment(row.discovered_at),
        "due_at": _moment(row.due_at),
        "matters": "、".join(base.label_of(m) for m in matters),
        "level": row.level,
        **incident.items(row),
        "head": head.name if head else "",
        "reported": _moment(sent.at if sent else None),
    }
    made = base.apart("leak_report", fields, mark=_mark(row, matters), number=sent.document_no if sent else "")
    return Sheet(made, case, None, row.level, f"泄密报告-{incident.called(row, actor)}")


def fill_outcome(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the letter that tells the outcome, once it is on record."""
    row = _found(actor, now, case)
    matters, told = incident.concerned(actor, row, now), _last(row, "outcome")
    if told is None:
        raise NotFound("object.not_found")
    liable = (
        f"{x.person.name}：{book.liability()[x.basis]['zh']}，{x.sanction}（{x.document_no}）"
        for x in row.liabilities.select_related("person").order_by("on", "pk")
    )
    fields = {
        "addressee": words.RECIPIENT[told.to].text,
        "incident": incident.called(row, actor),
        "discovered_at": _moment(row.discovered_at),
        "outcome": content.opened(told, "words_ct", row.level),
        "liability": "；".join(liable),
        "remedies": incident.items(row)["remedies"],
        "sender": standing.home().name,
        "on": base.day(told.at),
    }
    made = base.apart("leak_outcome", fields, mark=_mark(row, matters), number=told.document_no)
    return Sheet(made, case, None, row.level, f"泄密处理结果告知函-{incident.called(row, actor)}")


# none is among the papers of a matter: who may know the matter need not know that it leaked
LEAK = Source("leak_report", fill_report)
OUTCOME = Source("leak_outcome", fill_outcome)
