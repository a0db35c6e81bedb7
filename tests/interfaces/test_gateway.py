"""What the trusted gateway says of a client is believed of it alone: by its address and its secret, both (ADR 0035)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from dingmi.procedures import passwords
from dingmi.queries import clock, gateway
from dingmi.records.ledger.models import Entry
from dingmi.records.organs.models import Account, Certificate
from tests.client_certificates import made, shown
from tests.procedures.test_certificates import bound, revoked
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PEER, SECRET = "10.9.8.7", "s" * 40


@pytest.fixture
def story(story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The bureau behind a gateway."""
    (Path(settings.DINGMI_KEYS) / gateway.FILE).write_text(SECRET + "\n")
    settings.DINGMI_GATEWAY = {"peers": [PEER]}
    monkeypatch.setattr(clock, "now", lambda: story.now)
    passwords.THROTTLE.clear()
    return story


def said(pem: str = "", **changes: str) -> dict[str, str]:
    """Return what a request by the gateway carries for a client that showed ``pem``."""
    word = {
        "REMOTE_ADDR": PEER,
        "HTTP_X_GATEWAY_SECRET": SECRET,
        "HTTP_X_CLIENT_VERIFY": "SUCCESS" if pem else "NONE",
        "HTTP_X_CLIENT_CERT": quote(pem),
        "HTTP_X_FORWARDED_FOR": "192.0.2.7",
    }
    return word | changes


def sign_in(client: Client, headers: dict[str, str], user: str = "drafter") -> int:
    """Sign in with the password; return the status."""
    passwords.THROTTLE.clear()
    return client.post("/sign-in", {"username": user, "password": PASSWORD}, **headers).status_code


def test_password_and_the_certificate_that_the_gateway_checked_sign_in_from_the_address_of_the_client(
    story: Story,
) -> None:
    pem, _ = bound(story)
    client = Client()
    assert sign_in(client, said()) == 403
    assert (
        "由网关出示客户端证书"
        in client.post("/sign-in", {"username": "drafter", "password": PASSWORD}, **said()).content.decode()
    )
    assert sign_in(client, said(pem)) == 302
    entry = Entry.objects.filter(act="access.sign_in").order_by("-pk").first()
    assert entry is not None and '"terminal":"192.0.2.7"' in entry.body and shown(pem).fingerprint in entry.body
    page = client.get("/account", **said(pem))
    assert page.status_code == 200 and "客户端证书" in page.content.decode()


@pytest.mark.parametrize(
    "forged",
    [
        {"REMOTE_ADDR": "10.9.8.8"},
        {"REMOTE_ADDR": "127.0.0.1"},
        {"HTTP_X_GATEWAY_SECRET": ""},
        {"HTTP_X_GATEWAY_SECRET": "s" * 39 + "t"},
        {"HTTP_X_GATEWAY_SECRET": "密" * 40},
        {"HTTP_X_CLIENT_VERIFY": "NONE"},
        {"HTTP_X_CLIENT_VERIFY": "FAILED:certificate has expired"},
        {"HTTP_X_CLIENT_VERIFY": "success"},
        {"HTTP_X_CLIENT_CERT": ""},
        {"HTTP_X_CLIENT_CERT": "x"},
    ],
    ids=lambda forged: "-".join(f"{k[-6:]}-{v[:8]}" for k, v in forged.items()).encode("ascii", "replace").decode(),
)
def test_a_forged_header_or_one_from_elsewhere_opens_nothing(story: Story, forged: dict[str, str]) -> None:
    pem, _ = bound(story)
    client = Client()
    assert sign_in(client, said(pem, **forged)) == 403
    assert client.get("/account", **said(pem, **forged)).status_code == 302
    assert not Entry.objects.filter(act="access.sign_in").exists()


def test_who_is_no_gateway_names_no_other_address_than_its_own(story: Story) -> None:
    client = Client()
    assert sign_in(client, said(REMOTE_ADDR="198.51.100.4")) == 302
    entry = Entry.objects.get(act="access.sign_in")
    assert '"terminal":"198.51.100.4"' in entry.body


@pytest.mark.parametrize(
    ("told", "secret"),
    [({}, SECRET), ({"peers": []}, SECRET), ({"peers": ["gateway"]}, SECRET), ({"peers": [PEER]}, "short")],
)
def test_without_an_address_or_a_secret_that_is_long_enough_nobody_is_the_gateway(
    story: Story, settings: Any, told: dict[str, Any], secret: str
) -> None:
    pem, _ = bound(story)
    settings.DINGMI_GATEWAY = told
    (Path(settings.DINGMI_KEYS) / gateway.FILE).write_text(secret)
    assert sign_in(Client(), said(pem, HTTP_X_GATEWAY_SECRET=secret)) == 403


def test_a_stolen_session_without_its_certificate_ends_and_signs_nothing(story: Story) -> None:
    mine, _ = bound(story)
    theirs, _ = bound(story, "officer")
    client = Client()
    assert sign_in(client, said(mine)) == 302
    for headers in (said(), said(theirs), said(mine, HTTP_X_GATEWAY_SECRET="x"), {"REMOTE_ADDR": PEER}):
        thief = Client()
        thief.cookies.update(client.cookies)
        assert thief.get("/account", **headers).status_code == 302
        thief = Client()
        thief.cookies.update(client.cookies)
        signed = {"password": PASSWORD, "new_password": "Qiufeng-2026-qingjiang"}
        assert thief.post("/account/password", signed, **headers).status_code in (302, 403)
    assert not Entry.objects.filter(act="access.change_password").exists()
    assert client.get("/account", **said(mine)).status_code == 200, "the owner's own goes on"
    signed = {"password": PASSWORD, "new_password": "Qiufeng-2026-qingjiang"}
    assert client.post("/account/password", signed, **said(mine)).status_code == 302
    assert Entry.objects.filter(act="access.change_password").count() == 1, "with it the password signs (SR-10)"


def test_revocation_ends_the_session_before_the_next_request(story: Story) -> None:
    pem, row = bound(story)
    client = Client()
    assert sign_in(client, said(pem)) == 302 and client.get("/account", **said(pem)).status_code == 200
    revoked(story, "secadmin", row.pk)
    assert client.get("/account", **said(pem)).status_code == 302
    assert sign_in(client, said(pem)) == 403


def test_two_people_bind_and_one_revokes_on_the_page(story: Story) -> None:
    pem = made("drafter", story.now)
    people = {user: Client() for user in ("secadmin", "head")}
    for user in people:
        story.act(user, "access.change_password", password=PASSWORD)
    for user, client in people.items():
        assert sign_in(client, {}, user) == 302

    def sent(user: str, act: str, **fields: str) -> Any:
        return people[user].post("/one-time-codes", {"act": act, "password": PASSWORD, **fields})

    wrong = sent("secadmin", "access.bind_certificate", username="drafter", pem="不是证书")
    assert wrong.status_code == 400 and "X.509" in wrong.content.decode()
    assert sent("secadmin", "access.bind_certificate", username="drafter", pem=pem).status_code == 302

    def value() -> str:
        row = Certificate.objects.get()
        return f"{row.pk} {story.seen(Certificate, row.pk)}"

    shown = people["head"].get("/one-time-codes").content.decode()
    digest = Certificate.objects.get().fingerprint
    assert "待另一人同意" in shown
    assert f'<span class="code d-inline-block text-wrap text-break">{digest}</span>' in shown, "a long code breaks"
    own = sent("secadmin", "access.confirm_certificate", binding=value())
    assert own.status_code == 422 and Certificate.objects.get().confirmed_at is None
    assert sent("head", "access.confirm_certificate", binding=value()).status_code == 302
    assert "使用中" in people["secadmin"].get("/one-time-codes").content.decode()
    gone = sent("secadmin", "access.revoke_certificate", certificate=value(), reason="遗失")
    assert gone.status_code == 302 and "已吊销" in people["head"].get("/one-time-codes").content.decode()


def test_what_is_wrong_with_the_gateway_as_configured_is_told(story: Story, settings: Any) -> None:
    def codes() -> list[str]:
        return [finding.code for finding in gateway.faults()]

    assert codes() == []
    settings.DINGMI_GATEWAY = {"peers": [PEER, "gateway.local"]}
    assert codes() == ["check.gateway_peers"]
    settings.DINGMI_GATEWAY = {"peers": [PEER]}
    (Path(settings.DINGMI_KEYS) / gateway.FILE).write_text("short")
    settings.DINGMI_SECOND_FACTOR = "certificate"
    assert codes() == [
        "check.gateway_secret",
        "check.certificate_without_gateway",
        "check.accounts_without_certificate",
    ]
    (Path(settings.DINGMI_KEYS) / gateway.FILE).write_text(SECRET)
    settings.DINGMI_SECOND_FACTOR = "sometimes"
    assert codes() == ["check.second_factor"]
    assert Account.objects.filter(is_active=True).exists()
