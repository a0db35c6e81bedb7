"""Names of keys, and how what holds them is written: whole, synced, for its owner alone."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from dingmi.base.errors import Unavailable
from dingmi.engines.crypto.signing import SigningKey

SLUGS: dict[str, str] = {
    "绝密": "juemi",
    "机密": "jimi",
    "秘密": "mimi",
    "内部": "internal",
    "普通商密": "trade",
    "核心商密": "trade-core",
}
STATE_SECRETS = ("juemi", "jimi", "mimi")
SIGNER = "checkpoint"
KEYSTORE = "keystore.json"
TOKEN = "token.json"


def closed() -> Unavailable:
    """Return the refusal of a place that nobody has opened."""
    return Unavailable("key.sealed")


def write_once(path: Path, text: str) -> None:
    """Create ``path`` with mode 0600; keep one that exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of ``path`` (mode 0600): a crash leaves the old file or the new one."""
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Have the names in a folder reach the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(path: Path) -> None:
    """Make a folder (mode 0700) and those above it that are missing, each to outlive a power cut."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    sync_folder(path.parent)


def publish(folder: Path, key: SigningKey) -> None:
    """Keep the public half of the signing key where it can be copied from."""
    write_once(folder / f"{SIGNER}.pub", base64.b64encode(key.public).decode("ascii"))


def numbered(slug: str, names: list[str]) -> list[str]:
    """Return which of ``names`` are keys of a level, oldest first."""
    numbered = [(int(n.removeprefix(f"{slug}-")), n) for n in names if n.removeprefix(f"{slug}-").isdecimal()]
    return [name for _, name in sorted(numbered)]
