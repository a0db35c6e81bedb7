"""The second factor of an account: a one-time code of the time, where policy requires or the person chose it (SR-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from dingmi.base.actor import Actor
from dingmi.engines.crypto import totp
from dingmi.queries import clock, content
from dingmi.queries.registry import query
from dingmi.queries.seats import SEATED
from dingmi.records.organs.models import Person, SecondFactor

KEY_LEVEL = "内部"  # of the field key that keeps secrets of accounts
COLUMN = "secret_ct"


@dataclass(frozen=True, slots=True)
class Second:
    """Whether the reader has a second factor in use, since when, and whether policy requires one."""

    since: datetime | None
    is_required: bool


@dataclass(frozen=True, slots=True)
class SecondLine:
    """An account that signs in with one-time codes; who asked to lift them, and until when a second person may agree."""

    username: str
    name: str
    department: str
    since: datetime
    asked_by: str
    until: datetime | None


def is_required() -> bool:
    """Tell whether policy requires a second factor of everyone."""
    return bool(settings.DINGMI_SECOND_FACTOR == "required")


def in_use(account: UUID) -> SecondFactor | None:
    """Return the factor that an account signs in with."""
    found: SecondFactor | None = SecondFactor.objects.filter(
        account_id=account, confirmed_at__isnull=False, ended_at__isnull=True
    ).first()
    return found


def is_wanting(account: UUID) -> bool:
    """Tell whether policy requires a second factor and the account has none in use."""
    return is_required() and in_use(account) is None


def lift_seat(factor: SecondFactor, now: datetime) -> datetime | None:
    """Return until when a second person may agree to lift ``factor``; nothing while nobody has asked."""
    until = factor.lift_asked_at + clock.SEAT if factor.lift_asked_at is not None else None
    return until if until is not None and now <= until else None


@query("access.seconds", roles=SEATED, recorded=False)
def seconds(*, actor: Actor, now: datetime) -> tuple[SecondLine, ...]:
    """Accounts that sign in with one-time codes, those asked to be lifted first. 动态验证码绑定情况。"""
    rows = SecondFactor.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)
    rows = rows.select_related("account__person__department").order_by("account__person__staff_no", "pk")
    names = dict(Person.objects.filter(pk__in=rows.values("lift_asked_by")).values_list("pk", "name"))
    lines = []
    for row in rows:
        person, until = row.account.person, lift_seat(row, now)
        lines.append(
            SecondLine(
                username=row.account.username,
                name=person.name,
                department=person.department.name if person.department else "",
                since=row.confirmed_at,
                asked_by=names.get(row.lift_asked_by, "") if until else "",
                until=until,
            )
        )
    return tuple(sorted(lines, key=lambda line: line.until is None))


def secret_of(factor: SecondFactor) -> bytes:
    """Return the secret of a factor."""
    return bytes.fromhex(content.opened(factor, COLUMN, KEY_LEVEL))


def step_of(factor: SecondFactor, code: str, now: datetime) -> int | None:
    """Return the step of a right code that was not used yet."""
    step = totp.matching_step(secret_of(factor), code.replace(" ", ""), now)
    return None if step is None or step <= factor.last_step else step


@query("access.second", recorded=False)
def second(*, actor: Actor, now: datetime) -> Second:
    """The second factor of the reader's own account. 动态验证码。"""
    factor = in_use(UUID(actor.account_id))
    return Second(factor.confirmed_at if factor else None, is_required())
