"""Figures that open what they count, reports that come out the same, and years that are closed, signed and filed."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures.terms import SourceIn
from dingmi.queries import QUERIES
from dingmi.queries.statistics import report, sheet, tables
from dingmi.queries.statistics.cells import TOTAL
from dingmi.records.ledger.models import Entry
from tests.story import Story

pytestmark = [pytest.mark.db]


def ask(story: Story, user: str, asked: str, **params: Any) -> Any:
    return QUERIES[asked].run(actor=story.actor(user), now=story.now, params=params)


def lively(story: Story) -> Story:
    """A year in which most of what a matter can do was done."""
    first = story.approved()
    story.approved("drafter2", story.answers("3"))
    story.derive((SourceIn(matter=first),))
    returned = story.proposed("drafter2")
    story.act(
        "officer", "determination.return", matter=returned, reason_code="scope", text="范围过宽。",
        expected_version=story.version(returned),
    )  # fmt: skip
    story.later(days=20)
    released = story.approved(answers=story.answers("3"))
    story.review(released, "release", ground="harmless")
    story.act(
        "officer", "declassification.release", matter=released, reason="公开无害。", confirm=story.matter(released).register_no,
        expected_version=story.version(released),
    )  # fmt: skip
    story.act("officer2", "correction.find", matter=first, kind="over", detail="密级偏高。", found_on=story.now.date())
    return story


@pytest.mark.clause("SEED-36", "ZX-39.1", "SEED-29")
def test_every_cell_of_every_table_opens_exactly_the_records_that_it_counts(story: Story) -> None:
    lively(story)
    year = story.now.year
    actor = story.actor("head")
    frame = report.frame_for(actor, story.now, year, None)
    filled = 0
    for name in (n for n in tables.KINDS if not n.startswith("quality_")):  # those: test_quality_signals
        made = tables.table(name, frame)
        for row in (*made.rows, TOTAL):
            for column in (*made.columns, TOTAL):
                opened = ask(story, "head", "statistics.records", table=name, row=row, column=column, year=year)
                assert len(opened.matters) + len(opened.others) == opened.count == made.count(row, column)
                filled += bool(opened.count)
            assert made.count(row, TOTAL) == sum(made.count(row, c) for c in made.columns)
    assert filled > 40
    page = ask(story, "head", "statistics", year=year)
    for tile in page.tiles:
        opened = ask(story, "head", "statistics.records", table=tile.table, row=tile.row, column=tile.column, year=year)
        assert opened.count == tile.count
    named = {t.name: t.count for t in page.tiles}
    assert named["determined"] == 3 and named["ended"] == 1 and named["stock"] == 2
    returned = next(s for s in page.signals if s.name == "returned")
    assert returned.this == 25.0, "one return beside three determinations"


@pytest.mark.clause("SEED-36")
def test_records_of_no_table_row_or_day_are_refused(story: Story) -> None:
    for wrong in (
        {"table": "no"},
        {"table": "stock", "row": "no"},
        {"table": "stock", "column": "no"},
        {"table": "stock", "page": 0},
    ):
        with pytest.raises(Invalid):
            ask(story, "head", "statistics.records", year=2026, **wrong)
    with pytest.raises(Invalid, match=r"statistics\.year_ahead"):
        ask(story, "head", "statistics", year=2027)
    for day in (date(2027, 1, 1), date(2025, 12, 31)):
        with pytest.raises(Invalid, match=r"statistics\.day_outside"):
            ask(story, "head", "statistics", year=2026, as_of=day)
    for user in ("officer", "drafter"):
        with pytest.raises(Forbidden):
            ask(story, user, "statistics")
    with pytest.raises(NotFound, match=r"statistics\.no_report"):
        ask(story, "head", "statistics.report", name="other", year=2026)


@pytest.mark.clause("ZX-39.1", "TL-56", "ZX-15", "SEED-36")
def test_a_report_of_a_past_day_comes_out_byte_for_byte_whatever_happened_since(story: Story) -> None:
    lively(story)
    day = story.now.date()

    def made() -> dict[tuple[str, str], bytes]:
        return {
            (name, kind): story.act("head", "statistics.render", name=name, year=2026, as_of=day, format=kind).content
            for name in report.NAMES
            for kind in (sheet.FORMATS if name == "classification" else ("json",))
        }

    before = made()
    story.later(days=3)
    late = story.approved("drafter2")
    story.review(late, "release", ground="harmless")
    story.act(
        "secrecy", "officers.record_training", person=story.people["officer"], course="补登的培训", minutes=900,
        completed_at=story.now.replace(month=1, day=8), valid_until=story.now.replace(year=2060),
    )  # fmt: skip
    story.act("head", "officers.suspend", person=story.people["officer2"], ground="出国")
    story.later(days=200)
    story.daily()
    after = made()
    assert before == after
    assert json.loads(before["classification", "json"])["is_closed"] is False
    book = load_workbook(BytesIO(before["classification", "xlsx"]))
    assert book.sheetnames[0] == "说明" and len(book.sheetnames) == 8
    told = [e for e in Entry.objects.filter(act="statistics.render").values_list("body", flat=True)]
    assert len(told) == 2 * len(before) and all('"digest"' in body for body in told)


@pytest.mark.clause("SEED-36")
def test_no_figure_tells_of_a_matter_that_its_reader_may_not_know(story: Story) -> None:
    lively(story)
    story.grant("outsider", "secrecy_office")
    seen = ask(story, "outsider", "statistics", year=2026)
    plain = ask(story, "outsider", "statistics.report", name="work", year=2026)
    assert seen.levels == "秘密"
    story.approved("drafter")
    assert ask(story, "outsider", "statistics", year=2026) == seen
    assert ask(story, "outsider", "statistics.report", name="work", year=2026) == plain
    assert {t.name: t.count for t in ask(story, "head", "statistics", year=2026).tiles}["determined"] == 4
    assert {t.name: t.count for t in seen.tiles}["determined"] == 2


@pytest.mark.clause("ZX-39.1", "TL-56")
def test_a_report_is_signed_once_its_year_is_closed_and_what_looks_wrong_is_explained_then_filed(story: Story) -> None:
    story.approved()
    with pytest.raises(Conflict, match=r"statistics\.year_open"):
        story.act("head", "statistics.sign", name="classification", year=2026)
    with pytest.raises(NotFound, match=r"statistics\.not_signed"):
        story.act(
            "secrecy", "statistics.file", name="classification", year=2026, number="回执1", filed_on=story.now.date()
        )
    story.on(date(2027, 1, 15))
    found = ask(story, "head", "statistics.report", name="classification", year=2026)
    assert found.is_closed and found.anomalies
    with pytest.raises(Invalid, match=r"statistics\.unexplained"):
        story.act("head", "statistics.sign", name="classification", year=2026)
    with pytest.raises(Forbidden):
        story.act("secrecy", "statistics.sign", name="classification", year=2026, explained="属实。")
    signed = story.act("head", "statistics.sign", name="classification", year=2026, explained="经核对属实。")
    assert signed.digest == report.digest(found)
    with pytest.raises(Conflict, match=r"statistics\.signed"):
        story.act("head", "statistics.sign", name="classification", year=2026, explained="再签。")
    story.later(days=30)
    content = story.act("head", "statistics.render", name="classification", year=2026, format="json").content
    assert json.loads(content)["as_of"] == "2027-01-15", "the signed report is what is handed out"
    with pytest.raises(Invalid):
        story.act(
            "secrecy", "statistics.file", name="classification", year=2026, number="回执1", filed_on=date(2027, 1, 2)
        )
    story.act("secrecy", "statistics.file", name="classification", year=2026, number="回执1", filed_on=story.now.date())
    with pytest.raises(Conflict, match=r"statistics\.filed"):
        story.act(
            "secrecy", "statistics.file", name="classification", year=2026, number="回执2", filed_on=story.now.date()
        )
    states = {r.name: r.state for r in ask(story, "secrecy", "statistics.reports", year=2026)}
    assert states == {"classification": "filed", "work": "ready", "filing": "ready"}


@pytest.mark.clause("ZX-39.1")
def test_stock_falls_on_the_day_after_the_last_protected_one_without_waiting_for_the_sweep(story: Story) -> None:
    matter = story.approved(answers=story.answers("3", tail="1年", longer_reason="短于条目。"))
    ends = story.matter(matter).declassified_from
    assert ends is not None
    story.on(ends)
    actor = story.actor("head")
    for day, stock, ended in ((date.fromordinal(ends.toordinal() - 1), 1, 0), (ends, 0, 1)):
        frame = report.frame_for(actor, story.now, ends.year, day)
        assert tables.table("stock", frame).count(TOTAL, TOTAL) == stock
        assert tables.table("ended", frame).count("expiry", TOTAL) == ended
