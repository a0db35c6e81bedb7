"""Second factor: set up by oneself, in use from the first right code, lifted by two other people when it is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.engines.crypto import totp
from dingmi.procedures.access import Done
from dingmi.procedures.frame import procedure
from dingmi.procedures.sessions import end_sessions
from dingmi.queries import content
from dingmi.queries.seats import SEATED
from dingmi.queries.second_factor import COLUMN, KEY_LEVEL, in_use, lift_seat, step_of
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import random_bytes
from dingmi.records.organs.models import Account, Organ, SecondFactor


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The secret of a new factor, shown once: as typed, and as the address that a QR code carries."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class Lifted:
    """Whether the factor was lifted, or waits for the second person."""

    account: UUID
    is_lifted: bool


@procedure("access.enrol_second", step_up=True, replay=False)
def enrol_second(*, actor: Actor, now: datetime) -> Enrolled:
    """Make a new secret for one's own one-time codes; it counts from the first code on. 绑定动态验证码。

    Raises:
        Refused: ``second.in_use``: two people lift the old one first.
    """
    account = Account.objects.select_for_update().get(pk=actor.account_id)
    if in_use(account.pk) is not None:
        raise Refused("second.in_use")
    before = list(SecondFactor.objects.filter(account=account, ended_at__isnull=True))
    for row in before:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
    secret = random_bytes(totp.SECRET_BYTES)
    made = SecondFactor(account=account, created_at=now)
    made.secret_ct = content.sealed(made, COLUMN, KEY_LEVEL, secret.hex())
    made.save()
    data, rows = {"factor": made.pk}, [made, *before]
    append(actor, "access.enrol_second", subject=("account", account.pk), at=now, data=data, rows=rows)
    organ = Organ.objects.filter(is_home=True).values_list("short_name", flat=True).first() or "dingmi"
    issuer, letters = quote(f"定密 {organ}"), totp.spelled(secret)
    road = f"otpauth://totp/{issuer}:{quote(account.username)}?secret={letters}&issuer={issuer}&digits={totp.DIGITS}"
    return Enrolled(letters, road)


@procedure("access.confirm_second")
def confirm_second(*, actor: Actor, now: datetime, code: str) -> Done:
    """Show by a first code that the secret arrived; from now on signing in takes a code. 启用动态验证码。

    Raises:
        NotFound: Nothing was set up, or it is in use already.
        Invalid: ``second.wrong``.
    """
    account = Account.objects.select_for_update().get(pk=actor.account_id)
    row = SecondFactor.objects.filter(account=account, confirmed_at__isnull=True, ended_at__isnull=True).first()
    if not isinstance(row, SecondFactor):
        raise NotFound("object.not_found")
    step = step_of(row, code, now)
    if step is None:
        raise Invalid("second.wrong")
    row.confirmed_at, row.last_step = now, step
    row.save(update_fields=["confirmed_at", "last_step"])
    append(actor, "access.confirm_second", subject=("account", account.pk), at=now, rows=[row])
    return Done(account.pk)


@procedure("access.lift_second", requires=SEATED, step_up=True)
def lift_second(*, actor: Actor, now: datetime, username: str) -> Lifted:
    """Lift the second factor of somebody who lost it; another person does the same within ten minutes. 解除动态验证码。

    Raises:
        NotFound: There is no such account, or it has no factor in use.
        Forbidden: ``role.own_account``.
        Refused: ``second.asked_by_you``: another person confirms.
    """
    account = Account.objects.select_for_update().filter(username=username).first()
    factor = in_use(account.pk) if account is not None else None
    if account is None or factor is None:
        raise NotFound("object.not_found")
    if str(account.pk) == actor.account_id:
        raise Forbidden("role.own_account")
    person = UUID(actor.person_id)
    is_seated = lift_seat(factor, now) is not None
    if is_seated and factor.lift_asked_by == person:
        raise Refused("second.asked_by_you")
    if is_seated:
        factor.ended_at = now
        end_sessions(account, now)
    else:
        factor.lift_asked_by, factor.lift_asked_at = person, now
    factor.save(update_fields=["ended_at", "lift_asked_by", "lift_asked_at"])
    data = {"factor": factor.pk, "lifted": is_seated}
    append(actor, "access.lift_second", subject=("account", account.pk), at=now, data=data, rows=[factor])
    return Lifted(account.pk, is_seated)
