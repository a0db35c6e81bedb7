"""Who may be the second person for a 绝密 file handed out."""

from __future__ import annotations

import pytest

from dingmi.regime.access import Access, may_confirm_opening

ROLES = ("drafter", "officer", "secrecy_office", "head", "inspector", "system_admin", "security_admin", "audit_admin")


@pytest.mark.clause("BMF-43.3")
@pytest.mark.parametrize("role", ROLES)
def test_whoever_may_read_the_matter_confirms_it_administrators_and_inspectors_do_not(role: str) -> None:
    known = bool(may_confirm_opening(frozenset({role}), "", "绝密", knows=True))
    assert known == (role in {"drafter", "officer", "secrecy_office", "head"})
    assert not may_confirm_opening(frozenset({role}), "绝密", "绝密", knows=False)


@pytest.mark.clause("BMF-43.3")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("clearance", "covers"), [("绝密", True), ("机密", False), ("", False)])
def test_a_file_of_no_matter_is_for_the_cleared_office_and_head_alone(role: str, clearance: str, covers: bool) -> None:
    found = may_confirm_opening(frozenset({role}), clearance, "绝密", knows=None)
    assert bool(found) == (covers and role in {"secrecy_office", "head"})


def test_each_answer_says_why_and_by_which_clause() -> None:
    def asked(role: str, knows: bool | None) -> Access:
        return may_confirm_opening(frozenset({role}), "绝密", "绝密", knows=knows)

    assert asked("inspector", True) == Access(False, "administrators and inspectors confirm no opening")
    assert asked("officer", None) == Access(False, "of no matter: the secrecy office and the head alone")
    assert asked("officer", True) == Access(True, "whoever may read the matter", ("BMF-43.3",))
    assert asked("head", None) == Access(True, "clearance", ("BMF-43.3",))
