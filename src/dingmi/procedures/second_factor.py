"""Second factor: one-time codes set up by oneself, certificates bound by two others; both lifted by two other people."""

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
from dingmi.procedures.seats import agreed, ask_second
from dingmi.procedures.sessions import end_sessions
from dingmi.queries import content
from dingmi.queries.seats import SEATED
from dingmi.queries.second_factor import COLUMN, KEY_LEVEL, WAITS, factors, in_use, lift_seat, step_of
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
    """Lift the second factors of somebody who lost them; another person does the same within ten minutes. 解除第二因素。

    Raises:
        NotFound: There is no such account, or it has no factor in use.
        Forbidden: ``role.own_account``.
        Refused: ``second.asked_by_you``: another person confirms.
    """
    account = Account.objects.select_for_update().filter(username=username).first()
    rows = factors(account.pk) if account is not None else []
    if account is None or not rows:
        raise NotFound("object.not_found")
    if str(account.pk) == actor.account_id:
        raise Forbidden("role.own_account")
    person = UUID(actor.person_id)
    seated = next((row.lift_asked_by for row in rows if lift_seat(row, now) is not None), None)
    is_seated = seated is not None
    if seated == person:
        raise Refused("second.asked_by_you")
    for row in rows:
        if is_seated:
            row.ended_at = now
        else:
            row.lift_asked_by, row.lift_asked_at = person, now
        row.save(update_fields=["ended_at", "lift_asked_by", "lift_asked_at"])
    if is_seated:
        end_sessions(account, now)
        second = agreed(WAITS, account.pk, actor=actor, now=now)
    else:
        of, name = account.person_id, account.username
        second = [ask_second(WAITS, account.pk, actor=actor, now=now, of=of, username=name)]
    data = {"factors": [row.pk for row in rows], "lifted": is_seated}
    append(actor, "access.lift_second", subject=("account", account.pk), at=now, data=data, rows=[*rows, *second])
    return Lifted(account.pk, is_seated)
