"""Steps that every browser test takes: each waits for the state that the next one needs."""

from __future__ import annotations

from tests.e2e.house import PASSWORD

AT_REST = "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"


def settled(page) -> None:
    """Wait until the page is loaded with its scripts and no swap is on its way."""
    page.wait_for_load_state()
    page.wait_for_function(AT_REST)


def press(one, key: str, then: str) -> None:
    """Press a key, count it, and wait for what it brings."""
    one.press(key)
    one.page.wait_for_selector(then)
    settled(one.page)


def sign(one, done: str) -> None:
    """Sign with the keyboard; the password is not counted. What refused the signature is told."""
    page = one.page
    settled(page)
    page.fill("#password", PASSWORD)
    one.press("Control+Enter")
    page.wait_for_function(
        "done => location.search.includes(done) || document.querySelector('#error-summary')", arg=f"done={done}"
    )
    assert f"done={done}" in page.url, page.inner_text("#error-summary")
    page.wait_for_load_state()


def speak(page, language: str) -> None:
    """Switch the language of the pages and wait until they are in it."""
    wanted = "en" if language == "en" else "zh-CN"
    if page.get_attribute("html", "lang") != wanted:
        page.click("button[name=language]")
        page.wait_for_selector(f"html[lang='{wanted}']", state="attached")
        page.wait_for_load_state()
