"""Level keys as values: generation and encoding only; where they are kept is the vault's business."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from dingmi.base.errors import Invalid, Tampered
from dingmi.engines.crypto.digests import hkdf_sm3, sm3
from dingmi.engines.crypto.hazmat.sm4 import NotAuthentic, gcm_decrypt, gcm_encrypt

SECRET_BYTES = 32
SALT_BYTES = 16
SLOT_LEVEL_KEY, SLOT_EXTERNAL = 1, 4


class WrappingKey(Protocol):
    """The port of level keys: what a container asks of one, wherever its secret is (a file, another process, a device)."""

    @property
    def id(self) -> str:
        """Its public name."""
        ...

    @property
    def slot(self) -> int:
        """The type of its slot: ``SLOT_LEVEL_KEY`` as docs/container.md says, ``SLOT_EXTERNAL`` in the device's own form."""
        ...

    def wrap(self, inner: bytes, header: bytes) -> bytes:
        """Return ``inner`` wrapped for the container of ``header``: nothing else opens it."""
        ...

    def unwrap(self, wrapped: bytes, header: bytes) -> bytes:
        """Return what :func:`wrap` took.

        Raises:
            Tampered: ``cipher.not_authentic`` for another key, another header or altered bytes.
        """
        ...


def once_key(secret: bytes, salt: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return a key and a nonce for exactly one message, because ``salt`` is random or the file's own id."""
    material = hkdf_sm3(secret, salt=salt, info=info, length=28)
    return material[:16], material[16:]


@dataclass(frozen=True, slots=True)
class LevelKey:
    """The key of one unit, level and epoch; ``id`` is public, ``secret`` (32 bytes) never printed."""

    id: str
    secret: bytes = field(repr=False)
    slot: ClassVar[int] = SLOT_LEVEL_KEY

    def __post_init__(self) -> None:
        if not (self.id and self.id.isascii() and len(self.id) <= 64 and len(self.secret) == SECRET_BYTES):
            raise Invalid("key.malformed")

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Return a key for one named purpose (``field``, ``index``, ``ledger`` …), independent of all others."""
        return hkdf_sm3(self.secret, salt=self.id.encode(), info=b"dingmi " + purpose.encode(), length=length)

    def wrap(self, inner: bytes, header: bytes) -> bytes:
        """Return ``inner`` wrapped for the container of ``header``."""
        salt = secrets.token_bytes(SALT_BYTES)
        key, nonce = once_key(self.secret, salt, b"dmb1 level wrap")
        return salt + gcm_encrypt(key, nonce, inner, sm3(header) + self.id.encode())

    def unwrap(self, wrapped: bytes, header: bytes) -> bytes:
        """Return what was wrapped; ``cipher.not_authentic`` for anything else."""
        key, nonce = once_key(self.secret, wrapped[:SALT_BYTES], b"dmb1 level wrap")
        try:
            return gcm_decrypt(key, nonce, wrapped[SALT_BYTES:], sm3(header) + self.id.encode())
        except NotAuthentic:
            raise Tampered("cipher.not_authentic") from None


def generate(key_id: str) -> LevelKey:
    """Return a fresh random key named ``key_id`` (ASCII, at most 64 characters)."""
    return LevelKey(key_id, secrets.token_bytes(SECRET_BYTES))


def encode(key: LevelKey) -> bytes:
    """Return the key as one JSON line; the caller writes it with mode 0600."""
    document = {"v": 1, "id": key.id, "alg": "SM4", "secret": base64.b64encode(key.secret).decode()}
    return json.dumps(document, sort_keys=True).encode() + b"\n"


def decode(data: bytes) -> LevelKey:
    """Return the key from :func:`encode`'s text.

    Raises:
        Invalid: ``key.malformed`` when it is anything else.
    """
    try:
        document = json.loads(data)
        if document["v"] != 1 or document["alg"] != "SM4":
            raise Invalid("key.malformed")
        return LevelKey(document["id"], base64.b64decode(document["secret"], validate=True))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise Invalid("key.malformed") from None
