"""What may go wrong at a write point of an act: the process is killed, the power fails, the disk is full or read-only.

Write points are the statements that write, the moment before and after each commit, and every file opened for writing, synced,
renamed, truncated or removed. A power cut takes what has not reached the disk: of new files all that was not synced, of files
changed in place any blocks of it, of folders the names that were not, of the journal of the database any part of what came after
the last commit (at which SQLite syncs it itself, as it is configured to: ``test_site_settings.py``).
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
CHANGES = (*WRITES, "CREATE", "ALTER", "DROP")
FILE_EVENTS = ("os.rename", "os.remove", "os.truncate", "os.mkdir", "os.rmdir")
BLOCK = 512  # bytes that a disk writes at once


def written(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Return the path of what an audited event opens for writing, renames, truncates or removes; None for any other event."""
    if event == "open":
        path, _, flags = arguments
        return str(path) if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) else None
    return str(arguments[0]) if event in FILE_EVENTS else None


class Points:
    """Counts the write points that are met under ``place``; at number ``fatal`` the process is killed."""

    dies: ClassVar[bool] = True

    def __init__(self, place: str, fatal: int = 0, statements: tuple[str, ...] = WRITES) -> None:
        self.place, self.fatal, self.statements, self.met = place, fatal, statements, 0

    def meet(self, event: str, path: str = "") -> None:
        self.met += 1
        if self.fatal and self.met >= self.fatal:
            self.strike(event)

    def strike(self, event: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(self.statements):
            self.meet("statement")
        return execute(sql, params, many, context)

    def audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        path = written(event, arguments)
        if path is not None and path.startswith(self.place):
            self.meet(event, path)
            self.note(event, *(str(argument) for argument in arguments[:2]))

    def note(self, event: str, path: str, other: str) -> None:
        """Remember what is done to a file now."""

    def committed(self) -> None:
        """Remember that everything before has reached the disk, as far as it is the database's."""

    def synced(self, path: str) -> None:
        """Remember that a file or folder has reached the disk."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Meet the write points of what runs inside."""
        from django.db import connection

        commit = connection._commit

        def committed() -> Any:
            self.meet("commit")
            done = commit()
            self.committed()
            self.meet("committed")
            return done

        def synced(handle: Any) -> None:
            self.meet("sync")  # what the disk would keep is kept count of, so nothing has to reach it here
            self.synced(os.readlink(f"/proc/self/fd/{handle if isinstance(handle, int) else handle.fileno()}"))

        connection._commit, os.fsync = committed, synced
        sys.addaudithook(self.audited)
        with connection.execute_wrapper(self.statement):
            yield


def torn(before: bytes, now: bytes, chance: random.Random) -> bytes:
    """Return what a disk holds of ``now`` that had ``before``: some blocks of the one, some of the other."""
    left = bytearray(now)
    for start in range(0, len(left), BLOCK):
        old = before[start : start + BLOCK]
        if left[start : start + BLOCK] != old and chance.random() < 0.5:
            left[start : start + BLOCK] = old.ljust(len(left[start : start + BLOCK]), b"\0")
    return bytes(left)


class Power(Points):
    """The power fails at ``fatal``: what has not reached the disk is lost."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.loose: set[str] = set()  # files with contents that the disk does not have
        self.within: dict[str, bytes] = {}  # files that are changed in place, as the disk has them
        self.unnamed: dict[str, bytes | None] = {}  # names that the disk does not have, and what they stood for before
        self.is_over = False
        self.journal = Path(self.place) / "dingmi.sqlite3-wal"
        self.kept = b""
        self.committed()

    def note(self, event: str, path: str, other: str) -> None:
        if self.is_over:
            return
        if event == "open" and other.startswith("r+"):
            self.within.setdefault(path, Path(path).read_bytes())
        elif event == "open":
            self.loose.add(path)
            if not os.path.exists(path):
                self.unnamed[path] = None
        elif event == "os.mkdir":
            self.unnamed[path] = None
        elif event == "os.rename":
            self.unnamed[other] = Path(other).read_bytes() if os.path.isfile(other) else None
            if path in self.loose:
                self.loose.add(other)

    def synced(self, path: str) -> None:
        self.loose.discard(path)
        self.within.pop(path, None)
        for name in [name for name in self.unnamed if os.path.dirname(name) == path]:
            del self.unnamed[name]

    def committed(self) -> None:
        self.kept = self.journal.read_bytes() if self.journal.exists() else b""

    def strike(self, event: str) -> None:
        self.is_over, self.fatal = True, 0
        for path in self.loose:
            if os.path.isfile(path):
                os.truncate(path, 0)
        for path, before in self.within.items():
            if os.path.isfile(path):
                Path(path).write_bytes(torn(before, Path(path).read_bytes(), random.Random(self.met)))
        for name, before in self.unnamed.items():
            if before is not None:
                Path(name).write_bytes(before)
            elif os.path.isdir(name):
                shutil.rmtree(name)
            elif os.path.exists(name):
                os.remove(name)
        self._tear()
        os.kill(os.getpid(), signal.SIGKILL)

    def _tear(self) -> None:
        """Keep any part of what came into the journal after the last commit."""
        if not self.journal.exists():
            return
        chance = random.Random(self.met)
        now = self.journal.read_bytes()
        end = chance.choice([len(self.kept), len(now), chance.randint(min(len(self.kept), len(now)), len(now))])
        with open(self.journal, "r+b") as file:
            left = torn(self.kept, now[: max(end, len(self.kept))], chance)
            file.truncate(0)
            file.write(left)
        (self.journal.with_name("dingmi.sqlite3-shm")).unlink(missing_ok=True)


class Full(Points):
    """From ``fatal`` on the disk takes nothing more; what is removed or renamed needs no room."""

    dies = False
    number, words = errno.ENOSPC, "database or disk is full"
    stops: ClassVar[tuple[str, ...]] = ("open", "sync", "os.mkdir", "statement", "commit")

    def strike(self, event: str) -> None:
        from django.db import OperationalError

        if event in ("statement", "commit") and event in self.stops:
            raise OperationalError(self.words)
        if event in self.stops:
            raise OSError(self.number, os.strerror(self.number))


class ReadOnly(Full):
    """From ``fatal`` on the disk is read-only."""

    number, words = errno.EROFS, "attempt to write a readonly database"
    stops: ClassVar[tuple[str, ...]] = (*Full.stops, *FILE_EVENTS)


FAULTS: dict[str, type[Points]] = {"kill": Points, "power": Power, "full": Full, "read_only": ReadOnly}
