"""Work secrets and trade secrets by clause: each case is a lawful act with one element broken."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from dingmi.base.errors import Invalid
from dingmi.regime import judge
from dingmi.regime.access import Object, Subject, decide
from dingmi.regime.kernel.grading import (
    ApprovalFacts,
    ApproverFacts,
    ConversionFacts,
    FilingFacts,
    GradeFacts,
    GradeMarkFacts,
    LiftFacts,
)
from dingmi.regime.trade_secret import marks as trade
from dingmi.regime.trade_secret.rules import NonCompeteFacts
from dingmi.regime.work_secret import marks as work

AT = datetime(2026, 11, 24, 10)
WORK = GradeFacts(AT, "内部", drafter="甲", harm="duties", is_state_item=False)
TRADE = GradeFacts(AT, "核心商密", "5年", drafter="甲", harm="advantage", is_state_item=False)
HEAD = ApproverFacts("乙", is_principal=True)
CHIEF = ApproverFacts("乙", max_level="普通商密")


def codes(regime: str, act: str, facts: Any) -> dict[str, str]:
    return {f.code: f.severity for f in judge(regime, act, facts, AT.date()).findings}


def test_lawful_acts_are_lawful_in_both_regimes():
    for regime, grade in (("work_secret", WORK), ("trade_secret", TRADE)):
        assert codes(regime, "grading.propose", grade) == {}
        for act in ("grading.approve", "grading.change"):
            assert codes(regime, act, ApprovalFacts(AT, grade, HEAD)) == {}
        assert codes(regime, "grading.convert", ConversionFacts(AT)) == {}
    assert codes("trade_secret", "grading.file", FilingFacts(AT)) == {}


@pytest.mark.clause("GZ-3")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_state_item": True}, "grade.state_item"),
        ({"is_state_item": None}, "grade.state_item_unanswered"),
        ({"state_marks": 1}, "grade.state_item"),
        ({"harm": ""}, "grade.no_harm"),
        ({"harm": "value"}, "grade.no_harm"),
    ],
)
def test_what_is_a_state_secret_item_or_harms_nothing_is_no_work_secret(change, code):
    assert codes("work_secret", "grading.propose", replace(WORK, **change)) == {code: "block"}


@pytest.mark.clause("GZ-s1")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"names_scope": False}, "grade.no_scope"),
        ({"has_basis": False}, "grade.no_basis"),
        ({"drafter": ""}, "grade.no_basis"),
    ],
)
def test_a_work_secret_is_proposed_with_its_scope_and_basis(change, code):
    assert codes("work_secret", "grading.propose", replace(WORK, **change)) == {code: "block"}


@pytest.mark.clause("GZ-s1")
def test_a_work_secret_is_approved_by_the_principal_or_an_appointed_person_and_not_by_its_drafter():
    def of(approver: ApproverFacts) -> dict[str, str]:
        return codes("work_secret", "grading.approve", ApprovalFacts(AT, WORK, approver))

    assert of(ApproverFacts("乙")) == {"grade.not_appointed": "block"}
    assert of(ApproverFacts("乙", max_level="内部")) == {}
    assert of(ApproverFacts("甲", is_principal=True)) == {"grade.same_person": "block"}


@pytest.mark.clause("GZ-s2", "BMF-22.3")
@pytest.mark.parametrize("change", [{"level": "秘密"}, {"tail": "5年"}])
def test_a_work_secret_has_neither_level_nor_period(change):
    assert codes("work_secret", "grading.propose", replace(WORK, **change)) == {"grade.no_level": "block"}


@pytest.mark.clause("GZ-s2")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (GradeMarkFacts(AT, "内部资料", "内部资料"), "grade.mark_words"),
        (GradeMarkFacts(AT, "内部", ""), "grade.mark_not_shown"),
        (GradeMarkFacts(AT, "内部", is_markable=False), "grade.not_told"),
    ],
)
def test_a_work_secret_bears_its_words_or_its_readers_are_told(facts, code):
    assert codes("work_secret", "grading.mark", facts) == {code: "block"}
    assert codes("work_secret", "grading.mark", GradeMarkFacts(AT, "内部事项 注意保管", "内部事项 注意保管")) == {}


@pytest.mark.clause("BMF-22.3", "SM-13")
@pytest.mark.parametrize(("regime", "mark"), [("work_secret", "内部★"), ("trade_secret", "甲公司 核心商密★5年")])
def test_no_star_stands_on_what_is_no_state_secret(regime, mark):
    found = codes(regime, "grading.mark", GradeMarkFacts(AT, mark, mark, owner="甲公司"))
    assert found["grade.star"] == "block"


@pytest.mark.clause("GZ-s3")
def test_a_work_secret_is_lifted_on_its_two_grounds_only():
    def of(ground: str, **change: Any) -> dict[str, str]:
        return codes("work_secret", "grading.lift", LiftFacts(AT, ground, HEAD, **change))

    assert of("to_be_public") == of("harmless") == {}
    assert of("tired_of_it") == {"grade.lift_ground": "block"}
    assert of("harmless", has_reasons=False) == {"grade.no_reasons": "block"}


@pytest.mark.clause("SM-11", "GZ-3")
@pytest.mark.parametrize("regime", ["work_secret", "trade_secret"])
def test_it_becomes_a_state_secret_by_determination_only(regime):
    renamed = ConversionFacts(AT, by_statutory_procedure=False)
    assert codes(regime, "grading.convert", renamed) == {"grade.convert_by_procedure": "block"}
    assert codes(regime, "grading.convert", ConversionFacts(AT, is_in_force=False)) == {"grade.not_in_force": "block"}
    before, after = (LiftFacts(AT, "converted", HEAD, is_state_secret_now=now) for now in (False, True))
    assert codes(regime, "grading.lift", before) == {"grade.lift_ground": "block"}
    assert codes(regime, "grading.lift", after) == {}


@pytest.mark.clause("SM-11")
def test_a_state_secret_item_is_not_graded_as_a_trade_secret():
    assert codes("trade_secret", "grading.propose", replace(TRADE, is_state_item=True)) == {"grade.state_item": "block"}


@pytest.mark.clause("SM-12")
def test_business_unit_proposes_leader_approves_and_secrecy_office_files():
    assert codes("trade_secret", "grading.propose", replace(TRADE, names_scope=False)) == {"grade.no_scope": "block"}
    approvals = {
        ApproverFacts("乙"): {"grade.not_appointed": "block"},
        CHIEF: {"grade.over_appointment": "block"},
        ApproverFacts("甲", is_principal=True): {"grade.same_person": "block"},
        replace(CHIEF, max_level="核心商密"): {},
    }
    for approver, expected in approvals.items():
        assert codes("trade_secret", "grading.approve", ApprovalFacts(AT, TRADE, approver)) == expected
    assert codes("trade_secret", "grading.file", FilingFacts(AT, is_office=False)) == {"grade.office_files": "block"}
    assert codes("trade_secret", "grading.file", FilingFacts(AT, is_in_force=False)) == {"grade.not_in_force": "block"}


@pytest.mark.clause("SM-13")
@pytest.mark.parametrize("level", ["", "机密", "内部", "商密"])
def test_trade_secrets_have_two_levels(level):
    assert codes("trade_secret", "grading.propose", replace(TRADE, level=level)) == {"grade.level": "block"}


@pytest.mark.clause("SM-14")
@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("5年", {}),
        ("18个月", {}),
        ("2030年12月31日", {}),
        ("长期", {}),
        ("公布前", {}),
        ("", {"grade.tail": "block"}),
        ("0年", {"grade.tail": "block"}),
        ("启用前", {"grade.tail": "block"}),
        ("2030年2月30日", {"grade.tail": "block"}),
        ("2026年11月24日", {"grade.tail_over": "block"}),
    ],
)
def test_the_period_of_a_trade_secret_is_a_length_a_day_or_open(tail, expected):
    assert codes("trade_secret", "grading.propose", replace(TRADE, tail=tail)) == expected


@pytest.mark.clause("SM-14", "SM-11")
def test_a_trade_secret_is_lifted_when_it_is_none_any_more():
    for ground in ("published", "worthless", "expired"):
        assert codes("trade_secret", "grading.lift", LiftFacts(AT, ground, HEAD)) == {}
    assert codes("trade_secret", "grading.lift", LiftFacts(AT, "", HEAD)) == {"grade.lift_ground": "block"}


@pytest.mark.clause("SM-15?")
def test_a_mark_without_its_owner_warns_and_never_blocks():
    facts = GradeMarkFacts(AT, "核心商密▲5年", "核心商密▲5年")
    assert codes("trade_secret", "grading.mark", facts) == {"grade.no_owner": "warn"}


@pytest.mark.clause("NB-10")
def test_copies_bear_the_mark_and_changes_are_marked_and_told():
    mark = GradeMarkFacts(AT, "甲 核心商密▲5年", "甲 核心商密▲5年", owner="甲")
    assert codes("trade_secret", "grading.mark", mark) == {}
    assert codes("trade_secret", "grading.mark", replace(mark, visible="")) == {"grade.mark_not_shown": "block"}
    assert codes("trade_secret", "grading.mark", replace(mark, is_bound=False)) == {"grade.mark_not_bound": "block"}
    assert codes("trade_secret", "grading.mark", replace(mark, is_markable=False)) == {"grade.not_told": "block"}
    change = ApprovalFacts(AT, TRADE, HEAD, is_marked_on_original=False, is_told=False)
    assert codes("trade_secret", "grading.change", change) == {
        "grade.original_not_remarked": "block",
        "grade.not_told": "block",
    }
    assert codes("trade_secret", "grading.approve", change) == {}


@pytest.mark.clause("NB-16")
@pytest.mark.parametrize(
    ("through", "warned"),
    [(None, False), (date(2028, 11, 24), False), (date(2028, 11, 25), True), (date(2031, 1, 1), True)],
)
def test_a_promise_not_to_compete_is_advised_to_last_two_years_at_most(through, warned):
    found = codes("trade_secret", "personnel.non_compete", NonCompeteFacts(AT, date(2026, 11, 24), through))
    assert found == ({"undertaking.non_compete": "warn"} if warned else {})


@pytest.mark.clause("SEED-24")
@pytest.mark.parametrize(("days", "ok"), [(0, False), (1, True), (90, True), (91, False)])
def test_a_provisional_grade_has_an_end_within_the_term(days, ok):
    facts = replace(TRADE, provisional_until=AT.date() + timedelta(days=days))
    assert (codes("trade_secret", "grading.propose", facts) == {}) is ok


@pytest.mark.clause("SEED-25")
def test_another_departments_head_is_warned():
    other = ApproverFacts("乙", max_level="核心商密", is_same_department=False)
    assert codes("trade_secret", "grading.approve", ApprovalFacts(AT, TRADE, other)) == {
        "grade.other_department": "warn"
    }


@pytest.mark.parametrize("sign", ["★", "☆", "*"])
def test_the_separator_is_a_setting_that_refuses_the_star(sign):
    with pytest.raises(Invalid) as refused:
        trade.mark_text("核心商密", "5年", sign=sign)
    assert refused.value.findings[0].clauses == ("BMF-22.3", "SM-13")
    assert trade.mark_text("核心商密", "5年", "甲", sign="◆") == "甲 核心商密◆5年"
    with pytest.raises(Invalid, match="separator"):
        trade.mark_text("核心商密", "5年", sign="#")


def test_what_is_no_mark_is_not_read():
    for text in ("", "商密", "核心商密", "核心商密▲", "核心商密▲昨天"):
        with pytest.raises(Invalid):
            trade.parse(text)
    for text in ("", "内部资料", "内部▲5年"):
        with pytest.raises(Invalid):
            work.parse(text)
    assert work.parse("内部事项　注意保管").canonical == "内部事项 注意保管"


def test_periods_count_as_the_law_counts():
    window = trade.parse_tail("12个月").window(date(2026, 2, 28))
    assert (window.last_protected_day, window.declassified_from) == (date(2027, 2, 28), date(2027, 3, 1))
    assert trade.parse_tail("长期").window(date(2026, 1, 1)).last_protected_day is None


@pytest.mark.parametrize("level", ["内部", "普通商密", "核心商密"])
def test_clearance_neither_grants_nor_is_needed(level):
    target = Object(level, "graded", drafter="甲", persons=frozenset({"丙"}), organ="o")
    assert decide(Subject("丙", frozenset(), ""), "content", target)
    assert not decide(Subject("丁", frozenset(), "绝密", organ="o"), "content", target)
    assert not decide(Subject("丁", frozenset({"secrecy_office"}), "绝密", organ="o"), "content", target)
    assert decide(Subject("丁", frozenset({"secrecy_office"}), "", organ="o"), "existence", target)
    assert not decide(Subject("丙", frozenset({"system_admin"}), "绝密"), "existence", target)


@pytest.mark.parametrize("may", [True, False])
def test_a_proposed_grade_is_seen_by_those_who_may_approve_it(may):
    target = Object("核心商密", "pending", drafter="甲", organ="o", may_approve=may)
    assert bool(decide(Subject("戊", frozenset(), "", organ="o"), "content", target)) is may
    assert not decide(Subject("戊", frozenset(), "", organ="p"), "content", target)


def test_the_command_line_judges_by_regime():
    from dingmi.interfaces.cli.rules import app

    facts = {
        "at": AT.isoformat(),
        "level": "机密",
        "tail": "5年",
        "drafter": "甲",
        "harm": "value",
        "is_state_item": False,
    }
    answer = CliRunner().invoke(
        app, ["judge", "grading.propose", "--on", "2026-11-24", "--regime", "trade_secret"], input=json.dumps(facts)
    )
    told = json.loads(answer.stdout)
    assert not told["allowed"] and [f["code"] for f in told["findings"]] == ["grade.level"]
