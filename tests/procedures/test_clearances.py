"""A clearance takes two people, never its holder, in time and as it was asked for; lowering takes one (A4, SR-34, ADR 0063)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError
from dingmi.queries import QUERIES, clock, standing
from dingmi.queries.verify import verify
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account, Clearance, ClearanceAsked
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def asked(story: Story, user: str = "outsider", level: str = "绝密", by: str = "secadmin", **more: Any) -> Any:
    given = {"person": person_of(story, user), "level": level, "instrument": "审查表 1", **more}
    return story.act(by, "personnel.grant_clearance", **given).request


def person_of(story: Story, user: str) -> Any:
    return Account.objects.get(username=user).person_id


def agreed(story: Story, user: str, request: Any, version: str = "") -> str:
    seen = version or story.seen(ClearanceAsked, request)
    try:
        story.act(user, "personnel.agree_clearance", clearances=request, expected_version=seen)
    except DingmiError as error:
        return error.code
    return "done"


def held(story: Story, user: str = "outsider") -> str:
    return story.actor(user).clearance


def waiting(story: Story, user: str) -> tuple[Any, ...]:
    return tuple(QUERIES["personnel.clearances_asked"].run(actor=story.actor(user), now=story.now, params={}))


def test_no_single_person_gives_a_clearance_and_every_second_but_the_right_one_is_refused(story: Story) -> None:
    """T5: one person, the same twice, one without the seat, somebody disabled, the holder; then two."""
    before, rows = held(story), Clearance.objects.count()
    request = asked(story)
    assert (held(story), Clearance.objects.count()) == (before, rows), "asking gives nothing"
    assert agreed(story, "secadmin", request) == "second.asked_by_you"
    for user in ("sysadmin", "auditor", "officer", "drafter", "outsider"):
        assert agreed(story, user, request) in ("role.required", "auditor.only_looks"), user
    story.act("sysadmin", "access.disable", account=story.actor("secrecy").account_id)
    assert agreed(story, "secrecy", request) == "account.unusable"
    assert (held(story), Clearance.objects.count()) == (before, rows)
    assert agreed(story, "head", request) == "done" and held(story) == "绝密"
    assert agreed(story, "head", request) == "object.not_found", "once"
    row = ClearanceAsked.objects.get(pk=request)
    assert (row.asked_by, row.agreed_by) == (person_of(story, "secadmin"), person_of(story, "head"))
    assert verify().findings == ()


def test_whose_clearance_it_is_neither_asks_nor_agrees_nor_is_told(story: Story) -> None:
    with pytest.raises(DingmiError) as refused:
        asked(story, "secrecy", by="secrecy")
    assert refused.value.code == "clearance.own"
    request = asked(story, "secrecy")
    told = Notice.objects.filter(code="clearance.waits", acknowledged_at__isnull=True)
    assert set(told.values_list("person", flat=True)) == {person_of(story, "head")}
    assert agreed(story, "secrecy", request) == "clearance.own"
    assert agreed(story, "head", request) == "done" and held(story, "secrecy") == "绝密"
    assert not told.exists()


def test_agreement_comes_within_ten_minutes_and_for_what_was_shown(story: Story) -> None:
    request = asked(story)
    assert agreed(story, "head", request, "0" * 20) == "record.stale"
    with pytest.raises(DingmiError, match=r"clearance\.asked_already"):
        asked(story, by="secrecy")
    (line,) = waiting(story, "head")
    assert (line.request, line.level, line.instrument) == (request, "绝密", "审查表 1")
    assert line.version == story.seen(ClearanceAsked, request)
    story.later(minutes=10, seconds=1)
    assert agreed(story, "head", request) == "object.not_found" and waiting(story, "head") == ()
    request = asked(story, until=story.now + timedelta(hours=1))
    story.later(minutes=10)
    assert agreed(story, "secrecy", request) == "done" and held(story) == "绝密"
    story.later(hours=1)
    assert held(story) != "绝密"


def test_a_clearance_over_before_anyone_agrees_and_one_of_somebody_from_abroad_are_not_given(story: Story) -> None:
    request = asked(story, until=story.now + timedelta(minutes=5))
    story.later(minutes=6)
    assert agreed(story, "head", request) == "object.not_found", "over before it began"
    request = asked(story)
    foreign = {"person": story.people["outsider"], "is_foreign": True, "basis": "护照"}
    story.act("secrecy", "personnel.note_foreign", **foreign)
    assert agreed(story, "head", request) == "clearance.foreign" and held(story) == ""


def test_lowering_takes_one_person_at_once(story: Story) -> None:
    story.clear("outsider", "机密")
    assert asked(story, level="秘密", by="secrecy") is None and held(story) == "秘密"
    assert asked(story, level="机密") is not None and held(story) == "秘密"


def test_a_spreadsheet_is_agreed_to_as_a_whole(story: Story) -> None:
    people = ("outsider", "drafter2")
    numbers = {u: Account.objects.get(username=u).person.staff_no for u in people}
    rows = tuple({"staff_no": numbers[u], "level": "绝密", "instrument": "审查表", "through": ""} for u in people)
    done = story.act("secrecy", "personnel.import_clearances", rows=rows, dry_run=False)
    assert done.entered == 0 and {held(story, u) for u in people}.isdisjoint({"绝密"})
    assert len(waiting(story, "secadmin")) == 2
    assert agreed(story, "secrecy", done.request) == "second.asked_by_you"
    assert agreed(story, "secadmin", done.request) == "done"
    assert [standing.clearance(story.people[u], story.now) for u in people] == ["绝密", "绝密"]
    lower = tuple({**row, "level": "秘密"} for row in rows)
    done = story.act("secrecy", "personnel.import_clearances", rows=lower, dry_run=False)
    assert (done.entered, done.request) == (2, None) and held(story) == "秘密"
    assert verify().findings == ()


def test_the_pages_ask_and_agree(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    people = {user: Client() for user in ("secadmin", "secrecy", "head")}
    for user, client in people.items():
        story.act(user, "access.change_password", password=PASSWORD)
        assert client.post("/sign-in", {"username": user, "password": PASSWORD}).status_code == 302
    person = str(story.people["outsider"])
    given = {"act": "personnel.grant_clearance", "person": person, "level": "绝密", "instrument": "审查表 7"}
    assert people["secadmin"].post("/admin/security", {**given, "password": PASSWORD}).status_code == 302
    row = ClearanceAsked.objects.get(agreed_at__isnull=True)
    shown = people["head"].get("/clearances").content.decode()
    assert "孙若梅" in shown and "审查表 7" in shown and str(row.pk) in shown and held(story) != "绝密"
    given = {"act": "personnel.agree_clearance", "clearances": f"{row.pk} {story.seen(ClearanceAsked, row.pk)}"}
    assert people["secadmin"].post("/clearances", {**given, "password": PASSWORD}).status_code == 422
    assert people["head"].post("/clearances", {**given, "password": "不对"}).status_code == 403
    assert people["head"].post("/clearances", {**given, "password": PASSWORD}).status_code == 302
    assert held(story) == "绝密" and people["secrecy"].get("/clearances").status_code == 200
