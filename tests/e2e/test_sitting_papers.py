"""A paper sat in the browser by keyboard: each answer is kept as it is given, the time left runs, and the result explains."""

from __future__ import annotations

import re

import pytest

from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.e2e
expect = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright").expect


def test_a_paper_is_kept_answer_by_answer_and_explained(visit):
    one = visit()
    one.sign_in("qin")
    page = one.page
    page.goto(one.house.url + "/my-training")
    one.see("training-mine")
    page.click("form[action$='/start'] button")
    page.wait_for_url(re.compile("/papers/[0-9a-f-]{36}$"))
    assert violations(page) == []
    expect(page.locator("#left")).to_have_text(re.compile(r"^(60:00|59:\d\d)$"))
    page.locator("[name=q1]").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#saved")).to_contain_text("1")
    page.locator("[name=q2]").nth(1).focus()
    page.keyboard.press("Space")
    expect(page.locator("#saved")).to_contain_text("2")
    one.see("training-paper")
    page.reload()
    expect(page.locator("[name=q1]").first).to_be_checked()
    expect(page.locator("[name=q2]").nth(1)).to_be_checked()
    page.click("button[name=submit]")
    page.wait_for_url(re.compile(r"\?left=1$"))
    assert violations(page) == []
    page.click("#error-summary button[name=sure]")
    page.wait_for_url(re.compile("/result$"))
    assert violations(page) == []
    one.see("training-result")
    expect(page.locator(".qz")).to_have_count(8)
