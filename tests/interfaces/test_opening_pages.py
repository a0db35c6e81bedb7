"""Accounts that wait to be confirmed, on the pages of both administrators."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from dingmi.procedures import passwords
from dingmi.records.organs.models import Account
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]


def test_an_opened_account_is_confirmed_on_the_page_and_its_code_shown_once(
    story: Story, reader: Reader, settings: Any
) -> None:
    """SR-32: both administrators see what waits; the code goes with the first password, and neither knows both."""
    made = story.act("secrecy", "personnel.enter_person", name="苏明", staff_no="9001", department=story.department)
    system, security = founder(story, "sysadmin"), founder(story, "secadmin")
    settings.DINGMI_PROFILE = "enterprise"
    for client, road in ((system, "/admin/accounts"), (security, "/admin/security")):
        assert "没有待核实的账号" in client.get(road).content.decode()
    form = {"act": "access.create_account", "person": str(made.id), "username": "suming"}
    answer = system.post("/admin/accounts", {**form, "new_password": PASSWORD, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    account = Account.objects.get(username="suming")
    for client, road in ((system, "/admin/accounts"), (security, "/admin/security")):
        text = client.get(road).content.decode()
        assert "安全保密管理员核实" in text and ">待核实</span>" in text
    sent = {"act": "access.confirm_account", "account": str(account.pk)}
    assert system.post("/admin/accounts", {**sent, "password": PASSWORD}).status_code == 400
    assert security.post("/admin/security", {**sent, "password": "wrong"}).status_code == 403
    shown = security.post("/admin/security", {**sent, "password": PASSWORD}).content.decode()
    code = re.search(r'id="handed" readonly value="([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})"', shown)
    assert code and "本人设置密码" in shown
    assert code.group(1) not in security.get("/admin/security").content.decode()
    passwords.THROTTLE.clear()
    asked = {"username": "suming", "password": PASSWORD}
    assert Client().post("/sign-in", asked).status_code == 403
    passwords.THROTTLE.clear()
    assert Client().post("/sign-in", {**asked, "code": code.group(1)})["Location"] == "/account"
