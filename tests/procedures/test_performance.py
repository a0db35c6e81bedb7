"""The gate asked backwards, and the weighted appraisal: points with evidence, recomputed, contested, decided."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.queries import QUERIES, gate, performance
from dingmi.queries.lists import LISTS
from dingmi.queries.people_sheet import HEADINGS
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.models import Decision
from dingmi.records.notices.models import Notice
from dingmi.records.officers.models import Officer, Suspension
from dingmi.records.officers.performance import PerformanceReview
from dingmi.regime import performance as book
from tests.story import Story

SCHEME = book.scheme_of(2026)
NAMES = tuple(SCHEME.weights)


@pytest.mark.clause("SEED-11", "SEED-10", "SEED-12")
def test_the_scheme_has_at_least_forty_rules_each_on_a_clause_and_of_both_signs() -> None:
    rules = SCHEME.rules.values()
    assert len(rules) >= 40
    assert {r.indicator for r in rules} == set(NAMES)
    assert any(r.points > 0 for r in rules) and any(r.points < 0 for r in rules)
    assert all(r.zh and r.en and r.clause for r in rules)


@pytest.mark.clause("SEED-11")
@pytest.mark.parametrize(
    "weights", [{}, {"accuracy": 1}, dict.fromkeys(NAMES, "0.1"), {**dict.fromkeys(NAMES, 0), "x": 1}]
)
def test_weights_that_do_not_sum_to_one_or_miss_an_indicator_are_refused(weights: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"performance\.weights"):
        book.require_weights({k: Decimal(str(v)) for k, v in weights.items()}, NAMES)


EVENTS = st.lists(
    st.builds(
        book.Event,
        st.sampled_from(sorted(SCHEME.rules)),
        st.integers(0, 999).map(lambda n: f"x:{n}"),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat),
    ),
    max_size=30,
)


@pytest.mark.clause("SEED-11")
@settings(max_examples=1_500, deadline=None)
@given(events=EVENTS, cuts=st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_a_score_equals_an_independent_sum_of_its_evidence_and_does_not_depend_on_the_order(
    events: list[book.Event], cuts: list[int]
) -> None:
    edges = [0, *sorted(cuts), 100]
    weights = {name: Decimal(b - a) / 100 for name, a, b in zip(NAMES, edges, edges[1:], strict=False)}
    found = book.score(SCHEME, events, weights)
    per: dict[str, list[int]] = {}
    for event in events:
        per.setdefault(event.rule, []).append(SCHEME.rules[event.rule].points)
    expected = Decimal(0)
    for name in NAMES:
        sums = 0
        for code, points in per.items():
            rule = SCHEME.rules[code]
            if rule.indicator == name:
                sums += max(sum(points), rule.most) if rule.points < 0 else min(sum(points), rule.most)
        expected += weights[name] * min(100, max(0, 100 + sums))
    assert found.total == expected.quantize(Decimal("0.1"))
    assert book.score(SCHEME, list(reversed(events)), weights) == found
    assert len(found.lines) == len(events), "each event keeps its line and its evidence"


pytestmark: list[Any] = []
db = [pytest.mark.db, pytest.mark.django_db]


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def in_story(test: Any) -> Any:
    for mark in db:
        test = mark(test)
    return test


@in_story
@pytest.mark.clause("BMF-16.2", "SEED-3")
def test_no_decision_taken_through_the_acts_was_outside_authority_and_one_forced_in_is_found(story: Story) -> None:
    for user in ("officer", "officer2"):
        story.approved(answers=story.answers("3" if user == "officer" else "7"))
    assert ask(story, "head", "gate.outside").outside == ()
    assert ask(story, "head", "gate.outside").judged == 2
    officer = Officer.objects.get(person=story.people["officer"])
    with act_open("test"):
        Suspension(officer=officer, ground="inquiry", since=story.now).save()
    found = ask(story, "head", "gate.outside").outside
    assert found and all("officer.suspended" in row.codes and row.clauses for row in found)
    with pytest.raises(Forbidden):
        ask(story, "drafter", "gate.outside")
    told = ask(story, "secrecy", "gate.outside")  # not cleared here
    assert (told.judged, told.outside) == (0, ()), "what a clearance does not cover is not told, nor counted"


def year_over(story: Story) -> None:
    story.on(date(2027, 1, 4))


@in_story
@pytest.mark.clause("SEED-11", "SEED-28")
def test_a_year_is_notified_frozen_objected_to_and_decided_with_every_point_on_its_evidence(story: Story) -> None:
    matter = story.approved()
    person = str(story.people["officer"])
    story.act(
        "secrecy", "performance.record", person=person, rule="criticised", on=story.now.date(), evidence="巡查记录 3"
    )
    before = ask(story, "secrecy", "performance.year", person=person, year=2026)
    lines = {line.rule: line for line in before.lines}
    assert lines["decided_prompt"].evidence == f"decision:{Decision.objects.get(matter=matter).pk}"
    prompt = next(x for x in ask(story, "officer", "performance.mine", year=2026).lines if x.rule == "decided_prompt")
    assert (prompt.kind, prompt.matter, prompt.number) == ("decision", matter, story.matter(matter).register_no)
    assert lines["decided_prompt"].matter is None, "the office of the story is not cleared for it"
    assert (lines["criticised"].points, lines["criticised"].matter) == (-10, None)
    with pytest.raises(Conflict, match=r"performance\.year_open"):
        story.act("secrecy", "performance.notify", person=person, year=2026)
    year_over(story)
    told = story.act("secrecy", "performance.notify", person=person, year=2026)
    frozen = PerformanceReview.objects.get(pk=told.id).score
    assert Notice.objects.filter(code="performance.noticed", person=person).exists()
    with pytest.raises(Conflict, match=r"performance\.closed"):
        story.act(
            "secrecy", "performance.record", person=person, rule="commended", on=date(2026, 6, 1), evidence="晚了"
        )
    story.act("officer", "performance.object", review=told.id, reasons="巡查已补。")
    fact = next(line[3] for line in frozen["lines"] if line[0] == "criticised")
    done = story.act("head", "performance.decide", review=told.id, decision="成立。", strike=(fact,))
    assert Decimal(done.total) - Decimal(frozen["total"]) == Decimal("1.0"), "ten points at a weight of a tenth"
    assert PerformanceReview.objects.get(pk=told.id).score == frozen, "what was notified stays as it was"


@in_story
@pytest.mark.clause("SEED-11")
def test_nobody_reads_anothers_appraisal_or_touches_his_own(story: Story) -> None:
    other, own = str(story.people["officer2"]), story.people["officer"]
    with pytest.raises(Forbidden):
        ask(story, "officer", "performance.year", person=other, year=2026)
    assert ask(story, "officer", "performance.mine", year=2026).person == own
    year_over(story)
    told = story.act("secrecy", "performance.notify", person=other, year=2026)
    for act in ("performance.sign", "performance.object"):
        more = {"reasons": "x"} if act.endswith("object") else {}
        with pytest.raises(NotFound):
            story.act("officer", act, review=told.id, **more)
    story.act("officer2", "performance.sign", review=told.id)
    with pytest.raises(Conflict, match=r"performance\.answered"):
        story.act("officer2", "performance.object", review=told.id, reasons="晚了")
    with pytest.raises(Conflict, match=r"performance\.not_objected"):
        story.act("head", "performance.decide", review=told.id, decision="x")


@in_story
@pytest.mark.clause("SEED-11")
def test_other_weights_are_tried_without_touching_the_year_and_an_objection_has_a_window(story: Story) -> None:
    story.approved()
    even = {
        **dict.fromkeys(NAMES, "0.2"),
        "training": "0",
    }
    tried = ask(story, "head", "performance.what_if", year=2026, weights=even)
    assert len(tried.rows) == 4 and PerformanceReview.objects.count() == 0
    with pytest.raises(Invalid, match=r"performance\.weights"):
        ask(story, "head", "performance.what_if", year=2026, weights={**even, "training": "0.1"})
    with pytest.raises(Invalid, match=r"performance\.weights"):
        story.act("head", "performance.set_weights", year=2026, weights={**even, "accuracy": "0.3"}, instrument="x")
    story.act("head", "performance.set_weights", year=2026, weights=even, instrument="考核办法〔2026〕1号")
    assert performance.weights_of(2026)["accuracy"] == Decimal("0.2")
    year_over(story)
    told = story.act("secrecy", "performance.notify", person=str(story.people["officer"]), year=2026)
    story.on(date(2027, 3, 1))
    with pytest.raises(Conflict, match=r"performance\.too_late"):
        story.act("officer", "performance.object", review=told.id, reasons="晚了")
    assert isinstance(told.id, UUID) and gate.JUDGED


@pytest.mark.db
@pytest.mark.clause("SEED-10", "SEED-11", "SEED-28", "TL-6.3")
def test_weights_are_tried_on_a_past_year_without_touching_it_and_the_year_is_handed_out_by_name(story: Story) -> None:
    story.approved()
    story.act(
        "head",
        "performance.record",
        person=story.people["officer"],
        rule="commended",
        on=story.now.date(),
        evidence="=通报1号",
    )
    with pytest.raises(Conflict, match=r"performance\.year_open"):
        story.act("head", "performance.export", year=2026)
    story.on(date(2027, 1, 20))
    of_year = QUERIES["performance.of_year"]

    def seen(**params: Any) -> Any:
        return of_year.run(actor=story.actor("head"), now=story.now, params={"year": 2026, **params})

    before = seen()
    other = {**dict.fromkeys(NAMES, "0"), "training": "1"}
    tried = seen(weights=other)
    assert tried.tried and [r.name for r in tried.rows] == sorted(r.name for r in tried.rows)
    for row in tried.rows:
        alone = performance.scored(row.person, 2026, story.now, {k: Decimal(v) for k, v in other.items()})
        assert row.tried == str(alone.total) and Decimal(row.difference) == alone.total - Decimal(row.total)
    assert seen() == before, "nothing was kept"
    with pytest.raises(Invalid, match=r"performance\.weights"):
        seen(weights={**other, "training": "0.9"})
    assert [(m.name, m.points) for m in before.merits] == [("周启明", 5)]
    text = story.act("head", "performance.export", year=2026, format="csv").content.decode("utf-8-sig")
    assert "周启明" in text and "通报1号" in text
    with pytest.raises(Forbidden):
        of_year.run(actor=story.actor("officer"), now=story.now, params={"year": 2026})


def _rules(story: Story, user: str, year: int) -> dict[str, str]:
    """Return the rules of which events of an officer's year tell, each with its evidence."""
    return {e.rule: e.evidence for e in performance.events(story.people[user], year, story.now)}


@pytest.mark.db
@pytest.mark.clause("SEED-11", "SEED-1", "BMF-24.1")
def test_a_lapsed_grade_a_lowered_level_and_what_waited_over_new_year_are_told_from_the_records(story: Story) -> None:
    story.act(
        "secrecy", "officers.record_qualification", person=story.people["officer"], grade="机密", certificate="证1",
        since=story.now, until=story.now + timedelta(days=120),
    )  # fmt: skip
    matter = story.approved()
    story.on(date(2026, 3, 2))
    proposed = {"ground": "damage_changed", "reason": "泄露后的损害程度明显变化。", "level": "秘密", "tail": "8年"}
    story.act("drafter", "change.propose", matter=matter, expected_version=story.version(matter), **proposed)
    story.act("officer", "change.change", matter=matter, expected_version=story.version(matter))
    assert "lowered" in _rules(story, "officer", 2026) and "grade_lapsed" not in _rules(story, "officer", 2026)
    story.on(date(2026, 12, 14))
    waiting = story.proposed("drafter2")
    assert _rules(story, "officer", 2026)["grade_lapsed"].startswith("qualification:")
    story.on(date(2027, 1, 11))
    assert "waiting_long" not in _rules(story, "officer2", 2026)
    story.approve(waiting, "officer2")
    assert _rules(story, "officer2", 2026)["waiting_long"].startswith("decision:")
    assert "waiting_long" not in _rules(story, "officer", 2026)
    assert "decided_late" in _rules(story, "officer2", 2027) and "decided_late" not in _rules(story, "officer", 2026)


def rows_of(page: Any, instrument: str = "水密〔2026〕9号") -> list[dict[str, str]]:
    """Return the rules of a year as they are taken out, with the paper that sets them."""
    held = LISTS["performance.rules"]
    heads = {word: key for key, word in HEADINGS["rules"].items()}
    made = []
    for texts in held.texts(held.of(page)):
        row = {heads[c.word]: text for c, text in zip(held.columns, texts, strict=True) if c.word in heads}
        made.append({**row, "instrument": instrument})
    return made


def own_rule(number: int, points: int = -1) -> dict[str, str]:
    """Return a rule of the organ's own."""
    return {
        "code": f"own_{number}", "indicator": "监督整改", "points": str(points), "most": str(points * 4),
        "clause": "SEED-11", "zh": f"本单位规则{number}", "en": f"Own rule {number}", "instrument": "水密〔2026〕9号",
    }  # fmt: skip


@in_story
@pytest.mark.clause("SEED-11")
def test_a_hundred_rules_of_the_organ_are_taken_from_a_sheet_whole_and_score_from_this_year(story: Story) -> None:
    brought = ask(story, "head", "performance.rules", year=2026)
    rows = [*rows_of(brought), *(own_rule(n) for n in range(80))]
    assert sum(int(row["points"]) < 0 for row in rows) >= 75
    rows[[r["code"] for r in rows].index("hours_short")] |= {"points": "-7", "most": "-7"}
    dry = story.act("head", "performance.load_rules", rows=tuple(rows))
    assert (dry.rows, dry.entered, dry.faults) == (len(rows), 0, ())
    assert ask(story, "head", "performance.rules", year=2026).version == brought.version
    with pytest.raises(Forbidden):
        story.act("secrecy", "performance.load_rules", rows=tuple(rows), dry_run=False)
    story.act("head", "performance.load_rules", rows=tuple(rows), dry_run=False)
    held = ask(story, "officer", "performance.rules", year=2026)
    assert held.version != brought.version and len(held.rows) == len(rows)
    assert ask(story, "head", "performance.rules", year=2025).version == brought.version, "a past year keeps its rules"
    assert {r.code: r.source for r in held.rows}["hours_short"] == "records", "found in records as before"
    person = story.people["officer"]
    story.act("secrecy", "performance.record", person=person, rule="own_3", on=story.now.date(), evidence="记录 1")
    year_over(story)
    story.act("secrecy", "performance.notify", person=person, year=2026)
    page = ask(story, "head", "performance.year", person=person, year=2026)
    said = {line.rule: (line.points, line.words) for line in page.lines}
    assert said["own_3"] == (-1, "本单位规则3") and said["hours_short"][0] == -7 and page.version == held.version
    with pytest.raises(Conflict, match=r"performance\.closed"):
        story.act("head", "performance.load_rules", rows=tuple(rows), year=2026, dry_run=False)
    story.act("officer", "performance.object", review=page.review, reasons="记录 1 有误。")
    evidence = next(line.evidence for line in page.lines if line.rule == "own_3")
    struck = story.act("head", "performance.decide", review=page.review, decision="核实有误。", strike=(evidence,))
    assert Decimal(struck.total) > Decimal(page.total), "summed anew by the rules of its version"


@in_story
@pytest.mark.clause("SEED-11")
def test_each_wrong_cell_of_a_sheet_of_rules_is_named_and_a_rule_in_use_cannot_go(story: Story) -> None:
    story.act(
        "secrecy", "performance.record", person=story.people["officer"], rule="commended", on=story.now.date(),
        evidence="表彰文件",
    )  # fmt: skip
    wrong = (
        {"code": "Own Rule"}, {"code": "own_0"}, {"indicator": "颜色"}, {"points": "0"}, {"points": "很多"},
        {"most": "9"}, {"most": "-101"}, {"clause": "XYZ-1"}, {"zh": ""}, {"en": "=1+1"}, {"instrument": ""},
    )  # fmt: skip
    rows = (own_rule(0), *(own_rule(n) | cells for n, cells in enumerate(wrong, start=1)))
    told = story.act("head", "performance.load_rules", rows=rows)
    found = {(f.row, f.column, f.code) for f in told.faults}
    assert found >= {
        (3, "code", "text.malformed"), (4, "code", "rule.twice"), (5, "indicator", "choice.unknown"),
        (6, "points", "number.range"), (7, "points", "number.range"), (8, "most", "number.range"),
        (9, "most", "number.range"), (10, "clause", "choice.unknown"), (11, "zh", "text.missing"),
        (12, "en", "cell.formula"), (13, "instrument", "text.missing"), (0, "code", "rule.in_use"),
    }  # fmt: skip
    with pytest.raises(Invalid, match=r"rows\.faulty"):
        story.act("head", "performance.load_rules", rows=rows, dry_run=False)
    with pytest.raises(Invalid):
        story.act("head", "performance.load_rules", rows=tuple(own_rule(n) for n in range(301)))
    for year in (2025, 2040):
        with pytest.raises(Conflict, match=r"performance\.closed"):
            story.act("head", "performance.load_rules", rows=(own_rule(1),), year=year)


@in_story
@pytest.mark.clause("TL-26.1", "SEED-11")
def test_a_challenge_that_was_upheld_or_turned_down_stands_in_the_appraisal_of_who_determined(story: Story) -> None:
    def step(name: str, **params: Any) -> Any:
        return story.act("officer", f"challenge.{name}", expected_version=story.version(matter), **params)

    ruled = {"document_no": "某密决〔2026〕1号"}
    for rule, said in (
        ("challenge_won", {"position": "level", "level": "秘密"}),
        ("challenge_lost", {"position": "not_secret"}),
    ):
        matter = story.approved()
        made = step("raise", matter=matter, reasons="影响有限。", challenger=story.province.pk, **said).challenge
        if rule == "challenge_won":
            story.act("head", "challenge.answer", challenge=made, outcome="keep", reasons="依据目录确定。",
                      expected_version=story.version(matter))  # fmt: skip
            story.act(
                "head", "challenge.settle", challenge=made, reasons="对方接受。", expected_version=story.version(matter)
            )
        else:
            step("register_dispute", challenge=made, **ruled)
            step("register_decision", challenge=made, ruled_by="provincial", outcome="not_secret",
                 decided_on=story.now.date(), **ruled)  # fmt: skip
        lines = ask(story, "head", "performance.year", person=story.people["officer"], year=2026).lines
        assert [x.matter for x in lines if x.rule == rule] == [matter]
