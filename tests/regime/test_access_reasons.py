"""Every exit of the decision, with what it says: one case each, and its neighbour on the other side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dingmi.regime.access import (
    ADMINISTRATORS,
    CLAUSES,
    CONFIRMERS,
    ORDER,
    OVERSEERS,
    UNCLEARED,
    Access,
    Object,
    Subject,
    decide,
)

READER = Subject("p1", frozenset({"officer"}), "机密", frozenset({"d1"}), "o1", "机密")
MATTER = Object("机密", "active", "p2", "p3", "o1", frozenset({"p4"}), frozenset({"d2"}), frozenset({"o2"}), "o3")
DENIED, GRANTED = Access(False, "outside the scope", ("BMF-21.2",)), Access(True, "need to know", ("BMF-21.2",))


def test_levels_are_in_their_order_and_words_are_those_of_the_law() -> None:
    assert ORDER == {"内部": 1, "秘密": 2, "机密": 3, "绝密": 4}
    assert {"内部", "普通商密", "核心商密"} <= UNCLEARED and not UNCLEARED & {"秘密", "机密", "绝密"}
    assert {"system_admin", "security_admin", "audit_admin"} == ADMINISTRATORS
    assert {"secrecy_office", "head", "inspector"} == OVERSEERS
    assert {"drafter", "officer", "secrecy_office", "head"} == CONFIRMERS
    assert CLAUSES == ("BMF-21.2", "BMF-43.3", "SM-12", "TL-73.2")
    assert bool(GRANTED) is True and bool(DENIED) is False


@pytest.mark.clause("BMF-21.2", "BMF-43.3")
def test_what_is_denied_says_why() -> None:
    assert decide(READER, "content", MATTER) == decide(READER, "existence", MATTER) == DENIED
    assert decide(READER, "change", MATTER) == Access(False, "unknown action")
    for role in sorted(ADMINISTRATORS):
        administrator = replace(READER, roles=frozenset({role, "head"}))
        assert decide(administrator, "existence", MATTER) == Access(False, "administrators never reach content")
    assert decide(replace(READER, person=""), "content", MATTER) == Access(False, "nobody known")
    draft = replace(MATTER, state="draft", persons=frozenset({"p1"}))
    assert decide(READER, "content", draft) == Access(False, "own draft only")
    assert decide(READER, "content", replace(draft, drafter="p1", level="绝密")) == Access(True, "own draft only")
    blocked = replace(MATTER, drafter="p1", blocked=frozenset({"p1"}))
    assert decide(READER, "content", blocked) == Access(False, "conflict")
    above = replace(MATTER, drafter="p1", level="绝密")
    assert decide(READER, "content", above) == Access(False, "clearance", ("BMF-43.3",))
    assert decide(replace(READER, clearance="?"), "content", replace(above, level="秘密")).reason == "clearance"
    assert decide(READER, "content", replace(above, level="?")).reason == "clearance"
    assert decide(replace(READER, clearance="内部"), "content", replace(above, level="秘密")).reason == "clearance"


@pytest.mark.clause("BMF-21.2", "TL-73.2", "SM-12")
def test_what_is_granted_says_why() -> None:
    for change in ({"drafter": "p1"}, {"officer": "p1"}, {"persons": frozenset({"p1"})}, {"departments": frozenset({"d1"})}, {"organs": frozenset({"o1"})}):  # fmt: skip
        assert decide(READER, "content", replace(MATTER, **change)) == GRANTED
        assert decide(replace(READER, clearance="绝密"), "content", replace(MATTER, **change)) == GRANTED
    for level, clause in (("内部", "TL-73.2"), ("核心商密", "SM-12")):
        known = replace(MATTER, level=level, drafter="p1")
        assert decide(replace(READER, clearance=""), "content", known) == Access(True, "need to know", (clause,))


@pytest.mark.clause("BMF-21.2")
def test_existence_is_for_those_who_oversee_the_organ_of_the_matter_or_of_its_record() -> None:
    seen = Access(True, "existence grade by policy")
    for role in sorted(OVERSEERS):
        overseer = replace(READER, roles=frozenset({role}), officer_level="")
        assert decide(overseer, "existence", MATTER) == seen and decide(overseer, "content", MATTER) == DENIED
        assert decide(replace(overseer, organ="o3"), "existence", MATTER) == seen
        assert decide(replace(overseer, organ="o9"), "existence", MATTER) == DENIED


@pytest.mark.clause("BMF-21.2")
def test_who_decides_reads_what_waits_for_the_decision() -> None:
    head = replace(READER, roles=frozenset({"head"}), officer_level="")
    pending = replace(MATTER, state="pending", level="核心商密", may_approve=True)
    for state, officer, principal in (("proposed", True, False), ("referred", True, True), ("active", False, False)):
        waiting = replace(MATTER, state=state)
        assert decide(READER, "content", waiting).allowed is officer
        assert decide(replace(READER, officer_level="秘密"), "content", waiting) == DENIED
        assert decide(replace(READER, officer_level=""), "content", waiting) == DENIED
        assert decide(head, "content", waiting).allowed is principal
        for other in ("o3", "o9"):
            assert decide(replace(READER, organ=other), "content", waiting) == DENIED
            assert decide(replace(head, organ=other), "content", waiting) == DENIED
    for organ, allowed in (("o1", True), ("o3", True), ("o9", False)):
        challenged = replace(MATTER, is_challenged=True)
        assert decide(replace(READER, organ=organ), "content", challenged).allowed is allowed
        assert decide(replace(READER, organ=organ, officer_level="秘密"), "content", challenged) == DENIED
        assert decide(replace(head, organ=organ), "content", challenged).allowed is allowed
    assert decide(READER, "content", pending) == Access(True, "need to know", ("SM-12",))
    assert not decide(replace(READER, organ="o3"), "content", pending)
    assert not decide(READER, "content", replace(pending, may_approve=False))
    assert not decide(head, "content", replace(pending, may_approve=False, is_challenged=True))
