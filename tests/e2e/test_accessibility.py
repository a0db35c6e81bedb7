"""axe on the pages of drafting and review, in both languages; keys stay silent while typing."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import keep_figure
from tests.e2e.steps import begin, speak
from tests.e2e.test_main_job import DRAFT, original, submit_original

pytestmark = pytest.mark.e2e


def violations(page) -> list[str]:
    """Return what axe finds wrong, as rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=options).response["violations"]
    keep_figure("axe", len(found))
    return [f"{v['id']}: {v['nodes'][0]['target']}" for v in found]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_drafting_pages_have_no_violation(visit, tmp_path, language):
    one = visit()
    one.sign_in("lin")
    page = one.page
    speak(page, language)
    page.goto(one.house.url + "/draft/new")
    assert violations(page) == []
    page.set_input_files("#file", str(original(tmp_path, f"检查{language}")))
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
        assert violations(page) == [], address
        one.see(f"{language}-{name}")


def test_review_pages_have_no_violation(visit, tmp_path):
    drafter = visit()
    drafter.sign_in("he")
    matter = submit_original(drafter, original(tmp_path, "审核台检查"))
    officer = visit()
    officer.sign_in("zhou")
    page = officer.page
    for address in ("/review", f"/review/{matter}", f"/m/{matter}/papers", f"/print/approval/{matter}"):
        page.goto(officer.house.url + address)
        if page.locator("details.cmp").count():
            page.locator("details.cmp").evaluate("node => { node.open = true }")
        assert violations(page) == [], address


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


MAIN = (
    "/",
    "/matters",
    "/expiry",
    "/expiry/forecast",
    "/applications",
    "/guides",
    "/guides/catalogue",
    "/guides/feedback",
    "/guides/import",
    "/officers",
    "/people",
    "/people/cleared",
    "/people/import",
    "/training",
    "/training/hours",
    "/training/exams",
    "/my-training",
    "/practice",
    "/organs",
    "/deliveries",
    "/draft",
    "/draft/new",
    "/inbox",
    "/account",
    "/search",
    "/help",
    "/m/{known}",
    "/m/{known}/lineage",
    "/m/{known}/papers",
    "/m/{known}/review",
    "/m/{known}/expand",
    "/m/{known}/affairs",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_main_page_has_a_violation(visit, language):
    faults = {}
    for user in ("zhou", "secrecy"):
        one = visit()
        begin(one, user)
        page = one.page
        speak(page, language)
        for address in MAIN:
            answer = page.goto(one.house.url + address.format(known=one.house.known))
            if answer.status in (403, 404):  # not this person's page
                continue
            found = violations(page) if answer.status == 200 else [f"answers {answer.status}"]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append("wider than the window")
            if found:
                faults[f"{user} {address}"] = found
        one.see(f"{language}-{user}-end")
    assert faults == {}
