"""How often the same two people act one after the other, for whoever inspects (A9)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dingmi.base.errors import Forbidden, Invalid
from dingmi.queries import QUERIES, clock
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CONFIG = {**settings.CONFIG, "numbers": {"pair_least": 2, "pair_percent": 60}}


def asked(story: Story, user: str = "secrecy", **given: Any) -> Any:
    return QUERIES["oversight.pairs"].run(actor=story.actor(user), now=story.now, params=given)


def rows(found: Any, kind: str) -> dict[tuple[str, str], tuple[int, int, int, bool]]:
    return {(p.first, p.second): (p.count, p.percent, p.back, p.is_above) for p in found.rows if p.kind == kind}


def name(story: Story, user: str) -> str:
    from dingmi.records.organs.models import Account

    return str(Account.objects.get(username=user).person.name)


def cleared_office(story: Story) -> None:
    given = {"person": story.people["secrecy"], "level": "机密", "instrument": "审查表"}
    story.cleared("secadmin", **given)


def test_decisions_are_counted_by_who_proposed_and_who_decided_each_way(story: Story, few: None) -> None:
    cleared_office(story)
    for _ in range(3):
        story.approved()
    story.approved(user="drafter2")
    found = rows(asked(story), "decision")
    drafter, drafter2, officer = (name(story, user) for user in ("drafter", "drafter2", "officer"))
    assert found[drafter, officer] == (3, 100, 0, True)
    assert found[drafter2, officer] == (1, 100, 0, False), "too seldom to say anything"
    assert asked(story).above == sum(1 for pair in asked(story).rows if pair.is_above)


def test_acts_of_two_people_are_counted_by_who_asked_and_who_agreed(story: Story, few: None) -> None:
    story.grant("outsider", "inspector")
    found = rows(asked(story), "seat")
    assert found[name(story, "secadmin"), name(story, "head")][0] >= 1
    before = found[name(story, "secrecy"), name(story, "head")]
    story.clear("outsider", "绝密")
    after = rows(asked(story), "seat")[name(story, "secrecy"), name(story, "head")]
    assert after[0] == before[0] + 1 and after[3]


def test_only_matters_that_the_reader_may_know_of_are_counted(story: Story, few: None) -> None:
    story.approved()
    assert rows(asked(story, "secrecy"), "decision") == {}, "not cleared for it"
    cleared_office(story)
    assert len(rows(asked(story, "secrecy"), "decision")) == 1


def test_another_year_has_its_own_pairs_and_a_year_that_is_none_is_refused(story: Story, few: None) -> None:
    cleared_office(story)
    story.approved()
    assert asked(story, year=story.now.year - 1).rows == ()
    with pytest.raises(Invalid):
        asked(story, year=99999)


def test_the_page_shows_them_to_whoever_oversees_and_to_nobody_else(
    story: Story, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared_office(story)
    story.approved()
    story.approved()
    monkeypatch.setattr(clock, "now", lambda: story.now)
    story.act("secrecy", "access.change_password", password=PASSWORD)
    seen = {}
    for user in ("secrecy", "drafter"):
        client = Client()
        assert client.post("/sign-in", {"username": user, "password": PASSWORD}).status_code == 302
        seen[user] = client.get("/inspect/pairs")
    assert seen["drafter"].status_code == 403
    shown = seen["secrecy"].content.decode()
    assert name(story, "drafter") in shown and "宜抽查" in shown


def test_a_role_that_does_not_oversee_is_refused(story: Story) -> None:
    from dingmi.procedures.access import ask

    for user in ("drafter", "officer", "secadmin", "sysadmin"):
        with pytest.raises(Forbidden):
            ask("oversight.pairs", actor=story.actor(user), now=story.now, params={})
