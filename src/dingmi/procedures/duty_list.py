"""职责矩阵导出: who performs and who signs each act, or the duties of one role, as a file to hand out (SEED-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.engines.documents import tables
from dingmi.procedures.frame import procedure
from dingmi.procedures.lists import FORMATS
from dingmi.procedures.matrix import ROLES, matrix
from dingmi.procedures.terms import Delivered
from dingmi.queries.lists.words import ROLE
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Person

HEADING = ("工作", "事项", "办理人", "签名", "依据")


@procedure("lists.export_duties", clauses=("SEED-14",))
def export_duties(*, actor: Actor, now: datetime, role: str = "", format: str = "xlsx") -> Delivered:
    """Hand out the responsibility matrix, or the list of duties of one role, as the acts themselves have it. 导出职责矩阵。

    Args:
        role: Only the duties of this role.
        format: ``xlsx`` or ``csv``.
    """
    faults = {
        "role": "" if not role or role in ROLES else "choice.unknown",
        "format": "" if format in FORMATS else "choice.unknown",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    rows = [
        (family.words, duty.words, _people(duty.by), "签名" if duty.signed else "", "、".join(duty.clauses))
        for family in matrix("zh", Role(role) if role else None)
        for duty in family.duties
    ]
    reader = Person.objects.get(pk=actor.person_id)
    made = tables.write(format, "", HEADING, rows, f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M}")
    data = {"role": role, "rows": len(rows), "format": format}
    append(actor, "lists.export_duties", subject=("organ", UUID(actor.organ_id)), at=now, data=data)
    title = f"职责清单-{ROLE[Role(role)].text}" if role else "职责矩阵"
    return Delivered(f"{title}-{now:%Y%m%d}.{format}", made, format)


def _people(roles: tuple[Role, ...]) -> str:
    """Return who performs an act, in words."""
    return "、".join(ROLE[role].text if role in ROLE else "系统" for role in roles) or "任何登录人员"
