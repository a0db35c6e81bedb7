"""Signed heads of the log: taken when entries have come since the last, with the key that names the log."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from dingmi.base.errors import Invalid, Tampered, Unavailable
from dingmi.engines.crypto.signing import (
    Head,
    SigningKey,
    decode_signing_key,
    origin_of,
    sign_decision,
    sign_head,
)
from dingmi.records.ledger.models import Checkpoint, Frontier
from dingmi.records.ledger.tree import root_of

LOCK = 0x64696E68


@lru_cache(maxsize=4)
def _read(path: Path, stamp: int) -> SigningKey:
    return decode_signing_key(path.read_text(encoding="ascii"))


def signing_key() -> SigningKey:
    """Return the key of the log.

    Raises:
        Unavailable: The key file is not there.
        Tampered: The file holds no key.
    """
    path = Path(settings.DINGMI_KEYS) / "checkpoint.key"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise Unavailable("key.missing", (), key=path.name) from error
    except Invalid as error:
        raise Tampered("key.damaged", (), key=path.name) from error


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
