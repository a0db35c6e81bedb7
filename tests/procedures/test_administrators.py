"""What the system and the security administrator may do, over every act and query that there is (SR-32, SR-33)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import DingmiError, Forbidden
from dingmi.procedures import ACTS, perform
from dingmi.procedures.access import ask
from dingmi.procedures.terms import Scope
from dingmi.queries import QUERIES, clock, jsonable
from tests.interfaces.test_payloads import value_for
from tests.story import Story

MAY = {  # acts that name the role: none on a matter, an authority or the log
    Role.SYSTEM_ADMIN: {
        "access.create_account",
        "access.disable",
        "access.enable",
        "personnel.enter_department",
        "personnel.enter_organ",
        "personnel.enter_person",
    },
    Role.SECURITY_ADMIN: {
        "access.confirm_account",
        "access.grant_role",
        "access.bind_certificate",
        "access.confirm_certificate",
        "access.lift_second",
        "access.revoke_certificate",
        "access.revoke_role",
        "access.unlock",
        "keep.close_keys",
        "keep.confirm_date",
        "keep.new_key",
        "keep.share_keys",
        "keep.waive_approved_keys",
        "personnel.agree_clearance",
        "personnel.grant_clearance",
        "personnel.import_clearances",
    },
}
WORDS = ("城区供水管网关键节点切换方案", "节点坐标见附表", "泄露后会使供水设施安全受到严重损害")


def may(name: str, actor: Actor) -> bool:
    try:
        ACTS[name]._require_may(actor)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("role", MAY)
def test_of_acts_that_name_roles_an_administrator_may_those_of_the_office(
    monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    monkeypatch.setattr(clock, "require_confirmed", lambda: None)
    actor = Actor("a", "p", "o", (), frozenset({role}), "", "s", "t", stepped_up=True)
    assert {name for name, act in ACTS.items() if act.requires and may(name, actor)} == MAY[role]


def asked(model: Any, story: Story, matter: Any) -> dict[str, Any]:
    """Return parameters about a matter: it stands wherever one may."""
    wanted = {n: value_for(f.annotation, story) for n, f in model.model_fields.items() if f.is_required()}
    return {**wanted, **{n: str(matter) for n in model.model_fields if n in ("matter", "source")}}


@pytest.mark.db
@pytest.mark.django_db
@pytest.mark.parametrize("user", ["sysadmin", "secadmin", "auditor"])
def test_a_matter_whose_scope_is_the_whole_organ_is_open_to_no_administrator_by_any_act_or_query(
    story: Story, user: str
) -> None:
    matter = story.approved(answers=story.answers("3", scope=Scope(organs=(story.home.pk,))))
    number, actor, closed, answered = str(story.matter(matter).register_no), story.actor(user), set(), 0
    for name, act in ACTS.items():
        if "matter" not in act.model.model_fields or not may(name, actor):
            continue
        with transaction.atomic():
            try:
                perform(name, actor=actor, now=story.now, params=asked(act.model, story, matter))
                closed.add((name, "done"))
            except DingmiError as refused:
                closed.add((name, refused.code))
            transaction.set_rollback(True)
    if user == "auditor":  # who proves what stands in the log, without its words: test_evidence.py
        assert closed == {("keep.evidence", "done")}
    else:
        assert len(closed) > 5 and {code for _, code in closed} == {"object.not_found"}, closed
    for name, query in QUERIES.items():
        try:
            told = ask(name, actor=actor, now=story.now, params=asked(query.model, story, matter))
        except DingmiError as error:
            told = [str(error.params)]
        else:
            answered += 1
        text = json.dumps(jsonable(told), ensure_ascii=False)
        assert not [word for word in (*WORDS, number) if word in text], (name, text[:500])
    assert answered > 5
