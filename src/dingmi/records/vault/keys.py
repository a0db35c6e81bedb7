"""Level keys in the key folder, one file each, mode 0600, until key providers take over.

A level has a first key, from which the keys of its fields and its index come, and may have later ones (``jimi-2.key`` …): new
containers are sealed under the latest, ``dingmi rewrap`` brings older ones there.
"""

from __future__ import annotations

import base64
import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from dingmi.base.errors import Invalid, Tampered, Unavailable
from dingmi.engines.crypto.keys import LevelKey, decode, encode, generate
from dingmi.engines.crypto.signing import decode_signing_key, encode_signing_key, generate_signing_key

SLUGS: dict[str, str] = {
    "绝密": "juemi",
    "机密": "jimi",
    "秘密": "mimi",
    "内部": "internal",
    "普通商密": "trade",
    "核心商密": "trade-core",
}


def folder() -> Path:
    """Return the folder of the keys."""
    return Path(settings.DINGMI_KEYS)


def _write_once(path: Path, text: str) -> None:
    """Create ``path`` with mode 0600; keep one that exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def ensure() -> None:
    """Create the key folder and every key that is missing; existing keys are never touched."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    for level in SLUGS:
        add(level)
    _write_once(place / "ledger.key", secrets.token_hex(32))
    _write_once(place / "checkpoint.key", encode_signing_key(generate_signing_key()))
    public = decode_signing_key((place / "checkpoint.key").read_text(encoding="ascii")).public
    _write_once(place / "checkpoint.pub", base64.b64encode(public).decode("ascii"))
    _write_once(place / "session.key", secrets.token_urlsafe(48))


@lru_cache(maxsize=32)
def _read(path: Path, stamp: int) -> LevelKey:
    return decode(path.read_bytes())


def add(level: str) -> None:
    """Make the key of one level where there is none yet."""
    slug = SLUGS[level]
    _write_once(folder() / f"{slug}.key", encode(generate(f"{slug}-1")).decode("ascii").strip())


def level_key(level: str) -> LevelKey:
    """Return the first key of ``level`` (绝密 机密 秘密 内部 普通商密 核心商密): that of its fields.

    Raises:
        Unavailable: The key file is missing.
        Tampered: The file holds no key.
    """
    return _key_at(folder() / f"{SLUGS[level]}.key")


def _epochs(level: str) -> list[int]:
    slug = SLUGS[level]
    later = [path.stem.removeprefix(f"{slug}-") for path in folder().glob(f"{slug}-*.key")]
    return sorted([1, *(int(number) for number in later if number.isdecimal())])


def sealing_key(level: str) -> LevelKey:
    """Return the latest key of ``level``: that of new containers."""
    return named_key(level, f"{SLUGS[level]}-{_epochs(level)[-1]}")


def named_key(level: str, key_id: str) -> LevelKey:
    """Return the key of ``level`` that a container names.

    Raises:
        Tampered: ``cipher.not_authentic``: it names a key of another level.
        Unavailable: The key file is missing.
    """
    slug = SLUGS[level]
    if key_id == f"{slug}-1":
        return level_key(level)
    if key_id not in [f"{slug}-{epoch}" for epoch in _epochs(level)]:
        raise Tampered("cipher.not_authentic")
    return _key_at(folder() / f"{key_id}.key")


def next_id(level: str) -> str:
    """Return the name of the key that ``add_epoch`` would make."""
    return f"{SLUGS[level]}-{_epochs(level)[-1] + 1}"


def add_epoch(level: str, key_id: str) -> None:
    """Make the key ``key_id``, which becomes the sealing key of ``level``."""
    _write_once(folder() / f"{key_id}.key", encode(generate(key_id)).decode("ascii").strip())


def _key_at(path: Path) -> LevelKey:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise Unavailable("key.missing", (), key=path.name) from error
    except Invalid as error:
        raise Tampered("key.damaged", (), key=path.name) from error


def key(level: str, purpose: str) -> bytes:
    """Return the key of ``level`` derived for ``purpose`` (``field``, ``index``)."""
    return _derived(level_key(level), purpose)


@lru_cache(maxsize=64)
def _derived(key: LevelKey, purpose: str) -> bytes:
    return key.derive(purpose)
