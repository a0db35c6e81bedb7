"""The worked examples of the domain procedures."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import DingmiError, Invalid
from dingmi.base.presentation import plain
from dingmi.regime import deadlines, facts_from_json, judge
from dingmi.regime.kernel.register import clauses
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts, marks
from dingmi.regime.prc_state.facts import ItemFacts, OfficerFacts, OrganFacts, Terms

TABLE = tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))
AT = datetime(2026, 11, 24, 10, 0)
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
ITEM = ItemFacts("SW#7", "机密", "10年", "SW-NET")
TERMS = Terms("机密", "10年", persons=("p1",))
DRAFTER = facts.DrafterFacts("p1", trained_until=datetime(2027, 1, 1), clearance="机密")
OFFICER = OfficerFacts(
    "p2", "designated", "main", "机密", ("*",), datetime(2024, 1, 1), None, False, True, datetime(2027, 1, 1), "机密"
)
ORGAN = OrganFacts(
    "other", (facts.DelegationFacts("授〔2025〕6号", "机密", ("*",), datetime(2025, 6, 20), datetime(2030, 6, 30)),)
)
PROPOSAL = facts.ProposalFacts(AT, DRAFTER, TERMS, ITEM, True, BARS)
APPROVAL = facts.ApprovalFacts(AT, "p1", OFFICER, ORGAN, TERMS, ITEM, bars=BARS)


def codes(act: str, given: Any, on: date | None = None) -> set[str]:
    """Return the codes of the findings that block."""
    at = on or (given.on if hasattr(given, "on") else given.at.date())
    return {f.code for f in judge("prc_state", act, given, at).blocking}


@pytest.mark.parametrize("row", TABLE["mark"], ids=lambda r: r["id"])
@pytest.mark.clause("TL-19.2a")
@pytest.mark.clause("TL-19.2b")
@pytest.mark.clause("ZX-24.1")
@pytest.mark.clause("ZX-24.4b")
def test_mark_runs_from_its_start_to_its_last_protected_day(row: dict[str, Any]) -> None:
    parsed = marks.parse(row["text"], issued=row.get("issued"), notified=row.get("notified"))
    assert (parsed.window.last_protected_day, parsed.window.declassified_from) == (row["last"], row["from"])
    assert set(row["clauses"]) <= set(clauses())


@pytest.mark.parametrize("row", TABLE["deadline"], ids=lambda r: r["id"])
def test_deadline_follows_the_rule_of_its_start_date(row: dict[str, Any]) -> None:
    start = datetime.fromisoformat(row["from"]) if "T" in row["from"] else date.fromisoformat(row["from"])
    found = deadlines.compute(row["name"], start)
    assert (found["due"].isoformat(), found["clause"]) == (row["due"], row["clause"])


def test_deadline_in_a_year_that_is_not_loaded_says_so() -> None:
    with pytest.raises(DingmiError) as refused:
        deadlines.compute("unclear_matter_report", date(2026, 12, 28))
    assert (refused.value.kind, refused.value.code) == ("Unavailable", "calendar.not_loaded")


def judged(row: dict[str, Any]) -> Verdict:
    """Judge the ordinary case of an act with what a row says is different."""
    given = copy.deepcopy(TABLE["facts"][row["act"]])
    for path, value in row.get("but", {}).items():
        *road, last = path.split(".")
        place: Any = given
        for step in road:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = value
    read = facts_from_json(row["act"], plain(given))
    return judge("prc_state", row["act"], read, given["on"] if "on" in given else given["at"].date())


@pytest.mark.parametrize(
    "row", [pytest.param(r, id=r["id"], marks=pytest.mark.clause(*r.get("clauses", ()))) for r in TABLE["act"]]
)
def test_an_act_is_judged_as_the_example_says(row: dict[str, Any]) -> None:
    verdict = judged(row)
    assert {f.code for f in verdict.blocking} == set(row.get("refused", ()))
    decided = row.get("values", {})
    assert plain({name: verdict.values[name] for name in decided}) == plain(decided)


def test_the_table_holds_every_worked_example_that_facts_can_tell() -> None:
    named = {row["id"].partition(":")[0] for kind in ("mark", "deadline", "act") for row in TABLE[kind]}
    asked = {*range(1, 18), *range(24, 30), 36, 38}
    assert {f"E{n}" for n in asked} <= named
    assert set(TABLE["facts"]) == {row["act"] for row in TABLE["act"]}


def test_e9_a_mark_with_a_condition_has_no_day_of_release_before_it_is_confirmed() -> None:
    assert marks.parse("绝密★启用前", issued=date(2026, 1, 1)).window.declassified_from is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"officer": replace(OFFICER, person="p1")}, "officer.is_the_drafter"),
        ({"officer": replace(OFFICER, kind="")}, "officer.not_appointed"),
        ({"officer": replace(OFFICER, until=AT)}, "officer.term_ended"),
        ({"officer": replace(OFFICER, tier="assistant")}, "officer.assistant"),
        ({"officer": replace(OFFICER, is_suspended=True)}, "officer.suspended"),
        ({"officer": replace(OFFICER, trained_until=AT)}, "officer.training_lapsed"),
        ({"officer": replace(OFFICER, trained_until=None)}, "officer.untrained"),
        ({"officer": replace(OFFICER, max_level="秘密")}, "officer.over_level"),
        ({"officer": replace(OFFICER, matters=("SW-FLD",))}, "officer.outside_matters"),
        ({"officer": replace(OFFICER, clearance="秘密")}, "officer.clearance"),
        ({"officer": replace(OFFICER, qualification="秘密")}, "officer.qualification"),
        ({"organ": OrganFacts("other")}, "authority.none"),
        ({"terms": replace(TERMS, persons=())}, "element.scope_missing"),
        ({"terms": replace(TERMS, level="")}, "element.level_missing"),
        ({"terms": replace(TERMS, tail="")}, "element.tail_missing"),
        ({"item": None}, "basis.missing"),
        ({"item": replace(ITEM, until=date(2026, 1, 1))}, "basis.item_not_in_force"),
        ({"terms": replace(TERMS, tail="条件成熟时")}, "tail.vague_event"),
        ({"terms": replace(TERMS, tail="★★")}, "tail.malformed"),
        ({"bars": {**BARS, "public_needed": True}}, "bar.public_needed"),
        ({"bars": {**BARS, "other_secret": True}}, "bar.other_secret"),
        ({"bars": {**BARS, "already_public": True}}, "bar.already_public"),
        ({"bars": {**BARS, "statute_public": True}}, "bar.statute_public"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.clause("BMF-16.2")
@pytest.mark.clause("BMF-17.1")
@pytest.mark.clause("TL-14.2")
@pytest.mark.clause("ZX-14.2")
@pytest.mark.clause("GD-6.1")
@pytest.mark.clause("ZX-19.1")
@pytest.mark.clause("ZX-19.2")
@pytest.mark.clause("ZX-19.3")
@pytest.mark.clause("BMF-4.2")
def test_one_broken_element_is_refused_with_its_code(change: dict[str, Any], code: str) -> None:
    assert codes("determination.approve", APPROVAL) == set()
    assert code in codes("determination.approve", replace(APPROVAL, **change))


@pytest.mark.clause("BMF-20.2")
@pytest.mark.parametrize(("level", "cap"), [("秘密", 10), ("机密", 20), ("绝密", 30)])
def test_period_above_the_statutory_cap_is_refused(level: str, cap: int) -> None:
    item = ItemFacts("x", level, f"{cap}年")
    lawful = replace(PROPOSAL, item=item, terms=replace(TERMS, level=level, tail=f"{cap}年"))
    assert codes("determination.propose", lawful) == set()
    above = replace(lawful, terms=replace(lawful.terms, tail=f"{cap}年1个月"))
    assert "period.over_cap" in codes("determination.propose", above)
    allowed = replace(above, item=replace(item, tail="长期", allows_over_cap=True))
    assert codes("determination.propose", allowed) == set()


def test_every_fault_is_told_at_once() -> None:
    broken = replace(
        PROPOSAL, terms=Terms(), item=None, bars={}, has_reasons=False, drafter=replace(DRAFTER, trained_until=None)
    )
    assert codes("determination.propose", broken) >= {
        "element.level_missing", "element.tail_missing", "element.scope_missing", "basis.missing",
        "bar.unanswered", "reasons.missing", "drafter.untrained",
    }  # fmt: skip


def test_rule_of_an_older_edition_cites_the_clause_of_its_day() -> None:
    given = replace(
        APPROVAL, at=datetime(2020, 5, 1, 9), officer=replace(OFFICER, person="p1", since=datetime(2019, 1, 1))
    )
    found = judge("prc_state", "determination.approve", given, date(2020, 5, 1))
    cited = {f.code: f.clauses for f in found.blocking}
    assert cited["officer.is_the_drafter"] == ("BMF10-12.2",)


def test_same_facts_rulebook_and_date_give_the_same_verdict() -> None:
    one, two = (judge("prc_state", "determination.approve", APPROVAL, AT.date()) for _ in range(2))
    assert one.payload() == two.payload()


@pytest.mark.parametrize(
    "text",
    ["", "★10年", "公开★10年", "机密10年", "机密★0年", "机密★2026年2月30日", "机密★★", "机密★10年机密", "x" * 300],
)
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        marks.parse(text, issued=date(2026, 1, 1))
