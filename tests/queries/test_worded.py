"""Words kept of a statement find what the ORM would find if it worded it anew: for every reader, view and moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import DateTimeField, UUIDField

from dingmi.queries import access, register
from dingmi.records.ledger.worded import Blank, Worded
from dingmi.records.matters.models import Matter
from tests.procedures.conftest import story  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.db]
READERS = ("officer", "officer2", "head")


def _compared(story: Story) -> dict[str, int]:  # noqa: F811
    """Compare the first page of every view of every reader; return how many rows each sees under all."""
    seen = {}
    for user in READERS:
        actor = story.actor(user)
        for view in register.VIEWS:
            for level in ("", "机密"):
                kept, _ = register._page(actor, story.now, (view, level, ""), "", "")
                rows = register.narrowed(actor, story.now, view, level, "", "").rows
                anew = rows.select_related("department", "officer").order_by(*register.ORDER)[: register.PAGE + 1]
                told = [(m.pk, bool(m.is_content), m.copies, m.officer, m.department, bytes(m.title_ct)) for m in kept]
                assert told == [
                    (m.pk, bool(m.is_content), m.carriers.count(), m.officer, m.department, bytes(m.title_ct))
                    for m in anew
                ], (user, view, level)
                seen |= {user: len(kept)} if (view, level) == ("all", "") else {}
    return seen


def test_first_pages_follow_acts_and_time_though_their_words_are_kept(story: Story) -> None:  # noqa: F811
    assert _compared(story) == {"officer": 0, "officer2": 0, "head": 0}
    matter = story.approved(answers=story.answers(scope=story.scope("drafter", "officer")))
    assert _compared(story) == {"officer": 1, "officer2": 0, "head": 1}
    admitted = {"persons": (story.people["officer2"],), "purpose": "参与联调", "until": story.now + timedelta(hours=2)}
    story.act("officer", "need_to_know.expand", matter=matter, **admitted, expected_version=story.version(matter))
    assert _compared(story)["officer2"] == 1
    story.later(hours=3)
    assert _compared(story)["officer2"] == 0


def test_blanks_are_filled_as_the_database_takes_them(story: Story) -> None:  # noqa: F811
    one, other = story.drafted(), story.drafted()
    asked = Worded(
        Matter.objects.filter(
            pk=Blank("matter", UUIDField()), created_at__lte=Blank("now", DateTimeField())
        ).values_list("pk", "created_at")
    )
    for matter in (one, other):
        for given in (matter, str(matter)):
            assert list(asked.rows(matter=given, now=story.now)) == [(matter, Matter.objects.get(pk=matter).created_at)]
    assert list(asked.rows(matter=one, now=story.now - timedelta(days=1))) == []


def test_a_statement_that_can_find_nothing_is_not_asked(story: Story, django_assert_num_queries) -> None:  # noqa: F811
    nothing = Worded(access.visible(access.anonymous("test"), story.now))
    with django_assert_num_queries(0):
        assert list(nothing.rows()) == [] and nothing.records() == []
