"""定密委托书 filled from a case of appointment; for the nominee, the principal and the secrecy office."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import clock, standing
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Sheet, Source
from dingmi.records.ledger.models import Entry
from dingmi.records.officers.appointments import Appointment
from dingmi.records.organs.models import Person

FORM = "commission"
TIERS = {"main": "主要定密责任人", "managing": "管理定密责任人", "assistant": "辅助定密责任人（不得审批）"}


def fill(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the commission of one case; nobody else learns whether it exists."""
    rows = Appointment.objects.filter(person__organ_id=actor.organ_id, commissioned_at__isnull=False)
    row = rows.select_related("person", "nominated_by__department").filter(pk=case).first()
    may = actor.holds(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
    if row is None or row.commissioned_by is None or not (may or str(row.person_id) == actor.person_id):
        raise NotFound("object.not_found")
    unit = row.nominated_by.department
    principal = Person.objects.filter(pk=row.commissioned_by).first()
    filing = row.filing_no and f"{row.filing_no}（{base.day(row.filed_on)}）"
    until = f"至{base.day(clock.last_day(row.until))}止" if row.until else "长期有效"
    fields = {
        "name": row.person.name,
        "unit": unit.name if unit else "保密办公室",
        "grade": standing.qualified(row.person_id, row.commissioned_at) or "未登记",
        "organ": standing.home().name,
        "tier": TIERS.get(row.tier, row.tier),
        "since": base.day(row.since),
        "until": until,
        "level": f"{row.max_level}级以下（含）",
        "matters": _matters(row),
        "principal": principal.name if principal else "",
        "on": base.day(row.commissioned_at),
        "published_on": base.day(row.published_on) if filing else "",
        "filing": filing,
    }
    filled = base.apart(FORM, fields, number=row.instrument, ledger_no=_place(row))
    return Sheet(filled, case, None, "", f"定密委托书-{row.person.name}")


def _matters(row: Appointment) -> str:
    if row.derives_only:
        return "只限派生定密"
    return "本单位全部事项" if "*" in row.matters else "、".join(row.matters)


def _place(row: Appointment) -> int | None:
    """Return which entry about the person is the signature under the instrument, from 1."""
    for entry in Entry.objects.filter(
        stream=f"person:{row.person_id}", act__in=("officers.commission", "officers.adjust")
    ):
        if json.loads(entry.body).get("data", {}).get("case") == str(row.pk):
            return entry.stream_no
    return None


COMMISSION = Source(FORM, fill)
