"""The one door to SM4-GCM: libgcrypt where it is installed and answers rightly, else ``cryptography``.

A backend is used only after it has given the known answers. The caller is responsible for never repeating a nonce under
one key.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Protocol

from dingmi.engines.crypto.hazmat import gcrypt, portable

TAG_BYTES = 16


class NotAuthentic(Exception):
    """The tag does not match; no plaintext is released."""


class NoBackend(RuntimeError):
    """No backend gives the known answers."""


class Cipher(Protocol):
    """SM4-GCM under one key."""

    def encrypt(self, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes: ...

    def decrypt(self, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes | None: ...


class Backend(NamedTuple):
    """One implementation."""

    name: str
    gcm: Callable[[bytes], Cipher]
    block: Callable[[bytes, bytes], bytes]


BACKENDS = (
    Backend(gcrypt.NAME, gcrypt.Gcm, gcrypt.block),
    Backend(portable.NAME, portable.Gcm, portable.block),
)

_X = bytes.fromhex
_KEY = _X("0123456789abcdeffedcba9876543210")
_BLOCK = _X("681edf34d206965e86b3e94f536e4246")  # GB/T 32907-2016 A.1
# RFC 8998 A.1
_NONCE = _X("00001234567800000000abcd")
_AAD = _X("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_PLAIN = _X("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
_SEALED = _X(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)


def answers(backend: Backend) -> dict[str, bool]:
    """Return whether a backend gives each known answer; one that fails otherwise gives none."""
    try:
        cipher, bad = backend.gcm(_KEY), _SEALED[:-1] + bytes([_SEALED[-1] ^ 1])
        return {
            "SM4": backend.block(_KEY, _KEY) == _BLOCK,
            "SM4-GCM": cipher.encrypt(_NONCE, _PLAIN, _AAD) == _SEALED
            and cipher.decrypt(_NONCE, _SEALED, _AAD) == _PLAIN
            and cipher.decrypt(_NONCE, bad, _AAD) is None
            and cipher.decrypt(_NONCE, _SEALED, b"") is None,
        }
    except Exception:  # a missing library, one without the cipher, one that breaks: not this one
        return {"SM4": False, "SM4-GCM": False}


@cache
def backend() -> Backend:
    """Return the backend in use: the first of ``BACKENDS`` with every known answer.

    Raises:
        NoBackend: None has.
    """
    for candidate in BACKENDS:
        if all(answers(candidate).values()):
            return candidate
    raise NoBackend


def cipher(key: bytes) -> Cipher:
    """Return SM4-GCM under ``key`` (16 bytes), for many messages of one file."""
    return backend().gcm(key)


def gcm_encrypt(key: bytes, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
    """Return ciphertext followed by the 16-byte tag; key 16 bytes, nonce 12 bytes, never used twice together."""
    return cipher(key).encrypt(nonce, plain, aad)


def gcm_decrypt(key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """Return the plaintext after its tag has been checked.

    Raises:
        NotAuthentic: Key, nonce, data or associated data differ from what was sealed.
    """
    return checked(cipher(key), nonce, sealed, aad)


def checked(keyed: Cipher, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """Return the plaintext of one message under a keyed cipher, after its tag.

    Raises:
        NotAuthentic: As for :func:`gcm_decrypt`.
    """
    plain = keyed.decrypt(nonce, sealed, aad) if len(sealed) >= TAG_BYTES else None
    if plain is None:
        raise NotAuthentic
    return plain
