"""角色: asked for by the security administrator and granted by another person's agreement; taken back by one (SR-34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.access import GRANTABLE, Done, held_account
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.seats import agreed, ask_second
from dingmi.procedures.sessions import end_sessions
from dingmi.queries import roles as asked
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Account, RoleAsked, RoleGrant


@dataclass(frozen=True, slots=True)
class Asked:
    """A role that was asked for, and until when another person may agree."""

    request: UUID
    account: UUID
    agree_by: datetime | None


def _require_grantable(row: Account, actor: Actor, until: datetime | None, now: datetime) -> None:
    """Refuse one's own account, an administrator's, and an interval that is over.

    Raises:
        Forbidden: ``role.own_account``, ``administrators.separate``.
        Invalid: ``interval.empty``.
    """
    if str(row.pk) == actor.account_id:
        raise Forbidden("role.own_account")
    if row.admin_role:
        raise Forbidden("administrators.separate")
    if until is not None and until <= now:
        raise Invalid("input.invalid", (), fields={"until": "interval.empty"})


@procedure("access.grant_role", requires=Role.SECURITY_ADMIN, step_up=True, waits_for_date=True)
def grant_role(*, actor: Actor, now: datetime, account: UUID, role: str, until: datetime | None = None) -> Asked:
    """Ask that an account gets a business role; somebody else agrees within ten minutes. 申请授予角色。

    Raises:
        Forbidden: ``role.own_account``; ``administrators.separate``: never to an administrator.
        Invalid: ``role.unknown``, ``interval.empty``.
        Refused: ``role.asked_already``: the same waits for agreement.
    """
    row = held_account(account)
    if role not in GRANTABLE:
        raise Invalid("input.invalid", (), fields={"role": "role.unknown"})
    _require_grantable(row, actor, until, now)
    waiting = RoleAsked.objects.filter(account=row, role=role, agreed_at__isnull=True)
    if any(asked.agree_by(one, now) is not None for one in waiting):
        raise Refused("role.asked_already")
    made = RoleAsked(account=row, role=role, until=until, asked_by=UUID(actor.person_id), asked_at=now)
    made.save()
    second = ask_second(
        asked.WAITS,
        asked.about(made),
        actor=actor,
        now=now,
        roles=asked.AGREE,
        of=row.person_id,
        username=row.username,
        row=made.pk,
    )
    data = {"role": role, "until": until, "request": made.pk}
    append(actor, "access.grant_role", subject=("account", row.pk), at=now, data=data, rows=[made, second])
    return Asked(made.pk, row.pk, asked.agree_by(made, now))


@procedure("access.agree_role", requires=asked.AGREE, step_up=True, waits_for_date=True)
def agree_role(*, actor: Actor, now: datetime, request: UUID, expected_version: str) -> Done:
    """Agree to a role that the security administrator asked for: it is granted, the account's sessions end. 同意授予角色。

    Args:
        request: What was asked for, as ``access.roles_asked`` shows it, with its ``expected_version``.
    Raises:
        NotFound: There is none, it was agreed to or withdrawn, or nobody asked within ten minutes.
        Forbidden: ``role.own_account``; ``administrators.separate``.
        Refused: ``second.asked_by_you``: another person agrees.
    """
    found = RoleAsked.objects.filter(pk=request).first()
    if found is None:
        raise NotFound("object.not_found")
    row = held_account(found.account_id)
    held: RoleAsked = RoleAsked.objects.select_for_update().get(pk=request)
    if asked.agree_by(held, now) is None:
        raise NotFound("object.not_found")
    require_current(held, "account", expected_version, of=row.pk)
    if held.asked_by == UUID(actor.person_id):
        raise Refused("second.asked_by_you")
    _require_grantable(row, actor, held.until, now)
    held.agreed_by, held.agreed_at = UUID(actor.person_id), now
    held.save(update_fields=["agreed_by", "agreed_at"])
    grant = RoleGrant(account=row, role=held.role, since=now, until=held.until)
    grant.save()
    end_sessions(row, now)
    second = agreed(asked.WAITS, asked.about(held), actor=actor, now=now)
    data = {"role": held.role, "until": held.until, "request": held.pk, "asked_by": held.asked_by}
    append(actor, "access.agree_role", subject=("account", row.pk), at=now, data=data, rows=[held, grant, *second])
    return Done(row.pk)


@procedure("access.revoke_role", requires=Role.SECURITY_ADMIN, step_up=True)
def revoke_role(*, actor: Actor, now: datetime, account: UUID, role: str) -> Done:
    """Take a business role back; the account's sessions end (SR-09). 收回角色。"""
    row = held_account(account)
    if str(row.pk) == actor.account_id:
        raise Forbidden("role.own_account")
    held = [g for g in RoleGrant.objects.filter(account=row, role=role) if g.until is None or now < g.until]
    if not held:
        raise NotFound("object.not_found")
    for grant in held:
        grant.until = now
        grant.save(update_fields=["until"])
    end_sessions(row, now)
    append(actor, "access.revoke_role", subject=("account", row.pk), at=now, data={"role": role}, rows=held)
    return Done(row.pk)
