"""Level keys as values: generation and encoding only; where they are kept is the vault's business."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field

from dingmi.base.errors import Invalid
from dingmi.engines.crypto.digests import hkdf_sm3

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class LevelKey:
    """The key of one unit, level and epoch; ``id`` is public, ``secret`` (32 bytes) never printed."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not (self.id and self.id.isascii() and len(self.id) <= 64 and len(self.secret) == SECRET_BYTES):
            raise Invalid("key.malformed")

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Return a key for one named purpose (``field``, ``index``, ``ledger`` …), independent of all others."""
        return hkdf_sm3(self.secret, salt=self.id.encode(), info=b"dingmi " + purpose.encode(), length=length)


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
