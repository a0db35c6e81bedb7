"""Accounts, sessions, tokens and the three administrators. 账号、会话与三员。"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from django.conf import settings

from dingmi.base.actor import THREE_ADMINISTRATORS, Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.procedures import carriers, passwords
from dingmi.procedures.alarms import alarm
from dingmi.procedures.frame import procedure
from dingmi.procedures.sessions import end_sessions
from dingmi.queries import (
    QUERIES,
    access,
    certificates,
    clock,
    facts_life,
    jsonable,
    password_rules,
    preferences,
    second_factor,
)
from dingmi.queries.certificates import Presented
from dingmi.records.ledger.append import append
from dingmi.records.ledger.coded import keyed_digest
from dingmi.records.ledger.guard import owe
from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.organs.models import Account, Opening, Person, Preference, RoleGrant, Token

GRANTABLE = frozenset({Role.DRAFTER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR})
TOKEN_HOURS_MOST = 24 * 90
NOBODY = UUID(int=0)  # is no account's id


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie token, shown once; only its digest is kept."""

    session_key: str
    must_change: bool  # the password, or a second factor is to be set up first


@dataclass(frozen=True, slots=True)
class Done:
    """The account that an act concerned."""

    account: UUID


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """A bearer token, shown once."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows an act recorded or touched."""

    count: int


def held_account(account_id: object) -> Account:
    """Return an account that nobody else changes until the act is done.

    Raises:
        NotFound: There is none.
    """
    found = Account.objects.select_for_update().select_related("person").filter(pk=account_id).first()
    if not isinstance(found, Account):
        raise NotFound("object.not_found")
    return found


@procedure("access.sign_in", anyone=True, internal=True, replay=False)
def _open_session(*, actor: Actor, now: datetime, account: UUID, step: int, certificate: Presented | None) -> SignedIn:
    row = held_account(account)
    if not access.usable(row, now):
        raise Forbidden("sign_in.failed")
    if certificate is not None and (fault := certificates.fault(certificates.held(row.pk), certificate, now)):
        raise Forbidden(fault)
    has_second = certificate is not None or _spend(row, step)
    token = access.session_token(secrets.token_urlsafe(32), certificate)
    row.failed_count, row.session_key, row.session_started_at = 0, access.digest_of(token), now
    row.save(update_fields=["failed_count", "session_key", "session_started_at"])
    by = certificate.fingerprint if certificate is not None else ""
    data = {"session": row.session_key[:16], "second": has_second, "certificate": by}
    append(actor, "access.sign_in", subject=("account", row.pk), at=now, data=data)
    must_change = password_rules.is_due(row.password_changed_at, now) or second_factor.is_wanting(row.pk, now)
    return SignedIn(token, must_change)


@procedure("access.sign_in_failed", anyone=True, internal=True)
def _count_failure(*, actor: Actor, now: datetime, username: str, account: UUID | None) -> Counted:
    """Count a failure; the statements are the same whether or not there is such an account (SR-07)."""
    row = Account.objects.select_for_update().select_related("person").filter(pk=account or NOBODY).first()
    count = 0 if row is None else min(row.failed_count + 1, 1000)
    locked = row is not None and row.locked_at is None and count >= passwords.LIMITS["failures_to_lock"]
    at = now if locked or row is None else row.locked_at
    Account.objects.filter(pk=account or NOBODY).update(failed_count=count, locked_at=at)
    if row is not None and locked:
        end_sessions(row, now)
        alarm("access.account_locked", now, (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN), username=row.username)
    subject = ("terminal", actor.terminal) if account is None else ("account", account)
    data = {"name": keyed_digest(username), "failures": count, "locked": locked}
    append(actor, "access.sign_in_failed", subject=subject, at=now, data=data, result="refused")
    return Counted(count)


def turned_away(*, username: str, terminal: str, now: datetime) -> Forbidden | None:
    """Return the refusal that waits for one more try to sign in, or None; the page asks before it does anything else (SR-05)."""
    return passwords.THROTTLE.turned_away(username[:120], terminal, now)


def count_unread(*, terminal: str, now: datetime) -> None:
    """Count a try to sign in that was refused before its form was read (SR-05)."""
    passwords.THROTTLE.count_unread(terminal, now)


def sign_in(
    *,
    username: str,
    password: str,
    terminal: str,
    now: datetime,
    code: str = "",
    presented: Presented | None = None,
) -> SignedIn:
    """Open the one live session of an account; five failures in a row lock it (SR-03, SR-04, SR-07, SR-09).

    Args:
        code: The one-time code of an account that has a second factor, each opens one session at most; or what the owner of
            a new account was handed when it was confirmed.
        presented: The certificate that the trusted gateway checked on the connection; nothing else is believed of one.

    Raises:
        Forbidden: ``sign_in.failed``, the same for a wrong password, a locked, an unconfirmed and an unknown account;
            ``sign_in.throttled`` and ``sign_in.busy`` before any hashing (SR-05); after a right password ``second.needed``, ``second.wrong``,
            ``opening.code_needed`` and ``opening.code_wrong``; ``certificate.needed``, ``certificate.not_yours``,
            ``certificate.expired`` and ``certificate.revoked`` for an account that signs in with one.
    """
    with passwords.THROTTLE.trying(username[:120], terminal, now):
        return _signed_in(username, password, terminal, clock.never_behind(now), code, presented)


def _signed_in(
    username: str, password: str, terminal: str, now: datetime, code: str, presented: Presented | None
) -> SignedIn:
    actor = access.anonymous(terminal)
    row = access.accounts_with_people().filter(username=username[:120]).first()
    right = passwords.matches(password, None if row is None else row.password)
    if row is None or not right:
        _count_failure(actor=actor, now=now, username=username, account=None if row is None else row.pk)
        raise Forbidden("sign_in.failed")
    if not access.usable(row, now):
        _count_failure(actor=actor, now=now, username=username, account=row.pk)
        raise Forbidden("sign_in.failed")
    by = _certificate(row, code, presented, actor=actor, now=now)
    step = 0 if by is not None and not access.code_wanted(row) else _step(row, code, actor=actor, now=now)
    return _open_session(actor=actor, now=now, account=row.pk, step=step, certificate=by)


def _certificate(
    row: Account, code: str, presented: Presented | None, *, actor: Actor, now: datetime
) -> Presented | None:
    """Return the certificate that opens the session; none for an account that has none, or gives a one-time code instead.

    Raises:
        Forbidden: ``certificate.needed``; the others count as a failure.
    """
    held = certificates.held(row.pk)
    if not held:
        return None
    fault = certificates.fault(held, presented, now)
    if not fault:
        return presented
    if second_factor.in_use(row.pk) is not None and not certificates.is_demanded() and (code or presented is None):
        return None
    if presented is not None:
        _count_failure(actor=actor, now=now, username=row.username, account=row.pk)
    raise Forbidden(fault)


def _step(row: Account, code: str, *, actor: Actor, now: datetime) -> int:
    """Return the step of the code, 0 for an account without a second factor; one that is wrong counts as a failure.

    Raises:
        Forbidden: ``second.needed``, ``second.wrong``; ``opening.code_needed``, ``opening.code_wrong``.
    """
    factor, wanted = second_factor.in_use(row.pk), access.code_wanted(row)
    if factor is None and not wanted:
        return 0
    kind = "second." if factor is not None else "opening.code_"
    if not code.strip():
        raise Forbidden(f"{kind}needed")
    step = second_factor.step_of(factor, code, now) if factor is not None else 0
    if step is None or (factor is None and not compare_digest(wanted, access.opening_digest(code))):
        _count_failure(actor=actor, now=now, username=row.username, account=row.pk)
        raise Forbidden(f"{kind}wrong")
    return step


def _spend(account: Account, step: int) -> bool:
    """Let the code of ``step`` open nothing more; say whether the account has a second factor."""
    factor = second_factor.in_use(account.pk)
    if factor is None:
        return False
    if step <= factor.last_step:  # somebody was in with the same code meanwhile
        raise Forbidden("second.wrong")
    factor.last_step = step
    factor.save(update_fields=["last_step"])
    return True


def prove(*, username: str, password: str, code: str, roles: Collection[Role], now: datetime) -> UUID:
    """Check who stands at the server, whose account may be locked: what takes two people there needs no session (SR-06).

    Args:
        roles: Of which the account has to hold one.
    Returns:
        The account.
    Raises:
        Forbidden: As ``sign_in`` says, but for a locked account; ``role.required``.
    """
    actor = access.anonymous("console")
    with passwords.THROTTLE.trying(username[:120], "console", now):
        row = access.accounts_with_people().filter(username=username[:120]).first()
        right = passwords.matches(password, None if row is None else row.password)
        if row is None or not right or not access.usable(row, now, though_locked=True):
            _count_failure(actor=actor, now=now, username=username, account=None if row is None else row.pk)
            raise Forbidden("sign_in.failed")
        _certificate(row, code, None, actor=actor, now=now)
        step = _step(row, code, actor=actor, now=now)
    if not access.actor_of(row, now, session="", terminal="console").holds(*roles):
        raise Forbidden("role.required")
    _proven(actor=actor, now=now, account=row.pk, step=step)
    return UUID(str(row.pk))


@procedure("access.prove", anyone=True, internal=True, replay=False)
def _proven(*, actor: Actor, now: datetime, account: UUID, step: int) -> Done:
    """Spend the one-time code that was given at the server, and tell that its owner stood there. 在服务器上证明身份。"""
    has_second = _spend(held_account(account), step)
    append(actor, "access.prove", subject=("account", account), at=now, data={"second": has_second})
    return Done(account)


@procedure("access.sign_out")
def sign_out(*, actor: Actor, now: datetime) -> Done:
    """End the actor's session and tokens, and what still runs under them (SR-09). 退出登录。"""
    row = held_account(actor.account_id)
    end_sessions(row, now)
    append(actor, "access.sign_out", subject=("account", row.pk), at=now)
    return Done(row.pk)


@procedure("access.confirm_password", internal=True)
def _confirmed(*, actor: Actor, now: datetime, step: int | None = None, certificate: str = "") -> Done:
    has_second = bool(certificate) or (step is not None and _spend(held_account(actor.account_id), step))
    data = {"second": has_second, "certificate": certificate}
    append(actor, "access.confirm_password", subject=("account", actor.account_id), at=now, data=data)
    return Done(UUID(actor.account_id))


def confirm_password(
    *, actor: Actor, now: datetime, password: str, code: str | None = None, presented: Presented | None = None
) -> bool:
    """Check the actor's password again before an act that needs it (SR-10); recorded, and failures count.

    Args:
        code: Where no session was opened with the second factor (command line, API), and for what outlives the session (a
            token): the one-time code of an account that has one, else empty. A session that a factor opened gives none.
        presented: The certificate that the trusted gateway checked on the connection; a command line shows none.
    Raises:
        Forbidden: ``password.wrong``; at five failures the account locks and its session ends. ``second.needed`` and
            ``second.wrong`` after a right password; ``certificate.needed`` and the like for who signs in with one.
    """
    passwords.THROTTLE.admit_signature(actor.name, now)
    now = clock.never_behind(now)
    row = Account.objects.filter(pk=actor.account_id).first()
    if row is None or not passwords.matches(password, row.password) or row.locked_at is not None:
        account = None if row is None else row.pk
        _count_failure(actor=actor, now=now, username=actor.name, account=account)
        raise Forbidden("password.wrong")
    by = _certificate(row, code, presented, actor=actor, now=now) if code is not None else None
    step = None if code is None or by is not None else _step(row, code, actor=actor, now=now)
    _confirmed(actor=actor, now=now, step=step, certificate=by.fingerprint if by is not None else "")
    return True


def require_role_free(person: Person, admin_role: str) -> None:
    """Keep the three administrators apart from each other and from every business role (SR-31).

    Raises:
        Forbidden: ``administrators.separate``.
    """
    others = Account.objects.filter(person=person).exclude(admin_role="").exclude(admin_role=admin_role)
    if admin_role and (others.exists() or RoleGrant.objects.filter(account__person=person).exists()):
        raise Forbidden("administrators.separate")


def write_account(
    *, person: Person, username: str, password: str, admin_role: str, roles: tuple[str, ...], now: datetime
) -> Account:
    """Check and write one account with its role grants; the caller's act is open.

    Whoever enters the account knows its first password, so its owner sets another before anything else.

    Raises:
        Invalid: Name or password is not acceptable.
        Refused: The name or person has an account already.
        Forbidden: An administrator would hold a business role too.
    """
    if not 2 <= len(username) <= 60 or not username.isprintable() or username != username.strip():
        raise Invalid("input.invalid", (), fields={"username": "username.malformed"})
    if admin_role and admin_role not in THREE_ADMINISTRATORS:
        raise Invalid("input.invalid", (), fields={"admin_role": "role.unknown"})
    if set(roles) - GRANTABLE:
        raise Invalid("input.invalid", (), fields={"roles": "role.unknown"})
    if admin_role and roles:
        raise Forbidden("administrators.separate")
    passwords.require_strong(password, username)
    if Account.objects.filter(username=username).exists() or Account.objects.filter(person=person).exists():
        raise Refused("account.exists")
    require_role_free(person, admin_role)
    account = Account(
        username=username,
        person=person,
        admin_role=admin_role,
        password=passwords.hashed(password),
        password_changed_at=now if settings.DINGMI_PROFILE == "demo" else None,  # a demo's are for whoever tries it
        created_at=now,
    )
    account.save(force_insert=True)
    grants = [RoleGrant(account=account, role=role, since=now) for role in roles]
    RoleGrant.objects.bulk_create(grants)
    owe(account, *grants)
    return account


@procedure("access.unlock", requires=Role.SECURITY_ADMIN, step_up=True)
def unlock(*, actor: Actor, now: datetime, account: UUID) -> Done:
    """Unlock an account that failures locked; only the security administrator can (SR-04). 解锁账号。"""
    row = held_account(account)
    row.failed_count, row.locked_at = 0, None
    row.save(update_fields=["failed_count", "locked_at"])
    append(actor, "access.unlock", subject=("account", row.pk), at=now)
    return Done(row.pk)


@procedure("access.disable", requires=Role.SYSTEM_ADMIN, step_up=True)
def disable(*, actor: Actor, now: datetime, account: UUID) -> Done:
    """Stop an account: its sessions and tokens end, nothing it did is lost; never one's own. 停用账号。"""
    return _switch(actor, now, account, on=False)


@procedure("access.enable", requires=Role.SYSTEM_ADMIN, step_up=True)
def enable(*, actor: Actor, now: datetime, account: UUID) -> Done:
    """Let a stopped account sign in again. 启用账号。"""
    return _switch(actor, now, account, on=True)


def _switch(actor: Actor, now: datetime, account: UUID, *, on: bool) -> Done:
    row = held_account(account)
    if str(row.pk) == actor.account_id:
        raise Forbidden("role.own_account")
    if row.is_active is on:
        raise Refused("account.already_so")
    row.is_active = on
    row.save(update_fields=["is_active"])
    end_sessions(row, now)
    append(actor, f"access.{'enable' if on else 'disable'}", subject=("account", row.pk), at=now, rows=[row])
    return Done(row.pk)


@procedure("access.change_password", step_up=True, replay=False)
def change_password(*, actor: Actor, now: datetime, password: str) -> Done:
    """Set a new password; every session and token ends. 修改密码。"""
    row = held_account(actor.account_id)
    passwords.require_strong(password, row.username)
    if passwords.matches(password, row.password):
        raise Invalid("password.unchanged")
    row.password, row.password_changed_at = passwords.hashed(password), now
    row.save(update_fields=["password", "password_changed_at"])
    opened = list(Opening.objects.select_for_update().filter(account=row).exclude(code=""))
    for opening in opened:
        opening.code = ""
        opening.save(update_fields=["code"])
    end_sessions(row, now)
    append(actor, "access.change_password", subject=("account", row.pk), at=now, rows=[row, *opened])
    return Done(row.pk)


@procedure("access.issue_token", step_up=True, replay=False)
def issue_token(*, actor: Actor, now: datetime, label: str = "", hours: int = 8) -> TokenIssued:
    """Issue a bearer token for scripts under the actor's own account. 签发接口令牌。"""
    if not 1 <= hours <= TOKEN_HOURS_MOST or len(label) > 60:
        raise Invalid("input.invalid", (), fields={"hours": "token.hours"})
    token, expires = "dm_" + secrets.token_urlsafe(32), now + timedelta(hours=hours)
    digest = access.digest_of(token)
    row = Token(account_id=actor.account_id, digest=digest, label=label, created_at=now, expires_at=expires)
    row.save()
    data = {"token": row.pk, "expires_at": expires}
    append(actor, "access.issue_token", subject=("account", actor.account_id), at=now, data=data, rows=[row])
    return TokenIssued(token, expires)


@procedure("access.set_language")
def set_language(*, actor: Actor, now: datetime, language: str) -> Done:
    """Choose zh or en for one's own pages. 选择语言。"""
    if language not in ("zh", "en"):
        raise Invalid("input.invalid", (), fields={"language": "language.unknown"})
    row = held_account(actor.account_id)
    row.language = language
    row.save(update_fields=["language"])
    append(actor, "access.set_language", subject=("account", row.pk), at=now, data={"language": language}, rows=[row])
    return Done(row.pk)


@procedure("access.prefer")
def prefer(*, actor: Actor, now: datetime, changes: dict[str, Any]) -> Done:
    """Choose columns, density, keys or saved views of one's own pages. 设置页面偏好。

    Raises:
        Invalid: An unknown preference, or a value that is not one of its choices.
    """
    kept = preferences.checked(changes)
    row = held_account(actor.account_id)
    for name, value in kept.items():
        Preference.objects.update_or_create(account=row, name=name, defaults={"value": value})
    append(actor, "access.prefer", subject=("account", row.pk), at=now, data={"names": sorted(kept)})
    return Done(row.pk)


@procedure("access.looked", internal=True)
def looked(*, actor: Actor, now: datetime, query: str, count: int, digest: str, matter: str = "") -> Counted:
    data = {"query": query, "count": count, "shown": digest} | ({"matter": matter} if matter else {})
    append(actor, "access.looked", subject=("account", actor.account_id), at=now, data=data)
    return Counted(count)


def _shown(value: Any) -> list[str]:
    """Return the ids that an answer shows."""
    if isinstance(value, Mapping):
        own = [str(v) for k, v in value.items() if k in ("id", "matter") and isinstance(v, str)]
        return own + [i for v in value.values() for i in _shown(v)]
    return [i for v in value for i in _shown(v)] if isinstance(value, list) else []


def ask(name: str, *, actor: Actor, now: datetime, params: Mapping[str, Any]) -> Any:
    """Run the query ``name`` and record what it showed, and of which matter it was asked, before returning it (SR-37).

    Raises:
        NotFound: There is no such query.
    """
    found = QUERIES.get(name)
    if found is None:
        raise NotFound("query.unknown", (), query=name[:60])
    now = clock.never_behind(now)
    value = found.run(actor=actor, now=now, params=params)
    learnt = facts_life.learning(found.shows(value), actor, now) if found.shows else ()
    if learnt:
        carriers.show(actor=actor, now=now, query=name, matters=learnt)
    if found.recorded:
        ids = sorted(set(_shown(jsonable(value))))
        digest, matter = sm3(canonical(ids).encode()).hex(), str(params.get("matter", ""))
        looked(actor=actor, now=now, query=name, count=len(ids), digest=digest, matter=matter)
    return value
