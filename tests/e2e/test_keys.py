"""The keyboard map (UI §9) on all pages, lists and the draft; the keys of a batch are pressed in the year of an office."""

from __future__ import annotations

import pytest

from tests.e2e.steps import settled
from tests.e2e.test_main_job import DRAFT, original

pytestmark = pytest.mark.e2e
expect = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright").expect
ROADS = {"w": "/workbench", "s": "/review", "t": "/matters", "d": "/expiry"}


def test_the_keys_of_every_page_and_of_lists(visit) -> None:
    one = visit()
    one.sign_in("zhou")
    page = one.page
    for key, road in ROADS.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(one.house.url + road)
        settled(page)
    page.goto(one.house.url + "/matters")
    page.keyboard.press("Control+k")
    expect(page.locator("#gs")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#gs")).not_to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.type("n?")
    expect(page.locator("#filter")).to_have_value("n?")
    page.locator("#filter").blur()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("n")  # nothing behind the list of keys is reached
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url(one.house.url + "/draft/new")
    page.goto(one.house.url + "/guides")
    rows = page.locator("[data-row]")
    for key, place in (("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(rows.nth(place)).to_have_class("foc")
    road = rows.nth(1).locator("a").first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{road}")


def test_the_keys_of_a_draft(visit, tmp_path) -> None:
    one = visit()
    one.sign_in("he")
    page = one.page
    page.goto(one.house.url + "/draft/new")
    page.set_input_files("#file", str(original(tmp_path, "按键")))
    page.wait_for_url(DRAFT)
    settled(page)
    counter, lit = page.locator("#ev-now"), page.locator("#paper mark.foc")
    for key in ("j", "k"):
        page.keyboard.press(key)
        expect(counter).not_to_have_text("0")
        expect(lit).not_to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("#words")).to_be_focused()
    page.locator("#words").blur()
    page.keyboard.press("0")
    page.wait_for_url("**/unclear")
