"""A password that another person chose, or past its age, opens nothing until its owner sets a new one (SR-01, SR-32, SR-64)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError
from dingmi.procedures import access as doors
from dingmi.procedures import passwords
from dingmi.queries import access, clock
from dingmi.records.organs.models import Account
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
OWN = "Qiuyue-2026-chunhua-x"


def newcomer(story: Story) -> str:
    """Let an account be opened and confirmed for somebody; return the code that goes with the first password."""
    made = story.act(
        "secrecy", "personnel.enter_person", name="苏明", staff_no="9001", department=story.department, post="工程师"
    )
    story.people["newcomer"] = made.id
    return story.account("newcomer")


def seen(story: Story, password: str, code: str = "") -> Any:
    """Sign in; return whether a new password is wanted, with the roles, clearance and departments of the session."""
    passwords.THROTTLE.clear()
    opened = doors.sign_in(username="newcomer", password=password, terminal="t", now=story.now, code=code)
    actor = access.actor_for_session(opened.session_key, story.now, story.now, "t")
    return opened.must_change, set(actor.roles), actor.department_ids == ()


def test_a_first_password_opens_nothing_but_its_own_change(story: Story, settings: Any) -> None:
    settings.DINGMI_PROFILE = "enterprise"
    code = newcomer(story)
    assert Account.objects.get(username="newcomer").password_changed_at is None
    assert seen(story, PASSWORD, code) == (True, set(), True)
    token = story.act("newcomer", "access.issue_token").token
    assert access.actor_for_token(token, story.now).roles == frozenset()
    assert access.actor_for_account("newcomer", story.now).roles == frozenset()
    story.act("newcomer", "access.change_password", password=OWN)
    assert seen(story, OWN) == (False, {"drafter"}, False)


def test_in_a_demo_the_first_passwords_are_for_whoever_tries_it(story: Story) -> None:
    newcomer(story)
    assert seen(story, PASSWORD) == (False, {"drafter"}, False)


def test_a_password_past_its_age_opens_nothing_and_an_earlier_clock_revives_it_no_more(
    story: Story, settings: Any
) -> None:
    newcomer(story)
    settings.CONFIG = {"policy": "fenbao-mimi"}
    story.later(days=30)
    assert seen(story, PASSWORD) == (False, {"drafter"}, False)
    story.later(seconds=1)
    assert seen(story, PASSWORD) == (True, set(), True)
    story.later(seconds=-1)  # behind the ledger: its time counts
    actor = access.actor_for_account("newcomer", story.now)
    assert actor.roles == frozenset()


def test_the_page_says_why_nothing_is_open(story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    settings.DINGMI_PROFILE = "enterprise"
    code = newcomer(story)
    passwords.THROTTLE.clear()
    client = Client()
    asked = client.post("/sign-in", {"username": "newcomer", "password": PASSWORD})
    assert asked.status_code == 403 and "核实时领到的登录码" in asked.content.decode()
    answer = client.post("/sign-in", {"username": "newcomer", "password": PASSWORD, "code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/account")
    assert "更改之前，本账号没有任何权限" in client.get("/account").content.decode()
    assert client.get("/draft").status_code == 403
    changed = client.post("/account/password", {"new_password": OWN, "password": PASSWORD})
    assert changed.status_code == 302
    passwords.THROTTLE.clear()
    answer = client.post("/sign-in", {"username": "newcomer", "password": OWN})
    assert answer["Location"] == "/" and client.get("/draft").status_code == 200


def test_nobody_sets_it_to_the_one_that_the_other_person_knows(story: Story, settings: Any) -> None:
    settings.DINGMI_PROFILE = "enterprise"
    newcomer(story)
    with pytest.raises(DingmiError, match=r"password\.unchanged"):
        story.act("newcomer", "access.change_password", password=PASSWORD)
