"""The policy on passwords as data, and when an owner must set a new one before anything else (SR-01, SR-02, SR-64)."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
LIMITS: dict[str, int] = _TABLE["sign_in"]


def profile() -> dict[str, int]:
    """Return the chosen policy profile (``asvs`` unless ``dingmi.toml`` says otherwise)."""
    chosen: dict[str, int] = _TABLE["profiles"][settings.CONFIG.get("policy", "asvs")]
    return chosen


def is_due(changed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a new password is to be set: another person chose the one that is there, or it has reached its age.

    Args:
        changed_at: When the owner last set it; None where only another person ever did.
    """
    if changed_at is None:
        return True
    days = profile()["rotate_days"]
    return days > 0 and now - changed_at > timedelta(days=days)
