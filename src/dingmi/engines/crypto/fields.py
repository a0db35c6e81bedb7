"""Encryption of single values in the database, and the blind index over them."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from dingmi.base.errors import Tampered
from dingmi.engines.crypto.digests import hkdf_sm3, hmac_sm3
from dingmi.engines.crypto.hazmat.sm4 import NotAuthentic, gcm_decrypt, gcm_encrypt

TOKEN_BYTES = 8
_VERSION = b"\x01"
_SALT_BYTES = 16
_OVERHEAD = len(_VERSION) + _SALT_BYTES + 16


def _row_key(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    # A fresh key per value: no nonce can repeat however many values one level holds.
    material = hkdf_sm3(key, salt=salt, info=b"dingmi field v1", length=28)
    return material[:16], material[16:]


def encrypt_bytes(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """Return ``plain`` enciphered; ``aad`` names table, column and row, so a value cannot be moved."""
    salt = secrets.token_bytes(_SALT_BYTES)
    sm4_key, nonce = _row_key(key, salt)
    return _VERSION + salt + gcm_encrypt(sm4_key, nonce, plain, _VERSION + aad)


def encrypt_field(key: bytes, plaintext: str, aad: bytes) -> bytes:
    """Return ``plaintext`` enciphered, as :func:`encrypt_bytes` does."""
    return encrypt_bytes(key, plaintext.encode(), aad)


def decrypt_bytes(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return what :func:`encrypt_bytes` took.

    Raises:
        Tampered: ``cipher.not_authentic`` for another key, place or content.
    """
    sealed = bytes(sealed)
    if len(sealed) < _OVERHEAD or sealed[:1] != _VERSION:
        raise Tampered("cipher.not_authentic")
    sm4_key, nonce = _row_key(key, sealed[1 : 1 + _SALT_BYTES])
    try:
        return gcm_decrypt(sm4_key, nonce, sealed[1 + _SALT_BYTES :], _VERSION + aad)
    except NotAuthentic:
        raise Tampered("cipher.not_authentic") from None


def decrypt_field(key: bytes, sealed: bytes, aad: bytes) -> str:
    """Return the text of :func:`encrypt_field`.

    Raises:
        Tampered: As for :func:`decrypt_bytes`, and for what is no text.
    """
    try:
        return decrypt_bytes(key, sealed, aad).decode()
    except UnicodeDecodeError:
        raise Tampered("cipher.not_authentic") from None


def fold(text: str) -> str:
    """Return the searchable form: NFKC, casefolded, letters, digits and Han only; gaps become one space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def _bigrams(text: str) -> set[str]:
    # Han text is searched across punctuation and spaces as readers expect; so gaps are dropped, not kept.
    run = fold(text).replace(" ", "")
    return {run[i : i + 2] for i in range(len(run) - 1)}


def _tokens(key: bytes, grams: set[str]) -> set[bytes]:
    return {_token(key, gram) for gram in grams}


@lru_cache(maxsize=65_536)
def _token(key: bytes, gram: str) -> bytes:
    return hmac_sm3(key, b"dmbi1" + gram.encode())[:TOKEN_BYTES]


def blind_bigrams(key: bytes, text: str) -> set[bytes]:
    """Return the 8-byte index tokens of every pair of neighbouring characters in ``text``."""
    return _tokens(key, _bigrams(text))


def query_bigrams(key: bytes, query: str) -> set[bytes]:
    """Return the tokens that a row must all hold to be a candidate for ``query``; empty when one character or less.

    A candidate still has to be confirmed on the decrypted text with :func:`matches`.
    """
    return _tokens(key, _bigrams(query))


def matches(text: str, query: str) -> bool:
    """Say whether ``query`` (two characters or more after folding) stands in ``text``."""
    wanted = fold(query).replace(" ", "")
    return len(wanted) >= 2 and wanted in fold(text).replace(" ", "")
