"""The demo company is made by acts alone, and shows trade secrets in every state."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dingmi.procedures import passwords
from dingmi.queries import QUERIES, access
from dingmi.queries.grading import views_of
from dingmi.records.matters.models import GRADE_STATES, Matter

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.clause("SEED-25", "SM-12")
def test_the_company_has_trade_secrets_in_every_state_and_its_heads_approve_them(settings: Any, tmp_path: Path):
    from dingmi.interfaces.cli.demo.company import as_account, fill_company, found_company

    settings.DINGMI_KEYS, settings.DINGMI_VAULT = tmp_path / "keys", tmp_path / "vault"
    settings.DINGMI_PROFILE, settings.DINGMI_HOUSE = "demo", "enterprise"
    passwords.THROTTLE.clear()
    accounts = found_company()
    assert sum("rdhead" in line for line in accounts) == 1
    counts = fill_company(end=date(2026, 11, 25))
    assert set(counts) == {"filed", "unfiled", "change", "returned", "pending", "lifted", "converted"}
    rows = Matter.objects.filter(regime="trade_secret")
    assert set(rows.values_list("state", flat=True)) == set(GRADE_STATES)
    now = max(rows.values_list("changed_at", flat=True))
    page = QUERIES["grading.register"].run(
        actor=access.actor_for_account("secrecy", now), now=now, params={"regime": "trade_secret"}
    )
    shown = {v.name: v.count for v in page.views}
    assert tuple(shown) == views_of("trade_secret")
    assert all(int(shown[name]) for name in ("pending", "due", "unfiled", "provisional", "lifted"))
    assert not any("★" in row.mark for row in page.rows)
    assert as_account("rdhead", now).roles == {"drafter"}
