"""When no security administrator is left who could unlock an account, two people do, at the server and in the ledger (SR-06)."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from dingmi.base.errors import DingmiError, Forbidden, Refused
from dingmi.interfaces.cli import app
from dingmi.interfaces.cli import recovery as command
from dingmi.procedures import access, passwords, recovery
from dingmi.procedures.recovery import Proof
from dingmi.queries import clock
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
THREE = ("sysadmin", "secadmin", "auditor")


@pytest.fixture(autouse=True)
def passwords_of_the_founded(story: Story) -> None:
    """Give those of the founding a password that the tests know."""
    for user in (*THREE, "head", "secrecy"):
        story.act(user, "access.change_password", password=PASSWORD)
    passwords.THROTTLE.clear()


def lock(story: Story, *users: str) -> None:
    """Lock accounts as whoever tries passwords does."""
    for user in users:
        for _ in range(passwords.LIMITS["failures_to_lock"]):
            with pytest.raises(Forbidden):
                access.sign_in(username=user, password="wrong password 1", terminal=f"t-{user}", now=story.now)
            story.later(minutes=5)
        assert Account.objects.get(username=user).locked_at is not None


def recover(story: Story, user: str, *by: str, password: str = PASSWORD) -> str:
    """Return what came of it: ``done``, or the code of the refusal."""
    story.later(minutes=5)
    try:
        recovery.recover(now=story.now, username=user, proofs=[Proof(one, password) for one in by])
    except DingmiError as error:
        return error.code
    return "done"


def is_locked(user: str) -> bool:
    return Account.objects.get(username=user).locked_at is not None


def test_two_locked_administrators_unlock_the_third_at_the_server_and_the_ledger_says_who(story: Story) -> None:
    lock(story, *THREE, "head", "secrecy")
    assert recover(story, "secadmin", "sysadmin", "auditor") == "done" and not is_locked("secadmin")
    assert is_locked("sysadmin") and is_locked("auditor"), "only who is named"
    told = json.loads(Entry.objects.get(act="access.recover").body)
    both = sorted(str(Account.objects.get(username=user).pk) for user in ("sysadmin", "auditor"))
    assert told["data"] == {"by": both} and Entry.objects.filter(act="access.prove").count() == 2
    people = set(
        Notice.objects.filter(code="access.account_recovered").values_list("person__account__username", flat=True)
    )
    assert people == set(THREE)
    assert access.sign_in(username="secadmin", password=PASSWORD, terminal="t", now=story.now).session_key
    story.act("secadmin", "access.unlock", account=Account.objects.get(username="sysadmin").pk)
    assert verify().ok, "a lock that went by this act is not told as lifted by hand"


def test_nobody_recovers_alone_nor_for_oneself_nor_without_the_own_password(story: Story) -> None:
    lock(story, *THREE)
    for by in ((), ("head",), ("head", "head"), ("head", "secadmin"), ("head", "secrecy", "auditor")):
        assert recover(story, "secadmin", *by) == "recovery.two_people", by
    assert recover(story, "secadmin", "head", "secrecy", password="wrong password 1") == "sign_in.failed"
    assert recover(story, "secadmin", "head", "nobody") == "sign_in.failed"
    assert recover(story, "secadmin", "head", "drafter") == "role.required"
    assert is_locked("secadmin") and not Entry.objects.filter(act="access.recover").exists()
    failed = Entry.objects.filter(act="access.sign_in_failed").order_by("-pk")
    assert failed.exists() and Account.objects.get(username="head").failed_count == 1
    assert recover(story, "secadmin", "head", "secrecy") == "done"


def test_while_a_security_administrator_can_sign_in_nothing_is_unlocked_at_the_server(story: Story) -> None:
    lock(story, "sysadmin", "auditor", "drafter")
    assert recover(story, "sysadmin", "head", "secrecy") == "recovery.not_needed"
    lock(story, "secadmin")
    assert recover(story, "drafter", "head", "secrecy") == "recovery.not_locked"
    assert recover(story, "no such account", "head", "secrecy") == "object.not_found"
    assert recover(story, "auditor", "head", "secrecy") == "done"
    assert recover(story, "auditor", "head", "secrecy") == "recovery.not_locked"
    with pytest.raises(Refused, match=r"recovery\.not_locked"):
        recovery._recover(
            actor=story.actor("head"), now=story.now, account=Account.objects.get(username="auditor").pk, by=()
        )


def test_the_command_asks_each_of_the_two(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(story, *THREE)
    monkeypatch.setattr(command, "use_data", lambda data: data)
    monkeypatch.setattr(clock, "now", lambda: story.now)
    story.later(minutes=5)
    asked = ["recover", "secadmin", "--by", "head", "--by", "secrecy"]
    ended = CliRunner().invoke(app, asked, input=f"{PASSWORD}\nwrong password 1\n")
    assert isinstance(ended.exception, Forbidden) and is_locked("secadmin")
    story.later(minutes=5)
    ended = CliRunner().invoke(app, [*asked, "--json"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert ended.exit_code == 0 and '"secadmin"' in ended.output and not is_locked("secadmin")
