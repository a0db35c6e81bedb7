"""While the keys of 绝密 are closed the other levels go on, and what is 绝密 waits and says so (SR-48)."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from dingmi.base.errors import Unavailable
from dingmi.engines.crypto.passphrase import Cost
from dingmi.interfaces.cli.health import examine
from dingmi.procedures import custody as at_server
from dingmi.procedures import daily
from dingmi.queries import access, content, search, suggestions
from dingmi.records.keys import asking, moving, places
from dingmi.records.keys.places import APART
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.procedures.test_facts_told import amend
from tests.story import TEXT, Story

pytestmark = [pytest.mark.db]
OTHER, LIGHT = "白鹭 石桥 腊月 竹笛 cloud reed", Cost(memory_kib=64, passes=1, lanes=1)


def close_apart() -> None:
    """Put the keys of 绝密 into a keystore, which nobody has opened."""
    moving.protect(places.part(asking.folder(), APART), OTHER, LIGHT)
    asking.forget()


def two_levels(story: Story) -> tuple[str, str]:
    """Return a matter of 绝密 and one of 机密 that drafter, officer and head may know."""
    for user in ("drafter", "officer", "head"):
        story.clear(user, "绝密")
    scope = story.scope("drafter", "officer", "officer2", "head")
    amend(story, tier="provincial", superior=story.province.pk)
    top = story.proposed(answers=story.answers("11", scope=scope))
    story.approve(top, "head")
    return str(top), str(story.approved(answers=story.answers(scope=scope)))


def test_lists_searches_and_acts_of_the_other_levels_go_on(story: Story, reader: Reader) -> None:
    top, lower = two_levels(story)
    officer = reader("officer")
    before = officer.get("/matters").content.decode()
    assert content.CLOSED not in before and "keys-closed" not in before
    close_apart()
    shown = officer.get("/matters")
    told = shown.content.decode()
    assert shown.status_code == 200 and content.CLOSED in told and "城区供水管网关键节点切换方案" in told
    assert "keys-closed" in told and "dingmi keys open --juemi" in told
    assert officer.get(f"/m/{lower}").status_code == 200
    assert content.CLOSED in officer.get(f"/m/{top}").content.decode(), "what needs no key of it is told"
    with pytest.raises(Unavailable, match=r"key\.sealed_apart"):
        story.act("officer", "carriers.read", matter=UUID(top))
    assert story.act("officer", "carriers.read", matter=UUID(lower)).text
    found = search.find(story.actor("officer"), story.now, "供水管网")
    assert [str(row.pk) for row in found] == [lower]
    assert asking.part(APART).open("passphrase", OTHER)
    assert content.CLOSED not in officer.get("/matters").content.decode()
    assert officer.get(f"/m/{top}").status_code == 200
    assert {str(row.pk) for row in search.find(story.actor("officer"), story.now, "供水管网")} == {top, lower}
    asking.forget()


def test_who_is_not_cleared_drafts_proposes_and_decides_on_and_who_is_waits(story: Story) -> None:
    two_levels(story)
    close_apart()
    lower = story.filled("drafter2", answers=story.answers(scope=story.scope("drafter2", "officer2", "head")))
    story.propose(lower, "drafter2")
    story.approve(lower, "officer2")
    assert Matter.objects.get(pk=lower).state == "active"
    with pytest.raises(Unavailable, match=r"key\.sealed_apart"):
        story.drafted()  # a draft is kept at the level of its drafter's clearance
    for user, waits in (("drafter", True), ("drafter2", False)):
        found = suggestions.suggest(story.actor(user), story.now, TEXT, ())
        assert ("assist.waiting" in str(found)) is waits, "what may be derived from 绝密 is not found to be original"
    assert daily.until_done("assist.index", access.clock_actor(), story.now, story.now.date())["taken"] >= 1
    asking.part(APART).open("passphrase", OTHER)
    assert daily.until_done("assist.index", access.clock_actor(), story.now, story.now.date())["taken"] == 1
    assert "assist.waiting" not in str(suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()))
    asking.forget()


def test_the_page_the_check_and_the_ledger_tell_of_both(story: Story) -> None:
    client = founder(story, "secadmin")
    assert "绝密的密钥单独存放" in client.get("/keys").content.decode()
    close_apart()
    page = client.get("/keys").content.decode()
    assert "绝密事项现在不能打开和办理" in page and "只限绝密的密钥" not in page
    with pytest.raises(Exception, match=r"keystore\.wrong_passphrase"):
        at_server.open_keys(now=story.now, way="passphrase", secret=OTHER + " no", part=APART)
    state = at_server.open_keys(now=story.now, way="passphrase", secret=OTHER, part=APART)
    assert state.is_open and state.apart is not None and state.apart.is_open
    assert "只限绝密的密钥" in client.get("/keys").content.decode()
    told = [json.loads(e.body) for e in Entry.objects.filter(act="keep.key_console").order_by("pk")]
    assert [(one["data"]["done"], one["subject"]["id"]) for one in told] == [("refused", APART), ("opened", APART)]
    at_server.close_keys(now=story.now, part=APART)
    assert not at_server.state().apart.is_open and at_server.state().is_open  # type: ignore[union-attr]
    codes = {finding["code"] for finding in examine(asking.folder().parent, deploy=False)}
    assert not codes & {"check.keys_together", "check.keys_left", "check.key_missing"}
    (asking.folder() / "juemi.key").write_text("left")
    assert "check.keys_left" in {finding["code"] for finding in examine(asking.folder().parent, deploy=False)}
    (asking.folder() / "juemi.key").unlink()
    asking.forget()
