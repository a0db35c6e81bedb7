"""The signed head of the log is carried out of the system once a day, or the auditor is told (SR-44)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from dingmi.base import messages
from dingmi.base.errors import Finding
from dingmi.procedures import access as doors
from dingmi.procedures.evidence import sign_log
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
CODE = "ledger.not_anchored"


def told() -> list[str]:
    return list(Notice.objects.filter(code=CODE).values_list("person__account__username", flat=True))


def on(story: Story, day: int, hour: int = 9) -> None:
    story.on(date(2026, 3, day), hour)
    sign_log(story.now)


def carried(story: Story, user: str = "auditor") -> Any:
    return doors.ask("ledger.anchor", actor=story.actor(user), now=story.now, params={})


def test_a_day_without_an_anchor_is_told_to_the_auditor_once_and_taking_one_ends_it(story: Story) -> None:
    on(story, 2)
    assert len(carried(story).code.split()) == 5
    for day in (2, 3):
        on(story, day, 23)
        story.daily()
        assert told() == [], "taken on the 2nd, it is due until the 3rd is over"
    for hour in (0, 1):
        on(story, 4, hour)
        story.daily()
    on(story, 5)
    story.daily()
    assert told() == ["auditor"] and Entry.objects.filter(act="keep.note_anchor").count() == 1
    carried(story, "secadmin")
    story.act("auditor", "notices.acknowledge", notice=Notice.objects.get(code=CODE).pk)
    on(story, 6)
    story.daily()
    assert told() == ["auditor"]
    on(story, 7)
    story.daily()
    assert told() == ["auditor"] * 2
    said = messages.render(Finding(CODE, "note", (), {"days": 1}), "zh")
    assert "SR-44" in said.text and "安全审计员" in said.remedy


def test_the_interval_is_the_units_own(story: Story, settings: Any) -> None:
    settings.CONFIG = {**settings.CONFIG, "numbers": {"anchor_days": 7}}
    on(story, 2)
    carried(story)
    for day, expected in ((9, []), (10, ["auditor"])):
        on(story, day)
        story.daily()
        assert told() == expected
    assert json.loads(Entry.objects.get(act="keep.note_anchor").body)["data"] == {"days": 7}


def test_a_log_that_was_never_signed_or_signed_today_is_not_overdue(story: Story) -> None:
    story.on(date(2026, 3, 2))
    story.daily()
    on(story, 9)
    story.daily()
    assert told() == []
