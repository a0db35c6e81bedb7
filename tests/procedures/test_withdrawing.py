"""Whoever asked a second person takes it back, in one way for every act of two people; then nobody agrees to it any more (SR-34)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from dingmi.base import messages
from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError
from dingmi.interfaces.web import asked
from dingmi.procedures import ACTS, sealing
from dingmi.queries import QUERIES
from dingmi.queries.verify import verify
from dingmi.records.keys import clock as key_clock
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Certificate, ClearanceAsked, RoleAsked, SecondAsked
from dingmi.records.vault.models import SealedFile
from tests.client_certificates import made
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def one_clock(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


@dataclass(frozen=True)
class Kind:
    """One act of two people.

    Attributes:
        by: Who asks.
        second: Who may agree.
        again: What the second person is told who comes too late; empty where the same act then asks anew.
    """

    code: str
    by: str
    second: str
    ask: Callable[[Story], Any]
    agree: Callable[[Story], Any]
    again: str = ""


def agree(story: Story, user: str, model: Any, act: str, name: str) -> None:
    """Agree to the one row that nobody has agreed to."""
    done = "confirmed_at" if model is Certificate else "agreed_at"
    row = model.objects.get(**{f"{done}__isnull": True})
    story.act(user, act, **{name: row.pk}, expected_version=story.seen(model, row.pk))


def role(story: Story) -> None:
    story.act("secadmin", "access.grant_role", account=story.actor("outsider").account_id, role="inspector")


def clearance(story: Story) -> None:
    given = {"person": story.people["outsider"], "level": "绝密", "instrument": "审查表"}
    story.act("secadmin", "personnel.grant_clearance", **given)


def certificate(story: Story) -> None:
    story.act("secrecy", "access.bind_certificate", username="drafter", pem=made("drafter", story.now))


def lifted(user: str) -> Callable[[Story], None]:
    def ask(story: Story) -> None:
        if user == "head":
            certificate(story)
            agree(story, "head", Certificate, "access.confirm_certificate", "binding")
        story.act(user, "access.lift_second", username="drafter")

    return ask


def opening(story: Story) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="绝密", instrument="涉密人员审查表")
    plain, sealed = (Path(settings.DINGMI_KEYS).parent / name for name in ("plain", "sealed.dmb1"))
    plain.write_bytes(b"text")
    sealing.seal_file(actor=story.actor("head"), now=story.now, source=plain, target=sealed, level="绝密")
    with pytest.raises(DingmiError, match=r"key\.opening_waits"):
        sealing.open_file(actor=story.actor("head"), now=story.now, source=sealed, target=plain.with_name("out"))


def date(user: str) -> Callable[[Story], None]:
    def sit(story: Story) -> None:
        if user == "head":
            story.now += timedelta(days=40)
        story.act(user, "keep.confirm_date", on=story.now.date())

    return sit


def key(user: str, act: str, **given: Any) -> Callable[[Story], Any]:
    def ask(story: Story) -> Any:
        more = {"until": story.now.date() + timedelta(days=9)} if act == "keep.waive_approved_keys" else given
        return story.act(user, act, **more)

    return ask


def agreeing(user: str, model: Any, act: str, name: str) -> Callable[[Story], Any]:
    return lambda story: agree(story, user, model, act, name)


KINDS = (
    Kind(
        "role.waits",
        "secadmin",
        "head",
        role,
        agreeing("head", RoleAsked, "access.agree_role", "request"),
        "object.not_found",
    ),
    Kind(
        "clearance.waits",
        "secadmin",
        "head",
        clearance,
        agreeing("head", ClearanceAsked, "personnel.agree_clearance", "clearances"),
        "object.not_found",
    ),
    Kind(
        "certificate.waits",
        "secrecy",
        "head",
        certificate,
        agreeing("head", Certificate, "access.confirm_certificate", "binding"),
        "object.not_found",
    ),
    Kind("second.waits", "head", "secrecy", lifted("head"), lifted("secrecy")),
    Kind(
        "key.waits",
        "secadmin",
        "head",
        key("secadmin", "keep.new_key", level="机密"),
        key("head", "keep.new_key", level="机密"),
    ),
    Kind(
        "key.waits",
        "secadmin",
        "head",
        key("secadmin", "keep.waive_approved_keys"),
        key("head", "keep.waive_approved_keys"),
    ),
    Kind("clock.waits", "head", "secadmin", date("head"), date("secadmin")),
    Kind(
        "opening.waits",
        "head",
        "secrecy",
        opening,
        lambda story: story.act("secrecy", "keep.agree_open", file=SealedFile.objects.get().pk),
        "object.not_found",
    ),
)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[f"{n}-{kind.code}" for n, kind in enumerate(KINDS)])


def told(code: str) -> int:
    """Return how many people an open notice tells that somebody waits."""
    return int(Notice.objects.filter(code=code, acknowledged_at__isnull=True).count())


def own(story: Story, user: str) -> Any:
    return QUERIES["access.own_asked"].run(actor=story.actor(user), now=story.now, params={})


def said(story: Story, user: str, asked: Any, **more: Any) -> str:
    try:
        story.act(user, "access.withdraw_asked", asked=asked, **more)
    except DingmiError as error:
        return error.code
    return "done"


def test_every_notice_that_somebody_waits_is_tried_here() -> None:
    waits = {code for code in messages.catalogue("zh") if code.endswith(".waits")}
    assert {kind.code for kind in KINDS} == waits == asked.KINDS.keys()


@every_kind
def test_what_was_withdrawn_nobody_agrees_to_and_it_may_be_asked_for_anew(story: Story, kind: Kind) -> None:
    kind.ask(story)
    (line,) = own(story, kind.by)
    assert line.kind == kind.code and told(kind.code) > 0 and own(story, kind.second) == ()
    assert said(story, kind.second, line.id) == "second.not_yours"
    assert said(story, "drafter2", line.id) == "object.not_found", "who may not agree does not learn that it waits"
    assert said(story, kind.by, line.id, reason=" 填错了 ") == "done"
    assert told(kind.code) == 0 and own(story, kind.by) == ()
    assert said(story, kind.by, line.id) == "second.withdrawn"
    row, entry = SecondAsked.objects.get(pk=line.id), Entry.objects.get(act="access.withdraw_asked")
    assert (row.reason, row.withdrawn_at, row.agreed_at) == ("填错了", story.now, None)
    assert kind.code in entry.body and str(story.actor(kind.by).account_id) in entry.body
    if kind.again:
        with pytest.raises(DingmiError) as error:
            kind.agree(story)
        assert error.value.code == kind.again
    else:
        kind.agree(story)  # the same act of another person, which now asks
        (anew,) = own(story, kind.second)
        assert anew.id != line.id and told(kind.code) > 0
    assert SecondAsked.objects.get(pk=line.id).agreed_at is None
    assert verify().findings == ()


@every_kind
def test_what_was_agreed_to_is_not_withdrawn(story: Story, kind: Kind) -> None:
    kind.ask(story)
    (line,) = own(story, kind.by)
    kind.agree(story)
    assert said(story, kind.by, line.id) == "second.agreed" and own(story, kind.by) == ()
    row = SecondAsked.objects.get(pk=line.id)
    assert str(row.agreed_by) == story.actor(kind.second).person_id and row.withdrawn_at is None
    assert verify().findings == ()


@every_kind
def test_what_has_lapsed_need_not_be_withdrawn(story: Story, kind: Kind) -> None:
    kind.ask(story)
    (line,) = own(story, kind.by)
    story.later(minutes=16)
    assert own(story, kind.by) == () and said(story, kind.by, line.id) == "second.lapsed"


def test_one_who_asked_withdraws_after_losing_the_role_and_bad_input_is_told(story: Story) -> None:
    role(story)
    (line,) = own(story, "secadmin")
    assert said(story, "secadmin", line.id, reason="长" * 121) == "text.too_long"
    assert said(story, "secadmin", story.people["head"]) == "object.not_found"
    assert own(story, "secadmin") == (line,), "nothing was withdrawn"
    bare = replace(story.actor("secadmin"), roles=frozenset(), stepped_up=False)
    ACTS["access.withdraw_asked"](actor=bare, now=story.now, asked=line.id)
    role(story)
    (anew,) = own(story, "secadmin")
    seen = story.seen(RoleAsked, anew.id)
    with pytest.raises(DingmiError, match=r"object\.not_found"):
        story.act("head", "access.agree_role", request=line.id, expected_version=seen)
    story.act("head", "access.agree_role", request=anew.id, expected_version=seen)
    assert story.actor("outsider").holds(Role.INSPECTOR), "what was asked for anew, at once, is another request"
