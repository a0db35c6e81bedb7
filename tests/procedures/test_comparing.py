"""A draft that comes before the index of its drafter is made is answered at once, and never passes for one that was compared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import NotFound, Refused
from dingmi.procedures.terms import Upload
from dingmi.queries import QUERIES, content, readying, suggested, suggestions
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Suggestion
from tests.story import TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def waits(story: Story, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, UUID]:
    """A source in force, and a draft of its words that came while the index of its drafter was still to be made."""
    source = story.approved()
    suggestions._sources.clear()
    monkeypatch.setattr(readying, "Thread", lambda target, daemon: SimpleNamespace(start=lambda: None))
    monkeypatch.setattr(readying, "connections", SimpleNamespace(close_all=lambda: None))
    monkeypatch.setattr(readying, "_asked", {})
    monkeypatch.setattr(readying, "_busy", False)
    monkeypatch.setattr(suggestions, "SOON", 0)
    monkeypatch.setattr(readying, "settings", SimpleNamespace(DINGMI_KEY_SERVICE=True))
    made = story.act("drafter", "determination.draft", upload=Upload("稿.docx", docx_of(TEXT)))
    assert made.waiting
    return source, made.matter


def look(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].function(actor=story.actor(user), now=story.now, **params)


def asked(story: Story, matter: UUID) -> Any:
    return look(story, "drafter", "draft.comparing", matter=matter)


def confirmed(story: Story) -> Any:
    return story.answers(confirmed=("item", "terms", "reuse", "scope"))


def test_items_are_suggested_at_once_and_reuse_is_told_to_wait(story: Story, waits: tuple[UUID, UUID]) -> None:
    matter = waits[1]
    page = look(story, "drafter", "draft.page", matter=matter)
    assert page.is_waiting and page.candidates and not page.sources and not page.derivative
    assert suggested.WAITING in {note.code for note in page.notes}
    state = asked(story, matter)
    assert (state.waiting, state.ready) == (True, False)
    for refused in (
        lambda: story.fill(matter, confirmed(story)),
        lambda: story.propose(matter),
        lambda: story.act(
            "drafter",
            "determination.not_secret",
            matter=matter,
            reason="没有密点。",
            instead="internal",
            expected_version=story.version(matter),
        ),
    ):
        story.fill(matter, story.answers(confirmed=("item", "terms", "scope")))
        with pytest.raises(Refused) as told:
            refused()
        assert told.value.code == "assist.not_compared" and "TL-18.1" in told.value.clauses
    assert story.matter(matter).state == "draft"


def test_a_draft_is_compared_once_the_index_is_there_and_then_goes_on(story: Story, waits: tuple[UUID, UUID]) -> None:
    source, matter = waits
    before = content.suggestion(matter)
    readying._one_after_the_other()
    assert asked(story, matter).ready and asked(story, matter).done == asked(story, matter).of == 1
    made = story.act("drafter", "determination.compare", matter=matter, expected_version=story.version(matter))
    assert made.sources == 1
    after = content.suggestion(matter)
    assert [one["source"] for one in after["reuse"]] == [str(source)]
    assert [c["item"] for c in after["candidates"]][:1] == [c["item"] for c in before["candidates"]][:1]
    assert not asked(story, matter).waiting
    kept = Suggestion.objects.filter(matter=matter).order_by("number")
    assert [row.number for row in kept] == [1, 2]
    entry = Entry.objects.filter(act="determination.compare").get()
    assert kept[1].digest in entry.body
    fresh = suggestions.suggest(story.actor("drafter"), story.now, TEXT, content.body(story.matter(matter))[1])
    assert fresh.payload == after
    page = look(story, "drafter", "draft.page", matter=matter)
    assert not page.is_waiting and page.sources
    assert suggested.WAITING not in {note.code for note in page.notes}


def test_a_comparison_that_was_not_made_ahead_is_made_by_the_act(story: Story, waits: tuple[UUID, UUID]) -> None:
    matter = waits[1]
    made = story.act("drafter", "determination.compare", matter=matter, expected_version=story.version(matter))
    assert made.sources == 1 and not suggested.is_waiting(content.suggestion(matter))


def test_a_draft_whose_index_is_there_does_not_wait(
    story: Story, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    source = story.approved()
    monkeypatch.setattr(suggestions, "SOON", 0)
    readying.put_together(story.actor("drafter"))
    monkeypatch.setattr(readying, "settings", SimpleNamespace(DINGMI_KEY_SERVICE=True))
    found = readying.suggest(story.actor("drafter"), story.now, TEXT, ())
    assert [one["source"] for one in found.payload["reuse"]] == [str(source)]


def test_others_learn_nothing_of_a_draft_that_waits(story: Story, waits: tuple[UUID, UUID]) -> None:
    with pytest.raises(NotFound):
        look(story, "officer2", "draft.comparing", matter=waits[1])
