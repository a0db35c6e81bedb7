"""SM3, HMAC-SM3 and HKDF-SM3 (GB/T 32905, RFC 2104, RFC 5869)."""

from __future__ import annotations

import hashlib
import hmac as _hmac
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.hazmat.primitives import hashes

DIGEST_BYTES = 32
BLOCK_BYTES = 64
_IPAD = bytes(x ^ 0x36 for x in range(256))
_OPAD = bytes(x ^ 0x5C for x in range(256))
_HASHLIB = "sm3" in hashlib.algorithms_available


def _hashlib_works() -> bool:
    """Some OpenSSL builds list SM3 but refuse it (FIPS providers)."""
    try:
        hashlib.new("sm3", b"")
    except ValueError:
        return False
    return True


class SM3:
    """A running SM3 digest: ``update`` then ``digest``."""

    def __init__(self, data: bytes = b"") -> None:
        self._impl = hashlib.new("sm3") if _HASHLIB else hashes.Hash(hashes.SM3())
        self.update(data)

    def update(self, data: bytes) -> None:
        """Take more bytes in."""
        self._impl.update(data)

    def digest(self) -> bytes:
        """Return the 32-byte digest; the running state goes on."""
        if isinstance(self._impl, hashes.Hash):
            return self._impl.copy().finalize()
        return self._impl.digest()


def _sm3_portable(data: bytes) -> bytes:
    running = hashes.Hash(hashes.SM3())
    running.update(data)
    return running.finalize()


def _sm3_hashlib(data: bytes) -> bytes:
    running = _EMPTY.copy()  # sooner than looking the algorithm up again
    running.update(data)
    digest: bytes = running.digest()
    return digest


_HASHLIB = _HASHLIB and _hashlib_works()
_EMPTY: Any = hashlib.new("sm3") if _HASHLIB else None
sm3 = _sm3_hashlib if _HASHLIB else _sm3_portable


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SM3 (32 bytes) of ``data``."""
    if len(key) > BLOCK_BYTES:
        key = sm3(key)
    key = key.ljust(BLOCK_BYTES, b"\0")
    return sm3(key.translate(_OPAD) + sm3(key.translate(_IPAD) + data))


def keyed_sm3(key: bytes) -> Callable[[bytes], bytes]:
    """Return HMAC-SM3 under one key, for many short values: the two blocks of the key are digested once."""
    if not _HASHLIB or len(key) > BLOCK_BYTES:
        return partial(hmac_sm3, key)
    key = key.ljust(BLOCK_BYTES, b"\0")
    inner, outer = hashlib.new("sm3", key.translate(_IPAD)), hashlib.new("sm3", key.translate(_OPAD))

    def tag(data: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(data)
        second.update(first.digest())
        return second.digest()

    return tag


def hkdf_sm3(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """Derive ``length`` bytes (at most 8160) from ``secret`` as RFC 5869 says, with SM3."""
    if not 0 < length <= 255 * DIGEST_BYTES:
        raise ValueError("length")
    prk = hmac_sm3(salt or bytes(DIGEST_BYTES), secret)
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac_sm3(prk, block + info + bytes([counter]))
        out += block
        counter += 1
    return out[:length]


def equal(a: bytes, b: bytes) -> bool:
    """Compare two byte strings in constant time."""
    return _hmac.compare_digest(a, b)
