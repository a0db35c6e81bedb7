"""P14 申请材料: what goes with an application for a delegation, generated from the records in one package (LC-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.engines.crypto import sm3
from dingmi.engines.documents import forms, tables
from dingmi.engines.documents.archive import write_archive
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered
from dingmi.queries import access, catalogue, secrecy_file, standing
from dingmi.queries import forms as sources
from dingmi.queries.forms.delegations import found
from dingmi.queries.lists import LISTS
from dingmi.records.ledger.append import append
from dingmi.records.officers.appointments import DelegationRequest
from dingmi.records.organs.models import Person
from dingmi.regime.prc_state import marks

READERS = (Role.SECRECY_OFFICE, Role.HEAD)
PAPERS = (("1-申请公文", "delegation_letter"), ("2-申请表", "delegation_application"))
Table = tuple[Sequence[str], Iterable[Sequence[str]]]


@procedure("delegation.bundle", requires=READERS, clauses=("LC-1", "ZX-9.3"))
def bundle(*, actor: Actor, now: datetime, request: UUID, prepared: dict[str, Any]) -> Delivered:
    """Hand out what goes with an application for a delegation: letter, form, tables and the list of rules, in one package. 生成授权申请材料。

    Raises:
        NotFound: There is no such application.
    """
    content: bytes = prepared["content"]
    row = found(actor, request)
    data = {"request": row.pk, "papers": prepared["names"], "digest": sm3(content).hex()}
    append(actor, "delegation.bundle", subject=("organ", row.addressee_id), at=now, data=data)
    return Delivered(f"定密授权申请材料-{row.addressee.name}-{now:%Y%m%d}.zip", content, "zip")


@bundle.prepare
def _packed(*, actor: Actor, now: datetime, request: UUID) -> dict[str, Any]:
    """Fill and paint the seven papers."""
    row = found(actor, request)
    reader = Person.objects.get(pk=actor.person_id)
    mark = f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M}"
    printing = forms.Printing(by=reader.name, at=f"{now:%Y-%m-%d %H:%M}")
    parts: dict[str, bytes] = {}
    for name, form in PAPERS:
        filled = sources.filled(actor, now, form, row.pk).filled
        parts[f"{name}.docx"] = forms.render(filled, "docx", printing)
    for name, (heading, lines) in _tables(actor, now, row).items():
        parts[f"{name}.xlsx"] = tables.write("xlsx", "", heading, [tuple(line) for line in lines], mark)
    return {"content": write_archive(parts), "names": list(parts)}


def _tables(actor: Actor, now: datetime, row: DelegationRequest) -> dict[str, Table]:
    """Return the tables: what is asked for, the organ's own table, its officers, three years of figures, its rules."""
    levels = ["", *access.readable(actor.clearance)]
    asked = standing.running_items(now).filter(matter_code__in=row.matters, edition__level__in=levels)
    own = catalogue.catalogue(actor=actor, now=now)
    officers = LISTS["officers"]
    seats = list(officers.every(actor=actor, now=now)) if officers.every else []
    papers = secrecy_file.secrecy_file(actor=actor, now=now).rows
    return {
        "3-拟授权事项一览表": (
            ("序号", "事项代码", "事项", "密级和期限"),
            [
                (str(n), i.matter_code, i.text, str(marks.mark_text(i.level, i.tail)) if i.tail else i.level)
                for n, i in enumerate(asked.order_by("edition__code", "order", "pk"), 1)
            ],
        ),
        "4-国家秘密事项一览表": (
            ("序号", "事项", "密级和期限", "产生部门", "知悉范围"),
            [(str(r.number), r.matter, r.mark, r.producing_unit, r.scope) for r in own.rows],
        ),
        "5-定密责任人一览表": ([c.word for c in officers.columns], officers.texts(seats)),
        "6-近三年原始定密情况": (
            ("统计期", "件数"),
            [(_span(row, n), str(count)) for n, count in enumerate(row.originals)],
        ),
        "7-定密制度目录": (
            ("名称", "文号", "施行日期"),
            [(p.title, p.number, p.since.isoformat()) for p in papers if p.part == "rules"],
        ),
    }


def _span(row: DelegationRequest, place: int) -> str:
    """Return which of the years before the application a figure is of, the oldest first."""
    back = len(row.originals) - place
    return f"申请前第 {back} 年" if back > 1 else "申请前一年"
