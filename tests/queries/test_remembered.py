"""Counts remembered while nothing changes: the same as counted anew after every act, for every reader, at every moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dingmi.base.errors import Forbidden
from dingmi.procedures import access as doors
from dingmi.procedures import frame
from dingmi.queries import QUERIES, remembered
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Frontier
from tests.procedures.conftest import story  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.db]
READERS = ("drafter", "officer", "officer2", "head")


def _counts(story: Story, user: str) -> dict[str, Any]:  # noqa: F811
    """Return every count that this reader is told around and above a list."""
    actor, found = story.actor(user), dict[str, Any]()
    for name in ("shell", "register", "workbench", "expiry"):
        query = QUERIES[name]
        if query.roles and not actor.holds(*query.roles):
            continue
        page = query.run(actor=actor, now=story.now, params={})
        if name == "shell":
            found[name] = page
        elif name == "register":
            found[name] = page.views
        elif name == "workbench":
            found[name] = (page.weeks, page.expiring, page.figures, page.changes)
        else:
            found[name] = (page.late, page.days30, page.days60, page.days90, page.events, page.annual_open)
    return found


def _same_as_counted_anew(story: Story) -> dict[str, dict[str, Any]]:  # noqa: F811
    told = {user: _counts(story, user) for user in READERS}
    remembered._latest.clear()
    for user in READERS:
        assert _counts(story, user) == told[user], user
    return told


def test_after_every_act_everyone_is_told_what_counting_anew_finds(story: Story) -> None:  # noqa: F811
    remembered._latest.clear()
    seen = [_same_as_counted_anew(story)]
    matter = story.proposed()
    seen.append(_same_as_counted_anew(story))
    assert seen[1]["officer"]["shell"].to_review == seen[0]["officer"]["shell"].to_review + 1
    story.approve(matter)
    seen.append(_same_as_counted_anew(story))
    assert seen[2]["officer"]["shell"].to_review == seen[0]["officer"]["shell"].to_review
    story.act("head", "need_to_know.request", matter=matter, purpose="参与联调")
    seen.append(_same_as_counted_anew(story))
    assert seen[3]["officer"]["shell"].answerable == 1 and seen[3]["drafter"]["shell"].answerable == 0
    story.review(matter, "keep")
    story.later(days=40)
    story.confirm_date()
    story.daily()
    _same_as_counted_anew(story)


def test_a_scope_that_ends_ends_in_the_counts_without_an_act_between(story: Story) -> None:  # noqa: F811
    matter = story.approved(answers=story.answers(scope=story.scope("drafter", "officer")))
    until = story.now + timedelta(hours=2)
    admitted = {"persons": (story.people["officer2"],), "purpose": "参与联调", "until": until}
    story.act("officer", "need_to_know.expand", matter=matter, **admitted, expected_version=story.version(matter))
    before = _same_as_counted_anew(story)["officer2"]
    story.later(hours=1)
    assert _counts(story, "officer2")["register"] == before["register"]
    story.later(hours=2)
    after = _counts(story, "officer2")
    assert (before["register"][0].count, after["register"][0].count) == ("1", "0")
    story.later(hours=-3)
    assert _counts(story, "officer2")["register"] == before["register"], (
        "a time before it was asked is not answered from it"
    )


def test_what_is_asked_again_is_counted_once_and_looking_is_no_change(story: Story) -> None:  # noqa: F811
    story.proposed()
    counted = []

    def answer() -> int:
        counted.append(1)
        return len(counted)

    def ask(user: str) -> int:
        return remembered.remembered(story.actor(user), story.now, "test", answer)

    root, size = Frontier.objects.values_list("changed", "size").get()
    assert [ask("officer"), ask("officer"), ask("head")] == [1, 1, 2]
    doors.ask("register", actor=story.actor("officer"), now=story.now, params={})
    with pytest.raises(Forbidden):
        story.act("drafter", "access.unlock", account=story.actor("officer").account_id)
    grown = Frontier.objects.values_list("changed", "size").get()
    assert grown[1] == size + 2 and bytes(grown[0]) == bytes(root), "looked at, and refused"
    assert ask("officer") == 1
    story.act("drafter", "access.set_language", language="zh")
    assert ask("officer") == 3


def test_while_an_act_runs_nothing_is_remembered(story: Story) -> None:  # noqa: F811
    story.proposed()
    actor, values = story.actor("officer"), iter("ab")
    with act_open("test.act"):
        told = [remembered.remembered(actor, story.now, "inside", lambda: next(values)) for _ in range(2)]
    assert told == ["a", "b"]


def test_between_an_act_and_its_place_in_the_log_no_list_of_before_is_shown(
    story: Story,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matter = story.approved()

    def listed() -> list[Any]:
        return [
            line.matter
            for line in QUERIES["register"].run(actor=story.actor("officer2"), now=story.now, params={}).rows
        ]

    def narrowed(user: str, act: str, **params: Any) -> None:
        story.act(user, act, matter=matter, expected_version=story.version(matter), **params)

    narrowed("drafter", "need_to_know.shrink", persons=(story.people["officer2"],), reason="已不参加此项工作。")
    assert listed() == [matter]
    if connection.vendor == "postgresql":  # entries get their place after the commit
        monkeypatch.setattr(frame, "sequence_committed", lambda: 0)
    narrowed("officer", "change.change")
    assert listed() == []
