"""How reviews were decided teaches the order of the next ones: facts of the day, signed versions, a shadow first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection

from dingmi.base.errors import Forbidden, NotFound, Refused, Tampered
from dingmi.engines.suggest import outlook as engine
from dingmi.procedures import outlook as procedure
from dingmi.procedures import versions as learning
from dingmi.queries import expiry, outlook, versions
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.outlook import OutlookModel, ReviewOutcome
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def reviewed(story: Story, outcome: str, matter: UUID | None = None) -> UUID:
    """Review a matter, and decide as proposed."""
    matter = matter or story.approved()
    ground = {"ground": "harmless"} if outcome == "release" else {}
    story.review(matter, outcome, **ground)
    act, words = "review.decide", {}
    if outcome == "release":
        act, words = "declassification.release", {"reason": "公开无害。", "confirm": story.matter(matter).register_no}
    story.act("officer", act, matter=matter, expected_version=story.version(matter), **words)
    return matter


def learnt(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn from three reviews, and put what was learnt to use."""
    for module in (engine, outlook):
        monkeypatch.setattr(module, "LEAST_DECISIONS", 3)
    monkeypatch.setattr(outlook, "KIND", replace(outlook.KIND, least=3))
    monkeypatch.setattr(learning, "AGAIN_AFTER", 1)
    for outcome in ("keep", "release", "keep"):
        reviewed(story, outcome)
        story.later(hours=1)
    assert story.daily()["outlook.follow"] == {"reviews": 3, "versions": 1}
    story.act("secrecy", "outlook.serve", number=1)


def test_a_review_is_noted_once_with_the_facts_of_its_day_and_no_words(story: Story) -> None:
    matter = reviewed(story, "keep")
    story.later(days=40)
    reviewed(story, "keep", matter)
    story.later(hours=1)
    reviewed(story, "release", matter)
    assert story.daily()["outlook.follow"]["reviews"] == 3
    assert story.daily()["outlook.follow"]["reviews"] == 0
    first, second, third = ReviewOutcome.objects.order_by("at", "pk")
    assert (first.ended, second.ended, third.ended) == (False, False, True)
    assert "kept" not in first.facts and second.facts["kept"] == 0.2 and third.facts["kept"] == 0.4
    assert first.item == str(story.item().pk) and first.days_left > second.days_left > 3000
    assert second.facts["elapsed"] > 0 and "by_event" not in first.facts


def test_sources_that_ended_and_derived_matters_in_force_are_facts_of_the_day(story: Story) -> None:
    source = story.approved()
    derived = story.approved()
    rows = [(story.matter(m), outlook.Terms(story.now.date(), None, "机密")) for m in (source, derived)]
    stood = outlook.standings(rows, story.now)
    assert "derived_live" not in stood[source].facts and stood[source].facts["by_event"] == 1.0
    assert stood[derived].facts["higher"] == 0.5 and stood[derived].facts["elapsed"] == 0.5


def test_a_version_is_learnt_signed_shadowed_and_shown_only_when_put_to_use(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt(story, monkeypatch)
    entry = json.loads(Entry.objects.get(stream=f"outlook:{OutlookModel.objects.get().pk}", act="outlook.follow").body)
    row = OutlookModel.objects.get()
    assert entry["data"]["digest"] == row.digest and row.state == "serving"
    matter = story.approved()
    shown = expiry.expiry(actor=story.actor("officer"), now=story.now, view="annual", by="outlook")
    assert shown.version == 1
    said = outlook.prospects(story.actor("officer"), story.now, [story.matter(matter)], outlook.in_use())
    assert 0 < said[matter].chance < 1 and said[matter].per_cent is None, "three reviews calibrate nothing"
    reviewed(story, "keep", matter)
    story.daily()
    assert set(ReviewOutcome.objects.get(matter=matter).scored) == {"1"}
    page = outlook.page(actor=story.actor("secrecy"), now=story.now)
    assert [(v.number, v.state) for v in page.versions] == [(2, "shadow"), (1, "serving")]
    assert {(page.reviews, v.ran, v.cases) for v in page.versions} == {(0, 0, 0)}, (
        "told in fifties: one more tells nothing"
    )
    assert page.may_serve and not outlook.page(actor=story.actor("officer"), now=story.now).may_serve


def test_who_reviews_serves_nothing_and_a_retired_version_stays_out_of_use(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt(story, monkeypatch)
    with pytest.raises(Forbidden):
        story.act("officer", "outlook.serve", number=1)
    with pytest.raises(NotFound):
        story.act("secrecy", "outlook.serve", number=7)
    story.act("secrecy", "outlook.serve", number=0)
    assert outlook.in_use() == (0, None)
    with pytest.raises(Refused, match=r"outlook\.retired"):
        story.act("secrecy", "outlook.serve", number=1)


def test_an_altered_version_is_not_used_and_lists_go_by_the_last_day(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt(story, monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matters_outlookmodel SET fitted = '{}'")
    assert outlook.in_use() == (0, None)
    with pytest.raises(Tampered):
        versions.opened(outlook.KIND, OutlookModel.objects.get())
    assert outlook.page(actor=story.actor("secrecy"), now=story.now).versions[0].altered
    shown = expiry.expiry(actor=story.actor("officer"), now=story.now, view="annual", by="outlook")
    assert shown.version == 0


def test_a_review_that_was_overturned_teaches_what_ought_to_have_been_decided(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt(story, monkeypatch)
    kept, other = ReviewOutcome.objects.filter(ended=False).order_by("at", "pk")
    told: list[list[bool]] = []
    fit = procedure.learn

    def heard(past: Sequence[engine.Past]) -> engine.Outlook:
        told.append([one.ended for one in past])
        return fit(past)

    monkeypatch.setattr(procedure, "learn", heard)
    error = {"kind": "unreleased", "found_on": story.now.date(), "detail": "早已公开。"}
    found = story.act("officer2", "correction.find", matter=kept.matter_id, **error)
    version = story.version(kept.matter_id)
    told_so = {"correction": found.id, "remedy": "release", "reason": "应当解密。"}
    story.act("officer", "correction.decide", **told_so, expected_version=version)
    story.later(hours=1)
    reviewed(story, "keep", other.matter_id)
    assert story.daily()["outlook.follow"] == {"reviews": 1, "versions": 1}
    assert told == [[True, True, False, False]]  # was False, True, False before
    first, second = OutlookModel.objects.order_by("number")
    assert first.fitted != second.fitted
