"""Client certificates as a second factor: bound by two, one person's alone, good while they hold, revoked at once (SR-03)."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest

from dingmi.base.errors import DingmiError, Invalid
from dingmi.engines.crypto import certificates as engine
from dingmi.interfaces.cli import acts
from dingmi.procedures import access as doors
from dingmi.procedures import passwords
from dingmi.queries import QUERIES, access, clock
from dingmi.queries.certificates import Presented
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.organs.models import Account, Certificate
from tests.client_certificates import made, shown
from tests.procedures.test_second_factor import code_now, enrolled
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def refused(do: Any) -> str:
    """Return the code of what ``do`` is refused with, or ``done``."""
    try:
        do()
    except DingmiError as error:
        return error.code
    return "done"


def confirmed(story: Story, user: str, certificate: Any) -> Any:
    """Agree that an account signs in with a certificate."""
    version = story.seen(Certificate, certificate)
    return story.act(user, "access.confirm_certificate", binding=certificate, expected_version=version)


def revoked(story: Story, user: str, certificate: Any, reason: str = "遗失") -> Any:
    """Revoke a certificate."""
    given = {"certificate": certificate, "reason": reason, "expected_version": story.seen(Certificate, certificate)}
    return story.act(user, "access.revoke_certificate", **given)


def bound(story: Story, user: str = "drafter", days: float = 365) -> tuple[str, Certificate]:
    """Bind a new certificate to an account by two people; return it and its row."""
    pem = made(user, story.now, days)
    asked = story.act("secadmin", "access.bind_certificate", username=user, pem=pem)
    confirmed(story, "head", asked.certificate)
    return pem, Certificate.objects.get(pk=asked.certificate)


def signed(story: Story, pem: str = "", user: str = "drafter", code: str = "") -> str:
    """Sign in and return ``in``, or the code of the refusal."""
    passwords.THROTTLE.clear()
    presented = shown(pem) if pem else None
    given = {"username": user, "password": PASSWORD, "terminal": "t", "now": story.now}
    done = refused(lambda: doors.sign_in(**given, code=code, presented=presented))
    return "in" if done == "done" else done


def opened(story: Story, pem: str, user: str = "drafter") -> str:
    passwords.THROTTLE.clear()
    made_ = doors.sign_in(username=user, password=PASSWORD, terminal="t", now=story.now, presented=shown(pem))
    return made_.session_key


def answered(story: Story, key: str, presented: Presented | None) -> str:
    """Return who a request with a session and a certificate is, or the refusal."""
    try:
        return access.actor_for_session(key, story.now, story.now, "t", presented).name
    except DingmiError as error:
        return error.code


def test_two_people_bind_a_certificate_and_only_it_signs_in_then(story: Story) -> None:
    pem = made("drafter", story.now)
    asked = story.act("secadmin", "access.bind_certificate", username="drafter", pem=pem)
    assert (asked.state, signed(story)) == ("asked", "in"), "one person binds nothing"
    assert refused(lambda: confirmed(story, "secadmin", asked.certificate)) == "second.asked_by_you"
    story.later(minutes=11)
    assert refused(lambda: confirmed(story, "head", asked.certificate)) == "object.not_found"
    asked = story.act("secadmin", "access.bind_certificate", username="drafter", pem=pem)
    assert confirmed(story, "head", asked.certificate).state == "in_use"
    assert signed(story) == "certificate.needed"
    assert signed(story, pem) == "in"
    entry = Entry.objects.filter(act="access.sign_in").order_by("-pk").first()
    assert entry is not None and shown(pem).fingerprint in entry.body
    assert verify().ok


def test_nobody_binds_confirms_or_revokes_for_himself_nor_without_the_role(story: Story) -> None:
    pem = made("head", story.now)
    bind = {"username": "head", "pem": pem}
    assert refused(lambda: story.act("head", "access.bind_certificate", **bind)) == "role.own_account"
    for user in ("officer", "sysadmin", "auditor"):
        assert refused(lambda user=user: story.act(user, "access.bind_certificate", **bind)) == "role.required"
    asked = story.act("secadmin", "access.bind_certificate", **bind)
    before = story.seen(Certificate, asked.certificate)
    assert refused(lambda: confirmed(story, "head", asked.certificate)) == "role.own_account"
    confirmed(story, "secrecy", asked.certificate)
    assert refused(lambda: revoked(story, "head", asked.certificate)) == "role.own_account"
    stale = {"certificate": asked.certificate, "reason": "换发", "expected_version": before}
    assert refused(lambda: story.act("secadmin", "access.revoke_certificate", **stale)) == "record.stale"


def test_what_is_no_certificate_holds_a_key_is_over_or_is_bound_already_is_refused(story: Story) -> None:
    def bind(pem: str, username: str = "drafter") -> str:
        return refused(lambda: story.act("secadmin", "access.bind_certificate", username=username, pem=pem))

    good, row = bound(story)
    assert bind("x") == bind("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----") == "certificate.malformed"
    assert bind(good + "\n-----BEGIN PRIVATE KEY-----") == "certificate.key_inside"
    assert bind(made("drafter", story.now.replace(year=2025), days=10)) == "certificate.expired"
    assert bind(good) == bind(good, "officer") == "certificate.bound_already"
    revoked(story, "secrecy", row.pk)
    assert bind(good) == "certificate.bound_already", "a revoked one comes back to nobody"
    assert bind(made("x", story.now), "nobody") == "object.not_found"


def test_another_persons_an_unbound_and_an_expired_certificate_open_nothing_and_count_as_failures(story: Story) -> None:
    mine, _ = bound(story, days=30)
    theirs, _ = bound(story, "officer")
    assert signed(story, theirs) == signed(story, made("drafter", story.now)) == "certificate.not_yours"
    assert Account.objects.get(username="drafter").failed_count == 2
    assert signed(story, mine) == "in"
    story.later(days=31)
    assert signed(story, mine) == "certificate.expired"
    assert [signed(story, theirs) for _ in range(4)] == ["certificate.not_yours"] * 4
    assert signed(story, mine) == "sign_in.failed" and Account.objects.get(username="drafter").locked_at is not None


def test_a_session_is_good_with_its_certificate_alone_and_ends_with_it(story: Story) -> None:
    mine, row = bound(story, days=0.1)
    other, _ = bound(story, "officer")
    key = opened(story, mine)
    assert answered(story, key, shown(mine)) == "drafter"
    for presented in (None, shown(other), Presented("0" * 64, story.now, story.now)):
        assert answered(story, key, presented) == "session.required"
    assert answered(story, key.partition(".")[0], shown(mine)) == "session.required", "its token cannot be cut"
    story.later(hours=3)
    assert answered(story, key, shown(mine)) == "session.required"
    assert row.until < story.now, "it holds no more, though the session is not eight hours old"


def test_revocation_ends_the_session_and_the_tokens_at_once_and_the_account_stays_shut_until_two_people_act(
    story: Story,
) -> None:
    mine, row = bound(story)
    key = opened(story, mine)
    token = story.act("drafter", "access.issue_token").token
    revoked(story, "secadmin", row.pk)
    assert answered(story, key, shown(mine)) == "session.required"
    assert refused(lambda: access.actor_for_token(token, story.now)) == "token.invalid"
    assert (signed(story, mine), signed(story)) == ("certificate.revoked", "certificate.needed")
    assert refused(lambda: revoked(story, "head", row.pk)) == "certificate.revoked"
    new, _ = bound(story)
    assert (signed(story, new), signed(story, mine)) == ("in", "certificate.revoked")
    lift = {"username": "drafter"}
    assert not story.act("secadmin", "access.lift_second", **lift).is_lifted
    shown_ = QUERIES["access.seconds"].run(actor=story.actor("head"), now=story.now, params={})
    assert [(line.username, line.kinds, bool(line.asked_by)) for line in shown_] == [
        ("drafter", ("certificate",), True)
    ]
    assert story.act("secrecy", "access.lift_second", **lift).is_lifted
    assert signed(story) == "in"
    assert verify().ok


def test_with_both_factors_either_opens_and_where_policy_demands_certificates_they_alone(
    story: Story, settings: Any
) -> None:
    secret = enrolled(story)
    mine, _ = bound(story)
    assert signed(story, mine) == "in"
    assert (signed(story), signed(story, code=code_now(story, secret))) == ("second.needed", "in")
    story.later(minutes=2)
    settings.DINGMI_SECOND_FACTOR = "certificate"
    assert signed(story, code=code_now(story, secret)) == "certificate.needed"
    assert signed(story, mine) == "in"
    enrolled(story, "officer")
    actor = story.actor("officer")
    assert (actor.roles, actor.clearance) == (frozenset(), ""), "one-time codes do not do"
    settings.DINGMI_SECOND_FACTOR = "required"
    assert story.actor("officer").roles and story.actor("drafter").roles
    assert not story.actor("officer2").roles


def test_the_command_line_shows_no_certificate_and_says_how_to_come_in(
    story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(story)
    settings.DINGMI_PROFILE = "state-secret"
    monkeypatch.setattr(clock, "now", lambda: story.now)
    monkeypatch.setattr(acts.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(acts.typer, "prompt", lambda text, **_: PASSWORD)
    assert refused(lambda: acts.acting("drafter")) == "certificate.needed"
    token = story.act("drafter", "access.issue_token").token
    monkeypatch.setenv("DINGMI_TOKEN", token)
    assert acts.acting("drafter").name == "drafter"


def test_certificates_are_read_as_gateways_send_them_and_anything_else_is_refused(story: Story) -> None:
    pem = made("drafter", story.now)
    der = base64.b64decode("".join(pem.split("\n")[1:-2]))
    forms = (pem, pem.strip().replace("\n", "\r\n"), f":{base64.b64encode(der).decode()}:")
    assert len({engine.read(text).fingerprint for text in forms}) == 1
    assert engine.read(pem).subject == "CN=drafter"
    for text in ("", ":", "::", "x" * 20_000, pem * 2, pem[:-40], ":%%%:", quote(pem), "\x00", "证书"):
        with pytest.raises(Invalid):
            engine.read(text)
