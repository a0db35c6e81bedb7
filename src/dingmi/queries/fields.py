"""Titles and texts under the field key of their level, bound to table, column and row."""

from __future__ import annotations

from collections.abc import Callable

from dingmi.engines.crypto import decrypt_bytes, decrypt_field, encrypt_bytes, encrypt_field
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


def is_away(level: str) -> bool:
    """Say whether the keys of ``level`` rest apart and are closed; the other levels go on."""
    return keys.is_away(level)


def encrypt_data(level: str, data: bytes, *, aad: str) -> bytes:
    """Return ``data`` enciphered as :func:`encrypt` does a text."""
    return encrypt_bytes(keys.key(level, "field"), data, aad.encode())


def opener(level: str) -> Callable[[bytes, str], bytes]:
    """Return what opens many values of :func:`encrypt_data` under ``level``, each with its ``aad``: the key is asked for once.

    It raises:
        Tampered: Another level, place or content.
    """
    key = keys.key(level, "field")
    return lambda blob, aad: decrypt_bytes(key, blob, aad.encode())
