"""The database itself refuses to edit, remove or replace what was written once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from dingmi.records.ledger.guard import WriteOutsideAct, act_open
from dingmi.records.ledger.models import Checkpoint
from dingmi.records.matters.models import Decision, Matter, Proposal, Suggestion
from dingmi.records.organs.models import Organ, Person

pytestmark = [pytest.mark.db, pytest.mark.django_db]
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


@pytest.fixture
def written():
    """One row in every table that is written once."""
    with act_open("test.written"):
        organ = Organ(name="甲局", short_name="甲局", unit_code="JA", tier="prefecture", is_home=True)
        organ.save()
        person = Person(organ=organ, name="甲", staff_no="1", joined_at=NOW - timedelta(days=1))
        person.save()
        matter = Matter(organ=organ, drafter=person, level="机密", title_ct=b"", created_at=NOW, changed_at=NOW)
        matter.save()
        common = {"matter": matter, "number": 1, "level": "机密", "payload_ct": b"", "digest": "0" * 64, "at": NOW}
        Suggestion(engine="test", **common).save()
        terms = {**common, "tail": "10年", "tail_kind": "period", "scope": {}, "verdict": {}}
        Proposal(act="determination.propose", drafter=person, **terms).save()
        Decision(act="determination.approve", rulebook="0" * 64, **terms).save()
    Checkpoint(size=1, root=b"0" * 32, note="test", at=NOW).save()


@pytest.fixture
def tables(written) -> dict[str, type]:
    return {m._meta.db_table: m for m in (Suggestion, Proposal, Decision, Checkpoint)}


def _refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


def test_no_statement_edits_or_removes_a_row(tables):
    for table, model in tables.items():
        before = list(model.objects.values())
        assert len(before) == 1
        for column in (f.column for f in model._meta.concrete_fields):
            assert _refused(f"UPDATE {table} SET {column} = {column}"), (table, column)
        assert _refused(f"DELETE FROM {table}"), table
        assert list(model.objects.values()) == before


def test_no_statement_replaces_a_row(tables):
    for table, model in tables.items():
        columns = ", ".join(f.column for f in model._meta.concrete_fields)
        if connection.vendor == "sqlite":
            statement = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"
        else:
            statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} ON CONFLICT (id) DO UPDATE SET id = {table}.id"
        assert _refused(statement), table


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
def test_no_table_is_truncated(tables):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # pending checks would refuse TRUNCATE before the trigger does
    for table in tables:
        assert _refused(f"TRUNCATE {table} CASCADE"), table


def test_an_act_cannot_edit_or_remove_them_either(tables):
    for model in (Suggestion, Proposal, Decision):
        row = model.objects.get()
        with act_open("test.edit"), pytest.raises(WriteOutsideAct):
            row.save()
        with act_open("test.edit"), pytest.raises(WriteOutsideAct):
            row.delete()
