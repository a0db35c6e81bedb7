"""One matter from draft to release, and what each act refuses."""

from __future__ import annotations

from datetime import date

import pytest

from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def test_a_draft_is_proposed_approved_marked_and_registered(story: Story) -> None:
    matter = story.proposed()
    done = story.approve(matter)
    row = story.matter(matter)
    assert (done.register_no, done.mark) == ("QJSW-M-2026-1", "机密★10年")
    assert done.last_protected_day == date(2036, 1, 5)
    assert (row.state, row.level, str(row.officer_id)) == ("active", "机密", str(story.people["officer"]))
    assert row.carriers.get().mark == "机密★10年"
    assert row.files.get(role="marked").stored.level == "机密"
