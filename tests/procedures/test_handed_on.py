"""Unclear matters, errors found and challenges that wait for an officer whose authority ended are handed on like proposals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from dingmi.queries.verify import verify
from dingmi.records.matters.disputes import Challenge
from dingmi.records.notices.models import Notice
from dingmi.records.oversight.models import Correction
from tests.procedures.test_appointments import qualify
from tests.procedures.test_unclear_and_disputes import raised, send, step, unclear
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
KINDS = ("unclear", "correction", "challenge")


def everyone_approved(story: Story) -> UUID:
    return story.approved(answers=story.answers(scope=story.scope("drafter", "officer", "officer2")))


def found_wrong(story: Story) -> UUID:
    matter = everyone_approved(story)
    story.act(
        "drafter",
        "correction.find",
        matter=matter,
        kind="over",
        found_on=story.now.date(),
        detail="影响有限，定得过高。",
    )
    return matter


def challenged(story: Story) -> UUID:
    matter = everyone_approved(story)
    raised(story, matter, "秘密")
    return matter


WAITS: dict[str, Callable[[Story], UUID]] = {"unclear": unclear, "correction": found_wrong, "challenge": challenged}


def done(story: Story, kind: str, matter: UUID, user: str) -> None:
    """Let ``user`` do what waited."""
    if kind == "unclear":
        send(story, matter, user)
    elif kind == "challenge":
        step(story, Challenge.objects.get(matter=matter), "answer", user, outcome="keep", reasons="依据充分。")
    else:
        kept = Correction.objects.get(matter=matter)
        version = story.version(matter)
        story.act(
            user, "correction.decide", correction=kept.pk, remedy="none", reason="定级恰当。", expected_version=version
        )


def told(matter: UUID, code: str) -> list[UUID]:
    return sorted(Notice.objects.filter(code=code, matter_id=matter).values_list("person", flat=True))


def only_officer_until_tomorrow(story: Story) -> None:
    """Leave one officer able to decide, whose grade ends by itself in a day."""
    for user in ("officer2", "lapsed"):
        story.act("secrecy", "officers.suspend", person=story.people[user], ground="inquiry")
    qualify(story, "officer", until=story.now + timedelta(days=1))


@pytest.mark.clause("SEED-8", "TL-25.1", "TL-24", "TL-26.1")
@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_is_handed_on_once_when_the_grade_of_its_officer_ends_by_itself(story: Story, kind: str) -> None:
    only_officer_until_tomorrow(story)
    matter = WAITS[kind](story)
    assert story.daily()["officers.follow"]["handed_on"] == 0, "it waits for one who can"
    story.act("secrecy", "officers.resume", person=story.people["officer2"], reason="核查结束。")
    assert story.daily()["officers.follow"]["handed_on"] == 0, "still"
    story.later(days=1)
    assert story.daily()["officers.follow"]["handed_on"] == 1
    assert told(matter, f"officers.{kind}_handed_on") == [story.people["officer2"]]
    assert not told(matter, "officers.work_handed_on"), "each kind is told in its own words"
    assert story.daily()["officers.follow"]["handed_on"] == 0
    done(story, kind, matter, "officer2")
    story.act("secrecy", "officers.suspend", person=story.people["officer2"], ground="inquiry")
    assert story.daily()["officers.follow"]["handed_on"] == 0, "nothing waits any more"
    assert verify().ok


@pytest.mark.clause("SEED-8")
@pytest.mark.parametrize("kind", KINDS)
def test_the_office_hears_once_of_what_nobody_can_do_and_an_officer_who_comes_back_is_told(
    story: Story, kind: str
) -> None:
    only_officer_until_tomorrow(story)
    story.act("secrecy", "officers.suspend", person=story.people["head"], ground="inquiry")
    matter = WAITS[kind](story)
    story.later(days=1)
    assert story.daily()["officers.follow"]["handed_on"] == 1
    assert told(matter, f"officers.{kind}_without_anyone") == [story.people["secrecy"]]
    assert story.daily()["officers.follow"]["handed_on"] == 0
    story.act("secrecy", "officers.resume", person=story.people["officer2"], reason="核查结束。")
    assert story.daily()["officers.follow"]["handed_on"] == 1
    assert told(matter, f"officers.{kind}_handed_on") == [story.people["officer2"]]


@pytest.mark.clause("SEED-8")
@pytest.mark.parametrize("kind", KINDS)
def test_a_suspension_hands_it_on_at_its_minute(story: Story, kind: str) -> None:
    matter = WAITS[kind](story)
    before = told(matter, f"officers.{kind}_handed_on")
    made = story.act("secrecy", "officers.suspend", person=story.people["officer"], ground="inquiry")
    after = told(matter, f"officers.{kind}_handed_on")
    assert (before, made.handed_on) == ([], 1)
    assert story.people["officer2"] in after and story.people["officer"] not in after
