"""T1b: the one decision of reading against a table written from the requirements, over its whole domain."""

from __future__ import annotations

import pytest

from dingmi.regime.access import CLAUSES as GROUNDS
from dingmi.regime.access import Object, Subject, decide
from tests.regime.oracle.seeing import DOMAIN, MATTER, READER, TABLE, Case, between, cases, first, fitting

WHOLE = 25_546_752
ME, MINE, OTHERS = "p1", "o1", "o2"


def subject(case: Case) -> Subject:
    known = case["person"] == "known"
    return Subject(
        person=ME if known else "",
        roles=frozenset(case["role"].split("+")) - {"none"},
        clearance=case["clearance"],
        departments=frozenset({"d1"} if known else ()),
        organ=MINE if known else "",
        officer_level=case["appointed"],
    )


def target(case: Case) -> Object:
    need, organ, holder = case["need"], MINE, ""
    if case["house"] != "own":
        organ, holder = OTHERS, MINE if case["house"] == "held" else ""
    return Object(
        level=case["level"],
        state=case["state"],
        drafter=ME if need == "drafter" else "p2",
        officer=ME if need == "officer" else "",
        organ=organ,
        persons=frozenset({ME, "p3"} if need == "named" else ()),
        departments=frozenset({"d1", "d2"} if need == "department" else ()),
        organs=frozenset({"organ": {MINE}, "other organ": {"o3"}}.get(need, ())),
        holder=holder,
        is_challenged=case["challenged"] == "yes",
        blocked=frozenset({ME} if case["conflict"] == "yes" else ()),
        may_approve=case["may_approve"] == "yes",
    )


def disagreements(step: int) -> tuple[int, list[Case], set[int]]:
    """Compare every ``step``-th matter for every reader and purpose; return how many, what differs, and the rows that decided.

    The first matter moves on with each reader, so that every pair of a reader's and a matter's words is met.
    """
    matters = [(matter, target(matter), fitting(**matter)) for matter in cases(MATTER)]
    purposes = [(purpose, fitting(purpose=purpose)) for purpose in DOMAIN["purpose"]]
    allowing = [answer == "yes" for answer, _, _ in TABLE]
    count, wrong, used = 0, [], set()
    for number, reader in enumerate(cases(READER)):
        who, of_reader = subject(reader), fitting(**reader)
        by_level = {level: of_reader & between(reader, level) for level in DOMAIN["level"]}
        for matter, what, of_matter in matters[number % step :: step]:
            rows = of_matter & by_level[matter["level"]]
            for purpose, of_purpose in purposes:
                row = first(rows & of_purpose)
                used.add(row)
                count += 1
                if decide(who, purpose, what).allowed is not allowing[row]:
                    wrong.append(reader | matter | {"purpose": purpose, "row": TABLE[row][1]})
    return count, wrong, used


CLAUSES = pytest.mark.clause("BMF-21.2", "BMF-43.3", "TL-73.2", "SM-12")


@CLAUSES
def test_the_decision_agrees_with_the_table_on_a_million_cases_and_every_row_of_it_decides_some():
    count, wrong, used = disagreements(23)
    assert wrong == []
    assert used == set(range(len(TABLE)))
    assert count >= 1_000_000


@pytest.mark.deep
@CLAUSES
def test_the_decision_agrees_with_the_table_on_the_whole_domain():
    count, wrong, _ = disagreements(1)
    assert (count, wrong) == (WHOLE, [])


@CLAUSES
@pytest.mark.parametrize(
    ("level", "ground"), [("机密", "BMF-21.2"), ("内部", "TL-73.2"), ("普通商密", "SM-12"), ("核心商密", "SM-12")]
)
def test_the_answer_names_the_clause_that_need_to_know_rests_on(level: str, ground: str):
    reader = Subject("p1", frozenset(), "绝密")
    assert decide(reader, "content", Object(level, "active", "p1")).clauses == (ground,)
    assert decide(reader, "content", Object(level, "active", "p2")).clauses == (ground,)
    uncleared = decide(Subject("p1", frozenset(), ""), "content", Object(level, "active", "p1"))
    assert uncleared.clauses == (("BMF-43.3",) if level == "机密" else (ground,))
    assert set(CLAUSES.args) == set(GROUNDS)


def test_what_is_not_said_of_a_matter_or_a_reader_opens_nothing():
    head = Subject("p1", frozenset({"head"}), "绝密", organ="o1", officer_level="绝密")
    for state in DOMAIN["state"]:
        bare = Object("机密", state, "p2")
        assert not decide(head, "content", bare) and not decide(Subject("p1", frozenset(), "绝密"), "existence", bare)
    ours = Object("机密", "active", "p2", organ="o1")
    assert not decide(head, "content", ours)  # no challenge unless one is named
    pending = Object("核心商密", "pending", "p2", organ="o1")
    assert not decide(head, "content", pending)  # nor a right to approve
