"""客户端证书 as a second factor: which account takes which, whether the one that came with a request is right (SR-03)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from dingmi.base.actor import Actor
from dingmi.queries import clock
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.rows import capped
from dingmi.queries.seats import SEATED, is_withdrawn
from dingmi.records.organs.models import Account, Certificate, Person

WAITS = "certificate.waits"


@dataclass(frozen=True, slots=True)
class Presented:
    """The certificate that the trusted gateway checked on the connection of a request: its SM3, and when it holds."""

    fingerprint: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One certificate of an account: whose, what it says of itself, how it stands, and who waits for another's agreement."""

    id: UUID
    username: str
    name: str
    department: str
    subject: str
    issuer: str
    serial: str
    fingerprint: str
    until: datetime
    state: str  # asked / in_use / expired / revoked
    asked_by: str
    agree_by: datetime | None
    version: str


def is_demanded() -> bool:
    """Tell whether policy demands a certificate of everyone."""
    return bool(settings.DINGMI_SECOND_FACTOR == "certificate")


def held(account: UUID) -> list[Certificate]:
    """Return the certificates by which ``account`` is to sign in, those that hold no more too: only two people lift that."""
    rows = Certificate.objects.filter(account_id=account, confirmed_at__isnull=False, ended_at__isnull=True)
    return list(rows.order_by("confirmed_at", "pk"))


def is_in_use(account: UUID, now: datetime) -> bool:
    """Tell whether ``account`` has a certificate that holds."""
    return any(state_of(row, now) == "in_use" for row in held(account))


def state_of(row: Certificate, now: datetime) -> str:
    """Return how a certificate stands at an instant."""
    if row.revoked_at is not None:
        return "revoked"
    if row.confirmed_at is None:
        return "asked"
    return "in_use" if row.since <= now <= row.until else "expired"


def fault(rows: Iterable[Certificate], presented: Presented | None, now: datetime) -> str:
    """Return the code of what is wrong with the certificate that came, empty for one of ``rows`` that holds."""
    if presented is None:
        return "certificate.needed"
    mine = next((row for row in rows if row.fingerprint == presented.fingerprint), None)
    if mine is None:
        return "certificate.not_yours"
    if mine.revoked_at is not None:
        return "certificate.revoked"
    return "" if mine.since <= now <= mine.until else "certificate.expired"


def without(accounts: QuerySet[Account]) -> int:
    """Count the accounts that are asked for no certificate."""
    asked = Certificate.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True).values("account")
    return capped(accounts.exclude(pk__in=asked))


def agree_by(row: Certificate, now: datetime) -> datetime | None:
    """Return until when a second person may agree to put ``row`` in use; nothing once that is over or withdrawn."""
    until: datetime = row.asked_at + clock.SEAT
    waits = row.confirmed_at is None and row.ended_at is None and now <= until
    return until if waits and not is_withdrawn(row.pk) else None


def lines(rows: Iterable[Certificate], now: datetime) -> tuple[CertificateLine, ...]:
    """Return ``rows`` as people see them; what nobody agreed to in time is left out."""
    kept = [row for row in rows if row.confirmed_at is not None or agree_by(row, now) is not None]
    names = dict(Person.objects.filter(pk__in=[row.asked_by for row in kept]).values_list("pk", "name"))
    made = []
    for row in kept:
        person, until = row.account.person, agree_by(row, now)
        made.append(
            CertificateLine(
                id=row.pk,
                username=row.account.username,
                name=person.name,
                department=person.department.name if person.department else "",
                subject=row.subject,
                issuer=row.issuer,
                serial=row.serial,
                fingerprint=row.fingerprint,
                until=row.until,
                state=state_of(row, now),
                asked_by=names.get(row.asked_by, "") if until else "",
                agree_by=until,
                version=version_of(row),
            )
        )
    return tuple(sorted(made, key=lambda line: line.agree_by is None))


@query("access.certificates", roles=SEATED, recorded=False)
def certificates(*, actor: Actor, now: datetime) -> tuple[CertificateLine, ...]:
    """Certificates by which accounts sign in, those that wait for a second person first. 客户端证书绑定情况。"""
    rows = Certificate.objects.filter(ended_at__isnull=True).select_related("account__person__department")
    return lines(rows.order_by("account__person__staff_no", "asked_at", "pk"), now)


@query("access.own_certificates", recorded=False)
def own_certificates(*, actor: Actor, now: datetime) -> tuple[CertificateLine, ...]:
    """The certificates of the reader's own account. 本人的客户端证书。"""
    rows = Certificate.objects.filter(account_id=actor.account_id, confirmed_at__isnull=False, ended_at__isnull=True)
    return lines(rows.select_related("account__person__department").order_by("confirmed_at", "pk"), now)
