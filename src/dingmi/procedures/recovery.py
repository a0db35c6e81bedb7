"""恢复登录: what two people do at the server when no security administrator is left who could unlock an account (SR-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import THREE_ADMINISTRATORS, Actor, Role
from dingmi.base.errors import Forbidden, NotFound, Refused
from dingmi.procedures.access import held_account, prove
from dingmi.procedures.alarms import alarm
from dingmi.procedures.frame import procedure
from dingmi.queries import access, clock
from dingmi.queries.seats import SEATED
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Account

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
MAY_RECOVER = frozenset({*SEATED, *ADMINISTRATORS})


@dataclass(frozen=True, slots=True)
class Proof:
    """What one of the two gives at the server."""

    username: str
    password: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The account that signs in again."""

    account: UUID
    username: str


def _require_locked_out(row: Account, now: datetime) -> None:
    """Refuse while somebody could unlock the account in the ordinary way, or where it is no administrator's or not locked.

    Raises:
        Refused: ``recovery.not_needed``, ``recovery.not_locked``.
    """
    if row.admin_role not in THREE_ADMINISTRATORS or row.locked_at is None:
        raise Refused("recovery.not_locked")
    others = access.accounts_with_people().filter(admin_role=str(Role.SECURITY_ADMIN))
    if any(access.usable(other, now) for other in others):
        raise Refused("recovery.not_needed")


@procedure("access.recover", anyone=True, internal=True, replay=False)
def _recover(*, actor: Actor, now: datetime, account: UUID, by: tuple[UUID, ...]) -> Recovered:
    """Unlock an administrator, at the server and by two people, when no security administrator can (SR-06). 恢复管理员登录。

    Raises:
        Forbidden: ``recovery.two_people``: the two are one person, or one of them is recovered; ``role.required``.
    """
    row = held_account(account)
    _require_locked_out(row, now)
    people = {Account.objects.get(pk=pk).person_id for pk in by}
    if len(people) != 2 or row.person_id in people:
        raise Forbidden("recovery.two_people")
    row.failed_count, row.locked_at = 0, None
    row.save(update_fields=["failed_count", "locked_at"])
    append(actor, "access.recover", subject=("account", row.pk), at=now, data={"by": sorted(map(str, by))})
    alarm("access.account_recovered", now, ADMINISTRATORS, username=row.username)
    return Recovered(row.pk, row.username)


def recover(*, now: datetime, username: str, proofs: Sequence[Proof]) -> Recovered:
    """Unlock the account ``username`` of an administrator.

    Each of the two proves who it is with the own password, and the one-time code where the account has a second factor; a
    locked account proves itself here too, for every administrator may be locked. What is wrong counts as a failure to sign in.

    Raises:
        NotFound: There is no such account.
        Refused: ``recovery.not_needed``: a security administrator can sign in and unlocks it; ``recovery.not_locked``.
        Forbidden: ``recovery.two_people``; ``role.required``; what ``access.prove`` says.
    """
    now = clock.never_behind(now)
    row = access.accounts_with_people().filter(username=username[:120]).first()
    if row is None:
        raise NotFound("object.not_found")
    _require_locked_out(row, now)
    names = {proof.username for proof in proofs}
    if len(proofs) != 2 or len(names) != 2 or username in names:
        raise Forbidden("recovery.two_people")
    by = tuple(prove(username=p.username, password=p.password, code=p.code, roles=MAY_RECOVER, now=now) for p in proofs)
    done: Recovered = _recover(actor=access.anonymous("console"), now=now, account=row.pk, by=by)
    return done
