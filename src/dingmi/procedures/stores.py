"""What a store that cannot be written is called: a full or read-only disk, a database that is away (SR-84)."""

from __future__ import annotations

import errno

from django.db import DatabaseError

from dingmi.base.errors import Unavailable

OF_FILES = {
    errno.ENOSPC: "store.full",
    errno.EDQUOT: "store.full",
    errno.EFBIG: "store.full",
    errno.EROFS: "store.read_only",
    errno.EIO: "store.broken",
}
OF_SQLITE = (
    ("disk is full", "store.full"),
    ("readonly database", "store.read_only"),
    ("disk I/O error", "store.broken"),
    ("unable to open database file", "store.broken"),
    ("database is locked", "store.busy"),
)
OF_POSTGRESQL = {  # by the first letters of the SQLSTATE, the longest first
    "53100": "store.full",
    "25006": "store.read_only",
    "57P": "store.away",
    "58": "store.broken",
    "08": "store.away",
}


def unwritable(error: OSError | DatabaseError) -> Unavailable | None:
    """Return the refusal that ``error`` means; None for what is a bug of the program and not the want of a store."""
    if isinstance(error, OSError):
        code = OF_FILES.get(error.errno or 0, "")
    else:
        state, said = getattr(error.__cause__, "sqlstate", None) or "", str(error)
        code = next((named for start, named in OF_POSTGRESQL.items() if state.startswith(start)), "")
        code = code or next((named for words, named in OF_SQLITE if words in said), "")
    return Unavailable(code) if code else None
