"""One-time codes at sign-in: set up, used once, counted when wrong, lifted by two people, required by policy (SR-03)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError
from dingmi.engines.crypto import totp
from dingmi.interfaces.cli import acts
from dingmi.procedures import access as doors
from dingmi.procedures import passwords, perform
from dingmi.queries import access, clock
from dingmi.queries.verify import verify
from dingmi.records.organs.models import Account, SecondFactor
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
VECTORS = (
    (59, "287082"),
    (1111111109, "081804"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
)


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    secret, at = b"12345678901234567890", datetime.fromtimestamp(second, UTC)
    assert totp.code_of(secret, totp.step_at(at)) == code
    assert totp.matching_step(secret, code, at) == second // 30
    assert totp.matching_step(secret, code, datetime.fromtimestamp(second + 60, UTC)) is None


def code_now(story: Story, secret: str) -> str:
    return totp.code_of(base64.b32decode(secret), totp.step_at(story.now))


def enrolled(story: Story, user: str = "drafter") -> str:
    """Set up one-time codes; the code that started them is used, so time goes on."""
    secret = story.act(user, "access.enrol_second").secret
    story.act(user, "access.confirm_second", code=code_now(story, secret))
    story.later(minutes=2)
    return str(secret)


def signed(story: Story, code: str = "", user: str = "drafter", password: str = PASSWORD) -> str:
    """Return ``in``, or the code of the refusal."""
    passwords.THROTTLE.clear()
    try:
        doors.sign_in(username=user, password=password, terminal="t", now=story.now, code=code)
    except DingmiError as error:
        return error.code
    return "in"


def test_a_code_opens_one_session_and_is_asked_for_only_after_a_right_password(story: Story) -> None:
    assert signed(story) == "in"
    secret = story.act("drafter", "access.enrol_second").secret
    assert signed(story) == "in"  # not in use before its first code
    wrong = "000000" if code_now(story, secret) != "000000" else "000001"
    with pytest.raises(DingmiError, match=r"second\.wrong"):
        story.act("drafter", "access.confirm_second", code=wrong)
    story.act("drafter", "access.confirm_second", code=code_now(story, secret))
    assert signed(story, code_now(story, secret)) == "second.wrong"  # the first code is spent
    story.later(minutes=2)
    assert signed(story) == "second.needed"
    assert signed(story, code_now(story, secret), password="wrong") == "sign_in.failed"
    assert signed(story, code_now(story, secret)) == "in"
    assert signed(story, code_now(story, secret)) == "second.wrong"
    assert verify().ok


def test_five_wrong_codes_lock_the_account_and_a_right_one_helps_no_more(story: Story) -> None:
    secret = enrolled(story)
    right = code_now(story, secret)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    assert [signed(story, wrong) for _ in range(5)] == ["second.wrong"] * 5
    assert signed(story, right) == "sign_in.failed"
    assert Account.objects.get(username="drafter").locked_at is not None


def test_two_other_people_lift_a_lost_factor_within_ten_minutes(story: Story) -> None:
    enrolled(story)
    lift: dict[str, Any] = {"username": "drafter"}
    with pytest.raises(DingmiError, match=r"role\.required"):
        story.act("officer", "access.lift_second", **lift)
    with pytest.raises(DingmiError, match=r"object\.not_found"):
        story.act("secadmin", "access.lift_second", username="nobody")
    assert not story.act("secadmin", "access.lift_second", **lift).is_lifted
    with pytest.raises(DingmiError, match=r"second\.asked_by_you"):
        story.act("secadmin", "access.lift_second", **lift)
    story.later(minutes=11)
    assert not story.act("head", "access.lift_second", **lift).is_lifted  # the first seat has lapsed
    assert story.act("secadmin", "access.lift_second", **lift).is_lifted
    assert signed(story) == "in"
    with pytest.raises(DingmiError, match=r"object\.not_found"):
        story.act("secadmin", "access.lift_second", **lift)
    enrolled(story)
    assert verify().ok


def test_nobody_lifts_their_own_factor_and_a_second_one_is_not_set_up_beside_it(story: Story) -> None:
    enrolled(story, "head")
    with pytest.raises(DingmiError, match=r"role\.own_account"):
        story.act("head", "access.lift_second", username="head")
    with pytest.raises(DingmiError, match=r"second\.in_use"):
        story.act("head", "access.enrol_second")


def test_the_secret_is_not_kept_in_clear(story: Story) -> None:
    secret = enrolled(story)
    kept = bytes(SecondFactor.objects.get().secret_ct)
    raw = base64.b32decode(secret)
    assert all(word not in kept for word in (raw, raw.hex().encode(), secret.encode()))


def test_where_policy_requires_it_an_account_without_one_may_do_nothing_else(story: Story, settings: Any) -> None:
    settings.DINGMI_SECOND_FACTOR = "required"
    opened = doors.sign_in(username="officer", password=PASSWORD, terminal="t", now=story.now)
    actor = access.actor_for_session(opened.session_key, story.now, story.now, "t")
    assert (opened.must_change, actor.roles, actor.clearance) == (True, frozenset(), "")
    secret = enrolled(story, "officer")
    opened = doors.sign_in(
        username="officer", password=PASSWORD, terminal="t", now=story.now, code=code_now(story, secret)
    )
    actor = access.actor_for_session(opened.session_key, story.now, story.now, "t")
    assert (opened.must_change, bool(actor.roles)) == (False, True)


def test_the_pages_set_it_up_with_a_picture_and_ask_for_the_code(
    story: Story, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    moment = {"username": "drafter", "password": PASSWORD}
    client.post("/sign-in", moment)
    page = client.post("/account/second", {"password": PASSWORD}).content.decode()
    assert 'src="data:image/png;base64,' in page
    secret = page.partition('id="secret" readonly value="')[2].partition('"')[0]
    assert len(base64.b32decode(secret)) == totp.SECRET_BYTES
    refused = client.post("/account/second/confirm", {"code": "12"})
    assert refused.status_code == 400 and "动态验证码不正确" in refused.content.decode()
    code = totp.code_of(base64.b32decode(secret), totp.step_at(story.now))
    assert client.post("/account/second/confirm", {"code": code}).status_code == 302
    assert "已绑定" in client.get("/account").content.decode()
    asked = Client().post("/sign-in", moment)
    assert (
        asked.status_code == 403 and "动态验证码" in asked.content.decode() and PASSWORD not in asked.content.decode()
    )


class Terminal:
    """A command line at which a person answers what it asks."""

    def __init__(self, story: Story, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.DINGMI_PROFILE = "state-secret"
        monkeypatch.setattr(clock, "now", lambda: story.now)
        monkeypatch.setattr(acts.sys, "stderr", self)
        monkeypatch.setattr(acts.typer, "prompt", lambda text, **_: self.typed.pop(0))
        self.typed: list[str] = []

    def isatty(self) -> bool:
        """Say that somebody sits at it."""
        return True

    def entered(self, *typed: str) -> Any:
        """Return the actor that the drafter becomes, or the code of the refusal; all that was typed was asked for."""
        passwords.THROTTLE.clear()
        self.typed[:] = typed
        try:
            actor = acts.acting("drafter")
        except DingmiError as error:
            return error.code
        assert not self.typed
        return actor


def test_the_command_line_asks_for_the_code_too_and_each_counts_once(
    story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(story, monkeypatch, settings)
    assert terminal.entered(PASSWORD).roles
    secret = enrolled(story)
    code = code_now(story, secret)
    assert terminal.entered(PASSWORD, "") == "second.needed"
    assert terminal.entered("wrong", code) == "password.wrong"
    assert terminal.entered(PASSWORD, f"{(int(code) + 1) % 10**6:06d}") == "second.wrong"
    assert terminal.entered(PASSWORD, code).roles
    assert terminal.entered(PASSWORD, code) == "second.wrong"
    assert verify().ok


def test_at_the_command_line_an_account_without_a_required_factor_may_only_set_it_up(
    story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DINGMI_SECOND_FACTOR = "required"
    terminal = Terminal(story, monkeypatch, settings)
    actor = terminal.entered(PASSWORD)
    assert (actor.roles, actor.clearance) == (frozenset(), "")
    secret = perform("access.enrol_second", actor=actor, now=story.now, params={}).secret
    code = code_now(story, secret)
    perform("access.confirm_second", actor=actor, now=story.now, params={"code": code})
    story.later(minutes=2)
    assert Role.DRAFTER in terminal.entered(PASSWORD, code_now(story, secret)).roles
