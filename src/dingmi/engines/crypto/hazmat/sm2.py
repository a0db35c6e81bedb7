"""SM2 signatures (GB/T 32918.2 over the recommended curve of GB/T 32918.5), in integers.

The arithmetic is not constant in time: a key that must withstand an observer of the machine belongs in a device behind a
key provider. The nonce is derived from key, digest and fresh randomness, so that neither a repeated nor a guessable random
source gives the key away.
"""

from __future__ import annotations

import secrets
from functools import cache

from dingmi.engines.crypto.digests import hmac_sm3, sm3

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
SIZE = 32
DEFAULT_ID = b"1234567812345678"

Jacobian = tuple[int, int, int]
Affine = tuple[int, int]
_INFINITY: Jacobian = (1, 1, 0)


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if not z or not y:
        return _INFINITY
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P
    yy = y * y % P
    s = 4 * x * yy % P
    u = (m * m - 2 * s) % P
    return u, (m * (s - u) - 8 * yy * yy) % P, 2 * y * z % P


def _add(one: Jacobian, other: Jacobian) -> Jacobian:
    x1, y1, z1 = one
    x2, y2, z2 = other
    if not z1:
        return other
    if not z2:
        return one
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    if u1 == u2:
        return _double(one) if s1 == s2 else _INFINITY
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x = (r * r - hhh - 2 * v) % P
    return x, (r * (v - x) - s1 * hhh) % P, z1 * z2 * h % P


def _affine(point: Jacobian) -> Affine:
    x, y, z = point
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P


@cache
def _base_table() -> tuple[tuple[Jacobian, ...], ...]:
    """Return 1…15 times the base point, times 16 to the row."""
    rows, base = [], (GX, GY, 1)
    for _ in range(2 * SIZE):
        row = [_INFINITY, base]
        for _ in range(14):
            row.append(_add(row[-1], base))
        rows.append(tuple(row))
        base = _double(row[8])
    return tuple(rows)


def _times_base(k: int) -> Jacobian:
    total = _INFINITY
    for row in _base_table():
        total = _add(total, row[k & 15])
        k >>= 4
    return total


def _times(k: int, point: Affine) -> Jacobian:
    row: list[Jacobian] = [_INFINITY, (*point, 1)]
    for _ in range(14):
        row.append(_add(row[-1], row[1]))
    total = _INFINITY
    for shift in range(8 * SIZE - 4, -1, -4):
        for _ in range(4):
            total = _double(total)
        total = _add(total, row[k >> shift & 15])
    return total


def _bytes(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(SIZE, "big") for n in numbers)


def generate() -> bytes:
    """Return a fresh private key of 32 bytes."""
    return _bytes(secrets.randbelow(N - 2) + 1)


def public_key(private: bytes) -> bytes:
    """Return the public key ``x ‖ y`` of 64 bytes.

    Raises:
        ValueError: The private key is out of range.
    """
    d = int.from_bytes(private, "big")
    if len(private) != SIZE or not 0 < d < N - 1:
        raise ValueError("private key")
    return _bytes(*_affine(_times_base(d)))


def _point(public: bytes) -> Affine:
    x, y = int.from_bytes(public[:SIZE], "big"), int.from_bytes(public[SIZE:], "big")
    if len(public) != 2 * SIZE or not (x < P and y < P) or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("public key")
    return x, y


def message_digest(public: bytes, message: bytes, identity: bytes = DEFAULT_ID) -> bytes:
    """Return e = SM3(Z ‖ M), where Z binds the signer's identity, the curve and the public key."""
    bits = (8 * len(identity)).to_bytes(2, "big")
    return sm3(sm3(bits + identity + _bytes(A, B, GX, GY) + public) + message)


def _nonces(private: bytes, digest: bytes) -> int:
    while True:
        seed = hmac_sm3(private, digest + secrets.token_bytes(SIZE))
        k = int.from_bytes(seed + hmac_sm3(private, seed), "big") % N
        if k:
            return k


def sign(private: bytes, message: bytes, identity: bytes = DEFAULT_ID, *, nonce: int | None = None) -> bytes:
    """Return the signature ``r ‖ s`` of 64 bytes.

    Args:
        nonce: Only for known answers in tests.
    """
    d = int.from_bytes(private, "big")
    digest = message_digest(public_key(private), message, identity)
    e = int.from_bytes(digest, "big")
    while True:
        k = nonce or _nonces(private, digest)
        r = (e + _affine(_times_base(k))[0]) % N
        s = pow(1 + d, -1, N) * (k - r * d) % N
        if r and s and r + k != N:
            return _bytes(r, s)


def verify(public: bytes, message: bytes, signature: bytes, identity: bytes = DEFAULT_ID) -> bool:
    """Say whether ``signature`` is the key's over ``message``; anything malformed is no."""
    try:
        point = _point(public)
    except ValueError:
        return False
    r, s = int.from_bytes(signature[:SIZE], "big"), int.from_bytes(signature[SIZE:], "big")
    t = (r + s) % N
    if len(signature) != 2 * SIZE or not (0 < r < N and 0 < s < N and t):
        return False
    total = _add(_times_base(s), _times(t, point))
    if not total[2]:
        return False
    e = int.from_bytes(message_digest(public, message, identity), "big")
    return (e + _affine(total)[0]) % N == r
