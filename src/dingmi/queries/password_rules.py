"""The policy on passwords as data, and when an owner must set a new one before anything else (SR-01, SR-02, SR-64)."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from dingmi.base.errors import Finding

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
LIMITS: dict[str, int] = _TABLE["sign_in"]
PROFILES: dict[str, dict[str, int]] = _TABLE["profiles"]
USUAL = "asvs"


def profile() -> dict[str, int]:
    """Return the policy profile that ``policy`` of ``dingmi.toml`` names; ``USUAL`` where it names none that there is."""
    return PROFILES.get(str(settings.CONFIG.get("policy", USUAL)), PROFILES[USUAL])


def profile_faults() -> tuple[Finding, ...]:
    """Return what is wrong with ``policy`` of ``dingmi.toml``: a name of no profile."""
    named = str(settings.CONFIG.get("policy", USUAL))
    known = {"name": named[:40], "names": "、".join(PROFILES), "usual": USUAL}
    return () if named in PROFILES else (Finding("check.password_policy", "block", (), known),)


def is_due(changed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a new password is to be set: another person chose the one that is there, or it has reached its age.

    Args:
        changed_at: When the owner last set it; None where only another person ever did.
    """
    if changed_at is None:
        return True
    days = profile()["rotate_days"]
    return days > 0 and now - changed_at > timedelta(days=days)
