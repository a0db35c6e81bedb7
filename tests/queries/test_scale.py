"""Lists at size: what the reader may know only, the same as counted by hand, and no scan of a protected table."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dingmi.queries import QUERIES
from dingmi.records.matters.models import Matter
from tests.procedures.conftest import story  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.db]
TAILS = ("1年", "2年", "5年", "8年", "10年", "启用前")


def fill(story: Story, count: int, seed: int = 5) -> None:  # noqa: F811
    """Register ``count`` earlier matters of the last nine years, known to two of five people each."""
    rng = random.Random(seed)
    people = ["drafter", "drafter2", "officer", "officer2", "head"]
    rows = [
        {
            "title": f"水源地旧档{number}",
            "mark": f"{rng.choice(('机密', '秘密'))}★{rng.choice(TAILS)}",
            "issued_on": (story.now.date() - timedelta(days=rng.randint(1, 3200))).isoformat(),
            "drafter": "drafter2",
            "basis": "原目录",
            "persons": rng.sample(people, 2),
        }
        for number in range(count)
    ]
    for start in range(0, count, 2000):
        story.act("secrecy", "keep.import_legacy", basis="旧台账", rows=tuple(rows[start : start + 2000]))


def _ask(story: Story, user: str, name: str, **params):  # noqa: F811
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def _known(story: Story, user: str) -> list[Matter]:  # noqa: F811
    rows = Matter.objects.filter(state="active").prefetch_related("scope_entries")
    if user == "head":
        return list(rows)
    person = story.people[user]
    return [m for m in rows if person in {e.person_id for e in m.scope_entries.all()} | {m.drafter_id}]


@pytest.mark.parametrize("user", ["officer", "head"])
def test_the_forecast_counts_what_the_reader_may_know_by_month_and_year(story: Story, user: str) -> None:  # noqa: F811
    fill(story, 150)
    today, found = story.now.date(), _ask(story, user, "expiry_forecast")
    known = [m for m in _known(story, user) if m.last_protected_day]
    months = Counter(m.last_protected_day.replace(day=1) for m in known if m.last_protected_day >= today)
    assert len(found.months) == 24 and found.months[0].first == today.replace(day=1)
    assert [c.count for c in found.months] == [months[c.first] for c in found.months] and sum(months.values())
    years = Counter((m.last_protected_day.year, m.level) for m in known)
    assert len(found.years) == 10 and found.years[-1].last == date(today.year + 9, 12, 31)
    assert {(c.first.year, s.level): s.count for c in found.years for s in c.shares} == dict(years)
    assert all(c.undecided == c.count for c in found.years)
    assert found.by_event == len(_known(story, user)) - len(known) > 0


def test_register_pages_follow_one_another_and_hold_every_row_once(story: Story) -> None:  # noqa: F811
    fill(story, 60)
    seen, after = [], ""
    while True:
        page = _ask(story, "head", "register", after=after)
        seen += [row.matter for row in page.rows]
        after = page.next_after
        if not page.more:
            break
    assert sorted(seen) == sorted(Matter.objects.values_list("pk", flat=True)) and len(seen) == 60
    tabs = {view.name: view.count for view in page.views}
    assert tabs["all"] == "60" and int(tabs["annual"]) == Matter.objects.filter(state="active").count()


PROTECTED = ("matters_matter", "matters_scopeentry", "matters_posting", "ledger_entry", "matters_decision")


def scans(sql: str, params: Any = None) -> list[str]:
    """Return the plan's steps that read a whole protected table, without any index."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("EXPLAIN QUERY PLAN " + sql, params)
            steps = [str(row[3]) for row in cursor.fetchall()]
            return [s for s in steps if s.startswith("SCAN") and any(t in s for t in PROTECTED) and "INDEX" not in s]
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + sql, params)
        return [row[0] for row in cursor.fetchall() if "Seq Scan" in row[0] and any(t in row[0] for t in PROTECTED)]


ASKED = [("register", {"view": view}) for view in ("all", "due", "annual", "derived", "event", "mine", "released")]
ASKED += [("register", {"level": "机密"}), ("register", {"state": "active"}), ("expiry_forecast", {}), ("find", {"text": "旧档"})]  # fmt: skip


@pytest.mark.parametrize("user", ["officer", "head"])
def test_no_list_scans_a_protected_table(story: Story, user: str) -> None:  # noqa: F811
    fill(story, 300)
    for name, params in ASKED:
        with CaptureQueriesContext(connection) as captured:
            _ask(story, user, name, **params)
        for asked in captured.captured_queries:
            if asked["sql"].startswith("SELECT"):
                assert scans(asked["sql"]) == [], (name, params, asked["sql"])
