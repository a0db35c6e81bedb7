"""One-time codes of the time (RFC 6238: HMAC-SHA-1, six digits, thirty seconds), as the usual authenticator programs make them."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Final

SECONDS: Final = 30  # of one step
DIGITS: Final = 6
SECRET_BYTES: Final = 20
LATE: Final = 1  # steps that the clock of a telephone may be off, each way


def step_at(at: datetime) -> int:
    """Return the number of the step that ``at`` falls in."""
    return int(at.timestamp()) // SECONDS


def code_of(secret: bytes, step: int) -> str:
    """Return the code of a step."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, code: str, at: datetime) -> int | None:
    """Return the step near ``at`` whose code ``code`` is, or None; every step is compared, so that time tells nothing."""
    now, given, found = step_at(at), code.encode("utf-8", "replace"), None
    for step in range(now - LATE, now + LATE + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), given):
            found = step
    return found


def spelled(secret: bytes) -> str:
    """Return the secret as people type it."""
    return base64.b32encode(secret).decode()
