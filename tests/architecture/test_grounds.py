"""Every refusal has a ground: clauses that it cites, clauses or policy by ``regime/grounds.toml``; else nothing forbids it.

Malformed input (``Invalid``) has none by its kind, unless an element of the law is what is missing (ADR 0067).
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dingmi.base import messages
from dingmi.base.errors import Finding, Forbidden, Invalid, Refused
from dingmi.procedures import ACTS
from dingmi.procedures.frame import INTERNAL
from dingmi.regime import grounds
from dingmi.regime.kernel import register
from tests.architecture.source import modules, name, tree

ROOMS = ("procedures", "queries", "records", "regime")  # where acts and queries refuse
REFUSALS = {"Refused", "Forbidden", "Conflict"}
MISSING = {"text.missing", "sources.missing"}  # malformed, and an element of the law all the same
FAULTS = tomllib.loads(Path(__file__).with_name("ungrounded.toml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 27)


def _codes(node: ast.expr) -> Iterator[str]:
    for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def raised_bare() -> set[str]:
    """Return the codes of refusals that cite nothing where they are raised."""
    found: set[str] = set()
    for path in modules():
        if not any(f"/{room}/" in f"/{name(path)}" for room in ROOMS):
            continue
        for node in ast.walk(tree(path)):
            called = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and called in REFUSALS and node.args:
                bare = len(node.args) < 2 or ast.unparse(node.args[1]) == "()"
                found |= set(_codes(node.args[0])) if bare else set()
    return found


BARE = raised_bare()
CLAUSES, POLICY = grounds.table()["clauses"], grounds.policies()


def test_every_refusal_that_cites_nothing_has_its_ground_or_is_a_fault_of_what_was_given() -> None:
    assert len(BARE) > 100
    assert sorted(BARE - set(CLAUSES) - POLICY - set(FAULTS["codes"])) == []


def test_no_refusal_has_two_grounds_and_every_row_is_of_a_refusal() -> None:
    listed = [*CLAUSES, *POLICY, *FAULTS["codes"]]
    assert sorted({code for code in listed if listed.count(code) > 1}) == []
    assert sorted(set(listed) - BARE - MISSING - {"page.forbidden", "batch.no_proposal", "batch.secret_only"}) == []


def test_the_list_of_faults_without_a_ground_only_shrinks() -> None:
    assert len(FAULTS["codes"]) <= FAULTS["most"]


def test_every_clause_of_a_ground_is_in_the_register_and_something_is_cited_today() -> None:
    families = [ids for family in grounds.table()["families"].values() for ids in family.values()]
    for ids in (*CLAUSES.values(), *families):
        assert set(ids) <= set(register.clauses()), ids
        assert any(register.in_force(one, TODAY) for one in ids), ids


def test_every_family_of_the_grounds_is_one_of_acts() -> None:
    assert set(grounds.table()["families"]) <= {act.family for act in (*ACTS.values(), *INTERNAL.values())}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_words_of_a_refusal_end_with_its_ground(language: str) -> None:
    for code, ids in CLAUSES.items():
        error = Refused(code)
        grounds.ground(error, TODAY)
        assert messages.cited(error.clauses, language) in messages.render(error, language).text, code
        assert set(error.clauses) <= set(ids)
    for code in POLICY:
        text = messages.render(Finding(code), language).text
        assert text.count(messages.POLICY[language].removeprefix("a ")) == 1, code
    for code in FAULTS["codes"]:
        assert messages.POLICY[language] not in messages.render(Finding(code), language).text, code


def test_who_alone_may_do_an_act_is_cited_by_its_family_in_the_edition_of_the_day() -> None:
    for on, clause in ((date(2015, 6, 1), "BMF10-12.2"), (TODAY, "BMF-16.2")):
        error = Forbidden("role.required", (), roles=["officer"], act="determination.approve")
        grounds.ground(error, on, "determination.approve")
        assert error.clauses == (clause,)
    elsewhere = Forbidden("role.required", (), roles=["head"])
    grounds.ground(elsewhere, TODAY, "lists.export")
    assert not elsewhere.clauses and "本系统的规定" in messages.render(elsewhere, "zh").text


def test_what_is_to_be_written_down_cites_its_clause_and_a_date_that_is_none_cites_nothing() -> None:
    missing = Invalid("text.missing", (), fields={"reason": "text.missing"})
    grounds.ground(missing, TODAY, "declassification.release")
    assert missing.clauses == ("ZX-34.1",) and "第三十四条" in messages.render(missing, "zh").text
    malformed = Invalid("input.invalid", (), fields={"on": "date.malformed"})
    grounds.ground(malformed, TODAY, "declassification.release")
    assert malformed.clauses == ()
