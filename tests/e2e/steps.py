"""Steps that every browser test takes: each waits for the state that the next one needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.e2e.house import PASSWORD

AT_REST = "html:not(:has(.htmx-request, .htmx-swapping, .htmx-settling))"


def settled(page) -> None:
    """Wait until the page is loaded with its scripts and no swap is on its way."""
    page.wait_for_load_state()
    page.wait_for_selector(AT_REST, state="attached")


def answered(page, arrived: Callable[[str], bool]) -> None:
    """Wait until the page stands at an address that is wanted; what was refused instead is told.

    A wait for an expression is no way: the browser asks it again later, and the page's policy refuses to evaluate a text.
    """
    refused = page.locator("#error-summary")
    until = time.monotonic() + 30
    while not arrived(page.url):
        assert not refused.is_visible(), refused.inner_text()
        assert time.monotonic() < until, page.url
        page.wait_for_timeout(50)
    page.wait_for_load_state()


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
    answered(page, lambda address: f"done={done}" in address)


def speak(page, language: str) -> None:
    """Switch the language of the pages and wait until they are in it."""
    wanted = "en" if language == "en" else "zh-CN"
    if page.get_attribute("html", "lang") != wanted:
        page.click("button[name=language]")
        page.wait_for_selector(f"html[lang='{wanted}']", state="attached")
        page.wait_for_load_state()


def begin(one, user: str) -> None:
    """Sign in; a first password is changed before anything else."""
    first = one.house.first.pop(user, None)
    one.sign_in(user, first)
    page = one.page
    if first is not None:
        page.goto(one.house.url + "/account")
        page.fill("#new_password", PASSWORD)
        page.fill("form[action='/account/password'] input[name=password]", first)
        with page.expect_navigation():
            page.click("form[action='/account/password'] button")
        one.sign_in(user)


def fill(one, form: str, done: str, /, **values: str) -> None:
    """Fill in a form, sign it where it asks for the password, send it, and wait for the page that says it was done.

    Args:
        form: Selector of the form; folded parts of it are opened.
        done: What the address of the page after it says; empty where another form follows.
    """
    page = one.page
    settled(page)
    found = page.locator(form).first
    found.evaluate("form => form.querySelectorAll('details').forEach(part => { part.open = true })")
    found.evaluate("form => { const around = form.closest('details'); if (around) around.open = true }")
    for name, value in values.items():
        field = found.locator(f"[name='{name}']").first
        kind = field.evaluate("field => field.type")
        if kind in ("radio", "checkbox"):
            found.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            field.select_option(value)
        elif kind == "file":
            field.set_input_files(value)
        else:
            field.fill(value)
    secret = found.locator("input[type=password]")
    if secret.count():
        secret.first.fill(PASSWORD)
    with page.expect_navigation():
        found.locator("button:is(.pr, .bad, .s), button").last.click()
    refused = page.locator("#error-summary")
    assert not refused.count(), refused.inner_text()
    assert not done or f"done={done}" in page.url, f"{page.url}: {page.inner_text('main')[:400]}"
