"""A clock set back revives nothing that had ended, and stops nobody from reading (SR-62, SR-64)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError, Refused, Unavailable
from dingmi.procedures import passwords
from dingmi.procedures.evidence import sign_log
from dingmi.procedures.keep import ClockWatch
from dingmi.queries import clock
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from tests.procedures.test_second_factor import code_now, enrolled, signed
from tests.story import NOON, PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
BACK = pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(minutes=5)], ids=["a second", "five minutes"])


def codes(caught: pytest.ExceptionInfo[DingmiError]) -> set[str]:
    return {f.code for f in caught.value.findings}


def set_back(story: Story, back: timedelta) -> None:
    """Let the ledger see this moment, and set the clock back before it."""
    story.act("secrecy", "access.set_language", language="zh")
    assert clock.high_water() == story.now
    story.now -= back


@BACK
@pytest.mark.clause("TL-14.2")
def test_an_officer_whose_training_lapsed_decides_nothing_with_the_clock_set_back(
    story: Story, back: timedelta
) -> None:
    story.on(date(2026, 2, 2), 11)
    matter = story.proposed()
    story.now = NOON + back - timedelta(seconds=1)
    set_back(story, back)
    with pytest.raises(Refused) as caught:
        story.approve(matter, "lapsed")
    assert "officer.training_lapsed" in codes(caught)
    assert Entry.objects.filter(act="attempt").latest("pk").at == NOON + back - timedelta(seconds=1)


@BACK
@pytest.mark.clause("BMF-24.2c")
def test_a_period_that_has_ended_is_not_extended_with_the_clock_set_back(story: Story, back: timedelta) -> None:
    matter = story.approved()
    last = story.matter(matter).last_protected_day
    story.on(last + timedelta(days=1), 0)
    story.now += back - timedelta(seconds=1)
    set_back(story, back)
    assert story.now.date() == last
    with pytest.raises(Refused) as caught:
        story.review(matter, "extend", tail="5年")
    assert codes(caught) & {"matter.already_released", "extension.too_late"}


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(minutes=5)], ids=["two minutes", "five minutes"])
def test_an_unused_one_time_code_that_has_ended_opens_nothing_with_the_clock_set_back(
    story: Story, back: timedelta
) -> None:
    secret = enrolled(story)
    story.later(hours=1)
    old = code_now(story, secret)
    story.later(seconds=back.total_seconds())
    set_back(story, back)
    assert code_now(story, secret) == old
    assert signed(story, old) == "second.wrong"
    story.now += back
    assert signed(story, code_now(story, secret)) == "in"


def browser(story: Story, monkeypatch: pytest.MonkeyPatch, user: str) -> Client:
    """Return a browser in which somebody has just signed in."""
    monkeypatch.setattr(clock, "now", lambda: story.now)
    if user in ("sysadmin", "secadmin", "auditor"):
        story.act(user, "access.change_password", password=PASSWORD)
    passwords.THROTTLE.clear()
    client = Client()
    assert client.post("/sign-in", {"username": user, "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize(
    ("user", "road"), [("drafter", "/workbench"), ("sysadmin", "/admin/system"), ("auditor", "/admin/audit")]
)
def test_reading_goes_on_page_after_page_with_the_clock_twenty_minutes_behind(
    story: Story, monkeypatch: pytest.MonkeyPatch, user: str, road: str
) -> None:
    client = browser(story, monkeypatch, user)
    assert "clock-behind" not in client.get(road).content.decode()
    set_back(story, timedelta(minutes=20))
    for _ in range(3):
        answer = client.get(road)
        assert answer.status_code == 200
        assert ("clock-behind" in answer.content.decode()) is (user != "drafter")
    if user == "sysadmin":
        assert "须处理" in answer.content.decode(), "the row of the ledger's time"
    kept = Entry.objects.filter(act="access.set_language").count()
    assert client.post("/language", {"language": "en"}).status_code == 503
    assert Entry.objects.filter(act="access.set_language").count() == kept
    story.now += timedelta(minutes=11)  # nobody at the desk, and the clock still behind
    assert client.get(road).status_code == 302


def test_no_head_of_the_log_is_dated_before_what_it_signs(story: Story) -> None:
    story.act("secrecy", "access.set_language", language="zh")
    latest = story.now
    with pytest.raises(Unavailable, match=r"clock\.behind_ledger"):
        sign_log(latest - timedelta(minutes=20))
    head = sign_log(latest - timedelta(minutes=2))
    assert head is not None and head.at == latest


def test_a_clock_that_fell_behind_alarms_once_and_is_told_once_when_it_is_right_again(story: Story) -> None:
    watch = ClockWatch()
    assert watch.look(story.now) == ""
    set_back(story, timedelta(minutes=20))
    assert watch.look(story.now).startswith("ALARM clock behind the ledger") and watch.look(story.now) == ""
    assert not Notice.objects.filter(code="clock.was_behind").exists()
    story.now += timedelta(minutes=20)
    assert [watch.look(story.now), watch.look(story.now)] == ["", ""]
    told = Notice.objects.filter(code="clock.was_behind").values_list("person__account__username", flat=True)
    assert sorted(told) == ["auditor", "secadmin", "sysadmin"]
    assert Entry.objects.filter(act="keep.note_clock").count() == 1
