"""The head's page of figures, and the lock of an idle page."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dingmi.interfaces.cli.demo import teller
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import TITLE, page
from tests.story import NOON, Story

pytestmark = [pytest.mark.db]


NAMES = ("active", "due", "late", "waiting", "outside", "over", "untrained", "open")
TILE = re.compile(r'<a class="fig-n num[^"]*" href="([^"]+)">(\d+)<')


def figures(client: Client) -> dict[str, int]:
    """Return the eight figures by name."""
    found = TILE.findall(client.get("/overview").content.decode())
    return dict(zip(NAMES, (int(n) for _, n in found), strict=True))


@pytest.mark.clause("TL-6.3", "SEED-36")
def test_the_head_sees_eight_figures_and_no_title(story: Story, reader: Reader) -> None:
    story.approved()
    client = founder(story, "head")
    text = client.get("/overview").content.decode()
    assert TITLE not in text
    assert page(client.get("/overview")).banner == ""
    first = figures(client)
    assert first == {**dict.fromkeys(NAMES, 0), "active": 1}
    story.proposed("drafter2")
    assert figures(client)["waiting"] == 1
    story.on(NOON.date(), 13)
    assert figures(reader("head"))["untrained"] == 1, "the training of one officer has lapsed"
    assert reader("officer").get("/overview").status_code == 403


@pytest.mark.clause("SEED-36")
def test_each_figure_opens_the_records_that_it_counts(story: Story) -> None:
    matter = story.matter(story.approved())
    story.proposed("drafter2")
    client = founder(story, "head")
    text = client.get("/overview").content.decode()
    for road, count in TILE.findall(text):
        assert client.get(unescape(road)).content.decode().count("<tr data-row") == int(count), road
    stock = next(unescape(road) for road, _ in TILE.findall(text) if "table=stock" in road)
    assert str(matter.register_no) in client.get(stock).content.decode()


def test_a_page_knows_when_it_locks_and_one_request_extends_it(story: Story, reader: Reader) -> None:
    client = reader("officer")
    text = client.get("/").content.decode()
    assert 'data-idle="10"' in text and 'id="idle"' in text
    story.later(minutes=9)
    assert client.get("/account/stay").status_code == 204
    story.later(minutes=9)
    assert client.get("/matters").status_code == 200, "the request nine minutes ago extended the session"
    story.later(minutes=11)
    assert client.get("/account/stay").status_code == 302
    assert 'id="idle"' not in Client().get("/sign-in").content.decode()


def test_pages_say_how_far_the_demonstration_is_until_it_is_done(
    story: Story, reader: Reader, settings: Any, tmp_path: Path
) -> None:
    settings.DATA, mark = tmp_path, tmp_path / "demo.unfinished"
    client = reader("officer")
    assert 'id="filling"' not in client.get("/").content.decode()
    mark.touch()
    assert "演示数据正在生成。" in client.get("/").content.decode()
    teller(tmp_path)(date(2019, 3, 4), 37)
    told = client.get("/").content.decode()
    assert "37%" in told and "现在讲到 2019-03-04" in told
    mark.unlink()
    assert 'id="filling"' not in client.get("/").content.decode()
    teller(tmp_path)(date(2019, 3, 5), 38)
    assert not mark.exists(), "a fill that nobody waits for leaves no mark"


def test_the_menu_shows_one_place_where_the_reader_is(story: Story, reader: Reader) -> None:
    client = reader("drafter")
    for address in ("/draft/new", "/draft"):
        here = re.findall(r'<a href="([^"]+)" class="on" aria-current="page">', client.get(address).content.decode())
        assert here == [address]
