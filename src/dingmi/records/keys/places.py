"""Names of keys, which service holds which, and how what holds them is written: whole, synced, for its owner alone."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines.crypto.signing import SigningKey
from dingmi.records.keys.wire import SOCKET

SLUGS: dict[str, str] = {
    "绝密": "juemi",
    "机密": "jimi",
    "秘密": "mimi",
    "内部": "internal",
    "普通商密": "trade",
    "核心商密": "trade-core",
}
STATE_SECRETS = ("juemi", "jimi", "mimi")
APART = (
    "juemi"  # the level whose keys a service of its own holds: they never load where lower levels are served (SR-48)
)
SIGNER = "checkpoint"
KEYSTORE = "keystore.json"
TOKEN = "token.json"
WAIVER = "waiver.json"


@dataclass(frozen=True, slots=True)
class Part:
    """The keys of some levels: one custody, opened by itself, and one service that holds them.

    Attributes:
        name: Empty, or ``APART``; the first also holds the key that signs.
        slugs: Its levels.
        waiver: The declaration of test data, which stands for the whole installation.
    """

    name: str
    folder: Path
    slugs: tuple[str, ...]
    socket: Path
    waiver: Path


def apart(keys: Path) -> Path:
    """Return where the keys of ``APART`` rest, beside the key folder ``keys``: never in it."""
    return keys.with_name(f"{keys.name}-{APART}")


def socket_of(name: str) -> str:
    """Return the socket on which the service of a part is asked, in the data directory."""
    return f"keys-{name}.sock" if name else SOCKET


def has_own_user(folder: Path) -> bool:
    """Say whether a key folder is that of another user than the pages, whose service its group may ask (docs/services.md).

    Its set-group-id bit says so: what is made in it, the socket too, then belongs to that group.
    """
    try:
        return bool(folder.stat().st_mode & stat.S_ISGID)
    except OSError:
        return False


def socket_at(data: Path, name: str) -> Path:
    """Return where the service of a part is asked: in the data directory, or in its own folder, where another user runs it."""
    keys = data / "keys"
    held = apart(keys) if name else keys
    return held / SOCKET if has_own_user(held) else data / socket_of(name)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True  # in the folder of another service, where this one may not look


def parts(keys: Path) -> tuple[Part, ...]:
    """Return how the keys of an installation are divided; one part holds all while a keystore or device does."""
    beside, waiver = apart(keys), keys / WAIVER
    if not any(_is_there(beside / name) for name in (KEYSTORE, f"{APART}.key")):
        return (Part("", keys, tuple(SLUGS.values()), socket_at(keys.parent, ""), waiver),)
    others = tuple(slug for slug in SLUGS.values() if slug != APART)
    return (
        Part("", keys, others, socket_at(keys.parent, ""), waiver),
        Part(APART, beside, (APART,), socket_at(keys.parent, APART), waiver),
    )


def part(keys: Path, name: str) -> Part:
    """Return the part called ``name``.

    Raises:
        Invalid: ``key.not_apart``: the keys of ``APART`` rest with the others.
    """
    for one in parts(keys):
        if one.name == name:
            return one
    raise Invalid("key.not_apart")


def closed(slugs: tuple[str, ...] = ()) -> Unavailable:
    """Return the refusal of a place that nobody has opened; ``slugs`` are its levels where it does not hold all."""
    return Unavailable("key.sealed_apart" if slugs == (APART,) else "key.sealed")


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


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put ``data`` in the place of ``path``: a crash leaves the old file or the new one."""
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), mode)
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


def forget_file(path: Path) -> None:
    """Overwrite a key file before it goes; what the disk keeps of it besides is beyond a program."""
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def level_of(key_id: str) -> str:
    """Return the slug of the level whose key is called ``key_id``."""
    return key_id.rpartition("-")[0]


def numbered(slug: str, names: list[str]) -> list[str]:
    """Return which of ``names`` are keys of a level, oldest first."""
    numbered = [(int(n.removeprefix(f"{slug}-")), n) for n in names if n.removeprefix(f"{slug}-").isdecimal()]
    return [name for _, name in sorted(numbered)]
