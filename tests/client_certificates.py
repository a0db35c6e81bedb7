"""Client certificates for tests: made anew each time, of one key, with the days that a test wants."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dingmi.engines.crypto import certificates
from dingmi.queries.certificates import Presented


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def made(name: str, since: datetime, days: float = 365) -> str:
    """Return a certificate for ``name`` that holds for ``days``, as PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(_key().public_key())
    built = built.serial_number(x509.random_serial_number())
    built = built.not_valid_before(since - timedelta(days=1)).not_valid_after(since + timedelta(days=days))
    return built.sign(_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def shown(pem: str) -> Presented:
    """Return a certificate as the gateway's word for it reaches the acts."""
    read = certificates.read(pem)
    return Presented(read.fingerprint, read.since, read.until)
