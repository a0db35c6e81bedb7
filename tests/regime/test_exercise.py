"""Questions from guides: every item is asked about, the regime accepts exactly one choice, and the same seed asks the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from dingmi.regime import exercise, judge
from dingmi.regime.exercise import Entry, Question
from dingmi.regime.prc_state.qualification import CertificateFacts

ON = date(2026, 11, 2)
TAILS = {
    "秘密": ("1年", "5年", "10年", "6个月", "正式公布前", "2031年12月31日", ""),
    "机密": ("5年", "10年", "20年", "启用前", "长期", ""),
    "绝密": ("10年", "20年", "30年", "任务完成后", "长期", ""),
}


def guide(count: int, seed: int = 1) -> tuple[Entry, ...]:
    """Return a made-up guide with every level and kind of period."""
    random = Random(seed)
    made = []
    for n in range(1, count + 1):
        level = random.choice(tuple(TAILS))
        tail = random.choice(TAILS[level])
        made.append(Entry(f"i{n}", "示例范围", str(n), f"第{n}类事项", level, tail, f"C{n}", date(2021, 1, 1)))
    return tuple(made)


@pytest.mark.clause("SEED-27", "SEED-41")
def test_every_item_of_a_guide_is_asked_about_in_every_kind_and_one_choice_is_right() -> None:
    entries = guide(24)
    found = list(exercise.bank(entries, "seed", ON))
    assert {q.item.id for q in found} == {e.id for e in entries}, "100 % of the items"
    assert Counter(q.kind for q in found) == dict.fromkeys(exercise.KINDS, len(entries))
    for q in found:
        good = exercise.accepted(q, ON)
        assert len(good) == 1 or (q.several and 0 < len(good) < len(q.choices))
        for choice in q.choices:
            mark = exercise.marked(q, [choice.letter], ON)
            assert mark.right == (good == (choice.letter,))
            assert mark.right or mark.findings, "whoever is wrong is told why"


def test_a_paper_covers_every_item_before_it_repeats_one_and_the_kinds_take_turns() -> None:
    entries = guide(12)
    made = exercise.paper(entries, "a", 30, ON)
    assert len(made) == 30
    assert len({q.item.id for q in made[:12]}) == 12
    assert len({(q.item.id, q.kind) for q in made}) == 30, "no question stands twice"
    assert min(Counter(q.kind for q in made).values()) >= 3


def test_the_same_seed_makes_the_same_paper_and_another_seed_another() -> None:
    entries = guide(10)
    assert exercise.paper(entries, "a", 10, ON) == exercise.paper(tuple(reversed(entries)), "a", 10, ON)
    papers = [exercise.paper(entries, seed, 10, ON) for seed in ("a", "b", "c")]
    assert all(one != other for one, other in pairwise(papers))


def test_a_question_holds_no_key() -> None:
    assert {f.name for f in fields(Question)} == {"kind", "item", "case", "choices"}


@pytest.mark.clause("BMF-20.2", "FW-9.1")
def test_answers_are_judged_by_the_law_and_feedback_cites_it() -> None:
    entry = Entry("i", "示例范围", "7", "事项", "机密", "10年", "C", date(2021, 1, 1))
    q = exercise.made("period", entry, (entry,), "s", ON)
    assert q is not None
    by_tail = {c.means["tail"]: c.letter for c in q.choices}
    longer = next(t for t in by_tail if t not in ("5年", "10年", "长期"))
    assert exercise.marked(q, [by_tail["10年"]], ON).right
    said = exercise.marked(q, [by_tail[longer]], ON).findings
    assert said[0].code == "period.over_item" and said[0].clauses
    assert [f.code for f in exercise.marked(q, [by_tail["长期"]], ON).findings] == ["tail.indefinite"]
    assert [f.code for f in exercise.marked(q, [by_tail["5年"]], ON).findings] == ["exam.not_the_longest"]
    assert not exercise.marked(q, [], ON).right


@pytest.mark.clause("BMF-16.2", "TL-14.2", "SEED-6")
def test_who_may_decide_is_asked_of_the_gate_itself() -> None:
    codes: set[str] = set()
    entry = Entry("i", "示例范围", "7", "事项", "机密", "10年", "C", date(2021, 1, 1))
    for seed in range(12):
        q = exercise.made("decider", entry, (entry,), str(seed), ON)
        assert q is not None
        codes |= {f.code for c in q.choices for f in exercise.findings(q, c, ON)}
    assert codes == {
        "officer.is_the_drafter",
        "officer.training_lapsed",
        "officer.assistant",
        "officer.suspended",
        "officer.over_level",
        "officer.clearance",
    }


@pytest.mark.clause("BMF-21.1", "BMF-43.3")
def test_leaving_out_someone_who_may_know_is_wrong_too() -> None:
    entry = Entry("i", "示例范围", "7", "事项", "机密", "10年", "C", date(2021, 1, 1))
    q = exercise.made("scope", entry, (entry,), "s", ON)
    assert q is not None
    good = exercise.accepted(q, ON)
    assert len(good) == 2 and exercise.marked(q, good, ON).right
    assert [f.code for f in exercise.marked(q, good[:1], ON).findings] == ["exam.left_out"]
    everyone = [c.letter for c in q.choices]
    assert {f.code for f in exercise.marked(q, everyone, ON).findings} == {"scope.clearance", "scope.foreign"}


@pytest.mark.clause("SEED-1", "SEED-2", "SEED-3", "TL-14.2")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"passed": False}, "certificate.not_passed"),
        ({"trained_until": None}, "certificate.untrained"),
        ({"trained_until": datetime(2026, 11, 2, 9, tzinfo=exercise.ZONE)}, "certificate.untrained"),
        ({"grade": "内部"}, "certificate.grade"),
        ({"certifier": "holder"}, "certificate.own"),
        ({}, ""),
        ({"grade": "特殊"}, ""),
    ],
)
def test_a_certificate_follows_training_and_a_pass_and_a_special_one_decides_nothing(
    change: dict[str, object], code: str
) -> None:
    at = datetime(2026, 11, 2, 9, tzinfo=exercise.ZONE)
    right = CertificateFacts(at, "机密", True, at + timedelta(days=9), "holder", "office")
    facts = replace(right, **change)  # type: ignore[arg-type]
    verdict = judge("prc_state", "exams.certify", facts, ON)
    assert [f.code for f in verdict.blocking] == ([code] if code else [])
    assert verdict.values["certificate_decides"] is (facts.grade == "机密")
