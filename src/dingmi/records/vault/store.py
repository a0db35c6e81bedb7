"""Sealed files below one root per level; bytes at rest are never plain."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from dingmi.base.errors import Tampered, Unavailable
from dingmi.engines.crypto import decrypt_field, encrypt_field, hmac_sm3, open_bytes, seal_bytes, sm3
from dingmi.records.ledger.guard import new_id
from dingmi.records.vault import keys
from dingmi.records.vault.models import StoredObject


def _root() -> Path:
    return Path(settings.DINGMI_VAULT)


def _aad(stored: StoredObject) -> bytes:
    return f"vault_storedobject.shred:{stored.pk}".encode()


def _write(path: Path, data: bytes) -> None:
    """Write ``data`` so that a crash leaves the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def put(level: str, data: bytes, *, kind: str, media: str, at: datetime) -> StoredObject:
    """Seal ``data`` under the key of ``level`` and return its saved row (an act must be open).

    The file is written first: if the act rolls back, the file is an orphan that ``sweep_orphans`` removes.

    Raises:
        Unavailable: Key or storage is not there.
    """
    kek, object_id = keys.level_key(level), new_id()
    label = {"v": 1, "id": str(object_id), "level": keys.SLUGS[level], "kind": kind, "media": media}
    container, sealed = seal_bytes(data, label=label, kek=kek)
    name = object_id.hex
    path = Path(keys.SLUGS[level]) / name[:2] / f"{name}.dmb1"
    try:
        _write(_root() / path, container)
    except OSError as error:
        raise Unavailable("vault.not_writable", (), level=keys.SLUGS[level]) from error
    stored = StoredObject(
        pk=object_id,
        level=level,
        kind=kind,
        media=media,
        size=len(data),
        path=path.as_posix(),
        fingerprint=hmac_sm3(kek.derive("index"), data).hex(),
        header_digest=sealed.header_digest.hex(),
        created_at=at,
    )
    stored.shred = encrypt_field(kek.derive("field"), sealed.shred.hex(), _aad(stored))
    stored.save(force_insert=True)
    return stored


def get(stored: StoredObject) -> bytes:
    """Return the plain bytes of a stored file.

    Raises:
        Unavailable: The file or the key is missing.
        Tampered: The file, its row or its level is not what was sealed.
    """
    kek = keys.level_key(stored.level)
    shred = bytes.fromhex(decrypt_field(kek.derive("field"), bytes(stored.shred), _aad(stored)))
    try:
        container = (_root() / stored.path).read_bytes()
    except OSError as error:
        raise Unavailable("vault.file_missing", (), object=str(stored.pk)) from error
    data, label = open_bytes(container, kek=kek, shred=shred)
    if header_digest(container) != stored.header_digest or label.get("id") != str(stored.pk):
        raise Tampered("cipher.not_authentic", (), object=str(stored.pk))
    return data


def header_digest(container: bytes) -> str:
    """Return the SM3 of a container's header, without any key."""
    length = int.from_bytes(container[:4], "big")
    return sm3(container[4 : 4 + length]).hex()


def file_digest(stored: StoredObject) -> str | None:
    """Return the header digest of the file on disk, or None when it is not there."""
    path = _root() / stored.path
    return header_digest(path.read_bytes()) if path.is_file() else None


def sweep_orphans(before: float) -> int:
    """Remove files without a row last written before ``before`` (POSIX seconds); return how many."""
    known = set(StoredObject.objects.values_list("path", flat=True))
    count = 0
    for path in sorted(_root().glob("*/*/*")):
        relative = path.relative_to(_root()).as_posix()
        if relative not in known and path.stat().st_mtime < before:
            path.unlink()
            count += 1
    return count
