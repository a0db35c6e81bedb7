"""The pages of drafting on the way of one draft in English; keys stay silent while typing. All others: test_every_page."""

from __future__ import annotations

import pytest

from tests.e2e.steps import speak
from tests.e2e.sweep import Reader
from tests.e2e.test_main_job import DRAFT, original

pytestmark = pytest.mark.e2e


def test_drafting_pages_have_no_violation_in_english(visit, tmp_path):
    one = visit()
    one.sign_in("lin")
    page = one.page
    speak(page, "en")
    reader = Reader(page, one.house.url)
    page.goto(one.house.url + "/draft/new")
    page.set_input_files("#file", str(original(tmp_path, "检查")))
    page.wait_for_url(DRAFT)
    road = page.url
    for name, address in (
        ("assist", road),
        ("check", road + "/check"),
        ("derive", road + "/derive"),
        ("not-secret", road + "/not-secret"),
        ("drafts", one.house.url + "/draft"),
    ):
        page.goto(address)
        assert reader.look()[0] == [], address
        one.see(f"en-{name}")
    page.goto(road)
    speak(page, "zh")


def test_keys_are_silent_while_typing(visit, tmp_path):
    one = visit(width=1366, height=768)
    one.sign_in("he")
    page = one.page
    page.goto(one.house.url + "/draft/new")
    page.set_input_files("#file", str(original(tmp_path, "键盘")))
    page.wait_for_url(DRAFT)
    one.see("14-assist-1366")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#words")
    page.keyboard.type("1a0")
    assert page.input_value("#words") == "1a0"
    assert page.locator(".q-ok[data-card=item]").count() == 0
