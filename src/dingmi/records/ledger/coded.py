"""The key of the entries' codes: what only the installation can write, and a writer in its database cannot."""

from __future__ import annotations

import hmac
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from dingmi.base.errors import Unavailable


@lru_cache(maxsize=4)
def _key_at(path: Path, stamp: int) -> bytes:
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def ledger_key() -> bytes:
    """Return the key of the entries' codes.

    Raises:
        Unavailable: The key file is not there; nothing can be written.
    """
    path = Path(settings.DINGMI_KEYS) / "ledger.key"
    try:
        return _key_at(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise Unavailable("key.missing", (), key="ledger") from error


def code_of(leaf: bytes) -> bytes:
    """Return the code of an entry: HMAC-SM3 of its leaf."""
    return hmac.digest(ledger_key(), leaf, "sm3")


def keyed_digest(text: str) -> str:
    """Return HMAC-SM3 of ``text`` under the ledger key, for values too easy to guess for a plain digest."""
    return hmac.new(ledger_key(), text.encode("utf-8"), "sm3").hexdigest()
