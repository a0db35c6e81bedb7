"""The file of a keystore: named secrets under a root key, which a passphrase or enough shares open. docs/keys.md has every field.

The root key (32 random bytes) encrypts the content; it stands in the file only wrapped: under the key of a passphrase
(Argon2id), under the secret that shares give back, or both. Everything in clear is associated data of the content, so a
changed parameter is found once the root is there; a checksum without a key finds accidents before.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dingmi.base.errors import Invalid, Refused, Tampered
from dingmi.engines.crypto.canonical import canonical
from dingmi.engines.crypto.digests import equal, sm3
from dingmi.engines.crypto.hazmat.sm4 import NotAuthentic, gcm_decrypt, gcm_encrypt
from dingmi.engines.crypto.keys import SALT_BYTES, once_key
from dingmi.engines.crypto.passphrase import DEFAULT, Cost, key_from_passphrase, parameters
from dingmi.engines.crypto.shares import Share, commitment, split

FORMAT = "dingmi-keystore"
ROOT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keystore:
    """A keystore file as a value; it opens with a root key, and a root key comes from a passphrase or shares."""

    passphrase: Mapping[str, Any] | None
    shares: Mapping[str, Any] | None
    sealed: bytes = field(repr=False)

    @property
    def clear(self) -> dict[str, Any]:
        """What stands in clear and is bound to the content."""
        return {
            "format": FORMAT,
            "v": 1,
            "passphrase": dict(self.passphrase) if self.passphrase else None,
            "shares": dict(self.shares) if self.shares else None,
        }

    @property
    def text(self) -> bytes:
        """The file: one JSON document with a checksum."""
        document = self.clear | {"content": base64.b64encode(self.sealed).decode()}
        document["checksum"] = sm3(canonical(document).encode()).hex()
        return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"

    def root_from_passphrase(self, passphrase: str) -> bytes:
        """Return the root key.

        Raises:
            Refused: ``keystore.wrong_passphrase``; ``keystore.no_passphrase``: only shares open it.
        """
        if self.passphrase is None:
            raise Refused("keystore.no_passphrase")
        key = key_from_passphrase(passphrase, dict(self.passphrase), key_id=FORMAT)
        try:
            return _opened(key.secret, self.passphrase["wrapped"], b"passphrase")
        except NotAuthentic:
            raise Refused("keystore.wrong_passphrase") from None

    def root_from_shares(self, secret: bytes) -> bytes:
        """Return the root key from what the shares gave back.

        Raises:
            Refused: ``keystore.other_shares``: they are of an earlier set, or of another keystore.
        """
        if self.shares is None or self.shares["commitment"] != commitment(secret).hex():
            raise Refused("keystore.other_shares")
        try:
            return _opened(secret, self.shares["wrapped"], b"shares")
        except NotAuthentic:
            raise Refused("keystore.other_shares") from None

    def content(self, root: bytes) -> dict[str, str]:
        """Return the named secrets.

        Raises:
            Tampered: ``keystore.altered``: the root is right or wrong, but this is not what was written under it.
        """
        try:
            plain = _unsealed(root, self.sealed, b"content" + canonical(self.clear).encode())
            held = json.loads(plain)
        except (NotAuthentic, ValueError):
            raise Tampered("keystore.altered") from None
        return {str(name): str(value) for name, value in held.items()}

    def holding(self, root: bytes, content: Mapping[str, str]) -> Keystore:
        """Return this keystore with another content, sealed anew."""
        aad = b"content" + canonical(self.clear).encode()
        return replace(self, sealed=_sealed(root, json.dumps(dict(content)).encode(), aad))

    def with_passphrase(self, root: bytes, passphrase: str, cost: Cost = DEFAULT) -> Keystore:
        """Return this keystore opened by another passphrase; the one before opens it no longer."""
        kept, content = parameters(cost), self.content(root)
        key = key_from_passphrase(passphrase, kept, key_id=FORMAT)
        wrapped = base64.b64encode(_sealed(key.secret, root, b"passphrase")).decode()
        return replace(self, passphrase={**kept, "wrapped": wrapped}).holding(root, content)

    def with_shares(
        self, root: bytes, *, need: int, of: int, keeps_passphrase: bool
    ) -> tuple[Keystore, tuple[Share, ...]]:
        """Return this keystore opened by a new set of shares, and the shares; those before open it no longer.

        Args:
            keeps_passphrase: False: from now on only shares open it.
        """
        secret, content = secrets.token_bytes(ROOT_BYTES), self.content(root)
        made = split(secret, need=need, of=of)
        kept = {
            "set": made[0].set.hex(),
            "need": need,
            "of": of,
            "commitment": commitment(secret).hex(),
            "wrapped": base64.b64encode(_sealed(secret, root, b"shares")).decode(),
        }
        passphrase = self.passphrase if keeps_passphrase else None
        return replace(self, shares=kept, passphrase=passphrase).holding(root, content), made


def created(content: Mapping[str, str], passphrase: str, cost: Cost = DEFAULT) -> Keystore:
    """Return a fresh keystore that a passphrase opens."""
    root = secrets.token_bytes(ROOT_BYTES)
    return Keystore(None, None, b"").holding(root, content).with_passphrase(root, passphrase, cost)


def read(text: bytes) -> Keystore:
    """Return the keystore that a file holds.

    Raises:
        Tampered: ``keystore.damaged``: it is no keystore, or a byte of it changed.
    """
    try:
        document = json.loads(text)
        checksum = document.pop("checksum")
        found = Keystore(document["passphrase"], document["shares"], base64.b64decode(document["content"]))
        honest = equal(sm3(canonical(document).encode()), bytes.fromhex(checksum))
        if not honest or found.clear != {name: document[name] for name in found.clear}:
            raise Tampered("keystore.damaged")
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, Invalid):
        raise Tampered("keystore.damaged") from None
    return found


def _sealed(secret: bytes, plain: bytes, aad: bytes) -> bytes:
    salt = secrets.token_bytes(SALT_BYTES)
    return salt + gcm_encrypt(*once_key(secret, salt, b"dingmi keystore"), plain, aad)


def _unsealed(secret: bytes, sealed: bytes, aad: bytes) -> bytes:
    return gcm_decrypt(*once_key(secret, sealed[:SALT_BYTES], b"dingmi keystore"), sealed[SALT_BYTES:], aad)


def _opened(secret: bytes, wrapped: str, aad: bytes) -> bytes:
    try:
        return _unsealed(secret, base64.b64decode(wrapped), aad)
    except (binascii.Error, TypeError):
        raise NotAuthentic from None
