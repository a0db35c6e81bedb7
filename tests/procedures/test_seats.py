"""Whoever may be the second person of an act of two people is told that somebody waits, and no longer once that is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import DingmiError, Refused
from dingmi.procedures import sealing
from dingmi.queries import QUERIES
from dingmi.records.keys import clock as key_clock
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account, Certificate, RoleAsked
from dingmi.records.vault.models import SealedFile
from tests.client_certificates import made
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def one_clock(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


def waiting(code: str) -> list[str]:
    """Return the accounts that an open notice tells of somebody who waits."""
    people = Notice.objects.filter(code=code, acknowledged_at__isnull=True).values("person")
    return sorted(Account.objects.filter(person__in=people).values_list("username", flat=True))


def unread(story: Story, user: str) -> list[str]:
    page: Any = QUERIES["inbox"].run(actor=story.actor(user), now=story.now, params={"only": "unread"})
    return [notice.text for notice in page.notices]


def test_a_role_that_waits_is_told_to_whoever_may_agree_until_somebody_has(story: Story) -> None:
    ask = {"account": story.actor("outsider").account_id, "role": "inspector"}
    request = story.act("secadmin", "access.grant_role", **ask).request
    assert waiting("role.waits") == ["head", "secrecy"]
    until = f"{story.now + timedelta(minutes=10):%Y-%m-%d %H:%M}"
    assert any("“outsider”授予角色" in text and until in text for text in unread(story, "secrecy"))
    story.later(minutes=11)
    request = story.act("secadmin", "access.grant_role", **ask).request
    assert Notice.objects.filter(code="role.waits", acknowledged_at__isnull=True).count() == 2, "asked anew, told once"
    story.act("head", "access.agree_role", request=request, expected_version=story.seen(RoleAsked, request))
    assert waiting("role.waits") == [] and not any("授予角色" in text for text in unread(story, "secrecy"))


def test_whom_a_role_is_for_is_not_told_and_a_refused_agreement_leaves_it_waiting(story: Story) -> None:
    ask = {"account": story.actor("head").account_id, "role": "inspector"}
    request = story.act("secadmin", "access.grant_role", **ask).request
    assert waiting("role.waits") == ["secrecy"]
    with pytest.raises(DingmiError, match=r"role\.own_account"):
        story.act("head", "access.agree_role", request=request, expected_version=story.seen(RoleAsked, request))
    assert waiting("role.waits") == ["secrecy"]


def test_a_certificate_and_a_second_factor_tell_the_other_seats(story: Story) -> None:
    bind = {"username": "drafter", "pem": made("drafter", story.now)}
    row = story.act("secrecy", "access.bind_certificate", **bind).certificate
    assert waiting("certificate.waits") == ["head", "secadmin"]
    seen = story.seen(Certificate, row)
    story.act("secadmin", "access.confirm_certificate", binding=row, expected_version=seen)
    assert waiting("certificate.waits") == []
    story.act("head", "access.lift_second", username="drafter")
    assert waiting("second.waits") == ["secadmin", "secrecy"]
    story.act("secrecy", "access.lift_second", username="drafter")
    assert waiting("second.waits") == []


def test_a_later_key_tells_the_other_seats_and_another_request_stays_open(story: Story) -> None:
    story.act("secadmin", "keep.new_key", level="机密")
    story.act("head", "keep.new_key", level="秘密")
    assert Notice.objects.filter(code="key.waits", acknowledged_at__isnull=True).count() == 4
    story.act("secrecy", "keep.new_key", level="机密")
    assert waiting("key.waits") == ["secadmin", "secrecy"], "the other level still waits"
    story.act("secadmin", "keep.new_key", level="秘密")
    assert waiting("key.waits") == []


def test_a_date_that_two_confirm_is_told_to_those_who_have_not(story: Story) -> None:
    story.now += timedelta(days=40)
    story.act("secadmin", "keep.confirm_date", on=story.now.date())
    assert waiting("clock.waits") == ["head", "secrecy"]
    story.act("head", "keep.confirm_date", on=story.now.date())
    assert waiting("clock.waits") == []


def test_an_opening_is_told_to_those_who_may_agree_to_it_alone(story: Story, tmp_path: Path) -> None:
    cleared = {"person": story.people["secrecy"], "level": "绝密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **cleared)
    plain, sealed, target = (tmp_path / name for name in ("plain", "sealed.dmb1", "opened"))
    plain.write_bytes(b"text")
    sealing.seal_file(actor=story.actor("head"), now=story.now, source=plain, target=sealed, level="绝密")
    with pytest.raises(Refused, match=r"key\.opening_waits"):
        sealing.open_file(actor=story.actor("head"), now=story.now, source=sealed, target=target)
    assert waiting("opening.waits") == ["secrecy"]
    file = SealedFile.objects.get().pk
    assert any(str(file) in text for text in unread(story, "secrecy"))
    story.act("secrecy", "keep.agree_open", file=file)
    assert waiting("opening.waits") == []
