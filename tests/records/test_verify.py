"""``verify`` finds what was changed behind the acts."""

from __future__ import annotations

import pytest
from django.db import connection

from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from tests.procedures.test_frame_and_access import founded  # noqa: F401

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def _run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _kinds():
    return {f.kind for f in verify().findings}


def _without_triggers(table):
    if connection.vendor == "sqlite":
        _run(f"DROP TRIGGER {table}_no_update", f"DROP TRIGGER {table}_no_delete")
    else:
        _run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def test_untouched_installation_is_intact(founded):  # noqa: F811
    result = verify()
    assert result.ok and result.entries == Entry.objects.count() == 1


def test_edited_row_is_found(founded):  # noqa: F811
    _run("UPDATE organs_organ SET tier='central'")
    assert _kinds() == {"row.edited"}


def test_edited_entry_is_found(founded):  # noqa: F811
    _without_triggers("ledger_entry")
    _run("UPDATE ledger_entry SET body=replace(body, 'keep.found', 'keep.fount')")
    assert {"entry.edited", "entry.code", "log.root"} <= _kinds()


def test_truncated_log_is_found(founded):  # noqa: F811
    _without_triggers("ledger_entry")
    _run("DELETE FROM ledger_entry")
    assert {"log.gap", "log.root"} <= _kinds()
