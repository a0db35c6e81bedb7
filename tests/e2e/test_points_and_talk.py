"""密点 by mouse and by keyboard, talk in review, thirty cards in sequence; the pictures of the README come from here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dingmi.interfaces.cli.demo.texts import Draft
from tests.e2e.house import PASSWORD, SECRET
from tests.e2e.steps import answered, press, settled, sign, speak
from tests.e2e.test_accessibility import violations
from tests.e2e.test_main_job import DRAFT

pytestmark = pytest.mark.e2e
expect = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright").expect
SAMPLE = next((Path(__file__).parents[2] / "samples").glob("1-*.docx"))


def submitted(one, file: Path) -> str:
    """Adopt, confirm, sign; return the matter."""
    page = one.page
    page.goto(one.house.url + "/draft/new")
    page.set_input_files("#file", str(file))
    page.wait_for_url(re.compile("/draft/[0-9a-f-]{36}"))
    page.goto(page.url.removesuffix("/derive"))  # the house holds a secret that reads much like the sample
    matter = DRAFT.search(page.url).group(1)
    for key, card in (("1", "item"), ("a", "reuse"), ("a", "scope")):
        press(one, key, f".q-ok[data-card={card}]")
    return matter


def test_points_by_caret_mode_and_by_mouse_then_talk_and_return(visit):
    drafter = visit()
    drafter.sign_in("lin")
    page = drafter.page
    matter = submitted(drafter, SAMPLE)
    before = page.locator(".ptr").count()
    page.keyboard.press("m")
    page.wait_for_selector("#caret-how:not([hidden])")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", *["Shift+ArrowRight"] * 5):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#marker:not([hidden])")
    assert re.fullmatch(r"\d+-\d+", page.input_value("#marker-span"))
    page.click("#marker button[value=mark]")
    expect(page.locator(".ptr")).to_have_count(before + 1, timeout=60000)
    settled(page)
    line = page.locator("#paper p", has_text="次日五时前反向操作").locator("[data-o]").first
    box = line.bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 8, steps=4)
    page.mouse.up()
    page.keyboard.press("m")
    page.wait_for_selector("#marker:not([hidden])")
    assert "反向" in page.inner_text("#marker-words")
    page.click("#marker button[value=mark]")
    expect(page.locator(".ptr")).to_have_count(before + 2, timeout=60000)
    settled(page)
    assert violations(page) == []
    drafter.see("02-assist")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/check$"))
    drafter.see("03-check")
    sign(drafter, "proposed")
    officer = visit()
    officer.sign_in("zhou")
    desk = officer.page
    desk.goto(officer.house.url + f"/review/{matter}")
    desk.keyboard.press("c")
    desk.select_option("#say-span", index=8)
    desk.fill("#say-text", "“9处”本身可否不列？若删去数量，正文不再含密点，附表单独定密即可。")
    desk.click("button[value=say]")
    desk.wait_for_selector(".thr")
    page.goto(drafter.house.url + f"/draft/{matter}/talk")
    page.click(".thr summary")
    page.fill(".thr textarea", "处置顺序依赖数量，建议保留。")
    page.click(".thr button[value^=answer]")
    page.wait_for_selector(".th-w:nth-of-type(3)")
    assert violations(page) == []
    desk.goto(officer.house.url + f"/review/{matter}")
    desk.locator("details.cmp").evaluate("node => { node.open = true }")
    assert violations(desk) == []
    for key in ("]", "["):  # one thread: either leads to it
        desk.keyboard.press(key)
        assert desk.evaluate("document.activeElement.matches('[data-thread-box]')")
        desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("]")
    officer.see("04-review")
    desk.keyboard.press("3")
    desk.select_option("[name=reason_code]", "points")
    desk.fill("#opinion", "见批注，数量请再斟酌。")
    sign(officer, "returned")
    page.goto(drafter.house.url + f"/draft/{matter}/talk")
    assert "数量请再斟酌" in page.inner_text("main") and "换稿" in page.inner_text("main")


@pytest.mark.parametrize("cards", [5, pytest.param(30, marks=pytest.mark.deep)])
def test_derivative_cards_are_reviewed_in_sequence_without_a_pointer(visit, tmp_path, cards):
    drafter = visit()
    drafter.sign_in("lin")
    page = drafter.page
    for number in range(cards):
        title = f"关于落实供水安全部署的工作安排（第{number + 1}号）"
        lines = ("各水厂，局属各单位：", "一、主要任务", SECRET, "二、工作要求", "各单位每季度末报送进展。")
        file = tmp_path / f"{number}.docx"
        file.write_bytes(Draft(title, lines, ()).as_docx())
        page.goto(drafter.house.url + "/draft/new")
        page.set_input_files("#file", str(file))
        page.wait_for_url(re.compile("/derive$"))
        if not number:
            drafter.see("11-derive")
        press(drafter, "a", ".tag.ok")
        sign(drafter, "proposed")
    officer = visit()
    officer.sign_in("zhou")
    desk = officer.page
    desk.goto(officer.house.url + "/workbench")
    officer.see("01-workbench")
    desk.goto(officer.house.url + "/review")
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile("/review/"))
    signed = 0
    while "/review/" in desk.url and signed < cards + 20:
        desk.keyboard.press("c")
        desk.keyboard.type("1")
        assert desk.locator("input[name=verdict]:checked").count() == 0
        desk.keyboard.press("Escape")
        desk.evaluate("document.activeElement.blur()")
        desk.keyboard.press("1")
        desk.keyboard.press("Control+Enter")  # the signature prompt is asked for
        assert desk.evaluate("document.activeElement.id") == "password"
        desk.keyboard.type(PASSWORD)
        old = desk.url
        desk.keyboard.press("Control+Enter")
        answered(desk, lambda address, old=old: address != old)
        signed += 1
    assert signed >= cards
    for name, address in (
        ("05-register", "/matters"),
        ("06-matter", f"/m/{officer.house.known}"),
        ("10-guides", "/guides"),
    ):
        desk.goto(officer.house.url + address)
        officer.see(name)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (720, 450)])
def test_nothing_scrolls_sideways_and_every_action_is_reachable_at_small_sizes_and_double_zoom(visit, width, height):
    one = visit(width=width, height=height)
    one.sign_in("he")
    page = one.page
    page.goto(one.house.url + "/draft/new")
    page.set_input_files("#file", str(SAMPLE))
    page.wait_for_url(re.compile("/draft/[0-9a-f-]{36}"))
    road = page.url.removesuffix("/derive")
    for address in (road, road + "/derive", road + "/check", road + "/revise"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(road)
    for name in ("#mark-go", "button[value=none]", "[data-next]"):
        found = page.locator(name).first
        found.scroll_into_view_if_needed()
        found.focus()
        hidden = found.evaluate(
            """node => { const b = node.getBoundingClientRect();
            const top = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
            return !(top && (node.contains(top) || top.contains(node))); }"""
        )
        assert not hidden, name


def test_english_pages_keep_no_chinese_words_of_our_own(visit):
    one = visit()
    one.sign_in("qin")
    page = one.page
    speak(page, "en")
    page.goto(one.house.url + "/draft/new")
    page.set_input_files("#file", str(SAMPLE))
    page.wait_for_url(re.compile("/draft/[0-9a-f-]{36}"))
    road = page.url.removesuffix("/derive")
    ours = """() => [...document.querySelectorAll('.ph, .legend, .bar-b, .q-h, .h h2, button, label, summary')]
      .filter(n => !n.closest('[lang="zh-CN"], [data-level], .cand, .pk, .top'))
      .map(n => n.innerText).filter(t => /[\\u4e00-\\u9fff]/.test(
        t.replace(/绝密|机密|秘密|内部|公开|（拟定）|[^\\s]*[：“”《》].*/g, '')))"""
    try:
        for address in (road, road + "/check", road + "/derive", road + "/revise", one.house.url + "/draft"):
            page.goto(address)
            theirs = ("供水", "管网", "年", "人")  # words of the draft and of the guide
            left = [t for t in page.evaluate(ours) if not any(word in t for word in theirs)]
            assert left == [], address
    finally:
        page.goto(one.house.url + "/")
        speak(page, "zh")
