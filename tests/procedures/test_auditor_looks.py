"""The auditor looks and verifies, over every act that there is (SR-33)."""

from __future__ import annotations

import pytest

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden
from dingmi.procedures import ACTS
from dingmi.procedures.frame import AUDITOR_MAY
from dingmi.queries import clock
from dingmi.records.oversight.incidents import Incident
from tests.story import Story

AUDITOR = Actor("a", "p", "o", (), frozenset({Role.AUDIT_ADMIN}), "", "s", "t", stepped_up=True)
OWN = {
    "access",
    "notices",
    "lists",
    "keep",
}  # families of what the auditor may: account, inbox, what was read, evidence
NOT_BY_NAME = {"access.confirm_password", "access.looked"}  # done with what is, never called by name


def test_of_all_acts_the_auditor_may_those_of_his_own_account_inbox_and_evidence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "require_confirmed", lambda: None)
    may = set()
    for name, act in ACTS.items():
        try:
            act._require_may(AUDITOR)
        except Forbidden as refused:
            assert refused.code in ("auditor.only_looks", "role.required"), name
        else:
            may.add(name)
    assert may == AUDITOR_MAY - NOT_BY_NAME
    assert {name.partition(".")[0] for name in may} == OWN


@pytest.mark.db
@pytest.mark.django_db
def test_a_leak_is_not_recorded_by_the_auditor(story: Story) -> None:
    given = {"found_at": story.now, "level": "秘密", "summary": "", "kind": "found"}
    with pytest.raises(Forbidden, match=r"auditor\.only_looks"):
        story.act("auditor", "incident.discover", **given)
    assert not Incident.objects.exists()
