"""载体的交接、清退清单，收发登记卡，销毁清册: from the events of copies, each naming numbers and marks and no titles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms.model import Value
from dingmi.queries import carrier_lists, standing
from dingmi.queries import carriers as register
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Sheet, Source
from dingmi.queries.lists.words import CARRIER, CARRIER_FORM
from dingmi.records.carriers.models import CarrierEvent


def _lines(rows: Iterable[register.CarrierRow]) -> tuple[tuple[str, ...], ...]:
    return tuple((str(n), r.number, r.mark, CARRIER_FORM[r.form].text, "") for n, r in enumerate(rows, 1))


def slip(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the slip of one hand-over: every copy that the same act moved at the same moment.

    Raises:
        NotFound: There is no such hand-over, or the reader may not know of a copy in it.
    """
    known = register.known(actor, now)
    events = CarrierEvent.objects.select_related("holder", "organ", "by").filter(act__in=register.SLIPS)
    event = events.filter(pk=case, carrier__in=known.values("pk")).first()
    if event is None:
        raise NotFound("object.not_found")
    same = events.filter(act=event.act, at=event.at, by=event.by, holder=event.holder, organ=event.organ)
    copies = list(known.filter(pk__in=same.values("carrier")).order_by("matter__register_no", "copy_no"))
    home = standing.home().name
    to = event.organ.name if event.organ else event.holder.name if event.holder else event.place
    told = event.told
    fields: dict[str, Value] = {
        "kind": register.SLIPS[event.act],
        "from_whom": home if event.act != "carriers.take_back" else "",
        "to_whom": to,
        "on": base.day(event.at),
        "total": f"{len(copies)} 份",
        "how": " ".join(str(part) for part in (told.get("channel", ""), event.place) if part),
        "due_on": base.day(event.due_on) if event.due_on else "",
        "lines": _lines(register.row_of(copy, now.date()) for copy in copies),
        "by": event.by.name,
    }
    number = event.document_no or f"{register.label(copies[0])} {event.at.astimezone(base.ZONE):%Y%m%d%H%M}"
    return Sheet(
        base.apart("carrier_slip", fields, number=number),
        case,
        None,
        "",
        f"载体{register.SLIPS[event.act]}清单-{number}",
    )


def card(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the card of one copy with everything that happened to it.

    Raises:
        NotFound: There is no such copy that the reader may know of.
    """
    page = register.one(actor=actor, now=now, carrier=case)
    row = page.row
    fields: dict[str, Value] = {
        "form": CARRIER_FORM[row.form].text,
        "on": base.day(row.created_at),
        "state": CARRIER[row.state].text,
        "holder": row.organ or row.holder,
        "lines": tuple(
            (
                str(n),
                base.act_words(event.act),
                f"{event.at.astimezone(base.ZONE):%Y-%m-%d %H:%M}",
                event.organ or event.holder,
                event.place,
                event.document_no,
                event.by,
            )
            for n, event in enumerate(page.events, 1)
        ),
    }
    filled = base.apart("carrier_card", fields, number=row.number)
    return Sheet(filled, case, None, "", f"载体登记卡-{row.number}")


def destruction(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill one list of destruction.

    Raises:
        NotFound: There is none that the reader may know of.
    """
    if not actor.holds(*carrier_lists.READERS):
        raise NotFound("object.not_found")
    page = carrier_lists.destruction(actor=actor, now=now, destruction=case)
    row = page.row
    fields: dict[str, Value] = {
        "method": row.method,
        "facility": row.facility,
        "proposed": f"{row.proposed_by} {base.day(row.proposed_at)}",
        "total": f"{row.copies} 份",
        "approved": f"{row.answered_by} {base.day(row.answered_at)}".strip()
        if row.state in ("approved", "done")
        else "",
        "document_no": row.document_no if row.state in ("approved", "done") else "",
        "lines": _lines(page.copies),
        "watched": "、".join(row.counted_by),
        "done_on": base.day(row.done_at) if row.done_at else "",
    }
    filled = base.apart("carrier_destruction", fields, number=row.number)
    return Sheet(filled, case, None, "", f"载体销毁清册-{row.number}")


SLIP = Source("carrier_slip", slip)
CARD = Source("carrier_card", card)
DESTRUCTION = Source("carrier_destruction", destruction)
