"""The state of the installation, without a word of any matter; and ``verify`` for the administrators who may ask."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from pkgutil import iter_modules

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from dingmi import __version__
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.engines.crypto import cipher_in_use
from dingmi.queries import clock, installation, room
from dingmi.queries.registry import query
from dingmi.queries.room import Room
from dingmi.queries.verify import Verified
from dingmi.queries.verify import verify as verify_all
from dingmi.records.keys import asking as keys
from dingmi.records.keys.places import APART, KEYSTORE, SIGNER, TOKEN, apart, parts
from dingmi.records.ledger.models import Entry, Frontier
from dingmi.records.matters import row_security
from dingmi.records.vault import shelves
from dingmi.records.vault.models import StoredObject

LAST_OF_DAY = "keep.sweep_files"  # of the acts of a day
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


@dataclass(frozen=True, slots=True)
class Status:
    """What runs here and whether it can write.

    Attributes:
        entries: Entries of the ledger; ``placed`` of them stand in its tree.
        high_water: The latest time that the ledger has seen.
        is_clock_sound: Whether the system clock is not behind the ledger (SR-62).
        cipher: The library that enciphers: ``libgcrypt``, or the slower ``cryptography``.
        destroyed_files: Copies that a change of level left behind and whose secret was destroyed.
        missing_keys: Key files that are not there or are empty.
        room: How full the store of the ledger is (SR-46); None where nothing says how much it may hold.
        room_step: What that means: nothing, ``store.filling`` or ``store.no_room``.
        free_bytes: Free space where files are stored; None where a bucket holds them.
        pending_migrations: Changes of the database that were not applied.
        last_daily: When the acts of a day were last gone through; one that was refused does not keep the others.
        last_backup: When a backup was last made and read back.
        grade: The grade of protection that ``dingmi.toml`` states; empty where it states none.
        shortfalls: What the law of the day finds wanting in this system for the levels that it stores.
    """

    version: str
    profile: str
    database: str
    entries: int
    placed: int
    high_water: datetime | None
    is_clock_sound: bool
    cipher: str
    missing_keys: tuple[str, ...]
    stored_files: int
    destroyed_files: int
    room: Room | None
    room_step: str
    free_bytes: int | None
    pending_migrations: tuple[str, ...]
    last_daily: datetime | None
    last_backup: datetime | None
    grade: str
    shortfalls: tuple[Finding, ...]


def missing_keys() -> tuple[str, ...]:
    """Return the names of the key files that are not there or are empty."""
    missing: list[str] = []
    for part in parts(keys.folder()):
        files = (*map("{}.key".format, part.slugs), *(() if part.name else (f"{SIGNER}.key",)))
        wanted = next(((name,) for name in (KEYSTORE, TOKEN) if (part.folder / name).exists()), files)
        for path in (part.folder / name for name in (*wanted, *(() if part.name else ("ledger.key", "session.key")))):
            if not path.is_file() or not path.stat().st_size:
                missing.append(path.name)
    return tuple(missing)


def keys_together() -> tuple[Finding, ...]:
    """Return what lets the keys of the highest level rest with the others (SR-48): a keystore or device that holds all, files left."""
    place = keys.folder()
    if (left := sorted(place.glob(f"{APART}*.key"))) and apart(place).is_dir():
        return tuple(Finding("check.keys_left", "block", (), {"path": path.name}) for path in left)
    if len(parts(place)) > 1:
        return ()
    kind = next((name for name in (KEYSTORE, TOKEN) if (place / name).exists()), "")
    return (Finding("check.keys_together", "warn", (), {"path": kind or f"{APART}.key"}),)


def pending_migrations() -> tuple[str, ...]:
    """Return the changes of the database that were not applied, as ``app.name``; none of them is loaded to tell."""
    applied = MigrationRecorder(connection).applied_migrations()
    known = (
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([str(Path(app.path) / "migrations")])
        if not module.ispkg and module.name[0] not in "_~"
    )
    return tuple(f"{label}.{name}" for label, name in known if (label, name) not in applied)


def later_migrations() -> tuple[str, ...]:
    """Return the changes that a later program made in the database and this one does not know, as ``app.name`` (A11)."""
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {name for migration in disk.values() for name in migration.replaces} | set(disk)
    ours = {label for label, _ in disk}
    applied = MigrationRecorder(connection).applied_migrations()
    return tuple(f"{label}.{name}" for label, name in sorted(applied) if label in ours and (label, name) not in known)


def _free_bytes() -> int | None:
    if not shelves.are_folders(settings.DINGMI_SHELVES):
        return None
    place = settings.DINGMI_VAULT
    existing = next((p for p in (place, *place.parents) if p.exists()), place)
    return shutil.disk_usage(existing).free


def unguarded() -> tuple[Finding, ...]:
    """Return what keeps the row security of PostgreSQL from binding this installation; nothing on SQLite (SR-20)."""
    if connection.vendor != "postgresql":
        return ()
    found = []
    if role := row_security.passes_by():
        found.append(Finding("check.database_role", "block", (), {"role": role}))
    if tables := row_security.open_tables():
        found.append(Finding("check.row_security", "block", (), {"tables": "、".join(tables)}))
    return tuple(found)


def shelf_faults() -> tuple[Finding, ...]:
    """Return what is wrong with where files are stored, as ``dingmi.toml`` says it; nothing is connected to."""
    return shelves.faults(settings.DINGMI_SHELVES)


@query("status", roles=ADMINISTRATORS, recorded=False)
def status(*, actor: Actor, now: datetime) -> Status:
    """Version, database, ledger, clock, keys and space of this installation."""
    frontier = Frontier.objects.filter(pk=1).first()
    latest, full = clock.high_water(), room.room(now)
    return Status(
        version=__version__,
        profile=settings.DINGMI_PROFILE,
        database=connection.vendor,
        entries=Entry.objects.count(),
        placed=frontier.size if frontier else 0,
        high_water=latest,
        is_clock_sound=clock.behind(min(now, clock.now())) is None,  # a page asks at the ledger's time
        cipher=cipher_in_use(),
        missing_keys=missing_keys(),
        stored_files=StoredObject.objects.filter(swept_at__isnull=True).count(),
        destroyed_files=StoredObject.objects.filter(swept_at__isnull=False).count(),
        room=full,
        room_step="" if full is None else full.step(now.date()),
        free_bytes=_free_bytes(),
        pending_migrations=pending_migrations(),
        last_daily=_last(LAST_OF_DAY),
        last_backup=_last("keep.backup"),
        grade=installation.grade(),
        shortfalls=installation.shortfalls(now),
    )


def _last(act: str) -> datetime | None:
    """Return when an act was last performed."""
    found: datetime | None = Entry.objects.filter(act=act).order_by("-id").values_list("at", flat=True).first()
    return found


@query("verify", roles=(Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN))
def verify(*, actor: Actor, now: datetime) -> Verified:
    """Verify the ledger against its tree, rows against their entries, and stored files against their digests."""
    return verify_all()
