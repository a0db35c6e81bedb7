"""Two editions side by side: every change of the law on its day, the day before and the day after; what runs on, and how."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.messages import render
from dingmi.regime import deadlines, judge
from dingmi.regime.kernel import register
from dingmi.regime.prc_state import facts, facts_custody, facts_life, facts_marks, facts_office, guides
from dingmi.regime.prc_state.facts import ItemFacts, OfficerFacts, OrganFacts, SourceFacts, Terms

LAW, REGULATION, RULE = date(2024, 5, 1), date(2024, 9, 1), date(2025, 5, 1)
OFFICER = OfficerFacts(
    "p2", "statutory", "main", "", ("*",), datetime(2010, 1, 1), None, False, True, datetime(2040, 1, 1), "绝密"
)
ORGAN = OrganFacts("prefecture")
TERMS = Terms("机密", "10年", persons=("p3",))
ITEM = ItemFacts("SW#7", "机密", "10年", "SW")
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
DRAFTER = facts.DrafterFacts("p1", datetime(2040, 1, 1), "机密")


def at(day: date) -> datetime:
    """Return a working hour of a day."""
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=10)


def judged(act: str, given: Any, day: date) -> Any:
    """Judge by the law of ``day``."""
    return judge("prc_state", act, given, day)


def value(act: str, given: Any, day: date, name: str) -> tuple[Any, str]:
    """Return a decided value and the clause that gave it."""
    verdict = judged(act, given, day)
    clause = next(entry.split()[1] for entry in verdict.trace if entry.startswith(f"{name} "))
    return verdict.values[name], clause


def code(act: str, given: Any, day: date, wanted: str) -> tuple[bool, str]:
    """Return whether a finding is made, and on the ground of which clause."""
    found = {f.code: f.clauses[0] for f in judged(act, given, day).findings}
    return wanted in found, found.get(wanted, "")


def _source(relation: str) -> SourceFacts:
    return SourceFacts("s1", "机密", "20年", date(2035, 6, 1), persons=("p3",), relation=relation)


def _derivation(day: date) -> Any:
    terms = Terms("机密", "2035年6月2日", persons=("p3",))
    return facts.DerivationFacts(at(day), DRAFTER, terms, (_source("other"),), "rework")


def _extension(day: date) -> Any:
    start = date(day.year - 4, 1, 1)
    return facts.ExtensionFacts(
        at(day), "p1", OFFICER, ORGAN, "active", replace(TERMS, tail="5年"), replace(TERMS, persons=()),
        start, date(day.year + 1, 1, 1), ITEM,
    )  # fmt: skip


def _proposal(day: date, **change: Any) -> Any:
    return replace(facts.ProposalFacts(at(day), DRAFTER, TERMS, ITEM, True, BARS), **change)


def _grant(day: date, **change: Any) -> Any:
    made = facts_office.GrantFacts(at(day), ORGAN, True, "机密", ("*",), at(day), at(day) + timedelta(days=700))
    return replace(made, **change)


# topic of procedures §7 → (the day of the change, what is asked of a day, expected before, expected after)
Ask = Callable[[date], Any]
CHANGES: dict[str, tuple[date, Ask, Any, Any]] = {
    "officer ex officio": (
        LAW,
        lambda d: value("officers.ex_officio", facts_office.AppointmentFacts(at(d), False, True), d, "is_ex_officio"),
        (True, "BMF10-12.1"), (False, "BMF-16.1"),
    ),
    "derivative scope": (
        LAW,
        lambda d: code("derivation.propose", _derivation(d), d, "derivation.source_not_a_superiors"),
        (True, "BMF10-13.3"), (False, ""),
    ),
    "four triggers in the departmental rule": (
        date(2023, 4, 1),
        lambda d: code("derivation.propose", replace(_derivation(d), trigger=""), d, "derivation.no_trigger"),
        (True, "BMF10-13.3"), (True, "PS-7"),
    ),
    "four triggers in the regulation": (
        REGULATION,
        lambda d: code("derivation.propose", replace(_derivation(d), trigger=""), d, "derivation.no_trigger"),
        (True, "PS-7"), (True, "TL-18"),
    ),
    "scope expansion approver": (
        LAW,
        lambda d: code(
            "need_to_know.expand",
            facts.NeedToKnowFacts(at(d), "机密", "active", False, approver_is_a_head=True), d, "scope.approver",
        ),
        (False, ""), (True, "BMF-21.3"),
    ),
    "points": (
        LAW,
        lambda d: value("determination.propose", _proposal(d), d, "points_in_law"),
        (False, "BMF10-14.1"), (True, "BMF-19"),
    ),
    "review frequency in the rule": (
        date(2014, 3, 9),
        lambda d: judged(
            "review.decide", facts.ReviewFacts(at(d), "p1", OFFICER, "active", d.year), d
        ).values["review_every"],
        "regular", "yearly",
    ),
    "review frequency in the law": (
        LAW,
        lambda d: value("review.decide", facts.ReviewFacts(at(d), "p1", OFFICER, "active", d.year), d, "review_every"),
        ("yearly", "BMF10-19.2"), ("yearly", "BMF-24.1"),
    ),
    "extension re-decides": (
        LAW,
        lambda d: code("change.extend", _extension(d), d, "element.scope_missing"),
        (False, ""), (True, "BMF-24.2c"),
    ),
    "duty to review, liability": (
        LAW,
        lambda d: value("oversight.error", facts_office.ErrorFacts(at(d), "not_reviewed"), d, "is_liable"),
        (False, "BMF10-49.2"), (True, "BMF-58.2"),
    ),
    "administrations may delegate": (
        LAW,
        lambda d: code("delegation.register", _grant(d, grantor_kind="administration"), d, "delegation.grantor"),
        (True, "TL14-11"), (False, ""),
    ),
    "no sub-delegation": (
        REGULATION,
        lambda d: code("delegation.register", _grant(d, grantor_may_delegate=False), d, "delegation.sub_delegation"),
        (True, "ZX-7.2"), (True, "TL-16.3c"),
    ),
    "period when the guide is silent": (
        REGULATION,
        lambda d: code(
            "determination.propose",
            _proposal(d, item=replace(ITEM, tail="", is_silent_on_period=True)), d, "period.item_silent",
        ),
        (False, ""), (True, "TL-19.1"),
    ),
    "record of who learned 机密 or above": (
        REGULATION,
        lambda d: value("carriers.read", facts.ReadFacts(at(d), "机密"), d, "knowledge_record"),
        ("written", "TL14-14"), ("any", "TL-20"),
    ),
    "unclear matter": (
        REGULATION,
        lambda d: [deadlines.compute("unclear_matter_report", d)[k] for k in ("unit", "clause")],
        ["day", "TL14-19"], ["working_day", "TL-25.1d"],
    ),
    "decision on an unclear matter": (
        REGULATION,
        lambda d: [deadlines.compute("unclear_matter_decision", d)[k] for k in ("unit", "clause")],
        ["day", "TL14-19"], ["working_day", "TL-25.2"],
    ),
    "risk assessment": (
        REGULATION,
        lambda d: value("system.configure", facts_custody.SystemFacts(at(d), "绝密"), d, "risk_assessment_years"),
        (0, "TL14-25"), (1, "TL-35.1"),
    ),
    "appraisal clock": (
        REGULATION,
        lambda d: deadlines.compute("appraisal", d)["clause"],
        "TL14-37", "TL-63.2",
    ),
    "training duty": (
        REGULATION,
        lambda d: code(
            "determination.propose",
            _proposal(d, drafter=facts.DrafterFacts("p1", None, "机密")), d, "drafter.untrained",
        ),
        (False, ""), (True, "TL-14.2"),
    ),
    "training of dedicated staff": (
        REGULATION,
        lambda d: code(
            "determination.propose",
            _proposal(d, drafter=facts.DrafterFacts("p1", None, "机密", True)), d, "drafter.untrained",
        ),
        (True, "TL14-9"), (True, "TL-14.2"),
    ),
    "successor": (
        REGULATION,
        lambda d: code(
            "succession.assign", facts_life.SuccessionFacts(at(d), "abolished", "up", "taker", "up"), d,
            "succession.taker_comes_first",
        ),
        (False, ""), (True, "TL-23"),
    ),
    "successor after a split": (
        REGULATION,
        lambda d: code(
            "succession.assign", facts_life.SuccessionFacts(at(d), "split", "taker", "taker"), d, "succession.no_split"
        ),
        (True, "TL14-17"), (False, ""),
    ),
    "notice of a change": (
        LAW,
        lambda d: code(
            "reception.register_notice", facts_life.OriginatorNoticeFacts(at(d), "lost", d), d, "reception.kind"
        ),
        (True, "ZX-30.1"), (True, "BMF-23.2"),
    ),
    "electronic marks in the law": (
        LAW,
        lambda d: code(
            "carriers.mark",
            facts_marks.CarrierMarkFacts(at(d), "机密", expected="机密★10年", visible="机密★10年", is_bound=False),
            d, "mark.not_bound",
        ),
        (True, "ZX-24.3"), (True, "BMF-22.2"),
    ),
    "catalogue compulsory": (
        REGULATION,
        lambda d: code("guides.keep_catalogue", guides.CatalogueFacts(True), d, "catalogue.required"),
        (False, ""), (True, "TL-13a"),
    ),
    "guide states the tier": (
        REGULATION,
        lambda d: code("guides.import_edition", guides.GuideItemFacts(tier=False), d, "guide.element_missing"),
        (False, ""), (True, "TL-12.1"),
    ),
    "publication is release": (
        LAW,
        lambda d: value(
            "declassification.lapse", facts.LapseFacts(d, "active", "period", date(2040, 1, 1), at(d)), d, "lapses"
        ),
        (True, "BMF10-15.4"), (True, "BMF-20.4"),
    ),
    "leak report": (
        REGULATION,
        lambda d: deadlines.compute("leak_report", at(d))["clause"],
        "TL14-34", "TL-61.1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("topic", CHANGES)
@pytest.mark.clause(
    "BMF10-12.1", "BMF-16.1", "BMF10-13.3", "BMF-18", "PS-7", "TL-18", "BMF10-16.3", "BMF-21.3", "BMF10-14.1", "BMF-19"
)
@pytest.mark.clause("BMF10-19.2", "ZX-31.1", "BMF-24.1", "BMF-24.2c", "BMF10-49.2", "BMF-58.2", "BMF-17.2c", "TL-16.2")
@pytest.mark.clause("ZX-7.2", "TL-16.3c", "TL14-13", "TL-19.1", "TL14-14", "TL-20", "TL14-19", "TL-25.1d", "TL-25.2")
@pytest.mark.clause("TL14-25", "TL-35.1", "TL14-37", "TL-63.2", "TL14-9", "TL-14.2", "BMF10-15.4", "TL14-34", "TL-61.1")
@pytest.mark.clause("TL14-17", "TL-23", "ZX-30.1", "BMF-23.2", "ZX-24.3", "BMF-22.2", "TL-13a", "TL-12.1")
def test_the_law_changes_on_its_day_and_not_before(topic: str) -> None:
    day, ask, before, after = CHANGES[topic]
    assert ask(day - timedelta(days=1)) == before
    assert ask(day) == after
    assert ask(day + timedelta(days=1)) == after


@pytest.mark.clause("TL14-19", "CC-203", "CC-201")
def test_e20_a_limit_runs_by_the_rule_of_its_start_and_the_new_rule_is_told_as_a_note() -> None:
    found = deadlines.compute("unclear_matter_report", date(2024, 8, 28))
    assert (found["due"], found["clause"]) == (date(2024, 9, 9), "TL14-19")
    assert found["note"] == {
        "due": date(2024, 9, 11), "unit": "working_day", "count": 10, "clause": "TL-25.1d",
    }  # fmt: skip
    assert "note" not in deadlines.compute("unclear_matter_report", date(2024, 8, 20))


@pytest.mark.clause("CC-203", "XX-33", "ZX-27.2")
def test_a_limit_in_hours_does_not_wait_for_the_holiday_and_one_in_days_does() -> None:
    assert deadlines.compute("leak_report", datetime(2026, 10, 1, 16, 20))["due"] == datetime(2026, 10, 2, 16, 20)
    assert deadlines.compute("central_approval", date(2026, 9, 4))["due"] == date(2026, 10, 8)
    assert deadlines.compute("disclosure_reply", date(2026, 1, 5))["due"] == date(2026, 2, 2)


LIMITS = [
    ("leak_escalation", datetime(2026, 10, 1, 16, 20), datetime(2026, 10, 2, 16, 20), "TL-61.2"),
    ("leak_written_report", datetime(2026, 1, 1, 8), datetime(2026, 1, 2, 8), "BW-3"),
    ("leak_outcome", date(2025, 11, 30), date(2026, 2, 28), "BW-5"),
    ("missing_top_secret", date(2026, 3, 2), date(2026, 3, 12), "BW-x1?"),
    ("missing_carrier", date(2026, 3, 2), date(2026, 5, 6), "BW-x1?"),
    ("delegation_filing", date(2026, 1, 5), date(2026, 1, 19), "LC-3"),
    ("proactive_publication", date(2026, 1, 5), date(2026, 2, 2), "XX-26"),
    ("disclosure_clarification", date(2026, 1, 5), date(2026, 1, 14), "XX-30"),
    ("third_party_opinion", date(2026, 1, 5), date(2026, 1, 26), "XX-32"),
    ("co_author_opinion", date(2026, 1, 5), date(2026, 1, 26), "XX-34"),
    ("appraisal_objection", date(2026, 3, 2), date(2026, 3, 12), "JD-s2"),
    ("archive_transfer", date(2026, 2, 28), date(2046, 2, 28), "DAT-20.2"),
    ("archive_transfer_county", date(2024, 3, 1), date(2034, 3, 1), "DAT-20.2"),
    ("archive_opening", date(2024, 2, 29), date(2049, 2, 28), "DA-27"),
]


@pytest.mark.parametrize(("name", "start", "due", "clause"), LIMITS, ids=lambda v: v if isinstance(v, str) else "")
@pytest.mark.clause("TL-61.2", "BW-3", "BW-5", "BW-x1?", "LC-3", "XX-26", "XX-30", "XX-32", "XX-34", "JD-s2")
@pytest.mark.clause("DAT-20.2", "DA-27")
def test_a_limit_ends_on_its_day(name: str, start: Any, due: Any, clause: str) -> None:
    found = deadlines.compute(name, start)
    assert (found["due"], found["clause"]) == (due, clause)


# what ended on 2025-04-30 runs on

RUNNING_ON: dict[str, tuple[str, Any, str, tuple[str, ...]]] = {
    "bar": ("determination.approve", {"bars": {**BARS, "public_needed": True}}, "bar.public_needed",
            ("ZX-19.1", "GD-s3?")),
    "indefinite": ("determination.approve", {"terms": replace(TERMS, tail="长期")}, "tail.indefinite", ("ZX-22.2",)),
    "period": ("determination.approve", {"terms": replace(TERMS, tail="15年")}, "period.over_item", ("FW-9.1",)),
}  # fmt: skip


def _approval(day: date, **change: Any) -> Any:
    return replace(facts.ApprovalFacts(at(day), "p1", OFFICER, ORGAN, TERMS, ITEM, bars=BARS), **change)


@pytest.mark.parametrize("name", RUNNING_ON)
@pytest.mark.clause("GD-s3?", "GD-s9?", "ZX-19.1", "ZX-22.2", "FW-9.1", "GD-r1?", "FW-u1?")
def test_what_ended_with_its_edition_blocks_on_and_says_that_it_is_carried_over(name: str) -> None:
    act, change, wanted, cited = RUNNING_ON[name]
    for day, clauses in ((RULE - timedelta(days=1), cited[:1]), (RULE, cited), (date(2026, 11, 24), cited)):
        found = {f.code: f for f in judged(act, _approval(day, **change), day).blocking}
        assert found[wanted].clauses == clauses
        assert ("沿用条款待核" in register.cite(cited[0], "zh", day)) == (day >= RULE)
    assert "沿用条款待核" in render(found[wanted], "zh").text
    assert register.instruments()["ZX"].until == register.instruments()["FW"].until == date(2025, 4, 30)
    assert register.instruments()["ZX"].ended_by == "GD-s9?"


@pytest.mark.clause("GD-s2?", "GD-s4?", "GD-s5?", "GD-s6?", "GD-s7?", "GD-s8?", "JM-12?", "JM-13?")
def test_every_summary_clause_stands_beside_the_clause_that_it_takes_over() -> None:
    for old, new in register.successors().items():
        assert {old, new} <= set(register.clauses())
        assert register.grounds(old, date(2026, 1, 1)) == (old, new)
        assert register.grounds(old, date(2025, 4, 30)) == (old,)
    summaries = {c for c in register.clauses() if c.startswith("GD-s")} - {"GD-s1?", "GD-s9?"}
    assert summaries <= set(register.successors().values())


@pytest.mark.clause("JM-14?", "PS-9?", "PS-10?", "PS-11?", "PS-12?", "JM-16?")
def test_a_clause_whose_wording_was_not_seen_warns_and_says_so() -> None:
    from dingmi.regime import REGIMES

    for regime in REGIMES.values():
        for rule in regime.BOOK.rules:
            unseen = [c for c in rule.clauses if c.endswith("?")]
            assert all("条文待核" in register.cite(c) and "unconfirmed" in register.cite(c, "en") for c in unseen)
    grant = _grant(date(2026, 1, 5), until=datetime(2040, 1, 1))
    long_term = next(f for f in judged("delegation.register", grant, date(2026, 1, 5)).findings)
    assert (long_term.clauses, long_term.severity) == (("GD-s1?",), "warn")
    assert "条文待核" in render(long_term, "zh").text


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Let a test load a text into a copy of the register: rows of data, no code."""
    folder = tmp_path / "register"
    with_files = Path(str(files("dingmi.regime").joinpath("register")))
    shutil.copytree(with_files, folder)
    caches = (register.clauses, register.instruments, register.successors)

    def load(row: str, successor: str) -> None:
        with (folder / "clauses.csv").open("a", encoding="utf-8") as table:
            table.write(row + "\n")
        path = folder / "successors.toml"
        old = successor.split(" = ")[0]
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(old)]
        path.write_text("\n".join([*kept, successor]) + "\n", encoding="utf-8")
        for cached in caches:
            cached.cache_clear()

    monkeypatch.setattr(register, "_FOLDER", folder)
    yield load
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


@pytest.mark.clause("GD-s3?")
def test_loading_the_full_text_of_a_clause_is_a_change_of_data(loaded: Callable[[str, str], None]) -> None:
    row = "GD-17,国家秘密定密管理规定,17,定密责任人,需要公众广泛知晓的不得定密（演示）,Bar as loaded,enforce,"
    loaded(row, '"ZX-19.1" = "GD-17"')
    change = {"bars": {**BARS, "public_needed": True}}
    for day, cited in ((RULE - timedelta(days=1), "ZX-19.1"), (RULE, "GD-17"), (date(2026, 11, 24), "GD-17")):
        found = {f.code: f for f in judged("determination.approve", _approval(day, **change), day).blocking}
        assert found["bar.public_needed"].clauses == (cited,)
    assert "待核" not in register.cite("GD-17", "zh")


@pytest.mark.clause("FW-u1?")
def test_an_unseen_clause_gives_way_to_its_loaded_text(loaded: Callable[[str, str], None]) -> None:
    loaded("FW-u1,保密事项范围办法,31,机关、单位,密级不高不低（演示）,Level as loaded,enforce,", '"FW-u1?" = "FW-u1"')
    assert register.grounds("FW-u1?", date(2026, 1, 5)) == ("FW-u1",)
    assert register.grounds("FW-u1?", date(2017, 3, 31)) == ("FW-u1?",)


def test_a_citation_names_its_instrument_once_and_no_row_repeats_it() -> None:
    assert register.cite("DAT-20.2") == "《档案法实施条例》（2024） 第二十条第二款"
    assert register.cite("DAT-20.3", "en") == "Archives Regulation (2024) art. 20(3)"
    assert register.cite("GW-9.1", "en") == "Official Documents Regulation (2012) art. 9 item 1"
    assert register.cite("SEED-10") == "本单位制度"
    repeated = [c.id for c in register.clauses().values() if c.place and c.source.startswith(c.place)]
    assert repeated == []
