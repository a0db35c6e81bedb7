"""SM4-GCM through ``cryptography``: always there, at the speed of plain C."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

NAME = "cryptography"
_TAG = 16


class Gcm:
    """SM4-GCM under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
        """Return ciphertext and tag."""
        encryptor = Cipher(self._key, modes.GCM(nonce)).encryptor()
        if aad:
            encryptor.authenticate_additional_data(aad)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes | None:
        """Return the plaintext, or None when the tag does not match."""
        decryptor = Cipher(self._key, modes.GCM(nonce, sealed[-_TAG:])).decryptor()
        if aad:
            decryptor.authenticate_additional_data(aad)
        try:
            return decryptor.update(sealed[:-_TAG]) + decryptor.finalize()
        except InvalidTag:
            return None


def block(key: bytes, data: bytes) -> bytes:
    """Return one 16-byte block enciphered; only for the self-test."""
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    return encryptor.update(data) + encryptor.finalize()
