"""SM4-GCM through ``cryptography``; the caller is responsible for never repeating a nonce under one key."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TAG_BYTES = 16


class NotAuthentic(Exception):
    """The tag does not match; no plaintext is released."""


def gcm_encrypt(key: bytes, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
    """Return ciphertext followed by the 16-byte tag; key 16 bytes, nonce 12 bytes, never used twice together."""
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    if aad:
        encryptor.authenticate_additional_data(aad)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def gcm_decrypt(key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """Return the plaintext after its tag has been checked.

    Raises:
        NotAuthentic: Key, nonce, data or associated data differ from what was sealed.
    """
    if len(sealed) < TAG_BYTES:
        raise NotAuthentic
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
    if aad:
        decryptor.authenticate_additional_data(aad)
    try:
        return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag:
        raise NotAuthentic from None


def block_encrypt(key: bytes, block: bytes) -> bytes:
    """Return one 16-byte block enciphered; only for the self-test."""
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()
