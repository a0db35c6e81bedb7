"""T10: thirty years of a bureau, drawn by seed: whatever the days do, a matter ends on its day and for no other reason."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import transaction

from dingmi.base.errors import DingmiError
from dingmi.procedures import decide
from dingmi.queries.verify import verify
from dingmi.records.matters.models import Matter
from tests import bars
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.deep]
YEARS, DELEGATED = 30, timedelta(days=5 * 365)
TAILS = ("1年", "2年", "3年", "5年", "8年", "10年")
LEAPS = (1, 2, 29, 30, 31, 59, 90, 181, 364, 365, 366, 400, 700, 1100)
LEAP_DAY = date(2028, 2, 29)


def moved(story: Story, chance: random.Random) -> None:
    """Go on by some days, at some hour; over a leap day now and then."""
    day = story.now.date() + timedelta(days=chance.choice(LEAPS))
    if story.now.date() < LEAP_DAY < day and chance.random() < 0.5:
        day = LEAP_DAY
    story.on(day, hour=chance.choice((0, 9, 23)))


def attempts(story: Story, chance: random.Random) -> None:
    """Draft, propose and decide a little; what is refused in that year is refused."""
    try:
        with transaction.atomic():
            item = chance.choice(("1", "3", "7"))
            story.approved(answers=story.answers(item, tail=chance.choice(TAILS)))
    except DingmiError:
        pass
    active = list(Matter.objects.filter(state="active").order_by("created_at", "pk").values_list("pk", flat=True))
    if active and chance.random() < 0.5:
        try:
            with transaction.atomic():
                story.extend(chance.choice(active), "10年")
        except DingmiError:
            pass


def illegal(before: dict[UUID, tuple[str, date | None]], today: date) -> list[str]:
    """Return the matters that moved as time may not move them, or stand as they may not stand after the daily round."""
    wrong = []
    for row in Matter.objects.all():
        was, last = before.get(row.pk, (row.state, row.last_protected_day))
        ended = last is not None and last < today
        if (was, row.state) == ("active", "declassified") and not ended:
            wrong.append(f"{row.pk}: released on {today}, protected until {last}")
        if was in ("declassified", "voided") and row.state != was:
            wrong.append(f"{row.pk}: {was} became {row.state}")
        day = row.last_protected_day
        if row.state == "active" and day is not None and day < today:
            wrong.append(f"{row.pk}: still in force on {today}, protected until {day}")
    return wrong


def lived(story: Story, seed: int) -> tuple[int, list[str]]:
    """Live thirty years; return the days that were stood on and what was illegal."""
    chance, wrong, stops = random.Random(seed), list[str](), 0
    end, delegated = story.now.date().replace(year=story.now.year + YEARS), story.now
    while story.now.date() < end:
        if (
            story.now > delegated + DELEGATED and chance.random() < 0.5
        ):  # now and then the bureau is without authority for a while
            story.delegate()
            delegated = story.now
        attempts(story, chance)
        before = {row.pk: (row.state, row.last_protected_day) for row in Matter.objects.all()}
        moved(story, chance)
        story.daily()
        wrong += [f"seed {seed}: {one}" for one in illegal(before, story.now.date())]
        stops += 1
    wrong += [f"seed {seed}: {fault.kind} {fault.object}" for fault in verify().findings]
    return stops, wrong


def test_thirty_years_end_every_matter_on_its_day(
    story: Story, monkeypatch: pytest.MonkeyPatch, bar: bars.Reached
) -> None:
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)  # stamping has tests of its own and takes seconds
    begin, years, stops = story.now, 0, 0
    for seed in range(bars.part(50)):
        story.now = begin
        with transaction.atomic():
            stood, wrong = lived(story, seed)
            ended = Matter.objects.filter(state="declassified").count()
            transaction.set_rollback(True)
        assert wrong == []
        assert ended >= 1, "nothing came to its day"
        years, stops = years + YEARS, stops + stood
    assert stops >= years, "a day and more a year"
    bar("T10 seeds of 30 years", years // YEARS, 50)
