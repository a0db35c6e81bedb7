"""What the law asks of the system that this installation is: grade, passwords, three administrators, controls, cipher."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from dingmi.base.errors import Finding
from dingmi.queries import founding, password_rules, second_factor, standing
from dingmi.queries.access import LEVELS
from dingmi.records.organs.models import Account
from dingmi.records.vault.models import StoredObject
from dingmi.regime import judge
from dingmi.regime.prc_state.facts_custody import CipherFacts, SystemFacts
from dingmi.regime.prc_state.levels import highest, is_level

REGIME = "prc_state"


def told() -> dict[str, Any]:
    """Return what ``[system]`` of ``dingmi.toml`` says: ``grade``, ``cipher`` and ``protects_by_law``."""
    found: dict[str, Any] = settings.CONFIG.get("system", {})
    return found


def grade() -> str:
    """Return the grade of protection of this system, as its keeper wrote it; empty where nobody did."""
    return str(told().get("grade", ""))


def shortfalls(now: datetime) -> tuple[Finding, ...]:
    """Return what the law of the day finds wanting in this system, for the levels that it stores."""
    used = StoredObject.objects.filter(swept_at__isnull=True, level__in=LEVELS)
    stored = tuple(used.order_by("level").values_list("level", flat=True).distinct())
    on = now.date()
    return (
        *judge(REGIME, "system.configure", _system(stored, now), on).findings,
        *judge(REGIME, "cipher.claim", _cipher(stored, now), on).findings,
    )


def _system(stored: tuple[str, ...], now: datetime) -> SystemFacts:
    """Return how the system stands; a configuration laxer than the ledger's is a control that nobody approved (SR-32)."""
    seats = Account.objects.filter(is_active=True).exclude(admin_role="").select_related("person__organ")
    held = {row.admin_role: row.person for row in seats.order_by("created_at", "pk")}
    who = {role: str(person.pk) for role, person in held.items()}
    trained = standing.trained(now, person__in=[person.pk for person in held.values()])
    policy = password_rules.profile()
    return SystemFacts(
        at=now,
        grade=grade(),
        levels_stored=stored,
        password_length=policy["min_length"],
        password_days=policy["rotate_days"],
        second_factor="token" if second_factor.is_required() else "",
        system_admin=who.get("system_admin", ""),
        security_admin=who.get("security_admin", ""),
        audit_admin=who.get("audit_admin", ""),
        are_internal=all(person.organ.is_home and not person.is_foreign for person in held.values()),
        are_trained=all(person.pk in trained and trained[person.pk] > now for person in held.values()),
        changes_controls=founding.is_laxer(),
        approved_by_security=False,
        is_audited=False,
    )


def _cipher(stored: tuple[str, ...], now: datetime) -> CipherFacts:
    """Return what the cipher is said to protect; the own one is commercial and claims nothing unless somebody writes so."""
    return CipherFacts(
        at=now,
        level=highest(tuple(level for level in stored if is_level(level))),
        cipher_class=str(told().get("cipher", "commercial")),
        claims_lawful_protection=bool(told().get("protects_by_law", False)),
    )
