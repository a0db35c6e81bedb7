"""The second factor of an account: a one-time code or a certificate, where policy requires or somebody chose it (SR-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from dingmi.base.actor import Actor
from dingmi.engines.crypto import totp
from dingmi.queries import certificates, clock, content
from dingmi.queries.registry import query
from dingmi.queries.seats import SEATED, is_waiting
from dingmi.records.organs.models import Certificate, Person, SecondFactor

KEY_LEVEL = "内部"  # of the field key that keeps secrets of accounts
COLUMN = "secret_ct"
WAITS = "second.waits"
KINDS: dict[type, str] = {SecondFactor: "code", Certificate: "certificate"}


@dataclass(frozen=True, slots=True)
class Second:
    """Whether the reader has a second factor in use, since when, and whether policy requires one."""

    since: datetime | None
    is_required: bool


@dataclass(frozen=True, slots=True)
class SecondLine:
    """An account that has a second factor; who asked to lift it, and until when a second person may agree."""

    username: str
    name: str
    department: str
    kinds: tuple[str, ...]  # code / certificate
    since: datetime
    asked_by: str
    until: datetime | None


def is_required() -> bool:
    """Tell whether policy requires a second factor of everyone."""
    return bool(settings.DINGMI_SECOND_FACTOR in ("required", "certificate"))


def in_use(account: UUID) -> SecondFactor | None:
    """Return what makes the one-time codes that an account signs in with."""
    found: SecondFactor | None = SecondFactor.objects.filter(
        account_id=account, confirmed_at__isnull=False, ended_at__isnull=True
    ).first()
    return found


def is_wanting(account: UUID, now: datetime) -> bool:
    """Tell whether policy requires a second factor, or a certificate, and the account has none in use."""
    if not is_required() or certificates.is_in_use(account, now):
        return False
    return certificates.is_demanded() or in_use(account) is None


def factors(account: UUID) -> list[SecondFactor | Certificate]:
    """Return everything that an account is asked for besides its password."""
    code = in_use(account)
    return [*([code] if code is not None else []), *certificates.held(account)]


def lift_seat(factor: SecondFactor | Certificate, now: datetime) -> datetime | None:
    """Return until when a second person may agree to lift ``factor``; nothing while nobody has asked, or who did withdrew it."""
    until = factor.lift_asked_at + clock.SEAT if factor.lift_asked_at is not None else None
    is_over = until is None or until < now or not is_waiting(WAITS, factor.account_id, now)
    return None if is_over else until


@query("access.seconds", roles=SEATED, recorded=False)
def seconds(*, actor: Actor, now: datetime) -> tuple[SecondLine, ...]:
    """Accounts that sign in with a second factor, those asked to be lifted first. 第二因素绑定情况。"""
    held: dict[UUID, list[SecondFactor | Certificate]] = {}
    for model in (SecondFactor, Certificate):
        rows = model.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)
        for row in rows.select_related("account__person__department").order_by("confirmed_at", "pk"):
            held.setdefault(row.account_id, []).append(row)
    asked = [row.lift_asked_by for rows in held.values() for row in rows if row.lift_asked_by is not None]
    names = dict(Person.objects.filter(pk__in=asked).values_list("pk", "name"))
    made = [_line(rows, names, now) for rows in held.values()]
    by_number = sorted(made, key=lambda pair: pair[0])
    return tuple(line for _, line in sorted(by_number, key=lambda pair: pair[1].until is None))


def _line(rows: list[SecondFactor | Certificate], names: dict[UUID, str], now: datetime) -> tuple[str, SecondLine]:
    """Return the line of one account, and the staff number that puts it in order."""
    account = rows[0].account
    person = account.person
    until, asked_by = next(
        ((lift_seat(row, now), row.lift_asked_by) for row in rows if lift_seat(row, now)), (None, None)
    )
    line = SecondLine(
        username=account.username,
        name=person.name,
        department=person.department.name if person.department else "",
        kinds=tuple(sorted({KINDS[type(row)] for row in rows})),
        since=min(row.confirmed_at for row in rows if row.confirmed_at is not None),
        asked_by=names.get(asked_by, "") if asked_by is not None else "",
        until=until,
    )
    return person.staff_no, line


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
