"""SM2 signing keys as values, and the signed heads of a log: generation, text and check only; where they are kept is not here."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dingmi.base.errors import Invalid
from dingmi.engines.crypto.digests import sm3
from dingmi.engines.crypto.hazmat import sm2

ORIGIN = "dingmi-log/"
MARK = "dingmi-mark/"
EVIDENCE = "dingmi-evidence/"
DECISION = "dingmi-decision/"  # another identity than a log's head, so that one signature never stands for the other


class Signer(Protocol):
    """A key that signs, wherever its secret is."""

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """Return the signature of ``message`` for one use, named by ``identity``."""
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An SM2 key; ``id`` names it by its public half, ``secret`` (32 bytes) is never printed."""

    secret: bytes = field(repr=False)
    public: bytes

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the SM3 of the public key."""
        return key_id(self.public)

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """Return the signature of ``message`` (64 bytes) for one use, named by ``identity``."""
        return sm2.sign(self.secret, message, identity)


def key_id(public: bytes) -> str:
    """Return the name of a public key."""
    return sm3(public)[:8].hex()


def generate_signing_key() -> SigningKey:
    """Return a fresh SM2 key."""
    secret = sm2.generate()
    return SigningKey(secret, sm2.public_key(secret))


def encode_signing_key(key: SigningKey) -> str:
    """Return the key as one JSON line; the caller writes it with mode 0600."""
    return json.dumps({"v": 1, "alg": "SM2", "id": key.id, "secret": base64.b64encode(key.secret).decode()})


def decode_signing_key(text: str) -> SigningKey:
    """Return the key from :func:`encode_signing_key`'s text.

    Raises:
        Invalid: ``key.malformed`` when it is anything else.
    """
    try:
        document = json.loads(text)
        secret = base64.b64decode(document["secret"], validate=True)
        key = SigningKey(secret, sm2.public_key(secret))
        if (document["v"], document["alg"], document["id"]) != (1, "SM2", key.id):
            raise Invalid("key.malformed")
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise Invalid("key.malformed") from None
    return key


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a log at one size; ``origin`` pins the log to the key that signs it."""

    origin: str
    size: int
    root: bytes
    at: datetime

    @property
    def text(self) -> str:
        """The four lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{self.at.isoformat()}\n"


def origin_of(public: bytes) -> str:
    """Return the name of the log that a key signs."""
    return ORIGIN + key_id(public)


def sign_head(head: Head, key: Signer) -> bytes:
    """Return the signature of a log's head."""
    return key.sign(head.text.encode(), head.origin.encode())


def head_is_signed(text: str, signature: bytes, public: bytes) -> bool:
    """Say whether the key signed this head of its own log."""
    origin = origin_of(public)
    return text.startswith(origin + "\n") and sm2.verify(public, text.encode(), signature, origin.encode())


def read_head(text: str) -> Head:
    """Return the head that a note states; its signature is another question.

    Raises:
        Invalid: ``head.malformed``.
    """
    try:
        origin, size, root, at, end = text.split("\n")
        head = Head(origin, int(size), base64.b64decode(root, validate=True), datetime.fromisoformat(at))
    except (ValueError, binascii.Error):
        raise Invalid("head.malformed") from None
    if end or head.text != text or len(head.root) != 32:
        raise Invalid("head.malformed")
    return head


def sign_decision(key: Signer, person: str, digest: str) -> bytes:
    """Return the signature of what a person proposed or decided, by the digest of its canonical payload."""
    return key.sign(digest.encode(), (DECISION + person).encode())


def decision_is_signed(public: bytes, person: str, digest: str, signature: bytes) -> bool:
    """Say whether the installation signed this payload as that person's."""
    return sm2.verify(public, digest.encode(), signature, (DECISION + person).encode())


def sign_evidence(key: Signer, stream: str, size: int, entries: int, decided: str, attached: str) -> bytes:
    """Return the signature of what a package of evidence leaves out of no entry: how many there are, what was decided, attached.

    Args:
        stream: The stream of entries that is packed.
        size: The size of the log up to which they are all there.
        entries: How many they are.
        decided: SM3 of what was proposed and decided, hexadecimal.
        attached: SM3 of what is told of its attachments and their containers.
    """
    vouched = "".join(f"{line}\n" for line in (stream, size, entries, decided, attached))
    return key.sign(vouched.encode(), (EVIDENCE + stream).encode())


def sign_mark(key: Signer, name: str, statement: str) -> bytes:
    """Return the signature of what a mark states (``documents.Statement.text``) by the key of that name."""
    return key.sign(statement.encode(), (MARK + name).encode())


def mark_is_signed(public: bytes, statement: str, signature: str) -> bool:
    """Say whether this key signed the statement; ``signature`` is Base64."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return False
    return sm2.verify(public, statement.encode(), raw, (MARK + key_id(public)).encode())
