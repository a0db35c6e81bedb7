"""The page of a draft that waits to be compared: it says so, tells how far it is, and fills in."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.queries import content, readying, suggested, suggestions
from tests.interfaces.conftest import Reader
from tests.story import TEXT, Story, docx_of

pytestmark = pytest.mark.db
WAITS, NONE_FOUND = "正在与您有权知悉的已定密内容比对", "没有发现与您有权知悉的已定密内容重合的段落"


def test_a_page_says_that_reuse_is_still_compared_and_shows_it_when_it_is_there(
    story: Story, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = story.approved()
    suggestions._sources.clear()
    monkeypatch.setattr(readying, "Thread", lambda target, daemon: SimpleNamespace(start=lambda: None))
    monkeypatch.setattr(readying, "connections", SimpleNamespace(close_all=lambda: None))
    monkeypatch.setattr(readying, "_asked", {})
    monkeypatch.setattr(readying, "_busy", False)
    monkeypatch.setattr(readying, "settings", SimpleNamespace(DINGMI_KEY_SERVICE=True))
    monkeypatch.setattr(suggestions, "SOON", 0)
    client = reader("drafter")
    answer = client.post("/draft/new", {"file": SimpleUploadedFile("稿.docx", docx_of(TEXT))}, follow=True)
    shown, road = answer.content.decode(), answer.redirect_chain[-1][0]
    matter = UUID(road.rpartition("/")[2])
    assert WAITS in shown and NONE_FOUND not in shown and 'value="reuse" data-confirm' not in shown
    monkeypatch.setattr(suggestions, "progress", lambda _: (3, 8))
    still = client.post(f"{road}/comparing", {}, headers={"HX-Request": "true"}).content.decode()
    assert WAITS in still and "已读取 3 件，共 8 件" in still and "hx-trigger" in still
    assert client.post(f"{road}/comparing", {}).headers["Location"] == road, "without scripts: the page again"
    assert suggested.is_waiting(content.suggestion(matter))
    readying._one_after_the_other()
    ready = client.post(f"{road}/comparing", {}, headers={"HX-Request": "true"})
    assert ready.status_code == 204 and ready.headers["HX-Redirect"].startswith(road)
    after = client.get(road).content.decode()
    assert WAITS not in after and 'value="reuse" data-confirm' in after
    assert [one["source"] for one in content.suggestion(matter)["reuse"]] == [str(source)]
