"""Who learns 机密 or above is in the register before any word is shown, by whatever page the words come (TL-20, E38)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import DingmiError
from dingmi.procedures import access as doors
from dingmi.queries import QUERIES
from dingmi.queries.registry import jsonable
from dingmi.queries.verify import verify
from dingmi.records.matters.models import Knowledge
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]

WORDS = "阀室编号为甲一至甲三"  # of the text of every story


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return doors.ask(name, actor=story.actor(user), now=story.now, params=params)


def known(matter: UUID, story: Story, user: str) -> int:
    return Knowledge.objects.filter(matter=matter, person=story.people[user], what="opened").count()


def answers(story: Story, matter: UUID) -> Iterator[tuple[str, str, Any]]:
    """Ask everything that can be asked of one matter alone, as everybody who works here."""
    for name, query in sorted(QUERIES.items()):
        wanted = [n for n, f in query.model.model_fields.items() if f.is_required()]
        if wanted == ["matter"]:
            for user in ("drafter", "officer", "secrecy", "head"):
                before = known(matter, story, user)
                try:
                    value = ask(story, user, name, matter=str(matter))
                except DingmiError:
                    continue
                if WORDS in json.dumps(jsonable(value), ensure_ascii=False):
                    yield name, user, known(matter, story, user) - before


@pytest.mark.clause("TL-20")
def test_whatever_shows_words_of_a_secret_matter_puts_its_reader_into_the_register_first(story: Story) -> None:
    served = {
        name: (user, rows) for m in (story.proposed(), story.approved()) for name, user, rows in answers(story, m)
    }
    assert set(served) >= {"draft.page", "review.desk"}
    assert {name for name, (_, rows) in served.items() if rows != 1} == set()
    assert verify().ok


@pytest.mark.clause("TL-20")
def test_two_texts_side_by_side_are_two_matters_learnt(story: Story) -> None:
    decided, draft = story.approved(), story.proposed()
    ask(story, "officer", "draft.compare", matter=str(draft), source=str(decided))
    assert [known(m, story, "officer") for m in (draft, decided)] == [1, 1]


@pytest.mark.clause("TL-20", "ZX-28.4")
def test_below_jimi_only_who_was_admitted_later_is_registered_on_reading(story: Story) -> None:
    matter = story.approved(answers=story.answers("3", scope=story.scope("drafter", "officer")))
    expand = {"matter": matter, "persons": (story.people["officer2"],), "purpose": "参与方案复核。"}
    story.act("officer", "need_to_know.expand", **expand, expected_version=story.version(matter))
    for user in ("officer", "officer2"):
        story.act(user, "carriers.read", matter=matter)
    assert [known(matter, story, user) for user in ("officer", "officer2")] == [0, 1]


def test_ones_own_draft_is_no_secret_yet_and_makes_no_row(story: Story) -> None:
    matter = story.filled()
    ask(story, "drafter", "draft.page", matter=str(matter))
    assert known(matter, story, "drafter") == 0
