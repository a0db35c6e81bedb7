"""The head's page of figures, and the lock of an idle page."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dingmi.interfaces.cli.demo import teller
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import TITLE, page
from tests.story import Story

pytestmark = [pytest.mark.db]


def figures(client: Client) -> list[int]:
    """Return the eight figures in their order."""
    text = client.get("/overview").content.decode()
    return [int(n) for n in re.findall(r'class="fig-n num[^"]*"[^>]*>(\d+)<', text)]


def test_the_head_sees_eight_figures_and_no_title(story: Story, reader: Reader) -> None:
    story.approved()
    client = founder(story, "head")
    text = client.get("/overview").content.decode()
    assert TITLE not in text
    assert page(client.get("/overview")).banner == ""
    active, _due, late, proposed, referred, decided, released, able = figures(client)
    assert (active, late, referred, decided, released) == (1, 0, 0, 1, 0)
    assert proposed == 0 and able >= 1
    story.proposed("drafter2")
    assert figures(client)[3] == 1
    assert reader("officer").get("/overview").status_code == 403


def test_a_figure_opens_the_records_that_it_counts(story: Story, reader: Reader) -> None:
    matter = story.matter(story.approved())
    client = founder(story, "head")
    text = client.get("/overview").content.decode()
    roads = re.findall(r'class="fig-n[^"]*" href="([^"]+)">(\d+)<', text)
    assert ("/matters?state=active", "1") in roads
    listed = client.get("/matters?state=active").content.decode()
    assert listed.count("<tr data-row") == 1 and str(matter.register_no) in listed


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
