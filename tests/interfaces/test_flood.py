"""A flood of tries to sign in: next to no work for each, nothing in the log beyond the first, and others are served (SR-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dingmi.base.errors import Forbidden
from dingmi.interfaces.web.middleware import HEADERS
from dingmi.procedures import passwords
from dingmi.records.ledger.models import Entry
from tests.interfaces.conftest import Reader
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]
FLOOD = 500


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every password that is hashed."""
    seen: list[str] = []
    check = passwords.check_password

    def counted(password: str, stored: str) -> bool:
        seen.append(password)
        return bool(check(password, stored))

    monkeypatch.setattr(passwords, "check_password", counted)
    return seen


def tried(client: Client, name: str, **more: str) -> int:
    return client.post("/sign-in", {"username": name, "password": "wrong-password-1"}, **more).status_code


def test_a_flood_from_one_terminal_is_hashed_thirty_times_a_minute_and_others_come_in(
    story: Story, reader: Reader, hashes: list[str]
) -> None:
    flood, most = Client(REMOTE_ADDR="10.0.0.66"), passwords.LIMITS["per_terminal"]
    assert {tried(flood, f"guess{n}") for n in range(most)} == {403}
    assert (len(hashes), Entry.objects.filter(act="access.sign_in_failed").count()) == (most, most)
    with CaptureQueriesContext(connection) as asked:
        assert {tried(flood, f"guess{n}") for n in range(FLOOD)} == {403}
    assert (len(hashes), len(asked)) == (most, 0), "neither a hash nor a row for what is turned away"
    assert reader("officer").get("/account").status_code == 200, "another terminal signs in meanwhile"
    story.later(seconds=passwords.LIMITS["window_seconds"] + 1)
    assert flood.post("/sign-in", {"username": "officer2", "password": PASSWORD}).status_code == 302


def test_a_flood_of_forms_without_their_token_is_turned_away_too(story: Story, hashes: list[str]) -> None:
    flood, most = Client(REMOTE_ADDR="10.0.0.67", enforce_csrf_checks=True), passwords.LIMITS["per_terminal"]
    answers = [flood.post("/sign-in", {"username": f"guess{n}", "password": PASSWORD}) for n in range(most + 1)]
    assert {answer.status_code for answer in answers} == {403}
    assert ["Retry-After" in answer.headers for answer in answers] == [False] * most + [True]
    assert not hashes


def test_a_flood_at_one_account_from_many_terminals_is_hashed_ten_times_a_minute(
    story: Story, hashes: list[str]
) -> None:
    for n in range(FLOOD):
        assert tried(Client(REMOTE_ADDR=f"10.0.{n // 250}.{n % 250}"), "drafter") == 403
    assert len(hashes) == passwords.LIMITS["per_account"]
    assert Client().post("/sign-in", {"username": "drafter2", "password": PASSWORD}).status_code == 302


def test_who_is_turned_away_reads_when_to_try_again_and_learns_nothing_of_the_account(story: Story) -> None:
    pages = []
    for name in ("drafter", "nobody-here"):
        passwords.THROTTLE.clear()
        for _ in range(passwords.LIMITS["per_account"]):
            tried(Client(), name)
        for language in ("zh", "en"):
            client = Client(headers={"cookie": f"dingmi_language={language}"})
            answer = client.post("/sign-in", {"username": name, "password": PASSWORD})
            assert (answer.status_code, answer["Retry-After"]) == (403, "60")
            assert {header: answer[header] for header in HEADERS} == HEADERS and not answer.cookies
            pages.append(answer.content.decode())
    assert pages[:2] == pages[2:] and "60" in pages[0] and "Sign in" in pages[1]


def test_tries_that_are_turned_away_do_not_hold_the_door_shut(story: Story) -> None:
    throttle, limits = passwords.Throttle(), passwords.LIMITS
    for _ in range(limits["per_account"]):
        with throttle.trying("zhou", "desk", story.now):
            pass
    later = story.now + timedelta(seconds=limits["window_seconds"] - 1)
    for _ in range(FLOOD):
        assert throttle.turned_away("zhou", "desk", later) is not None
    assert throttle.turned_away("zhou", "desk", later + timedelta(seconds=1)) is None
    with throttle.trying("zhou", "desk", later + timedelta(seconds=1)):
        pass


def test_two_tries_at_once_are_taken_from_one_terminal_and_no_third_holds_a_thread(story: Story) -> None:
    throttle, now = passwords.THROTTLE, story.now
    with throttle.trying("zhou", "10.0.0.68", now), throttle.trying("zhou", "10.0.0.68", now):
        with pytest.raises(Forbidden, match=r"sign_in\.busy"), throttle.trying("qian", "10.0.0.68", now):
            pytest.fail("a third was taken")
        refused = Client(REMOTE_ADDR="10.0.0.68").post("/sign-in", {"username": "qian", "password": PASSWORD})
        assert (refused.status_code, refused.headers["Retry-After"]) == (403, "1")
        assert "请1秒后再试" in refused.content.decode()
        with throttle.trying("qian", "10.0.0.69", now):
            assert throttle.turned_away("qian", "10.0.0.68", now) is not None
    assert throttle.turned_away("qian", "10.0.0.68", now) is None
