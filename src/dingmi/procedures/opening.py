"""开立账号：one administrator opens an account, another confirms it against the person; neither can sign in with it alone (SR-32)."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, NotFound, Refused
from dingmi.procedures.access import Done, held_account, write_account
from dingmi.procedures.alarms import alarm
from dingmi.procedures.frame import procedure
from dingmi.queries.access import opening_digest
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import random_bytes
from dingmi.records.organs.models import Opening, Person

CODE_BYTES = 10  # sixteen letters


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An account that can be used, and the code that its owner signs in with until the first password of the own.

    Attributes:
        code: Shown once; empty in a demonstration, whose first passwords are for whoever tries it.
    """

    account: UUID
    code: str


@procedure("access.create_account", requires=Role.SYSTEM_ADMIN, step_up=True)
def create_account(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    username: str,
    password: str,
    admin_role: str = "",
    roles: tuple[str, ...] = (),
) -> Done:
    """Open an account for a person; it can be used once the security administrator has confirmed it. 开立账号。

    Roles other than drafting are granted by the security administrator.
    """
    if set(roles) - {Role.DRAFTER} or admin_role:
        raise Forbidden("role.granted_by_security_admin")
    owner = Person.objects.filter(pk=person).first()
    if owner is None:
        raise NotFound("object.not_found")
    row = write_account(person=owner, username=username, password=password, admin_role="", roles=roles, now=now)
    opening = Opening(account=row, opened_by=UUID(actor.person_id), opened_at=now)
    opening.save()
    data = {"person": person, "roles": sorted(roles)}
    append(actor, "access.create_account", subject=("account", row.pk), at=now, data=data, rows=[row, opening])
    told = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.SECRECY_OFFICE)
    alarm("access.account_opened", now, told, name=owner.name, username=username)
    return Done(row.pk)


@procedure("access.confirm_account", requires=Role.SECURITY_ADMIN, step_up=True, replay=False, waits_for_date=True)
def confirm_account(*, actor: Actor, now: datetime, account: UUID) -> Confirmed:
    """Confirm an opened account against the person, who gets a code beside the first password. 核实开立的账号。

    The system administrator knows the first password, the security administrator the code: signing in takes both until
    the owner sets a password. Up to then a second time draws another code in place of one that was lost.

    Raises:
        NotFound: There is no such account.
        Refused: ``opening.nothing_to_confirm``.
    """
    row = held_account(account)
    opening = Opening.objects.select_for_update().filter(account=row).first()
    if opening is None or (opening.confirmed_at is not None and not opening.code):
        raise Refused("opening.nothing_to_confirm")
    code = b32encode(random_bytes(CODE_BYTES)).decode() if row.password_changed_at is None else ""
    opening.confirmed_by, opening.confirmed_at = UUID(actor.person_id), now
    opening.code = opening_digest(code) if code else ""
    opening.save()
    append(actor, "access.confirm_account", subject=("account", row.pk), at=now, rows=[opening])
    return Confirmed(row.pk, "-".join(code[i : i + 4] for i in range(0, len(code), 4)))
