"""A secret split so that k of n people together have it and fewer know nothing: Shamir over GF(2⁸), as text with checks.

A share is printed and typed, so it says what is wrong with it: which share is damaged, that it belongs to another set, that it
was given twice. Every byte of the secret has a polynomial of its own; products are computed without tables, so that no
memory access depends on a secret.

Text: ``DMS1-`` and Base32 in groups of four of
``version[1] set[4] need[1] of[1] index[1] value[32] commitment[8] check[4]``: the commitment is the beginning of the SM3 of the
secret, the check that of the SM3 of everything before it.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from dingmi.base.errors import Invalid, Tampered
from dingmi.engines.crypto.digests import equal, sm3

PREFIX = "DMS1-"
SECRET_BYTES = 32
MOST = 16
_LAYOUT = struct.Struct(">B4sBBB32s8s")
_CHECK = 4


@dataclass(frozen=True, slots=True)
class Share:
    """One share: point ``index`` of the polynomials of a set of ``of`` shares, ``need`` of which are enough."""

    set: bytes
    need: int
    of: int
    index: int
    value: bytes = field(repr=False)
    commitment: bytes

    @property
    def text(self) -> str:
        """The share as it is printed."""
        raw = _LAYOUT.pack(1, self.set, self.need, self.of, self.index, self.value, self.commitment)
        letters = base64.b32encode(raw + sm3(raw)[:_CHECK]).decode().rstrip("=")
        return PREFIX + "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def commitment(secret: bytes) -> bytes:
    """Return what tells that shares were put together rightly, and nothing of the secret (32 random bytes)."""
    return sm3(b"dingmi share" + secret)[:8]


def _product(a: int, b: int) -> int:
    """Multiply in GF(2⁸) with the polynomial of AES; the same steps whatever the numbers are."""
    result = 0
    for _ in range(8):
        result ^= a & -(b & 1)
        b >>= 1
        a = (a << 1) ^ (0x11B & -(a >> 7))
    return result


def _inverse(a: int) -> int:
    result = 1
    for _ in range(254):  # a^254
        result = _product(result, a)
    return result


def split(secret: bytes, *, need: int, of: int) -> tuple[Share, ...]:
    """Split ``secret`` (32 bytes) into ``of`` shares, any ``need`` of which give it back.

    Raises:
        Invalid: ``share.numbers`` unless 2 ≤ need ≤ of ≤ 16.
    """
    if len(secret) != SECRET_BYTES or not 2 <= need <= of <= MOST:
        raise Invalid("share.numbers", (), most=MOST)
    polynomials = [bytes([byte]) + secrets.token_bytes(need - 1) for byte in secret]
    name, proof = secrets.token_bytes(4), commitment(secret)
    return tuple(
        Share(name, need, of, index, bytes(_value(p, index) for p in polynomials), proof) for index in range(1, of + 1)
    )


def _value(polynomial: bytes, x: int) -> int:
    result = 0
    for coefficient in reversed(polynomial):
        result = _product(result, x) ^ coefficient
    return result


def read(text: str) -> Share:
    """Return the share that a text states; case, spaces and hyphens do not matter.

    Raises:
        Invalid: ``share.malformed`` when it is no share; ``share.damaged`` when a character is wrong.
    """
    letters = "".join(text.upper().split()).replace("-", "")
    prefix = PREFIX.replace("-", "")
    if not letters.startswith(prefix):
        raise Invalid("share.malformed")
    letters = letters.removeprefix(prefix)
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
        version, name, need, of, index, value, proof = _LAYOUT.unpack(raw[:-_CHECK])
    except (binascii.Error, ValueError, struct.error):
        raise Invalid("share.malformed") from None
    is_exact = base64.b32encode(raw).decode().rstrip("=") == letters  # the last letter holds bits that say nothing
    if not is_exact or not equal(sm3(raw[:-_CHECK])[:_CHECK], raw[-_CHECK:]):
        raise Invalid("share.damaged")
    if version != 1 or not 2 <= need <= of <= MOST or not 1 <= index <= of:
        raise Invalid("share.malformed")
    return Share(name, need, of, index, value, proof)


def require_fits(share: Share, held: Sequence[Share]) -> None:
    """Refuse a share that does not go with those given before.

    Raises:
        Invalid: ``share.other_set`` or ``share.twice``.
    """
    for one in held:
        if (one.set, one.need, one.of, one.commitment) != (share.set, share.need, share.of, share.commitment):
            raise Invalid("share.other_set", (), index=share.index)
        if one.index == share.index:
            raise Invalid("share.twice", (), index=share.index)


def combine(shares: Sequence[Share]) -> bytes:
    """Return the secret from enough shares of one set.

    Raises:
        Invalid: Too few, or some do not go together.
        Tampered: ``share.not_together``: a share with right checks was made up.
    """
    for number, share in enumerate(shares):
        require_fits(share, shares[:number])
    if not shares or len(shares) < shares[0].need:
        raise Invalid("share.too_few", (), given=len(shares), need=shares[0].need if shares else 2)
    used = shares[: shares[0].need]
    secret = bytearray(SECRET_BYTES)
    for one in used:
        weight = 1
        for other in used:
            if other is not one:
                weight = _product(weight, _product(other.index, _inverse(other.index ^ one.index)))
        for place, byte in enumerate(one.value):
            secret[place] ^= _product(byte, weight)
    if not equal(commitment(bytes(secret)), shares[0].commitment):
        raise Tampered("share.not_together")
    return bytes(secret)
