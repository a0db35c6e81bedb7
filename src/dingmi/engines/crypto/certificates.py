"""What a client certificate says of itself: its digest, names, number and days. Whether it may be trusted, the gateway says."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from dingmi.base.errors import Invalid
from dingmi.engines.crypto.digests import sm3

MOST: Final = 16_384  # characters of a certificate as it is sent
NAMES: Final = 200  # characters of a name that are kept


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate: ``fingerprint`` is the SM3 of the whole, in hexadecimal digits; it holds from ``since`` to ``until``."""

    fingerprint: str
    subject: str
    issuer: str
    serial: str
    since: datetime
    until: datetime


def read(text: str) -> Certificate:
    """Read a certificate: PEM, or ``:base64:`` as RFC 9440 writes it in a header.

    Raises:
        Invalid: ``certificate.malformed``.
    """
    try:
        if len(text) > MOST:
            raise ValueError("too long")
        der = _bytes(text.strip())
        held = x509.load_der_x509_certificate(der)
        return Certificate(
            sm3(der).hex(),
            held.subject.rfc4514_string()[:NAMES],
            held.issuer.rfc4514_string()[:NAMES],
            f"{held.serial_number:X}"[:NAMES],
            held.not_valid_before_utc,
            held.not_valid_after_utc,
        )
    except (ValueError, TypeError, binascii.Error, x509.InvalidVersion) as error:
        raise Invalid("certificate.malformed", (), fields={"pem": "certificate.malformed"}) from error


def _bytes(text: str) -> bytes:
    if text.startswith(":") and text.endswith(":"):
        return base64.b64decode(text[1:-1], validate=True)
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    if text.count(begin) != 1 or not text.startswith(begin) or not text.endswith(end):
        raise ValueError("no certificate")
    return base64.b64decode("".join(text[len(begin) : -len(end)].split()), validate=True)
