"""The second factor of an account: a one-time code of the time, where policy requires or the person chose it (SR-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from dingmi.base.actor import Actor
from dingmi.engines.crypto import totp
from dingmi.queries import content
from dingmi.queries.registry import query
from dingmi.records.organs.models import SecondFactor

KEY_LEVEL = "内部"  # of the field key that keeps secrets of accounts
COLUMN = "secret_ct"


@dataclass(frozen=True, slots=True)
class Second:
    """Whether the reader has a second factor in use, since when, and whether policy requires one."""

    since: datetime | None
    is_required: bool


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
