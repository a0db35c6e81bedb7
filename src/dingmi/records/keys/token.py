"""Keys in a PKCS#11 device: they are made there, wrap and unwrap there and cannot be read out of it.

``token.json`` in the key folder names the module and the token, no secret. A level key is an AES-256 key, the key of its fields
an HMAC key; both are sensitive and not extractable. The device of the tests offers AES, not SM4: a driver of an approved device
fills the same port with its own mechanisms. The key that signs is SM2, which the device lacks: it rests in ``checkpoint.sealed``
under a key of the device and is in memory while the keys are open.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dingmi.base.errors import Refused, Tampered, Unavailable
from dingmi.engines.crypto.digests import sm3
from dingmi.engines.crypto.keys import SLOT_EXTERNAL
from dingmi.engines.crypto.signing import SigningKey, decode_signing_key, encode_signing_key, generate_signing_key
from dingmi.records.keys.places import SIGNER, SLUGS, TOKEN, closed, numbered, publish, write_whole

SEALED_SIGNER = f"{SIGNER}.sealed"
NONCE_BYTES, TAG_BITS = 12, 128


@contextmanager
def _device() -> Iterator[Any]:
    """Yield the library; whatever a device raises is one of our refusals."""
    try:
        import pkcs11
    except ImportError:
        raise Unavailable("token.no_library") from None
    try:
        yield pkcs11
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange, pkcs11.exceptions.PinInvalid):
        raise Refused("token.wrong_pin") from None
    except pkcs11.exceptions.PinLocked:
        raise Refused("token.locked") from None
    except (pkcs11.exceptions.PKCS11Error, RuntimeError, OSError) as error:
        raise Unavailable("token.not_there", (), what=type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A level key in the device."""

    _custody: TokenCustody
    id: str
    slot: ClassVar[int] = SLOT_EXTERNAL

    def wrap(self, inner: bytes, header: bytes) -> bytes:
        """Return ``inner`` wrapped by the device for the container of ``header``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._custody.gcm("encrypt", self.id, nonce, inner, sm3(header) + self.id.encode())

    def unwrap(self, wrapped: bytes, header: bytes) -> bytes:
        """Return what was wrapped."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return self._custody.gcm("decrypt", self.id, nonce, sealed, sm3(header) + self.id.encode())


class TokenCustody:
    """The keys of one token; open while a session with its PIN is."""

    kind: ClassVar[str] = "token"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._session: Any = None
        self._signer: SigningKey | None = None
        self._lock = threading.RLock()

    @property
    def _named(self) -> dict[str, str]:
        try:
            return dict(json.loads((self._folder / TOKEN).read_bytes()))
        except (OSError, ValueError):
            raise Tampered("key.damaged", (), key=TOKEN) from None

    @property
    def is_software(self) -> bool:
        """A device counts as approved when its certificate was written down; a token in software has none."""
        return not self._named.get("approval")

    def is_open(self) -> bool:
        """Say whether a session is open."""
        return self._session is not None

    def ways(self) -> tuple[str, ...]:
        """Return ``pin``."""
        return ("pin",)

    def given(self) -> tuple[int, int]:
        """No shares."""
        return 0, 0

    def open(self, way: str, secret: str) -> None:
        """Open a session with the PIN.

        Raises:
            Refused: ``key.is_open``: the device tries no PIN while a session with it lasts; ``token.wrong_pin``.
        """
        if way not in ("pin", "passphrase"):
            raise Refused("key.other_way", (), ways="pin")
        with self._lock, _device() as pkcs11:
            if self._session is not None and self._answers():
                raise Refused("key.is_open")
            self._end()
            named = self._named
            token = pkcs11.lib(named["module"]).get_token(token_label=named["label"])
            self._session = token.open(user_pin=secret, rw=True)
            try:
                self._signer = self._unsealed_signer()
            except BaseException:
                self._end()
                raise

    def _answers(self) -> bool:
        try:
            with _device() as pkcs11:
                next(iter(self._session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY})), None)
        except Unavailable:
            return False
        return True

    def _end(self) -> None:
        """End the session, whatever the device says to that: it may be gone."""
        with suppress(Unavailable):
            self.close()

    def close(self) -> None:
        """End the session."""
        with self._lock, _device():
            session, self._session, self._signer = self._session, None, None
            if session is not None:
                session.close()

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys."""
        with self._lock, _device() as pkcs11:
            found = self._open_session().get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY})
            return numbered(slug, [key.label for key in found])

    def key(self, key_id: str) -> TokenKey:
        """Return a key of the device."""
        self._open_session()
        return TokenKey(self, key_id)

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return the key of a level's fields or index: the device's HMAC of its name."""
        with self._lock, _device() as pkcs11:
            key = self._found(f"{slug}-1 derive", pkcs11.KeyType.GENERIC_SECRET)
            derived: bytes = key.sign(f"dingmi {purpose}".encode(), mechanism=pkcs11.Mechanism.SHA256_HMAC)
            return derived

    def signer(self) -> SigningKey:
        """Return the key that signs."""
        if self._signer is None:
            raise closed()
        return self._signer

    def add(self, key_id: str) -> None:
        """Let the device make a key, and for the first of a level that of its fields."""
        with self._lock, _device() as pkcs11:
            session, is_first = self._open_session(), key_id.endswith("-1")
            hidden = {pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True}
            held = {k.label for k in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY})}
            if is_first and f"{key_id} derive" not in held:
                signs = hidden | {pkcs11.Attribute.SIGN: True}
                kind = pkcs11.KeyType.GENERIC_SECRET
                session.generate_key(kind, 256, label=f"{key_id} derive", store=True, template=signs)
            if key_id not in held:
                session.generate_key(pkcs11.KeyType.AES, 256, label=key_id, store=True, template=hidden)

    def gcm(self, what: str, name: str, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        """Let the device encrypt or decrypt under one of its keys.

        Raises:
            Tampered: ``cipher.not_authentic``: the device refuses what is given, whatever it calls that.
            Unavailable: It does not work: it encrypts nothing under this key either.
        """
        with self._lock, _device() as pkcs11:
            key = self._found(name, pkcs11.KeyType.AES)
            how = {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": pkcs11.GCMParams(nonce, aad, TAG_BITS)}
            try:
                made: bytes = getattr(key, what)(data, **how)
            except (pkcs11.exceptions.PKCS11Error, ValueError):
                if what == "encrypt":
                    raise
                self.gcm("encrypt", name, secrets.token_bytes(NONCE_BYTES), b"works", aad)
                raise Tampered("cipher.not_authentic") from None
            return made

    def _found(self, name: str, kind: Any) -> Any:
        with _device() as pkcs11:
            try:
                return self._open_session().get_key(key_type=kind, label=name)
            except pkcs11.exceptions.NoSuchKey:
                raise Unavailable("key.missing", (), key=name) from None

    def _open_session(self) -> Any:
        if self._session is None:
            raise closed()
        return self._session

    def found(self, pin: str) -> None:
        """Make the keys of a new installation in the device, once.

        Raises:
            Refused: ``token.used``: there are keys of an installation in it.
        """
        with self._lock, _device() as pkcs11:
            named = self._named
            self._session = (
                pkcs11.lib(named["module"]).get_token(token_label=named["label"]).open(user_pin=pin, rw=True)
            )
            if any(self.ids(slug) for slug in SLUGS.values()):
                raise Refused("token.used")
            for slug in SLUGS.values():
                self.add(f"{slug}-1")
            self.add(SIGNER)
            self._signer = generate_signing_key()
            nonce = secrets.token_bytes(NONCE_BYTES)
            text = encode_signing_key(self._signer).encode()
            write_whole(self._folder / SEALED_SIGNER, nonce + self.gcm("encrypt", SIGNER, nonce, text, b""))
            publish(self._folder, self._signer)

    def _unsealed_signer(self) -> SigningKey:
        try:
            sealed = (self._folder / SEALED_SIGNER).read_bytes()
        except OSError as error:
            raise Unavailable("key.missing", (), key=SEALED_SIGNER) from error
        text = self.gcm("decrypt", SIGNER, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], b"")
        return decode_signing_key(text.decode())
