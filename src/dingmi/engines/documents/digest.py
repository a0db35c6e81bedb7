"""SM3 for content digests; engines stay apart, so this one function is here again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest of ``data``."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        running = hashes.Hash(hashes.SM3())
        running.update(data)
        return running.finalize()


def digest_of(pieces: Iterable[bytes]) -> str:
    """Return the hex digest of a sequence of byte strings, length-prefixed so that their borders count."""
    return sm3(b"".join(len(p).to_bytes(8, "big") + sm3(p) for p in pieces)).hex()
