"""Matters of before this system: read leniently, judged by the law of their day, registered whole or not at all."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from dingmi.base.errors import Forbidden, Invalid
from dingmi.queries import QUERIES, facts, legacy, standing
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Counter, Decision, Matter, ReviewTask
from tests.story import Story

pytestmark = [pytest.mark.db]
ROW = {"mark": "机密★10年", "issued_on": "2021-03-10", "drafter": "drafter", "persons": ["drafter", "officer"]}


def _row(**changes):
    return {**ROW, "title": "水源地旧档", "basis": "原目录第7项", **changes}


def _import(story: Story, *rows):
    return story.act("secrecy", "keep.import_legacy", basis="按原台账补录", rows=tuple(rows))


def _faults(story: Story, *rows) -> set[tuple[int, str, str]]:
    found = QUERIES["legacy_check"].run(actor=story.actor("secrecy"), now=story.now, params={"rows": list(rows)})
    before = Matter.objects.count()
    if found.ok:
        return set()
    with pytest.raises(Invalid, match=r"legacy\.faulty"):
        _import(story, *rows)
    assert Matter.objects.count() == before
    return {(f.row, f.field, f.code) for f in found.faults}


@pytest.mark.clause("ZX-24.4b", "TL-19.2a", "TL-19.2b")
def test_marks_are_read_by_the_grammar_and_the_law_supplies_what_is_missing(story: Story) -> None:
    made = _import(
        story,
        _row(),
        _row(mark="机 密☆十年", doc_number="旧〔2021〕1号"),
        _row(mark="绝密", issued_on="1996-05-20"),
        _row(mark="绝密★", issued_on="1995-12-31"),
        _row(mark="秘密★3年", issued_on=None, notified_on="2023-07-01"),
        _row(mark="机密★启用前"),
    )
    assert (made.imported, made.ended) == (6, 1)
    rows = {m.register_no: m for m in Matter.objects.exclude(register_no=None)}
    assert sorted(rows) == ["QJSW-J-1995-1", "QJSW-J-1996-1", "QJSW-M-2021-1", "QJSW-M-2021-2", "QJSW-M-2021-3", "QJSW-T-2023-1"]  # fmt: skip
    assert rows["QJSW-J-1996-1"].last_protected_day == date(2026, 5, 20)  # E6
    assert (rows["QJSW-J-1995-1"].state, rows["QJSW-J-1995-1"].tail_kind) == ("declassified", "period")
    assert rows["QJSW-T-2023-1"].last_protected_day == date(2026, 7, 1)  # E7
    assert {m.tail for m in rows.values() if m.register_no.startswith("QJSW-M")} == {"10年", "启用前"}


def test_each_matter_has_its_entry_its_decision_its_tasks_and_its_count(story: Story) -> None:
    _import(story, _row(), _row(), _row(mark="秘密★1年", issued_on="2021-03-10"))
    entries = Entry.objects.filter(act="keep.import_legacy")
    assert sorted(e.stream for e in entries) == sorted(f"matter:{m.pk}" for m in Matter.objects.all())
    assert Decision.objects.filter(act="keep.import_legacy").count() == 3 and verify().ok
    active = Matter.objects.filter(state="active")
    assert active.count() == 2 and ReviewTask.objects.filter(matter__in=active).count() == 4
    assert dict(Counter.objects.values_list("state", "value")) == {"active": 2, "declassified": 1}
    assert story.daily()["keep.reconcile_counts"] == {"differences": 0}
    assert story.daily()["review.open_annual"] == {"opened": 0}


def test_standings_asked_once_a_stretch_are_those_of_every_instant(story: Story) -> None:
    registry, home, tick = legacy.Registry(), standing.home(), timedelta(microseconds=1)
    for user in ("officer", "lapsed", "outsider", "drafter"):
        person = story.people[user]
        turns = standing.turns(person)
        assert turns
        for at in [t + d for t in turns for d in (-tick, timedelta(0), tick)]:
            assert registry.officer(person, at) == facts.officer_facts(str(person), at)
    for at in [t + d for t in standing.delegation_turns(home) for d in (-tick, timedelta(0), tick)]:
        assert registry.organ.at(at) == facts.organ_facts(at)


def test_people_in_scope_find_it_and_outsiders_do_not(story: Story) -> None:
    _import(story, _row(title="水源地阀室旧档"))
    for user, wanted in (("officer", 1), ("outsider", 0)):
        found = QUERIES["find"].run(actor=story.actor(user), now=story.now, params={"text": "阀室"})
        assert len(found.rows) == wanted


def test_every_fault_of_every_row_is_told_and_nothing_is_written(story: Story) -> None:
    assert _faults(
        story,
        _row(),
        _row(mark="绝密★", issued_on="2099-01-01", colour="red"),
        _row(title="", drafter="nobody"),
        _row(mark="机密10年", issued_on="2021-02-30"),
        _row(persons=["nobody"]),
        _row(persons=[]),
        _row(item="7", guide="SW-2021", issued_on="2019-01-01", basis=""),
    ) == {
        (2, "issued_on", "legacy.in_the_future"),
        (2, "colour", "field.unknown"),
        (3, "title", "field.missing"),
        (3, "drafter", "legacy.unknown_name"),
        (4, "mark", "mark.star_missing"),
        (4, "issued_on", "date.malformed"),
        (4, "issued_on", "field.missing"),
        (5, "persons", "legacy.unknown_name"),
        (6, "", "element.scope_missing"),
        (7, "item", "legacy.item_unknown"),
    }


def test_json_lines_are_read_and_a_line_that_is_no_object_is_named(story: Story) -> None:
    def checked(text: str):
        return QUERIES["legacy_check"].run(actor=story.actor("secrecy"), now=story.now, params={"text": text})

    line = json.dumps(_row(), ensure_ascii=False)
    assert checked(f"{line}\n\n{line}\n").rows == 2
    found = checked(f"{line}\n[1]\n{{")
    assert [(f.row, f.code) for f in found.faults] == [(2, "row.not_object"), (3, "row.not_object")]
    made = story.act("secrecy", "keep.import_legacy", basis="按原台账补录", text=line)
    assert made.imported == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"officer": "drafter", "drafter": "drafter2"}, "officer."),
        ({"officer": "officer", "drafter": "officer"}, "officer."),
        ({"officer": "officer", "mark": "机密★15年"}, "period.over_item"),
        ({"officer": "officer", "mark": "秘密★5年"}, "level.not_the_items"),
        ({"officer": "officer", "mark": "机密★长期"}, "tail.indefinite"),
        ({"officer": "officer", "issued_on": "2026-01-02"}, ""),
    ],
)
def test_a_row_that_names_officer_and_item_is_judged_like_any_approval(story: Story, changes: dict, code: str) -> None:
    story.later(days=10)
    row = _row(guide="SW-2021", item="7", basis="", issued_on="2026-01-08")
    assert _faults(story, {**row, "officer": "officer"}) == set()
    faults = _faults(story, {**row, **changes})
    assert faults and any(f[2].startswith(code) for f in faults)


def test_only_the_secrecy_office_registers_and_an_empty_or_huge_file_is_refused(story: Story) -> None:
    with pytest.raises(Forbidden):
        story.act("officer", "keep.import_legacy", basis="x", rows=(_row(),))
    assert _faults(story, *[_row()] * 2001) == {(0, "", "legacy.too_many_rows")}
    with pytest.raises(Invalid, match=r"legacy\.faulty"):
        _import(story)
