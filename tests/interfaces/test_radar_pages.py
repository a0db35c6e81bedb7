"""The radar's pages: a list with an empty state, both texts side by side with what they share, a ruling, a refusal in place."""

from __future__ import annotations

import pytest

from dingmi.queries.lists import LISTS
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page, version
from tests.procedures.test_radar import ask, found, pair
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db


def test_a_case_is_looked_at_side_by_side_and_ruled_on(story: Story, reader: Reader) -> None:
    officer = reader("officer")
    assert "没有相互矛盾的事项" in officer.get("/consistency").content.decode()
    pair(story)
    case = found(story)
    listed = reader("officer").get("/consistency")
    page(listed)
    assert "保密期限" in listed.content.decode() and "待裁定" in listed.content.decode()
    (taken_out,) = LISTS["radar"].texts(ask(story, "officer", "radar").rows)
    assert {"保密期限", "待裁定", "周启明"} <= set(taken_out)
    where = f"/consistency/{case.pk}"
    officer = reader("officer")
    shown = officer.get(where)
    page(shown)
    assert 'class="cmp-same"' in shown.content.decode() and "8年" in shown.content.decode()
    given = {
        "act": "radar.rule",
        "case": str(case.pk),
        "reason": "同一设施。",
        "password": PASSWORD,
        "expected_version": version(shown),
    }
    refused = officer.post(where, {**given, "outcome": "follow_one", "item": ""})
    assert refused.status_code == 422 and "不得以另一件的密级为由定密" in refused.content.decode()
    item = str(story.item().pk)
    assert officer.post(where, {**given, "outcome": "follow_one", "item": item}).status_code == 302
    after = officer.get(where).content.decode()
    assert "已裁定，待变更" in after and "同一设施。" in after
    assert reader("drafter").get("/consistency").status_code == 403
