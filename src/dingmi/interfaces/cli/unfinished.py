"""A demonstration that was broken off while it was being filled is made anew: its story cannot be taken up in the middle."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

MARK = "demo.unfinished"
DATABASE = "dingmi.sqlite3"
MADE = (
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    "keys",
    "keys-juemi",
    "vault",
    "vault.lock",
    "founded",
    "demo-accounts.txt",
    MARK,
)


def hold(folder: Path) -> None:
    """Keep other processes from clearing the demonstration in ``folder`` until this one ends."""
    try:
        fcntl.flock(os.open(folder / MARK, os.O_RDONLY), fcntl.LOCK_SH)  # given back with the process
    except FileNotFoundError:
        return


def clear(folder: Path) -> bool:
    """Remove a demonstration whose story had begun and that no process fills or shows any more; tell whether it did.

    The configuration stays. What stands in a database server is not removed.
    """
    try:
        handle = os.open(folder / MARK, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        if not os.fstat(handle).st_size or not (folder / DATABASE).exists():
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for name in MADE:
            place = folder / name
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
