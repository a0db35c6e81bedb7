"""Each clause that must be enforced or decided has a rule, and each rule a test; the lists of those missing only shrink."""

from __future__ import annotations

import tomllib
import warnings
from datetime import timedelta
from pathlib import Path

import pytest

from dingmi.interfaces.cli import clauses as clauses_cli
from dingmi.regime import REGIMES, carriers
from dingmi.regime.kernel.register import clauses, instruments, outside
from tools import clause_proofs

MISSING = tomllib.loads((Path(__file__).parent / "clauses.toml").read_text(encoding="utf-8"))
OWED = {clause.id for clause in clauses().values() if clause.response in ("enforce", "decide")}
CARRIED = set(carriers())
SERVED = ("record", "remind", "report", "advise")  # responses that an act, a deadline, a form or a message answers


def compare(missing: set[str], listed: list[str]) -> dict[str, list[str]]:
    """Return what is missing but not listed, and what is listed but no longer missing."""
    return {"not listed": sorted(missing - set(listed)), "take off the list": sorted(set(listed) - missing)}


def test_every_enforced_or_decided_clause_has_a_rule_or_is_listed():
    assert compare(OWED - CARRIED, MISSING["without_rule"]) == {"not listed": [], "take off the list": []}


def test_every_carried_clause_has_a_test_or_is_listed(clause_tests: dict[str, list[str]]):
    warnings.warn(
        f"clauses: {len(OWED)} enforced or decided, {len(OWED & CARRIED)} carried by rules, "
        f"{len(CARRIED & set(clause_tests))} of {len(CARRIED)} carried proved by tests",
        stacklevel=1,
    )
    assert compare(CARRIED - set(clause_tests), MISSING["without_test"]) == {"not listed": [], "take off the list": []}


@pytest.mark.parametrize("response", SERVED)
def test_every_other_clause_is_served_by_something_or_says_why_it_is_outside(response: str):
    """Recorded, reminded, reported and advised clauses name the act, query, deadline, rule or form that serves them."""
    of_kind = [row for row in clauses_cli.rows() if row["response"] == response]
    unserved = {row["id"] for row in of_kind if not any(row[name] for name in clauses_cli.CARRIERS)}
    found = compare(unserved, [row["id"] for row in of_kind if row["outside"]])
    count = f"{len(of_kind) - len(unserved)} of {len(of_kind)} to {response} are served"
    warnings.warn(f"clauses: {count}; take off the list: {found['take off the list']}", stacklevel=1)
    assert found == {"not listed": [], "take off the list": []}
    assert all(set(why) == {"zh", "en"} and all(why.values()) for why in outside().values())
    assert set(outside()) <= set(clauses()) - OWED, "what the law enforces is never put outside"


def test_no_test_claims_a_clause_that_the_register_does_not_know(clause_tests: dict[str, list[str]]):
    assert {clause: tests for clause, tests in clause_tests.items() if clause not in clauses()} == {}


@pytest.mark.parametrize("regime", REGIMES)
def test_no_rule_loses_its_ground_when_an_edition_changes(regime: str):
    changes = sorted({day for row in instruments().values() for day in (row.since, row.until) if day})
    orphaned = [
        f"{rule.name} after {day}"
        for rule in REGIMES[regime].BOOK.rules
        for day in changes
        if rule.clause_on(day - timedelta(days=1)) and not rule.clause_on(day)
    ]
    assert [entry for entry in orphaned if entry not in MISSING["ended"]] == []


def test_the_tests_told_by_clause_are_those_that_are_marked(clause_tests: dict[str, list[str]]):
    """What ``dingmi rules clauses`` tells was read from the sources; pytest collects the same."""
    collected = {(clause, test.partition("[")[0]) for clause, tests in clause_tests.items() for test in tests}
    assert set(clause_proofs.proofs()) == collected
