"""Two people confirm the date after a long silence: both seats are shown, and the first is kept for ten minutes."""

from __future__ import annotations

from base64 import b32decode
from datetime import timedelta

import pytest
from django.test import Client

from dingmi.engines.crypto import totp
from dingmi.procedures import passwords
from dingmi.queries import clock
from tests.interfaces.test_act_forms import founder
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]


def admin(story: Story, user: str) -> Client:
    """Return an administrator signed in."""
    passwords.THROTTLE.clear()
    client = Client()
    client.post("/sign-in", {"username": user, "password": PASSWORD})
    return client


def sit(client: Client, story: Story) -> int:
    """Confirm the date on the page; return the status."""
    sent = {"act": "keep.confirm_date", "on": story.now.date().isoformat(), "password": PASSWORD}
    return client.post("/date", sent).status_code


def test_both_seats_are_shown_and_the_first_is_kept_for_ten_minutes(story: Story) -> None:
    for user in ("secadmin", "secrecy", "head"):
        story.act(user, "access.change_password", password=PASSWORD)
    assert "没有需要确认的日期" in admin(story, "secadmin").get("/date").content.decode()
    story.now += timedelta(days=40)
    first = admin(story, "secadmin")
    gap = clock.unconfirmed()
    assert gap is not None and gap.needed == 2
    assert first.get("/date").content.decode().count("待确认") == 2
    assert sit(first, story) == 302
    text = first.get("/date").content.decode()
    assert text.count("待确认") == 1 and "已确认" in text and "签名确认日期" not in text
    assert sit(first, story) == 400, "nobody sits on both seats"
    story.now += timedelta(minutes=11)
    late = admin(story, "secrecy")
    assert late.get("/date").content.decode().count("待确认") == 2, "the first seat has lapsed"
    assert sit(late, story) == 302
    assert clock.unconfirmed() is not None
    assert sit(admin(story, "secadmin"), story) == 302
    assert clock.unconfirmed() is None
    assert "没有需要确认的日期" in admin(story, "secadmin").get("/date").content.decode()


def test_who_has_no_seat_does_not_see_the_page(story: Story) -> None:
    assert founder(story, "secrecy").get("/date").status_code == 200
    client = admin(story, "officer")
    assert client.get("/date").status_code == 403
    assert 'href="/date"' not in client.get("/").content.decode()


def test_a_lost_one_time_code_is_lifted_by_two_people_on_a_page_of_its_own(story: Story) -> None:
    for user in ("secadmin", "secrecy", "head"):
        story.act(user, "access.change_password", password=PASSWORD)
    assert "没有账号绑定第二因素" in admin(story, "secadmin").get("/one-time-codes").content.decode()
    secret = story.act("drafter", "access.enrol_second").secret
    code = totp.code_of(b32decode(secret), totp.step_at(story.now))
    story.act("drafter", "access.confirm_second", code=code)
    sent = {"act": "access.lift_second", "username": "drafter", "password": PASSWORD}
    first = admin(story, "secadmin")
    text = first.get("/one-time-codes").content.decode()
    assert "林晓雯" in text and "签名解除绑定" in text and "签名解除绑定" not in first.get("/date").content.decode()
    assert first.post("/one-time-codes", sent).status_code == 302
    story.later(minutes=1)
    second = admin(story, "head")
    until = (story.now + timedelta(minutes=9)).strftime("%Y-%m-%d %H:%M")
    assert until in second.get("/one-time-codes").content.decode(), "how long the second person has"
    assert second.post("/one-time-codes", sent).status_code == 302
    assert "没有账号绑定第二因素" in second.get("/one-time-codes").content.decode()
    assert admin(story, "officer").get("/one-time-codes").status_code == 403
