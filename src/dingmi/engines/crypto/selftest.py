"""Known-answer tests run before first use; the result belongs on the status page (CRYPTO 1)."""

from __future__ import annotations

from dingmi.base.errors import Unavailable
from dingmi.engines.crypto.digests import hmac_sm3, sm3
from dingmi.engines.crypto.hazmat import sm2, sm4

_X = bytes.fromhex

# GB/T 32918.5-2017 A.2
_SECRET = _X("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
_SIGNATURE = _X(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def _sm2() -> bool:
    public = sm2.public_key(_SECRET)
    return (
        sm2.sign(_SECRET, b"message digest", nonce=_NONCE) == _SIGNATURE
        and sm2.verify(public, b"message digest", _SIGNATURE)
        and not sm2.verify(public, b"message digesu", _SIGNATURE)
    )


_CHECKS = {
    # GB/T 32905-2016 A.1, A.2
    "SM3": lambda: (
        sm3(b"abc") == _X("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
        and sm3(b"abcd" * 16) == _X("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
    ),
    # Empty message under a key of exactly one block; value agreed by two independent implementations.
    "HMAC-SM3": lambda: (
        hmac_sm3(b"k" * 64, b"") == _X("5b2aec6b44c5d9a152bec85845454dfd7651d7be4fc49446f7cd1f2a8b412cee")
    ),
    "SM4": lambda: sm4.answers(sm4.backend())["SM4"],
    "SM4-GCM": lambda: sm4.answers(sm4.backend())["SM4-GCM"],
    "SM2": _sm2,
}


def self_test() -> dict[str, bool]:
    """Run every known-answer test.

    Returns:
        Algorithm to True.
    Raises:
        Unavailable: ``crypto.self_test_failed`` naming the algorithms; nothing may be sealed or opened then.
    """
    results: dict[str, bool] = {}
    for name, check in _CHECKS.items():
        try:
            results[name] = check()
        except Exception:
            results[name] = False
    failed = [name for name, good in results.items() if not good]
    if failed:
        raise Unavailable("crypto.self_test_failed", algorithms="、".join(failed))
    return results


def cipher_in_use() -> str:
    """Return the name of the library that enciphers here; ``cryptography`` is the slow one, and not constant in time."""
    return sm4.backend().name
