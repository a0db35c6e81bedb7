"""定密责任人名册导出: the list as it is filed and published, with every cell inert."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.engines.documents import tables
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered
from dingmi.queries.officers import every
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person

HEADING = ("姓名", "部门、职务", "类别、层级", "最高密级", "事项范围", "文号", "任期至", "培训有效至", "状态")
FORMATS = ("xlsx", "csv")
PROBLEMS = {
    "no_designation": "没有有效任命",
    "suspended": "暂停履职",
    "training_lapsed": "培训失效",
    "training_ends": "培训将到期",
    "clearance_below": "涉密等级不足",
    "term_ends": "任期将满",
}
TIERS = {"main": "主要", "managing": "管理", "assistant": "辅助"}


@procedure("officers.export", requires=(Role.SECRECY_OFFICE, Role.HEAD), clauses=("ZX-15", "SEED-7"))
def export(*, actor: Actor, now: datetime, format: str = "xlsx") -> Delivered:
    """Hand out the register of officers, to be published and filed; the file names who took it. 导出定密责任人名册。"""
    if format not in FORMATS:
        raise Invalid("input.invalid", (), fields={"format": "choice.unknown"})
    found = every(actor, now)
    rows = [
        (
            r.name,
            f"{r.department} {r.post}".strip(),
            f"{r.kind}、{TIERS.get(r.tier, r.tier)}",
            r.max_level,
            r.matters,
            r.instrument,
            r.until.isoformat() if r.until else "",
            r.trained_until.isoformat() if r.trained_until else "",
            "、".join(PROBLEMS.get(p, p) for p in r.problems) or "有效",
        )
        for r in found
    ]
    reader = Person.objects.get(pk=actor.person_id)
    mark = f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M}"
    made = tables.write(format, "", HEADING, rows, mark)
    data = {"rows": len(rows), "format": format}
    append(actor, "officers.export", subject=("organ", UUID(actor.organ_id)), at=now, data=data)
    return Delivered(f"定密责任人名册-{now:%Y%m%d}.{format}", made, format)
