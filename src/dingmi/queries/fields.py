"""Titles and texts under the field key of their level, bound to table, column and row."""

from __future__ import annotations

from dingmi.engines.crypto import decrypt_field, encrypt_field
from dingmi.records.keys import asking as keys


def encrypt(level: str, text: str, *, aad: str) -> bytes:
    """Return ``text`` enciphered under the key of ``level``; ``aad`` is ``<table>.<column>:<row id>``."""
    return encrypt_field(keys.key(level, "field"), text, aad.encode())


def decrypt(level: str, blob: bytes, *, aad: str) -> str:
    """Return the text of ``encrypt``; an empty column is empty text.

    Raises:
        Tampered: Another level, place or content.
    """
    sealed = bytes(blob)
    return decrypt_field(keys.key(level, "field"), sealed, aad.encode()) if sealed else ""
