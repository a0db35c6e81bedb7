"""Every date is a civil date in Beijing, whatever zone an instant was stated in and wherever it was kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Max

from dingmi.base.errors import Invalid, Refused
from dingmi.procedures import daily, perform
from dingmi.procedures.terms import SourceIn
from dingmi.queries import QUERIES, inheritance
from dingmi.queries.verify import verify
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.officers.models import Delegation
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]

MINUTE = timedelta(minutes=1)
SINCE, UNTIL = date(2025, 6, 20), date(2027, 6, 20)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def granted(story: Story) -> UUID:
    grant = dict(grantor=story.province.pk, grantee=story.home.pk, instrument="某水授〔2025〕9号", max_level="秘密")
    given = dict(**grant, matters=("SW-RSK",), since=midnight(SINCE), until=midnight(UNTIL), filed_on=SINCE)
    return UUID(str(story.act("secrecy", "delegation.register", **given).id))


def answered(story: Story, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor("secrecy"), now=story.now, params=params)


def test_an_instant_comes_back_from_the_database_on_its_civil_day(story: Story) -> None:
    row = Delegation.objects.get(pk=granted(story))
    kept = Delegation.objects.filter(pk=row.pk)
    latest = kept.aggregate(latest=Max("since"))["latest"]
    assert [d.date() for d in (row.since, latest, *kept.values_list("since", flat=True))] == [SINCE] * 3
    assert row.since == midnight(SINCE) and kept.filter(since__date=SINCE).exists()
    assert verify().ok


def test_a_delegation_is_shown_from_the_day_that_its_instrument_states(story: Story) -> None:
    granted(story)
    line = next(g for g in answered(story, "organs").delegations if g.instrument == "某水授〔2025〕9号")
    assert (line.since, line.through) == (SINCE, UNTIL - timedelta(days=1))


def confirmed_at(story: Story, at: str) -> UUID:
    matter = story.approved(answers=story.answers("5"))
    story.on(date(2026, 2, 20))
    given = {"matter": str(matter), "happened_at": at, "evidence": "见政府公报第三期。"}
    given["expected_version"] = story.version(matter)
    perform("declassification.confirm_event", actor=story.actor("officer"), now=story.now, params=given)
    return matter


@pytest.mark.clause("ZX-32")
def test_a_release_stated_in_another_zone_is_of_one_day_in_record_decision_and_mark(story: Story) -> None:
    matter = confirmed_at(story, "2026-02-13T23:00:00Z")
    row, decision = Matter.objects.get(pk=matter), Decision.objects.filter(matter=matter).order_by("-number")[0]
    day = date(2026, 2, 14)
    assert row.released_at == datetime(2026, 2, 13, 23, tzinfo=UTC)
    assert (row.declassified_from, decision.declassified_from, row.released_at.date()) == (day, day, day)
    assert "2026年2月14日" in row.carriers.get().mark


def test_a_time_that_names_no_zone_is_refused_by_every_act(story: Story) -> None:
    with pytest.raises(Invalid) as caught:
        confirmed_at(story, "2026-02-13T23:00:00")
    assert caught.value.params["fields"] == {"happened_at": "time.without_zone"}


# a time of day on the mark

BY_THE_HOUR = "2026年12月31日18时"


def ending_by_the_hour(story: Story) -> UUID:
    return story.approved(answers=story.answers(tail=BY_THE_HOUR))


def state_at(story: Story, matter: UUID, hour: int, minute: int = 0) -> str:
    story.on(date(2026, 12, 31), hour).later(minutes=minute)
    daily.at_the_hour(now=story.now)
    return str(story.matter(matter).state)


@pytest.mark.clause("ZX-32", "ZX-24.1")
def test_a_mark_that_states_an_hour_protects_until_that_hour(story: Story) -> None:
    matter = ending_by_the_hour(story)
    other = story.approved(answers=story.answers(tail="2026年12月31日"))
    story.on(date(2026, 12, 31), 8)
    assert story.daily()["declassification.lapse"] == {"lapsed": 1, "without_review": 1}
    assert (story.matter(other).state, story.matter(other).released_at) == (
        "declassified",
        midnight(date(2026, 12, 31)),
    )
    assert [state_at(story, matter, 8), state_at(story, matter, 17, 59)] == ["active", "active"]
    assert state_at(story, matter, 18) == "declassified"
    row = story.matter(matter)
    assert row.released_at == datetime(2026, 12, 31, 18, tzinfo=ZONE) and row.declassified_from == date(2026, 12, 31)
    assert daily.at_the_hour(now=story.now) == {} and verify().ok


@pytest.mark.clause("ZX-32")
def test_a_sweep_that_missed_the_hour_releases_at_the_hour_on_the_mark(story: Story) -> None:
    matter = ending_by_the_hour(story)
    story.on(date(2027, 1, 2)).daily()
    assert story.matter(matter).released_at == datetime(2026, 12, 31, 18, tzinfo=ZONE)


@pytest.mark.clause("BJ-14.2", "ZX-32")
def test_what_derives_from_a_source_with_an_hour_ends_at_that_hour(story: Story) -> None:
    source = ending_by_the_hour(story)
    derived = story.derive((SourceIn(matter=source, consent=True),))
    assert story.approve(derived).mark == f"机密★{BY_THE_HOUR}"
    at = datetime(2026, 12, 31, 18, tzinfo=ZONE)
    rows = [inheritance.own_source(story.matter(source), story.people["drafter"], True, t) for t in (at - MINUTE, at)]
    assert [r.is_released for r in rows] == [False, True]


@pytest.mark.clause("BMF-24.2c")
def test_an_extension_is_still_in_time_on_the_day_before_the_hour(story: Story) -> None:
    matter = ending_by_the_hour(story)
    story.on(date(2026, 12, 31), 17)
    assert story.extend(matter, "2年").last_protected_day == date(2028, 1, 5)


@pytest.mark.clause("BMF-24.2c")
def test_an_extension_after_the_hour_is_too_late_though_no_sweep_has_run(story: Story) -> None:
    matter = ending_by_the_hour(story)
    story.on(date(2026, 12, 31), 18)
    with pytest.raises(Refused) as caught:
        story.extend(matter, "2年")
    assert "extension.too_late" in {f.code for f in caught.value.findings}
