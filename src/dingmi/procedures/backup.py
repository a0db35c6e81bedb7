"""The whole installation copied while it runs, encrypted and checked, and brought back into an empty place. 备份与恢复。

A backup is a folder: ``backup.json`` (in clear: how the passphrase becomes the key, nothing else), ``database.dmb1``,
``keys.dmb1`` and ``manifest.dmb1`` sealed under that key, and the stored files as they are, sealed under their levels. The
manifest names every file with its SM3, and the signed head of the log as it stood before.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from dingmi import __version__
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, Refused, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto import LevelKey
from dingmi.engines.crypto.passphrase import key_from_passphrase, parameters
from dingmi.procedures import dump
from dingmi.procedures.access import require_role_free
from dingmi.procedures.evidence import sign_log
from dingmi.procedures.frame import procedure
from dingmi.procedures.sessions import end_sessions
from dingmi.queries.verify import verify
from dingmi.records.keys.places import APART, apart
from dingmi.records.ledger.append import append, sequence_committed
from dingmi.records.ledger.models import Checkpoint
from dingmi.records.organs.models import Account
from dingmi.records.vault import shelves, store
from dingmi.records.vault.models import StoredObject

CLEAR, MANIFEST, DATABASE, KEYS, FILES = "backup.json", "manifest.dmb1", "database.dmb1", "keys.dmb1", "files"
DATABASE_FILE, CONFIGURATION = "dingmi.sqlite3", "dingmi.toml"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was read back and holds."""

    files: int
    log_size: int
    root: str
    sm3: str  # of the manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """An installation that was brought back and verified."""

    files: int
    entries: int
    root: str
    log_size: int  # of the signed head that the backup named


def _digest(path: Path) -> str:
    running = crypto.SM3()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            running.update(block)
    return running.digest().hex()


class _Sealer:
    """Seals the parts of one backup and remembers what opens them."""

    def __init__(self, folder: Path, key: LevelKey) -> None:
        self.folder, self.key, self.shreds = folder, key, dict[str, str]()

    def part(self, name: str, plain: Path | bytes) -> None:
        label, target = {"v": 1, "kind": "backup", "part": name}, self.folder / name
        if isinstance(plain, bytes):
            done = crypto.seal_file(plain, target, label=label, kek=self.key)
        else:
            with plain.open("rb") as source:
                done = crypto.seal_file(source, target, label=label, kek=self.key)
        self.shreds[name] = done.shred.hex()


def _snapshot(target: Path) -> None:
    """Copy the database as it stands at one moment, while acts go on."""
    connection.ensure_connection()
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if connection.vendor == "postgresql":
        dump.dump(target)
        return
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Unavailable("backup.database_damaged")
        copy.execute("PRAGMA journal_mode=DELETE")


def _copied_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Copy every stored file; yield its name and SM3."""
    for stored in StoredObject.objects.order_by("pk"):
        target = folder / FILES / stored.path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with store.at_hand(stored) as source:
                shutil.copyfile(source, target)
        except Unavailable as error:
            if stored.swept_at is None or error.code != "vault.file_missing":
                raise
            continue  # one destroyed since the snapshot still has its file, which the snapshot's row asks for
        target.chmod(0o600)
        yield f"{FILES}/{stored.path}", _digest(target)


def _key_files() -> bytes:
    keys = Path(settings.DINGMI_KEYS)
    beside = apart(keys)
    paths = [*keys.iterdir(), *(beside.iterdir() if beside.is_dir() else ())]
    held = {
        path.name if path.parent == keys else f"{APART}/{path.name}": base64.b64encode(path.read_bytes()).decode()
        for path in sorted(paths)
        if path.is_file()
    }
    return json.dumps(held).encode()


def _write(folder: Path, passphrase: str, now: datetime) -> BackedUp:
    head = sign_log(now)
    if head is None:
        raise Unavailable("ledger.empty")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = parameters()
    sealer = _Sealer(folder, key_from_passphrase(passphrase, kept, key_id="backup"))
    plain = Path(settings.DATA) / "backup.part"  # never in the clear on the medium, not even after a power cut
    plain.unlink(missing_ok=True)
    with store.held_still():
        try:
            _snapshot(plain)
            sealer.part(DATABASE, plain)
        finally:
            plain.unlink(missing_ok=True)
        files = dict(_copied_files(folder))
    sealer.part(KEYS, _key_files())  # last: a file may be under a key made meanwhile
    files |= {name: _digest(folder / name) for name in (DATABASE, KEYS)}
    configuration = Path(settings.DATA) / CONFIGURATION
    manifest = {
        "v": 1,
        "made_at": now.isoformat(),
        "version": __version__,
        "database": connection.vendor,
        "configuration": configuration.read_text(encoding="utf-8") if configuration.exists() else "",
        "note": head.note,
        "log_size": head.size,
        "root": bytes(head.root).hex(),
        "files": files,
    }
    sealer.part(MANIFEST, json.dumps(manifest, ensure_ascii=False).encode())
    clear = {"v": 1, "key": kept, "shreds": sealer.shreds}
    (folder / CLEAR).write_text(json.dumps(clear), encoding="ascii")
    (folder / CLEAR).chmod(0o600)
    read_back(folder, passphrase)
    return BackedUp(len(files), head.size, bytes(head.root).hex(), _digest(folder / MANIFEST))


class Backup:
    """A backup that was opened: every file it names is there and unchanged."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        """Open the manifest and compare every file with it.

        Raises:
            Invalid: ``backup.none``: there is no backup in the folder.
            Tampered: ``cipher.not_authentic`` for a wrong passphrase or an altered manifest; ``backup.file_changed``.
        """
        self.folder = folder
        try:
            clear = json.loads((folder / CLEAR).read_text(encoding="ascii"))
            self._shreds = {name: bytes.fromhex(value) for name, value in clear["shreds"].items()}
            kept = clear["key"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid("backup.none", (), folder=folder.name) from error
        self._key = key_from_passphrase(passphrase, kept, key_id="backup")
        self.manifest: dict[str, Any] = json.loads(self.bytes_of(MANIFEST))
        for name, digest in self.manifest["files"].items():
            if not (folder / name).is_file() or _digest(folder / name) != digest:
                raise Tampered("backup.file_changed", (), file=name)

    def _shred(self, name: str) -> bytes:
        return self._shreds.get(name, b"")

    def bytes_of(self, name: str) -> bytes:
        """Return one sealed part."""
        path = self.folder / name
        if not path.is_file():
            raise Tampered("backup.file_changed", (), file=name)
        data, label = crypto.open_bytes(path.read_bytes(), kek=self._key, shred=self._shred(name))
        if label.get("part") != name:
            raise Tampered("backup.file_changed", (), file=name)
        return data

    def open_to(self, name: str, target: Path) -> None:
        """Write one sealed part into a file."""
        crypto.open_file(self.folder / name, target, kek=self._key, shred=self._shred(name))


def read_back(folder: Path, passphrase: str) -> Backup:
    """Open a backup from disk and check every byte of it."""
    return Backup(folder, passphrase)


@procedure("keep.backup", requires=Role.SYSTEM_ADMIN, internal=True, step_up=True)
def _backup(*, actor: Actor, now: datetime, folder: Path, passphrase: str, prepared: dict[str, Any]) -> BackedUp:
    """Copy the installation, encrypted, and read the copy back. 备份。"""
    done: BackedUp = prepared["done"]
    data = {"sm3": done.sm3, "files": done.files, "log_size": done.log_size, "root": done.root}
    append(actor, "keep.backup", subject=("installation", "backup"), at=now, data=data)
    return done


@_backup.prepare
def _backing_up(*, actor: Actor, now: datetime, folder: Path, passphrase: str) -> dict[str, Any]:
    return {"done": _write(folder, passphrase, now)}


def backup(*, actor: Actor, now: datetime, folder: Path, passphrase: str) -> BackedUp:
    """Make a backup in ``folder``, which is empty or not there yet; nothing is left of one that fails.

    Raises:
        Refused: ``place.not_empty``.
    """
    _require_empty(folder)
    try:
        done: BackedUp = _backup(actor=actor, now=now, folder=folder, passphrase=passphrase)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return done


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("place.not_empty", (), folder=folder.name)


# --- bringing back ------------------------------------------------------------------------------------------------


def unpack(*, folder: Path, passphrase: str, place: Path) -> Backup:
    """Bring the files of a backup into ``place``, which is empty; nothing is left of one that fails.

    A backup of PostgreSQL fills the empty database that Django runs on. The installation may be used only after
    :func:`restored` has said so.

    Raises:
        Refused: ``place.not_empty``, ``backup.database_not_empty``; ``backup.other_database``: it was made of another kind.
    """
    _require_empty(place)
    opened = Backup(folder, passphrase)
    if opened.manifest.get("database", "sqlite") != connection.vendor:
        raise Refused("backup.other_database", (), made_of=opened.manifest.get("database", "sqlite"))
    if connection.vendor == "postgresql":
        dump.require_empty()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _unpacked(opened, place)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return opened


def _unpacked(opened: Backup, place: Path) -> None:
    place.chmod(0o700)
    keys = place / "keys"
    keys.mkdir(mode=0o700)
    for name, text in json.loads(opened.bytes_of(KEYS)).items():
        folder = apart(keys) if name.startswith(f"{APART}/") else keys
        folder.mkdir(mode=0o700, exist_ok=True)
        _put(folder / Path(name).name, base64.b64decode(text))
    configuration = shelves.at_home(opened.manifest["configuration"])
    if connection.vendor == "postgresql":
        configuration = dump.at_its_new_place(configuration)
    if configuration:
        _put(place / CONFIGURATION, configuration.encode())
    opened.open_to(DATABASE, place / DATABASE_FILE)
    for name in opened.manifest["files"]:
        if name.startswith(f"{FILES}/"):
            target = (place / "vault" / name.removeprefix(f"{FILES}/")).resolve()
            if not target.is_relative_to((place / "vault").resolve()):
                raise Tampered("backup.file_changed", (), file=Path(name).name)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(opened.folder / name, target)
            target.chmod(0o600)
    if connection.vendor == "postgresql":  # last: what failed before has left the database empty
        dump.load(place / DATABASE_FILE)
        (place / DATABASE_FILE).unlink()


def _put(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


@procedure("keep.restored", anyone=True, internal=True)
def _restored(*, actor: Actor, now: datetime, opened: Backup, entries: int, root: str) -> Restored:
    """End every session and token, and look at the separation of the three administrators again. 恢复。"""
    for account in Account.objects.select_related("person").order_by("pk"):
        end_sessions(account, now)
        require_role_free(account.person, account.admin_role)
    size, files = opened.manifest["log_size"], len(opened.manifest["files"])
    data = {"made_at": opened.manifest["made_at"], "log_size": size, "entries": entries, "root": root}
    append(actor, "keep.restored", subject=("installation", "backup"), at=now, data=data)
    return Restored(files, entries, root, size)


def restored(*, actor: Actor, now: datetime, opened: Backup) -> Restored:
    """Verify the installation just unpacked, which Django now runs on, and let it be used.

    Raises:
        Tampered: ``backup.not_whole``: the ledger, a row, a file or the signed head does not verify.
    """
    sequence_committed(wait=True)  # what was committed a moment before the copy was made has no place in it yet
    found = verify()
    head = Checkpoint.objects.filter(size=opened.manifest["log_size"]).first()
    if not found.ok or head is None or head.note != opened.manifest["note"]:
        faults = sorted({fault.kind for fault in found.findings}) or ["log.head"]
        raise Tampered("backup.not_whole", (), faults="、".join(faults))
    try:
        done: Restored = _restored(actor=actor, now=now, opened=opened, entries=found.entries, root=found.root)
    except Forbidden:
        raise Tampered("backup.not_whole", (), faults="administrators.separate") from None
    return done
