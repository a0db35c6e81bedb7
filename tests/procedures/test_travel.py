"""出国（境）: asked for, opinions, decision, briefing and return in their order; officers suspended meanwhile; alarms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.queries import QUERIES, standing
from dingmi.records.notices.models import Notice
from dingmi.records.organs.staff import Travel
from tests.story import Story

pytestmark = [pytest.mark.db]


def ask(story: Story, user: str = "drafter", asked_by: str = "", **more: Any) -> Any:
    first = story.now.date() + timedelta(days=20)
    given = {
        "kind": "private", "place": "新加坡", "purpose": "探亲", "starts_on": first, "returns_on": first + timedelta(days=6),
        **({"person": story.people[user]} if asked_by else {}), **more,
    }  # fmt: skip
    return story.act(asked_by or user, "travel.ask", **given).id


def opinions(story: Story, travel: Any) -> None:
    story.act("secrecy", "travel.note_opinions", travel=travel, personnel="同意。", office="不接触涉密载体，同意。")


def rows(story: Story, user: str = "secrecy") -> list[Any]:
    return list(QUERIES["travel"].run(actor=story.actor(user), now=story.now, params={}).rows)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {f.code for f in refused.value.findings}


def told(code: str) -> int:
    return Notice.objects.filter(code=code).count()


@pytest.mark.clause("BMF-45", "TL-52.2", "BJ-21", "BJ-24")
def test_a_journey_needs_opinions_then_approval_then_a_briefing_and_stands_in_the_file(story: Story) -> None:
    journey = ask(story)
    with pytest.raises(Refused) as early:
        story.act("head", "travel.decide", travel=journey, approve=True)
    assert codes(early) == {"travel.no_opinions"}
    opinions(story, journey)
    with pytest.raises(Refused) as unapproved:
        story.act("secrecy", "travel.brief", travel=journey, expected_version=story.seen(Travel, journey))
    assert codes(unapproved) == {"travel.not_approved"}
    assert [r.state for r in rows(story)] == ["opinions"] and told("travel.to_decide") == 1
    story.act("head", "travel.decide", travel=journey, approve=True)
    with pytest.raises(Conflict, match=r"travel\.decided"):
        story.act("head", "travel.decide", travel=journey, approve=True)
    story.act(
        "secrecy", "travel.brief", travel=journey, expected_version=story.seen(Travel, journey), filing_no="备 12"
    )
    story.later(days=21)
    assert [r.state for r in rows(story, "drafter")] == ["away"]
    story.later(days=6)
    story.act("drafter", "travel.return_from", travel=journey, back_on=story.now.date(), words="没有需要报告的情况。")
    (row,) = (
        QUERIES["personnel.file"]
        .run(actor=story.actor("head"), now=story.now, params={"person": story.people["drafter"]})
        .travels
    )
    assert (row.state, row.filing_no, row.back_on) == ("back", "备 12", story.now.date())
    with pytest.raises(Conflict, match=r"travel\.over"):
        story.act("secrecy", "travel.withdraw", travel=journey)


@pytest.mark.clause("BMF-45", "TL-52.2")
def test_nobody_approves_or_briefs_once_the_journey_has_begun(story: Story) -> None:
    journey = ask(story, starts_on=story.now.date(), returns_on=story.now.date() + timedelta(days=3))
    opinions(story, journey)
    story.later(days=1)
    with pytest.raises(Refused) as late:
        story.act("head", "travel.decide", travel=journey, approve=True)
    assert codes(late) == {"travel.begun"}
    assert [r.state for r in rows(story)] == ["unapproved"]
    story.daily()
    alarms = told("travel.unapproved")
    assert alarms == len(
        {*standing.holders("secrecy_office", story.now), *standing.principals().values_list("pk", flat=True)}
    )
    story.later(days=1)
    story.daily()
    assert told("travel.unapproved") == alarms, "an alarm is given once"
    story.act("head", "travel.decide", travel=journey, approve=False, words="没有按时报批。")
    assert [r.state for r in rows(story)] == ["refused"]


@pytest.mark.clause("TL-52.2")
def test_nobody_acts_on_an_own_journey_and_others_are_asked_for_by_the_office_alone(story: Story) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    own = ask(story, "secrecy")
    with pytest.raises(Forbidden, match=r"staff\.own"):
        opinions(story, own)
    with pytest.raises(Forbidden, match=r"travel\.of_another"):
        ask(story, "drafter", asked_by="drafter2")
    other = ask(story, "drafter", asked_by="secrecy")
    with pytest.raises(NotFound):
        story.act("drafter2", "travel.withdraw", travel=other)
    assert rows(story, "drafter2") == [] and len(rows(story, "head")) == 2
    assert [r.is_own for r in rows(story, "drafter")] == [True]
    for wrong in ({"kind": "moon"}, {"starts_on": date(2020, 1, 1)}, {"returns_on": date(2020, 1, 1)}, {"place": " "}):
        with pytest.raises(Invalid):
            ask(story, **wrong)
    with pytest.raises(Forbidden):
        story.act("secrecy", "travel.decide", travel=other, approve=True)
    with pytest.raises(Invalid):
        story.act("head", "travel.decide", travel=other, approve=False)


@pytest.mark.clause("SEED-8", "BMF-45")
def test_an_officer_does_not_decide_while_abroad_and_does_again_when_it_is_withdrawn(story: Story) -> None:
    journey = ask(story, "officer", kind="duty", purpose="参加会议")
    opinions(story, journey)
    story.act("head", "travel.decide", travel=journey, approve=True)
    held = standing.officer(story.people["officer"], story.now)
    assert held is not None and not held.suspended
    story.later(days=22)
    held = standing.officer(story.people["officer"], story.now)
    assert held is not None and held.suspended, "the days of the journey suspend"
    story.act("secrecy", "travel.withdraw", travel=journey)
    story.later(minutes=1)
    held = standing.officer(story.people["officer"], story.now)
    assert held is not None and not held.suspended


@pytest.mark.clause("BMF-45")
def test_an_officer_whose_journey_was_only_entered_as_an_event_is_told_of_as_unapproved(story: Story) -> None:
    story.act("secrecy", "officers.record_event", person=story.people["officer"], kind="travel_private")
    story.daily()
    assert told("travel.unapproved") > 0


@pytest.mark.clause("TL-52.2")
def test_what_is_missing_before_a_journey_is_told_as_it_comes_nearer_and_a_return_is_asked_after(story: Story) -> None:
    journey = ask(story)
    story.later(days=13)
    story.daily()
    first = told("travel.not_decided")
    assert first > 0
    opinions(story, journey)
    story.act("head", "travel.decide", travel=journey, approve=True)
    story.later(days=4)
    story.daily()
    assert told("travel.not_briefed") > 0 and told("travel.not_decided") == first
    story.act("secrecy", "travel.brief", travel=journey, expected_version=story.seen(Travel, journey))
    story.later(days=12)
    story.daily()
    assert told("travel.return_due") > 0 and [r.state for r in rows(story)] == ["due_back"]


@pytest.mark.clause("BJ-21")
def test_the_filing_of_a_secret_post_stands_in_the_file_and_without_a_post_there_is_none(story: Story) -> None:
    who = story.people["drafter"]
    with pytest.raises(NotFound):
        story.act("secrecy", "personnel.file_post", person=who, number="备 1", expected_version="")
    story.act("secrecy", "personnel.vet", person=who, passed=True, opinion="符合条件。")
    story.act("secrecy", "personnel.sign_undertaking", person=who, kind="post", number="承 1")
    story.act("secrecy", "personnel.take_post", person=who, category="重要")

    def file() -> Any:
        return QUERIES["personnel.file"].run(actor=story.actor("head"), now=story.now, params={"person": who})

    seen = file().post_version
    story.act("secrecy", "personnel.file_post", person=who, number="备 1", expected_version=seen)
    with pytest.raises(Conflict, match=r"record\.stale") as stale:
        story.act("secrecy", "personnel.file_post", person=who, number="备 2", expected_version=seen)
    assert stale.value.params == {"act": "personnel.file_post", "at": story.now}
    (post,) = file().posts
    assert (post.filing_no, post.filed_on) == ("备 1", story.now.date())
