"""No administrator reads through an account that he opened or confirmed himself; it takes both, and its owner (SR-31, SR-32)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError
from dingmi.interfaces.cli import acts
from dingmi.procedures import access as doors
from dingmi.procedures import passwords
from dingmi.queries import access, clock
from dingmi.queries.verify import verify
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account, Opening
from tests.procedures.test_first_passwords import OWN
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def real(story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The bureau, no demonstration, with a cleared engineer who has no account."""
    settings.DINGMI_PROFILE = "enterprise"
    monkeypatch.setattr(clock, "now", lambda: story.now)
    made = story.act("secrecy", "personnel.enter_person", name="苏明", staff_no="9001", department=story.department)
    story.people["newcomer"] = made.id
    story.clear("newcomer", "机密")
    return story


def opened(story: Story) -> Any:
    given = {"person": story.people["newcomer"], "username": "newcomer", "password": PASSWORD, "roles": ("drafter",)}
    return story.act("sysadmin", "access.create_account", **given).account


def signed(story: Story, password: str = PASSWORD, code: str = "") -> str:
    """Return ``in``, or the code of the refusal."""
    passwords.THROTTLE.clear()
    try:
        doors.sign_in(username="newcomer", password=password, terminal="t", now=story.now, code=code)
    except DingmiError as error:
        return error.code
    return "in"


def test_the_system_administrator_gets_nowhere_with_an_account_that_he_opened(real: Story) -> None:
    matter = real.approved(answers=real.answers(scope=real.scope("drafter", "officer", "newcomer")))
    opened(real)
    assert signed(real) == "sign_in.failed"
    for found in (
        lambda: access.actor_for_account("newcomer", real.now),
        lambda: real.act("newcomer", "access.prefer"),
    ):
        with pytest.raises(DingmiError, match=r"account\.unusable"):
            found()
    assert Account.objects.get(username="newcomer").session_key == ""
    with pytest.raises(DingmiError, match=r"role\.required"):
        real.act("sysadmin", "access.confirm_account", account=Account.objects.get(username="newcomer").pk)
    passwords.THROTTLE.clear()
    client = Client()
    assert client.post("/sign-in", {"username": "newcomer", "password": PASSWORD}).status_code == 403
    assert client.get(f"/m/{matter}").status_code == 302


def test_who_knows_only_the_password_or_only_the_code_stays_out_and_the_owner_comes_in_with_both(real: Story) -> None:
    matter = real.approved(answers=real.answers(scope=real.scope("drafter", "officer", "newcomer")))
    account = opened(real)
    code = real.act("secadmin", "access.confirm_account", account=account).code
    assert signed(real) == "opening.code_needed"  # the system administrator
    assert signed(real, "Xiaoxue-2026-dongzhi-q", code) == "sign_in.failed"  # the security administrator
    assert signed(real, code="AAAA-BBBB-CCCC-DDDD") == "opening.code_wrong"
    assert Account.objects.get(username="newcomer").failed_count == 2
    assert signed(real, code=code.lower().replace("-", " ")) == "in"
    assert access.actor_for_account("newcomer", real.now).roles == frozenset(), "until the own password"
    real.act("newcomer", "access.change_password", password=OWN)
    assert (signed(real), signed(real, OWN)) == ("sign_in.failed", "in")
    assert access.matter_for(real.actor("newcomer"), real.now, matter).pk == matter
    with pytest.raises(DingmiError, match=r"opening\.nothing_to_confirm"):
        real.act("secadmin", "access.confirm_account", account=account)
    assert verify().ok


def test_a_lost_code_is_replaced_and_the_old_one_opens_nothing(real: Story) -> None:
    account = opened(real)
    first = real.act("secadmin", "access.confirm_account", account=account).code
    second = real.act("secadmin", "access.confirm_account", account=account).code
    assert first != second and first.replace("-", "") not in str(Opening.objects.values_list("code", flat=True))
    assert (signed(real, code=first), signed(real, code=second)) == ("opening.code_wrong", "in")


def test_the_command_line_asks_for_the_code_too(real: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    code = real.act("secadmin", "access.confirm_account", account=opened(real)).code
    monkeypatch.delenv("DINGMI_TOKEN", raising=False)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(acts.sys, "stderr", Terminal())
    for typed, refused in (("", "opening.code_needed"), ("AAAA", "opening.code_wrong")):
        answers = iter([PASSWORD, typed])
        monkeypatch.setattr(acts.typer, "prompt", lambda *_a, answers=answers, **_k: next(answers))
        with pytest.raises(DingmiError) as caught:
            acts.acting("newcomer")
        assert caught.value.code == refused
    answers = iter([PASSWORD, code])
    monkeypatch.setattr(acts.typer, "prompt", lambda *_a, **_k: next(answers))
    assert acts.acting("newcomer").stepped_up


def test_those_who_watch_are_told_and_both_administrators_see_what_waits(real: Story) -> None:
    account = opened(real)
    told = Notice.objects.filter(code="access.account_opened").values_list("person", flat=True)
    watchers = ("secadmin", "auditor", "secrecy")
    assert set(told) == {Account.objects.get(username=u).person_id for u in watchers}
    for user in ("sysadmin", "secadmin"):
        (line,) = doors.ask("access.openings", actor=real.actor(user), now=real.now, params={})
        assert (line.username, line.name, line.staff_no, line.waits_for) == ("newcomer", "苏明", "9001", "confirmation")
    real.act("secadmin", "access.confirm_account", account=account)
    (line,) = doors.ask("access.openings", actor=real.actor("sysadmin"), now=real.now, params={})
    assert line.waits_for == "owner"
    real.act("newcomer", "access.change_password", password=OWN)
    assert doors.ask("access.openings", actor=real.actor("secadmin"), now=real.now, params={}) == ()
