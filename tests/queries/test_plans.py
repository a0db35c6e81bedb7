"""Beside 100,000 matters no list goes through a whole protected table, by the plans of the database itself (SR-93)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from dingmi.queries import QUERIES, fields
from dingmi.records.matters.models import Decision, Matter, ReviewTask, ScopeEntry
from dingmi.records.organs.models import Person
from tests.bars import Reached, part
from tests.procedures.conftest import story  # noqa: F401
from tests.queries.test_scale import PROTECTED, fill, scans
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
MADE, PEOPLE = 100, 40  # matters made by an act, and people, before they are copied
FRESH = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
EARLIER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', o.changed_at, '-' || c.n || ' minutes')",
    "postgresql": "o.changed_at - c.n * interval '1 minute'",
}
COUNTED = re.compile(
    r"SELECT (\(SELECT )?COUNT\(\*\).*LIMIT (1001|2001)\)", re.DOTALL
)  # ends at its cap, however it goes
LISTS = [("register", {"view": view}) for view in ("all", "due", "annual", "derived", "event", "mine", "released")]
LISTS += [("register", {"level": "机密"}), ("register", {"state": "active"}), ("expiry_forecast", {}), ("inbox", {}), ("find", {"text": "旧档"})]  # fmt: skip


def copied(cursor: Any, model: type[models.Model], changed: dict[str, str], joined: str) -> None:
    """Copy the rows of one table, once for each row that they are joined with."""
    names = [f.column for f in model._meta.concrete_fields if not isinstance(f, models.BigAutoField)]
    values = ", ".join(changed.get(name, f"o.{name}") for name in names)
    table = model._meta.db_table
    cursor.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} o JOIN {joined}")


def multiply(times: int) -> None:
    """Copy every matter ``times`` times with its scope, decisions and reviews, drafted by and known to many more people."""
    fresh, earlier = FRESH[connection.vendor], EARLIER[connection.vendor]
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {0})"
    someone = f"CASE WHEN c.n % 50 = 0 THEN o.{{0}} ELSE (SELECT id FROM crowd WHERE k = c.n * 7 % {PEOPLE}) END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE crowd AS {numbers.format(PEOPLE)} SELECT n - 1 AS k, {fresh} AS id FROM numbers"
        )
        copied(
            cursor,
            Person,
            {"id": "c.id", "staff_no": "o.staff_no || '-' || c.k"},
            "crowd c ON o.id = (SELECT drafter_id FROM matters_matter LIMIT 1)",
        )
        cursor.execute(
            f"CREATE TEMPORARY TABLE copies AS {numbers.format(times)}"
            f" SELECT id AS old_id, {fresh} AS new_id, n FROM matters_matter, numbers"
        )
        cursor.execute("CREATE INDEX copies_of ON copies (old_id)")
        ours = {"id": "c.new_id", "register_no": "o.register_no || '-' || c.n", "changed_at": earlier}
        ours |= {name: someone.format(name) for name in ("drafter_id", "officer_id")}
        ours["state"] = (
            "CASE c.n % 20 WHEN 0 THEN 'proposed' WHEN 1 THEN 'voided' WHEN 2 THEN 'referred' ELSE o.state END"
        )
        copied(cursor, Matter, ours, "copies c ON o.id = c.old_id")
        hung = {"id": fresh, "matter_id": "c.new_id"}
        copied(
            cursor, ScopeEntry, {**hung, "person_id": someone.format("person_id")}, "copies c ON o.matter_id = c.old_id"
        )
        for model in (Decision, ReviewTask):
            copied(cursor, model, hung, "copies c ON o.matter_id = c.old_id")
        cursor.execute("DROP TABLE copies")
        cursor.execute("DROP TABLE crowd")
        cursor.execute("ANALYZE")


def planned(sql: str) -> list[str]:
    """Return the steps of the plan, as the database makes it with what it measured, that go through a whole protected table."""
    if connection.vendor == "sqlite":
        return [] if COUNTED.match(sql) else scans(sql)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql)
        steps = [row[0] for row in cursor.fetchall()]
    return [step for step in steps if (found := re.search(r"Seq Scan on (\w+)", step)) and found[1] in PROTECTED]


def asked(story: Story, user: str, name: str, params: dict[str, Any]) -> list[str]:  # noqa: F811
    """Ask one query; return the statements that it selected by."""
    with CaptureQueriesContext(connection) as captured:
        QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)
    return [q["sql"] for q in captured.captured_queries if q["sql"].startswith("SELECT")]


@pytest.mark.deep
def test_beside_a_hundred_thousand_matters_no_list_goes_through_a_protected_table(
    story: Story,  # noqa: F811
    bar: Reached,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fields, "decrypt", lambda *_, **__: "旧档")  # what is copied by SQL is sealed for another row
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    fill(story, MADE)
    multiply(part(100_000) // MADE)
    found = [
        f"{user} {name} {params}: {step} {sql[:100]} … {sql[-900:]}"
        for user in ("officer", "head", "secrecy")
        for name, params in LISTS
        for sql in asked(story, user, name, params)
        for step in planned(sql)
    ]
    assert found == []
    assert planned("SELECT COUNT(version) FROM matters_matter WHERE version > 3"), "a planted scan is found"
    bar("SR-93 matters beside which plans were read", Matter.objects.count(), 100_000)
