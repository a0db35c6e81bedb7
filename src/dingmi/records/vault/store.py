"""Sealed files on the shelf of their level; bytes at rest are never plain."""

from __future__ import annotations

import fcntl
import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction

from dingmi.base.errors import Tampered, Unavailable
from dingmi.engines.crypto import (
    PENDING,
    decrypt_field,
    encrypt_field,
    hmac_sm3,
    key_ids,
    open_bytes,
    rewrap_file,
    seal_bytes,
    sm3,
)
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.records.keys import asking as keys
from dingmi.records.keys.places import SLUGS
from dingmi.records.ledger.guard import new_id, owe
from dingmi.records.vault.models import SealedFile, StoredObject
from dingmi.records.vault.shelves import Shelf, shelf

Kept = StoredObject | SealedFile


def _aad(kept: Kept) -> bytes:
    return f"{kept._meta.db_table}.shred:{kept.pk}".encode()


def wrap_secret(kept: Kept, shred: bytes) -> None:
    """Keep the shred secret of a container in its row, under the field key of its level."""
    kept.shred = encrypt_field(keys.key(kept.level, "field"), shred.hex(), _aad(kept))


def secret_of(kept: Kept) -> bytes:
    """Return the shred secret of a container.

    Raises:
        Tampered: The row was altered, or the secret was destroyed.
    """
    return bytes.fromhex(decrypt_field(keys.key(kept.level, "field"), bytes(kept.shred), _aad(kept)))


def shred(*kept: Kept) -> None:
    """Forget the secrets of containers, in their rows: no copy opens any more. The caller saves the rows.

    The database overwrites what it frees (``secure_delete``); its journal is cut once the act is committed.
    """
    for row in kept:
        row.shred = b""
    if connection.vendor == "sqlite":
        transaction.on_commit(_cut_journal)


def _cut_journal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def key_of(kept: Kept, path: Path, *, person: str = "") -> WrappingKey:
    """Return the key that the container at ``path`` is wrapped under.

    Args:
        person: Who wants to open it.

    Raises:
        Tampered: It is none of the keys of its level.
    """
    with path.open("rb") as file:
        return key_in(kept, file, person=person)


def key_in(kept: Kept, container: BinaryIO, *, person: str = "") -> WrappingKey:
    """Return the key that an open container, at its beginning, is wrapped under; refused as ``key_of`` is."""
    names = key_ids(container)
    return keys.named_key(kept.level, names[0] if names else "", person=person)


def put(level: str, data: bytes, *, kind: str, media: str, at: datetime) -> StoredObject:
    """Seal ``data`` under the key of ``level`` and return its saved row, which the act's next entry vouches for.

    The file is written first: if the act rolls back, the file is an orphan that ``sweep_orphans`` removes.

    Raises:
        Unavailable: Key or storage is not there.
    """
    kek, object_id = keys.sealing_key(level), new_id()
    label = {"v": 1, "id": str(object_id), "level": SLUGS[level], "kind": kind, "media": media}
    container, sealed = seal_bytes(data, label=label, kek=kek)
    name = object_id.hex
    path = f"{SLUGS[level]}/{name[:2]}/{name}.dmb1"
    try:
        shelf().write(path, container)
    except OSError as error:
        raise Unavailable("vault.not_writable", (), level=SLUGS[level]) from error
    stored = StoredObject(
        pk=object_id,
        level=level,
        kind=kind,
        media=media,
        size=len(data),
        path=path,
        fingerprint=fingerprint(level, data),
        header_digest=sealed.header_digest.hex(),
        created_at=at,
    )
    wrap_secret(stored, sealed.shred)
    stored.save(force_insert=True)
    owe(stored)
    return stored


def fingerprint(level: str, data: bytes) -> str:
    """Return the code (hex) of plain bytes stored at ``level``, keyed so that it discloses none."""
    return hmac_sm3(keys.key(level, "index"), data).hex()


def content_code(level: str, content_sm3: str) -> str:
    """Return the code (hex) under which a content without its mark is found again, keyed so that it discloses none.

    Args:
        content_sm3: Digest of the content (hex), as ``documents.content_sm3`` gives it.
    """
    return hmac_sm3(keys.key(level, "index"), b"content:" + bytes.fromhex(content_sm3)).hex()


def sketch_codes(level: str, sketch: Iterable[bytes]) -> set[bytes]:
    """Return the codes of a sketch (``suggest.copies``) at one level, keyed so that they disclose no text."""
    key = keys.key(level, "index")
    return {hmac_sm3(key, b"sketch:" + run)[:8] for run in sketch}


def get(stored: StoredObject) -> bytes:
    """Return the plain bytes of a stored file.

    Raises:
        Unavailable: The file or the key is missing.
        Tampered: The file, its row or its level is not what was sealed.
    """
    try:
        return _opened(stored)
    except Tampered:
        return _opened(stored)  # its head may have been in the middle of a change of key


@contextmanager
def at_hand(stored: StoredObject, *, to_change: bool = False) -> Iterator[Path]:
    """Let the container of a stored file be read at a path of this machine.

    Args:
        to_change: What is changed there is kept.

    Raises:
        Unavailable: ``vault.file_missing``, or its shelf is not there.
    """
    with ExitStack() as held:
        try:
            place = shelf()
            path: Path = held.enter_context(place.change(stored.path) if to_change else place.at(stored.path))
        except OSError as error:
            raise Unavailable("vault.file_missing", (), object=str(stored.pk)) from error
        yield path


def _opened(stored: StoredObject) -> bytes:
    shred = secret_of(stored)
    with at_hand(stored) as path:
        try:
            container = path.read_bytes()
        except OSError as error:
            raise Unavailable("vault.file_missing", (), object=str(stored.pk)) from error
    names = key_ids(io.BytesIO(container))
    kek = keys.named_key(stored.level, names[0] if names else "")
    data, label = open_bytes(container, kek=kek, shred=shred)
    if header_digest(container) != stored.header_digest or label.get("id") != str(stored.pk):
        raise Tampered("cipher.not_authentic", (), object=str(stored.pk))
    return data


def rewrap(stored: StoredObject) -> bool:
    """Bring a stored file under the latest key of its level; say whether it was under another one.

    Raises:
        Unavailable: The file or a key is missing.
        Tampered: The file, its row or its level is not what was sealed; it stays as it is.
    """
    newest = keys.sealing_key(stored.level)
    with at_hand(stored) as path:
        held = key_of(stored, path)
    if held.id == newest.id:
        return False
    with at_hand(stored, to_change=True) as path:
        rewrap_file(path, old=key_of(stored, path), new=newest, shred=secret_of(stored))
    return True


def header_digest(container: bytes) -> str:
    """Return the SM3 of a container's header, without any key."""
    length = int.from_bytes(container[:4], "big")
    return sm3(container[4 : 4 + length]).hex()


def file_digest(stored: StoredObject) -> str | None:
    """Return the header digest of the file as it is kept, or None when it is not there."""
    container = _kept(shelf(), stored)
    return None if container is None else header_digest(container)


def _kept(place: Shelf, stored: StoredObject) -> bytes | None:
    """Return the container as ``place`` keeps it, or None where it is not there."""
    try:
        with place.at(stored.path) as path:
            container: bytes = path.read_bytes()
    except FileNotFoundError:
        return None
    return container


def move(stored: StoredObject, source: Shelf, target: Shelf) -> bool:
    """Move a container to another shelf, and read it there before it leaves the first; say whether it was not there yet.

    Raises:
        Unavailable: ``vault.file_missing``: it is on neither; a shelf is not there.
        Tampered: It is not what was sealed; nothing is moved.
    """
    container, there = _kept(source, stored), _kept(target, stored)
    if there is None:
        if container is None:
            raise Unavailable("vault.file_missing", (), object=str(stored.pk))
        if header_digest(container) != stored.header_digest:
            raise Tampered("cipher.not_authentic", (), object=str(stored.pk))
        target.write(stored.path, container)
    if (header_digest(there) != stored.header_digest) if there is not None else (_kept(target, stored) != container):
        raise Tampered("cipher.not_authentic", (), object=str(stored.pk))
    if container is not None:
        source.remove(stored.path)
    return there is None


@contextmanager
def held_still(*, to_remove: bool = False) -> Iterator[bool]:
    """Keep the files of the vault from being removed while they are copied, here or in another process.

    Args:
        to_remove: Remove some, unless they are being copied just now: yields whether that may be.
    """
    with (Path(settings.DATA) / "vault.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB if to_remove else fcntl.LOCK_SH)
        except BlockingIOError:
            yield False
        else:
            yield True


def loose() -> tuple[str, ...]:
    """Return the files that no row names any more or yet; without its row's secret none of them opens."""
    known = set(StoredObject.objects.filter(swept_at__isnull=True).values_list("path", flat=True))
    return tuple(name for name, _ in shelf().names() if name.removesuffix(PENDING) not in known)


def sweep_orphans(before: float) -> int:
    """Remove files whose object was destroyed, and files without a row last written before ``before`` (POSIX seconds).

    Returns:
        How many; none while the files are being copied.
    """
    ended = dict(StoredObject.objects.values_list("path", "swept_at"))
    place, count = shelf(), 0
    with held_still(to_remove=True) as may_remove:
        for name, written_at in place.names() if may_remove else ():
            if name in ended and ended[name] is None:
                place.settle(name)
            elif name in ended or written_at < before:
                place.remove(name)
                count += 1
    return count
