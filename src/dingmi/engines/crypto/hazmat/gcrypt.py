"""SM4-GCM through the system's libgcrypt, five times as fast as the portable way where the processor has AES instructions.

Nothing is installed for it: where the library is missing, too old or refuses the cipher, ``load`` says so and the door
(``sm4``) goes on with the portable backend.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

NAME = "libgcrypt"
_SM4, _ECB, _GCM = 318, 1, 9
_DISABLE_SECURE_MEMORY, _INITIALIZED = 37, 38
_TAG = 16
_OLDEST = b"1.10.0"


class NoLibrary(Exception):
    """The library cannot be used here."""


@cache
def load() -> ctypes.CDLL:
    """Return the library, initialised.

    Raises:
        NoLibrary: It is not installed, older than 1.10, or will not start.
    """
    try:
        library = ctypes.CDLL(ctypes.util.find_library("gcrypt") or "libgcrypt.so.20")
    except OSError as error:
        raise NoLibrary from error
    library.gcry_check_version.restype = ctypes.c_char_p
    library.gcry_check_version.argtypes = [ctypes.c_char_p]
    if not library.gcry_check_version(_OLDEST):
        raise NoLibrary
    library.gcry_control(_DISABLE_SECURE_MEMORY, 0)
    library.gcry_control(_INITIALIZED, 0)
    handle, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
    library.gcry_cipher_open.argtypes = [ctypes.POINTER(handle), ctypes.c_int, ctypes.c_int, ctypes.c_uint]
    library.gcry_cipher_close.argtypes = [handle]
    library.gcry_cipher_close.restype = None
    for name in ("setkey", "setiv", "authenticate", "checktag"):
        getattr(library, f"gcry_cipher_{name}").argtypes = [handle, text, size]
    library.gcry_cipher_gettag.argtypes = [handle, ctypes.c_void_p, size]
    for name in ("encrypt", "decrypt"):
        getattr(library, f"gcry_cipher_{name}").argtypes = [handle, ctypes.c_void_p, size, text, size]
    return library


def _fresh(count: int) -> tuple[bytes, int]:
    """Return new bytes to be written before anyone else sees them, and their address: large chunks are not copied twice."""
    make = ctypes.pythonapi.PyBytes_FromStringAndSize
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_char_p, ctypes.c_ssize_t]
    made: bytes = make(None, count)
    address = ctypes.cast(ctypes.c_char_p(made), ctypes.c_void_p).value
    assert address is not None
    return made, address


class _Handle:
    """One keyed cipher of the library; used by one thread at a time."""

    def __init__(self, mode: int, key: bytes) -> None:
        self._handle = ctypes.c_void_p()
        self._library = load()
        self._must(self._library.gcry_cipher_open(ctypes.byref(self._handle), _SM4, mode, 0))
        self._must(self._library.gcry_cipher_setkey(self._handle, key, len(key)))

    def __del__(self) -> None:
        if self._handle:
            self._library.gcry_cipher_close(self._handle)

    @staticmethod
    def _must(code: int) -> None:
        if code:
            raise NoLibrary(code)


class Gcm(_Handle):
    """SM4-GCM under one key."""

    def __init__(self, key: bytes) -> None:
        super().__init__(_GCM, key)

    def _begin(self, nonce: bytes, aad: bytes) -> None:
        self._must(self._library.gcry_cipher_setiv(self._handle, nonce, len(nonce)))
        if aad:
            self._must(self._library.gcry_cipher_authenticate(self._handle, aad, len(aad)))

    def encrypt(self, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
        """Return ciphertext and tag."""
        self._begin(nonce, aad)
        made, address = _fresh(len(plain) + _TAG)
        self._must(self._library.gcry_cipher_encrypt(self._handle, address, len(plain), plain, len(plain)))
        self._must(self._library.gcry_cipher_gettag(self._handle, address + len(plain), _TAG))
        return made

    def decrypt(self, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes | None:
        """Return the plaintext, or None when the tag does not match."""
        self._begin(nonce, aad)
        count = len(sealed) - _TAG
        if not count:
            return b"" if not self._library.gcry_cipher_checktag(self._handle, sealed, _TAG) else None
        made, address = _fresh(count)
        self._must(self._library.gcry_cipher_decrypt(self._handle, address, count, sealed, count))
        good = not self._library.gcry_cipher_checktag(self._handle, sealed[count:], _TAG)
        return made if good else None


def block(key: bytes, data: bytes) -> bytes:
    """Return one 16-byte block enciphered; only for the self-test."""
    cipher = _Handle(_ECB, key)
    made, address = _fresh(len(data))
    cipher._must(cipher._library.gcry_cipher_encrypt(cipher._handle, address, len(data), data, len(data)))
    return made
