"""The responsibility matrix names every act once and is the same as what the acts themselves ask."""

from __future__ import annotations

import pytest

from dingmi.base.actor import Role
from dingmi.procedures import ACTS
from dingmi.procedures.matrix import matrix
from dingmi.records.ledger.models import Entry
from tests.interfaces.conftest import Reader


@pytest.mark.clause("SEED-14")
def test_the_matrix_names_every_act_once_with_the_roles_that_the_act_asks_for() -> None:
    duties = [d for family in matrix("zh") for d in family.duties]
    assert sorted(d.act for d in duties) == sorted(ACTS)
    for duty in duties:
        act = ACTS[duty.act]
        assert set(duty.by) == set(act.requires) and duty.signed == act.step_up and duty.words
        assert duty.everyone == (not act.requires) and len(duty.clauses) == len(act.clauses)


@pytest.mark.clause("SEED-14")
@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.AUDIT_ADMIN])
def test_a_list_of_duties_holds_what_one_role_may_do_and_nothing_else(role: Role) -> None:
    listed = {d.act for family in matrix("en", role) for d in family.duties}
    assert listed == {name for name, act in ACTS.items() if role in act.requires} and listed


@pytest.mark.db
@pytest.mark.clause("SEED-14")
def test_the_page_shows_the_matrix_and_refuses_a_role_that_is_none(reader: Reader) -> None:
    client = reader("officer")
    text = client.get("/duties").content.decode()
    assert text.count("<tr data-row") == len(ACTS)
    narrow = client.get("/duties?role=officer").content.decode()
    assert 0 < narrow.count("<tr data-row") < len(ACTS)
    assert client.get("/duties?role=emperor").status_code in (400, 422)


@pytest.mark.db
@pytest.mark.clause("SEED-14")
def test_the_matrix_and_the_list_of_one_role_leave_as_a_file_and_stand_in_the_ledger(reader: Reader) -> None:
    client = reader("officer")
    answer = client.post("/duties", {"format": "csv"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.status_code == 200 and len(lines) == len(ACTS) + 2
    assert any("验收整改" in line and "签名" in line for line in lines)
    narrow = client.post("/duties", {"format": "csv", "role": "officer"}).content.decode("utf-8-sig").splitlines()
    assert 2 < len(narrow) < len(lines) and all("定密责任人" in line for line in narrow[2:])
    assert Entry.objects.filter(act="lists.export_duties").count() == 2
    assert client.post("/duties", {"format": "csv", "role": "emperor"}).status_code == 400
