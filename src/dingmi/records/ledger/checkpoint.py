"""Signed heads of the log: taken when entries have come since the last, with the key that names the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from dingmi.engines.crypto.signing import (
    Head,
    key_id,
    origin_of,
    sign_decision,
    sign_head,
)
from dingmi.records.keys.asking import ring
from dingmi.records.ledger.models import Checkpoint, Frontier
from dingmi.records.ledger.tree import root_of

LOCK = 0x64696E68


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key of the log, which signs where the keys are."""

    public: bytes

    @property
    def id(self) -> str:
        """Its name."""
        return key_id(self.public)

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """Return the signature of ``message`` for one use."""
        return ring().sign(message, identity)


def signing_key() -> LogKey:
    """Return the key of the log.

    Raises:
        Unavailable: It is not there, or the keys are closed.
        Tampered: What is there is no key.
    """
    return LogKey(ring().public())


def take_checkpoint(now: datetime) -> Checkpoint | None:
    """Sign the head of the log unless the last checkpoint is of the same size; return the latest, None for an empty log."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last: Checkpoint | None = Checkpoint.objects.order_by("-size").first()
        frontier = Frontier.objects.filter(pk=1).first()
        if frontier is None or (last is not None and last.size == frontier.size):
            return last
        key, root = signing_key(), root_of(bytes(frontier.hashes))
        head = Head(origin_of(key.public), frontier.size, root, now.astimezone(UTC).replace(microsecond=0))
        made: Checkpoint = Checkpoint.objects.create(
            size=head.size, root=root, note=head.text, signature=sign_head(head, key), key_id=key.id, at=now
        )
        return made


def signature_for(person: object, digest: str) -> bytes:
    """Return the installation's signature of what a person proposed or decided; of the clock's acts, an empty person."""
    return sign_decision(signing_key(), str(person or ""), digest)
