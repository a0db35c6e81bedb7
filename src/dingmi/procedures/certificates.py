"""客户端证书: bound to an account by two other people, revoked by one at once, lifted with other second factors by two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.engines.crypto import certificates as engine
from dingmi.procedures import paper
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.seats import agreed, ask_second
from dingmi.procedures.sessions import end_sessions
from dingmi.queries import certificates as asked
from dingmi.queries.seats import SEATED
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import Account, Certificate, SecondAsked

REASON = 120  # characters


@dataclass(frozen=True, slots=True)
class Bound:
    """A certificate of an account, and how it stands: ``asked`` waits for a second person."""

    certificate: UUID
    account: UUID
    state: str


def _require_other(account: Account, actor: Actor) -> None:
    if str(account.pk) == actor.account_id:
        raise Forbidden("role.own_account")


@procedure("access.bind_certificate", requires=SEATED, step_up=True)
def bind_certificate(*, actor: Actor, now: datetime, username: str, pem: str) -> Bound:
    """Ask that an account signs in with a certificate; another person agrees within ten minutes. 绑定客户端证书。

    Args:
        pem: The certificate itself; never its private key.
    Raises:
        NotFound: There is no such account.
        Forbidden: ``role.own_account``.
        Invalid: ``certificate.malformed``, ``certificate.key_inside``.
        Refused: ``certificate.expired``, ``certificate.bound_already``: to this account or another, now or before it was revoked.
    """
    account = Account.objects.select_for_update().filter(username=username).first()
    if account is None:
        raise NotFound("object.not_found")
    _require_other(account, actor)
    if "PRIVATE KEY" in pem:
        raise Invalid("certificate.key_inside", (), fields={"pem": "certificate.key_inside"})
    read = engine.read(pem)
    if now > read.until:
        raise Refused("certificate.expired")
    known = Certificate.objects.filter(fingerprint=read.fingerprint)
    if any(row.confirmed_at is not None or asked.agree_by(row, now) is not None for row in known):
        raise Refused("certificate.bound_already")
    row = Certificate(
        account=account,
        fingerprint=read.fingerprint,
        subject=read.subject,
        issuer=read.issuer,
        serial=read.serial,
        since=read.since,
        until=read.until,
        asked_by=UUID(actor.person_id),
        asked_at=now,
    )
    row.save()
    about, of, name = row.fingerprint, account.person_id, account.username
    second = ask_second(asked.WAITS, about, actor=actor, now=now, of=of, username=name, row=row.pk)
    return _done("access.bind_certificate", row, actor, now, second)


def _done(act: str, row: Certificate, actor: Actor, now: datetime, *second: SecondAsked) -> Bound:
    state = asked.state_of(row, now)
    data = {"certificate": row.pk, "fingerprint": row.fingerprint, "state": state}
    append(actor, act, subject=("account", row.account_id), at=now, data=data, rows=[row, *second])
    return Bound(row.pk, row.account_id, state)


def _locked(certificate: UUID, actor: Actor, expected_version: str) -> tuple[Account, Certificate]:
    """Return a certificate and its account, locked.

    Raises:
        NotFound: There is none, or it was lifted.
        Forbidden: ``role.own_account``.
        Conflict: ``record.stale``.
    """
    found = Certificate.objects.filter(pk=certificate, ended_at__isnull=True).first()
    if found is None:
        raise NotFound("object.not_found")
    account: Account = Account.objects.select_for_update().get(pk=found.account_id)
    _require_other(account, actor)
    row: Certificate = Certificate.objects.select_for_update().get(pk=certificate)
    require_current(row, "account", expected_version, of=account.pk)
    return account, row


@procedure("access.confirm_certificate", requires=SEATED, step_up=True, waits_for_date=True)
def confirm_certificate(*, actor: Actor, now: datetime, binding: UUID, expected_version: str) -> Bound:
    """Agree, as a second person, that an account signs in with a certificate; its sessions end. 同意绑定客户端证书。

    Args:
        binding: The certificate that somebody asked to bind.
        expected_version: Its version, as ``access.certificates`` showed it.
    Raises:
        NotFound: There is none, it was withdrawn, or nobody asked within ten minutes.
        Forbidden: ``role.own_account``.
        Refused: ``second.asked_by_you``: another person agrees.
    """
    account, row = _locked(binding, actor, expected_version)
    if asked.agree_by(row, now) is None:
        raise NotFound("object.not_found")
    if row.asked_by == UUID(actor.person_id):
        raise Refused("second.asked_by_you")
    row.confirmed_by, row.confirmed_at = UUID(actor.person_id), now
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    end_sessions(account, now)
    second = agreed(asked.WAITS, row.fingerprint, actor=actor, now=now)
    return _done("access.confirm_certificate", row, actor, now, *second)


@procedure("access.revoke_certificate", requires=SEATED, step_up=True)
def revoke_certificate(*, actor: Actor, now: datetime, certificate: UUID, reason: str, expected_version: str) -> Bound:
    """Revoke a certificate that was lost or replaced: one person is enough, sessions end with it. 吊销客户端证书。

    The account is asked for a certificate all the same, until two people bind another or lift it.

    Args:
        expected_version: Its version, as ``access.certificates`` showed it.
    Raises:
        NotFound: There is none in use.
        Forbidden: ``role.own_account``.
        Refused: ``certificate.revoked``: already.
    """
    account, row = _locked(certificate, actor, expected_version)
    if row.confirmed_at is None:
        raise NotFound("object.not_found")
    if row.revoked_at is not None:
        raise Refused("certificate.revoked")
    row.reason = paper.line(reason, "reason", REASON, required=True)
    row.revoked_by, row.revoked_at = UUID(actor.person_id), now
    row.save(update_fields=["reason", "revoked_by", "revoked_at"])
    end_sessions(account, now)
    return _done("access.revoke_certificate", row, actor, now)
