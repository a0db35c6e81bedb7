"""机密级以上国家秘密知悉登记: from the records of who learned a matter (TL-20)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.engines.documents.forms.model import Value
from dingmi.queries import access, content, facts_life
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Case, Sheet, Source
from dingmi.queries.standing import scope_of
from dingmi.queries.terms import scope_plain
from dingmi.records.matters.models import Knowledge, Matter

FORM = "knowledge"
TITLE = "国家秘密知悉登记表"
WAYS = {"opened": "查阅", "downloaded": "下载", "printed": "打印", "admitted": "批准知悉", "received": "接收"}
MOST = 400  # lines of one print


def _line(number: int, row: Knowledge) -> tuple[str, ...]:
    person = row.person
    unit = person.department.name if person.department else person.organ.name
    at = row.at.astimezone(base.ZONE)
    purpose = row.purpose or "知悉范围内工作需要"
    return (str(number), person.name, unit, WAYS.get(row.what, row.what), purpose, f"{at:%Y-%m-%d %H:%M}", "", "")


def fill(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the register of a matter; ``case`` is the matter."""
    matter = access.matter_for(actor, now, case)
    rows = Knowledge.objects.filter(matter=matter).select_related("person__department", "person__organ")
    fields: dict[str, Value] = {
        "title": content.title(matter),
        "unit": matter.organ.name + (matter.department.name if matter.department else ""),
        "doc_number": content.doc_number(matter),
        "levels": base.ticks(base.LEVELS, matter.level),
        "period": matter.tail,
        "scope": base.scope_words(scope_plain(scope_of(matter, now))),
        "people": tuple(_line(n, row) for n, row in enumerate(rows.order_by("at", "pk")[:MOST], 1)),
    }
    return Sheet(base.filled(FORM, matter, fields), case, matter.pk, matter.level, f"{TITLE}-{base.label_of(matter)}")


def cases(matter: Matter) -> Iterable[Case]:
    """A matter of 机密 or above has a register; another one where somebody was put into it."""
    last = Knowledge.objects.filter(matter=matter).order_by("-at", "-pk").values_list("at", flat=True).first()
    if last is None and (matter.state == "draft" or not facts_life.keeps_register(matter.level, matter.changed_at)):
        return []
    return [Case(FORM, matter.pk, TITLE, "", last or matter.changed_at)]


KNOWLEDGE = Source(FORM, fill, cases)
