"""定密授权申请 filled from one application, for the office, the principal and inspectors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms import BY_NAME
from dingmi.queries import standing
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Sheet, Source
from dingmi.records.officers.appointments import DelegationRequest

ANSWERS = {"granted": "同意授权", "refused": "不予授权"}


def found(actor: Actor, case: UUID) -> DelegationRequest:
    """Return one application; to others there is none.

    Raises:
        NotFound: There is none that the reader may know of.
    """
    row = DelegationRequest.objects.select_related("addressee", "by_person").filter(pk=case).first()
    if not isinstance(row, DelegationRequest) or not actor.holds(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR):
        raise NotFound("object.not_found")
    return row


def _fill(form: str, title: str, row: DelegationRequest) -> Sheet:
    since, until = base.day(row.since), base.day(row.until)
    values = {
        "sender": standing.home().name,
        "addressee": row.addressee.name,
        "level": row.level,
        "matters": "、".join(row.matters),
        "originals": "、".join(str(n) for n in row.originals),
        "basis": row.basis,
        "reasons": row.reasons,
        "since": since,
        "until": until,
        "term": f"{since}至{until}",
        "head": row.by_person.name,
        "on": base.day(row.applied_at),
        "answer": f"{ANSWERS.get(row.answer, '')} {row.answer_no}".strip(),
    }
    shown = BY_NAME[form].fields
    filled = base.apart(form, {name: value for name, value in values.items() if name in shown})
    return Sheet(filled, row.pk, None, "", f"{title}-{row.addressee.name}")


def fill_letter(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the letter of one application."""
    return _fill("delegation_letter", "定密授权申请函", found(actor, case))


def fill_form(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the form of one application."""
    return _fill("delegation_application", "定密授权申请表", found(actor, case))


LETTER = Source("delegation_letter", fill_letter)
APPLICATION = Source("delegation_application", fill_form)
