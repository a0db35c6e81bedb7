"""A role takes two people of different offices, never its holder, in time, and as it was asked for (A4, SR-34)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError
from dingmi.procedures import ACTS
from dingmi.queries import QUERIES, clock
from dingmi.queries.verify import verify
from dingmi.records.organs.models import Account, RoleAsked, RoleGrant
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def asked(story: Story, user: str = "outsider", role: str = "inspector", **more: Any) -> Any:
    return story.act("secadmin", "access.grant_role", account=story.actor(user).account_id, role=role, **more).request


def agreed(story: Story, user: str, request: Any, version: str = "") -> str:
    seen = version or story.seen(RoleAsked, request)
    try:
        story.act(user, "access.agree_role", request=request, expected_version=seen)
    except DingmiError as error:
        return error.code
    return "done"


def held(story: Story, user: str = "outsider") -> bool:
    return story.actor(user).holds(Role.INSPECTOR)


def test_no_single_person_gives_a_role_and_every_second_but_the_right_one_is_refused(story: Story) -> None:
    """T5 for the role: one person, the same twice, an administrator, somebody revoked, the holder; then two."""
    grants = RoleGrant.objects.count()
    request = asked(story)
    assert not held(story) and RoleGrant.objects.count() == grants, "asking gives nothing"
    for user in ("secadmin", "sysadmin", "auditor", "officer", "drafter", "outsider"):
        assert agreed(story, user, request) in ("role.required", "auditor.only_looks"), user
    story.act("sysadmin", "access.disable", account=story.actor("secrecy").account_id)
    assert agreed(story, "secrecy", request) == "account.unusable"
    assert not held(story) and RoleGrant.objects.count() == grants
    assert agreed(story, "head", request) == "done" and held(story)
    assert agreed(story, "head", request) == "object.not_found", "once"
    row = RoleAsked.objects.get(pk=request)
    assert (row.asked_by, row.agreed_by) == tuple(
        Account.objects.get(username=user).person_id for user in ("secadmin", "head")
    )
    assert verify().findings == ()


def test_whoever_agrees_gets_no_role_by_it_and_holds_no_two_seats(story: Story) -> None:
    request = asked(story, "head")
    assert agreed(story, "head", request) == "role.own_account" and not held(story, "head")
    assert agreed(story, "secrecy", request) == "done" and held(story, "head")
    request = asked(story)
    secadmin = story.actor("secadmin")
    both = ACTS["access.agree_role"]
    doubled = type(secadmin)(
        **{n: getattr(secadmin, n) for n in secadmin.__dataclass_fields__} | {"roles": secadmin.roles | {Role.HEAD}}
    )
    with pytest.raises(DingmiError, match=r"second\.asked_by_you"):
        both(actor=doubled, now=story.now, request=request, expected_version=story.seen(RoleAsked, request))
    assert not held(story)


def test_agreement_comes_within_ten_minutes_and_for_what_was_shown(story: Story) -> None:
    request = asked(story)
    assert agreed(story, "head", request, "0" * 20) == "record.stale"
    with pytest.raises(DingmiError, match=r"role\.asked_already"):
        asked(story)
    story.later(minutes=10, seconds=1)
    assert agreed(story, "head", request) == "object.not_found" and not held(story)
    assert QUERIES["access.roles_asked"].run(actor=story.actor("head"), now=story.now, params={}) == ()
    until = story.now + timedelta(minutes=5)
    request = asked(story, until=until)
    story.later(minutes=6)
    assert agreed(story, "head", request) == "object.not_found", "over before it began"
    request = asked(story, until=story.now + timedelta(hours=1))
    assert agreed(story, "secrecy", request) == "done" and held(story)
    story.later(hours=1)
    assert not held(story)


def test_bad_input_is_refused_and_nothing_waits(story: Story) -> None:
    auditor, outsider = (story.actor(user).account_id for user in ("auditor", "outsider"))
    for account, role, more, code in (
        (auditor, "drafter", {}, "administrators.separate"),
        (story.actor("secadmin").account_id, "drafter", {}, "role.own_account"),
        (outsider, "officer", {}, "input.invalid"),
        (outsider, "audit_admin", {}, "input.invalid"),
        (outsider, "inspector", {"until": story.now}, "input.invalid"),
        (story.people["outsider"], "inspector", {}, "object.not_found"),
    ):
        with pytest.raises(DingmiError) as error:
            story.act("secadmin", "access.grant_role", account=account, role=role, **more)
        assert error.value.code == code, (role, more)
    assert not RoleAsked.objects.exists()


def test_the_pages_ask_and_agree(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    people = {user: Client() for user in ("secadmin", "head")}
    for user, client in people.items():
        story.act(user, "access.change_password", password=PASSWORD)
        assert client.post("/sign-in", {"username": user, "password": PASSWORD}).status_code == 302
    given = {"act": "access.grant_role", "account": story.actor("outsider").account_id, "role": "inspector"}
    assert people["secadmin"].post("/admin/security", {**given, "password": "不对"}).status_code == 403
    assert people["secadmin"].post("/admin/security", {**given, "password": PASSWORD}).status_code == 302
    assert people["secadmin"].get("/roles").status_code == 200
    shown = people["head"].get("/roles").content.decode()
    row = RoleAsked.objects.get()
    assert "孙若梅" in shown and str(row.pk) in shown and not RoleGrant.objects.filter(role="inspector").exists()
    given = {"act": "access.agree_role", "request": f"{row.pk} {story.seen(RoleAsked, row.pk)}"}
    assert people["secadmin"].post("/roles", {**given, "password": PASSWORD}).status_code == 400
    assert people["head"].post("/roles", {**given, "password": PASSWORD}).status_code == 302
    assert RoleGrant.objects.filter(role="inspector").count() == 1
