"""国家秘密载体移交清单: from a handover of copies to the organ that answers for their matters (CS-60)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms.model import Value
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Sheet, Source
from dingmi.records.matters.life import Handover

FORM = "handover"


def fill(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the list of one handover; it names numbers and marks and no titles."""
    row = Handover.objects.select_related("from_organ", "to_organ", "handed_by").filter(pk=case).first()
    if row is None or not actor.holds(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR):
        raise NotFound("object.not_found")
    lines = list(row.lines.order_by("number", "pk"))
    fields: dict[str, Value] = {
        "from_organ": row.from_organ.name,
        "to_organ": row.to_organ.name,
        "on": base.day(row.on),
        "total": f"{len(lines)} 项，{row.copies} 份",
        "lines": tuple((str(n), li.number, li.mark, str(li.copies), "") for n, li in enumerate(lines, 1)),
        "handed_by": row.handed_by.name,
        "received_by": row.received_by,
        "witness": row.witness,
    }
    filled = base.apart(FORM, fields, number=row.receipt)
    return Sheet(filled, case, None, "", f"国家秘密载体移交清单-{row.to_organ.name}")


HANDOVER = Source(FORM, fill)
