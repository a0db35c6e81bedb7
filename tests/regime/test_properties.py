"""What holds for every date, mark and combination of faults, not only for the worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.base.errors import Invalid
from dingmi.regime import judge
from dingmi.regime.kernel.levels import OrderedLevel
from dingmi.regime.kernel.periods import Period, add_months
from dingmi.regime.prc_state import facts, marks
from dingmi.regime.prc_state.facts import ItemFacts, OfficerFacts, OrganFacts, SourceFacts, Terms
from dingmi.regime.prc_state.levels import Level

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
LEVELS = st.sampled_from([level.word for level in Level])
AT = datetime(2026, 11, 24, 10, 0)
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
EVENTS = ("启用前", "会议开始前", "正式公布前")


def tails() -> st.SearchStrategy[str]:
    """Give canonical tails of all four kinds."""
    years, months, days = st.integers(1, 30), st.integers(1, 11), st.integers(1, 364)
    return st.one_of(
        years.map(lambda n: f"{n}年"),
        months.map(lambda n: f"{n}个月"),
        days.map(lambda n: f"{n}日"),
        st.tuples(years, months).map(lambda p: f"{p[0]}年{p[1]}个月"),
        DAYS.map(lambda d: f"{d.year}年{d.month}月{d.day}日"),
        st.sampled_from([*EVENTS, "长期"]),
    )


@pytest.mark.clause("CC-202")
@settings(max_examples=150, deadline=None)
@given(DAYS, st.integers(0, 480))
def test_added_months_land_on_the_same_day_or_on_the_end_of_the_month(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@pytest.mark.clause("CC-201")
@settings(max_examples=150, deadline=None)
@given(DAYS, tails(), LEVELS)
def test_release_is_the_day_after_the_last_protected_day(start: date, tail: str, level: str) -> None:
    window = marks.parse(f"{level}★{tail}", issued=start).window
    assert window.starts_on == start
    if window.last_protected_day is None:
        assert window.declassified_from is None and tail in (*EVENTS, "长期")
    else:
        assert window.declassified_from == window.last_protected_day + timedelta(days=1)


@pytest.mark.clause("CC-202")
@settings(max_examples=100, deadline=None)
@given(DAYS, DAYS, st.integers(1, 30), st.integers(0, 11))
def test_a_later_start_never_ends_earlier(one: date, other: date, years: int, months: int) -> None:
    period = Period(years, months)
    first, second = sorted((one, other))
    assert period.last_day(first) <= period.last_day(second)


@pytest.mark.clause("ZX-24.1")
@settings(max_examples=150, deadline=None)
@given(LEVELS, tails())
def test_a_canonical_mark_is_read_back_unchanged_and_without_warning(level: str, tail: str) -> None:
    parsed = marks.parse(marks.mark_text(level, tail), issued=date(2026, 1, 1))
    assert (parsed.level, parsed.canonical, parsed.warnings) == (level, f"{level}★{tail}", ())


@pytest.mark.clause("ZX-24.1")
@settings(max_examples=100, deadline=None)
@given(LEVELS, tails(), st.sampled_from("★☆*"), st.sampled_from(["", " ", "　"]))
def test_a_sloppy_mark_means_the_same_and_says_what_was_mended(level: str, tail: str, star: str, gap: str) -> None:
    sloppy = gap.join(level) + gap + star + gap + tail
    parsed = marks.parse(sloppy, issued=date(2026, 1, 1))
    assert parsed.canonical == f"{level}★{tail}"
    assert bool(parsed.warnings) == (sloppy != parsed.canonical)


@pytest.mark.clause("BMF-22.3")
@pytest.mark.parametrize(
    ("text", "code", "clauses"),
    [
        ("内部★3年", "mark.star_reserved", ("BMF-22.3",)),
        ("核心商密★5年", "mark.star_reserved", ("BMF-22.3",)),
        ("十年", "mark.no_level", ()),
        ("机密★！！", "mark.tail_unreadable", ()),
        ("机密★秘密", "mark.tail_unreadable", ()),
    ],
)
def test_what_is_no_mark_is_refused_with_its_reason(text: str, code: str, clauses: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        marks.parse(text)
    assert (refused.value.code, refused.value.clauses) == (code, clauses)


@pytest.mark.clause("ZX-22.1")
def test_an_indefinite_condition_is_read_and_warned_of() -> None:
    assert marks.parse("机密★必要时公布").warnings == ("mark.vague_event",)
    assert marks.parse("机密★正式公布前").warnings == ()


def test_a_stated_time_of_day_is_kept() -> None:
    parsed = marks.parse("机密★2030年12月31日18时05分").as_dict()
    assert (parsed["value"], parsed["canonical"]) == ("2030-12-31T18:05", "机密★2030年12月31日18时05分")


FAULTS: dict[str, dict[str, Any]] = {
    "element.scope_missing": {"terms": {"persons": ()}},
    "level.not_the_items": {"terms": {"level": "绝密"}},
    "period.over_item": {"terms": {"tail": "15年"}},
    "officer.is_the_drafter": {"officer": {"person": "p1"}},
    "officer.training_lapsed": {"officer": {"trained_until": AT}},
    "officer.suspended": {"officer": {"is_suspended": True}},
    "officer.term_ended": {"officer": {"until": AT}},
    "officer.outside_matters": {"officer": {"matters": ("SW-FLD",)}},
    "authority.none": {"organ": {"delegations": ()}},
    "basis.item_not_in_force": {"item": {"until": date(2026, 1, 1)}},
}
APPROVAL = facts.ApprovalFacts(
    AT,
    "p1",
    OfficerFacts("p2", "designated", "main", "机密", ("*",), datetime(2024, 1, 1), None, False, True,
                 datetime(2027, 1, 1), "机密"),
    OrganFacts("other", (facts.DelegationFacts("授〔2025〕6号", "机密", ("*",), datetime(2025, 6, 20),
                                               datetime(2030, 6, 30)),)),
    Terms("机密", "10年", persons=("p3",)),
    ItemFacts("SW#7", "机密", "10年", "SW-NET"),
    bars=BARS,
)  # fmt: skip


@pytest.mark.clause("BMF-16.2")
@pytest.mark.clause("TL-15.1")
@settings(max_examples=100, deadline=None)
@given(st.sets(st.sampled_from(sorted(FAULTS)), min_size=1))
def test_every_fault_in_an_approval_is_told_in_one_refusal(broken: set[str]) -> None:
    given_facts = APPROVAL
    for code in sorted(broken):
        for name, change in FAULTS[code].items():
            given_facts = replace(given_facts, **{name: replace(getattr(given_facts, name), **change)})
    found = {f.code for f in judge("prc_state", "determination.approve", given_facts, AT.date()).blocking}
    assert broken <= found


def proposal(tail: str, item: ItemFacts) -> set[str]:
    """Return the codes that refuse a proposal of a tail under an item."""
    drafter = facts.DrafterFacts("p1", datetime(2027, 1, 1), "机密")
    terms = Terms(item.level, tail, persons=("p1",))
    made = facts.ProposalFacts(AT, drafter, terms, item, True, BARS)
    return {f.code for f in judge("prc_state", "determination.propose", made, AT.date()).blocking}


@pytest.mark.clause("FW-9.1")
@pytest.mark.clause("BMF-20.2")
@pytest.mark.parametrize(
    ("tail", "bound", "expected"),
    [
        ("2036年11月25日", "10年", set()),
        ("2036年11月26日", "10年", {"period.over_item"}),
        ("2045年1月1日", "10年", {"period.over_item"}),
        ("3653日", "10年", set()),
        ("3654日", "10年", {"period.over_item"}),
        ("7400日", "长期", {"period.over_cap"}),
        ("2046年11月25日", "长期", set()),
        ("2046年11月26日", "长期", {"period.over_cap"}),
        ("2026年11月24日", "10年", {"tail.already_past"}),
    ],
)
def test_a_bound_holds_however_the_tail_is_written(tail: str, bound: str, expected: set[str]) -> None:
    assert proposal(tail, ItemFacts("SW#7", "机密", bound)) == expected


def source(name: str, level: str, tail: str, last: date | None) -> SourceFacts:
    """Return a source that the drafter may use."""
    return SourceFacts(name, level, tail, last, has_consent=True, persons=("p1",))


@pytest.mark.clause("PS-8")
def test_change_tasks_step_down_over_three_sources_and_to_one_without_end() -> None:
    def tasks(*sources: SourceFacts) -> list[tuple[date, str, str]]:
        drafter = facts.DrafterFacts("p1", datetime(2027, 1, 1), "绝密")
        made = facts.DerivationFacts(AT, drafter, Terms("绝密", "长期", persons=("p1",)), sources, "rework")
        values = judge("prc_state", "derivation.propose", made, AT.date()).values
        return [(t["on"], t["from_level"], t["to_level"]) for t in values["change_tasks"]]

    top, middle = source("a", "绝密", "20年", date(2030, 1, 1)), source("b", "机密", "20年", date(2028, 1, 1))
    low = source("c", "秘密", "10年", date(2034, 1, 1))
    assert tasks(top, middle, low) == [(date(2030, 1, 2), "绝密", "秘密")]
    assert tasks(middle, low) == [(date(2028, 1, 2), "机密", "秘密")]
    assert tasks(middle, source("d", "秘密", "长期", None)) == [(date(2028, 1, 2), "机密", "秘密")]
    assert tasks(source("e", "绝密", "长期", None), low) == []


@pytest.mark.parametrize(
    ("trigger", "clause"),
    [("identical", "TL-18.1"), ("point", "TL-18.2"), ("rework", "TL-18.3"), ("originator_rule", "TL-18.4")],
)
@pytest.mark.clause("TL-18.1")
@pytest.mark.clause("TL-18.2")
@pytest.mark.clause("TL-18.3")
@pytest.mark.clause("TL-18.4")
def test_a_derivation_names_the_clause_of_its_trigger(trigger: str, clause: str) -> None:
    drafter = facts.DrafterFacts("p1", datetime(2027, 1, 1), "机密")
    one = source("s1", "机密", "20年", date(2035, 6, 1))
    made = facts.DerivationFacts(AT, drafter, Terms("机密", "2035年6月2日", persons=("p1",)), (one,), trigger)
    verdict = judge("prc_state", "derivation.propose", made, AT.date())
    assert verdict.allowed and verdict.values["trigger_clause"] == clause


@pytest.mark.clause("PS-5")
@pytest.mark.clause("BMF10-13.3")
@pytest.mark.parametrize(
    ("at", "clause"),
    [
        (datetime(2020, 1, 2), "BMF10-13.3"),
        (datetime(2024, 1, 2), "PS-5"),
        (datetime(2026, 1, 2), "GD-11.3"),
    ],
)
def test_derivation_is_free_of_authority_by_the_clause_of_its_day(at: datetime, clause: str) -> None:
    made = replace(APPROVAL, at=at, origin="derivative", item=None)
    verdict = judge("prc_state", "determination.approve", made, at.date())
    assert verdict.values["authority_applies"] is False
    assert f"authority_applies {clause}" in verdict.trace


@pytest.mark.clause("BMF-20.4")
def test_a_publication_to_come_releases_nothing_yet_and_hides_no_lapse() -> None:
    later = datetime(2026, 12, 1, 10)
    still = facts.LapseFacts(date(2026, 11, 24), "active", "period", date(2030, 1, 1), later)
    over = replace(still, declassified_from=date(2026, 11, 1))
    first, second = (judge("prc_state", "declassification.lapse", f, f.on).values for f in (still, over))
    assert (first["lapses"], first["released_at"]) == (False, None)
    assert second["lapses"] is True


def test_levels_of_two_regimes_do_not_compare() -> None:
    class Other(OrderedLevel):
        LOW = "内部"

    assert Level.MIMI < Level.JIMI < Level.JUEMI
    with pytest.raises(TypeError):
        assert Level.MIMI < Other.LOW
