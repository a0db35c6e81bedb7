"""The trusted gateway as configured: from where it speaks, and the secret that it shares with us (``[gateway]``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings

from dingmi.base.errors import Finding
from dingmi.queries import certificates
from dingmi.records.organs.models import Account

LEAST = 32  # characters of the secret
FILE = "gateway.key"
SOCKET = "socket"  # among the peers: whoever may connect to the Unix socket, which is its owner
CHOICES = ("offered", "required", "certificate")


@dataclass(frozen=True, slots=True)
class Gateway:
    """Who is believed: the addresses it connects from, or our socket, and its secret."""

    peers: frozenset[str]
    secret: str


@lru_cache(maxsize=4)
def _secret(path: Path, stamp: int) -> str:
    return path.read_text(encoding="ascii", errors="replace").strip()


def trusted() -> Gateway | None:
    """Return the gateway that is trusted; none without addresses, or without a secret that is long enough."""
    peers, path = peers_told(), Path(settings.DINGMI_KEYS) / FILE
    if not peers:
        return None
    try:
        secret = _secret(path, path.stat().st_mtime_ns)
    except OSError:
        return None
    return Gateway(peers, secret) if len(secret) >= LEAST else None


def peers_told() -> frozenset[str]:
    """Return the peers that are addresses, or our socket; what is neither is believed of nobody."""
    told = settings.DINGMI_GATEWAY.get("peers", [])
    return frozenset(text for text in told if isinstance(text, str) and _is_peer(text))


def _is_peer(text: str) -> bool:
    if text == SOCKET:
        return True
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def faults() -> Iterator[Finding]:
    """Yield what is wrong with the gateway and the second factor as they are configured (``dingmi check``)."""
    told = settings.DINGMI_GATEWAY
    if settings.DINGMI_SECOND_FACTOR not in CHOICES:
        yield Finding("check.second_factor", "block", (), {"value": str(settings.DINGMI_SECOND_FACTOR)[:40]})
    if told:
        wrong = [str(text)[:60] for text in told.get("peers", []) if text not in peers_told()]
        if wrong or not peers_told():
            yield Finding("check.gateway_peers", "block", (), {"peers": "、".join(wrong) or "—"})
        elif trusted() is None:
            yield Finding("check.gateway_secret", "block", (), {"file": FILE, "least": LEAST})
    if certificates.is_demanded() and trusted() is None:
        yield Finding("check.certificate_without_gateway", "block", (), {})
    if certificates.is_demanded():
        missing = certificates.without(Account.objects.filter(is_active=True))
        if missing:
            yield Finding("check.accounts_without_certificate", "warn", (), {"count": missing})
