"""A clock set back revives nothing that had ended, and stops nobody from reading (SR-62, SR-64)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dingmi.base.errors import DingmiError, Refused
from dingmi.queries import clock
from dingmi.records.ledger.models import Entry
from tests.procedures.test_second_factor import code_now, enrolled, signed
from tests.story import NOON, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
BACK = pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(minutes=5)], ids=["a second", "five minutes"])


def codes(caught: pytest.ExceptionInfo[DingmiError]) -> set[str]:
    return {f.code for f in caught.value.findings}


def set_back(story: Story, back: timedelta) -> None:
    """Let the ledger see this moment, and set the clock back before it."""
    story.act("secrecy", "access.set_language", language="zh")
    assert clock.high_water() == story.now
    story.now -= back


@BACK
@pytest.mark.clause("TL-14.2")
def test_an_officer_whose_training_lapsed_decides_nothing_with_the_clock_set_back(
    story: Story, back: timedelta
) -> None:
    story.on(date(2026, 2, 2), 11)
    matter = story.proposed()
    story.now = NOON + back - timedelta(seconds=1)
    set_back(story, back)
    with pytest.raises(Refused) as caught:
        story.approve(matter, "lapsed")
    assert "officer.training_lapsed" in codes(caught)
    assert Entry.objects.filter(act="attempt").latest("pk").at == NOON + back - timedelta(seconds=1)


@BACK
@pytest.mark.clause("BMF-24.2c")
def test_a_period_that_has_ended_is_not_extended_with_the_clock_set_back(story: Story, back: timedelta) -> None:
    matter = story.approved()
    last = story.matter(matter).last_protected_day
    story.on(last + timedelta(days=1), 0)
    story.now += back - timedelta(seconds=1)
    set_back(story, back)
    assert story.now.date() == last
    with pytest.raises(Refused) as caught:
        story.review(matter, "extend", tail="5年")
    assert codes(caught) & {"matter.already_released", "extension.too_late"}


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(minutes=5)], ids=["two minutes", "five minutes"])
def test_an_unused_one_time_code_that_has_ended_opens_nothing_with_the_clock_set_back(
    story: Story, back: timedelta
) -> None:
    secret = enrolled(story)
    story.later(hours=1)
    old = code_now(story, secret)
    story.later(seconds=back.total_seconds())
    set_back(story, back)
    assert code_now(story, secret) == old
    assert signed(story, old) == "second.wrong"
    story.now += back
    assert signed(story, code_now(story, secret)) == "in"
