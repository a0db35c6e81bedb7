"""Whoever has a second factor gives it again to sign under a token, and to issue one (SR-03, SR-10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dingmi.procedures import passwords
from dingmi.queries import gateway
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.organs.models import Account, Token
from tests.interfaces.test_gateway import PEER, SECRET, said
from tests.procedures.test_certificates import bound
from tests.procedures.test_second_factor import code_now, enrolled
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SIGNED = ("access.change_password", {"password": "Qiufeng-2026-qingjiang"})


def called(token: str, act: tuple[str, dict[str, Any]], more: dict[str, str] | None = None, **headers: str) -> str:
    """Perform an act over the API; return the code of its refusal, or ``done``."""
    passwords.THROTTLE.clear()
    name, body = act
    given = {"Authorization": f"Bearer {token}", **headers}
    answer = Client().post(
        f"/api/v1/acts/{name}", json.dumps(body), content_type="application/json", headers=given, **(more or {})
    )
    return "done" if answer.status_code == 200 else str(json.loads(answer.content)["error"]["code"])


def test_over_the_api_a_signature_takes_the_one_time_code_and_each_counts_once(story: Story) -> None:
    secret = enrolled(story)
    story.later(minutes=2)
    token = story.act("drafter", "access.issue_token", hours=8).token
    issue = ("access.issue_token", {"hours": 1})
    code = code_now(story, secret)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    signed = {"Dingmi-Password": PASSWORD}
    assert called(token, issue) == "step_up.required"
    assert called(token, issue, **signed) == "second.needed"
    assert called(token, issue, **signed, **{"Dingmi-Code": wrong}) == "second.wrong"
    assert called(token, issue, **{"Dingmi-Password": "wrong", "Dingmi-Code": code}) == "password.wrong"
    before = Token.objects.count()
    assert called(token, issue, **signed, **{"Dingmi-Code": code}) == "done" and Token.objects.count() == before + 1
    assert called(token, SIGNED, **signed, **{"Dingmi-Code": code}) == "second.wrong", "it is spent"
    story.later(minutes=1)
    assert called(token, SIGNED, **signed, **{"Dingmi-Code": code_now(story, secret)}) == "done"
    assert '"second":true' in Entry.objects.filter(act="access.confirm_password").order_by("-pk")[0].body
    assert verify().findings == ()


def test_five_wrong_codes_over_the_api_lock_the_account(story: Story) -> None:
    secret = enrolled(story)
    story.later(minutes=2)
    token = story.act("drafter", "access.issue_token", hours=8).token
    wrong = f"{(int(code_now(story, secret)) + 1) % 10**6:06d}"
    for _ in range(5):
        assert called(token, SIGNED, **{"Dingmi-Password": PASSWORD, "Dingmi-Code": wrong}) == "second.wrong"
    assert Account.objects.get(username="drafter").locked_at is not None
    right = {"Dingmi-Password": PASSWORD, "Dingmi-Code": code_now(story, secret)}
    assert called(token, SIGNED, **right) == "token.invalid"


def test_over_the_api_a_signature_takes_the_certificate_that_the_gateway_checked(story: Story, settings: Any) -> None:
    (Path(settings.DINGMI_KEYS) / gateway.FILE).write_text(SECRET + "\n")
    settings.DINGMI_GATEWAY = {"peers": [PEER]}
    mine, _ = bound(story)
    others, _ = bound(story, "officer")
    token = story.act("drafter", "access.issue_token", hours=8).token
    signed = {"Dingmi-Password": PASSWORD}
    assert called(token, SIGNED, **signed) == "certificate.needed"
    assert called(token, SIGNED, said(mine, REMOTE_ADDR="10.9.8.8"), **signed) == "certificate.needed", (
        "not the gateway"
    )
    assert called(token, SIGNED, said(others), **signed) == "certificate.not_yours"
    assert called(token, SIGNED, said(mine), **signed) == "done"
    assert verify().findings == ()


def test_a_token_issued_on_the_page_takes_the_code_beside_the_password(story: Story) -> None:
    secret = enrolled(story)
    story.later(minutes=2)
    client = Client()
    moment = {"username": "drafter", "password": PASSWORD, "code": code_now(story, secret)}
    assert client.post("/sign-in", moment).status_code == 302
    given = {"act": "access.issue_token", "hours": "8", "password": PASSWORD}
    refused = client.post("/account", given)
    assert refused.status_code == 403 and not Token.objects.exists()
    story.later(minutes=1)
    code = code_now(story, secret)
    made = client.post("/account", {**given, "code": code})
    assert made.status_code == 200 and Token.objects.count() == 1 and code not in made.content.decode()
    assert client.post("/account", {**given, "code": code}).status_code == 403, "it is spent"
    plain = Client()
    assert plain.post("/sign-in", {"username": "officer", "password": PASSWORD}).status_code == 302
    assert plain.post("/account", given).status_code == 200, "who has no second factor is asked for none"
