"""What the ledger keeps of the profile that this installation runs under, beside what its configuration says (SR-32, SR-91)."""

from __future__ import annotations

import json

from django.conf import settings

from dingmi.base.errors import Refused
from dingmi.records.ledger.models import Entry

PROFILES = ("demo", "enterprise", "state-secret")  # the laxest first
KEPT_BY = ("keep.found", "keep.record_profile")


def recorded_profile() -> str:
    """Return the profile that the ledger last kept; empty where it was founded before profiles were kept."""
    entry = Entry.objects.filter(act__in=KEPT_BY).order_by("-pk").first()
    return "" if entry is None else str(json.loads(entry.body)["data"].get("profile", ""))


def _rank(profile: str) -> int:
    return PROFILES.index(profile) if profile in PROFILES else -1


def is_laxer() -> bool:
    """Tell whether the configuration asks for less than the ledger kept."""
    return _rank(settings.DINGMI_PROFILE) < _rank(recorded_profile())


def require_profile() -> None:
    """Refuse a configuration that asks for less than the ledger kept: whoever writes the file would open doors with it.

    Raises:
        Refused: ``profile.laxer``.
    """
    if is_laxer():
        raise Refused("profile.laxer", (), kept=recorded_profile(), configured=settings.DINGMI_PROFILE)
