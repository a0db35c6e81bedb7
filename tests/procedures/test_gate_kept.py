"""Whether an officer was entitled to a decision is judged once, at signing, and kept: counting it later judges nothing again."""

from __future__ import annotations

import pytest

from dingmi.interfaces.cli import bench_officers
from dingmi.queries import QUERIES, gate
from dingmi.records.matters.models import Decision
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.mark.clause("BMF-16.2", "SEED-3")
def test_the_overview_counts_what_was_judged_at_signing_and_judges_nothing_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.approved()
    row = Decision.objects.get(matter=matter)
    assert row.authority[gate.KEPT] == [] == list(gate.findings(row))

    def judged_again(_row: Decision) -> gate.Found:
        raise AssertionError("judged again")

    monkeypatch.setattr(gate, "findings", judged_again)
    assert list(gate.kept_outside(Decision.objects.all())) == []
    found = QUERIES["overview"].run(actor=story.actor("head"), now=story.now, params={})
    assert {t.name: t.count for t in found.tiles}["outside"] == 0


@pytest.mark.clause("BMF-16.2")
def test_what_stood_against_the_officer_is_kept_with_its_clauses(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    against = (("officer.untrained", ("TL-14.2",)),)
    monkeypatch.setattr(gate, "judged", lambda *_: against)
    story.approved()
    monkeypatch.undo()
    row = Decision.objects.get()
    assert row.authority[gate.KEPT] == [["officer.untrained", ["TL-14.2"]]]
    assert list(gate.kept_outside(Decision.objects.all())) == [row]
    assert gate.findings(row) == ()  # the page that judges anew does not take its word for it


def test_the_bench_of_officers_enters_its_sheets_and_the_register_finds_them(story: Story) -> None:
    for kind, (act, rows) in bench_officers.sheets(30).items():
        user = "head" if kind == "officers" else "secrecy"
        params = {"kind": kind} if act == "personnel.import_rows" else {}
        done = story.act(user, act, rows=rows, dry_run=False, **params)
        assert done.rows == 30 and (done.entered == 30 or done.request is not None)
        if done.request is not None:
            story.agreed_to(done.request, user)
    story.later(minutes=1)
    page = QUERIES["officers"].run(actor=story.actor("head"), now=story.now, params={"text": "张X"})
    assert (page.found, page.pages, len(page.rows)) == (0, 1, 0)
    page = QUERIES["officers"].run(actor=story.actor("head"), now=story.now, params={"text": "张B00002", "page": 2})
    assert (page.found, page.pages, page.page) == (10, 1, 1)
    assert [r.name for r in page.rows] == sorted(r.name for r in page.rows)
